//! A PostgreSQL server of the workspace's own, for a developer who has none.
//!
//! [`start`] finds an installation (or downloads one), makes a cluster under the workspace's
//! `.seaworthy/`, starts it on a free port and remembers it; [`status`], [`stop`] and [`destroy`]
//! do what they say. Two commands that start it at once get one server, and whatever a killed
//! start has left behind is repaired by the next one.
//!
//! As root, everything runs as an ordinary account, since PostgreSQL refuses root: the owner of
//! the workspace, else `postgres`, else `nobody`. Where that account cannot reach the workspace,
//! the cluster lives under `/var/lib/seaworthy/`.
//!
//! # Who can connect
//!
//! There is no password: one would have to lie in a file, and a file with a password gets copied.
//! Instead the superuser `postgres` exists only on the Unix socket, whose folder nobody else can
//! enter. Over TCP, which every user of the machine can reach, there is only the role `app`: it
//! owns the database `app` and may create databases, but cannot read files or run programs. So
//! the worst that another user of the machine can do is to change made-up development data.
//!
//! The server listens on 127.0.0.1 alone. With `::1` as well, PostgreSQL would start when only one
//! of the two could be bound, and the URL might lead to another program that holds the port.

mod access;
mod account;
mod cluster;
mod destroy;
mod download;
#[cfg(feature = "download")]
mod fetch;
mod files;
mod installation;
mod launch;
mod memory;
mod options;
mod postmaster;
#[cfg(feature = "download")]
mod releases;
mod running;
mod settings;
mod site;
mod socket;
mod start;
mod status;
mod stop;
mod turn;

use std::path::PathBuf;

pub use access::{DATABASE, ROLE, SUPERUSER};
pub use account::NoAccount;
pub use cluster::CreateError;
pub use destroy::{DestroyError, destroy};
pub use download::{DOWNLOADED_MAJOR, DownloadError};
pub use files::FileError;
pub use launch::LaunchError;
pub use options::{Download, Durability, Options};
pub use running::Running;
pub use site::{Place, SiteError, downloads};
pub use start::{StartError, start};
pub use status::{Status, StatusError, status};
pub use stop::{StopError, stop};
pub use turn::TurnError;

use crate::postgres::ServerVersion;

/// What happens to the local server, for a person who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalServerEvent {
    /// Another command is at work on the same server.
    Waiting,
    /// PostgreSQL is installed nowhere, and is being fetched.
    Downloading {
        /// Its major version.
        major: u32,
        /// From where, without credentials.
        origin: String,
    },
    /// The cluster is being made.
    Creating {
        /// The version that makes it.
        version: ServerVersion,
        /// Where.
        data_dir: PathBuf,
    },
    /// The server is being started.
    Starting {
        /// The TCP port that it will listen on.
        port: u16,
    },
    /// The server was started and can be used.
    Started {
        /// Its TCP port.
        port: u16,
        /// The process.
        pid: i32,
    },
    /// The server was running already and is used as it is.
    Reused {
        /// Its TCP port.
        port: u16,
        /// The process.
        pid: i32,
    },
    /// The server is being stopped; open connections are cut.
    Stopping {
        /// The process.
        pid: i32,
    },
}
