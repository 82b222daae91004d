//! Changing the database: one migration after the other, each with its ledger row.

use std::time::Instant;

use dbkit::{Clock, Report, guard::Permit};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf, SchemaManager};

use crate::{
    event::{Direction, MigrationEvent},
    foreign, ledger, plan,
};

/// Why a run did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A migration failed.
    #[error("{}", failed(*.direction, name, *.half_way))]
    Failed {
        /// Its name.
        name: String,
        /// Which way it ran.
        direction: Direction,
        /// What this run had committed before.
        committed: Vec<String>,
        /// Whether it ran outside a transaction, so that a part of it may be there.
        half_way: bool,
        /// What the database said.
        #[source]
        source: DbErr,
    },
    /// The connection broke at the end of a migration, and what became of it cannot be asked.
    #[error("the connection broke, and whether {name} was {} is not known", done(*.direction))]
    Unknown {
        /// Its name.
        name: String,
        /// Which way it ran.
        direction: Direction,
        /// What broke.
        #[source]
        source: DbErr,
    },
    /// The database has migrations that this binary does not know.
    #[error("the database has migrations that this binary does not know: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// The database has tables, but no ledger of migrations.
    #[error("the database has {} tables that no migration made ({})", .0.len(), few(.0))]
    NotOurs(Vec<String>),
    /// The permit was given for another database.
    #[error("the permit is for database `{permitted}`, and this is `{connected}`")]
    WrongPermit {
        /// The database of the permit.
        permitted: String,
        /// The database that we are connected to.
        connected: String,
    },
    /// A question to the database failed; nothing was changed.
    #[error("cannot {doing}")]
    Database {
        /// What was asked.
        doing: &'static str,
        /// What the database said.
        #[source]
        source: DbErr,
    },
}

const fn done(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "applied",
        Direction::Down => "rolled back",
    }
}

fn failed(direction: Direction, name: &str, half_way: bool) -> String {
    let verb = done(direction);
    if half_way {
        format!(
            "{name} was not {verb}, and a part of it may be there: it runs outside a transaction"
        )
    } else {
        format!("{name} was not {verb}, and nothing of it is left")
    }
}

fn few(names: &[String]) -> String {
    let shown = names.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > 3 { format!("{shown}, …") } else { shown }
}

/// Where every migration stands. Reads only.
pub async fn status(
    db: &DatabaseConnection,
    migrator: &impl MigratorTraitSelf,
) -> Result<Vec<plan::Entry>, RunError> {
    let applied = ledger::read(db, migrator).await.map_err(asking("read what is applied"))?;
    Ok(plan::entries(&names(migrator), &applied))
}

/// Refuses a database that our migrations do not know: somebody else's, or a newer one.
pub async fn recognise(
    db: &DatabaseConnection,
    migrator: &impl MigratorTraitSelf,
) -> Result<(), RunError> {
    const DOING: &str = "see whose database this is";
    if !ledger::exists(db, migrator).await.map_err(asking(DOING))? {
        let tables = foreign::tables(db).await.map_err(asking(DOING))?;
        return if tables.is_empty() { Ok(()) } else { Err(RunError::NotOurs(tables)) };
    }
    let missing = plan::missing(&status(db, migrator).await?);
    if missing.is_empty() { Ok(()) } else { Err(RunError::Missing(missing)) }
}

/// Applies at most `limit` pending migrations and returns their names.
///
/// The caller holds [`crate::LOCK`].
pub async fn up(
    db: &DatabaseConnection,
    migrator: &impl MigratorTraitSelf,
    limit: Option<usize>,
    clock: &dyn Clock,
    report: &dyn Report<MigrationEvent>,
) -> Result<Vec<String>, RunError> {
    recognise(db, migrator).await?;
    let pending = plan::pending(&status(db, migrator).await?, limit);
    if !pending.is_empty() {
        migrator.install(db).await.map_err(asking("create the ledger of migrations"))?;
    }
    sequence(db, migrator, Direction::Up, pending, clock, report).await
}

/// Rolls back at most `limit` migrations, the last applied first, and returns their names.
///
/// The caller holds [`crate::LOCK`].
pub async fn down(
    db: &DatabaseConnection,
    migrator: &impl MigratorTraitSelf,
    permit: &Permit,
    limit: Option<usize>,
    clock: &dyn Clock,
    report: &dyn Report<MigrationEvent>,
) -> Result<Vec<String>, RunError> {
    covers(db, permit).await?;
    recognise(db, migrator).await?;
    let reversible = plan::reversible(&status(db, migrator).await?, limit);
    sequence(db, migrator, Direction::Down, reversible, clock, report).await
}

/// Rolls back everything and drops the ledger: the schema is as it was before the first migration.
///
/// The caller holds [`crate::LOCK`].
pub async fn reset(
    db: &DatabaseConnection,
    migrator: &impl MigratorTraitSelf,
    permit: &Permit,
    clock: &dyn Clock,
    report: &dyn Report<MigrationEvent>,
) -> Result<Vec<String>, RunError> {
    let undone = down(db, migrator, permit, None, clock, report).await?;
    if ledger::exists(db, migrator).await.map_err(asking("find the ledger"))? {
        let mut drop_table = sea_orm::sea_query::Table::drop();
        drop_table.table(migrator.migration_table_name());
        db.execute(&drop_table).await.map_err(asking("drop the ledger of migrations"))?;
    }
    Ok(undone)
}

/// Drops everything in the current schema, whoever made it, in one transaction.
///
/// The schema `seaworthy`, with the audit trail, stays. The caller holds [`crate::LOCK`].
pub async fn wipe(
    db: &DatabaseConnection,
    permit: &Permit,
    report: &dyn Report<MigrationEvent>,
) -> Result<(), RunError> {
    const WIPE: &str = include_str!("wipe.sql");
    covers(db, permit).await?;
    report.report(&MigrationEvent::Wiping);
    db.execute_unprepared(WIPE).await.map_err(asking("drop everything in the schema"))?;
    Ok(())
}

async fn covers(db: &DatabaseConnection, permit: &Permit) -> Result<(), RunError> {
    const DOING: &str = "ask for the database's name";
    let query = Statement::from_string(DbBackend::Postgres, "SELECT current_database()::text");
    let row = db.query_one_raw(query).await.map_err(asking(DOING))?;
    let connected: String = row
        .map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))
        .map_err(asking(DOING))?;
    if connected == permit.database() {
        return Ok(());
    }
    Err(RunError::WrongPermit { permitted: permit.database().to_owned(), connected })
}

async fn sequence(
    db: &DatabaseConnection,
    migrator: &impl MigratorTraitSelf,
    direction: Direction,
    chosen: Vec<String>,
    clock: &dyn Clock,
    report: &dyn Report<MigrationEvent>,
) -> Result<Vec<String>, RunError> {
    let migrations = migrator.migrations();
    let total = chosen.len();
    for (index, name) in chosen.iter().enumerate() {
        let Some(migration) = migrations.iter().find(|migration| migration.name() == name) else {
            return Err(RunError::Missing(vec![name.clone()]));
        };
        let (name, number) = (name.clone(), index + 1);
        report.report(&MigrationEvent::Started { name: name.clone(), direction, number, total });
        let start = Instant::now();
        let step = Step { migrator, migration: migration.as_ref(), direction };
        if let Err(source) = step.run(db, clock).await {
            let committed = chosen[..index].to_vec();
            step.settle(db, source, committed).await?;
        }
        report.report(&MigrationEvent::Finished { name, direction, took: start.elapsed() });
    }
    Ok(chosen)
}

struct Step<'a, M> {
    migrator: &'a M,
    migration: &'a dyn MigrationTrait,
    direction: Direction,
}

impl<M: MigratorTraitSelf> Step<'_, M> {
    /// A migration says `Some(false)` when PostgreSQL forbids it a transaction, as with
    /// `CREATE INDEX CONCURRENTLY`.
    fn is_transactional(&self) -> bool {
        self.migration.use_transaction() != Some(false)
    }

    async fn run(&self, db: &DatabaseConnection, clock: &dyn Clock) -> Result<(), DbErr> {
        if self.is_transactional() {
            let transaction = db.begin().await?;
            self.change(&SchemaManager::new(&transaction)).await?;
            self.note(&transaction, clock).await?;
            transaction.commit().await
        } else {
            self.change(&SchemaManager::new(db)).await?;
            self.note(db, clock).await
        }
    }

    /// Finds out what became of a migration whose run ended with an error.
    ///
    /// The answer to COMMIT may be lost with the connection although the server has carried it
    /// out. The ledger's row was in the same transaction, so the ledger knows.
    async fn settle(
        &self,
        db: &DatabaseConnection,
        source: DbErr,
        committed: Vec<String>,
    ) -> Result<(), RunError> {
        let (name, direction) = (self.migration.name().to_owned(), self.direction);
        let Ok(applied) = ledger::read(db, self.migrator).await else {
            return Err(RunError::Unknown { name, direction, source });
        };
        let is_applied = applied.iter().any(|row| row.name == name);
        if is_applied == (direction == Direction::Up) {
            return Ok(());
        }
        let half_way = !self.is_transactional();
        Err(RunError::Failed { name, direction, committed, half_way, source })
    }

    async fn change(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        match self.direction {
            Direction::Up => self.migration.up(manager).await,
            Direction::Down => self.migration.down(manager).await,
        }
    }

    async fn note(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        clock: &dyn Clock,
    ) -> Result<(), DbErr> {
        let name = self.migration.name();
        match self.direction {
            Direction::Up => ledger::add(db, self.migrator, name, clock.now()).await,
            Direction::Down => ledger::remove(db, self.migrator, name).await,
        }
    }
}

fn names(migrator: &impl MigratorTraitSelf) -> Vec<String> {
    migrator.migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

fn asking(doing: &'static str) -> impl Fn(DbErr) -> RunError {
    move |source| RunError::Database { doing, source }
}
