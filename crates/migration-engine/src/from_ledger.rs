//! A migration whose file this binary does not have: its statements come from the ledger.

use sea_orm::{ConnectionTrait as _, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use crate::ledger::Attempt;

/// A migration as the ledger remembers it.
#[derive(Clone, Debug)]
pub struct LedgerMigration {
    name: String,
    transactional: bool,
    up: Vec<String>,
    down: Vec<String>,
}

/// Why the ledger's statements do not make a migration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotReplay {
    /// Another tool applied it, so nobody noted what it sends.
    #[error("the ledger does not know what `{0}` sends: another tool applied it")]
    NotRecorded(String),
    /// What it sends depends on what it finds.
    #[error(
        "the way down of `{0}` depends on the rows or the schema that it finds, so its statements are not enough"
    )]
    NotExact(String),
}

impl LedgerMigration {
    /// The migration of an attempt, for its way up on a shadow. It has no way down.
    pub fn for_replay(attempt: &Attempt) -> Result<Self, CannotReplay> {
        let Some(up) = attempt.up_sql.clone() else {
            return Err(CannotReplay::NotRecorded(attempt.name.clone()));
        };
        Ok(Self {
            name: attempt.name.clone(),
            transactional: attempt.transactional,
            up,
            down: Vec::new(),
        })
    }

    /// The migration of an attempt, for its way down.
    pub fn of(attempt: &Attempt) -> Result<Self, CannotReplay> {
        let Some(down) = attempt.down_sql.clone() else {
            return Err(CannotReplay::NotRecorded(attempt.name.clone()));
        };
        if !attempt.down_exact {
            return Err(CannotReplay::NotExact(attempt.name.clone()));
        }
        Ok(Self { down, ..Self::for_replay(attempt)? })
    }
}

impl MigrationName for LedgerMigration {
    fn name(&self) -> &str {
        &self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for LedgerMigration {
    fn use_transaction(&self) -> Option<bool> {
        Some(self.transactional)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        send(manager, &self.up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        send(manager, &self.down).await
    }
}

async fn send(manager: &SchemaManager<'_>, statements: &[String]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
