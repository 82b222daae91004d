//! What was applied, when and by whom, kept in the database that it was applied to.
//!
//! A run leaves a row in `seed_runs`; what its small seeds wrote is remembered row by row, what its
//! generated seeds wrote by ranges of keys. Nothing here is ever deleted: what is taken back is
//! marked with the operation that did it.

mod parts;
mod removed;
mod rows;
mod runs;

pub use parts::PartTable;
pub use rows::{RowAction, WrittenRow};
pub use runs::{Recorded, RunRecord, RunStatus};

pub(crate) use parts::{present_parts, record_part};
pub(crate) use removed::mark_removed;
pub(crate) use rows::{present_rows, record_rows};
pub(crate) use runs::{
    Start, begin, finish, interrupt_others, list, mark_undone, read, record_seeds, taken_back,
};

use dbkit::house_schema;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};

const PART: house_schema::Part = house_schema::Part {
    name: "seeds",
    steps: &[include_str!("runs.sql"), include_str!("parts.sql")],
};

/// Brings the history's tables up to date.
pub(crate) async fn install(db: &DatabaseConnection) -> Result<(), DbErr> {
    house_schema::install(db, &PART).await
}

/// Whether a history is there with everything that this version writes down.
pub(crate) async fn is_current(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    house_schema::is_current(db, &PART).await
}

async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}
