//! Reading the trail.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, FromQueryResult, Statement, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PART;
use crate::house_schema;

/// One event, as it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromQueryResult)]
pub struct Event {
    /// Its place in the trail, counted from 1.
    pub position: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Joins everything that one run of a command wrote.
    pub operation_id: Uuid,
    /// The binary.
    pub tool: String,
    /// The verb with what it was asked for.
    pub command: String,
    /// `intent`, `step`, `done` or `failed`.
    pub outcome: String,
    /// What kind of database the operator said it is.
    pub environment: String,
    /// The operating system's user.
    pub actor: String,
    /// The machine.
    pub host: String,
    /// What else is known.
    pub detail: serde_json::Value,
}

const TAIL: &str = "
SELECT position, at, operation_id, tool, command, outcome, environment, actor, host, detail
FROM seaworthy.audit_events ORDER BY position DESC LIMIT $1";

const UNFINISHED: &str = "
SELECT position, at, operation_id, tool, command, outcome, environment, actor, host, detail
FROM seaworthy.audit_events intent
WHERE outcome = 'intent' AND NOT EXISTS (
    SELECT FROM seaworthy.audit_events result
    WHERE result.operation_id = intent.operation_id AND result.command = intent.command
        AND result.outcome IN ('done', 'failed') AND result.position > intent.position
) ORDER BY position";

const POSITION: &str =
    "SELECT position FROM seaworthy.audit_events WHERE encode(hash, 'hex') = $1 LIMIT 1";

/// The last events, the newest last.
pub async fn tail(db: &DatabaseConnection, limit: u32) -> Result<Vec<Event>, DbErr> {
    let mut events = events(db, TAIL, vec![i64::from(limit).into()]).await?;
    events.reverse();
    Ok(events)
}

/// The intents without a result: of operations that run now, or were cut off.
pub async fn unfinished(db: &DatabaseConnection) -> Result<Vec<Event>, DbErr> {
    events(db, UNFINISHED, Vec::new()).await
}

/// The place of the event with this hash, in 64 lower-case hexadecimal digits. It proves that
/// everything up to that event is still there, where the chain is whole.
pub async fn position_of(db: &DatabaseConnection, hash: &str) -> Result<Option<i64>, DbErr> {
    if !house_schema::is_current(db, &PART).await? {
        return Ok(None);
    }
    let query = Statement::from_sql_and_values(DbBackend::Postgres, POSITION, [hash.into()]);
    let row = db.query_one_raw(query).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

async fn events(
    db: &DatabaseConnection,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<Event>, DbErr> {
    if !house_schema::is_current(db, &PART).await? {
        return Ok(Vec::new());
    }
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    Event::find_by_statement(query).all(db).await
}
