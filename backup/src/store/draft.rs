//! A backup that is being made.

use std::{
    fmt,
    fs::File,
    io::{self, Write},
};

use chrono::{DateTime, Utc};
use dbkit::Report;

use super::{
    Folder, FolderError, Place, Store,
    folder::FolderLock,
    objects::ObjectDraft,
    partial::{self, Partial},
    place::blocking,
};
use crate::{BackupEvent, BackupId, CreateLimits, durable};

/// The stored file of a backup while it is written. Dropped before it is complete, it is no file.
pub(crate) trait Sink: Write + Send {
    /// Waits until all of it is kept.
    fn complete(self: Box<Self>) -> io::Result<()>;
}

impl Sink for File {
    fn complete(self: Box<Self>) -> io::Result<()> {
        self.sync_all()
    }
}

/// A backup that nobody takes for one yet; what was written is removed when it is dropped.
pub(crate) enum Draft {
    /// In a folder, whose lock it holds.
    Folder(Partial, FolderLock),
    /// In an object store.
    Objects(ObjectDraft),
}

impl Draft {
    /// Begins a backup of `database`, and sweeps away what runs that died have left.
    pub(crate) async fn begin(
        store: &Store,
        database: &str,
        name: impl FnOnce() -> BackupId,
        (note, now): (&str, DateTime<Utc>),
        limits: &CreateLimits,
        report: &dyn Report<BackupEvent>,
    ) -> Result<(Self, BackupId), FolderError> {
        match store {
            Store::Folder(path) => {
                let folder = Folder::open_or_create(path)?;
                let lock = folder.lock(note, limits.folder_lock, report).await?;
                let broken = |source| FolderError::Io { path: path.clone(), source };
                partial::sweep(&folder, &lock, report).map_err(broken)?;
                // Only now, so that names are in the order in which backups were begun.
                let id = name();
                let partial = Partial::begin(&folder, &lock, database, &id).map_err(broken)?;
                Ok((Self::Folder(partial, lock), id))
            }
            Store::Objects(objects) => {
                let broken = |source| store.broken(source);
                objects.sweep(now, report).await.map_err(broken)?;
                let id = name();
                let draft = ObjectDraft::begin(objects, database, &id, note).await;
                Ok((Self::Objects(draft.map_err(broken)?), id))
            }
        }
    }

    /// Creates the file for the data.
    pub(crate) async fn artifact(&self, name: &str) -> io::Result<Box<dyn Sink>> {
        match self {
            Self::Folder(partial, _) => {
                let path = partial.path().join(name);
                let file = blocking(move || durable::create_file(&path)).await?;
                Ok(Box::new(file))
            }
            Self::Objects(draft) => Ok(draft.artifact(name).await),
        }
    }

    /// How many bytes fit, if that is known.
    pub(crate) fn free_bytes(&self) -> io::Result<Option<u64>> {
        match self {
            Self::Folder(partial, _) => durable::free_bytes(partial.path()).map(Some),
            Self::Objects(_) => Ok(None),
        }
    }

    /// Writes a small file.
    pub(crate) async fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        match self {
            Self::Folder(partial, _) => {
                let (path, content) = (partial.path().join(name), content.to_owned());
                blocking(move || durable::write_file(&path, &content)).await
            }
            Self::Objects(draft) => draft.place().add(name, content.to_owned()).await,
        }
    }

    /// Writes the file that makes this a backup. All others must be complete.
    pub(crate) async fn publish(self, commit: (&str, &[u8])) -> io::Result<Place> {
        match self {
            Self::Folder(partial, lock) => {
                let (name, content) = (commit.0.to_owned(), commit.1.to_owned());
                let publish = move || partial.publish((&name, &content)).map(Place::Folder);
                let published = blocking(publish).await;
                drop(lock);
                published
            }
            Self::Objects(draft) => draft.publish(commit.0, commit.1).await.map(Place::Objects),
        }
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(partial, _) => partial.path().display().fmt(f),
            Self::Objects(draft) => draft.place().fmt(f),
        }
    }
}
