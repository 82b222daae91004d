//! Where backups are kept.
//!
//! Nothing that was written is ever overwritten, so that a place which refuses that (object lock) is as
//! good as any. A backup is there once its manifest is, and the manifest is written last.

mod draft;
mod folder;
mod partial;
mod place;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use dbkit::Report;

use crate::{BackupEvent, BackupId};

pub(crate) use draft::{Draft, Sink};
pub(crate) use folder::Folder;
pub use folder::FolderError;
pub use place::Place;
pub(crate) use place::{Opened, Shared};

/// Where backups are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// A folder of this machine.
    Folder(PathBuf),
}

/// The right to make and remove backups in a store; given back when dropped.
#[derive(Debug)]
pub(crate) enum StoreLock {
    /// In a folder.
    Folder(folder::FolderLock),
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
        }
    }

    /// Removes what runs that died have left.
    pub(crate) fn sweep(
        &self,
        lock: &StoreLock,
        report: &dyn Report<BackupEvent>,
    ) -> Result<(), FolderError> {
        match (self, lock) {
            (Self::Folder(path), StoreLock::Folder(lock)) => {
                let broken = |source| FolderError::Io { path: path.clone(), source };
                partial::sweep(&Folder::open(path)?, lock, report).map_err(broken)
            }
        }
    }

    /// What runs that died have left.
    pub(crate) fn leftovers(&self) -> Result<Vec<String>, FolderError> {
        match self {
            Self::Folder(path) => {
                let broken = |source| FolderError::Io { path: path.clone(), source };
                partial::leftovers(&Folder::open(path)?).map_err(broken)
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
        }
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
        }
    }
}
