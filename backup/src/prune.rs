//! Removing the backups that a policy lets go.

use std::{io, time::Duration};

use chrono::{DateTime, Utc};
use dbkit::Report;
use futures_util::{StreamExt as _, stream};

use crate::{
    Backup, BackupEvent, BackupId, Entry, FolderError, Known, Opening, Removal, Retention, Store,
    Verdict,
    dossier::{dossier, glance},
    judge,
    store::AT_ONCE,
};

/// A backup and what becomes of it.
#[derive(Debug)]
pub struct Judged {
    /// The backup.
    pub entry: Entry,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// Why backups were not judged or removed.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// The store cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A backup cannot be read.
    #[error("cannot read {id}")]
    Read {
        /// The backup.
        id: BackupId,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A backup cannot be removed. Those before it are gone.
    #[error("cannot remove {id}")]
    Remove {
        /// The backup.
        id: BackupId,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Judges all backups of a store, or those of one database, the newest first.
pub async fn survey(
    store: &Store,
    database: Option<&str>,
    policy: &Retention,
    opening: &Opening,
    now: DateTime<Utc>,
) -> Result<Vec<Judged>, PruneError> {
    let entries = crate::list(store, database).await?;
    let mut known = Vec::with_capacity(entries.len());
    let mut looks = stream::iter(&entries).map(|entry| know(entry, opening)).buffered(AT_ONCE);
    for entry in &entries {
        let id = entry.id().clone();
        let known_of_it = looks.next().await.transpose();
        known.extend(known_of_it.map_err(|source| PruneError::Read { id, source })?);
    }
    drop(looks);
    let verdicts = judge(&known, policy, now);
    Ok(entries
        .into_iter()
        .zip(verdicts)
        .map(|(entry, verdict)| Judged { entry, verdict })
        .collect())
}

async fn know(entry: &Entry, opening: &Opening) -> io::Result<Known> {
    let Entry::Complete(backup) = entry else {
        return Ok(Known {
            id: entry.id().clone(),
            database: String::new(),
            kind: String::new(),
            started_at: entry.started_at(),
            valid: false,
            verified_at: None,
            pinned: false,
        });
    };
    let dossier = dossier(backup).await?;
    let refuted = dossier.verifications.last().is_some_and(|last| !last.is_sound());
    let source = &backup.manifest.source;
    Ok(Known {
        id: backup.manifest.id.clone(),
        database: format!("{}:{}/{}", source.host, source.port, source.database),
        kind: backup.manifest.kind.clone(),
        started_at: backup.manifest.started_at,
        valid: !refuted && glance(backup, opening).await?.is_empty(),
        verified_at: dossier.verified_at(),
        pinned: dossier.pin.is_some(),
    })
}

/// Removes the backups that go, and nobody reads; which ones.
///
/// `judged` is judged anew under the lock, so that what was pinned or verified meanwhile stays.
pub async fn prune(
    store: &Store,
    database: Option<&str>,
    policy: &Retention,
    opening: &Opening,
    (note, wait): (&str, Duration),
    now: DateTime<Utc>,
    report: &dyn Report<BackupEvent>,
) -> Result<Vec<Judged>, PruneError> {
    let lock = store.lock(note, wait, report).await?;
    store.sweep(&lock, now, report).await?;
    let mut judged = survey(store, database, policy, opening, now).await?;
    for Judged { entry, verdict } in &mut judged {
        if let (Entry::Complete(backup), Verdict::Goes) = (&*entry, &*verdict) {
            match remove(backup).await? {
                Removal::Gone => {}
                Removal::InUse => *verdict = Verdict::InUse,
                Removal::Retained => *verdict = Verdict::Retained,
            }
        }
    }
    Ok(judged)
}

/// Removes a backup, unless somebody reads it just now or the store keeps it.
pub async fn remove(backup: &Backup) -> Result<Removal, PruneError> {
    let id = || backup.manifest.id.clone();
    backup.place.discard().await.map_err(|source| PruneError::Remove { id: id(), source })
}
