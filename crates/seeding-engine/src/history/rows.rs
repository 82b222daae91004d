//! Rows of small seeds: which ones were written, and what those that were changed were like before.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::execute;

/// What was done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowAction {
    /// It was not there.
    Created,
    /// It was there and was made equal to the code.
    Updated,
}

/// A row that a small seed wrote; values as PostgreSQL's `to_jsonb` shows them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrittenRow {
    /// The seed.
    pub seed: String,
    /// The table.
    pub table: String,
    /// What was done to it.
    pub action: RowAction,
    /// The columns of its primary key.
    pub key: Json,
    /// The columns that were changed, as they were.
    pub before: Option<Json>,
    /// The columns that the seed sets, as they are now.
    pub after: Json,
}

const INSERT: &str = "INSERT INTO seaworthy.seed_rows
    (run_id, seed_id, table_name, action, key, before, after)
SELECT $1, r.seed, r.name, r.action, r.key, nullif(r.before, 'null'), r.after
FROM ROWS FROM (jsonb_to_recordset($2) AS
    (seed text, \"table\" text, action text, key jsonb, before jsonb, after jsonb))
    WITH ORDINALITY AS r(seed, name, action, key, before, after, ordinal)
ORDER BY r.ordinal";

/// Writes which rows the run `run` wrote, in the transaction that wrote them.
pub(crate) async fn record_rows(
    db: &impl ConnectionTrait,
    run: Uuid,
    rows: &[WrittenRow],
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_value(rows).map_err(|error| DbErr::Json(error.to_string()))?;
    execute(db, INSERT, [run.into(), json.into()]).await.map(drop)
}

/// The rows that were written and not taken back, in the order of writing; nothing without a history.
pub(crate) async fn present_rows(
    db: &impl ConnectionTrait,
) -> Result<Vec<(Uuid, WrittenRow)>, DbErr> {
    if !super::is_current(db).await? {
        return Ok(Vec::new());
    }
    let sql = "SELECT run_id, seed_id, table_name, action, key, before, after
               FROM seaworthy.seed_rows WHERE removed_by IS NULL ORDER BY id";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = Row::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(Row::written).collect())
}

#[derive(FromQueryResult)]
struct Row {
    run_id: Uuid,
    seed_id: String,
    table_name: String,
    action: String,
    key: Json,
    before: Option<Json>,
    after: Json,
}

impl Row {
    fn written(self) -> (Uuid, WrittenRow) {
        let action = if self.action == "created" { RowAction::Created } else { RowAction::Updated };
        let (seed, table) = (self.seed_id, self.table_name);
        let (key, before, after) = (self.key, self.before, self.after);
        (self.run_id, WrittenRow { seed, table, action, key, before, after })
    }
}
