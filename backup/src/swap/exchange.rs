//! The exchange itself: for a moment nobody gets in, then both names change at once.
//!
//! ```text
//! closed   both let nobody in; the mark on the live one says who did that, and its comment
//! cut      everybody who was in is out
//! renamed  one transaction: both names, both let everybody in, comments and mark
//! ```
//!
//! Closing comes first, because clients that are merely cut off are back at once. A run that dies
//! leaves the state before, or `closed`, or the state after; [`rules`](super::rules) knows the way
//! back from `closed`.
//!
//! <https://www.postgresql.org/docs/current/sql-alterdatabase.html>

use std::time::{Duration, Instant};

use dbkit::{Identifier, Literal, Report};
use uuid::Uuid;

use super::{
    mark::{Aside, Mark},
    properties::Properties,
};
use crate::{
    BackupEvent,
    event::SwapStep,
    server::{Server, ServerError},
};

/// How often to look whether everybody is out.
const PAUSE: Duration = Duration::from_millis(5);

/// Somebody is still in the database.
const IN_USE: &str = "55006";

/// What is exchanged.
pub(super) struct Exchange<'a> {
    /// This run.
    pub(super) run: Uuid,
    /// The name that both are about.
    pub(super) name: &'a str,
    /// What has that name before.
    pub(super) live: &'a Properties,
    /// The name and the number of what has it afterwards.
    pub(super) next: (&'a str, i64),
    /// The comment that it has then.
    pub(super) comment: Option<&'a str>,
    /// What is written on the one that is put aside.
    pub(super) aside: &'a Aside,
    /// The name under which that one is kept.
    pub(super) kept: &'a str,
    /// How long it may take until everybody is out.
    pub(super) patience: Duration,
}

/// Why nothing was exchanged.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A statement failed.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Somebody stays in the database.
    #[error("{sessions} sessions are still in `{database}` after {} s", patience.as_secs())]
    StillInUse {
        /// The database.
        database: String,
        /// How many.
        sessions: i64,
        /// How long we waited.
        patience: Duration,
    },
}

impl Exchange<'_> {
    /// Exchanges the two; how long nobody could get in.
    pub(super) async fn carry_out(
        &self,
        server: &mut Server,
        report: &dyn Report<BackupEvent>,
    ) -> Result<Duration, ExchangeError> {
        let step = |step| report.report(&BackupEvent::Swapping { step });
        step(SwapStep::Closing);
        let begun = Instant::now();
        server.execute("close the databases", &self.close_sql()).await?;
        step(SwapStep::Cutting);
        let deadline = begun + self.patience;
        loop {
            self.cut(server, deadline).await?;
            step(SwapStep::Renaming);
            match server.execute("rename the databases", &self.rename_sql()).await {
                // Somebody was on the way in before the door was closed.
                Err(error) if error.code().as_deref() == Some(IN_USE) => {
                    server.execute("give up the renaming", "ROLLBACK").await?;
                    if Instant::now() >= deadline {
                        return Err(error.into());
                    }
                }
                result => {
                    result?;
                    break;
                }
            }
        }
        let closed_for = begun.elapsed();
        step(SwapStep::Renamed);
        Ok(closed_for)
    }

    fn close_sql(&self) -> String {
        let mark = Mark::Closed { run: self.run, comment: self.live.belongings.comment.clone() };
        let (live, next) = (Identifier(self.name), Identifier(self.next.0));
        format!(
            "BEGIN;
             COMMENT ON DATABASE {live} IS {};
             ALTER DATABASE {live} ALLOW_CONNECTIONS false;
             ALTER DATABASE {next} ALLOW_CONNECTIONS false;
             COMMIT",
            Literal(&mark.to_comment()),
        )
    }

    /// Ends every session in both; a worker of autovacuum gives way to the renaming by itself.
    async fn cut(&self, server: &mut Server, deadline: Instant) -> Result<(), ExchangeError> {
        let inside = format!(
            "FROM pg_stat_activity WHERE datid IN ({}, {}) AND pid <> pg_backend_pid()
                 AND backend_type <> 'autovacuum worker'",
            self.live.oid, self.next.1,
        );
        let end = format!("SELECT count(pg_terminate_backend(pid)) {inside}");
        let count = format!("SELECT count(*) {inside}");
        let _: (i64,) = server.row("end the sessions", &end).await?;
        loop {
            let (sessions,): (i64,) = server.row("count the sessions", &count).await?;
            if sessions == 0 {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let (database, patience) = (self.name.to_owned(), self.patience);
                return Err(ExchangeError::StillInUse { database, sessions, patience });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn rename_sql(&self) -> String {
        let (live, next, kept) =
            (Identifier(self.name), Identifier(self.next.0), Identifier(self.kept));
        format!(
            "BEGIN;
             ALTER DATABASE {live} RENAME TO {kept};
             ALTER DATABASE {next} RENAME TO {live};
             COMMENT ON DATABASE {kept} IS {};
             COMMENT ON DATABASE {live} IS {};
             ALTER DATABASE {kept} ALLOW_CONNECTIONS true;
             ALTER DATABASE {live} ALLOW_CONNECTIONS true;
             COMMIT",
            Literal(&Mark::Aside(self.aside.clone()).to_comment()),
            comment_literal(self.comment),
        )
    }
}

/// A comment as SQL has it; a database without one has none afterwards.
pub(crate) fn comment_literal(comment: Option<&str>) -> String {
    comment.map_or("NULL".to_owned(), |comment| Literal(comment).to_string())
}
