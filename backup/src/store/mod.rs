//! Where backups are kept.
//!
//! Nothing that was written is ever overwritten, so that a place which refuses that (object lock) is as
//! good as any. A backup is there once its manifest is, and the manifest is written last.

mod draft;
mod folder;
mod objects;
mod partial;
mod place;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use dbkit::Report;

use crate::{BackupEvent, BackupId};

pub(crate) use draft::{Draft, Sink};
pub(crate) use folder::Folder;
pub use folder::FolderError;
pub(crate) use objects::AT_ONCE;
pub use objects::{AddressError, ObjectError, ObjectPlace, Objects, Trouble};
pub(crate) use place::{Opened, Shared};
pub use place::{Place, Removal};

/// Where backups are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// A folder of this machine.
    Folder(PathBuf),
    /// An object store.
    Objects(Objects),
}

/// The right to make and remove backups in a store; given back when dropped.
#[derive(Debug)]
pub(crate) enum StoreLock {
    /// In a folder.
    Folder(folder::FolderLock),
    /// An object store has none, and needs none: see [`objects`].
    Objects,
}

/// What a run has left that made a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leftover {
    /// Its name.
    pub(crate) name: String,
    /// Whether the run may still be at work.
    pub(crate) may_be_under_way: bool,
}

impl Store {
    /// The folder at `path`, which need not exist yet.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        Self::Folder(path.as_ref().to_owned())
    }

    /// Keeps everybody else from making or removing backups here until the answer is dropped. `note` is what
    /// others are told while they wait.
    pub(crate) async fn lock(
        &self,
        note: &str,
        limit: Duration,
        report: &dyn Report<BackupEvent>,
    ) -> Result<StoreLock, FolderError> {
        match self {
            Self::Folder(path) => {
                Folder::open(path)?.lock(note, limit, report).await.map(StoreLock::Folder)
            }
            Self::Objects(_) => Ok(StoreLock::Objects),
        }
    }

    /// Removes what runs that died have left.
    pub(crate) async fn sweep(
        &self,
        lock: &StoreLock,
        now: DateTime<Utc>,
        report: &dyn Report<BackupEvent>,
    ) -> Result<(), FolderError> {
        match (self, lock) {
            (Self::Folder(path), StoreLock::Folder(lock)) => {
                let broken = |source| FolderError::Io { path: path.clone(), source };
                partial::sweep(&Folder::open(path)?, lock, report).map_err(broken)
            }
            (Self::Objects(objects), _) => {
                objects.sweep(now, report).await.map_err(|error| self.broken(error))
            }
            // Nobody takes the lock of one store to another.
            (Self::Folder(path), StoreLock::Objects) => Err(FolderError::Missing(path.clone())),
        }
    }

    /// What runs have left, while the lock is held.
    pub(crate) async fn leftovers(&self, now: DateTime<Utc>) -> Result<Vec<Leftover>, FolderError> {
        match self {
            Self::Folder(path) => {
                let broken = |source| FolderError::Io { path: path.clone(), source };
                let names = partial::leftovers(&Folder::open(path)?).map_err(broken)?.into_iter();
                Ok(names.map(|name| Leftover { name, may_be_under_way: false }).collect())
            }
            Self::Objects(objects) => {
                let found = objects.unfinished().await.map_err(|error| self.broken(error))?;
                let leftover = |left: objects::Unfinished| Leftover {
                    name: left.id.to_string(),
                    may_be_under_way: !left.is_left(now),
                };
                Ok(found.into_iter().map(leftover).collect())
            }
        }
    }

    /// What has the name of a backup, of all databases or of one, in no particular order.
    pub(crate) async fn places(
        &self,
        database: Option<&str>,
    ) -> Result<Vec<(BackupId, Place)>, FolderError> {
        match self {
            Self::Folder(path) => {
                let (path, database) = (path.clone(), database.map(str::to_owned));
                let places = move || folder::places(&Folder::open(&path)?, database.as_deref());
                tokio::task::spawn_blocking(places).await.map_err(|error| FolderError::Io {
                    path: self.to_string().into(),
                    source: io::Error::other(error),
                })?
            }
            Self::Objects(objects) => {
                let found = objects.places(database).await.map_err(|error| self.broken(error))?;
                Ok(found.into_iter().map(|(id, place)| (id, Place::Objects(place))).collect())
            }
        }
    }

    /// Waits, within reason, for what is being cleaned up behind a run that failed.
    pub async fn settled(&self) {
        match self {
            Self::Folder(_) => {}
            Self::Objects(objects) => objects.settled().await,
        }
    }

    /// Why it cannot be used.
    pub(crate) fn broken(&self, source: io::Error) -> FolderError {
        match source.downcast::<ObjectError>() {
            Ok(error) => FolderError::Objects(error),
            Err(source) => FolderError::Io { path: self.to_string().into(), source },
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Objects(objects) => objects.fmt(f),
        }
    }
}
