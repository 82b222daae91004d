//! Keeping what a way down would lose, until the next way up puts it back.
//!
//! [`keep`] copies lost tables and lost columns into the schema `seaworthy`, in the transaction of
//! the way down; [`put_back`] fills them again at the end of the next `up` of that migration, in its
//! transaction. What was put back stays in the registry `seaworthy.safekept`; the copy goes.
//!
//! Values of types that are not PostgreSQL's own are kept as text: a copy that depended on an enum
//! would forbid the way down to drop it, or go with it.

mod catalog;
mod keep;
mod order;
mod put_back;
mod rows;
mod triggers;

use chrono::{DateTime, Utc};
use dbkit::house_schema::{self, Part};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Losses,
    relation::{ColumnName, TableName},
};

pub use keep::{Kept, KeptItem, check, keep};
pub use put_back::{Left, PutBack, PutBackItem, put_back};

const PART: Part = Part {
    name: "safekeep",
    steps: &["
CREATE TABLE seaworthy.safekept (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run_id uuid NOT NULL,
    migration text NOT NULL,
    kind text NOT NULL,
    original_schema text NOT NULL,
    original_table text NOT NULL,
    original_column text,
    key_columns jsonb NOT NULL DEFAULT '[]',
    rows bigint NOT NULL DEFAULT 0,
    kept_at timestamptz NOT NULL,
    restored_at timestamptz,
    abandoned_at timestamptz,
    note text,
    CONSTRAINT safekept_pkey PRIMARY KEY (id),
    CONSTRAINT safekept_kind_check CHECK (kind IN ('table', 'column')),
    CONSTRAINT safekept_column_check CHECK ((kind = 'column') = (original_column IS NOT NULL))
);
CREATE INDEX safekept_migration_idx ON seaworthy.safekept (migration) WHERE restored_at IS NULL AND abandoned_at IS NULL;
COMMENT ON TABLE seaworthy.safekept IS 'What rolled-back migrations held; the rows are in safekept_<id> until they are put back';
COMMENT ON COLUMN seaworthy.safekept.run_id IS 'The run that rolled the migration back';
COMMENT ON COLUMN seaworthy.safekept.key_columns IS 'The primary key by which the values of a column find their rows';
COMMENT ON COLUMN seaworthy.safekept.rows IS 'How many rows the copy has, or had';
COMMENT ON COLUMN seaworthy.safekept.restored_at IS 'When they were put back, and the copy went';
COMMENT ON COLUMN seaworthy.safekept.abandoned_at IS 'When the schema was wiped: the copy stays, and nothing puts it back by itself'"],
};

/// Why something could not be kept or put back. The caller's transaction has failed.
#[derive(Debug, thiserror::Error)]
pub enum SafekeepError {
    /// Without a key, nobody knows later which row a value belongs to.
    #[error("{column} cannot be kept: the table has no primary key that stays")]
    NoKey {
        /// The column that would be lost.
        column: ColumnName,
    },
    /// A statement failed.
    #[error("cannot {doing}")]
    Database {
        /// What was done.
        doing: String,
        /// What the database said.
        #[source]
        source: DbErr,
    },
}

/// What a registry's row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SafekeepKind {
    /// A whole table.
    Table,
    /// One column, with the key of its table.
    Column,
}

/// Brings the registry up to date, before the way down begins.
pub async fn install(db: &DatabaseConnection) -> Result<(), DbErr> {
    house_schema::install(db, &PART).await
}

/// After a wipe: what was kept of the schema that is gone does not come back by itself.
pub(crate) async fn abandon(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    const ABANDON: &str = "UPDATE seaworthy.safekept SET abandoned_at = $1
                           WHERE restored_at IS NULL AND abandoned_at IS NULL";
    if is_installed(conn).await? {
        conn.execute_raw(query(ABANDON, [now.into()])).await?;
    }
    Ok(())
}

/// After a run that failed: what it kept of migrations that are still there does not come back by itself.
pub(crate) async fn abandon_run(
    conn: &impl ConnectionTrait,
    run: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const ABANDON: &str = "UPDATE seaworthy.safekept SET abandoned_at = $2
                           WHERE run_id = $1 AND restored_at IS NULL AND migration IN
                               (SELECT name FROM seaworthy.migration_ledger WHERE state <> 'rolled_back')";
    conn.execute_raw(query(ABANDON, [run.into(), now.into()])).await.map(drop)
}

/// What of `losses` is there now and was not kept by this run yet.
///
/// A rollback of several migrations keeps everything before the first: its way down may change the rows
/// that a later one takes away. What only comes into being on the way is kept when its own migration goes.
pub(crate) async fn remaining(
    conn: &impl ConnectionTrait,
    losses: &Losses,
    run: Uuid,
) -> Result<Losses, DbErr> {
    let mut remaining = losses.clone();
    let (mut tables, mut columns) = (Vec::new(), Vec::new());
    for gone in remaining.tables.drain(..) {
        if is_to_keep(conn, &gone.table, None, run).await? {
            tables.push(gone);
        }
    }
    for column in remaining.columns.drain(..) {
        if is_to_keep(conn, &column.table, Some(&column.column), run).await? {
            columns.push(column);
        }
    }
    Ok(Losses { tables, columns, ..remaining })
}

async fn is_to_keep(
    conn: &impl ConnectionTrait,
    table: &TableName,
    column: Option<&str>,
    run: Uuid,
) -> Result<bool, DbErr> {
    const SQL: &str = "
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = $1 AND c.relname = $2
                 AND ($3::text IS NULL OR EXISTS (SELECT FROM pg_attribute a
                          WHERE a.attrelid = c.oid AND a.attname = $3 AND NOT a.attisdropped)))
   AND NOT EXISTS (SELECT FROM seaworthy.safekept
                   WHERE run_id = $4 AND original_schema = $1 AND original_table = $2
                     AND original_column IS NOT DISTINCT FROM $3)";
    let values = [
        table.schema.clone().into(),
        table.name.clone().into(),
        column.map(str::to_owned).into(),
        run.into(),
    ];
    let row = conn.query_one_raw(query(SQL, values)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

async fn is_installed(conn: &impl ConnectionTrait) -> Result<bool, DbErr> {
    const INSTALLED: &str = "SELECT to_regclass('seaworthy.safekept') IS NOT NULL";
    let installed = conn.query_one_raw(query(INSTALLED, [])).await?;
    installed.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// The name of a copy, quoted.
fn copy_name(id: i64) -> String {
    format!("seaworthy.safekept_{id}")
}

fn doing(what: impl Into<String>) -> impl FnOnce(DbErr) -> SafekeepError {
    let doing = what.into();
    move |source| SafekeepError::Database { doing, source }
}

fn query<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// Carries out a statement that takes no values, and returns how many rows it touched.
async fn execute(conn: &impl ConnectionTrait, sql: &str) -> Result<u64, DbErr> {
    Ok(conn.execute_unprepared(sql).await?.rows_affected())
}
