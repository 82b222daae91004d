//! Reading what is applied without waiting for whoever has locked the ledger.
//!
//! For commands that only look. A run that changes the schema reads the ledger itself, however long
//! that takes.

use chrono::DateTime;
use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement,
    TransactionTrait as _,
};
use serde::Serialize;

use super::{Applied, Ledger, mirror};
use crate::{Project, sql_state::SqlState, watch::Blocker};

const SOON: &str = "SET LOCAL lock_timeout = '500ms'";

/// Whoever holds a lock that keeps readers out, or waits for one ahead of them.
const IN_THE_WAY: &str = "
SELECT a.pid, a.usename::text, a.application_name,
       left(regexp_replace(a.query, '\\s+', ' ', 'g'), 120) AS query,
       extract(epoch FROM clock_timestamp() - a.xact_start)::bigint AS seconds
FROM pg_stat_activity a
WHERE a.pid IN (
    SELECT l.pid FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE l.mode = 'AccessExclusiveLock'
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (c.relname = $1 OR (n.nspname, c.relname) = ('seaworthy', 'migration_ledger')))
ORDER BY a.xact_start";

/// What is applied, and how that is known.
#[derive(Clone, Debug)]
pub struct Reading {
    /// What is applied. From the mirror, it has names and their order alone.
    pub ledger: Ledger,
    /// How it is known.
    pub source: Source,
}

/// How it is known what is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Source {
    /// The ledger says so.
    Ledger,
    /// The [`mirror`] says so; what other tools did since our last run is not in it.
    Mirror {
        /// Who keeps readers away from the ledger.
        blockers: Vec<Blocker>,
    },
}

/// Why it is not known what is applied.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The ledger is locked, and no run of ours has left a mirror.
    #[error("the ledger of migrations is locked{}", by(blockers))]
    Locked {
        /// Who keeps readers away from it.
        blockers: Vec<Blocker>,
    },
    /// The database refused.
    #[error("cannot read what is applied")]
    Database(#[from] DbErr),
}

fn by(blockers: &[Blocker]) -> String {
    blockers.iter().map(|blocker| format!(" by {blocker}")).collect::<Vec<_>>().join(",")
}

/// Reads both ledgers, or the mirror where somebody has locked them. Creates nothing.
pub async fn read(db: &DatabaseConnection, project: &Project) -> Result<Reading, ReadError> {
    let transaction = db.begin_with_config(None, Some(AccessMode::ReadOnly)).await?;
    transaction.execute_unprepared(SOON).await?;
    let read = super::read(&transaction, project).await;
    transaction.rollback().await?;
    match read {
        Ok(ledger) => Ok(Reading { ledger, source: Source::Ledger }),
        Err(error) if is_locked(&error) => mirrored(db, project).await,
        Err(error) => Err(error.into()),
    }
}

fn is_locked(error: &DbErr) -> bool {
    SqlState::of(error).is_some_and(|state| state.0 == "55P03")
}

async fn mirrored(db: &DatabaseConnection, project: &Project) -> Result<Reading, ReadError> {
    let blockers = in_the_way(db, project).await?;
    match mirror::read(db).await? {
        Some(names) => Ok(Reading { ledger: in_order(names), source: Source::Mirror { blockers } }),
        None => Err(ReadError::Locked { blockers }),
    }
}

/// A ledger in which every migration was applied a second after the one before it: the mirror knows
/// the order, and not the times.
fn in_order(names: Vec<String>) -> Ledger {
    let applied = (0..).zip(names).map(|(second, name)| Applied {
        name,
        at: DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(second),
        attempt: None,
    });
    Ledger { applied: applied.collect(), ..Ledger::default() }
}

async fn in_the_way(db: &DatabaseConnection, project: &Project) -> Result<Vec<Blocker>, DbErr> {
    let table = project.ledger_table().to_string();
    let query = Statement::from_sql_and_values(DbBackend::Postgres, IN_THE_WAY, [table.into()]);
    db.query_all_raw(query).await?.iter().map(Blocker::from_row).collect()
}
