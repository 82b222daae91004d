//! The files of one backup.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer};

use super::ObjectPlace;
use crate::durable;

/// No small file is longer: a manifest of a hundred thousand tables fits.
const SMALL: u64 = 64 << 20;

/// Where the files of one backup are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// Objects in an object store.
    Objects(ObjectPlace),
}

/// What became of a backup that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Gone,
    /// It is as it was, since somebody reads it just now.
    InUse,
    /// It is as it was, since the store does not let it go: it is locked, or removing is not ours to do.
    Retained,
}

/// A file that is being read from its beginning.
pub(crate) type Opened = Box<dyn Read + Send>;

/// Keeps a backup from being removed until it is dropped.
#[derive(Debug)]
pub(crate) enum Shared {
    /// By a lock on its folder.
    Folder(#[expect(dead_code, reason = "closing the file unlocks it")] File),
    /// Nothing keeps objects: a reader whose backup is removed fails, since all that it reads is compared.
    Objects,
}

impl Place {
    /// Its folder, if it is on this machine.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) => Some(path),
            Self::Objects(_) => None,
        }
    }

    /// Opens a file for reading; never through a symbolic link.
    pub(crate) async fn open(&self, name: &str) -> io::Result<Opened> {
        match self {
            Self::Folder(path) => Ok(Box::new(durable::open_file(&path.join(name))?)),
            Self::Objects(place) => place.open(name).await,
        }
    }

    /// Reads a small file.
    pub(crate) async fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        match self {
            Self::Folder(path) => {
                let path = path.join(name);
                blocking(move || {
                    let mut content = Vec::new();
                    durable::open_file(&path)?.take(SMALL).read_to_end(&mut content)?;
                    Ok(content)
                })
                .await
            }
            Self::Objects(place) => place.read(name, SMALL).await,
        }
    }

    /// The names of all files, in no particular order.
    pub(crate) async fn names(&self) -> io::Result<Vec<String>> {
        match self {
            Self::Folder(path) => {
                let path = path.clone();
                let name = |entry: io::Result<fs::DirEntry>| {
                    Ok(entry?.file_name().to_string_lossy().into_owned())
                };
                blocking(move || fs::read_dir(path)?.map(name).collect()).await
            }
            Self::Objects(place) => place.names().await,
        }
    }

    /// How long a file is; nothing, if it is not there or no file.
    pub(crate) async fn size(&self, name: &str) -> io::Result<Option<u64>> {
        match self {
            Self::Folder(path) => {
                let path = path.join(name);
                blocking(move || match path.symlink_metadata() {
                    Ok(file) => Ok(file.is_file().then_some(file.len())),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(error),
                })
                .await
            }
            Self::Objects(place) => place.size(name).await,
        }
    }

    /// Removes a small file, and nothing where there is none.
    pub(crate) async fn remove(&self, name: &str) -> io::Result<()> {
        match self {
            Self::Folder(path) => {
                let folder = path.clone();
                let path = path.join(name);
                blocking(move || match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                    _ => durable::sync_folder(&folder),
                })
                .await
            }
            Self::Objects(place) => place.remove(name).await,
        }
    }

    /// Adds a small file and waits until it is kept; one that is there already stays, and is an error.
    ///
    /// It is under its name as a whole or not at all.
    pub(crate) async fn add(&self, name: &str, content: &[u8]) -> io::Result<()> {
        match self {
            Self::Folder(path) => {
                // Under a name that says so until it is whole.
                let unfinished = path.join(format!("{name}.{}.unfinished", std::process::id()));
                let (path, content) = (path.join(name), content.to_owned());
                blocking(move || {
                    durable::write_file(&unfinished, &content)?;
                    durable::publish(&unfinished, &path)
                        .inspect_err(|_| drop(fs::remove_file(&unfinished)))
                })
                .await
            }
            Self::Objects(place) => place.add(name, content.to_owned()).await,
        }
    }

    /// Keeps the backup from being removed; any number of readers may do so. Nothing, if somebody removes
    /// it just now.
    pub(crate) fn share(&self) -> io::Result<Option<Shared>> {
        match self {
            Self::Folder(path) => {
                let folder = File::open(path)?;
                match folder.try_lock_shared() {
                    Ok(()) => Ok(Some(Shared::Folder(folder))),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(source)) => Err(source),
                }
            }
            Self::Objects(_) => Ok(Some(Shared::Objects)),
        }
    }

    /// Removes the backup with all its files: first what makes it one.
    pub(crate) async fn discard(&self) -> io::Result<Removal> {
        match self {
            Self::Folder(path) => {
                let path = path.clone();
                blocking(move || discard(&path)).await
            }
            Self::Objects(place) => place.discard().await,
        }
    }

    /// A folder of this machine, nobody else's, where an unpacked archive can be.
    pub(crate) fn staging(&self) -> io::Result<PathBuf> {
        match self {
            Self::Folder(path) => Ok(path.clone()),
            Self::Objects(place) => place.objects().staging(),
        }
    }
}

/// What has this ending was a backup once, and whoever finds it may remove it.
pub(super) const DISCARDED: &str = ".deleting";

fn discard(path: &Path) -> io::Result<Removal> {
    let folder = File::open(path)?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Removal::InUse),
        Err(TryLockError::Error(source)) => return Err(source),
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(DISCARDED);
    let discarded = path.with_file_name(name);
    durable::publish(path, &discarded)?;
    fs::remove_dir_all(&discarded)?;
    Ok(Removal::Gone)
}

/// Does what may wait for a disk where nobody else has to wait for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Objects(place) => place.fmt(f),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
