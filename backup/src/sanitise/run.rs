//! Making a sanitised copy.

use std::{
    collections::BTreeMap,
    pin::{Pin, pin},
    time::Duration,
};

use dbkit::{
    Clock, ConnectError, ConnectOptions, DatabaseUrl, Identifier, Report,
    connect::connect_session,
    lock::{self, AdvisoryLock, LockError, LockName},
    postgres::Installation,
    scratch::{self, ScratchDatabase, ScratchError},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use tokio::{
    sync::oneshot,
    time::{error::Elapsed, timeout},
};

use super::{
    SanitiseError, apply,
    catalog::Catalog,
    copy::{Afterwards, Copy},
    judge::{Plan, Problem, judge},
    key::SanitisingKey,
    name::ColumnName,
    profile::Profile,
};
use crate::{
    Backup, BackupEvent, CreateLimits, CreateRequest, Programs, SnapshotError, create,
    create::SanitisedCopy,
    facts, fingerprint,
    manifest::{Sanitised, Source},
    restore,
    snapshot::Snapshot,
};

/// What a sanitised copy is to be.
pub struct SanitiseRequest<'a> {
    /// What every column holds.
    pub profile: &'a Profile,
    /// What the pseudonyms depend on.
    pub key: &'a SanitisingKey,
    /// The backup that is made of it.
    pub backup: CreateRequest,
}

/// Makes a backup of the database at `url` in which nobody is to be found.
///
/// The database is only read. The copy is a database `seaworthy_sanitise_<run>` on the same server,
/// into which nobody but its owner is let; it is dropped at the end, whatever the end is, and when
/// `stop` resolves. A call that is merely dropped leaves it behind under that name.
pub async fn sanitise(
    url: &DatabaseUrl,
    request: &SanitiseRequest<'_>,
    programs: &Programs,
    limits: &CreateLimits,
    clock: &dyn Clock,
    stop: impl Future<Output = ()>,
    report: &dyn Report<BackupEvent>,
) -> Result<Backup, SanitiseError> {
    let run = Run { url, request, programs, limits, clock, report };
    let mut stop = pin!(stop);
    let alive = until(stop.as_mut(), run.show_alive()).await?;
    let seen = until(stop.as_mut(), run.look()).await?;
    let scratch = run.create_database(&seen).await?;
    let limit = limits.total;
    let work = async {
        timeout(limit, run.fill(seen, scratch.url()))
            .await
            .map_err(|_: Elapsed| SanitiseError::TooLong { limit })?
    };
    // It is large, and lives as long as the copy takes.
    let made = Box::pin(until(stop, work)).await;
    let ended = run.discard(scratch, made).await;
    // Its session ends in any case.
    let _ = alive.release().await;
    ended
}

/// Does `work`, unless `stop` comes first.
async fn until<T>(
    stop: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T, SanitiseError>>,
) -> Result<T, SanitiseError> {
    tokio::select! {
        biased;
        () = stop => Err(SanitiseError::Stopped),
        result = work => result,
    }
}

struct Run<'a> {
    url: &'a DatabaseUrl,
    request: &'a SanitiseRequest<'a>,
    programs: &'a Programs,
    limits: &'a CreateLimits,
    clock: &'a dyn Clock,
    report: &'a dyn Report<BackupEvent>,
}

/// What was seen of the database, and the view in which it was seen.
struct Seen<'a> {
    snapshot: Snapshot,
    exported: String,
    client: &'a Installation,
    user: String,
    source: Source,
    catalog: Catalog,
    plan: Plan,
}

impl<'a> Run<'a> {
    fn scratch_name(&self) -> String {
        format!("seaworthy_sanitise_{}", self.request.backup.run.simple())
    }

    /// Holds the lock by which a repair tells the databases of runs that are alive from those of dead
    /// ones. Advisory locks are per database, so it is in the one where every run looks.
    async fn show_alive(&self) -> Result<AdvisoryLock, SanitiseError> {
        let options = ConnectOptions::new("seaworthy sanitise");
        // A process has one run or a few, so that a name that lives on is no loss.
        let name = LockName(format!("restore run:{}", self.request.backup.run).leak());
        let hold = async |database: &str| {
            let url = self.url.with_database(database);
            lock::acquire(&url, &options, name, Duration::ZERO).await
        };
        match hold("postgres").await {
            Err(LockError::Connect(ConnectError::NoSuchDatabase { .. })) => {
                Ok(hold("template1").await?)
            }
            taken => Ok(taken?),
        }
    }

    /// Looks at the database, and goes no further where the profile does not speak of all of it.
    async fn look(&self) -> Result<Seen<'a>, SanitiseError> {
        let mut snapshot = Snapshot::open(self.url, self.limits.table_lock).await?;
        let catalog = Catalog::read(&mut snapshot).await?;
        let (plan, mut problems) = judge(self.request.profile, &catalog);
        problems.retain(Problem::blocks);
        if !problems.is_empty() {
            return Err(SanitiseError::Problems(problems));
        }
        let version = snapshot.server_version().await?;
        let client = self.programs.choose("pg_dump", version)?;
        let user = facts::user(&mut snapshot).await?;
        let source = facts::source(&mut snapshot, self.url, version).await?;
        let relations = fingerprint::relations(&mut snapshot).await?;
        let exported = snapshot.export().await?;
        fingerprint::lock(&mut snapshot, &relations).await?;
        Ok(Seen { snapshot, exported, client, user, source, catalog, plan })
    }

    async fn create_database(&self, seen: &Seen<'_>) -> Result<ScratchDatabase, SanitiseError> {
        let version = dbkit::postgres::ServerVersion { num: seen.source.server_version };
        let locale = restore::locale::clauses(&seen.source, version);
        let name = self.scratch_name();
        self.report.report(&BackupEvent::CopyingInto { database: name.clone() });
        let scratch = scratch::create_with(self.url, &name, "template0", &locale).await;
        scratch.map_err(SanitiseError::Scratch)
    }

    /// By default everybody may enter a new database.
    async fn keep_out_others(&self, name: &str) -> Result<(), SanitiseError> {
        let options = ConnectOptions::new("seaworthy sanitise");
        let session = connect_session(self.url, &options).await;
        let mut session = session.map_err(SnapshotError::Connect)?;
        let sql = format!("REVOKE ALL ON DATABASE {} FROM PUBLIC", Identifier(name));
        let done = session.execute(AssertSqlSafe(sql)).await;
        let _ = session.close().await;
        let database = name.to_owned();
        let failed = |source| SanitiseError::Scratch(ScratchError::Sql { database, source });
        done.map(drop).map_err(failed)
    }

    /// Copies, changes the rows, makes what was left for afterwards, and backs the result up.
    async fn fill(&self, seen: Seen<'a>, scratch: &DatabaseUrl) -> Result<Backup, SanitiseError> {
        self.keep_out_others(&scratch.database()).await?;
        let copy = Copy {
            from: self.url,
            to: scratch,
            user: &seen.user,
            snapshot: &seen.exported,
            programs: self.programs,
            client: seen.client,
            limits: self.limits,
        };
        let afterwards = copied(&copy, seen.snapshot, &seen.plan).await?;
        self.require_same_columns(&seen.catalog, scratch).await?;
        apply::apply(scratch, &seen.plan, self.request.key, self.report).await?;
        afterwards.make(&copy).await?;
        let mut backup = self.request.backup.clone();
        backup.sanitised = Some(SanitisedCopy {
            of: self.url.database(),
            sanitised: Sanitised { profile: self.request.profile.sha256.clone() },
        });
        let made = create(scratch, &backup, self.programs, self.limits, self.clock, self.report);
        Ok(made.await?)
    }

    /// What was judged was one look at the catalog, and what was copied another.
    async fn require_same_columns(
        &self,
        judged: &Catalog,
        scratch: &DatabaseUrl,
    ) -> Result<(), SanitiseError> {
        let mut snapshot = Snapshot::open(scratch, self.limits.table_lock).await?;
        let copied = Catalog::read(&mut snapshot).await?;
        snapshot.close().await;
        let (judged, copied) = (types(judged), types(&copied));
        let other = |(name, sql_type): &(&ColumnName, &&str)| judged.get(*name) != Some(*sql_type);
        let other: Vec<_> = copied.iter().filter(other).map(|(name, _)| name.clone()).collect();
        if other.is_empty() { Ok(()) } else { Err(SanitiseError::OtherColumns(other)) }
    }

    /// Drops the copy, and says so if that fails too.
    async fn discard<T>(
        &self,
        scratch: ScratchDatabase,
        made: Result<T, SanitiseError>,
    ) -> Result<T, SanitiseError> {
        let database = scratch.url().database();
        if made.is_err() {
            self.report.report(&BackupEvent::Discarding { database: database.clone() });
        }
        match scratch.drop().await {
            Ok(()) => made,
            Err(cleanup) => {
                let (cleanup, failure) = (Box::new(cleanup), made.err().map(Box::new));
                Err(SanitiseError::LeftBehind { database, cleanup, failure })
            }
        }
    }
}

/// Copies while the snapshot is kept.
async fn copied(
    copy: &Copy<'_>,
    mut snapshot: Snapshot,
    plan: &Plan,
) -> Result<Afterwards, SanitiseError> {
    let (copying, copied) = oneshot::channel();
    let work = async {
        let afterwards = copy.afterwards().await?;
        copy.rows(plan).await?;
        drop(copying);
        Ok(afterwards)
    };
    let keep = async { Ok::<_, SanitiseError>(snapshot.keep_alive(copied).await?) };
    let (afterwards, ()) = tokio::try_join!(work, keep)?;
    snapshot.close().await;
    Ok(afterwards)
}

fn types(catalog: &Catalog) -> BTreeMap<ColumnName, &str> {
    catalog.columns().map(|(name, column)| (name, column.sql_type.as_str())).collect()
}
