//! What is wrong with the databases of a server, and what puts it right: a function of what is seen.
//!
//! | seen | the run is dead |
//! |---|---|
//! | a database with the mark `closed` | open it again and give it its comment back |
//! | one that was put aside, and is closed | open it again |
//! | one that is named after a restore or a verification | drop it |
//! | one that was put aside, and nothing has the name that it had | say so: `undo` brings it back |
//!
//! While the run is alive, all of it is that run's business. There is no rule for a renaming that was
//! half done: it is one transaction.

use serde::Serialize;
use uuid::Uuid;

use super::{
    mark::{Aside, Mark},
    names,
};

/// A database, as far as the rules look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its number.
    pub(crate) oid: i64,
    /// Its name.
    pub(crate) name: String,
    /// Whether anybody may get in.
    pub(crate) is_open: bool,
    /// What we have written on it.
    pub(crate) mark: Option<Mark>,
}

/// Something that a dead run has left on a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum DatabaseFinding {
    /// A database that lets nobody in: the run that closed it is dead.
    Closed {
        /// Its name.
        database: String,
        /// The run.
        run: Uuid,
        /// The comment that it had.
        comment: Option<String>,
    },
    /// A database that was put aside and lets nobody in.
    AsideClosed {
        /// Its name.
        database: String,
    },
    /// A database that a dead run has begun to fill.
    Abandoned {
        /// Its name.
        database: String,
        /// The run.
        run: Uuid,
    },
    /// A database that was put aside, while nothing has the name that it had.
    Missing {
        /// The name that nothing has.
        database: String,
        /// What is kept of it.
        kept: String,
    },
}

impl DatabaseFinding {
    /// The database that it is about.
    pub fn database(&self) -> &str {
        match self {
            Self::Closed { database, .. }
            | Self::AsideClosed { database }
            | Self::Abandoned { database, .. }
            | Self::Missing { database, .. } => database,
        }
    }

    /// Whether a repair can do something about it.
    pub fn is_repairable(&self) -> bool {
        !matches!(self, Self::Missing { .. })
    }
}

/// The runs that these databases speak of.
pub(crate) fn runs(seen: &[Seen]) -> Vec<Uuid> {
    let mut runs: Vec<_> = seen.iter().filter_map(Seen::run).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// Says what is wrong, where `alive` are the runs that are under way.
pub(crate) fn judge(seen: &[Seen], alive: &[Uuid]) -> Vec<DatabaseFinding> {
    let is_alive = |database: &Seen| database.run().is_some_and(|run| alive.contains(&run));
    // An undo closes what was put aside by an earlier run; only the mark on the other one names it.
    let is_of_the_living = |database: &Seen| {
        let of = database.of();
        seen.iter().any(|other| Some(other.name.as_str()) == of && is_alive(other))
    };
    let of_the_dead = seen.iter().filter(|one| !is_alive(one) && !is_of_the_living(one));
    of_the_dead.filter_map(|database| finding(database, seen)).collect()
}

impl Seen {
    /// The run whose business it is.
    fn run(&self) -> Option<Uuid> {
        match &self.mark {
            Some(Mark::Closed { run, .. }) => Some(*run),
            Some(Mark::Aside(aside)) => Some(aside.run),
            None => names::run_of(&self.name),
        }
    }

    /// The name that it had before it was put aside.
    fn of(&self) -> Option<&str> {
        match &self.mark {
            Some(Mark::Aside(aside)) => Some(&aside.of),
            _ => None,
        }
    }
}

fn finding(database: &Seen, all: &[Seen]) -> Option<DatabaseFinding> {
    let name = database.name.clone();
    match &database.mark {
        Some(Mark::Closed { run, comment }) => {
            Some(DatabaseFinding::Closed { database: name, run: *run, comment: comment.clone() })
        }
        Some(Mark::Aside(_)) if !database.is_open => {
            Some(DatabaseFinding::AsideClosed { database: name })
        }
        Some(Mark::Aside(Aside { of, .. })) if all.iter().all(|other| other.name != *of) => {
            Some(DatabaseFinding::Missing { database: of.clone(), kept: name })
        }
        Some(Mark::Aside(_)) => None,
        None => names::run_of(&name).map(|run| DatabaseFinding::Abandoned { database: name, run }),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const RUN: Uuid = Uuid::from_u128(7);

    fn database(name: &str, is_open: bool, mark: Option<Mark>) -> Seen {
        Seen { oid: 1, name: name.to_owned(), is_open, mark }
    }

    fn aside(is_open: bool) -> Seen {
        let mark = Mark::Aside(Aside {
            run: RUN,
            of: "shop".to_owned(),
            replaced_by: 1,
            backup: None,
            at: DateTime::UNIX_EPOCH,
            comment: None,
        });
        database("shop__before_1", is_open, Some(mark))
    }

    fn closed() -> Seen {
        let comment = Some("The shop".to_owned());
        database("shop", false, Some(Mark::Closed { run: RUN, comment }))
    }

    fn unfinished(is_open: bool) -> Seen {
        database(&names::being_restored(RUN), is_open, None)
    }

    #[track_caller]
    fn check(seen: &[Seen], expected: &[&str]) {
        let findings = judge(seen, &[]);
        let found: Vec<_> = findings
            .iter()
            .map(|finding| match finding {
                DatabaseFinding::Closed { .. } => "open",
                DatabaseFinding::AsideClosed { .. } => "open kept",
                DatabaseFinding::Abandoned { .. } => "drop",
                DatabaseFinding::Missing { .. } => "missing",
            })
            .collect();
        assert_eq!(found, expected);
        assert_eq!(judge(seen, &[RUN]), [], "a run that is alive is left alone");
    }

    fn shop() -> Seen {
        database("shop", true, None)
    }

    #[test]
    fn every_state_that_a_dead_run_leaves_has_one_way_out() {
        // Nothing happened yet, or everything is over.
        check(&[shop()], &[]);
        check(&[shop(), aside(true)], &[]);
        // While the restore ran.
        check(&[shop(), unfinished(true)], &["drop"]);
        // Between closing and renaming.
        check(&[closed(), unfinished(false)], &["open", "drop"]);
        // The same in an undo, where the next one is one that was put aside.
        check(&[closed(), aside(false)], &["open", "open kept"]);
        // Something that is only half of it, whoever took the other half away.
        check(&[closed()], &["open"]);
        check(&[shop(), aside(false)], &["open kept"]);
    }

    #[test]
    fn what_an_undo_has_closed_is_left_to_it() {
        let other = Uuid::from_u128(8);
        let mark = Mark::Closed { run: other, comment: None };
        let seen = [database("shop", false, Some(mark)), aside(false)];
        assert_eq!(judge(&seen, &[other]), []);
        assert_eq!(judge(&seen, &[]).len(), 2);
    }

    #[test]
    fn what_was_put_aside_is_not_forgotten_when_its_name_is_free() {
        let findings = judge(&[aside(true)], &[]);
        assert!(!findings[0].is_repairable());
        assert_eq!(findings[0].database(), "shop");
    }

    #[test]
    fn databases_of_others_are_nobodys_business_even_if_closed() {
        check(
            &[database("template0", false, None), database("seaworthy_restore_x", true, None)],
            &[],
        );
    }

    #[test]
    fn the_comment_comes_back() {
        let findings = judge(&[closed()], &[]);
        let comment = Some("The shop".to_owned());
        let expected = DatabaseFinding::Closed { database: "shop".to_owned(), run: RUN, comment };
        assert_eq!(findings, [expected]);
        assert_eq!(runs(&[closed(), unfinished(true), shop()]), [RUN]);
    }
}
