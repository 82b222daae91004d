//! Securing a database before something is done to it that can lose data.
//!
//! One call, and it fails closed: unless the database is empty, there is a backup that was read back
//! to its end, or there is an error.

use std::io;

use dbkit::{Clock, DatabaseUrl, Report};
use serde::Serialize;

use crate::{
    BackupEvent, BackupId, CreateError, CreateLimits, CreateRequest, Finding, Level, Opening,
    Place, Programs, SnapshotError, VerifyError, create, record, snapshot::Snapshot, verify,
};

/// What a database was secured with; the reference to write down before going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "secured", rename_all = "kebab-case")]
pub enum Secured {
    /// There is nothing in it.
    Nothing,
    /// With a backup that was made and verified now.
    Backup {
        /// Its name.
        id: BackupId,
        /// Where it is.
        place: Place,
        /// The SHA-256 of the stored file, as 64 lower-case hexadecimal digits.
        sha256: String,
        /// The length of the stored file.
        bytes: u64,
    },
}

/// Why a database is not secured; what can lose data must not begin.
#[derive(Debug, thiserror::Error)]
pub enum SecureError {
    /// Whether there is anything in the database cannot be seen.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// There is no backup.
    #[error(transparent)]
    Create(#[from] CreateError),
    /// There is a backup, and it could not be verified.
    #[error("backup {id} in `{place}` was made, but not verified")]
    NotVerified {
        /// The backup.
        id: BackupId,
        /// Where it is.
        place: Place,
        /// Why.
        #[source]
        source: VerifyError,
    },
    /// There is a backup, and it cannot be restored.
    #[error("backup {id} in `{place}` was made, but is damaged: {}", listed(findings))]
    Damaged {
        /// The backup.
        id: BackupId,
        /// Where it is.
        place: Place,
        /// What is wrong with it.
        findings: Vec<Finding>,
    },
    /// There is a sound backup, and the proof of it cannot be kept beside it.
    #[error("backup {id} was verified, but `{place}` cannot be written to")]
    Record {
        /// The backup.
        id: BackupId,
        /// Where it is.
        place: Place,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

fn listed(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Whether there is anything that could be lost: a table, a sequence or a materialised view that is
/// neither ours nor an extension's nor the ledger of `sea-orm-migration`, with rows or without, or a
/// large object.
const IS_EMPTY: &str = "
SELECT NOT EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'm', 'S') AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'seaworthy')
        AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
        AND NOT (c.relname = 'seaql_migrations' AND c.relkind = 'r' AND ARRAY(
            SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        ) = ARRAY['version', 'applied_at'])
) AND NOT EXISTS (SELECT FROM pg_largeobject_metadata)";

/// Makes a backup of the database at `url` and reads it back to its end, through `pg_restore`.
///
/// A database without any table of a team's is left alone. The limits are those of the backup;
/// `stall` of them counts for `pg_restore` as well.
pub async fn secure(
    url: &DatabaseUrl,
    request: &CreateRequest,
    opening: &Opening,
    programs: &Programs,
    limits: &CreateLimits,
    clock: &dyn Clock,
    report: &dyn Report<BackupEvent>,
) -> Result<Secured, SecureError> {
    if is_empty(url, limits).await? {
        return Ok(Secured::Nothing);
    }
    let backup = create(url, request, programs, limits, clock, report).await?;
    let (id, place) = (backup.manifest.id.clone(), backup.place.clone());
    let now = clock.now();
    let sealing = &request.sealing;
    let opening =
        Opening { trusted: vec![sealing.signer.key()], identities: opening.identities.clone() };
    // Without an identity, as on a machine that only makes backups, the stored file is all there is to see.
    let sealed = backup.manifest.artifact.is_sealed();
    let closed = sealed && opening.identities.is_empty();
    let level = if closed { Level::Hash } else { Level::Structure };
    let verification = verify(&backup, level, &opening, programs, limits.stall, now, report).await;
    let verification = match verification {
        Ok(verification) => verification,
        Err(source) => return Err(SecureError::NotVerified { id, place, source }),
    };
    if let Err(source) = record(&backup, &verification).await {
        return Err(SecureError::Record { id, place, source });
    }
    if !verification.is_sound() {
        return Err(SecureError::Damaged { id, place, findings: verification.findings });
    }
    let stored = backup.manifest.artifact.stored;
    Ok(Secured::Backup { id, place, sha256: stored.sha256, bytes: stored.bytes })
}

async fn is_empty(url: &DatabaseUrl, limits: &CreateLimits) -> Result<bool, SnapshotError> {
    let mut snapshot = Snapshot::open(url, limits.table_lock).await?;
    let is_empty = snapshot.scalar("whether the database is empty", IS_EMPTY).await?;
    snapshot.close().await;
    Ok(is_empty)
}
