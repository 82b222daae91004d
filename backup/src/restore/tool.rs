//! A client program that restores: started, waited for, and understood where it fails.

use std::{io, time::Duration};

use dbkit::postgres::ServerVersion;
use tokio::process::{ChildStdin, ChildStdout, Command};

use super::RestoreError;
use crate::{Complaint, child::Child};

/// Since this version a `pg_restore` sets `transaction_timeout`, which older servers do not know.
const SETS_TRANSACTION_TIMEOUT: u32 = 17;

/// Whether what this `pg_restore` says to this server has to be filtered.
pub(super) fn says_too_much(client: ServerVersion, server: ServerVersion) -> bool {
    client.major() >= SETS_TRANSACTION_TIMEOUT && server.major() < SETS_TRANSACTION_TIMEOUT
}

/// A running client program.
pub(super) struct Tool {
    program: &'static str,
    child: Child,
}

impl Tool {
    pub(super) fn start(
        program: &'static str,
        command: &mut Command,
    ) -> Result<Self, RestoreError> {
        let child =
            Child::spawn(command).map_err(|source| RestoreError::Start { program, source })?;
        Ok(Self { program, child })
    }

    pub(super) fn stdin(&mut self) -> Result<ChildStdin, RestoreError> {
        let program = self.program;
        self.child.stdin().map_err(|source| RestoreError::Start { program, source })
    }

    pub(super) fn stdout(&mut self) -> Result<ChildStdout, RestoreError> {
        let program = self.program;
        self.child.stdout().map_err(|source| RestoreError::Start { program, source })
    }

    /// Waits for its end, which must be a good one.
    pub(super) async fn finish(self, limit: Duration) -> Result<(), RestoreError> {
        let program = self.program;
        let ended = self.child.wait(limit).await.map_err(|source| match source.kind() {
            io::ErrorKind::TimedOut => RestoreError::TooLong { program, limit },
            _ => RestoreError::Start { program, source },
        })?;
        if ended.status.success() {
            return Ok(());
        }
        let (status, stderr) = (ended.status, ended.stderr);
        Err(RestoreError::Restore { program, complaint: Complaint::of(&stderr), status, stderr })
    }
}
