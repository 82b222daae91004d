//! One session with the server, in which every value has one text.

use std::time::Duration;

use dbkit::{ConnectError, ConnectOptions, DatabaseUrl, connect::connect_session};
use futures_util::TryStreamExt as _;
use memchr::memchr;
use sqlx::{
    AssertSqlSafe, Connection as _, FromRow, PgConnection,
    postgres::{PgCopyIn, PgRow},
};

use crate::{archive::Tally, snapshot::SETTINGS};

/// The settings that the text of a value depends on, or what a function finds, so that the team's own
/// triggers must not run under ours.
pub(super) const OF_TEXT: [&str; 8] = [
    "TimeZone",
    "DateStyle",
    "IntervalStyle",
    "bytea_output",
    "extra_float_digits",
    "lc_monetary",
    "xmlbinary",
    "search_path",
];

/// A session with the settings of a backup's snapshot.
#[derive(Debug)]
pub(super) struct Session(PgConnection);

impl Session {
    /// Connects; a locked table is waited for at most `lock_wait`.
    pub(super) async fn open(url: &DatabaseUrl, lock_wait: Duration) -> Result<Self, ConnectError> {
        let mut options = ConnectOptions::new("seaworthy backup data");
        options.lock_timeout = Some(lock_wait.max(Duration::from_millis(1)));
        connect_session(url, &options).await.map(Self)
    }

    /// Has every value written in the one way.
    pub(super) async fn pin(&mut self) -> Result<(), sqlx::Error> {
        self.execute(SETTINGS).await?;
        // A backup is restored where money is written the same way. Here, who knows.
        self.execute("SET lc_monetary = 'C'").await
    }

    /// Has values written, and functions found, as the team set it up.
    pub(super) async fn unpin(&mut self) -> Result<(), sqlx::Error> {
        self.execute(&OF_TEXT.map(|name| format!("RESET {name}")).join("; ")).await
    }

    /// Carries out statements. Names within `sql` must be quoted already.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0).await.map(drop)
    }

    /// Asks for rows. Names within `sql` must be quoted already.
    pub(super) async fn rows<T>(&mut self, sql: &str) -> Result<Vec<T>, sqlx::Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        sqlx::query_as(AssertSqlSafe(sql.to_owned())).persistent(false).fetch_all(&mut self.0).await
    }

    /// Asks for the one row that there is.
    pub(super) async fn row<T>(&mut self, sql: &str) -> Result<T, sqlx::Error>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.rows(sql).await?.pop().ok_or(sqlx::Error::RowNotFound)
    }

    /// Gives each row of `COPY … TO STDOUT`, without the end of its line, to `each`.
    pub(super) async fn copy_out<E: From<sqlx::Error>>(
        &mut self,
        sql: &str,
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut pieces = self.0.copy_out_raw(sql).await?;
        let mut begun = Vec::new();
        while let Some(piece) = pieces.try_next().await? {
            let mut rest = &piece[..];
            while let Some(end) = memchr(b'\n', rest) {
                if begun.is_empty() {
                    each(&rest[..end])?;
                } else {
                    begun.extend_from_slice(&rest[..end]);
                    each(&begun)?;
                    begun.clear();
                }
                rest = &rest[end + 1..];
            }
            begun.extend_from_slice(rest);
        }
        Ok(())
    }

    /// What the rows come to that `COPY … TO STDOUT` writes.
    pub(super) async fn tally(&mut self, sql: &str) -> Result<Tally, sqlx::Error> {
        let mut tally = Tally::default();
        self.copy_out(sql, |line| {
            tally.add(line);
            Ok::<_, sqlx::Error>(())
        })
        .await?;
        Ok(tally)
    }

    /// Begins `COPY … FROM STDIN`.
    pub(super) async fn copy_in(
        &mut self,
        sql: &str,
    ) -> Result<PgCopyIn<&mut PgConnection>, sqlx::Error> {
        self.0.copy_in_raw(sql).await
    }

    /// Takes back what was not committed, and ends the session.
    pub(super) async fn abandon(mut self) {
        // The server does the same by itself when the connection is gone.
        let _ = self.execute("ROLLBACK").await;
        self.close().await;
    }

    /// Ends the session. How the goodbye goes does not matter.
    pub(super) async fn close(self) {
        let _ = self.0.close().await;
    }
}
