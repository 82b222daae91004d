//! Restoring a backup into a new database, and proving that it is the same.
//!
//! Nothing that exists is touched. The backup is checked before the database is created, and what
//! was restored is counted and hashed before it is handed over; whatever fails in between, the new
//! database is dropped again.

use std::{
    io,
    pin::{Pin, pin},
    process::ExitStatus,
    time::{Duration, Instant},
};

use dbkit::{
    DatabaseUrl, Literal, Report,
    postgres::{Installation, ServerVersion},
    scratch::{self, ScratchDatabase, ScratchError},
};
use uuid::Uuid;

use crate::{
    Backup, BackupEvent, Complaint, Difference, Finding, NoClient, Opening, PasswordError,
    Programs, SnapshotError, VerifyError,
    child::Child,
    client, complaint, content, facts, fingerprint,
    manifest::{Content, Source},
    password_file::FreeStream,
    pipeline,
    snapshot::Snapshot,
    stage::Stage,
    verify,
};

/// For how long a table of the new database may be locked by somebody else.
const TABLE_LOCK: Duration = Duration::from_secs(30);

/// To whom the restored objects belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ownership {
    /// To the roles that owned them, with the privileges that were granted. A role that does not
    /// exist on this server is an error: a database that nobody may use is not restored.
    #[default]
    AsRecorded,
    /// To the role that restores, and nothing is granted to anybody. For another server.
    Restorer,
}

/// What to restore into.
#[derive(Clone, Debug)]
pub struct RestoreOptions {
    /// The name of the new database.
    pub database: String,
    /// This run, which names the database until it is complete and compared.
    pub run: Uuid,
    /// To whom its objects belong.
    pub ownership: Ownership,
    /// How long `pg_restore` may take.
    pub limit: Duration,
}

/// A database that was restored and found the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Its name.
    pub database: String,
    /// How many tables were compared.
    pub tables: usize,
    /// How many rows they have together.
    pub rows: u64,
    /// How long everything took.
    pub elapsed: Duration,
}

/// Why nothing was restored. Unless it says otherwise, there is no new database.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup cannot be read, or not be unpacked.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The backup is not what it was.
    #[error("{id} is damaged: {}", listed(findings))]
    Damaged {
        /// The backup.
        id: crate::BackupId,
        /// What is wrong with it.
        findings: Vec<Finding>,
    },
    /// The content was recorded in a way that this version cannot recompute.
    #[error("the content was recorded as `{0}`, which is not known here")]
    UnknownFingerprint(String),
    /// No installed `pg_restore` can read the archive.
    #[error(transparent)]
    NoClient(#[from] NoClient),
    /// The new database was not created; one of that name may be there already.
    #[error(transparent)]
    Create(ScratchError),
    /// The password cannot be handed to `pg_restore`.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// `pg_restore` did not start.
    #[error("cannot run pg_restore")]
    Start(#[source] io::Error),
    /// `pg_restore` failed.
    #[error("pg_restore failed ({status}): {}", complaint::essence(stderr))]
    Restore {
        /// Why, as far as its words tell.
        complaint: Complaint,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said.
        stderr: String,
    },
    /// `pg_restore` took too long.
    #[error("pg_restore was not done after {} s", limit.as_secs())]
    TooLong {
        /// How long it could take.
        limit: Duration,
    },
    /// The server, or what was restored, cannot be read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// What was restored is not what was recorded.
    #[error("the restored database differs: {}", listed(differences))]
    Differs {
        /// What differs.
        differences: Vec<Difference>,
    },
    /// The caller asked to stop.
    #[error("the restore was stopped")]
    Stopped,
    /// It failed, and the new database could not be dropped again.
    #[error("database `{database}` is incomplete and could not be dropped ({cleanup})")]
    LeftBehind {
        /// The new database.
        database: String,
        /// Why it could not be dropped.
        cleanup: ScratchError,
        /// Why the restore failed.
        #[source]
        failure: Box<RestoreError>,
    },
}

/// The first few, since every table of a database may differ.
fn listed<T: ToString>(items: &[T]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<_> = items.iter().take(SHOWN).map(ToString::to_string).collect();
    if items.len() > SHOWN {
        shown.push(format!("and {} more", items.len() - SHOWN));
    }
    shown.join("; ")
}

/// Restores `backup` into a new database on the server of `maintenance`.
///
/// `maintenance` is any database on that server. The new database is called
/// `seaworthy_restore_<run>` until it was found equal to the manifest, so that its name never leads
/// to a part of it. When `stop` resolves, the restore ends and the new database is dropped; a call
/// that is merely dropped leaves it behind under that name.
pub async fn restore(
    backup: &Backup,
    maintenance: &DatabaseUrl,
    options: &RestoreOptions,
    opening: &Opening,
    programs: &Programs,
    stop: impl Future<Output = ()>,
    report: &dyn Report<BackupEvent>,
) -> Result<Restored, RestoreError> {
    let begun = Instant::now();
    let run = Run { backup, maintenance, options, opening, programs, report };
    let mut stop = pin!(stop);
    let _shared = verify::share(backup)?;
    let prepared = until(stop.as_mut(), run.prepare()).await?;
    let mut database = run.create_database(&prepared).await?;
    match until(stop, run.complete(&prepared, &mut database)).await {
        Ok(content) => {
            let database = database.keep().database();
            let rows = content.tables.iter().map(|table| table.rows).sum();
            let (tables, elapsed) = (content.tables.len(), begun.elapsed());
            Ok(Restored { database, tables, rows, elapsed })
        }
        Err(failure) => Err(run.discard(database, failure).await),
    }
}

/// Does `work`, unless `stop` comes first.
async fn until<T>(
    stop: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T, RestoreError>>,
) -> Result<T, RestoreError> {
    tokio::select! {
        biased;
        () = stop => Err(RestoreError::Stopped),
        result = work => result,
    }
}

struct Run<'a> {
    backup: &'a Backup,
    maintenance: &'a DatabaseUrl,
    options: &'a RestoreOptions,
    opening: &'a Opening,
    programs: &'a Programs,
    report: &'a dyn Report<BackupEvent>,
}

/// All that can be done before the new database exists.
struct Prepared<'a> {
    client: &'a Installation,
    server: ServerVersion,
    user: String,
    stage: Stage,
}

impl<'a> Run<'a> {
    async fn prepare(&self) -> Result<Prepared<'a>, RestoreError> {
        let manifest = &self.backup.manifest;
        if manifest.fingerprint != fingerprint::ALGORITHM {
            return Err(RestoreError::UnknownFingerprint(manifest.fingerprint.clone()));
        }
        let client = self.programs.choose("pg_restore", manifest.client_version())?;
        scratch::require_free(self.maintenance, &self.options.database)
            .await
            .map_err(RestoreError::Create)?;
        let mut session = Snapshot::open(self.maintenance, TABLE_LOCK).await?;
        let server = session.server_version().await?;
        let user = facts::user(&mut session).await?;
        session.close().await;

        let stage = Stage::new(self.backup.place.staging()).map_err(VerifyError::Stage)?;
        let writer = stage.writer().map_err(VerifyError::Stage)?;
        let findings =
            verify::inspect(self.backup, self.opening, Some(writer), None, self.report).await?;
        if !findings.is_empty() {
            return Err(RestoreError::Damaged { id: manifest.id.clone(), findings });
        }
        Ok(Prepared { client, server, user, stage })
    }

    async fn create_database(
        &self,
        prepared: &Prepared<'_>,
    ) -> Result<ScratchDatabase, RestoreError> {
        let locale = locale_clauses(&self.backup.manifest.source, prepared.server);
        let name = format!("seaworthy_restore_{}", self.options.run.simple());
        scratch::create_with(self.maintenance, &name, "template0", &locale)
            .await
            .map_err(RestoreError::Create)
    }

    /// Fills the new database and gives it its name.
    async fn complete(
        &self,
        prepared: &Prepared<'_>,
        database: &mut ScratchDatabase,
    ) -> Result<Content, RestoreError> {
        let content = self.fill(prepared, database.url()).await?;
        database.rename(&self.options.database).await.map_err(RestoreError::Create)?;
        Ok(content)
    }

    /// Fills the new database and compares it with the manifest.
    async fn fill(
        &self,
        prepared: &Prepared<'_>,
        url: &DatabaseUrl,
    ) -> Result<Content, RestoreError> {
        let database = self.options.database.clone();
        self.report.report(&BackupEvent::Restoring { database });
        self.run_pg_restore(prepared, url).await?;

        let mut snapshot = Snapshot::open(url, TABLE_LOCK).await?;
        snapshot.set_monetary(&self.backup.manifest.source.monetary).await?;
        let recorded = &self.backup.manifest.content;
        let relations = fingerprint::relations(&mut snapshot).await?.in_order_of(recorded);
        let found = fingerprint::content(&mut snapshot, &relations, self.report).await?;
        snapshot.close().await;
        let differences = content::compare(&self.backup.manifest.content, &found);
        if differences.is_empty() { Ok(found) } else { Err(RestoreError::Differs { differences }) }
    }

    async fn run_pg_restore(
        &self,
        prepared: &Prepared<'_>,
        url: &DatabaseUrl,
    ) -> Result<(), RestoreError> {
        let mut command = self.programs.command(prepared.client, "pg_restore");
        command
            .args(["--exit-on-error", "--no-password"])
            .arg(format!("--jobs={}", pipeline::workers()))
            .arg("--dbname")
            .arg(client::database_argument(&url.database()));
        if self.options.ownership == Ownership::Restorer {
            command.args(["--no-owner", "--no-acl"]);
        }
        prepared.stage.lend(&mut command).map_err(RestoreError::Start)?;
        let _password =
            self.programs.connect(&mut command, url, &prepared.user, FreeStream::Stdout)?;
        let limit = self.options.limit;
        let child = Child::spawn(&mut command).map_err(RestoreError::Start)?;
        let ended = child.wait(limit).await.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => RestoreError::TooLong { limit },
            _ => RestoreError::Start(error),
        })?;
        if ended.status.success() {
            return Ok(());
        }
        let (status, stderr) = (ended.status, ended.stderr);
        Err(RestoreError::Restore { complaint: Complaint::of(&stderr), status, stderr })
    }

    /// Drops the new database, and says so if that fails too.
    async fn discard(&self, database: ScratchDatabase, failure: RestoreError) -> RestoreError {
        let name = database.url().database();
        self.report.report(&BackupEvent::Discarding { database: name.clone() });
        match database.drop().await {
            Ok(()) => failure,
            Err(cleanup) => {
                RestoreError::LeftBehind { database: name, cleanup, failure: Box::new(failure) }
            }
        }
    }
}

/// How the new database must store and order text to be like the old one.
///
/// <https://www.postgresql.org/docs/current/sql-createdatabase.html>
fn locale_clauses(source: &Source, server: ServerVersion) -> String {
    let clause = |name: &str, value: &str| format!(" {name} {}", Literal(value));
    let mut clauses = clause("ENCODING", &source.encoding);
    clauses.push_str(&clause("LC_COLLATE", &source.collate));
    clauses.push_str(&clause("LC_CTYPE", &source.ctype));
    // Before PostgreSQL 15 there was only the operating system's locale, and no word for it.
    if server.major() < 15 && source.locale_provider == "c" {
        return clauses;
    }
    let locale = source.locale.as_deref().unwrap_or_default();
    match source.locale_provider.as_str() {
        "i" => {
            clauses.push_str(" LOCALE_PROVIDER icu");
            clauses.push_str(&clause("ICU_LOCALE", locale));
            if let Some(rules) = &source.icu_rules {
                clauses.push_str(&clause("ICU_RULES", rules));
            }
        }
        "b" => {
            clauses.push_str(" LOCALE_PROVIDER builtin");
            clauses.push_str(&clause("BUILTIN_LOCALE", locale));
        }
        _ => clauses.push_str(" LOCALE_PROVIDER libc"),
    }
    clauses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::tests::manifest;

    #[test]
    fn the_new_database_has_the_old_ones_locale() {
        let mut source = manifest("20261120T214530Z_manual_9f1c02ab").source;
        let version = |major: u32| ServerVersion { num: major * 10_000 };
        let plain = " ENCODING E'UTF8' LC_COLLATE E'C.UTF-8' LC_CTYPE E'C.UTF-8'";
        assert_eq!(locale_clauses(&source, version(14)), plain);
        let libc = format!("{plain} LOCALE_PROVIDER libc");
        assert_eq!(locale_clauses(&source, version(15)), libc);
        source.locale_provider = "i".to_owned();
        source.locale = Some("de-x-'".to_owned());
        let icu = format!("{plain} LOCALE_PROVIDER icu ICU_LOCALE E'de-x-'''");
        assert_eq!(locale_clauses(&source, version(16)), icu);
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(listed(&["a", "b"]), "a; b");
        assert_eq!(listed(&["a", "b", "c", "d", "e"]), "a; b; c; and 2 more");
    }
}
