//! The files of one backup.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer};

use crate::durable;

/// No small file is longer: a manifest of a hundred thousand tables fits.
const SMALL: u64 = 64 << 20;

/// Where the files of one backup are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
}

/// A file that is being read from its beginning.
pub(crate) type Opened = Box<dyn Read + Send>;

/// Keeps a backup from being removed until it is dropped.
#[derive(Debug)]
pub(crate) struct Shared(#[expect(dead_code, reason = "closing the file unlocks it")] File);

impl Place {
    /// Its folder, if it is on this machine.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) => Some(path),
        }
    }

    /// Opens a file for reading; never through a symbolic link.
    pub(crate) fn open(&self, name: &str) -> io::Result<Opened> {
        match self {
            Self::Folder(path) => Ok(Box::new(durable::open_file(&path.join(name))?)),
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
        }
    }

    /// Keeps the backup from being removed; any number of readers may do so. Nothing, if somebody removes
    /// it just now.
    pub(crate) fn share(&self) -> io::Result<Option<Shared>> {
        match self {
            Self::Folder(path) => {
                let folder = File::open(path)?;
                match folder.try_lock_shared() {
                    Ok(()) => Ok(Some(Shared(folder))),
                    Err(TryLockError::WouldBlock) => Ok(None),
                    Err(TryLockError::Error(source)) => Err(source),
                }
            }
        }
    }

    /// Removes the backup with all its files: first what makes it one. Nothing happens, and the answer is
    /// `false`, if somebody reads it just now.
    pub(crate) async fn discard(&self) -> io::Result<bool> {
        match self {
            Self::Folder(path) => {
                let path = path.clone();
                blocking(move || discard(&path)).await
            }
        }
    }

    /// A folder with room for an unpacked archive.
    pub(crate) fn staging(&self) -> &Path {
        match self {
            Self::Folder(path) => path,
        }
    }
}

/// What has this ending was a backup once, and whoever finds it may remove it.
pub(super) const DISCARDED: &str = ".deleting";

fn discard(path: &Path) -> io::Result<bool> {
    let folder = File::open(path)?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(source)) => return Err(source),
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(DISCARDED);
    let discarded = path.with_file_name(name);
    durable::publish(path, &discarded)?;
    fs::remove_dir_all(&discarded)?;
    Ok(true)
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
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
