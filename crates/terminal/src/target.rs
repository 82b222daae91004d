//! Which database a command is about, and a connection to it.

use dbkit::{
    ConnectOptions, DatabaseUrl, Environment, connect,
    guard::{self, Target},
    local_server::{self, Status},
    stamp,
};
use sea_orm::DatabaseConnection;

use crate::{context::Context, exit::Exit, failure::Failure, local};

/// A database that a command is about.
pub struct Opened {
    /// Where it is, without a pooler in between.
    pub url: DatabaseUrl,
    /// A pool of connections to it.
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
    pub(crate) fn named_url(&self) -> Result<Option<DatabaseUrl>, Failure> {
        match self.settings.direct_url()? {
            Some(url) => Ok(Some(url)),
            None => self.settings.database_url(),
        }
    }

    /// Connects to `url` and reads what the database says of itself.
    pub async fn open(&self, url: DatabaseUrl) -> Result<Opened, Failure> {
        let db = connect(&url, &self.connect_options(), &self.console)
            .await
            .map_err(Failure::connect)?;
        let target = Target {
            environment: self.settings.environment(),
            stamp: stamp::read(&db).await?,
            database: url.database(),
            local: url.is_local(),
        };
        Ok(Opened { url, db, target })
    }

    /// [`Context::open`] for a command that writes: flag and stamp must agree.
    pub async fn open_to_write(&self, url: DatabaseUrl) -> Result<Opened, Failure> {
        let opened = self.open(url).await?;
        guard::agree(&opened.target).map_err(Failure::refused)?;
        Ok(opened)
    }

    /// How this binary connects.
    pub fn connect_options(&self) -> ConnectOptions {
        ConnectOptions::new(format!("seaworthy {}", self.tool.name))
    }
}
