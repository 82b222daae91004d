//! Watching a migration from a second connection: who stands in its way, and whom it keeps waiting.

use std::{fmt, pin::pin, time::Duration};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use serde::Serialize;
use tokio::time::{sleep, timeout};

/// How often to look.
const EVERY: Duration = Duration::from_millis(50);

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(2);

/// A session that holds a lock which a migration wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// Its server process.
    pub pid: i32,
    /// Its role.
    pub user: Option<String>,
    /// What it calls itself.
    pub application: Option<String>,
    /// Its statement, the running one or the last; its beginning.
    pub query: Option<String>,
    /// For how many seconds its transaction has been open.
    pub seconds: Option<i64>,
}

impl Blocker {
    /// Reads a row of `pg_stat_activity`, with the columns `query` and `seconds` as they are told here.
    pub(crate) fn from_row(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            pid: row.try_get("", "pid")?,
            user: row.try_get("", "usename")?,
            application: row.try_get("", "application_name")?,
            query: row.try_get("", "query")?,
            seconds: row.try_get("", "seconds")?,
        })
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_deref().unwrap_or("another role");
        let application = self.application.as_deref().filter(|name| !name.is_empty());
        write!(f, "pid {} of {user}, {}", self.pid, application.unwrap_or("unnamed"))?;
        if let Some(seconds) = self.seconds {
            write!(f, ", in a transaction for {seconds} s")?;
        }
        match self.query.as_deref().filter(|query| !query.is_empty()) {
            Some(query) => write!(f, ": {query}"),
            None => Ok(()),
        }
    }
}

/// What was seen of a migration from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Who stood in its way when that was last looked at.
    pub(crate) blockers: Vec<Blocker>,
    /// Whether it was cancelled because it kept others waiting.
    pub(crate) cancelled: bool,
}

/// Runs `work`, which happens in the server process `pid`, and watches it.
///
/// With a `patience`, the statement is cancelled when it waits for a lock and keeps another session
/// waiting behind it for longer. That is how a statement that no `lock_timeout` may end, because waiting is
/// what `CONCURRENTLY` does, still harms nobody.
pub(crate) async fn during<T>(
    observer: &DatabaseConnection,
    pid: i32,
    patience: Option<Duration>,
    work: impl Future<Output = T>,
) -> (T, Seen) {
    let mut seen = Seen::default();
    let mut work = pin!(work);
    loop {
        let look = async {
            sleep(EVERY).await;
            timeout(LOOK, look(observer, pid, patience)).await
        };
        tokio::select! {
            result = &mut work => return (result, seen),
            // What cannot be seen does not stop the migration; the server's own limits hold.
            looked = look => if let Ok(Ok((blockers, cancelled))) = looked {
                if !blockers.is_empty() {
                    seen.blockers = blockers;
                }
                seen.cancelled |= cancelled;
            },
        }
    }
}

async fn look(
    observer: &DatabaseConnection,
    pid: i32,
    patience: Option<Duration>,
) -> Result<(Vec<Blocker>, bool), DbErr> {
    let blockers = blockers(observer, pid).await?;
    let cancelled = match patience {
        Some(patience) if !blockers.is_empty() => {
            cancel_if_in_the_way(observer, pid, patience).await?
        }
        _ => false,
    };
    Ok((blockers, cancelled))
}

async fn blockers(observer: &DatabaseConnection, pid: i32) -> Result<Vec<Blocker>, DbErr> {
    let sql = "SELECT pid, usename::text, application_name,
                      left(regexp_replace(query, '\\s+', ' ', 'g'), 120) AS query,
                      extract(epoch FROM clock_timestamp() - xact_start)::bigint AS seconds
               FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY xact_start";
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [pid.into()]);
    let rows = observer.query_all_raw(query).await?;
    rows.iter().map(Blocker::from_row).collect()
}

/// The moment since which a lock is waited for is known since PostgreSQL 14.
async fn cancel_if_in_the_way(
    observer: &DatabaseConnection,
    pid: i32,
    patience: Duration,
) -> Result<bool, DbErr> {
    let sql = "SELECT bool_or(pg_cancel_backend($1)) IS TRUE FROM (
                   SELECT FROM pg_locks
                   WHERE NOT granted AND pid <> $1 AND $1 = ANY (pg_blocking_pids(pid))
                     AND waitstart < clock_timestamp() - $2 * interval '1 millisecond'
                   LIMIT 1) victim";
    let milliseconds = i64::try_from(patience.as_millis()).unwrap_or(i64::MAX);
    let values = [pid.into(), milliseconds.into()];
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = observer.query_one_raw(query).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}
