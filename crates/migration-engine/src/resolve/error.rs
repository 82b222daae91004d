//! Why what an operator said of a migration was not written down.

use sea_orm::DbErr;

use crate::{Finding, PlanError, ShadowError, from_ledger::CannotReplay};

/// Why what an operator said of a migration was not written down.
///
/// Neither ledger was changed, but for [`ResolveError::Database`] with the schema's note, which comes last. Before a
/// retry, the invalid indexes that the first try left are removed ahead of the comparison, and stay removed.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// Neither code nor database has a migration of that name.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It is applied, and nothing has cut it off.
    #[error("migration `{0}` is applied already")]
    AlreadyApplied(String),
    /// It is not applied, and nothing of it was begun.
    #[error("migration `{0}` is not applied, and nothing of it was begun")]
    NotBegun(String),
    /// It came to an end, so there is nothing to try again.
    #[error("migration `{0}` was not cut off: there is nothing to retry")]
    NotDirty(String),
    /// It must come to an end first.
    #[error("migration `{0}` was cut off: its checksum is not the question")]
    Dirty(String),
    /// Its source is the one that was applied, or nobody noted which one that was.
    #[error("the source of migration `{0}` is not known to have changed since it was applied")]
    NotChanged(String),
    /// The database is not as it would be if that were true.
    #[error("the schema is not as it would be {wanted}:{}", lines(differences))]
    Differs {
        /// `with NAME applied`, `without NAME`.
        wanted: String,
        /// Where it differs.
        differences: Vec<Finding>,
    },
    /// The ledger cannot stand in for a file in the replay.
    #[error(transparent)]
    CannotReplay(#[from] CannotReplay),
    /// There is nothing to compare with.
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    /// The session that held the lock is gone.
    #[error("the connection that held the lock was lost")]
    LockLost,
    /// A question to the database failed.
    #[error("cannot {doing}")]
    Database {
        /// What was asked.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: DbErr,
    },
}

pub(super) fn asking(doing: &'static str) -> impl Fn(DbErr) -> ResolveError {
    move |source| ResolveError::Database { doing, source }
}

fn lines(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |lines, finding| lines + "\n  " + &finding.message)
}
