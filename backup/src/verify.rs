//! Whether a backup is still what it was when it was made.
//!
//! Damage is an answer, not an error. `pg_restore --list` is no verification: it reads the table of
//! contents alone and exits with 0 for an archive that was cut in half.

use std::{fs::File, io, time::Duration};

use chrono::{DateTime, Utc};
use dbkit::Report;
use serde::{Deserialize, Serialize};

use crate::{
    Backup, BackupEvent, BackupId, KeyError, Manifest, NoClient, ObjectError, Opening, Programs,
    SignerKey,
    archive_reader::ArchiveReader,
    digest::digest,
    event::Milestones,
    keys::Signature,
    store::Opened,
    unpack::{self, Trouble, Unpack, Unpacked, Unpacking},
};

/// The file for `sha256sum -c`.
pub(crate) const CHECKSUMS: &str = "SHA256SUMS";

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Compare lengths and digests: those of the stored file, and those of what is in it if it can be
    /// opened.
    Hash,
    /// Also let `pg_restore` read the archive from the first byte to the last.
    Structure,
    /// Also restore it, and compare every row: see [`drill`](crate::drill()).
    Restore,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The backup.
    pub id: BackupId,
    /// When it began.
    pub checked_at: DateTime<Utc>,
    /// How closely it looked.
    pub level: Level,
    /// Whether it was opened; without an identity the stored file alone can be checked.
    pub unpacked: bool,
    /// The version of the `pg_restore` that read the archive, as `server_version_num` has it.
    pub pg_restore_version: Option<u32>,
    /// The version of the server that it was restored on, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_version: Option<u32>,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
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
    /// There is no signature: nobody vouches for it.
    #[error("the manifest is not signed")]
    Unsigned,
    /// The manifest is not the one that was signed.
    #[error("the signature is not that of this manifest")]
    Signature,
    /// Somebody vouches for it whose word does not count here.
    #[error("it is signed by {signer}, who is not trusted here")]
    UnknownSigner {
        /// Whose key it is.
        signer: String,
    },
    /// The manifest was changed between two looks at it.
    #[error("the manifest changed while it was looked at")]
    ManifestChanged,
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
    #[error("the archive is not the one whose hash was recorded")]
    RawDigest {
        /// What the manifest says.
        recorded: String,
        /// What there is.
        found: String,
    },
    /// What was restored is not what was recorded.
    #[error("{object}: {recorded} recorded, {found} restored")]
    Differs {
        /// What it is, such as `table public.users`.
        object: String,
        /// What the manifest says.
        recorded: String,
        /// What the restored database holds.
        found: String,
    },
    /// `pg_restore` cannot make of it what was there.
    #[error("pg_restore cannot restore the archive: {reason}")]
    NotRestorable {
        /// What it said.
        reason: String,
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
    /// It cannot be opened with what is at hand.
    #[error("cannot open {id}")]
    Key {
        /// The backup.
        id: BackupId,
        /// Why.
        #[source]
        source: KeyError,
    },
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
    opening: &Opening,
    programs: &Programs,
    stall: Duration,
    now: DateTime<Utc>,
    report: &dyn Report<BackupEvent>,
) -> Result<Verification, VerifyError> {
    let _shared = share(backup)?;
    let reader = match level {
        Level::Hash => None,
        // To restore takes a server: see `drill`.
        Level::Structure | Level::Restore => {
            Some(ArchiveReader::start(programs, backup.manifest.client_version(), stall)?)
        }
    };
    let pg_restore_version = reader.as_ref().map(|reader| reader.version().num);
    let closed = backup.manifest.artifact.is_sealed() && opening.identities.is_empty();
    let unpacked = !(closed && level == Level::Hash);
    let findings = if unpacked {
        inspect(backup, opening, None, reader, report).await?
    } else {
        inspect_outside(backup, opening).await?
    };
    let id = backup.manifest.id.clone();
    Ok(Verification {
        id,
        checked_at: now,
        level,
        unpacked,
        pg_restore_version,
        server_version: None,
        findings,
    })
}

/// Keeps a backup from being removed until the answer is dropped.
pub(crate) fn share(backup: &Backup) -> Result<crate::store::Shared, VerifyError> {
    let id = || backup.manifest.id.clone();
    match backup.place.share() {
        Ok(Some(shared)) => Ok(shared),
        Ok(None) => Err(VerifyError::InUse(id())),
        Err(source) => Err(VerifyError::Io { id: id(), source }),
    }
}

/// Reads a backup in one pass, with a copy of the archive for `stage` and for `reader`.
pub(crate) async fn inspect(
    backup: &Backup,
    opening: &Opening,
    stage: Option<File>,
    mut reader: Option<ArchiveReader>,
    report: &dyn Report<BackupEvent>,
) -> Result<Vec<Finding>, VerifyError> {
    let (id, artifact) = (&backup.manifest.id, &backup.manifest.artifact);
    let steps = Vec::from_iter(backup.manifest.unknown_steps()).join(", ");
    if !steps.is_empty() {
        return Err(VerifyError::UnknownSteps { id: id.clone(), steps });
    }
    let (mut findings, stored) = open_all(backup, opening).await?;
    let Some(stored) = stored else { return Ok(findings) };
    let mut milestones = Milestones::new();
    let how = Unpack::of(artifact, &opening.identities, stage);
    let mut unpacking = Unpacking::start(stored, how);
    while let Some(piece) = unpacking.next().await {
        let of = artifact.stored.bytes;
        let reading = |stored_bytes| BackupEvent::Reading { stored_bytes, of };
        milestones.report(piece.stored_bytes, report, reading);
        if let Some(reader) = &mut reader {
            reader.feed(&piece.data).await?;
        }
    }
    let unpacked =
        unpacking.finish().await.map_err(|source| match ObjectError::within(&source) {
            Some(_) => VerifyError::Io { id: id.clone(), source },
            None => VerifyError::Stage(source),
        })?;
    findings.extend(judge_stored(backup, &unpacked.stored));
    if let Some(Trouble::Key(source)) = unpacked.trouble
        && findings.is_empty()
    {
        return Err(VerifyError::Key { id: id.clone(), source });
    }
    findings.extend(judge_raw(backup, unpacked));
    if let Some(reader) = reader {
        findings.extend(reader.finish().await?);
    }
    Ok(findings)
}

/// Looks at what can be seen without opening a backup.
async fn inspect_outside(backup: &Backup, opening: &Opening) -> Result<Vec<Finding>, VerifyError> {
    let (mut findings, stored) = open_all(backup, opening).await?;
    if let Some(stored) = stored {
        let id = || backup.manifest.id.clone();
        let measured = unpack::measure(stored).await;
        let measured = measured.map_err(|source| VerifyError::Io { id: id(), source })?;
        findings.extend(judge_stored(backup, &measured));
    }
    Ok(findings)
}

/// What is wrong with the small files, and the stored file if it is there.
async fn open_all(
    backup: &Backup,
    opening: &Opening,
) -> Result<(Vec<Finding>, Option<Opened>), VerifyError> {
    let broken = |source| VerifyError::Io { id: backup.manifest.id.clone(), source };
    let mut findings = check_small_files(backup, opening).await.map_err(broken)?;
    let file = &backup.manifest.artifact.file;
    let stored = or_finding(file, backup.place.open(file).await).map_err(broken)?;
    Ok(match stored {
        Ok(stored) => (findings, Some(stored)),
        Err(finding) => {
            findings.push(finding);
            (findings, None)
        }
    })
}

/// Compares the stored file with what was written down of it.
pub(crate) fn judge_stored(backup: &Backup, found: &crate::Digest) -> Vec<Finding> {
    let recorded = &backup.manifest.artifact.stored;
    let mut findings = Vec::new();
    if found.bytes != recorded.bytes {
        findings.push(Finding::StoredSize { recorded: recorded.bytes, found: found.bytes });
    }
    if found.sha256 != recorded.sha256 {
        let (recorded, found) = (recorded.sha256.clone(), found.sha256.clone());
        findings.push(Finding::StoredDigest { recorded, found });
    }
    findings
}

/// Compares what was in it with what was written down of it.
pub(crate) fn judge_raw(backup: &Backup, found: Unpacked) -> Option<Finding> {
    let recorded = &backup.manifest.artifact.raw;
    match found.trouble {
        Some(Trouble::Damage(reason)) => Some(Finding::NotUnpackable { reason }),
        Some(Trouble::Key(error)) => Some(Finding::NotUnpackable { reason: error.to_string() }),
        None if found.raw != *recorded => Some(Finding::RawDigest {
            recorded: recorded.hash.to_string(),
            found: found.raw.hash.to_string(),
        }),
        None => None,
    }
}

/// Checks that signature and `SHA256SUMS` still speak of this manifest and this artifact.
pub(crate) async fn check_small_files(
    backup: &Backup,
    opening: &Opening,
) -> io::Result<Vec<Finding>> {
    let place = &backup.place;
    let manifest = match or_finding(Manifest::FILE, place.read(Manifest::FILE).await)? {
        Ok(manifest) => manifest,
        Err(finding) => return Ok(vec![finding]),
    };
    let mut findings = Vec::new();
    if Manifest::from_json(&manifest).ok().as_ref() != Some(&backup.manifest) {
        findings.push(Finding::ManifestChanged);
    }
    findings.extend(
        match or_finding(Manifest::SIGNATURE, place.read(Manifest::SIGNATURE).await)? {
            Ok(signature) => judge_signature(&signature, &manifest, &opening.trusted),
            Err(Finding::Missing { .. }) => Some(Finding::Unsigned),
            Err(finding) => Some(finding),
        },
    );
    match or_finding(CHECKSUMS, place.read(CHECKSUMS).await)? {
        Ok(sums) => findings.extend(judge_sums(backup, &sums, &manifest)),
        Err(finding) => findings.push(finding),
    }
    Ok(findings)
}

fn judge_signature(signature: &[u8], manifest: &[u8], trusted: &[SignerKey]) -> Option<Finding> {
    let text = String::from_utf8_lossy(signature);
    let Some(signature) = Signature::parse(&text).filter(|signature| signature.fits(manifest))
    else {
        return Some(Finding::Signature);
    };
    let signer = signature.signer;
    (!trusted.contains(&signer)).then(|| Finding::UnknownSigner { signer: signer.to_string() })
}

fn judge_sums(backup: &Backup, sums: &[u8], manifest: &[u8]) -> Vec<Finding> {
    let artifact = &backup.manifest.artifact;
    let sums = String::from_utf8_lossy(sums);
    let manifest = digest(manifest).sha256;
    let expected = [(Manifest::FILE, &manifest), (&artifact.file, &artifact.stored.sha256)];
    let listed = |name: &str, sha256: &String| {
        sums.lines().any(|line| line.split_once("  ") == Some((sha256, name)))
    };
    let wrong = expected.into_iter().filter(|(name, sha256)| !listed(name, sha256));
    wrong.map(|(name, _)| Finding::Checksum { file: name.to_owned() }).collect()
}

/// That a file of the backup is gone or no file is a finding, that we may not read it or nobody answers is not.
fn or_finding<T>(name: &str, read: io::Result<T>) -> io::Result<Result<T, Finding>> {
    let file = name.to_owned();
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Ok(Err(Finding::Missing { file })),
            io::ErrorKind::PermissionDenied | io::ErrorKind::HostUnreachable => Err(error),
            _ => Ok(Err(Finding::Unreadable { file, reason: error.to_string() })),
        },
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
