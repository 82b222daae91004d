//! A trail of what was done with the backups of a folder, kept in the folder.
//!
//! It says what the trail in the database says, and also where that does not exist, is read-only or
//! was what was lost. `audit.jsonl` has a record a line; each is on the disk before anything goes on:
//!
//! ```text
//! {"prev_sha256":"…","position":7,"at":…,"outcome":"intent",…,"detail":{…},"sha256":"…"}
//! ```
//!
//! `sha256` is that of the line without it (the object closed before it), and the next record repeats it. So a
//! record that was changed, removed or moved is found; a tail that was cut off, by a head that was kept elsewhere.
//! What was written is never written again: a trail whose end is not whole takes no more records.

mod append;
mod read;
mod record;

pub use append::{begin, finish};
pub use read::{Trail, read};

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::FolderError;

/// Why a trail cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another run does not come to the end of its record.
    #[error("another run holds the trail `{}`", .0.display())]
    Busy(PathBuf),
    /// What follows would hide that its end was cut off or changed.
    #[error("the last record of the trail `{}` is not whole", .0.display())]
    NotWhole(PathBuf),
    /// The operating system refused.
    #[error("cannot use the trail `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Where the trail of a folder is.
pub fn path(folder: &Path) -> PathBuf {
    folder.join("audit.jsonl")
}
