//! Says whether the local server runs, and changes nothing.

use std::{path::Path, path::PathBuf, time::Duration};

use super::{
    FileError, Running, SiteError, memory,
    running::{AttachError, attach},
    site::{self, Site},
};

/// How long a running server may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Whether there is a local server.
#[derive(Clone, Debug)]
pub enum Status {
    /// There is no cluster.
    Absent,
    /// There is a cluster, and no server runs on it.
    Stopped {
        /// The cluster.
        data_dir: PathBuf,
    },
    /// The server runs and answers.
    Running(Box<Running>),
}

/// Why the local server's state is not known.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// Nothing could be found out about the place where it should be.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A file or folder could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The server runs, but does not answer.
    #[error("the server (process {pid}) does not answer")]
    Unresponsive {
        /// The process.
        pid: i32,
        /// What the last attempt to connect said.
        source: sqlx::Error,
    },
}

impl From<AttachError> for StatusError {
    fn from(error: AttachError) -> Self {
        match error {
            AttachError::Unresponsive { pid, source } => Self::Unresponsive { pid, source },
            AttachError::File(error) => Self::File(error),
        }
    }
}

/// Looks whether the workspace has a server and whether it answers.
///
/// It does not wait for a command that is at work on the server just now.
pub async fn status(workspace: &Path) -> Result<Status, StatusError> {
    let workspace = site::canonical(workspace)?;
    let memory = memory::read(&workspace)?;
    let Some(site) = Site::existing(&workspace, memory)? else { return Ok(Status::Absent) };
    Ok(match attach(&site, ANSWER_LIMIT).await? {
        Some((running, _superuser)) => Status::Running(Box::new(running)),
        None => Status::Stopped { data_dir: site.data() },
    })
}
