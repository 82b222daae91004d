//! Why a snapshot was not made, found, brought back or dropped.

use std::fmt;

use serde::Serialize;

use super::LONGEST_NAME;
use crate::{connect::ConnectError, scratch::ScratchError};

/// Somebody who is connected to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Its server process.
    pub pid: i32,
    /// Its role.
    pub user: Option<String>,
    /// What it calls itself.
    pub application: Option<String>,
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let application = self.application.as_deref().filter(|name| !name.is_empty());
        let user = self.user.as_deref().unwrap_or("somebody");
        write!(f, "{} of {user} (pid {})", application.unwrap_or("a session"), self.pid)
    }
}

/// Why a snapshot was not made, found, brought back or dropped.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A name of other characters than these.
    #[error("`{}` is no name for a snapshot: letters, digits, `-` and `_`", name.escape_debug())]
    BadName {
        /// The name.
        name: String,
    },
    /// The server would cut off the name.
    #[error("the database `{database}` would have a name of more than {LONGEST_NAME} bytes")]
    TooLong {
        /// The name that the database would have.
        database: String,
    },
    /// There is no such snapshot.
    #[error("database `{database}` has no snapshot `{name}`")]
    Unknown {
        /// The database.
        database: String,
        /// The name that was asked for.
        name: String,
    },
    /// Somebody is connected, so the database can be neither copied nor renamed.
    #[error("others are connected to `{database}`: {}", listed(sessions))]
    InUse {
        /// The database.
        database: String,
        /// Who is connected.
        sessions: Vec<Session>,
    },
    /// The permit is for another database.
    #[error("the permit is for database `{0}`")]
    OtherPermit(String),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A copy was not made or dropped.
    #[error(transparent)]
    Copy(ScratchError),
    /// The server refused something else.
    #[error("the server refused")]
    Sql(#[from] sqlx::Error),
}

fn listed(sessions: &[Session]) -> String {
    sessions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
