//! Why a run did not end as it should.

use sea_orm::DbErr;

use crate::{
    event::Direction, from_ledger::CannotReplay, ledger::Attempt, plan::PlanError,
    sql_state::SqlState, watch::Blocker,
};

/// Why a run did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A migration failed.
    #[error("{}", .0)]
    Failed(Box<Failed>),
    /// The connection broke at the end of a migration, and what became of it cannot be asked.
    #[error("the connection broke, and whether {name} was {} is not known", direction.done())]
    Unknown {
        /// Its name.
        name: String,
        /// Which way it ran.
        direction: Direction,
        /// What broke.
        #[source]
        source: DbErr,
    },
    /// There is nothing that could be planned as it was asked for.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The ledger cannot stand in for a file.
    #[error(transparent)]
    CannotReplay(#[from] CannotReplay),
    /// Migrations were begun outside a transaction and did not come to their end.
    #[error("{}", dirty(.0))]
    Dirty(Vec<Attempt>),
    /// The database has migrations that this binary does not know.
    #[error("the database has migrations that this binary does not know: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// The database has tables, but no ledger of migrations.
    #[error(
        "the database has {} tables that no migration made ({}){}", tables.len(), few(tables),
        owned(*owner)
    )]
    NotOurs {
        /// Its tables.
        tables: Vec<String>,
        /// The tool whose ledger is among them.
        owner: Option<&'static str>,
    },
    /// The permit was given for another database.
    #[error("the permit is for database `{permitted}`, and this is `{connected}`")]
    WrongPermit {
        /// The database of the permit.
        permitted: String,
        /// The database that we are connected to.
        connected: String,
    },
    /// A question to the database failed; nothing was changed.
    #[error("cannot {doing}")]
    Database {
        /// What was asked.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: DbErr,
    },
}

/// How a migration failed.
#[derive(Debug, thiserror::Error)]
#[error("{}", failed(self))]
pub struct Failed {
    /// Its name.
    pub name: String,
    /// Which way it ran.
    pub direction: Direction,
    /// What this run had committed before.
    pub committed: Vec<String>,
    /// Whether a part of it may be there.
    pub half_way: bool,
    /// How often it was tried.
    pub tries: u32,
    /// Who stood in its way.
    pub blockers: Vec<Blocker>,
    /// What went wrong.
    #[source]
    pub cause: Cause,
}

/// What went wrong with one migration.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The database refused.
    #[error("{}", said(.0))]
    Database(#[source] DbErr),
    /// A check of the migration's header did not hold.
    #[error("its {which} did not answer true: {sql}")]
    Check {
        /// `pre-check` or `post-check`.
        which: &'static str,
        /// The query.
        sql: String,
    },
    /// The session that held the lock is gone.
    #[error("the connection that held the lock was lost")]
    LockLost,
    /// An index that serves no query was left, and was removed.
    #[error("it left an invalid index, which was removed: {}", .0.join(", "))]
    InvalidIndexes(Vec<String>),
    /// It kept other sessions waiting for longer than it may, and was cancelled.
    #[error("it kept others waiting for longer than the lock timeout, and was cancelled")]
    InTheWay(#[source] DbErr),
    /// What would be lost could not be kept.
    #[error("what it would lose cannot be kept")]
    Safekeep(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Cause {
    /// Whether the same may succeed a moment later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) => SqlState::of(error).is_some_and(|state| state.is_passing()),
            Self::InTheWay(_) => true,
            _ => false,
        }
    }
}

impl From<DbErr> for Cause {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// The code in words; the driver's own text is the source of this error.
fn said(error: &DbErr) -> String {
    SqlState::of(error).map_or_else(
        || "the database could not be talked to".to_owned(),
        |state| format!("{} (SQLSTATE {})", state.words(), state.0),
    )
}

fn failed(failed: &Failed) -> String {
    let Failed { name, direction, tries, .. } = failed;
    let left = if failed.half_way {
        "a part of it may be there: it runs outside a transaction"
    } else {
        "nothing of it is left"
    };
    let tried = if *tries > 1 { format!(" in {tries} attempts") } else { String::new() };
    let blockers = failed.blockers.iter().map(|blocker| format!("; in its way: {blocker}"));
    let blockers: String = blockers.collect();
    format!("{name} was not {}{tried}, and {left}{blockers}", direction.done())
}

fn dirty(attempts: &[Attempt]) -> String {
    let one = |attempt: &Attempt| {
        format!(
            "{} was cut off on its way {} after {} statement(s)",
            attempt.name,
            attempt.direction.way(),
            attempt.statements_done
        )
    };
    attempts.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn few(names: &[String]) -> String {
    let shown = names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown}, …") } else { shown }
}

fn owned(owner: Option<&str>) -> String {
    owner.map(|owner| format!("; {owner} keeps its ledger there")).unwrap_or_default()
}
