//! What a run tells its listeners.

use std::{fmt, time::Duration};

use dbkit::Sentence;
use serde::Serialize;

/// Which way a migration runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It is applied.
    Up,
    /// It is rolled back.
    Down,
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
    /// Everything in the schema is about to be dropped.
    Wiping,
}

impl Sentence for MigrationEvent {
    fn is_outcome(&self) -> bool {
        matches!(self, Self::Finished { .. })
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
                let verb = match direction {
                    Direction::Up => "applied",
                    Direction::Down => "rolled back",
                };
                write!(f, "{verb} {name} in {} ms", took.as_millis())
            }
            Self::Wiping => f.write_str("dropping everything in the schema"),
        }
    }
}
