//! What is wrong in a store of backups, as far as can be seen without reading all of it.

use std::{io, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{BackupId, Entry, FolderError, Opening, Store, glance, store::Leftover};

/// One thing that is wrong in a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum StoreFinding {
    /// A run that died has left it.
    Leftover {
        /// Its name.
        name: String,
    },
    /// A run is at work on it, or has left it less than a day ago: where there is no lock, only time tells.
    Unfinished {
        /// Its name.
        name: String,
    },
    /// It has the name of a backup, and cannot be restored.
    Damaged {
        /// Its name.
        id: BackupId,
        /// What is wrong.
        reason: String,
    },
}

impl StoreFinding {
    /// Whether it may be nothing but a run that is at work.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unfinished { .. })
    }
}

/// Why a store was not examined.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be used.
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
}

/// Says what is wrong. While a backup is made or removed, what that run is at work on is left out.
pub async fn examine_store(
    store: &Store,
    opening: &Opening,
    now: DateTime<Utc>,
) -> Result<Vec<StoreFinding>, StoreError> {
    let mut findings = Vec::new();
    match store.lock("doctor", Duration::ZERO, &()).await {
        Ok(_lock) => {
            let leftovers = store.leftovers(now).await?.into_iter();
            findings.extend(leftovers.map(|Leftover { name, may_be_under_way }| {
                if may_be_under_way {
                    StoreFinding::Unfinished { name }
                } else {
                    StoreFinding::Leftover { name }
                }
            }));
        }
        Err(FolderError::Busy { .. }) => {}
        // Nothing was backed up yet.
        Err(FolderError::Missing(_)) => return Ok(findings),
        Err(error) => return Err(error.into()),
    }
    for entry in crate::list(store, None).await? {
        let id = entry.id().clone();
        let reason = match &entry {
            Entry::Damaged { damage, .. } => Some(damage.to_string()),
            Entry::Complete(backup) => {
                let glance = glance(backup, opening).await;
                let found = glance.map_err(|source| StoreError::Read { id: id.clone(), source })?;
                found.first().map(ToString::to_string)
            }
        };
        findings.extend(reason.map(|reason| StoreFinding::Damaged { id, reason }));
    }
    Ok(findings)
}

/// Removes what runs that died have left. What is damaged is left for somebody to look at.
pub async fn repair_store(store: &Store, now: DateTime<Utc>) -> Result<(), FolderError> {
    match store.lock("doctor", Duration::ZERO, &()).await {
        Ok(lock) => store.sweep(&lock, now, &()).await,
        Err(FolderError::Busy { .. } | FolderError::Missing(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
