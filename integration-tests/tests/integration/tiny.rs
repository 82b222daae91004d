//! Migrations that a test writes itself: two statements and a word about transactions.

use migration_engine::Project;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_orm::{ConnectionTrait as _, DbErr},
};

/// One migration.
#[derive(Clone, Copy)]
pub(crate) struct Tiny {
    pub(crate) name: &'static str,
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
    pub(crate) transaction: bool,
}

/// A list of them.
pub(crate) fn project(migrations: &[Tiny]) -> Project {
    let boxed = migrations.iter().map(|tiny| Box::new(*tiny) as Box<dyn MigrationTrait>);
    Project::of(boxed.collect())
}

/// One that creates a table of its own name, and drops it.
macro_rules! table {
    ($name:literal) => {
        $crate::tiny::Tiny {
            name: $name,
            up: concat!("CREATE TABLE ", $name, " (id bigint PRIMARY KEY)"),
            down: concat!("DROP TABLE ", $name),
            transaction: true,
        }
    };
}
pub(crate) use table;

impl MigrationName for Tiny {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tiny {
    fn use_transaction(&self) -> Option<bool> {
        (!self.transaction).then_some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, self.up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, self.down).await
    }
}

/// One statement after the other, so that outside a transaction the first ones stay.
async fn execute(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    for statement in sql.split(';') {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
