//! Whether the newest backups are new enough, and were proven recently enough.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{Backup, BackupId, Dossier};

/// How old things may be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Freshness {
    /// The newest backup.
    pub max_age: Option<TimeDelta>,
    /// The newest backup that was proven by more than its digests, since it was made.
    pub max_unverified: Option<TimeDelta>,
}

/// How it stands with the backups of one database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The database.
    pub database: String,
    /// The newest good backup.
    pub newest: Option<BackupId>,
    /// How old that is.
    pub age_seconds: Option<i64>,
    /// The newest backup that was proven.
    pub verified: Option<BackupId>,
    /// How old that is: what can be had back for certain.
    pub verified_age_seconds: Option<i64>,
    /// What is not as it should be.
    pub stale: Vec<Staleness>,
}

/// One thing that is not new enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Staleness {
    /// The newest backup.
    Backup,
    /// The newest proven backup.
    Proof,
}

/// Judges the good backups of one database.
pub fn stand(
    database: &str,
    good: &[(&Backup, &Dossier)],
    limits: &Freshness,
    now: DateTime<Utc>,
) -> Standing {
    let newest = good.iter().map(|(backup, _)| *backup).max_by_key(|b| b.manifest.started_at);
    let proven = good.iter().filter(|(_, dossier)| dossier.proof().is_some());
    let verified = proven.map(|(backup, _)| *backup).max_by_key(|b| b.manifest.started_at);
    let age = |backup: Option<&Backup>| backup.map(|backup| now - backup.manifest.started_at);
    let too_old = |age: Option<TimeDelta>, limit: Option<TimeDelta>| {
        limit.is_some_and(|limit| age.is_none_or(|age| age > limit))
    };
    let (age, verified_age, newest_id) = (age(newest), age(verified), newest);
    let mut stale = Vec::new();
    if too_old(age, limits.max_age) {
        stale.push(Staleness::Backup);
    }
    if too_old(verified_age, limits.max_unverified) {
        stale.push(Staleness::Proof);
    }
    Standing {
        database: database.to_owned(),
        newest: newest_id.map(|backup| backup.manifest.id.clone()),
        age_seconds: age.map(|age| age.num_seconds()),
        verified: verified.map(|backup| backup.manifest.id.clone()),
        verified_age_seconds: verified_age.map(|age| age.num_seconds()),
        stale,
    }
}
