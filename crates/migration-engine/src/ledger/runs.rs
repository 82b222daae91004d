//! The commands that changed the schema, one row each.

use chrono::{DateTime, Utc};
use dbkit::audit::Operation;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

/// What a run is known by, besides who runs what.
#[derive(Clone, Debug, Default)]
pub struct RunFacts {
    /// The version of the binary.
    pub tool_version: String,
    /// The version of SeaORM that it was built with.
    pub sea_orm_version: String,
    /// The revision of the team's repository, where it is known.
    pub git_revision: Option<String>,
    /// The backup that was made first.
    pub backup: Option<String>,
    /// What a rollback was expected to lose.
    pub receipt: Option<serde_json::Value>,
    /// Why, where somebody had to say.
    pub reason: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    HalfWay,
}

/// A command that changed the schema.
#[derive(Clone, Debug, Serialize)]
pub struct Run {
    /// Its id, as in the audit trail.
    pub id: Uuid,
    /// What was asked for.
    pub command: String,
    /// The operating system's user.
    pub actor: String,
    /// The machine.
    pub host: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; nothing where it was cut off, or is under way.
    pub finished_at: Option<DateTime<Utc>>,
    /// How it ended: `done`, `failed` or `half_way`.
    pub outcome: Option<String>,
    /// The backup that was made first.
    pub backup: Option<String>,
    /// Why, where somebody had to say.
    pub reason: Option<String>,
}

pub(crate) async fn begin(
    db: &impl ConnectionTrait,
    operation: &Operation,
    facts: &RunFacts,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    // A command such as `refresh` goes down and up under one id.
    let sql = "INSERT INTO seaworthy.migration_runs
                   (id, command, environment, actor, host, tool_version, sea_orm_version, git_revision,
                    backup, receipt, reason, started_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    let values: [Value; 12] = [
        operation.id.into(),
        operation.command.clone().into(),
        operation.environment.name().into(),
        operation.actor.clone().into(),
        operation.host.clone().into(),
        facts.tool_version.clone().into(),
        facts.sea_orm_version.clone().into(),
        facts.git_revision.clone().into(),
        facts.backup.clone().into(),
        facts.receipt.clone().into(),
        facts.reason.clone().into(),
        now.into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    db.execute_raw(statement).await.map(drop)
}

pub(crate) async fn finish(
    db: &impl ConnectionTrait,
    run: Uuid,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let outcome = match outcome {
        Outcome::Done => "done",
        Outcome::Failed => "failed",
        Outcome::HalfWay => "half_way",
    };
    let sql = "UPDATE seaworthy.migration_runs SET outcome = $2, finished_at = $3 WHERE id = $1";
    let values: [Value; 3] = [run.into(), outcome.into(), now.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    db.execute_raw(statement).await.map(drop)
}

/// Every run there ever was, oldest first.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Run>, DbErr> {
    let sql = "SELECT * FROM seaworthy.migration_runs ORDER BY started_at, id";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter()
        .map(|row| {
            Ok(Run {
                id: row.try_get("", "id")?,
                command: row.try_get("", "command")?,
                actor: row.try_get("", "actor")?,
                host: row.try_get("", "host")?,
                started_at: row.try_get("", "started_at")?,
                finished_at: row.try_get("", "finished_at")?,
                outcome: row.try_get("", "outcome")?,
                backup: row.try_get("", "backup")?,
                reason: row.try_get("", "reason")?,
            })
        })
        .collect()
}
