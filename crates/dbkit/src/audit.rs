//! A trail of what was done to a database, kept in the database.
//!
//! An operation writes its intent before it starts and its result when it ends, each committed at
//! once: a crash in between leaves an intent without a result, which is itself a finding. The table
//! refuses UPDATE, DELETE and TRUNCATE, and every event carries a hash of the one before it, so that
//! [`verify`] finds what somebody did who may switch that off.

mod chain;
mod event;

pub use chain::{Chain, Fracture, Head, verify};
pub use event::{Event, position_of, tail, unfinished};

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, IsolationLevel, RuntimeErr,
    Statement, TransactionTrait as _,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Environment,
    house_schema::{self, Part},
};

const PART: Part = Part { name: "audit", steps: &[EVENTS, include_str!("audit/chain.sql")] };

const EVENTS: &str = "
CREATE TABLE seaworthy.audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    operation_id uuid NOT NULL,
    tool text NOT NULL,
    command text NOT NULL,
    outcome text NOT NULL,
    environment text NOT NULL,
    actor text NOT NULL,
    host text NOT NULL,
    role text NOT NULL DEFAULT session_user,
    detail jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT audit_events_pkey PRIMARY KEY (id),
    CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('intent', 'done', 'failed'))
);
CREATE INDEX audit_events_operation_id_idx ON seaworthy.audit_events (operation_id);
COMMENT ON TABLE seaworthy.audit_events IS 'What our tools did here: an intent before, a result after, never changed';
CREATE FUNCTION seaworthy.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON seaworthy.audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION seaworthy.refuse_change()";

/// Who does what, where; the same for an operation's intent and its result.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Joins everything that one run of a command wrote.
    pub id: Uuid,
    /// The binary: `migration`, `seeder` or `backup`.
    pub tool: &'static str,
    /// The verb with what it was asked for, free of secrets.
    pub command: String,
    /// What kind of database the operator says it is.
    pub environment: Environment,
    /// The operating system's user.
    pub actor: String,
    /// The machine.
    pub host: String,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it was asked to.
    Done,
    /// It did not.
    Failed,
}

impl Outcome {
    /// How it is written in a trail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Makes room for the trail where there is none.
pub async fn install(db: &DatabaseConnection) -> Result<(), DbErr> {
    house_schema::install(db, &PART).await
}

/// Writes that `operation` is about to start, and installs the trail where it is missing.
pub async fn begin(
    db: &DatabaseConnection,
    operation: &Operation,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    install(db).await?;
    append(db, operation, "intent", detail, now).await
}

/// Writes what happens inside `operation` and must be known afterwards. There must be [room](install).
pub async fn note(
    db: &DatabaseConnection,
    operation: &Operation,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    append(db, operation, "step", detail, now).await
}

/// Writes how `operation` ended.
pub async fn finish(
    db: &DatabaseConnection,
    operation: &Operation,
    outcome: Outcome,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    append(db, operation, outcome.name(), detail, now).await
}

async fn append(
    db: &DatabaseConnection,
    operation: &Operation,
    outcome: &str,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO seaworthy.audit_events
                   (at, operation_id, tool, command, outcome, environment, actor, host, detail)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values: [sea_orm::Value; 9] = [
        now.into(),
        operation.id.into(),
        operation.tool.into(),
        operation.command.clone().into(),
        outcome.into(),
        operation.environment.name().into(),
        operation.actor.clone().into(),
        operation.host.clone().into(),
        detail.into(),
    ];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    match db.execute_raw(statement.clone()).await {
        Err(error) if has_lost_the_race(&error) => in_turn(db, statement).await,
        result => result.map(drop),
    }
}

/// Whether another session's event took the place that this one was given.
///
/// It can where the role or the database has another isolation level by default: the event that was
/// written while this one waited is not seen then.
fn has_lost_the_race(error: &DbErr) -> bool {
    let DbErr::Exec(RuntimeErr::SqlxError(error)) = error else { return false };
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("23505" | "40001"))
}

async fn in_turn(db: &DatabaseConnection, statement: Statement) -> Result<(), DbErr> {
    let level = Some(IsolationLevel::ReadCommitted);
    let transaction = db.begin_with_config(level, None).await?;
    transaction.execute_raw(statement).await?;
    transaction.commit().await
}
