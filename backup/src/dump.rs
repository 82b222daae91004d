//! Running `pg_dump` into a file.

use std::{io, path::Path, process::Stdio};

use dbkit::{DatabaseUrl, Report, postgres::Installation};
use tokio::{
    io::AsyncReadExt as _,
    process::ChildStdout,
    time::{error::Elapsed, timeout},
};

use crate::{
    BackupEvent, Complaint, CreateError, CreateLimits, Programs,
    child::{Child, Ended},
    create::cannot_write,
    durable,
    event::Milestones,
    password_file::FreeStream,
    pipeline::{Packed, Packer},
};

/// What every archive of `pg_dump` begins with.
const MAGIC: &[u8] = b"PGDMP";

/// What one read of a pipe gives at most, on Linux.
const PIECE: usize = 64 << 10;

/// What to dump, and with what.
pub(crate) struct Dump<'a> {
    pub(crate) url: &'a DatabaseUrl,
    /// The role, which the URL need not name.
    pub(crate) user: &'a str,
    /// The exported snapshot.
    pub(crate) snapshot: &'a str,
    pub(crate) programs: &'a Programs,
    pub(crate) client: &'a Installation,
    pub(crate) limits: &'a CreateLimits,
}

impl Dump<'_> {
    /// Runs `pg_dump` into a new file at `path`.
    pub(crate) async fn run(
        &self,
        path: &Path,
        report: &dyn Report<BackupEvent>,
    ) -> Result<Packed, CreateError> {
        let file = durable::create_file(path).map_err(cannot_write(path))?;
        let mut command = self.programs.command(self.client, "pg_dump");
        command
            .args(["--format=custom", "--compress=0", "--no-password"])
            .arg(format!("--snapshot={}", self.snapshot))
            .arg(format!("--lock-wait-timeout={}", self.limits.table_lock.as_millis()))
            .stdout(Stdio::piped());
        let _password =
            self.programs.connect(&mut command, self.url, self.user, FreeStream::Stdin)?;
        let failed = |source| self.broken(source);
        let mut child = Child::spawn(&mut command).map_err(failed)?;
        let stdout = child.stdout().map_err(failed)?;

        let (packer, head) = self.pump(stdout, Packer::start(file), path, report).await?;
        // All bytes may have come and the dump be useless all the same: only the exit counts.
        check_exit(child.wait(self.limits.stall).await.map_err(failed)?)?;
        if head != MAGIC {
            return Err(CreateError::NotAnArchive);
        }
        packer.finish().await.map_err(cannot_write(path))
    }

    /// Feeds all that `pg_dump` writes to `packer`, and keeps the first few bytes.
    async fn pump(
        &self,
        mut stdout: ChildStdout,
        mut packer: Packer,
        path: &Path,
        report: &dyn Report<BackupEvent>,
    ) -> Result<(Packer, Vec<u8>), CreateError> {
        let mut milestones = Milestones::new();
        let (mut head, mut bytes) = (Vec::new(), 0);
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = timeout(self.limits.stall, stdout.read_buf(&mut piece)).await;
            let read = read.map_err(|_: Elapsed| self.stalled())?;
            match read.map_err(|source| self.broken(source))? {
                0 => return Ok((packer, head)),
                read => bytes += read as u64,
            }
            let missing = MAGIC.len().saturating_sub(head.len());
            head.extend_from_slice(&piece[..missing.min(piece.len())]);
            packer = packer.write(piece).await.map_err(cannot_write(path))?;
            milestones.report(bytes, report, |raw_bytes| BackupEvent::Dumped { raw_bytes });
        }
    }

    fn broken(&self, source: io::Error) -> CreateError {
        match source.kind() {
            io::ErrorKind::TimedOut => self.stalled(),
            _ => CreateError::Run { program: self.client.program("pg_dump"), source },
        }
    }

    fn stalled(&self) -> CreateError {
        CreateError::Stalled { limit: self.limits.stall }
    }
}

fn check_exit(ended: Ended) -> Result<(), CreateError> {
    let Ended { status, stderr } = ended;
    if status.success() {
        return Ok(());
    }
    Err(CreateError::Dump { complaint: Complaint::of(&stderr), status, stderr })
}
