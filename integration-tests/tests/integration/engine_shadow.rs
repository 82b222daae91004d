//! What the engine proves on throw-away databases.

mod capture;
mod commute;
mod drift;
mod round_trip;
mod shadow;

use dbkit::{Clock as _, SystemClock};
use migration::Migrator;
use migration_engine::ShadowOptions;
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait as _, SchemaManager,
    sea_orm::{ConnectionTrait as _, DbErr},
};
use uuid::Uuid;

/// A migration of two texts, each sent as it is.
#[derive(Clone, Copy)]
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
    pub(crate) transaction: bool,
}

/// A script that runs in a transaction.
pub(crate) const fn script(name: &'static str, up: &'static str, down: &'static str) -> Script {
    Script { name, up, down, transaction: true }
}

impl MigrationName for Script {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Script {
    fn use_transaction(&self) -> Option<bool> {
        (!self.transaction).then_some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.up).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.down).await.map(drop)
    }
}

/// The options of a run that begins now.
pub(crate) fn options() -> ShadowOptions {
    #[expect(clippy::disallowed_methods, reason = "two runs must never share a name")]
    let run = Uuid::now_v7();
    ShadowOptions { url: None, run, now: SystemClock.now() }
}

/// The migrations as the engine takes them.
pub(crate) fn all<M: MigrationTrait>(migrations: &[M]) -> Vec<&dyn MigrationTrait> {
    migrations.iter().map(|migration| migration as &dyn MigrationTrait).collect()
}

/// This project's migrations.
pub(crate) fn project() -> Vec<Box<dyn MigrationTrait>> {
    Migrator::migrations()
}

/// The same, as the engine takes them.
pub(crate) fn refs(migrations: &[Box<dyn MigrationTrait>]) -> Vec<&dyn MigrationTrait> {
    migrations.iter().map(AsRef::as_ref).collect()
}
