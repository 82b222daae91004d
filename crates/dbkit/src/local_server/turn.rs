//! One command at a time works on a workspace's server.

use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    LocalServerEvent,
    files::{At, FileError, Owner, open_private},
    site::control,
};
use crate::Report;

/// How long to wait for the other command. It may have PostgreSQL to download.
const LIMIT: Duration = Duration::from_mins(15);

/// How often to look whether it is done.
const PAUSE: Duration = Duration::from_millis(50);

/// Why the turn never came.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Another command held the server's lock all the time.
    #[error("another command has been at work on the local server for {} s", waited.as_secs())]
    Busy {
        /// For how long it was waited.
        waited: Duration,
    },
    /// The lock could not be taken at all.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The right to work on the server; it ends when this is dropped, or when the process dies.
#[derive(Debug)]
pub(super) struct Turn(
    #[expect(dead_code, reason = "the lock lives as long as the file is open")] File,
);

/// Waits for the turn.
///
/// The file is never removed: who unlinks a locked file lets a third command lock a new one.
pub(super) async fn take(
    workspace: &Path,
    owner: Option<Owner>,
    report: &dyn Report<LocalServerEvent>,
) -> Result<Turn, TurnError> {
    take_within(LIMIT, workspace, owner, report).await
}

async fn take_within(
    limit: Duration,
    workspace: &Path,
    owner: Option<Owner>,
    report: &dyn Report<LocalServerEvent>,
) -> Result<Turn, TurnError> {
    let path = control(workspace).join("local-server.lock");
    let file = open_private(&path, owner)?;
    let begun = Instant::now();
    let mut said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn(file)),
            Err(TryLockError::Error(source)) => return Err(source).at("lock", &path)?,
            Err(TryLockError::WouldBlock) if begun.elapsed() >= limit => {
                return Err(TurnError::Busy { waited: limit });
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if !said {
            report.report(&LocalServerEvent::Waiting);
            said = true;
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Mutex};

    use super::*;

    #[tokio::test]
    async fn the_second_command_waits_and_says_so_once() {
        let workspace = tempfile::tempdir().unwrap();
        fs::create_dir(control(workspace.path())).unwrap();
        let events = Mutex::new(Vec::new());
        let first = take(workspace.path(), None, &events).await.unwrap();
        let limit = Duration::from_millis(120);
        let second = take_within(limit, workspace.path(), None, &events).await;
        assert!(matches!(second, Err(TurnError::Busy { .. })));
        drop(first);
        take(workspace.path(), None, &events).await.unwrap();
        assert_eq!(events.into_inner().unwrap(), [LocalServerEvent::Waiting]);
    }
}
