//! Taking seeded rows back: exactly those that runs wrote, and none that somebody else relies on.
//!
//! Generated rows are ranges of keys, rows of small seeds are known one by one. Rows that others
//! refer to stop the whole thing; rows that somebody has edited since stop it too, unless it is said
//! what becomes of them. All of it is one transaction.

mod delete;
mod delete_order;
mod doomed;
mod edited;
mod kept;
mod references;

use chrono::{DateTime, Utc};
use dbkit::guard::Permit;
use sea_orm::DbErr;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Database, Seed,
    copy::{Bulk, BulkError, CompareError},
    history,
};

pub use references::Reference;

/// What is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What the newest run wrote of which something is left.
    LastRun,
    /// What one run wrote.
    Run(Uuid),
    /// What all runs wrote of one seed.
    Seed(String),
    /// What all runs wrote.
    Everything,
}

/// What becomes of rows that somebody has edited since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditedRows {
    /// They stop the whole thing.
    Refuse,
    /// They stay, with the rows that they refer to.
    Keep,
    /// They go with the others.
    Discard,
}

/// Rows of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
}

/// What was taken back, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The runs.
    pub runs: Vec<Uuid>,
    /// The rows that went, in the order of going.
    pub deleted: Vec<TableRows>,
    /// The rows that are again as they were before.
    pub restored: Vec<TableRows>,
    /// The rows that stay because somebody has edited them or what refers to them.
    pub kept: Vec<TableRows>,
}

/// Why nothing was taken back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// The history knows of nothing to take back.
    #[error("there is nothing to take back{}", of(what.as_deref()))]
    Nothing {
        /// The run or the seed that was asked for.
        what: Option<String>,
    },
    /// Rows of others refer to rows that would go.
    #[error("rows of others refer to rows that would go: {}", list(.0))]
    Referenced(Vec<Reference>),
    /// Rows were edited since.
    #[error("{}: {}", edited(*total), first.join("; "))]
    Edited {
        /// How many.
        total: u64,
        /// The first of them: table and key.
        first: Vec<String>,
    },
    /// It cannot be found out whether rows were edited, because the code makes other rows now.
    #[error("rows of `{seed}` may have been edited: the code makes other rows than it did then")]
    Unknowable {
        /// The seed.
        seed: String,
    },
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] DbErr),
    /// The connection cannot be opened or broke, or the transaction not be ended.
    #[error(transparent)]
    Transaction(#[from] BulkError),
    /// Rows cannot be compared with what is generated.
    #[error(transparent)]
    Compare(#[from] CompareError),
}

fn of(what: Option<&str>) -> String {
    what.map(|what| format!(" of {what}")).unwrap_or_default()
}

fn list(references: &[Reference]) -> String {
    references.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn edited(rows: u64) -> String {
    if rows == 1 {
        return "1 row was edited since it was written".to_owned();
    }
    format!("{rows} rows were edited since they were written")
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct UndoOptions {
    /// What is to be taken back.
    pub scope: Scope,
    /// What becomes of rows that somebody has edited since.
    pub edited: EditedRows,
    /// The operation that does it, as the audit trail knows it.
    pub operation: Uuid,
    /// When that is.
    pub now: DateTime<Utc>,
}

/// Says what [`undo`] would do, having done all of it in a transaction that is rolled back.
pub async fn rehearse(
    database: Database<'_>,
    seeds: &[Seed],
    options: &UndoOptions,
) -> Result<Undone, UndoError> {
    let bulk = Bulk::begin(database.url, database.connect).await?;
    let undone = within(&bulk, database, seeds, options).await?;
    bulk.rollback().await?;
    Ok(undone)
}

/// Takes back what `options` say. The caller holds the lock that keeps runs away.
pub async fn undo(
    database: Database<'_>,
    seeds: &[Seed],
    options: &UndoOptions,
    _permit: &Permit,
) -> Result<Undone, UndoError> {
    let bulk = Bulk::begin(database.url, database.connect).await?;
    let undone = within(&bulk, database, seeds, options).await?;
    bulk.commit().await?;
    Ok(undone)
}

async fn within(
    bulk: &Bulk,
    database: Database<'_>,
    seeds: &[Seed],
    options: &UndoOptions,
) -> Result<Undone, UndoError> {
    let doomed = doomed::find(bulk, &options.scope).await?;
    kept::prepare(bulk).await?;
    edited::settle(bulk, database, seeds, &doomed, options.edited).await?;
    kept::close(bulk, &doomed).await?;
    let references = references::find(bulk, &doomed).await?;
    if !references.is_empty() {
        return Err(UndoError::Referenced(references));
    }
    let restored = delete::restore(bulk, &doomed).await?;
    let deleted = delete::delete(bulk, &doomed).await?;
    let kept = kept::count(bulk).await?;
    mark(bulk, options, &doomed).await?;
    Ok(Undone { runs: doomed.runs, deleted, restored, kept })
}

async fn mark(bulk: &Bulk, options: &UndoOptions, doomed: &doomed::Doomed) -> Result<(), DbErr> {
    let (operation, seed) = (options.operation, doomed.seed.as_deref());
    for run in &doomed.runs {
        history::mark_removed(bulk, Some(*run), seed, operation).await?;
    }
    history::mark_undone(bulk, options.now).await
}
