//! What a run tells its listeners.

use std::{fmt, time::Duration};

use dbkit::Sentence;
use serde::Serialize;

use crate::watch::Blocker;

/// Which way a migration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is rolled back.
    Down,
}

impl Direction {
    /// What was done when it ended well.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Up => "applied",
            Self::Down => "rolled back",
        }
    }

    /// `up` or `down`.
    pub const fn way(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationEvent {
    /// A migration is about to run.
    Started {
        /// Its name.
        name: String,
        /// Which way.
        direction: Direction,
        /// Its place in this run, from 1.
        number: usize,
        /// How many there are in this run.
        total: usize,
    },
    /// A migration and its ledger row are committed.
    Finished {
        /// Its name.
        name: String,
        /// Which way.
        direction: Direction,
        /// How long it took.
        took: Duration,
    },
    /// A migration was rolled back by the server, and is tried again after a pause.
    Retrying {
        /// Its name.
        name: String,
        /// How long the pause is.
        pause: Duration,
        /// Why it failed.
        cause: String,
        /// Who stood in its way.
        blockers: Vec<Blocker>,
    },
    /// Another tool had applied migrations; they are in the ledger now.
    Adopted {
        /// Their names.
        names: Vec<String>,
    },
    /// Another tool had rolled migrations back; the ledger knows it now.
    Withdrawn {
        /// Their names.
        names: Vec<String>,
    },
    /// A migration that was cut off had left nothing behind.
    Cleared {
        /// Its name.
        name: String,
    },
    /// Rows that were kept when a migration was rolled back are in their places again.
    PutBack {
        /// The migration.
        name: String,
        /// How many rows.
        rows: u64,
        /// What stays where it is kept, and why.
        left: Vec<String>,
    },
    /// Everything in the schema is about to be dropped.
    Wiping,
}

impl Sentence for MigrationEvent {
    fn is_outcome(&self) -> bool {
        !matches!(self, Self::Started { .. } | Self::Wiping)
    }
}

impl fmt::Display for MigrationEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { name, direction, number, total } => {
                let verb = match direction {
                    Direction::Up => "applying",
                    Direction::Down => "rolling back",
                };
                write!(f, "{verb} {name} ({number} of {total})")
            }
            Self::Finished { name, direction, took } => {
                write!(f, "{} {name} in {} ms", direction.done(), took.as_millis())
            }
            Self::Retrying { name, pause, cause, blockers } => {
                write!(f, "{name}: {cause}; trying again in {:.1} s", pause.as_secs_f32())?;
                blockers.iter().try_for_each(|blocker| write!(f, "\n  in its way: {blocker}"))
            }
            Self::Adopted { names } => {
                write!(f, "adopted what another tool had applied: {}", names.join(", "))
            }
            Self::Withdrawn { names } => {
                write!(f, "another tool had rolled back: {}", names.join(", "))
            }
            Self::Cleared { name } => {
                write!(f, "{name} had been cut off and left nothing behind")
            }
            Self::PutBack { name, rows, left } => {
                write!(f, "put back {rows} row(s) that were kept when {name} was rolled back")?;
                left.iter().try_for_each(|left| write!(f, "\n  not put back: {left}"))
            }
            Self::Wiping => f.write_str("dropping everything in the schema"),
        }
    }
}
