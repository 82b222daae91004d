//! Stops the local server.

use std::{path::Path, time::Duration};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
};
use tokio::time::{Instant, sleep};

use super::{
    FileError, LocalServerEvent, SiteError, TurnError, memory, postmaster,
    site::{self, Site},
    turn,
};
use crate::Report;

/// How long the server may take to write what it has in memory.
const LIMIT: Duration = Duration::from_mins(1);

/// How often to look whether it is gone.
const PAUSE: Duration = Duration::from_millis(20);

/// Why the local server may still be running.
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// Another command is at work on it.
    #[error(transparent)]
    Turn(#[from] TurnError),
    /// Nothing could be found out about the place where it should be.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A file or folder could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The process could not be told to stop.
    #[error("cannot signal the server (process {pid})")]
    Signal {
        /// The process.
        pid: i32,
        /// What the operating system said.
        source: Errno,
    },
    /// It was told to stop and did not.
    #[error("the server (process {pid}) did not stop within {} s", waited.as_secs())]
    StillRunning {
        /// The process.
        pid: i32,
        /// How long it was waited.
        waited: Duration,
    },
}

/// Stops the workspace's server and cuts its open connections; their transactions are rolled back.
///
/// Returns whether there was one to stop. The data stays.
pub async fn stop(
    workspace: &Path,
    report: &dyn Report<LocalServerEvent>,
) -> Result<bool, StopError> {
    let workspace = site::canonical(workspace)?;
    if !site::control(&workspace).is_dir() {
        return Ok(false);
    }
    let owner = site::workspace_owner(&workspace)?;
    let _turn = turn::take(&workspace, owner, report).await?;
    match Site::existing(&workspace, memory::read(&workspace)?)? {
        Some(site) => stop_site(&site, report).await,
        None => Ok(false),
    }
}

/// Does what `pg_ctl stop -m fast` does. It needs no installation, which may be gone by now, and
/// it does not signal a process that only has the number of a server that crashed.
pub(super) async fn stop_site(
    site: &Site,
    report: &dyn Report<LocalServerEvent>,
) -> Result<bool, StopError> {
    let Some(server) = postmaster::find(&site.data())? else { return Ok(false) };
    let pid = server.pid;
    report.report(&LocalServerEvent::Stopping { pid });
    match kill(server.process(), Signal::SIGINT) {
        Ok(()) | Err(Errno::ESRCH) => {}
        Err(source) => return Err(StopError::Signal { pid, source }),
    }
    let begun = Instant::now();
    while postmaster::find(&site.data())? == Some(server) {
        if begun.elapsed() >= LIMIT {
            return Err(StopError::StillRunning { pid, waited: LIMIT });
        }
        sleep(PAUSE).await;
    }
    Ok(true)
}
