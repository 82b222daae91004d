//! A session beside the database that is about to be replaced.
//!
//! A database can be renamed only while nobody is in it, so whatever is done to it as a whole is done
//! from another one of the same server. The session holds the locks too: whoever has lost it has lost
//! them, and cannot go on by mistake.

use std::time::Duration;

use dbkit::{
    ConnectError, ConnectOptions, DatabaseUrl,
    connect::connect_session,
    lock::{self, LockError, LockName},
    postgres::ServerVersion,
};
use sqlx::{AssertSqlSafe, Connection as _, FromRow, PgConnection, postgres::PgRow};
use uuid::Uuid;

/// Where every server can be entered, in this order.
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];

/// Keeps away others who would replace the same database.
const REPLACING: LockName = LockName("restore");

/// Says that a run is alive, and with it the databases that are named after it.
const ALIVE: LockName = LockName("restore run");

/// A restore takes hours, in which this session says nothing. Joined with `pg_settings`, since not every
/// version knows them all.
const SETTINGS: &str = "
SELECT set_config(name, value, false)
FROM (VALUES
    ('search_path', 'pg_catalog'), ('lock_timeout', '10s'), ('statement_timeout', '0'),
    ('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
    ('transaction_timeout', '0'), ('tcp_keepalives_idle', '60')
) AS pinned (name, value)
JOIN pg_settings USING (name)";

/// Why the server did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Another run replaces the same database, or the lock cannot be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A statement failed.
    #[error("cannot {doing}")]
    Statement {
        /// What was to be done.
        doing: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

impl ServerError {
    /// The SQLSTATE with which the server refused a statement.
    pub(crate) fn code(&self) -> Option<String> {
        let Self::Statement { source, .. } = self else { return None };
        source.as_database_error()?.code().map(String::from)
    }

    /// What the server said when it refused a statement.
    pub(crate) fn message(&self) -> Option<&str> {
        let Self::Statement { source, .. } = self else { return None };
        source.as_database_error().map(sqlx::error::DatabaseError::message)
    }
}

/// The session.
#[derive(Debug)]
pub(crate) struct Server {
    session: PgConnection,
    url: DatabaseUrl,
}

impl Server {
    /// Enters the server of `url` by a database that is not the one called `about`.
    pub(crate) async fn open(url: &DatabaseUrl, about: &str) -> Result<Self, ServerError> {
        let options = ConnectOptions::new("seaworthy restore");
        let mut names = MAINTENANCE.into_iter().filter(|name| *name != about);
        let first = names.next().unwrap_or("template1");
        let mut url = url.with_database(first);
        let session = match connect_session(&url, &options).await {
            Err(ConnectError::NoSuchDatabase { .. }) if names.next().is_some() => {
                url = url.with_database("template1");
                connect_session(&url, &options).await?
            }
            session => session?,
        };
        let mut server = Self { session, url };
        server.execute("prepare a session", SETTINGS).await?;
        Ok(server)
    }

    /// Enters the very database of `url`, for what concerns it alone.
    pub(crate) async fn inside(url: &DatabaseUrl) -> Result<Self, ServerError> {
        let session = connect_session(url, &ConnectOptions::new("seaworthy restore")).await?;
        let mut server = Self { session, url: url.clone() };
        server.execute("prepare a session", SETTINGS).await?;
        Ok(server)
    }

    /// Where the session is: a database of this server that nobody replaces now.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Keeps everybody else from replacing `database`, for as long as the session lives.
    pub(crate) async fn claim(
        &mut self,
        database: &str,
        wait: Duration,
    ) -> Result<(), ServerError> {
        Ok(lock::take_of(&mut self.session, REPLACING, database, wait).await?)
    }

    /// Lets everybody see that `run` is alive, for as long as the session lives.
    pub(crate) async fn live(&mut self, run: Uuid) -> Result<(), ServerError> {
        Ok(lock::take_of(&mut self.session, ALIVE, &run.to_string(), Duration::ZERO).await?)
    }

    /// Whether `run` is alive; if it is not, it stays so, for as long as this session lives.
    pub(crate) async fn is_alive(&mut self, run: Uuid) -> Result<bool, ServerError> {
        // Its session may be in another database than this one, where the same lock is another lock.
        let held = format!(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
                 AND pid <> pg_backend_pid() AND (classid::bigint << 32 | objid::bigint) = {})",
            ALIVE.key_of(&run.to_string()),
        );
        let (is_held,): (bool,) = self.row("look for a run", &held).await?;
        if is_held {
            return Ok(true);
        }
        match self.live(run).await {
            Ok(()) => Ok(false),
            Err(ServerError::Lock(LockError::Held { .. })) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The server's version.
    pub(crate) async fn version(&mut self) -> Result<ServerVersion, ServerError> {
        let sql = "SELECT current_setting('server_version_num')::int";
        let (num,): (i32,) = self.row("read the server's version", sql).await?;
        Ok(ServerVersion::from_num(num))
    }

    /// Who the session is, which the URL need not say.
    pub(crate) async fn user(&mut self) -> Result<String, ServerError> {
        let (user,) = self.row("read the role", "SELECT session_user::text").await?;
        Ok(user)
    }

    /// Carries out statements, all or none of them. Names within `sql` must be quoted already.
    pub(crate) async fn execute(&mut self, doing: &str, sql: &str) -> Result<(), ServerError> {
        let result = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.session).await;
        result
            .map(drop)
            .map_err(|source| ServerError::Statement { doing: doing.to_owned(), source })
    }

    /// Asks for rows.
    pub(crate) async fn rows<T>(&mut self, doing: &str, sql: &str) -> Result<Vec<T>, ServerError>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        sqlx::query_as(AssertSqlSafe(sql))
            .persistent(false)
            .fetch_all(&mut self.session)
            .await
            .map_err(|source| ServerError::Statement { doing: doing.to_owned(), source })
    }

    /// Asks for the one row that there is.
    pub(crate) async fn row<T>(&mut self, doing: &str, sql: &str) -> Result<T, ServerError>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let source = sqlx::Error::RowNotFound;
        let absent = || ServerError::Statement { doing: doing.to_owned(), source };
        self.rows(doing, sql).await?.pop().ok_or_else(absent)
    }

    /// Ends the session, and with it every lock.
    pub(crate) async fn close(mut self) {
        // The server takes a moment to end the session, and whoever comes next should not find it alive.
        let _ = self.execute("release the locks", "SELECT pg_advisory_unlock_all()").await;
        // The locks end with the connection in any case.
        let _ = self.session.close().await;
    }
}
