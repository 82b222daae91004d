//! A copy of the list of applied migrations where no table lock can hide it.
//!
//! Whoever holds ACCESS EXCLUSIVE on the ledger keeps everybody from reading it, and a dry run must not
//! wait. A comment is a row of the catalog, which such a lock does not cover. It is written with the
//! ledger's row, in the same transaction, and only read where the ledger itself cannot be.

use dbkit::Literal;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

const LEAD: &str = "Every attempt to apply a migration, never removed. Applied: ";

/// Writes the list of what is applied, in the order of application.
pub(crate) async fn write(db: &impl ConnectionTrait, applied: &[String]) -> Result<(), DbErr> {
    let text = format!("{LEAD}{}", applied.join(" "));
    let sql = format!("COMMENT ON TABLE seaworthy.migration_ledger IS {}", Literal(&text));
    db.execute_unprepared(&sql).await.map(drop)
}

/// Reads the list as our last run left it; nothing where there was none.
pub async fn read(db: &impl ConnectionTrait) -> Result<Option<Vec<String>>, DbErr> {
    // By name and not by `regclass`, whose output function looks the name up under a lock.
    let sql = "SELECT d.description
               FROM pg_description d
               JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'seaworthy' AND c.relname = 'migration_ledger'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let Some(row) = row else { return Ok(None) };
    let text: String = row.try_get_by_index(0)?;
    Ok(text.strip_prefix(LEAD).map(|names| names.split_whitespace().map(str::to_owned).collect()))
}
