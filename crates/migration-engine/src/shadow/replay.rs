//! Running migrations on a shadow.

use dbkit::Identifier;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, EntityTrait as _, Schema, Set,
    Statement,
};
use sea_orm_migration::{MigrationTrait, seaql_migrations};

use super::{Shadow, ShadowError, failed, target::Target};
use crate::{
    capture::{self, Panicked, Recorder, isolated},
    event::Direction,
    observation::Observation,
    project::is_transactional,
};

/// What a migration may have changed in its session.
///
/// `DISCARD ALL` would also take away the driver's prepared statements.
const RESET: &str = "RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP; DISCARD SEQUENCES;
    UNLISTEN *; SELECT pg_advisory_unlock_all(); SET synchronous_commit = off";

const DEFAULT_PATH: &str = "SELECT current_schema()::text";

impl Shadow {
    /// Applies migrations one after the other, unobserved.
    pub(crate) async fn replay(
        &self,
        migrations: &[&dyn MigrationTrait],
    ) -> Result<(), ShadowError> {
        for migration in migrations {
            self.run(*migration, Direction::Up).await?;
        }
        Ok(())
    }

    /// Runs one migration, unobserved: over a connection like any other, so that it may use all of
    /// SeaORM.
    pub(crate) async fn run(
        &self,
        migration: &dyn MigrationTrait,
        direction: Direction,
    ) -> Result<(), ShadowError> {
        if !is_transactional(migration) {
            // What it opens itself must meet the same session: a pool of one would wait for itself.
            return self.record(migration, direction, None).await.map(drop);
        }
        let outcome = isolated(capture::run(&self.session, migration, direction)).await;
        self.reset().await?;
        told(migration, direction, outcome)
    }

    /// Runs one migration and watches it.
    pub(super) async fn observe(
        &self,
        migration: &dyn MigrationTrait,
        direction: Direction,
    ) -> Result<Observation, ShadowError> {
        let doing = failed("watch a migration on the shadow database");
        let pid = backend(&self.session).await.map_err(&doing)?;
        let observer = capture::Observer::start(&self.db, pid, &self.schema).await;
        self.record(migration, direction, Some(observer.map_err(&doing)?)).await
    }

    async fn record(
        &self,
        migration: &dyn MigrationTrait,
        direction: Direction,
        observer: Option<capture::Observer>,
    ) -> Result<Observation, ShadowError> {
        let recorder = Recorder::new(&self.session, observer);
        let db = recorder.connection().await.map_err(failed("record a migration"))?;
        let outcome = isolated(capture::run(&db, migration, direction)).await;
        let observation = recorder.finish().await;
        self.reset().await?;
        told(migration, direction, outcome)?;
        // An error of COMMIT comes out here.
        let name = migration.name().to_owned();
        observation.map_err(|source| ShadowError::Migration { migration: name, direction, source })
    }

    async fn reset(&self) -> Result<(), ShadowError> {
        let reset = self.session.execute_unprepared(RESET).await;
        reset.map(drop).map_err(failed("reset the session on the shadow database"))
    }

    /// Gives the empty database what a migration may meet.
    pub(super) async fn furnish(&self, target: &Target) -> Result<(), ShadowError> {
        self.place(target).await.map_err(failed("create the schema on the shadow database"))?;
        for extension in &target.extensions {
            self.install(extension).await;
        }
        let ledger = self.ledger().await;
        ledger.map_err(failed("create the ledger's table on the shadow database"))
    }

    /// Writes into the ledger of stock tools that migrations are applied.
    pub(crate) async fn note(&self, names: &[String]) -> Result<(), DbErr> {
        let row = |name: &String| seaql_migrations::ActiveModel {
            version: Set(name.clone()),
            applied_at: Set(0),
        };
        let rows = names.iter().map(row);
        seaql_migrations::Entity::insert_many(rows).exec_without_returning(&self.session).await?;
        Ok(())
    }

    /// Makes the target's current schema the current one.
    async fn place(&self, target: &Target) -> Result<(), DbErr> {
        if target.schema == "public" {
            return Ok(());
        }
        let schema = Identifier(&target.schema);
        let session = &self.session;
        session.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        if scalar::<Option<String>>(session, DEFAULT_PATH).await? == Some(target.schema.clone()) {
            return Ok(());
        }
        // The target has its path from its own database's settings.
        let path = [target.search_path.clone().into()];
        let sql = "SELECT set_config('search_path', $1, false)";
        let keep = "DO $$ BEGIN EXECUTE format(
            'ALTER DATABASE %I SET search_path FROM CURRENT', current_database()); END $$";
        session.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, path)).await?;
        session.execute_unprepared(keep).await?;
        // A session keeps the settings with which it began.
        let driver = session.get_postgres_connection_pool();
        driver.acquire().await.map_err(acquiring)?.close().await.map_err(acquiring)
    }

    /// Installs an extension as the target has it, or not at all: then the migration that needs it
    /// says so.
    async fn install(&self, extension: &super::target::Extension) {
        let (name, schema) = (Identifier(&extension.name), Identifier(&extension.schema));
        let create = format!(
            "CREATE SCHEMA IF NOT EXISTS {schema};
             CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema} VERSION {}",
            Identifier(&extension.version)
        );
        if self.session.execute_unprepared(&create).await.is_err() {
            let newest = format!("CREATE EXTENSION IF NOT EXISTS {name}");
            drop(self.session.execute_unprepared(&newest).await);
        }
    }

    async fn ledger(&self) -> Result<(), DbErr> {
        let mut table =
            Schema::new(DbBackend::Postgres).create_table_from_entity(seaql_migrations::Entity);
        self.session.execute(table.if_not_exists()).await.map(drop)
    }
}

/// The extensions that migrations create themselves, and must not find.
pub(super) async fn extensions(migrations: &[&dyn MigrationTrait]) -> Vec<String> {
    let mut found = Vec::new();
    for migration in migrations {
        let Ok(captured) = capture::offline(*migration, Direction::Up).await else { continue };
        let statements = captured.statements.iter().flat_map(|text| text.split(';'));
        found.extend(statements.filter_map(created_extension));
    }
    found
}

fn created_extension(statement: &str) -> Option<String> {
    let statement = statement.to_lowercase();
    let rest = statement.trim_start().strip_prefix("create extension")?.trim_start();
    let name = rest.strip_prefix("if not exists").unwrap_or(rest).split_whitespace().next()?;
    Some(name.trim_matches('"').to_owned())
}

fn told(
    migration: &dyn MigrationTrait,
    direction: Direction,
    outcome: Result<Result<(), DbErr>, Panicked>,
) -> Result<(), ShadowError> {
    let migration = migration.name().to_owned();
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(source)) => Err(ShadowError::Migration { migration, direction, source }),
        Err(Panicked(message)) => Err(ShadowError::Panicked { migration, direction, message }),
    }
}

fn acquiring(source: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(source.into()))
}

async fn backend(session: &DatabaseConnection) -> Result<i32, DbErr> {
    scalar(session, "SELECT pg_backend_pid()").await
}

pub(super) async fn scalar<T: sea_orm::TryGetable>(
    db: &DatabaseConnection,
    sql: &str,
) -> Result<T, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("a scalar query returned no row".to_owned()))?
        .try_get_by_index(0)
}
