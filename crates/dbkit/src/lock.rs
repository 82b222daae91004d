//! One run at a time: a session advisory lock that is polled for, never waited on.
//!
//! A session that *waits* in `pg_advisory_lock()` holds a snapshot, and a `CREATE INDEX
//! CONCURRENTLY` of the lock's holder waits for that snapshot: two sessions, so PostgreSQL sees no
//! deadlock and both hang for ever. Hence `pg_try_advisory_lock()` and a pause.

use std::{fmt, time::Duration};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection};
use tokio::time::Instant;

use crate::{
    DatabaseUrl,
    connect::{ConnectError, ConnectOptions, connect_session},
};

const PAUSE: Duration = Duration::from_millis(100);

/// What is locked within one database: all runs that give the same name exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockName(pub &'static str);

impl LockName {
    /// The lock that Prisma takes for its own migrations.
    pub const PRISMA: Self = Self("prisma migration");

    /// The 64-bit key that PostgreSQL knows the lock by. Advisory locks are per database, so the
    /// database is no part of it.
    pub fn key(self) -> i64 {
        if self == Self::PRISMA {
            // https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production#advisory-locking
            return 72_707_369;
        }
        key(&format!("seaworthy:{}", self.0))
    }

    /// The key of this lock of one `thing` among many, such as a database of a server.
    pub fn key_of(self, thing: &str) -> i64 {
        key(&format!("seaworthy:{}:{thing}", self.0))
    }
}

fn key(text: &str) -> i64 {
    let digest = Sha256::digest(text);
    i64::from_be_bytes(std::array::from_fn(|i| digest[i]))
}

/// Whom a lock keeps away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Everybody else.
    Exclusive,
    /// Those who want it for themselves alone; others may share it.
    Shared,
}

/// A lock that is held, on a connection of its own, until it is released or dropped.
#[derive(Debug)]
pub struct AdvisoryLock {
    session: PgConnection,
    name: LockName,
    sharing: Sharing,
}

/// The session that holds a lock we want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Its server process.
    pub pid: i32,
    /// Its role.
    pub user: Option<String>,
    /// What it calls itself.
    pub application: Option<String>,
    /// For how many seconds it has been connected.
    pub seconds: Option<i64>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_deref().unwrap_or("somebody");
        let application = self.application.as_deref().filter(|name| !name.is_empty());
        write!(f, "{} of {user}", application.unwrap_or("a session"))?;
        write!(f, " (pid {}, connected for {} s)", self.pid, self.seconds.unwrap_or_default())
    }
}

/// Why the lock is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another {} run is under way{}", name.0, described(holder.as_ref()))]
    Held {
        /// Which lock.
        name: LockName,
        /// Who holds it, if we may see that.
        holder: Option<Holder>,
    },
    /// The connection goes through a pooler that hands every transaction to another session.
    #[error("a session lock does not hold here: the connection goes through a transaction pooler")]
    Pooler,
    /// The session for the lock cannot be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The session for the lock broke.
    #[error("the session of the {} lock failed", name.0)]
    Session {
        /// Which lock.
        name: LockName,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
}

fn described(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!(": {holder}")).unwrap_or_default()
}

/// Takes the lock `name` of the database at `url`, trying for at most `wait`.
pub async fn acquire(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    name: LockName,
    wait: Duration,
) -> Result<AdvisoryLock, LockError> {
    acquire_as(url, options, name, Sharing::Exclusive, wait).await
}

/// Takes the lock `name` of the database at `url` for `sharing`, trying for at most `wait`.
pub async fn acquire_as(
    url: &DatabaseUrl,
    options: &ConnectOptions,
    name: LockName,
    sharing: Sharing,
    wait: Duration,
) -> Result<AdvisoryLock, LockError> {
    let mut session = connect_session(url, options).await?;
    poll(&mut session, name, name.key(), sharing, wait).await?;
    Ok(AdvisoryLock { session, name, sharing })
}

/// Takes the lock `name` for a session that somebody else keeps, trying for at most `wait`. It ends with
/// the session.
pub async fn take(
    session: &mut PgConnection,
    name: LockName,
    wait: Duration,
) -> Result<(), LockError> {
    poll(session, name, name.key(), Sharing::Exclusive, wait).await
}

/// Takes the lock `name` of one `thing` among many for a session that somebody else keeps, trying for at
/// most `wait`. It ends with the session.
pub async fn take_of(
    session: &mut PgConnection,
    name: LockName,
    thing: &str,
    wait: Duration,
) -> Result<(), LockError> {
    poll(session, name, name.key_of(thing), Sharing::Exclusive, wait).await
}

async fn poll(
    session: &mut PgConnection,
    name: LockName,
    key: i64,
    sharing: Sharing,
    wait: Duration,
) -> Result<(), LockError> {
    let deadline = Instant::now() + wait;
    let broken = |source| LockError::Session { name, source };
    while !try_once(session, key, sharing).await.map_err(broken)? {
        if Instant::now() >= deadline {
            let holder = holder_of(session, key).await.map_err(broken)?;
            return Err(LockError::Held { name, holder });
        }
        tokio::time::sleep(PAUSE.min(deadline.saturating_duration_since(Instant::now()))).await;
    }
    // Behind a transaction pooler the lock was taken by some other server process than the one
    // that answers now, or is already given back.
    if is_held(session, key).await.map_err(broken)? { Ok(()) } else { Err(LockError::Pooler) }
}

/// Whether this very session holds the lock.
async fn is_held(session: &mut PgConnection, key: i64) -> Result<bool, sqlx::Error> {
    let sql = "SELECT EXISTS (SELECT FROM pg_locks
                              WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 1
                                AND (classid::bigint << 32 | objid::bigint) = $1)";
    sqlx::query_scalar(sql).bind(key).fetch_one(session).await
}

impl AdvisoryLock {
    /// Gives the lock back and closes its session.
    ///
    /// Dropping the lock gives it back too, as soon as the server notices the closed connection.
    pub async fn release(mut self) -> Result<(), LockError> {
        let name = self.name;
        let broken = |source| LockError::Session { name, source };
        let unlock = match self.sharing {
            Sharing::Exclusive => "SELECT pg_advisory_unlock($1)",
            Sharing::Shared => "SELECT pg_advisory_unlock_shared($1)",
        };
        sqlx::query(unlock).bind(name.key()).execute(&mut self.session).await.map_err(broken)?;
        self.session.close().await.map_err(broken)
    }
}

async fn try_once(
    session: &mut PgConnection,
    key: i64,
    sharing: Sharing,
) -> Result<bool, sqlx::Error> {
    let sql = match sharing {
        Sharing::Exclusive => "SELECT pg_try_advisory_lock($1)",
        Sharing::Shared => "SELECT pg_try_advisory_lock_shared($1)",
    };
    sqlx::query_scalar(sql).bind(key).fetch_one(session).await
}

/// Who holds the lock, if anybody does.
pub async fn holder(
    session: &mut PgConnection,
    name: LockName,
) -> Result<Option<Holder>, sqlx::Error> {
    holder_of(session, name.key()).await
}

async fn holder_of(session: &mut PgConnection, key: i64) -> Result<Option<Holder>, sqlx::Error> {
    // objsubid 1 marks a 64-bit key, which pg_locks shows in two halves:
    // https://www.postgresql.org/docs/current/view-pg-locks.html
    let pid: Option<i32> = sqlx::query_scalar(
        "SELECT pid FROM pg_locks
         WHERE locktype = 'advisory' AND granted AND objsubid = 1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid::bigint << 32 | objid::bigint) = $1",
    )
    .bind(key)
    .fetch_optional(&mut *session)
    .await?;
    // Mostly nobody does, and to plan for all that is known of a session takes longer than to look for one.
    match pid {
        Some(pid) => described_session(session, pid).await.map(Some),
        None => Ok(None),
    }
}

/// What is known of a session, which may have ended meanwhile.
async fn described_session(session: &mut PgConnection, pid: i32) -> Result<Holder, sqlx::Error> {
    type Row = (Option<String>, Option<String>, Option<i64>);
    let found: Option<Row> = sqlx::query_as(
        "SELECT usename::text, application_name,
                extract(epoch FROM clock_timestamp() - backend_start)::bigint
         FROM pg_stat_activity WHERE pid = $1",
    )
    .bind(pid)
    .fetch_optional(session)
    .await?;
    let (user, application, seconds) = found.unwrap_or_default();
    Ok(Holder { pid, user, application, seconds })
}
