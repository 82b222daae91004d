//! Where backups are kept.
//!
//! Nothing that was written is ever overwritten, so that a place which refuses that (object lock) is as
//! good as any. A backup is there once its manifest is, and the manifest is written last.

mod draft;
mod folder;
mod partial;
mod place;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::BackupId;

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

impl Store {
    /// The folder at `path`, which need not exist yet.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        Self::Folder(path.as_ref().to_owned())
    }

    /// What has the name of a backup, of all databases or of one, in no particular order.
    pub(crate) async fn places(
        &self,
        database: Option<&str>,
    ) -> Result<Vec<(BackupId, Place)>, FolderError> {
        match self {
            Self::Folder(path) => folder::places(&Folder::open(path)?, database),
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
