//! Which database a command is about, and a connection to it.

use std::time::Duration;

use dbkit::{
    ConnectOptions, DatabaseUrl, Environment, connect,
    guard::{self, Target},
    local_server::{self, Status},
    stamp,
};
use sea_orm::DatabaseConnection;

use crate::{
    context::Context,
    exit::Exit,
    failure::{Failure, database::sqlstate},
    local,
};

/// How long a command that only looks waits for somebody's lock.
const PATIENCE: Duration = Duration::from_millis(500);

/// How many things a command asks at a time that does not ask one after the other.
const SIDE_BY_SIDE: u32 = 4;

/// A database that a command is about.
pub struct Opened {
    /// Where it is, without a pooler in between.
    pub url: DatabaseUrl,
    /// A pool of one connection to it, unless it was opened for more.
    pub db: DatabaseConnection,
    /// What a guard needs to know of it.
    pub target: Target,
}

impl Opened {
    /// Host, port and database, for messages.
    pub fn place(&self) -> String {
        format!("`{}` on {}:{}", self.url.database(), self.url.host(), self.url.port())
    }
}

impl Context {
    /// Finds the database: the one that was named, else, in development, the local server's,
    /// which is started.
    pub async fn locate(&self) -> Result<DatabaseUrl, Failure> {
        if let Some(url) = self.named_url()? {
            return Ok(url);
        }
        if self.settings.environment() != Environment::Development {
            return Err(self.no_database().await);
        }
        Ok(local::start(self).await?.url)
    }

    /// Why there is no database outside of development: where a local server exists, it is the one
    /// that was meant, and it is refused.
    async fn no_database(&self) -> Failure {
        let environment = self.settings.environment();
        let local = local_server::status(self.settings.workspace()).await;
        let failure = match local {
            Ok(Status::Running(_) | Status::Stopped { .. }) => Failure::message(
                Exit::Refused,
                "refused.local_server",
                format!("the local server is for development, not for {environment}"),
            ),
            Ok(Status::Absent) | Err(_) => Failure::message(
                Exit::Usage,
                "settings.no_database",
                format!("DATABASE_URL is not set, and {environment} has no default"),
            ),
        };
        failure.hint("set DATABASE_URL=postgres://USER@HOST:PORT/DATABASE")
    }

    /// The database that the settings name, without a pooler in between.
    pub fn named_url(&self) -> Result<Option<DatabaseUrl>, Failure> {
        match self.settings.direct_url()? {
            Some(url) => Ok(Some(url)),
            None => self.settings.database_url(),
        }
    }

    /// Connects to `url` and reads what the database says of itself.
    pub async fn open(&self, url: DatabaseUrl) -> Result<Opened, Failure> {
        self.open_with(url, &self.connect_options()).await
    }

    /// [`Context::open`] for a command that asks several things at a time.
    pub async fn open_side_by_side(&self, url: DatabaseUrl) -> Result<Opened, Failure> {
        let options = ConnectOptions { max_connections: SIDE_BY_SIDE, ..self.connect_options() };
        self.open_with(url, &options).await
    }

    /// [`Context::open`] for a command that connects in a way of its own.
    pub async fn open_with(
        &self,
        url: DatabaseUrl,
        options: &ConnectOptions,
    ) -> Result<Opened, Failure> {
        let db = self.pool(&url, options).await?;
        let stamp = stamp::read(&db).await?;
        Ok(self.opened(url, db, stamp))
    }

    /// [`Context::open`] for a command that must not wait for anybody's lock. A stamp that cannot be
    /// read now is taken for none: such a command changes nothing.
    pub async fn open_to_look(&self, url: DatabaseUrl) -> Result<Opened, Failure> {
        let options = ConnectOptions { lock_timeout: Some(PATIENCE), ..self.connect_options() };
        let db = self.pool(&url, &options).await?;
        let stamp = match stamp::read(&db).await {
            Err(error) if sqlstate(&error).as_deref() == Some("55P03") => None,
            read => read?,
        };
        Ok(self.opened(url, db, stamp))
    }

    /// [`Context::open`] for a command that writes: flag and stamp must agree.
    pub async fn open_to_write(&self, url: DatabaseUrl) -> Result<Opened, Failure> {
        let opened = self.open(url).await?;
        guard::agree(&opened.target).map_err(Failure::refused)?;
        Ok(opened)
    }

    async fn pool(
        &self,
        url: &DatabaseUrl,
        options: &ConnectOptions,
    ) -> Result<DatabaseConnection, Failure> {
        connect(url, options, &self.console).await.map_err(Failure::connect)
    }

    fn opened(
        &self,
        url: DatabaseUrl,
        db: DatabaseConnection,
        stamp: Option<Environment>,
    ) -> Opened {
        self.about_database(&url.database());
        let target = Target {
            environment: self.settings.environment(),
            stamp,
            database: url.database(),
            local: url.is_local(),
        };
        Opened { url, db, target }
    }

    /// How this binary connects: once, since a command does one thing after the other. A connection that was
    /// used is on its way back for a moment, and a pool that may open others does so every time.
    pub fn connect_options(&self) -> ConnectOptions {
        let name = format!("seaworthy {}", self.tool.name);
        ConnectOptions { max_connections: 1, ..ConnectOptions::new(name) }
    }
}
