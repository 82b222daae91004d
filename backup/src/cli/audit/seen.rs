//! The two trails, read side by side.

use backup::{
    command::{FolderFlags, explain},
    trail::{self, Trail},
};
use clap::{Args, ValueEnum};
use dbkit::{
    ConnectError,
    audit::{self, Chain, Event},
    connect,
};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use terminal::{Context, Failure};

/// Which trails are read.
#[derive(Args)]
pub(super) struct TrailFlags {
    /// Only this trail [default: both]
    #[arg(long, value_enum, value_name = "TRAIL")]
    only: Option<Which>,

    #[command(flatten)]
    folder: FolderFlags,
}

/// Where a trail is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(super) enum Which {
    /// In the database
    Database,
    /// In the folder of backups
    Folder,
}

impl Which {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Folder => "folder",
        }
    }
}

/// A trail that can be asked.
pub(super) enum Source {
    /// The database, where there is one.
    Database { place: String, db: Option<DatabaseConnection> },
    /// The folder, where it has a trail.
    Folder { place: String, trail: Option<Trail> },
}

/// Opens the trails that are asked for.
pub(super) async fn sources(flags: &TrailFlags, context: &Context) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    if flags.only != Some(Which::Folder) {
        sources.push(database(context).await?);
    }
    if flags.only != Some(Which::Database) {
        let store = flags.folder.store(context)?;
        let trail = trail::read(&store).await.map_err(explain::unreadable_trail)?;
        sources.push(Source::Folder { place: trail::place(&store), trail });
    }
    Ok(sources)
}

async fn database(context: &Context) -> Result<Source, Failure> {
    let url = context.locate().await?;
    let place = format!("`{}` on {}:{}", url.database(), url.host(), url.port());
    context.about_database(&url.database());
    match connect(&url, &context.connect_options(), &context.console).await {
        Ok(db) => Ok(Source::Database { place, db: Some(db) }),
        // Then the trail of the folder is all that is left.
        Err(ConnectError::NoSuchDatabase { .. }) => Ok(Source::Database { place, db: None }),
        Err(error) => Err(Failure::connect(error)),
    }
}

impl Source {
    pub(super) const fn which(&self) -> Which {
        match self {
            Self::Database { .. } => Which::Database,
            Self::Folder { .. } => Which::Folder,
        }
    }

    pub(super) fn place(&self) -> &str {
        match self {
            Self::Database { place, .. } | Self::Folder { place, .. } => place,
        }
    }

    /// Nothing where there is no trail yet.
    pub(super) async fn chain(&self) -> Result<Option<Chain>, Failure> {
        match self {
            Self::Database { db: Some(db), .. } => {
                audit::verify(db).await.map_err(Failure::database)
            }
            Self::Database { db: None, .. } => Ok(None),
            Self::Folder { trail, .. } => Ok(trail.as_ref().map(Trail::chain)),
        }
    }

    /// The intents without a result.
    pub(super) async fn unfinished(&self) -> Result<Vec<Event>, Failure> {
        match self {
            Self::Database { db: Some(db), .. } => {
                audit::unfinished(db).await.map_err(Failure::database)
            }
            Self::Folder { trail: Some(trail), .. } => {
                Ok(trail.unfinished().into_iter().cloned().collect())
            }
            Self::Database { .. } | Self::Folder { .. } => Ok(Vec::new()),
        }
    }

    /// The last events, the newest last.
    pub(super) async fn tail(&self, number: u32) -> Result<Vec<Event>, Failure> {
        match self {
            Self::Database { db: Some(db), .. } => {
                audit::tail(db, number).await.map_err(Failure::database)
            }
            Self::Folder { trail: Some(trail), .. } => {
                let mut events: Vec<_> =
                    trail.events().rev().take(number as usize).cloned().collect();
                events.reverse();
                Ok(events)
            }
            Self::Database { .. } | Self::Folder { .. } => Ok(Vec::new()),
        }
    }

    /// The place of the event with this hash.
    pub(super) async fn position_of(&self, hash: &str) -> Result<Option<i64>, Failure> {
        match self {
            Self::Database { db: Some(db), .. } => {
                audit::position_of(db, hash).await.map_err(Failure::database)
            }
            Self::Database { db: None, .. } => Ok(None),
            Self::Folder { trail, .. } => {
                Ok(trail.as_ref().and_then(|trail| trail.position_of(hash)))
            }
        }
    }
}

/// One line about an operation.
pub(super) fn line(event: &Event) -> String {
    let Event { at, tool, command, actor, host, .. } = event;
    format!("{} {tool} {command} by {actor} on {host}", at.format("%Y-%m-%dT%H:%M:%SZ"))
}
