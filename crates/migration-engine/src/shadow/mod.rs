//! A throw-away database on which migrations run for real and nobody is hurt.
//!
//! It stands beside the target and has what a migration may meet there: encoding and locale, the
//! extensions, the current schema, the ledger's table. The target itself is only read.

mod borrowed;
mod replay;
mod sweep;
mod target;

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use dbkit::{
    ConnectError, ConnectOptions, DatabaseUrl, connect,
    lock::{AdvisoryLock, LockError},
    scratch::{self, ScratchDatabase, ScratchError},
};
use sea_orm::{DatabaseConnection, DbErr, SqlxPostgresConnector};
use sea_orm_migration::MigrationTrait;
use sqlx::{Connection as _, Executor as _, postgres::PgPoolOptions};
use uuid::Uuid;

use crate::{Snapshot, event::Direction, observation::Observation};
use target::Target;

/// What the names of our throw-away databases begin with.
const PREFIX: &str = "seaworthy_shadow_";

/// A database that is dropped in the end need not survive a power cut, and commits without waiting.
const UNSYNCED: &str = "SET synchronous_commit = off";

/// Tells the shadows of one process apart.
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// Where a shadow is to be, and who wants it.
#[derive(Clone, Debug)]
pub struct ShadowOptions {
    /// A database to use instead of a new one, for a role that may not create databases. What an
    /// earlier shadow has left there goes; a database with anything else in it is refused.
    pub url: Option<DatabaseUrl>,
    /// The run, a UUID of version 7; it becomes part of the database's name.
    pub run: Uuid,
    /// The time of the run; shadows that are ten minutes older are abandoned ones.
    pub now: DateTime<Utc>,
}

/// A throw-away database. [`Shadow::drop`] removes it.
#[derive(Debug)]
#[must_use = "drop it, or it stays behind"]
pub struct Shadow {
    url: DatabaseUrl,
    db: DatabaseConnection,
    /// A pool of one, for migrations.
    session: DatabaseConnection,
    schema: String,
    home: Option<Home>,
}

/// What is to do with the database in the end.
#[derive(Debug)]
enum Home {
    /// It is ours and is dropped.
    Scratch(ScratchDatabase),
    /// It was lent, is emptied, and given back.
    Borrowed(AdvisoryLock),
}

/// Why a shadow is not there, or does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// The role may not create databases, and no other one was named.
    #[error("the role may not create the throw-away database `{database}`")]
    NotAllowed {
        /// The database that was to be created.
        database: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The database that was named as the shadow is the one that it is to be a shadow of.
    #[error("database `{0}` cannot be its own shadow")]
    IsTarget(String),
    /// The database that was named as the shadow has something in it that no shadow has left.
    #[error("database `{database}` is not empty and was never a shadow: it has {found}")]
    NotEmpty {
        /// Its name.
        database: String,
        /// Something that is in it.
        found: String,
    },
    /// Another run uses the database that was named as the shadow.
    #[error("the shadow database is taken")]
    Taken(#[source] LockError),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It cannot be created or dropped.
    #[error(transparent)]
    Scratch(ScratchError),
    /// A question or a change of ours failed.
    #[error("cannot {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// A migration failed on it.
    #[error("{migration} fails on the shadow database on its way {}", way(*direction))]
    Migration {
        /// Its name.
        migration: String,
        /// Which way it went.
        direction: Direction,
        /// What the server said.
        #[source]
        source: DbErr,
    },
    /// A migration panicked on it.
    #[error("{migration} panics on the shadow database on its way {}: {message}", way(*direction))]
    Panicked {
        /// Its name.
        migration: String,
        /// Which way it went.
        direction: Direction,
        /// What it said.
        message: String,
    },
}

impl Shadow {
    /// Creates a database beside `target`, or empties the one that `options` names.
    ///
    /// It has the target's encoding, locale, extensions and current schema, and the empty ledger
    /// table of stock tools. Abandoned shadows of earlier runs are dropped on the way.
    pub async fn create(
        target: &DatabaseUrl,
        options: &ShadowOptions,
    ) -> Result<Self, ShadowError> {
        Self::create_without(target, options, &[]).await
    }

    /// The same without the extensions that migrations create themselves.
    async fn create_without(
        target: &DatabaseUrl,
        options: &ShadowOptions,
        extensions: &[String],
    ) -> Result<Self, ShadowError> {
        let mut session = dbkit::connect::connect_session(target, &connecting()).await?;
        let mut facts = target::look(&mut session).await.map_err(asking_session)?;
        facts.extensions.retain(|extension| !extensions.contains(&extension.name));
        let shadow = match &options.url {
            Some(url) => borrowed::open(url, &mut session, &facts).await,
            None => Self::beside(target, options, &mut session, &facts).await,
        };
        let _ = session.close().await;
        let shadow = shadow?;
        match shadow.furnish(&facts).await {
            Ok(()) => Ok(shadow),
            Err(error) => {
                // What went wrong first is what matters.
                drop(shadow.drop().await);
                Err(error)
            }
        }
    }

    async fn beside(
        target: &DatabaseUrl,
        options: &ShadowOptions,
        session: &mut sqlx::PgConnection,
        facts: &Target,
    ) -> Result<Self, ShadowError> {
        sweep::abandoned(session, options.now).await.map_err(asking_session)?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let database = format!("{PREFIX}{}_{number}", options.run.simple());
        let created = scratch::create_with(target, &database, "template0", &facts.clauses()).await;
        let scratch = created.map_err(|source| match source {
            ScratchError::NotAllowed { database, source } => {
                ShadowError::NotAllowed { database, source }
            }
            source => ShadowError::Scratch(source),
        })?;
        let url = scratch.url().clone();
        Self::open(url, Home::Scratch(scratch), facts).await
    }

    async fn open(url: DatabaseUrl, home: Home, facts: &Target) -> Result<Self, ShadowError> {
        let db = match connect(&url, &connecting(), &()).await {
            Ok(db) => db,
            Err(error) => {
                drop(home.leave().await);
                return Err(error.into());
            }
        };
        let driver = db.get_postgres_connection_pool().connect_options();
        // The schema changes under this session: a statement that it remembers may be wrong.
        let driver = sqlx::postgres::PgConnectOptions::clone(&driver).statement_cache_capacity(0);
        let session = PgPoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(UNSYNCED).await.map(drop) })
            })
            .connect_lazy_with(driver);
        let session = SqlxPostgresConnector::from_sqlx_postgres_pool(session);
        Ok(Self { url, db, session, schema: facts.schema.clone(), home: Some(home) })
    }

    /// Applies a migration and says what it sent, locked and rewrote.
    ///
    /// A migration that reads the columns of its rows by place, not by name, sees them in the
    /// order of their names.
    pub async fn up(&self, migration: &dyn MigrationTrait) -> Result<Observation, ShadowError> {
        self.observe(migration, Direction::Up).await
    }

    /// Rolls a migration back and says what it sent, locked and rewrote.
    pub async fn down(&self, migration: &dyn MigrationTrait) -> Result<Observation, ShadowError> {
        self.observe(migration, Direction::Down).await
    }

    /// A pool of connections to it.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Takes a snapshot of it.
    pub async fn snapshot(&self) -> Result<Snapshot, ShadowError> {
        let snapshot = Snapshot::take(&self.session).await;
        snapshot.map_err(failed("take a snapshot of the shadow database"))
    }

    /// Removes it, or empties the database that was lent.
    pub async fn drop(mut self) -> Result<(), ShadowError> {
        let Some(home) = self.home.take() else { return Ok(()) };
        let emptied = match &home {
            Home::Borrowed(_) => borrowed::empty(&self.db).await,
            Home::Scratch(_) => Ok(()),
        };
        // DROP DATABASE cuts off whoever is still there, and a pool hides how its end went.
        let (db, session) = (self.db.clone(), self.session.clone());
        drop((db.close().await, session.close().await));
        home.leave().await.and(emptied)
    }
}

impl Home {
    async fn leave(self) -> Result<(), ShadowError> {
        match self {
            Self::Scratch(scratch) => scratch.drop().await.map_err(ShadowError::Scratch),
            Self::Borrowed(lock) => lock.release().await.map_err(ShadowError::Taken),
        }
    }
}

/// The last net, for a panic or a run that is called off. A process that is killed leaves the
/// database to the next run.
impl Drop for Shadow {
    fn drop(&mut self) {
        if let (Some(home), Ok(runtime)) = (self.home.take(), tokio::runtime::Handle::try_current())
        {
            // Nobody is left to hear how it went.
            runtime.spawn(async move { drop(home.leave().await) });
        }
    }
}

/// Replays `migrations` on a new shadow, hands it to `work`, and drops it whatever happens.
pub async fn with_shadow<T, E: From<ShadowError>>(
    target: &DatabaseUrl,
    options: &ShadowOptions,
    migrations: &[&dyn MigrationTrait],
    work: impl AsyncFnOnce(&Shadow) -> Result<T, E>,
) -> Result<T, E> {
    with_shadow_for(migrations, target, options, migrations, work).await
}

/// The same for work that goes on with the migrations of `history`: the shadow begins without the
/// extensions that these create.
pub(crate) async fn with_shadow_for<T, E: From<ShadowError>>(
    history: &[&dyn MigrationTrait],
    target: &DatabaseUrl,
    options: &ShadowOptions,
    replayed: &[&dyn MigrationTrait],
    work: impl AsyncFnOnce(&Shadow) -> Result<T, E>,
) -> Result<T, E> {
    let own = replay::extensions(history).await;
    let shadow = Shadow::create_without(target, options, &own).await?;
    let outcome = async {
        shadow.replay(replayed).await?;
        work(&shadow).await
    };
    finally(outcome.await, shadow).await
}

/// Drops the shadow; what went wrong before counts for more than how that went.
async fn finally<T, E: From<ShadowError>>(outcome: Result<T, E>, shadow: Shadow) -> Result<T, E> {
    let dropped = shadow.drop().await;
    let answer = outcome?;
    dropped?;
    Ok(answer)
}

fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    }
}

fn connecting() -> ConnectOptions {
    ConnectOptions::new("seaworthy shadow")
}

fn failed(doing: &'static str) -> impl Fn(DbErr) -> ShadowError {
    move |source| ShadowError::Database { doing, source }
}

/// An error of a session of our own on the target.
fn asking_session(source: sqlx::Error) -> ShadowError {
    let source = DbErr::Query(sea_orm::RuntimeErr::SqlxError(source.into()));
    ShadowError::Database { doing: "look at the target database", source }
}
