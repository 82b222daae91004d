//! What to do when the database refuses a statement.

use sea_orm::{DbErr, RuntimeErr};

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// A statement that failed.
    pub fn database(error: DbErr) -> Self {
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        let (class, hint) = match sqlstate(&error).as_deref() {
            Some("42501") => (
                "database.permission",
                "this role may not do that: connect as the role that owns the database",
            ),
            Some("25006") => (
                "database.read_only",
                "this session is read-only (a replica, or default_transaction_read_only): \
                 connect to the primary as a role that may write",
            ),
            Some("55P03") => ("database.locked", "another session holds the table: try again"),
            Some("53100") => ("database.disk_full", "free space on the server, then try again"),
            Some("57014") => {
                ("database.timeout", "raise the limit of the statement, then try again")
            }
            Some("57P01" | "57P02" | "57P03") => {
                ("database.shutdown", "the server went away: see that it runs, then try again")
            }
            _ => return Self::new(Exit::Failed, "database", error),
        };
        Self::new(Exit::Failed, class, error).hint(hint)
    }
}

/// The SQLSTATE with which the server refused a statement.
pub(crate) fn sqlstate(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            error.as_database_error()?.code().map(String::from)
        }
        _ => None,
    }
}
