//! Our own ledger: every attempt to apply a migration, with what was sent, by whom, and how it ended.
//!
//! A row is never deleted. A migration that was applied, rolled back and applied again has two rows, of
//! which at most one is *live*.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dbkit::house_schema::{self, Part};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{Project, event::Direction};

const PART: Part = Part { name: "migration", steps: &[include_str!("own.sql")] };

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Begun outside a transaction; if nobody is at it any more, it was cut off.
    Intent,
    /// Applied by us.
    Applied,
    /// A part of it may be there.
    Dirty,
    /// Not there any more, or never was.
    RolledBack,
    /// Applied by another tool, or declared to be.
    Baselined,
}

impl AttemptState {
    /// How it is written in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Applied => "applied",
            Self::Dirty => "dirty",
            Self::RolledBack => "rolled_back",
            Self::Baselined => "baselined",
        }
    }

    fn parse(name: &str) -> Self {
        let all = [Self::Intent, Self::Applied, Self::Dirty, Self::RolledBack, Self::Baselined];
        // The table's CHECK knows these alone; whatever else there may be is not settled.
        all.into_iter().find(|state| state.name() == name).unwrap_or(Self::Dirty)
    }
}

/// One attempt to apply a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Its number; later attempts have higher ones.
    pub id: i64,
    /// The migration.
    pub name: String,
    /// Where it stands.
    pub state: AttemptState,
    /// Which way it last went.
    pub direction: Direction,
    /// Whether it ran in a transaction.
    pub transactional: bool,
    /// What it declared to depend on.
    pub depends_on: Vec<String>,
    /// SHA-256 of its source when it was applied.
    pub source_sha256: Option<String>,
    /// SHA-256 of what it sends.
    pub sql_sha256: Option<String>,
    /// What it sent.
    pub up_sql: Option<Vec<String>>,
    /// What its way down sends.
    pub down_sql: Option<Vec<String>>,
    /// Whether sending `down_sql` is the same as running the way down.
    pub down_exact: bool,
    /// How many statements were carried out outside a transaction.
    pub statements_done: i32,
    /// The run that applied it.
    pub run: Uuid,
    /// Since when it is applied.
    pub applied_at: Option<DateTime<Utc>>,
    /// How long it took.
    pub duration_ms: Option<i64>,
    /// When it was rolled back.
    pub rolled_back_at: Option<DateTime<Utc>>,
    /// The run that rolled it back.
    pub rollback_run: Option<Uuid>,
    /// Fingerprint of the schema before it.
    pub snapshot_before: Option<String>,
    /// Fingerprint of the schema after it.
    pub snapshot_after: Option<String>,
    /// Why somebody set its state by hand, or what another tool did.
    pub reason: Option<String>,
}

impl Attempt {
    /// Whether it came to an end.
    pub const fn is_settled(&self) -> bool {
        !matches!(self.state, AttemptState::Intent | AttemptState::Dirty)
    }

    fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        let direction: String = row.try_get("", "direction")?;
        let direction = if direction == "up" { Direction::Up } else { Direction::Down };
        Ok(Self {
            id: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            state: AttemptState::parse(&row.try_get::<String>("", "state")?),
            direction,
            transactional: row.try_get("", "transactional")?,
            depends_on: row.try_get("", "depends_on")?,
            source_sha256: row.try_get("", "source_sha256")?,
            sql_sha256: row.try_get("", "sql_sha256")?,
            up_sql: row.try_get("", "up_sql")?,
            down_sql: row.try_get("", "down_sql")?,
            down_exact: row.try_get("", "down_exact")?,
            statements_done: row.try_get("", "statements_done")?,
            run: row.try_get("", "run_id")?,
            applied_at: row.try_get("", "applied_at")?,
            duration_ms: row.try_get("", "duration_ms")?,
            rolled_back_at: row.try_get("", "rolled_back_at")?,
            rollback_run: row.try_get("", "rollback_run_id")?,
            snapshot_before: row.try_get("", "snapshot_before")?,
            snapshot_after: row.try_get("", "snapshot_after")?,
            reason: row.try_get("", "reason")?,
        })
    }
}

/// Makes room for the ledger where there is none.
pub async fn install(db: &DatabaseConnection) -> Result<(), DbErr> {
    house_schema::install(db, &PART).await
}

/// Whether the database has a ledger of ours.
pub async fn is_installed(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    // `to_regclass` is an error for a role that may not look into the schema.
    let sql = "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'seaworthy' AND c.relname = 'migration_ledger')";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// The attempts that hold: one for each migration that is applied, begun or left half-way.
pub async fn live(db: &impl ConnectionTrait) -> Result<Vec<Attempt>, DbErr> {
    let sql = "SELECT * FROM seaworthy.migration_ledger WHERE state <> 'rolled_back' ORDER BY id";
    select(db, sql).await
}

/// The same without the statements, which are most of the ledger's bytes.
pub async fn live_outline(db: &impl ConnectionTrait) -> Result<Vec<Attempt>, DbErr> {
    let sql = "SELECT id, name, state, direction, transactional, depends_on, source_sha256, sql_sha256,
                      NULL::text[] AS up_sql, NULL::text[] AS down_sql, down_exact, statements_done,
                      run_id, applied_at, duration_ms, rolled_back_at, rollback_run_id, snapshot_before,
                      snapshot_after, reason
               FROM seaworthy.migration_ledger WHERE state <> 'rolled_back' ORDER BY id";
    select(db, sql).await
}

/// Every attempt there ever was, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Attempt>, DbErr> {
    select(db, "SELECT * FROM seaworthy.migration_ledger ORDER BY id").await
}

async fn select(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<Attempt>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(Attempt::from_row).collect()
}

/// What is known of an attempt when it begins.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Whether it runs in a transaction.
    pub transactional: bool,
    /// What the migration declares to depend on.
    pub depends_on: Vec<String>,
    /// SHA-256 of its source.
    pub source_sha256: Option<String>,
    /// SHA-256 of what it sends.
    pub sql_sha256: Option<String>,
    /// What it is expected to send.
    pub up_sql: Option<Vec<String>>,
    /// What its way down sends.
    pub down_sql: Option<Vec<String>>,
    /// Whether sending that is the same as running the way down.
    pub down_exact: bool,
    /// Fingerprint of the schema before it.
    pub snapshot_before: Option<String>,
}

/// Notes an attempt to apply `name`, as [`AttemptState::Applied`] in the migration's own transaction, or as
/// [`AttemptState::Intent`] before one that has none; its number.
pub(crate) async fn add(
    db: &impl ConnectionTrait,
    name: &str,
    state: AttemptState,
    facts: &Facts,
    run: Uuid,
) -> Result<i64, DbErr> {
    let sql = "INSERT INTO seaworthy.migration_ledger
                   (name, state, direction, transactional, depends_on, source_sha256, sql_sha256,
                    down_sql, down_exact, snapshot_before, run_id, up_sql)
               VALUES ($1, $2, 'up', $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id";
    let values: [Value; 11] = [
        name.into(),
        state.name().into(),
        facts.transactional.into(),
        facts.depends_on.clone().into(),
        facts.source_sha256.clone().into(),
        facts.sql_sha256.clone().into(),
        facts.down_sql.clone().into(),
        facts.down_exact.into(),
        facts.snapshot_before.clone().into(),
        run.into(),
        facts.up_sql.clone().into(),
    ];
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = db.query_one_raw(query).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("RETURNING returned no row".to_owned()))?;
    row.try_get_by_index(0)
}

/// Notes that the attempt `id` is applied, and what it sent.
pub(crate) async fn applied(
    db: &impl ConnectionTrait,
    id: i64,
    up_sql: &[String],
    took: Duration,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let sql = "UPDATE seaworthy.migration_ledger
               SET state = 'applied', up_sql = $2, duration_ms = $3, applied_at = $4, statements_done = $5
               WHERE id = $1";
    let done = i32::try_from(up_sql.len()).unwrap_or(i32::MAX);
    let values: [Value; 5] =
        [id.into(), up_sql.to_vec().into(), took.into(), now.into(), done.into()];
    change(db, sql, values).await
}

/// Notes that the attempt `id` is rolled back by `run`, and what its way down sent.
pub(crate) async fn rolled_back(
    db: &impl ConnectionTrait,
    id: i64,
    down_sql: &[String],
    run: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.migration_ledger
               SET state = 'rolled_back', direction = 'down', down_sql = $2, rollback_run_id = $3,
                   rolled_back_at = $4
               WHERE id = $1";
    change(db, sql, [id.into(), down_sql.to_vec().into(), run.into(), now.into()]).await
}

/// Notes that a way down begins outside a transaction.
pub(crate) async fn begin_down(db: &impl ConnectionTrait, id: i64, run: Uuid) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.migration_ledger
               SET state = 'intent', direction = 'down', statements_done = 0, rollback_run_id = $2
               WHERE id = $1";
    change(db, sql, [id.into(), run.into()]).await
}

/// Notes how many statements are carried out.
pub(crate) async fn progress(db: &impl ConnectionTrait, id: i64, done: i32) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.migration_ledger SET statements_done = $2 WHERE id = $1";
    change(db, sql, [id.into(), done.into()]).await
}

/// Sets the state of an attempt, and why.
pub(crate) async fn set_state(
    db: &impl ConnectionTrait,
    id: i64,
    state: AttemptState,
    reason: &str,
) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.migration_ledger SET state = $2, reason = $3 WHERE id = $1";
    change(db, sql, [id.into(), state.name().into(), reason.into()]).await
}

/// Notes the schema after a migration was applied.
pub(crate) async fn set_snapshot_after(
    db: &impl ConnectionTrait,
    name: &str,
    fingerprint: &str,
) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.migration_ledger SET snapshot_after = $2
               WHERE name = $1 AND state <> 'rolled_back'";
    change(db, sql, [name.into(), fingerprint.into()]).await
}

/// Takes over what a stock tool applied.
pub(crate) async fn adopt(
    db: &impl ConnectionTrait,
    project: &Project,
    name: &str,
    at: DateTime<Utc>,
    run: Uuid,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO seaworthy.migration_ledger
                   (name, state, direction, transactional, depends_on, source_sha256, applied_at, run_id, reason)
               VALUES ($1, 'baselined', 'up', $2, $3, $4, $5, $6, 'applied by another tool')";
    let transactional = project.find(name).is_none_or(crate::project::is_transactional);
    let source = project.metadata(name).map(|metadata| metadata.source_sha256.clone());
    let values: [Value; 6] = [
        name.into(),
        transactional.into(),
        project.dependencies(name).to_vec().into(),
        source.into(),
        at.into(),
        run.into(),
    ];
    change(db, sql, values).await
}

/// Notes that another tool rolled an attempt back.
pub(crate) async fn withdraw(
    db: &impl ConnectionTrait,
    id: i64,
    run: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "UPDATE seaworthy.migration_ledger
               SET state = 'rolled_back', direction = 'down', rollback_run_id = $2, rolled_back_at = $3,
                   reason = 'rolled back by another tool'
               WHERE id = $1";
    change(db, sql, [id.into(), run.into(), now.into()]).await
}

/// Carries out one change of the ledger.
pub(super) async fn change<const N: usize>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    db.execute_raw(statement).await.map(drop)
}
