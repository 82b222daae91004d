//! The one connection that migrations run on, and the lock that it holds.
//!
//! The lock lives in the session that changes the schema. If that connection breaks, lock and change end
//! together, and nobody else can have begun before the server has given up on it.

use std::time::Duration;

use dbkit::{
    ConnectError, ConnectOptions, DatabaseUrl,
    connect::dedicated,
    lock::{self, LockError, LockName},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::{Instant, sleep};

/// Held by every run that changes the schema.
pub const LOCK: LockName = LockName("migration");

/// How long a broken connection may take to end on the server.
const GOODBYE: Duration = Duration::from_secs(10);

/// A connection that holds [`LOCK`], and another that watches it.
#[derive(Debug)]
pub struct Session {
    db: DatabaseConnection,
    observer: DatabaseConnection,
    url: DatabaseUrl,
    pid: i32,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Another run is under way, or the lock does not hold here.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The server cannot be written to: a replica, or set to read only.
    #[error("this server takes no changes: {0}")]
    ReadOnly(&'static str),
    /// The session broke.
    #[error("the session of the migration broke")]
    Broken(#[source] DbErr),
}

impl Session {
    /// Opens a session on the database at `url` and takes the lock, trying for at most `wait`.
    pub async fn open(
        url: &DatabaseUrl,
        options: &ConnectOptions,
        wait: Duration,
    ) -> Result<Self, SessionError> {
        let db = dedicated(url, options)?;
        let watching = format!("{} (watching)", options.application_name);
        let observer = dedicated(url, &ConnectOptions::new(watching))?;
        let mut session = Self { db, observer, url: url.clone(), pid: 0 };
        session.lock(wait).await?;
        session.refuse_read_only().await?;
        Ok(session)
    }

    /// The connection that migrations run on.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// A second connection, for what must not wait for the first or be rolled back with it.
    pub fn observer(&self) -> &DatabaseConnection {
        &self.observer
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The server process of the first connection.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Whether the first connection has come to its end, so that nothing it sent is still being carried
    /// out. Waits for a moment until it has.
    pub(crate) async fn has_ended(&self) -> Result<bool, DbErr> {
        let sql = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)";
        let deadline = Instant::now() + GOODBYE;
        loop {
            let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [self.pid.into()]);
            let row = self.observer.query_one_raw(query).await?;
            let ended = row.map_or(Ok(false), |row| row.try_get_by_index(0))?;
            if ended || Instant::now() > deadline {
                return Ok(ended);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Gives the lock back and closes both connections.
    pub async fn close(self) -> Result<(), DbErr> {
        // The lock ends with its session.
        self.db.close().await?;
        self.observer.close().await
    }

    async fn lock(&mut self, wait: Duration) -> Result<(), SessionError> {
        let pool = self.db.get_postgres_connection_pool();
        let mut connection = pool.acquire().await.map_err(|source| broken(&source))?;
        lock::take(&mut connection, LOCK, wait).await?;
        lock::take(&mut connection, LockName::PRISMA, wait).await?;
        self.pid = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut *connection)
            .await
            .map_err(|source| broken(&source))?;
        Ok(())
    }

    async fn refuse_read_only(&self) -> Result<(), SessionError> {
        let sql = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'";
        let row = self.db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        let row = row.map_err(SessionError::Broken)?;
        let flag = |index| row.as_ref().and_then(|row| row.try_get_by_index(index).ok());
        if flag(0) == Some(true) {
            return Err(SessionError::ReadOnly("it is a replica"));
        }
        if flag(1) == Some(true) {
            return Err(SessionError::ReadOnly("default_transaction_read_only is on"));
        }
        Ok(())
    }
}

/// Whether `db`, which may be a transaction of the session, still is the session that took the lock.
///
/// A pool opens a new connection in place of a broken one, and that one holds nothing.
pub(crate) async fn holds_lock(db: &impl ConnectionTrait, pid: i32) -> Result<bool, DbErr> {
    let sql = "SELECT pg_backend_pid() = $1
               AND EXISTS (SELECT FROM pg_locks
                           WHERE locktype = 'advisory' AND pid = $1 AND objsubid = 1 AND granted
                             AND (classid::bigint << 32 | objid::bigint) = $2)";
    let values = [pid.into(), LOCK.key().into()];
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let row = db.query_one_raw(query).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// Forgets what a migration set for the rest of the session, and keeps the lock. `DISCARD ALL` would give
/// it back, and the driver's prepared statements with it.
pub(crate) async fn reset(db: &DatabaseConnection) -> Result<(), DbErr> {
    let sql = "SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES";
    db.execute_unprepared(sql).await.map(drop)
}

fn broken(source: &sqlx::Error) -> SessionError {
    SessionError::Broken(DbErr::Custom(source.to_string()))
}
