//! What was applied, when and by whom, kept in the database that it was applied to.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use dbkit::{
    Environment,
    house_schema::{self, Part},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, FromQueryResult,
    Statement,
};
use uuid::Uuid;

use crate::{
    GENERATOR_VERSION, World,
    summary::{Counts, SeedSummary},
};

const PART: Part = Part {
    name: "seeds",
    steps: &["
CREATE TABLE seaworthy.seed_runs (
    id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    environment text NOT NULL,
    seed bigint NOT NULL,
    as_of date NOT NULL,
    generator_version integer NOT NULL,
    tool_version text NOT NULL,
    actor text NOT NULL,
    status text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    CONSTRAINT seed_runs_pkey PRIMARY KEY (id),
    CONSTRAINT seed_runs_number_key UNIQUE (number),
    CONSTRAINT seed_runs_environment_check
        CHECK (environment IN ('development', 'testing', 'staging', 'production')),
    CONSTRAINT seed_runs_status_check CHECK (status IN ('applied', 'undone')),
    CONSTRAINT seed_runs_time_check CHECK (started_at <= finished_at)
);
COMMENT ON TABLE seaworthy.seed_runs IS 'Seedings that were committed; a failed one leaves no trace';
COMMENT ON COLUMN seaworthy.seed_runs.number IS 'The order of runs, which clocks cannot be trusted with';
COMMENT ON COLUMN seaworthy.seed_runs.seed IS 'The seed number that invented rows are a function of';
COMMENT ON COLUMN seaworthy.seed_runs.as_of IS 'The day that is today in invented rows';
CREATE TABLE seaworthy.seed_run_seeds (
    run_id uuid NOT NULL,
    ordinal integer NOT NULL,
    seed_id text NOT NULL,
    version integer NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    duration_ms bigint NOT NULL,
    CONSTRAINT seed_run_seeds_pkey PRIMARY KEY (run_id, seed_id),
    CONSTRAINT seed_run_seeds_run_id_ordinal_key UNIQUE (run_id, ordinal),
    CONSTRAINT seed_run_seeds_run_id_fkey FOREIGN KEY (run_id)
        REFERENCES seaworthy.seed_runs (id) ON DELETE CASCADE
);
CREATE INDEX seed_run_seeds_seed_id_idx ON seaworthy.seed_run_seeds (seed_id);
COMMENT ON TABLE seaworthy.seed_run_seeds IS 'What each seed of a run did, in the order of doing it'"],
};

/// How a seed was applied last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The run that applied it.
    pub run: Uuid,
    /// The place of that run among all runs.
    pub number: i64,
    /// When that run ended.
    pub at: DateTime<Utc>,
    /// Who ran it.
    pub actor: String,
    /// The version that was applied.
    pub version: u32,
    /// The world of that run.
    pub world: World,
    /// What became of its rows.
    pub counts: Counts,
}

/// A run that is about to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) id: Uuid,
    pub(crate) environment: Environment,
    pub(crate) world: World,
    pub(crate) tool_version: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) finished_at: DateTime<Utc>,
}

/// Brings the history's tables up to date.
pub(crate) async fn install(db: &DatabaseConnection) -> Result<(), DbErr> {
    house_schema::install(db, &PART).await
}

/// How each seed was applied last; nothing where no history was ever kept.
///
/// Only reads, so that a role that may do no more can ask.
pub async fn read(db: &impl ConnectionTrait) -> Result<BTreeMap<String, Recorded>, DbErr> {
    if !house_schema::is_installed(db, &PART).await? {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT DISTINCT ON (s.seed_id)
                   s.seed_id, s.version, s.created, s.updated, s.unchanged,
                   r.id AS run, r.number, r.seed, r.as_of, r.actor, r.finished_at
               FROM seaworthy.seed_run_seeds s
               JOIN seaworthy.seed_runs r ON r.id = s.run_id
               WHERE r.status = 'applied'
               ORDER BY s.seed_id, r.number DESC";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = Row::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(Row::recorded).collect())
}

/// Records `run` with what its `seeds` did.
pub(crate) async fn record(
    db: &DatabaseTransaction,
    run: &Run<'_>,
    seeds: &[SeedSummary],
) -> Result<(), DbErr> {
    let sql = "INSERT INTO seaworthy.seed_runs
                   (id, environment, seed, as_of, generator_version, tool_version, actor, status,
                    started_at, finished_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 'applied', $8, $9)";
    let values: [sea_orm::Value; 9] = [
        run.id.into(),
        run.environment.name().into(),
        run.world.seed.into(),
        run.world.as_of.into(),
        GENERATOR_VERSION.cast_signed().into(),
        run.tool_version.into(),
        run.actor.into(),
        run.started_at.into(),
        // A clock may be set back while we run.
        run.finished_at.max(run.started_at).into(),
    ];
    execute(db, sql, values).await?;
    let sql = "INSERT INTO seaworthy.seed_run_seeds
                   (run_id, ordinal, seed_id, version, created, updated, unchanged, duration_ms)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    for (ordinal, seed) in (1_i32..).zip(seeds) {
        let values: [sea_orm::Value; 8] = [
            run.id.into(),
            ordinal.into(),
            seed.seed.into(),
            seed.version.cast_signed().into(),
            seed.counts.created.cast_signed().into(),
            seed.counts.updated.cast_signed().into(),
            seed.counts.unchanged.cast_signed().into(),
            seed.duration_ms.cast_signed().into(),
        ];
        execute(db, sql, values).await?;
    }
    Ok(())
}

async fn execute(
    db: &DatabaseTransaction,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<(), DbErr> {
    db.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    seed_id: String,
    version: i32,
    created: i64,
    updated: i64,
    unchanged: i64,
    run: Uuid,
    number: i64,
    seed: i64,
    as_of: NaiveDate,
    actor: String,
    finished_at: DateTime<Utc>,
}

impl Row {
    fn recorded(self) -> (String, Recorded) {
        let counts = Counts {
            created: self.created.cast_unsigned(),
            updated: self.updated.cast_unsigned(),
            unchanged: self.unchanged.cast_unsigned(),
        };
        let world = World { seed: self.seed, as_of: self.as_of };
        let (run, number) = (self.run, self.number);
        let (at, actor) = (self.finished_at, self.actor);
        let version = self.version.cast_unsigned();
        (self.seed_id, Recorded { run, number, at, actor, version, world, counts })
    }
}
