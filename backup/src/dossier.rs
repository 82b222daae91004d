//! What is known of a backup besides its manifest: who wants to keep it, and what verifications found.

use std::io;

use chrono::{DateTime, Utc};
use dbkit::postgres::ServerVersion;
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
        self.sound().find(|found| found.level != Level::Hash)
    }

    /// The last time that it was restored on a server of this major version and every value was found equal,
    /// unless a later verification found something.
    pub fn restored_on(&self, server: ServerVersion) -> Option<&Verification> {
        let is_such = |num| ServerVersion { num }.major() == server.major();
        self.sound().find(|found| {
            found.level == Level::Restore && found.server_version.is_some_and(is_such)
        })
    }

    /// The verifications since the last one that found something, the newest first.
    fn sound(&self) -> impl Iterator<Item = &Verification> {
        self.verifications.iter().rev().take_while(|found| found.is_sound())
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
        } else if is_evidence(&name) {
            let evidence = backup.place.read(&name).await?;
            dossier.verifications.extend(serde_json::from_slice::<Verification>(&evidence).ok());
        }
    }
    dossier.verifications.retain(|found| found.id == backup.manifest.id);
    dossier.verifications.sort_by_key(in_time);
    Ok(dossier)
}

fn is_evidence(name: &str) -> bool {
    name.strip_prefix("verify-").is_some_and(|rest| rest.strip_suffix(".json").is_some())
}

/// The oldest first; of one second, that which found something last, because it counts.
fn in_time(verification: &Verification) -> (DateTime<Utc>, bool) {
    (verification.checked_at, !verification.is_sound())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn dossier(looks: &[(i64, Level, bool)]) -> Dossier {
        let look = |&(second, level, sound): &(i64, Level, bool)| Verification {
            id: "20261120T214530Z_manual_9f1c02ab".parse().unwrap(),
            checked_at: DateTime::from_timestamp(second, 0).unwrap(),
            level,
            unpacked: true,
            pg_restore_version: None,
            server_version: (level == Level::Restore).then_some(150_018),
            findings: if sound { Vec::new() } else { vec![Finding::Unsigned] },
        };
        let mut verifications: Vec<_> = looks.iter().map(look).collect();
        verifications.sort_by_key(in_time);
        Dossier { pin: None, verifications }
    }

    fn is_proven(looks: &[(i64, Level, bool)]) -> bool {
        dossier(looks).proof().is_some()
    }

    #[test]
    fn the_last_look_counts_that_went_deep_enough_or_found_something() {
        use Level::{Hash, Restore, Structure};
        assert!(!is_proven(&[]));
        assert!(!is_proven(&[(1, Hash, true)]));
        assert!(is_proven(&[(2, Hash, true), (1, Structure, true)]));
        assert!(is_proven(&[(2, Restore, true), (1, Hash, false)]));
        assert!(!is_proven(&[(1, Restore, true), (2, Hash, false)]));
        assert!(!is_proven(&[(1, Restore, false), (1, Structure, true)]));
    }

    #[test]
    fn only_a_restore_on_such_a_server_shows_that_it_restores_there() {
        use Level::{Hash, Restore, Structure};
        let restored = |looks: &[_], num| {
            let dossier = dossier(looks);
            let found = dossier.restored_on(ServerVersion { num });
            found.map(|found| found.checked_at.timestamp())
        };
        assert_eq!(restored(&[(1, Structure, true)], 150_018), None);
        let looks = [(1, Restore, true), (2, Restore, true), (3, Hash, true)];
        assert_eq!(restored(&looks, 150_002), Some(2));
        assert_eq!(restored(&looks, 160_018), None);
        assert_eq!(restored(&[(1, Restore, true), (2, Hash, false)], 150_018), None);
    }
}
