//! Our own tables, in a schema of our own, never in the team's.
//!
//! Every tool brings its [`Part`]: a list of steps that only ever grows. What was carried out is
//! remembered in `seaworthy.installed`, so that an older database catches up and a newer one is
//! left alone.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};

/// The schema that holds every table of ours.
pub const SCHEMA: &str = "seaworthy";

/// The tables of one tool.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The tool's name.
    pub name: &'static str,
    /// What to execute, in order; a released step never changes.
    pub steps: &'static [&'static str],
}

const INSTALLED: &str = "
CREATE SCHEMA IF NOT EXISTS seaworthy;
CREATE TABLE IF NOT EXISTS seaworthy.installed (
    part text NOT NULL,
    step integer NOT NULL,
    installed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT installed_pkey PRIMARY KEY (part, step)
)";

/// Brings the tables of `part` up to date. Does nothing, and needs no right to, where they are.
pub async fn install(db: &DatabaseConnection, part: &Part) -> Result<(), DbErr> {
    if missing(db, part).await?.is_none() {
        return Ok(());
    }
    let transaction = db.begin().await?;
    // Two tools may arrive at once, and `IF NOT EXISTS` does not help: it races on the catalog.
    // This wait is for milliseconds, and nothing here runs CONCURRENTLY (see `lock`).
    transaction
        .execute_unprepared(
            "SELECT pg_advisory_xact_lock(hashtextextended('seaworthy.installed', 0))",
        )
        .await?;
    transaction.execute_unprepared(INSTALLED).await?;
    let first = missing(&transaction, part).await?.unwrap_or(part.steps.len());
    for (index, step) in part.steps.iter().enumerate().skip(first) {
        transaction.execute_unprepared(step).await?;
        let values = [part.name.into(), number(index).into()];
        let sql = "INSERT INTO seaworthy.installed (part, step) VALUES ($1, $2)";
        transaction
            .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
            .await?;
    }
    transaction.commit().await
}

/// Whether the tables of `part` are there, however many of its steps.
pub async fn is_installed(db: &impl ConnectionTrait, part: &Part) -> Result<bool, DbErr> {
    Ok(missing(db, part).await? != Some(0))
}

/// Whether the tables of `part` are there with every step that this version knows.
pub async fn is_current(db: &impl ConnectionTrait, part: &Part) -> Result<bool, DbErr> {
    Ok(missing(db, part).await?.is_none())
}

/// The first step that is still to do.
async fn missing(db: &impl ConnectionTrait, part: &Part) -> Result<Option<usize>, DbErr> {
    let exists = Statement::from_string(
        DbBackend::Postgres,
        "SELECT to_regclass('seaworthy.installed') IS NOT NULL",
    );
    if !scalar::<bool>(db, exists).await? {
        return Ok((!part.steps.is_empty()).then_some(0));
    }
    let sql = "SELECT count(*) FROM seaworthy.installed WHERE part = $1";
    let count = Statement::from_sql_and_values(DbBackend::Postgres, sql, [part.name.into()]);
    let done = usize::try_from(scalar::<i64>(db, count).await?).unwrap_or_default();
    Ok((done < part.steps.len()).then_some(done))
}

fn number(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

async fn scalar<T: sea_orm::TryGetable>(
    db: &impl ConnectionTrait,
    statement: Statement,
) -> Result<T, DbErr> {
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("a scalar query returned no row".to_owned()))?
        .try_get_by_index(0)
}
