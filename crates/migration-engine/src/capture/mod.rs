//! What a migration sends to the database, statement by statement.
//!
//! Two ways to see it. [`offline`] asks no server: quick, deterministic, and honest about where it
//! may be wrong. A [`Shadow`](crate::Shadow) runs the migration for real, on a throw-away database.

mod concurrently;
mod isolate;
mod locks;
mod offline;
mod recorder;

use sea_orm::{DatabaseConnection, DbErr, TransactionTrait as _};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use sha2::{Digest as _, Sha256};

use crate::{event::Direction, project::is_transactional};

pub use offline::{CaptureError, offline};

pub(crate) use isolate::{Panicked, isolated};
pub(crate) use locks::Observer;
pub(crate) use recorder::Recorder;

/// What a migration sent when nobody answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// What it sent, in order, with the values in place.
    pub statements: Vec<String>,
    /// Whether it runs in a transaction.
    pub transactional: bool,
    /// Why a real database might see other statements; `None` where it cannot.
    pub why_not_exact: Option<Inexact>,
}

/// Why what was captured without a server may differ from what a server sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inexact {
    /// It asks the database something; this is the first question.
    Asks(String),
    /// What it sends depends on how many rows a statement has changed.
    CountsRows,
    /// It sends something else each time, such as new random identifiers.
    Varies,
}

impl Captured {
    /// Whether a real database sees exactly these statements.
    pub fn exact(&self) -> bool {
        self.why_not_exact.is_none()
    }

    /// SHA-256 over the statements, in hexadecimal digits.
    ///
    /// Blanks around a statement and the kind of line end do not matter.
    pub fn sql_sha256(&self) -> String {
        let mut hash = Sha256::new();
        for statement in &self.statements {
            hash.update(statement.trim().replace("\r\n", "\n"));
            // PostgreSQL takes no statement that contains this byte.
            hash.update([0]);
        }
        hex(&hash.finalize())
    }
}

/// Runs a migration one way over `db`, in a transaction if it wants one.
pub(crate) async fn run(
    db: &DatabaseConnection,
    migration: &dyn MigrationTrait,
    direction: Direction,
) -> Result<(), DbErr> {
    if !is_transactional(migration) {
        return change(&SchemaManager::new(db), migration, direction).await;
    }
    let transaction = db.begin().await?;
    change(&SchemaManager::new(&transaction), migration, direction).await?;
    transaction.commit().await
}

async fn change(
    manager: &SchemaManager<'_>,
    migration: &dyn MigrationTrait,
    direction: Direction,
) -> Result<(), DbErr> {
    match direction {
        Direction::Up => migration.up(manager).await,
        Direction::Down => migration.down(manager).await,
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(statements: &[&str]) -> Captured {
        let statements = statements.iter().map(|&statement| statement.to_owned()).collect();
        Captured { statements, transactional: true, why_not_exact: None }
    }

    #[test]
    fn the_hash_ignores_line_ends_and_blanks_around_and_nothing_else() {
        let hash = |statements: &[&str]| captured(statements).sql_sha256();
        assert_eq!(hash(&["SELECT\r\n1"]), hash(&["  SELECT\n1\n"]));
        assert_ne!(hash(&["SELECT 1", "SELECT 2"]), hash(&["SELECT 1SELECT 2"]));
        assert_ne!(hash(&["SELECT 1", "SELECT 2"]), hash(&["SELECT 2", "SELECT 1"]));
        assert_ne!(hash(&["SELECT 1"]), hash(&["SELECT  1"]));
        assert_ne!(hash(&[]), hash(&[""]));
    }

    #[test]
    fn the_hash_of_given_statements_never_changes() {
        let expected = "8ee7dda1363cc457cfeee8fa954d2a2d9f4b75d3291f6b466637114a5115e67f";
        let hash = captured(&["CREATE TABLE a ()", "DROP TABLE b"]).sql_sha256();
        assert_eq!((hash.len(), hash.as_str()), (64, expected));
    }
}
