//! Making a backup.
//!
//! The order is what makes it trustworthy: one snapshot for everything, `pg_dump`'s exit before the
//! compressed stream is ended, every file on the disk before the manifest, the manifest before the
//! name. Whatever is interrupted leaves a folder that cannot be taken for a backup.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use chrono::{DateTime, Utc};
use dbkit::{Clock, DatabaseUrl, Environment, Report};
use tokio::{
    sync::oneshot,
    time::{error::Elapsed, timeout},
};
use uuid::Uuid;

use crate::{
    Backup, BackupEvent, BackupId, Complaint, FolderError, Kind, Manifest, NoClient, PasswordError,
    Programs, SnapshotError, complaint,
    digest::digest,
    dump::Dump,
    durable, facts, fingerprint,
    folder::Folder,
    manifest::{Artifact, Client, Content, Extension, Migrations, Source, Tool},
    partial::{self, Partial},
    pipeline::Packed,
    snapshot::Snapshot,
    verify::CHECKSUMS,
};

/// What a backup is to be, and where.
#[derive(Clone, Debug)]
pub struct CreateRequest {
    /// The folder of backups; it is created if need be.
    pub folder: PathBuf,
    /// What the operator calls it.
    pub name: Option<String>,
    /// Why it is made.
    pub kind: Kind,
    /// What kind of database the operator says it is.
    pub environment: Environment,
    /// The machine.
    pub host: String,
    /// The program that asks.
    pub tool: Tool,
    /// This run, so that two backups of one second have different names.
    pub run: Uuid,
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
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
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

/// What is known of a database once it was read and dumped.
struct Taken {
    source: Source,
    migrations: Option<Migrations>,
    extensions: Vec<Extension>,
    content: Content,
    client: Client,
    packed: Packed,
}

impl Run<'_> {
    async fn create(&self) -> Result<Backup, CreateError> {
        let request = self.request;
        let folder = Folder::open_or_create(&request.folder)?;
        let note = format!("pid {} on {}", std::process::id(), request.host);
        let lock = folder.lock(&note, self.limits.folder_lock, self.report).await?;
        partial::sweep(&folder, &lock, self.report).map_err(cannot_write(folder.path()))?;

        let started_at = self.clock.now();
        let id = BackupId::new(started_at, request.kind, request.name.as_deref(), request.run);
        let database = self.url.database();
        let partial = Partial::begin(&folder, &lock, &database, &id)
            .map_err(cannot_write(&folder.of_database(&database)))?;
        let taken = self.take(&partial).await?;
        publish(partial, self.manifest(id, started_at, taken))
    }

    /// Reads and dumps the database at the same time, from one snapshot.
    async fn take(&self, partial: &Partial) -> Result<Taken, CreateError> {
        let mut snapshot = Snapshot::open(self.url, self.limits.table_lock).await?;
        let version = snapshot.server_version().await?;
        let client = self.programs.choose("pg_dump", version)?;
        let user = facts::user(&mut snapshot).await?;
        let source = facts::source(&mut snapshot, self.url, version).await?;
        let extensions = facts::extensions(&mut snapshot).await?;
        let migrations = facts::migrations(&mut snapshot).await?;
        let relations = fingerprint::relations(&mut snapshot).await?;
        let exported = snapshot.export().await?;
        let database_bytes = facts::size(&mut snapshot).await?;
        fingerprint::lock(&mut snapshot, &relations).await?;

        self.report.report(&BackupEvent::Dumping { database_bytes });
        let (dumping, dumped) = oneshot::channel();
        let read = async {
            let mut content = fingerprint::content(&mut snapshot, &relations, self.report).await?;
            snapshot.keep_alive(dumped).await?;
            let after = fingerprint::states(&mut snapshot, &relations).await?;
            for (sequence, state) in content.sequences.iter_mut().zip(after) {
                sequence.after = state;
            }
            Ok::<_, CreateError>(content)
        };
        let dump = async {
            let dump = Dump {
                url: self.url,
                user: &user,
                snapshot: &exported,
                programs: self.programs,
                client,
                limits: self.limits,
            };
            let packed = dump.run(&partial.path().join(Artifact::FILE), self.report).await?;
            drop(dumping);
            Ok(packed)
        };
        let (content, packed) = tokio::try_join!(read, dump)?;
        snapshot.close().await;
        let client = Client { pg_dump_version: client.version.num };
        Ok(Taken { source, migrations, extensions, content, client, packed })
    }

    fn manifest(&self, id: BackupId, started_at: DateTime<Utc>, taken: Taken) -> Manifest {
        let request = self.request;
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
            source: taken.source,
            client: taken.client,
            migrations: taken.migrations,
            extensions: taken.extensions,
            fingerprint: fingerprint::ALGORITHM.to_owned(),
            content: taken.content,
            artifact: Artifact {
                file: Artifact::FILE.to_owned(),
                stored: taken.packed.stored,
                raw: taken.packed.raw,
                pipeline: Artifact::PIPELINE.map(str::to_owned).into(),
            },
        }
    }
}

fn publish(partial: Partial, manifest: Manifest) -> Result<Backup, CreateError> {
    let json = manifest.to_json();
    let sums = partial.path().join(CHECKSUMS);
    let content = format!(
        "{}  {}\n{}  {}\n",
        manifest.artifact.stored.sha256,
        manifest.artifact.file,
        digest(&json).sha256,
        Manifest::FILE,
    );
    durable::write_file(&sums, content.as_bytes()).map_err(cannot_write(&sums))?;
    let path = partial.path().to_owned();
    let path = partial.publish((Manifest::FILE, &json)).map_err(cannot_write(&path))?;
    Ok(Backup { path, manifest })
}

pub(crate) fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> CreateError {
    let path = path.to_owned();
    move |source| CreateError::Write { path, source }
}
