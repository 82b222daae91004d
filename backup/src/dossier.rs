//! What is known of a backup besides its manifest: who wants to keep it, and what verifications found.

use std::io;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Backup, Finding, Level, Opening, Verification, verify};

/// The file that keeps a backup from being pruned.
const PINNED: &str = "PINNED";

/// Why a backup is to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// In the words of whoever wants it.
    pub reason: Option<String>,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
}

/// What is known of a backup besides its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dossier {
    /// Whether it is to be kept.
    pub pin: Option<Pin>,
    /// What verifications have found, the oldest first.
    pub verifications: Vec<Verification>,
}

impl Dossier {
    /// The last time that it was found to be sound by more than its digests.
    pub fn verified_at(&self) -> Option<DateTime<Utc>> {
        self.proof().map(|proof| proof.checked_at)
    }

    /// That verification, unless a later one found something.
    pub fn proof(&self) -> Option<&Verification> {
        let newest_first = self.verifications.iter().rev();
        newest_first.take_while(|found| found.is_sound()).find(|found| found.level != Level::Hash)
    }
}

/// Reads what is known of a backup. What cannot be read as evidence proves nothing.
pub async fn dossier(backup: &Backup) -> io::Result<Dossier> {
    let mut dossier = Dossier::default();
    for name in backup.place.names().await? {
        if name == PINNED {
            let pin = backup.place.read(&name).await?;
            // Whatever is in it, somebody has pinned it.
            let unknown =
                || Pin { reason: None, at: backup.manifest.started_at, actor: String::new() };
            dossier.pin = Some(serde_json::from_slice(&pin).unwrap_or_else(|_| unknown()));
        } else if name.starts_with("verify-") && name.ends_with(".json") {
            let evidence = backup.place.read(&name).await?;
            dossier.verifications.extend(serde_json::from_slice::<Verification>(&evidence).ok());
        }
    }
    dossier.verifications.retain(|found| found.id == backup.manifest.id);
    dossier.verifications.sort_by_key(|found| found.checked_at);
    Ok(dossier)
}

/// Keeps a backup from being pruned; one that is pinned already stays as it is.
pub async fn pin(backup: &Backup, pin: &Pin) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(pin)?;
    json.push(b'\n');
    match backup.place.add(PINNED, &json).await {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        added => added,
    }
}

/// Lets a backup be pruned again.
pub async fn unpin(backup: &Backup) -> io::Result<()> {
    backup.place.remove(PINNED).await
}

/// What is wrong with a backup, as far as can be seen without reading all of it: its small files, and how
/// long the stored one is.
pub async fn glance(backup: &Backup, opening: &Opening) -> io::Result<Vec<Finding>> {
    let mut findings = verify::check_small_files(backup, opening).await?;
    let artifact = &backup.manifest.artifact;
    let recorded = artifact.stored.bytes;
    match backup.place.size(&artifact.file).await? {
        None => findings.push(Finding::Missing { file: artifact.file.clone() }),
        Some(found) if found != recorded => {
            findings.push(Finding::StoredSize { recorded, found });
        }
        Some(_) => {}
    }
    Ok(findings)
}
