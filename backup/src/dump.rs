//! Running `pg_dump` into a file.

use std::{io, process::Stdio};

use bytes::Bytes;
use dbkit::{DatabaseUrl, Report, postgres::Installation};
use tokio::time::{error::Elapsed, timeout};

use crate::{
    BackupEvent, Complaint, Compression, CreateError, CreateLimits, Programs, Recipients,
    archive::{Survey, Surveyor},
    child::{Child, Ended},
    client,
    create::cannot_write,
    event::Milestones,
    password_file::FreeStream,
    pipe::Pipe,
    pipeline::{Packed, Packer},
    store::Sink,
};

/// What every archive of `pg_dump` begins with.
const MAGIC: &[u8] = b"PGDMP";

/// What to dump, and with what.
pub(crate) struct Dump<'a> {
    pub(crate) url: &'a DatabaseUrl,
    /// The role, which the URL need not name.
    pub(crate) user: &'a str,
    /// The exported snapshot.
    pub(crate) snapshot: &'a str,
    /// The tables, as patterns of `pg_dump`; all, if there are none.
    pub(crate) tables: &'a [String],
    /// What the server calls the session, so that it can be found there.
    pub(crate) application: &'a str,
    /// Options that make the text of a value what it is in our own session.
    pub(crate) options: &'a str,
    pub(crate) recipients: &'a Recipients,
    pub(crate) compression: Compression,
    pub(crate) programs: &'a Programs,
    pub(crate) client: &'a Installation,
    pub(crate) limits: &'a CreateLimits,
}

/// A dump that came to its end.
pub(crate) struct Dumped {
    pub(crate) packed: Packed,
    /// What was seen in the archive, if it was understood.
    pub(crate) survey: io::Result<Survey>,
}

/// What takes the archive in.
struct Intake {
    packer: Packer,
    surveyor: Surveyor,
    head: Vec<u8>,
}

impl Dump<'_> {
    /// Runs `pg_dump` into `file`, which messages call `name`.
    pub(crate) async fn run(
        &self,
        file: Box<dyn Sink>,
        name: &str,
        report: &dyn Report<BackupEvent>,
    ) -> Result<Dumped, CreateError> {
        let mut command = self.programs.command_that_writes(self.client, "pg_dump").await;
        command
            .args(["--format=custom", "--compress=0", "--no-password"])
            .arg(format!("--snapshot={}", self.snapshot))
            .arg(format!("--lock-wait-timeout={}", self.limits.table_lock.as_millis()))
            .args(self.tables.iter().map(|table| format!("--table={table}")))
            .stdout(Stdio::piped());
        let _password =
            self.programs.connect(&mut command, self.url, self.user, FreeStream::Stdin)?;
        client::same_text(&mut command, self.url, self.application, self.options);
        let failed = |source| self.broken(source);
        let mut child = Child::spawn(&mut command).map_err(failed)?;
        let stdout = Pipe::new(child.stdout().map_err(failed)?);

        let packer = Packer::start(file, self.recipients, self.compression);
        let intake = Intake { packer, surveyor: Surveyor::start(), head: Vec::new() };
        let Intake { packer, surveyor, head } = self.pump(stdout, intake, name, report).await?;
        // All bytes may have come and the dump be useless all the same: only the exit counts.
        check_exit(child.wait(self.limits.stall).await.map_err(failed)?)?;
        if head != MAGIC {
            return Err(CreateError::NotAnArchive);
        }
        Ok(Dumped {
            packed: packer.finish().await.map_err(cannot_write(name))?,
            survey: surveyor.finish().await,
        })
    }

    /// Takes in all that `pg_dump` writes.
    async fn pump(
        &self,
        mut stdout: Pipe,
        mut intake: Intake,
        name: &str,
        report: &dyn Report<BackupEvent>,
    ) -> Result<Intake, CreateError> {
        let mut milestones = Milestones::new();
        let mut bytes = 0;
        loop {
            let piece = timeout(self.limits.stall, stdout.read()).await;
            let piece = piece.map_err(|_: Elapsed| self.stalled())?;
            let piece = piece.map_err(|source| self.broken(source))?;
            if piece.is_empty() {
                return Ok(intake);
            }
            bytes += piece.len() as u64;
            let missing = MAGIC.len().saturating_sub(intake.head.len());
            intake.head.extend_from_slice(&piece[..missing.min(piece.len())]);
            let piece = Bytes::from(piece);
            intake.surveyor.show(&piece).await;
            intake.packer = intake.packer.write(piece).await.map_err(cannot_write(name))?;
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
