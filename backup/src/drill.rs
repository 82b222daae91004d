//! The one proof that a backup restores: restoring it.
//!
//! It goes into a database that exists for this alone, is compared with the manifest row by row, and the
//! database is dropped again. To whom things belong is left out, since the server for such a drill need
//! not know the roles.

use std::pin::pin;

use chrono::{DateTime, Utc};
use dbkit::DatabaseUrl;

use crate::{
    Backup, Comparison, Complaint, Difference, Finding, Level, Means, Ownership, RestoreError,
    RestoreOptions, Verification, complaint,
    restore::{
        selection, some,
        work::{Work, until},
    },
    server::Server,
    swap::names,
    verify,
};

/// Restores `backup` into a database of its own on the server of `maintenance`, and says what differs.
///
/// When `stop` resolves, it ends, and the database is dropped.
pub async fn drill(
    backup: &Backup,
    maintenance: &DatabaseUrl,
    options: &RestoreOptions,
    means: Means<'_>,
    now: DateTime<Utc>,
    stop: impl Future<Output = ()>,
) -> Result<Verification, RestoreError> {
    let options = RestoreOptions {
        ownership: Ownership::Restorer,
        comparison: Some(Comparison::Content),
        ..options.clone()
    };
    let work = Work { backup, options: &options, means };
    let mut stop = pin!(stop);
    let _shared = verify::share(backup)?;
    let mut server = Server::open(maintenance, "").await?;
    server.live(options.run).await?;
    let client = means.programs.choose("pg_restore", backup.manifest.client_version())?.version.num;
    let server_version = Some(server.version().await?.num);
    let verification = |findings| Verification {
        id: backup.manifest.id.clone(),
        checked_at: now,
        level: Level::Restore,
        unpacked: true,
        pg_restore_version: Some(client),
        server_version,
        findings,
    };
    let ready = match until(stop.as_mut(), work.prepare(&mut server)).await {
        Err(RestoreError::Damaged { findings, .. }) => return Ok(verification(findings)),
        ready => ready?,
    };
    let database = work.create(&ready, &server, &names::being_verified(options.run), "").await?;
    let url = database.url();
    let filling = async {
        match selection::of(&backup.manifest, &[])? {
            Some(selection) => some::fill(work, &ready, url, &selection).await,
            None => work.fill(&ready, url).await,
        }
    };
    let filled = until(stop, filling).await;
    let findings = match filled {
        Ok(_) => Vec::new(),
        Err(failure) => match findings(failure) {
            Ok(findings) => findings,
            Err(failure) => return Err(work.discard(database, failure).await),
        },
    };
    database.drop().await.map_err(RestoreError::Create)?;
    server.close().await;
    Ok(verification(findings))
}

/// What a failure says of the backup; one that says nothing of it stays a failure.
fn findings(failure: RestoreError) -> Result<Vec<Finding>, RestoreError> {
    match failure {
        RestoreError::Differs { differences } => {
            Ok(differences.into_iter().map(Finding::from).collect())
        }
        RestoreError::Restore { complaint: Complaint::Other, ref stderr, .. } => {
            Ok(vec![Finding::NotRestorable { reason: complaint::essence(stderr) }])
        }
        other => Err(other),
    }
}

impl From<Difference> for Finding {
    fn from(Difference { object, recorded, found }: Difference) -> Self {
        Self::Differs { object, recorded, found }
    }
}
