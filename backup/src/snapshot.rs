//! One view of a database that stands still while others write.
//!
//! The session exports its snapshot, so that `pg_dump` sees exactly what is counted and hashed
//! here. It must stay open until `pg_dump` has taken the snapshot over.

use std::time::Duration;

use dbkit::{
    ConnectError, ConnectOptions, DatabaseUrl, Literal, connect::connect_session,
    postgres::ServerVersion,
};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Connection as _, FromRow, PgConnection, postgres::PgRow};
use tokio::sync::oneshot;

use crate::archive::{Lines, Tally};

/// How often an idle session says something, so that no firewall forgets it.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Every setting that the text of a value depends on, and every limit that would cut the session
/// off. Joined with `pg_settings`, since `transaction_timeout` is unknown before PostgreSQL 17.
///
/// `pg_dump` is told the same, so that both make the same text of a value; `lc_monetary` stays that of
/// the database, since a restore will read what it wrote. A bare `search_path` spells the names of
/// types and functions in full. Without `row_security`, a policy that would hide rows is an error.
pub(crate) const SETTINGS: &str = "
SELECT set_config(name, value, false)
FROM (VALUES
    ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'), ('IntervalStyle', 'postgres'),
    ('bytea_output', 'hex'), ('extra_float_digits', '3'),
    ('xmlbinary', 'base64'), ('search_path', 'pg_catalog'), ('row_security', 'off'),
    ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
    ('idle_session_timeout', '0'), ('transaction_timeout', '0'), ('tcp_keepalives_idle', '60')
) AS pinned (name, value)
JOIN pg_settings USING (name)";

/// Why a database cannot be read in one view.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A query failed.
    #[error("cannot read {what}")]
    Query {
        /// What was asked for.
        what: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

/// A session with a read-only transaction that sees one state of the database.
#[derive(Debug)]
pub(crate) struct Snapshot {
    session: PgConnection,
}

impl Snapshot {
    /// Begins to look at the database at `url`; waits at most `lock_wait` for a locked table.
    pub(crate) async fn open(
        url: &DatabaseUrl,
        lock_wait: Duration,
    ) -> Result<Self, SnapshotError> {
        let session = connect_session(url, &ConnectOptions::new("seaworthy backup")).await?;
        let mut snapshot = Self { session };
        let lock_timeout = format!("SET lock_timeout = {}", lock_wait.as_millis());
        snapshot.execute("the settings", SETTINGS.to_owned()).await?;
        snapshot.execute("the settings", lock_timeout).await?;
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        snapshot.execute("a snapshot", begin.to_owned()).await?;
        Ok(snapshot)
    }

    /// Makes the view available to other sessions under the name that it returns.
    pub(crate) async fn export(&mut self) -> Result<String, SnapshotError> {
        self.scalar("a snapshot", "SELECT pg_export_snapshot()").await
    }

    /// Takes over the view that another session has exported; to be called before anything is read.
    pub(crate) async fn import(&mut self, name: &str) -> Result<(), SnapshotError> {
        self.execute("a snapshot", format!("SET TRANSACTION SNAPSHOT {}", Literal(name))).await
    }

    /// The server's version.
    pub(crate) async fn server_version(&mut self) -> Result<ServerVersion, SnapshotError> {
        let sql = "SELECT current_setting('server_version_num')::int";
        Ok(ServerVersion::from_num(self.scalar("the server's version", sql).await?))
    }

    pub(crate) async fn execute(&mut self, what: &str, sql: String) -> Result<(), SnapshotError> {
        let result = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.session).await;
        result.map(drop).map_err(|source| SnapshotError::Query { what: what.to_owned(), source })
    }

    /// Asks for rows. Names within `sql` must be quoted already.
    pub(crate) async fn rows<T>(&mut self, what: &str, sql: &str) -> Result<Vec<T>, SnapshotError>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        sqlx::query_as(AssertSqlSafe(sql))
            // Thousands of tables would only fill the cache of prepared statements.
            .persistent(false)
            .fetch_all(&mut self.session)
            .await
            .map_err(|source| SnapshotError::Query { what: what.to_owned(), source })
    }

    /// Asks for the one row that there is.
    pub(crate) async fn row<T>(&mut self, what: &str, sql: &str) -> Result<T, SnapshotError>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let absent =
            || SnapshotError::Query { what: what.to_owned(), source: sqlx::Error::RowNotFound };
        self.rows(what, sql).await?.pop().ok_or_else(absent)
    }

    /// Asks for the one value that there is.
    pub(crate) async fn scalar<T>(&mut self, what: &str, sql: &str) -> Result<T, SnapshotError>
    where
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres>
            + sqlx::Type<sqlx::Postgres>
            + Send
            + Unpin
            + 'static,
    {
        let (value,) = self.row::<(T,)>(what, sql).await?;
        Ok(value)
    }

    /// Counts and hashes the lines of a `COPY … TO STDOUT`.
    ///
    /// After an error the session is of no use: the driver may be out of step with the server.
    pub(crate) async fn tally(&mut self, what: &str, copy: &str) -> Result<Tally, SnapshotError> {
        let failed = |source| SnapshotError::Query { what: what.to_owned(), source };
        let mut lines = Lines::default();
        let mut pieces = self.session.copy_out_raw(copy).await.map_err(failed)?;
        while let Some(piece) = pieces.try_next().await.map_err(failed)? {
            lines.feed(&piece);
        }
        Ok(lines.tally())
    }

    /// Lets the text of a `money` be what it was where `locale` is known here; where it is not, the rows
    /// of a table with such a column will differ.
    pub(crate) async fn set_monetary(&mut self, locale: &str) -> Result<(), SnapshotError> {
        let sql = format!(
            "SAVEPOINT monetary; SET LOCAL lc_monetary = {}; RELEASE monetary",
            Literal(locale)
        );
        if self.execute("the settings", sql).await.is_err() {
            self.execute("the settings", "ROLLBACK TO monetary".to_owned()).await?;
        }
        Ok(())
    }

    /// Keeps the session alive until the other end of `until` is dropped.
    pub(crate) async fn keep_alive(
        &mut self,
        mut until: oneshot::Receiver<()>,
    ) -> Result<(), SnapshotError> {
        while tokio::time::timeout(HEARTBEAT, &mut until).await.is_err() {
            self.execute("the snapshot", "SELECT 1".to_owned()).await?;
        }
        Ok(())
    }

    /// Ends the session. It only read, so how the goodbye goes does not matter.
    pub(crate) async fn close(self) {
        let _ = self.session.close().await;
    }
}
