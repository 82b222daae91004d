//! What the code has: a stock migrator's list, what the files' headers say, and the lock file.

use std::fmt;

use migration_header::Metadata;
use sea_orm::{DynIden, sea_query::IntoIden as _};
use sea_orm_migration::{MigrationTrait, MigratorTrait, seaql_migrations};

/// A team's migrations.
pub struct Project {
    migrations: Vec<Box<dyn MigrationTrait>>,
    metadata: Vec<Metadata>,
    lock_file: Option<&'static str>,
    table: DynIden,
}

impl Project {
    /// The migrations of `M`, with what the build script read from its files.
    pub fn new<M: MigratorTrait>(metadata: Vec<Metadata>, lock_file: &'static str) -> Self {
        Self {
            migrations: M::migrations(),
            metadata,
            lock_file: Some(lock_file),
            table: M::migration_table_name(),
        }
    }

    /// A list of migrations without headers and without a lock file.
    pub fn of(migrations: Vec<Box<dyn MigrationTrait>>) -> Self {
        Self {
            migrations,
            metadata: Vec::new(),
            lock_file: None,
            table: seaql_migrations::Entity.into_iden(),
        }
    }

    /// The same with headers.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Vec<Metadata>) -> Self {
        self.metadata = metadata;
        self
    }

    /// The same with a lock file.
    #[must_use]
    pub fn with_lock_file(mut self, text: &'static str) -> Self {
        self.lock_file = Some(text);
        self
    }

    /// The migrations, in the order of the list.
    pub fn migrations(&self) -> impl ExactSizeIterator<Item = &dyn MigrationTrait> {
        self.migrations.iter().map(AsRef::as_ref)
    }

    /// The names, in the order of the list.
    pub fn names(&self) -> Vec<String> {
        self.migrations().map(|migration| migration.name().to_owned()).collect()
    }

    /// The migration of that name.
    pub fn find(&self, name: &str) -> Option<&dyn MigrationTrait> {
        self.migrations().find(|migration| migration.name() == name)
    }

    /// What every header says, in the order of the files.
    pub fn all_metadata(&self) -> &[Metadata] {
        &self.metadata
    }

    /// What the header of one migration says, where there is a file of that name.
    pub fn metadata(&self, name: &str) -> Option<&Metadata> {
        self.metadata.iter().find(|metadata| metadata.name == name)
    }

    /// What one migration declares to depend on.
    pub fn dependencies(&self, name: &str) -> &[String] {
        self.metadata(name).map_or(&[], |metadata| &metadata.depends_on)
    }

    /// The text of the lock file, where the project has one.
    pub fn lock_file(&self) -> Option<&'static str> {
        self.lock_file
    }

    /// The table in which stock tools note what is applied.
    pub fn ledger_table(&self) -> DynIden {
        self.table.clone()
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Project").field("migrations", &self.names()).finish_non_exhaustive()
    }
}

/// Whether `migration` runs in a transaction.
///
/// It says `Some(false)` when PostgreSQL forbids it one, as with `CREATE INDEX CONCURRENTLY`.
pub fn is_transactional(migration: &dyn MigrationTrait) -> bool {
    migration.use_transaction() != Some(false)
}
