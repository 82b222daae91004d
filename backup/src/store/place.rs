//! The files of one backup.

use std::{
    fmt,
    fs::{File, TryLockError},
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
                let mut content = Vec::new();
                durable::open_file(&path.join(name))?.take(SMALL).read_to_end(&mut content)?;
                Ok(content)
            }
        }
    }

    /// The names of its files.
    pub(crate) async fn names(&self) -> io::Result<Vec<String>> {
        match self {
            Self::Folder(path) => {
                let entries = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
                let name = |entry: std::fs::DirEntry| entry.file_name().into_string().ok();
                Ok(entries.into_iter().filter_map(name).collect())
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
                durable::write_file(&unfinished, content)?;
                durable::publish(&unfinished, &path.join(name))
                    .inspect_err(|_| drop(std::fs::remove_file(&unfinished)))
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

    /// A folder with room for an unpacked archive.
    pub(crate) fn staging(&self) -> &Path {
        match self {
            Self::Folder(path) => path,
        }
    }
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
