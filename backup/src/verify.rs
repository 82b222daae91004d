//! Whether a backup is still what it was when it was made.
//!
//! Damage is an answer, not an error. `pg_restore --list` is no verification: it reads the table of
//! contents alone and exits with 0 for an archive that was cut in half.

use std::{
    fs::{File, TryLockError},
    io,
    process::Stdio,
    time::Duration,
};

use chrono::{DateTime, Utc};
use dbkit::{Report, postgres::ServerVersion};
use serde::Serialize;
use tokio::{io::AsyncWriteExt as _, process::ChildStdin, time::timeout};

use crate::{
    Backup, BackupEvent, BackupId, Manifest, NoClient, Programs,
    child::Child,
    complaint, durable,
    event::Milestones,
    unpack::{Unpacked, Unpacking},
};

/// The file for `sha256sum -c`.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Unpack everything and compare lengths and digests.
    Hash,
    /// Also let `pg_restore` read the archive from the first byte to the last.
    Structure,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The backup.
    pub id: BackupId,
    /// When it began.
    pub checked_at: DateTime<Utc>,
    /// How closely it looked.
    pub level: Level,
    /// The version of the `pg_restore` that read the archive, as `server_version_num` has it.
    pub pg_restore_version: Option<u32>,
    /// What is wrong; nothing, if the backup is sound.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that is wrong with a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum Finding {
    /// A file is gone.
    #[error("`{file}` is missing")]
    Missing {
        /// Its name.
        file: String,
    },
    /// A file is there, but not as a file that can be read.
    #[error("`{file}` cannot be read: {reason}")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// A file is not the one that `SHA256SUMS` speaks of.
    #[error("`{file}` does not match `SHA256SUMS`")]
    Checksum {
        /// Its name.
        file: String,
    },
    /// The stored file is longer or shorter.
    #[error("the stored file has {found} bytes instead of {recorded}")]
    StoredSize {
        /// What the manifest says.
        recorded: u64,
        /// What there is.
        found: u64,
    },
    /// The stored file has other bytes.
    #[error("the stored file is not the one whose SHA-256 was recorded")]
    StoredDigest {
        /// What the manifest says.
        recorded: String,
        /// What there is.
        found: String,
    },
    /// The stored file cannot be unpacked.
    #[error("the stored file cannot be unpacked: {reason}")]
    NotUnpackable {
        /// What the decoder said.
        reason: String,
    },
    /// What was unpacked is not what `pg_dump` wrote.
    #[error("the archive is not the one whose SHA-256 was recorded")]
    RawDigest {
        /// What the manifest says.
        recorded: String,
        /// What there is.
        found: String,
    },
    /// `pg_restore` cannot read what was unpacked.
    #[error("pg_restore cannot read the archive: {reason}")]
    Archive {
        /// What it said.
        reason: String,
    },
}

/// Why a backup could not be verified, which says nothing about the backup.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is being removed.
    #[error("{0} is in use by another run")]
    InUse(BackupId),
    /// It was made by a newer tool, in a way that this one cannot undo.
    #[error("{id} needs steps that are not known here: {steps}")]
    UnknownSteps {
        /// The backup.
        id: BackupId,
        /// The steps.
        steps: String,
    },
    /// No installed `pg_restore` can read the archive.
    #[error(transparent)]
    NoClient(#[from] NoClient),
    /// `pg_restore` did not start.
    #[error("cannot run pg_restore")]
    Start(#[source] io::Error),
    /// `pg_restore` neither read on nor ended.
    #[error("pg_restore stood still for {} s", limit.as_secs())]
    Stalled {
        /// How long we waited.
        limit: Duration,
    },
    /// There is no room for the unpacked archive that a restore needs, or it cannot be written.
    #[error("cannot write the unpacked archive")]
    Stage(#[source] io::Error),
    /// A file of the backup cannot be read by this user.
    #[error("cannot read {id}")]
    Io {
        /// The backup.
        id: BackupId,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Reads a backup to its end and says what is wrong with it.
///
/// `stall` is for how long `pg_restore` may stand still.
pub async fn verify(
    backup: &Backup,
    level: Level,
    programs: &Programs,
    stall: Duration,
    now: DateTime<Utc>,
    report: &dyn Report<BackupEvent>,
) -> Result<Verification, VerifyError> {
    let _shared = share(backup)?;
    let reader = match level {
        Level::Hash => None,
        Level::Structure => Some(ArchiveReader::start(backup, programs, stall)?),
    };
    let pg_restore_version = reader.as_ref().map(|reader| reader.version.num);
    let findings = inspect(backup, None, reader, report).await?;
    let id = backup.manifest.id.clone();
    Ok(Verification { id, checked_at: now, level, pg_restore_version, findings })
}

/// Keeps a backup from being removed until the file is closed; any number of readers may do so.
pub(crate) fn share(backup: &Backup) -> Result<File, VerifyError> {
    let id = || backup.manifest.id.clone();
    let folder = File::open(&backup.path).map_err(|source| VerifyError::Io { id: id(), source })?;
    match folder.try_lock_shared() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(VerifyError::InUse(id())),
        Err(TryLockError::Error(source)) => Err(VerifyError::Io { id: id(), source }),
    }
}

/// Reads a backup in one pass, with a copy of the archive for `stage` and for `reader`.
pub(crate) async fn inspect(
    backup: &Backup,
    stage: Option<File>,
    mut reader: Option<ArchiveReader>,
    report: &dyn Report<BackupEvent>,
) -> Result<Vec<Finding>, VerifyError> {
    let (id, artifact) = (&backup.manifest.id, &backup.manifest.artifact);
    let steps = Vec::from_iter(backup.manifest.unknown_steps()).join(", ");
    if !steps.is_empty() {
        return Err(VerifyError::UnknownSteps { id: id.clone(), steps });
    }
    let broken = |source| VerifyError::Io { id: id.clone(), source };
    let mut findings = check_sums(backup).map_err(broken)?;
    let stored = match open(backup, &artifact.file).map_err(broken)? {
        Ok(stored) => stored,
        Err(finding) => {
            findings.push(finding);
            return Ok(findings);
        }
    };
    let mut milestones = Milestones::new();
    let mut unpacking = Unpacking::start(stored, artifact.raw.bytes, stage);
    while let Some(piece) = unpacking.next().await {
        let of = artifact.stored.bytes;
        let reading = |stored_bytes| BackupEvent::Reading { stored_bytes, of };
        milestones.report(piece.stored_bytes, report, reading);
        if let Some(reader) = &mut reader {
            reader.feed(&piece.data).await?;
        }
    }
    findings.extend(judge(backup, unpacking.finish().await.map_err(VerifyError::Stage)?));
    if let Some(reader) = reader {
        findings.extend(reader.finish().await?);
    }
    Ok(findings)
}

/// Compares what was read with what was written down.
fn judge(backup: &Backup, found: Unpacked) -> Vec<Finding> {
    let recorded = &backup.manifest.artifact;
    let mut findings = Vec::new();
    if found.stored.bytes != recorded.stored.bytes {
        findings.push(Finding::StoredSize {
            recorded: recorded.stored.bytes,
            found: found.stored.bytes,
        });
    }
    if found.stored.sha256 != recorded.stored.sha256 {
        findings.push(Finding::StoredDigest {
            recorded: recorded.stored.sha256.clone(),
            found: found.stored.sha256,
        });
    }
    if let Some(reason) = found.damage {
        findings.push(Finding::NotUnpackable { reason });
    } else if found.raw != recorded.raw {
        findings.push(Finding::RawDigest {
            recorded: recorded.raw.sha256.clone(),
            found: found.raw.sha256,
        });
    }
    findings
}

/// Checks that `SHA256SUMS` still speaks of this manifest and this artifact.
fn check_sums(backup: &Backup) -> io::Result<Vec<Finding>> {
    let artifact = &backup.manifest.artifact;
    let mut texts = Vec::new();
    for name in [CHECKSUMS, Manifest::FILE] {
        match open(backup, name)? {
            Ok(file) => texts.push(io::read_to_string(file).unwrap_or_default()),
            Err(finding) => return Ok(vec![finding]),
        }
    }
    let manifest = crate::digest::digest(texts[1].as_bytes()).sha256;
    let expected = [(Manifest::FILE, &manifest), (&artifact.file, &artifact.stored.sha256)];
    let listed = |name: &str, sha256: &String| {
        texts[0].lines().any(|line| line.split_once("  ") == Some((sha256, name)))
    };
    let wrong = expected.into_iter().filter(|(name, sha256)| !listed(name, sha256));
    Ok(wrong.map(|(name, _)| Finding::Checksum { file: name.to_owned() }).collect())
}

/// Opens a file of the backup; that it is gone or no file is a finding, that we may not is not.
fn open(backup: &Backup, name: &str) -> io::Result<Result<File, Finding>> {
    let file = name.to_owned();
    match durable::open_file(&backup.path.join(name)) {
        Ok(opened) => Ok(Ok(opened)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Ok(Err(Finding::Missing { file })),
            io::ErrorKind::PermissionDenied => Err(error),
            _ => Ok(Err(Finding::Unreadable { file, reason: error.to_string() })),
        },
    }
}

/// A `pg_restore` that reads an archive and throws away what it makes of it.
pub(crate) struct ArchiveReader {
    version: ServerVersion,
    child: Child,
    /// Gone when `pg_restore` has closed its end, because it is content or because it is not.
    stdin: Option<ChildStdin>,
    stall: Duration,
}

impl ArchiveReader {
    fn start(backup: &Backup, programs: &Programs, stall: Duration) -> Result<Self, VerifyError> {
        let client = programs.choose("pg_restore", backup.manifest.client_version())?;
        let mut command = programs.command(client, "pg_restore");
        command.args(["--no-password", "--file=/dev/null"]).stdin(Stdio::piped());
        let mut child = Child::spawn(&mut command).map_err(VerifyError::Start)?;
        let stdin = Some(child.stdin().map_err(VerifyError::Start)?);
        Ok(Self { version: client.version, child, stdin, stall })
    }

    async fn feed(&mut self, data: &[u8]) -> Result<(), VerifyError> {
        let Some(stdin) = &mut self.stdin else { return Ok(()) };
        match timeout(self.stall, stdin.write_all(data)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => self.stdin = None,
            Err(_) => return Err(VerifyError::Stalled { limit: self.stall }),
        }
        Ok(())
    }

    async fn finish(self) -> Result<Option<Finding>, VerifyError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_stable_in_json() {
        let finding = Finding::Missing { file: "dump.pgc.zst".to_owned() };
        let json = serde_json::to_string(&finding).unwrap();
        assert_eq!(json, r#"{"finding":"missing","file":"dump.pgc.zst"}"#);
    }
}
