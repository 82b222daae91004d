//! Runs: who applied which seeds when, and how that ended.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use dbkit::{Environment, house_schema};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

use super::execute;
use crate::{
    GENERATOR_VERSION, Shard, World,
    summary::{Counts, SeedSummary},
};

/// How a seed was applied last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The run that applied it.
    pub run: Uuid,
    /// The place of that run among all runs.
    pub number: i64,
    /// When that run ended; when it started, where it has not ended.
    pub at: DateTime<Utc>,
    /// Who ran it.
    pub actor: String,
    /// The version that was applied.
    pub version: u32,
    /// The world of that run.
    pub world: World,
    /// The version of the generator of that run.
    pub generator_version: u32,
    /// What became of its rows.
    pub counts: Counts,
}

/// How a run ended, if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is under way, or was killed.
    Running,
    /// It did all that it was asked for.
    Applied,
    /// It failed after its first commit.
    Failed,
    /// It was killed after its first commit, and a later run has noticed.
    Interrupted,
    /// All that it wrote was taken back.
    Undone,
}

impl RunStatus {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Undone => "undone",
        }
    }

    fn parse(name: &str) -> Result<Self, DbErr> {
        [Self::Running, Self::Applied, Self::Failed, Self::Interrupted, Self::Undone]
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or_else(|| DbErr::Type(format!("a seeding cannot be `{name}`")))
    }
}

/// A run that begins.
#[derive(Clone, Debug)]
pub(crate) struct Start<'a> {
    pub(crate) id: Uuid,
    pub(crate) environment: Environment,
    pub(crate) world: World,
    pub(crate) scale: Option<u64>,
    pub(crate) shard: Option<Shard>,
    pub(crate) tool_version: &'a str,
    pub(crate) git_revision: Option<&'a str>,
    pub(crate) actor: &'a str,
    pub(crate) at: DateTime<Utc>,
}

/// A run as the history tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunRecord {
    /// Its name, also in the audit trail.
    pub id: Uuid,
    /// Its place among all runs.
    pub number: i64,
    /// How it ended.
    pub status: RunStatus,
    /// What kind of database it was for.
    pub environment: String,
    /// The world that its invented rows describe.
    pub world: World,
    /// How many cells were asked for.
    pub scale: Option<u64>,
    /// Who ran it.
    pub actor: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub error: Option<String>,
}

/// How each seed was applied last; nothing where no history was ever kept.
///
/// Only reads, so that a role that may do no more can ask.
pub(crate) async fn read(db: &impl ConnectionTrait) -> Result<BTreeMap<String, Recorded>, DbErr> {
    if !house_schema::is_installed(db, &super::PART).await? {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT DISTINCT ON (s.seed_id)
                   s.seed_id, s.version, s.created, s.updated, s.unchanged, r.id AS run, r.number,
                   r.seed, r.as_of, r.generator_version, r.actor,
                   coalesce(r.finished_at, r.started_at) AS at
               FROM seaworthy.seed_run_seeds s
               JOIN seaworthy.seed_runs r ON r.id = s.run_id
               WHERE r.status <> 'undone'
               ORDER BY s.seed_id, r.number DESC";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = SeedRow::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(SeedRow::recorded).collect())
}

/// The runs, newest first; nothing where this version has kept no history yet.
pub(crate) async fn list(db: &impl ConnectionTrait) -> Result<Vec<RunRecord>, DbErr> {
    if !super::is_current(db).await? {
        return Ok(Vec::new());
    }
    let sql = "SELECT id, number, status, environment, seed, as_of, scale, actor, started_at,
                      finished_at, error
               FROM seaworthy.seed_runs ORDER BY number DESC";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = RunRow::find_by_statement(statement).all(db).await?;
    rows.into_iter().map(RunRow::record).collect()
}

/// Writes that `run` begins.
pub(crate) async fn begin(db: &impl ConnectionTrait, run: &Start<'_>) -> Result<(), DbErr> {
    let sql = "INSERT INTO seaworthy.seed_runs
                   (id, environment, seed, as_of, generator_version, tool_version, git_revision,
                    actor, status, started_at, scale, shard)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running', $9, $10, $11)";
    let values: [Value; 11] = [
        run.id.into(),
        run.environment.name().into(),
        run.world.seed.into(),
        run.world.as_of.into(),
        GENERATOR_VERSION.cast_signed().into(),
        run.tool_version.into(),
        run.git_revision.map(str::to_owned).into(),
        run.actor.into(),
        run.at.into(),
        run.scale.map(u64::cast_signed).into(),
        run.shard.map(|shard| shard.to_string()).into(),
    ];
    execute(db, sql, values).await.map(drop)
}

/// Writes what the seeds of the run `id` did, after those that are written already.
pub(crate) async fn record_seeds(
    db: &impl ConnectionTrait,
    id: Uuid,
    seeds: &[SeedSummary],
) -> Result<(), DbErr> {
    let sql = "INSERT INTO seaworthy.seed_run_seeds
                   (run_id, ordinal, seed_id, version, created, updated, unchanged, duration_ms)
               SELECT $1, count(*) + 1, $2, $3, $4, $5, $6, $7
               FROM seaworthy.seed_run_seeds WHERE run_id = $1";
    for seed in seeds {
        let values: [Value; 7] = [
            id.into(),
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

/// Writes how the run `id` ended.
pub(crate) async fn finish(
    db: &impl ConnectionTrait,
    id: Uuid,
    status: RunStatus,
    error: Option<String>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    // A clock may be set back while we run.
    let sql = "UPDATE seaworthy.seed_runs
               SET status = $2, error = $3, finished_at = greatest($4, started_at)
               WHERE id = $1";
    let values: [Value; 4] = [id.into(), status.name().into(), error.into(), at.into()];
    execute(db, sql, values).await.map(drop)
}

/// Marks the runs other than `id` that never ended; whoever calls knows that none is under way.
pub(crate) async fn interrupt_others(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.seed_runs SET status = 'interrupted'
               WHERE status = 'running' AND id <> $1";
    execute(db, sql, [id.into()]).await.map(drop)
}

/// The seeds of which something was taken back.
pub(crate) async fn taken_back(db: &impl ConnectionTrait) -> Result<BTreeSet<String>, DbErr> {
    if !super::is_current(db).await? {
        return Ok(BTreeSet::new());
    }
    let sql = "SELECT seed_id FROM seaworthy.seed_tables WHERE removed_by IS NOT NULL
               UNION SELECT seed_id FROM seaworthy.seed_rows WHERE removed_by IS NOT NULL";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Marks the runs of which nothing is left that they wrote.
pub(crate) async fn mark_undone(db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.seed_runs r
               SET status = 'undone', finished_at = greatest($1, started_at)
               WHERE status <> 'undone'
                 AND NOT EXISTS (SELECT FROM seaworthy.seed_tables t
                                 WHERE t.run_id = r.id AND t.removed_by IS NULL)
                 AND NOT EXISTS (SELECT FROM seaworthy.seed_rows s
                                 WHERE s.run_id = r.id AND s.removed_by IS NULL)
                 AND (EXISTS (SELECT FROM seaworthy.seed_tables t WHERE t.run_id = r.id)
                      OR EXISTS (SELECT FROM seaworthy.seed_rows s WHERE s.run_id = r.id))";
    execute(db, sql, [at.into()]).await.map(drop)
}

#[derive(FromQueryResult)]
struct SeedRow {
    seed_id: String,
    version: i32,
    created: i64,
    updated: i64,
    unchanged: i64,
    run: Uuid,
    number: i64,
    seed: i64,
    as_of: NaiveDate,
    generator_version: i32,
    actor: String,
    at: DateTime<Utc>,
}

impl SeedRow {
    fn recorded(self) -> (String, Recorded) {
        let counts = Counts {
            created: self.created.cast_unsigned(),
            updated: self.updated.cast_unsigned(),
            unchanged: self.unchanged.cast_unsigned(),
        };
        let recorded = Recorded {
            run: self.run,
            number: self.number,
            at: self.at,
            actor: self.actor,
            version: self.version.cast_unsigned(),
            world: World { seed: self.seed, as_of: self.as_of },
            generator_version: self.generator_version.cast_unsigned(),
            counts,
        };
        (self.seed_id, recorded)
    }
}

#[derive(FromQueryResult)]
struct RunRow {
    id: Uuid,
    number: i64,
    status: String,
    environment: String,
    seed: i64,
    as_of: NaiveDate,
    scale: Option<i64>,
    actor: String,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    error: Option<String>,
}

impl RunRow {
    fn record(self) -> Result<RunRecord, DbErr> {
        Ok(RunRecord {
            id: self.id,
            number: self.number,
            status: RunStatus::parse(&self.status)?,
            environment: self.environment,
            world: World { seed: self.seed, as_of: self.as_of },
            scale: self.scale.map(i64::cast_unsigned),
            actor: self.actor,
            started_at: self.started_at,
            finished_at: self.finished_at,
            error: self.error,
        })
    }
}
