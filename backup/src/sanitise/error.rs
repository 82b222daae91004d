//! Why there is no sanitised copy.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use dbkit::{lock::LockError, scratch::ScratchError};

use super::{
    judge::Problem,
    name::{ClassifiedTable, ColumnName},
};
use crate::{Complaint, CreateError, NoClient, PasswordError, SnapshotError};

/// Why there is no sanitised copy. Unless it says otherwise, nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum SanitiseError {
    /// The profile does not speak of everything that there is, or says what cannot be.
    #[error("the profile does not fit the database: {}", listed(.0, "; "))]
    Problems(Vec<Problem>),
    /// The database, or its copy, cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// No installed client program can read this server.
    #[error(transparent)]
    NoClient(#[from] NoClient),
    /// The password cannot be handed to a client program.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The run cannot show that it is alive.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The copy cannot be created.
    #[error(transparent)]
    Scratch(ScratchError),
    /// A client program did not start, or could not be listened to.
    #[error("cannot run `{}`", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A client program failed.
    #[error("{program} failed ({status}): {said}")]
    Client {
        /// Which one.
        program: &'static str,
        /// Why, as far as its words tell.
        complaint: Complaint,
        /// How it ended.
        status: ExitStatus,
        /// What it said, without what the server quoted of a row.
        said: String,
    },
    /// It took too long.
    #[error("the sanitised copy was not complete after {} s", limit.as_secs())]
    TooLong {
        /// How long it could take.
        limit: Duration,
    },
    /// The copy has not the columns that were judged, so nobody has judged what is in them.
    #[error("the copy has other columns than the database had: {}", listed(.0, ", "))]
    OtherColumns(Vec<ColumnName>),
    /// What the pseudonyms need cannot be made.
    #[error("cannot prepare {what} in the copy")]
    Prepare {
        /// What.
        what: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// A constraint forbids the pseudonyms of a table.
    #[error(
        "the pseudonyms of {table} ({}) violate its constraint `{constraint}`", columns.join(", ")
    )]
    Violates {
        /// The table.
        table: ClassifiedTable,
        /// Those of its columns that the constraint is about.
        columns: Vec<String>,
        /// The constraint.
        constraint: String,
    },
    /// The rows of a table cannot be changed for another reason.
    #[error("cannot change {table} ({})", columns.join(", "))]
    Update {
        /// The table.
        table: ClassifiedTable,
        /// The columns that were to change.
        columns: Vec<String>,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// An index or a constraint cannot be made over the pseudonyms: two of them met, or one refers to
    /// nothing.
    #[error("the schema does not hold over the pseudonyms: {said}")]
    Constraint {
        /// What `pg_restore` said.
        said: String,
    },
    /// The copy could not be backed up.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The caller asked to stop.
    #[error("the sanitised copy was stopped")]
    Stopped,
    /// The scratch copy could not be dropped again.
    #[error("the scratch database `{database}` could not be dropped ({cleanup})")]
    LeftBehind {
        /// Its name.
        database: String,
        /// Why it could not be dropped.
        cleanup: Box<ScratchError>,
        /// Why there is no sanitised backup; if absent, there is one.
        #[source]
        failure: Option<Box<SanitiseError>>,
    },
}

fn listed<T: ToString>(items: &[T], between: &str) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}
