//! Sealing a backup for others.
//!
//! Nothing that is kept is changed: the same archive becomes another backup, and the old one goes only after
//! the new one was read back.

use std::io;

use chrono::{DateTime, Utc};
use dbkit::Report;
use uuid::Uuid;

use crate::{
    Backup, BackupEvent, BackupId, CreateError, CreateLimits, Finding, FolderError, Manifest,
    Opening, Sealing, Store, VerifyError,
    create::{cannot_write, publish},
    manifest::Artifact,
    pipeline::{Packed, Packer},
    store::Draft,
    unpack::{self, Trouble, Unpack, Unpacking},
    verify,
};

/// Why a backup is not sealed for others. The old one is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    /// The store cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The old backup cannot be read, or not be opened.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The old backup is not what it was.
    #[error("{id} is damaged: {}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Damaged {
        /// The backup.
        id: BackupId,
        /// What is wrong with it.
        findings: Vec<Finding>,
    },
    /// The new backup cannot be written.
    #[error(transparent)]
    Write(#[from] CreateError),
    /// What was written was read back and is something else.
    #[error("what was written to `{0}` is not what was read from there")]
    NotTheSame(String),
}

/// How a backup is sealed anew.
#[derive(Debug)]
pub struct Rekey<'a> {
    /// Where the new one is kept.
    pub store: &'a Store,
    /// What opens the old one.
    pub opening: &'a Opening,
    /// For whom the new one is, and who vouches for it.
    pub sealing: &'a Sealing,
    /// This run, so that the new one has a name of its own.
    pub run: Uuid,
    /// What others are told while they wait for this run.
    pub note: &'a str,
}

/// Makes a backup with the content of `old` that others can open; `now` is when it was sealed.
pub async fn rekey(
    old: &Backup,
    how: &Rekey<'_>,
    now: DateTime<Utc>,
    report: &dyn Report<BackupEvent>,
) -> Result<Backup, RekeyError> {
    let _shared = verify::share(old)?;
    let id = &old.manifest.id;
    let broken = |source| VerifyError::Io { id: id.clone(), source };
    let findings = verify::check_small_files(old, how.opening).await.map_err(broken)?;
    if !findings.is_empty() {
        return Err(RekeyError::Damaged { id: id.clone(), findings });
    }
    let limits = CreateLimits::default();
    let name = || id.for_run(how.run);
    let database = &old.manifest.source.database;
    let (draft, new) =
        Draft::begin(how.store, database, name, (how.note, now), &limits, report).await?;
    let packed = repack(old, how, &draft).await?;
    let artifact =
        Artifact::of(packed, &how.sealing.recipients, old.manifest.artifact.compression());
    let manifest = Manifest {
        schema_version: Manifest::SCHEMA_VERSION,
        id: new,
        finished_at: now,
        artifact,
        ..old.manifest.clone()
    };
    let backup = publish(draft, manifest, &how.sealing.signer).await?;
    read_back(&backup).await?;
    Ok(backup)
}

/// Unpacks the old archive into a new file, and makes sure that it is the one that was recorded.
async fn repack(old: &Backup, how: &Rekey<'_>, draft: &Draft) -> Result<Packed, RekeyError> {
    let (id, artifact) = (&old.manifest.id, &old.manifest.artifact);
    let broken = |source| VerifyError::Io { id: id.clone(), source };
    let recipients = &how.sealing.recipients;
    let compression = artifact.compression();
    let file = Artifact::file_name(recipients, compression);
    let name = format!("{draft}/{file}");
    let sink = draft.artifact(&file).await.map_err(cannot_write(&name))?;
    let mut packer = Packer::start(sink, recipients, compression);
    let stored = old.place.open(&artifact.file).await.map_err(broken)?;
    let unpack = Unpack::of(artifact, &how.opening.identities, None);
    let mut unpacking = Unpacking::start(stored, unpack);
    while let Some(piece) = unpacking.next().await {
        packer = packer.write(piece.data.into()).await.map_err(cannot_write(&name))?;
    }
    let unpacked = unpacking.finish().await.map_err(broken)?;
    let mut findings = verify::judge_stored(old, &unpacked.stored);
    if let Some(Trouble::Key(source)) = unpacked.trouble
        && findings.is_empty()
    {
        return Err(VerifyError::Key { id: id.clone(), source }.into());
    }
    findings.extend(verify::judge_raw(old, unpacked));
    if !findings.is_empty() {
        return Err(RekeyError::Damaged { id: id.clone(), findings });
    }
    Ok(packer.finish().await.map_err(cannot_write(&name))?)
}

async fn read_back(backup: &Backup) -> Result<(), RekeyError> {
    let artifact = &backup.manifest.artifact;
    let read = async {
        let stored = backup.place.open(&artifact.file).await?;
        Ok::<_, io::Error>(unpack::measure(stored).await? == artifact.stored)
    };
    match read.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(RekeyError::NotTheSame(backup.place.to_string())),
        Err(source) => Err(VerifyError::Io { id: backup.manifest.id.clone(), source }.into()),
    }
}
