//! A trail of what was done with the backups of a store, kept in the store.
//!
//! It says what the trail in the database says, and also where that does not exist, is read-only or
//! was what was lost. In a folder `audit.jsonl` has a record a line, in an object store each has an object; it is kept
//! before anything goes on:
//!
//! ```text
//! {"prev_sha256":"…","position":7,"at":…,"outcome":"intent",…,"detail":{…},"sha256":"…"}
//! ```
//!
//! `sha256` is that of the line without it (the object closed before it), and the next record repeats it. So a
//! record that was changed, removed or moved is found; a tail that was cut off, by a head that was kept elsewhere.
//! What was written is never written again: a trail whose end is not whole takes no more records.

mod append;
mod objects;
mod read;
mod record;

pub use append::{begin, finish};
pub use read::{Trail, read};

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{FolderError, Store};

/// Why a trail cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TrailError {
    /// The store cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another run does not come to the end of its record.
    #[error("another run holds the trail `{0}`")]
    Busy(String),
    /// What follows would hide that its end was cut off or changed.
    #[error("the last record of the trail `{0}` is not whole")]
    NotWhole(String),
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

/// Where the trail of a store is: a file, or what the keys of its objects begin with.
pub fn place(store: &Store) -> String {
    match store {
        Store::Folder(folder) => path(folder).display().to_string(),
        Store::Objects(objects) => objects::place(objects),
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("audit.jsonl")
}
