//! Letting `pg_restore` read an archive from the first byte to the last, without any database.

use std::{io, process::Stdio, time::Duration};

use dbkit::postgres::ServerVersion;
use tokio::{io::AsyncWriteExt as _, process::ChildStdin, time::timeout};

use crate::{Finding, Programs, VerifyError, child::Child, complaint};

/// A `pg_restore` that reads an archive and throws away what it makes of it.
pub(crate) struct ArchiveReader {
    version: ServerVersion,
    child: Child,
    /// Gone when `pg_restore` has closed its end, because it is content or because it is not.
    stdin: Option<ChildStdin>,
    stall: Duration,
}

impl ArchiveReader {
    /// Starts one that reads what `pg_dump` of this version wrote.
    pub(crate) fn start(
        programs: &Programs,
        written_by: ServerVersion,
        stall: Duration,
    ) -> Result<Self, VerifyError> {
        let client = programs.choose("pg_restore", written_by)?;
        let mut command = programs.command(client, "pg_restore");
        command.args(["--no-password", "--file=/dev/null"]).stdin(Stdio::piped());
        let mut child = Child::spawn(&mut command).map_err(VerifyError::Start)?;
        let stdin = Some(child.stdin().map_err(VerifyError::Start)?);
        Ok(Self { version: client.version, child, stdin, stall })
    }

    pub(crate) const fn version(&self) -> ServerVersion {
        self.version
    }

    pub(crate) async fn feed(&mut self, data: &[u8]) -> Result<(), VerifyError> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        match timeout(self.stall, stdin.write_all(data)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => self.stdin = None,
            Err(_) => return Err(VerifyError::Stalled { limit: self.stall }),
        }
        Ok(())
    }

    pub(crate) async fn finish(self) -> Result<Option<Finding>, VerifyError> {
        drop(self.stdin);
        let limit = self.stall;
        let ended = self.child.wait(limit).await.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => VerifyError::Stalled { limit },
            _ => VerifyError::Start(error),
        })?;
        let reason = || format!("{}: {}", ended.status, complaint::essence(&ended.stderr));
        Ok((!ended.status.success()).then(|| Finding::Archive { reason: reason() }))
    }
}
