//! Parts: which cells of a generated seed were committed, and which keys that was in which table.

use std::ops::Range;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

use super::execute;
use crate::copy::Fingerprint;

/// What one transaction wrote to one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartTable {
    /// The run.
    pub run: Uuid,
    /// The seed.
    pub seed: String,
    /// The seed's version.
    pub version: u32,
    /// The table.
    pub table: String,
    /// The cells.
    pub cells: Range<u64>,
    /// The column by which the rows are a range.
    pub key_column: String,
    /// The first key, included.
    pub key_from: String,
    /// The last key, excluded.
    pub key_before: String,
    /// How many rows.
    pub rows: u64,
    /// How much data.
    pub bytes: u64,
    /// What the rows are like.
    pub fingerprint: Fingerprint,
    /// How long it took.
    pub duration_ms: u64,
}

const INSERT: &str = "INSERT INTO seaworthy.seed_tables
    (run_id, seed_id, version, table_name, first_cell, end_cell, key_column, key_from, key_before,
     rows, bytes, fingerprint, duration_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

/// Writes what `tables` say, in the transaction that wrote the rows themselves.
pub(crate) async fn record_part(
    db: &impl ConnectionTrait,
    tables: &[PartTable],
) -> Result<(), DbErr> {
    for table in tables {
        let values: [Value; 13] = [
            table.run.into(),
            table.seed.clone().into(),
            table.version.cast_signed().into(),
            table.table.clone().into(),
            table.cells.start.cast_signed().into(),
            table.cells.end.cast_signed().into(),
            table.key_column.clone().into(),
            table.key_from.clone().into(),
            table.key_before.clone().into(),
            table.rows.cast_signed().into(),
            table.bytes.cast_signed().into(),
            table.fingerprint.to_string().into(),
            table.duration_ms.cast_signed().into(),
        ];
        execute(db, INSERT, values).await?;
    }
    Ok(())
}

const PRESENT: &str =
    "SELECT run_id, seed_id, version, table_name, first_cell, end_cell, key_column,
    key_from, key_before, rows, bytes, fingerprint, duration_ms
FROM seaworthy.seed_tables WHERE removed_by IS NULL ORDER BY id";

/// What was written and not taken back, in the order of writing; nothing without a history.
pub(crate) async fn present_parts(db: &impl ConnectionTrait) -> Result<Vec<PartTable>, DbErr> {
    if !super::is_current(db).await? {
        return Ok(Vec::new());
    }
    let statement = Statement::from_string(DbBackend::Postgres, PRESENT);
    let rows = Row::find_by_statement(statement).all(db).await?;
    rows.into_iter().map(Row::part).collect()
}

#[derive(FromQueryResult)]
struct Row {
    run_id: Uuid,
    seed_id: String,
    version: i32,
    table_name: String,
    first_cell: i64,
    end_cell: i64,
    key_column: String,
    key_from: String,
    key_before: String,
    rows: i64,
    bytes: i64,
    fingerprint: String,
    duration_ms: i64,
}

impl Row {
    fn part(self) -> Result<PartTable, DbErr> {
        let fingerprint = self.fingerprint.parse();
        let fingerprint = fingerprint
            .map_err(|_| DbErr::Type(format!("`{}` is no fingerprint", self.fingerprint)))?;
        Ok(PartTable {
            run: self.run_id,
            seed: self.seed_id,
            version: self.version.cast_unsigned(),
            table: self.table_name,
            cells: self.first_cell.cast_unsigned()..self.end_cell.cast_unsigned(),
            key_column: self.key_column,
            key_from: self.key_from,
            key_before: self.key_before,
            rows: self.rows.cast_unsigned(),
            bytes: self.bytes.cast_unsigned(),
            fingerprint,
            duration_ms: self.duration_ms.cast_unsigned(),
        })
    }
}
