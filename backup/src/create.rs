//! Making a backup.
//!
//! The order is what makes it trustworthy: one snapshot for everything, `pg_dump`'s exit before the
//! compressed stream is ended, every file on the disk before the manifest, the manifest before the
//! name. Whatever is interrupted leaves a folder that cannot be taken for a backup.

use std::{fmt, io, path::PathBuf, process::ExitStatus, time::Duration};

use chrono::{DateTime, Utc};
use dbkit::{Clock, DatabaseUrl, Environment, Report};
use tokio::time::{error::Elapsed, timeout};
use uuid::Uuid;

use crate::{
    Backup, BackupEvent, BackupId, Complaint, Compression, FolderError, Kind, Manifest, NoClient,
    PasswordError, Programs, Sealing, Signer, SnapshotError, Store, complaint,
    digest::digest,
    manifest::{Artifact, Sanitised, Source, Tool},
    store::Draft,
    take::{Take, Taken},
    verify::CHECKSUMS,
};

/// What a backup is to be, and where.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// Where it is kept.
    pub store: Store,
    /// What the operator calls it.
    pub name: Option<String>,
    /// Why it is made.
    pub kind: Kind,
    /// Only these tables, each as `table` (in `public`) or `schema.table`; everything, if there are none.
    pub tables: Vec<String>,
    /// How it is compressed.
    pub compression: Compression,
    /// Who can open it, and who vouches for it.
    pub sealing: Sealing,
    /// What the database is a copy of that holds nothing personal, if it is one.
    pub sanitised: Option<SanitisedCopy>,
    /// What kind of database the operator says it is.
    pub environment: Environment,
    /// The machine.
    pub host: String,
    /// The program that asks.
    pub tool: Tool,
    /// This run, so that two backups of one second have different names.
    pub run: Uuid,
}

/// What a copy that holds nothing personal is of.
#[derive(Clone, Debug)]
pub struct SanitisedCopy {
    /// The database that was copied, under whose name the backup is kept.
    pub of: String,
    /// What the manifest says of it.
    pub sanitised: Sanitised,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct CreateLimits {
    /// For another backup in the same folder to end.
    pub folder_lock: Duration,
    /// For a table that somebody has locked.
    pub table_lock: Duration,
    /// For the next byte of `pg_dump`.
    pub stall: Duration,
    /// For everything together.
    pub total: Duration,
}

impl Default for CreateLimits {
    fn default() -> Self {
        Self {
            folder_lock: Duration::from_mins(1),
            table_lock: Duration::from_secs(30),
            stall: Duration::from_mins(10),
            total: Duration::from_hours(24),
        }
    }
}

/// Why there is no backup. Nothing is left behind that looks like one.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The folder of backups cannot be used, or another run is at work there.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// There is no such table.
    #[error("there is no table `{0}`")]
    NoSuchTable(String),
    /// There is not enough room, by an estimate that was made before anything was written.
    #[error("{place} has {free} bytes left, and the backup needs about {needed}")]
    NoSpace {
        /// Where it was to be kept.
        place: String,
        /// How much that can still hold.
        free: u64,
        /// How much the backup will need, roughly.
        needed: u64,
    },
    /// The rows that were dumped are not those that were counted, so something hid some of them.
    #[error("{table}: {dumped} rows were dumped, and {counted} were counted")]
    Incomplete {
        /// The table.
        table: String,
        /// What is in the archive.
        dumped: u64,
        /// What the same snapshot holds.
        counted: u64,
    },
    /// No installed `pg_dump` can read this server.
    #[error(transparent)]
    NoClient(#[from] NoClient),
    /// The password cannot be handed to `pg_dump`.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// `pg_dump` did not start, or could not be listened to.
    #[error("cannot run `{}`", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `pg_dump` failed.
    #[error("pg_dump failed ({status}): {}", complaint::essence(stderr))]
    Dump {
        /// Why, as far as its words tell.
        complaint: Complaint,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said.
        stderr: String,
    },
    /// `pg_dump` said that all is well, but wrote no archive.
    #[error("what pg_dump wrote is no archive")]
    NotAnArchive,
    /// `pg_dump` neither wrote on nor ended.
    #[error("pg_dump stood still for {} s", limit.as_secs())]
    Stalled {
        /// How long we waited.
        limit: Duration,
    },
    /// Everything together took too long.
    #[error("the backup was not complete after {} s", limit.as_secs())]
    TooLong {
        /// How long it could take.
        limit: Duration,
    },
    /// A file of the backup cannot be written.
    #[error("cannot write `{place}`")]
    Write {
        /// The file or folder.
        place: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Makes a backup of the database at `url`.
///
/// A call that is dropped before its end kills `pg_dump` and removes what was written.
pub async fn create(
    url: &DatabaseUrl,
    request: &CreateRequest,
    programs: &Programs,
    limits: &CreateLimits,
    clock: &dyn Clock,
    report: &dyn Report<BackupEvent>,
) -> Result<Backup, CreateError> {
    let limit = limits.total;
    let run = Run { url, request, programs, limits, clock, report };
    timeout(limit, run.create()).await.map_err(|_: Elapsed| CreateError::TooLong { limit })?
}

struct Run<'a> {
    url: &'a DatabaseUrl,
    request: &'a CreateRequest,
    programs: &'a Programs,
    limits: &'a CreateLimits,
    clock: &'a dyn Clock,
    report: &'a dyn Report<BackupEvent>,
}

impl Run<'_> {
    async fn create(&self) -> Result<Backup, CreateError> {
        let request = self.request;
        let note = format!("pid {} on {}", std::process::id(), request.host);
        let now = self.clock.now();
        let mut started_at = now;
        let name = || {
            started_at = self.clock.now();
            BackupId::new(started_at, request.kind, request.name.as_deref(), request.run)
        };
        let database = self.database();
        let (draft, id) =
            Draft::begin(&request.store, &database, name, (&note, now), self.limits, self.report)
                .await?;
        let take = Take {
            url: self.url,
            request,
            programs: self.programs,
            limits: self.limits,
            report: self.report,
        };
        let taken = take.run(&draft).await?;
        publish(draft, self.manifest(id, started_at, taken), &request.sealing.signer).await
    }

    /// The database that the backup is of: not the copy of it that it may be made from.
    fn database(&self) -> String {
        let copied = self.request.sanitised.as_ref().map(|copy| copy.of.clone());
        copied.unwrap_or_else(|| self.url.database())
    }

    fn manifest(&self, id: BackupId, started_at: DateTime<Utc>, taken: Taken) -> Manifest {
        let request = self.request;
        let recipients = &request.sealing.recipients;
        Manifest {
            schema_version: Manifest::SCHEMA_VERSION,
            id,
            name: request.name.clone(),
            kind: request.kind.name().to_owned(),
            started_at,
            finished_at: self.clock.now(),
            tool: request.tool.clone(),
            host: request.host.clone(),
            environment: request.environment.name().to_owned(),
            source: Source { database: self.database(), ..taken.source },
            client: taken.client,
            migrations: taken.migrations,
            extensions: taken.extensions,
            roles: taken.roles,
            selection: Some(request.tables.clone()).filter(|tables| !tables.is_empty()),
            sanitised: request.sanitised.as_ref().map(|copy| copy.sanitised.clone()),
            fingerprint: crate::fingerprint::ALGORITHM.to_owned(),
            content: taken.content,
            artifact: Artifact::of(taken.packed, recipients, request.compression),
            toc: taken.toc,
        }
    }
}

/// Signs a manifest and makes its draft a backup.
pub(crate) async fn publish(
    draft: Draft,
    manifest: Manifest,
    signer: &Signer,
) -> Result<Backup, CreateError> {
    let json = manifest.to_json();
    let name = draft.to_string();
    let broken = |file: &str| cannot_write(format!("{name}/{file}"));
    let signature = format!("{}\n", signer.sign(&json));
    let file = Manifest::SIGNATURE;
    draft.write(file, signature.as_bytes()).await.map_err(broken(file))?;
    let sums = format!(
        "{}  {}\n{}  {}\n",
        manifest.artifact.stored.sha256,
        manifest.artifact.file,
        digest(&json).sha256,
        Manifest::FILE,
    );
    draft.write(CHECKSUMS, sums.as_bytes()).await.map_err(broken(CHECKSUMS))?;
    let place = draft.publish((Manifest::FILE, &json)).await.map_err(broken(Manifest::FILE))?;
    Ok(Backup { place, manifest })
}

pub(crate) fn cannot_write(place: impl fmt::Display) -> impl FnOnce(io::Error) -> CreateError {
    move |source| CreateError::Write { place: place.to_string(), source }
}
