//! What every way to restore has in common: the backup is read to its end before anything is touched, and
//! what `pg_restore` made of it is compared before anybody gets to see it.

use std::{path::Path, pin::Pin, time::Duration};

use dbkit::{
    DatabaseUrl,
    postgres::{Installation, ServerVersion},
    scratch::{self, ScratchDatabase},
};
use tokio::io::AsyncReadExt as _;

use super::{
    Means, RestoreError, RestoreOptions,
    close::Close,
    locale,
    psql::Psql,
    read_back::read_back,
    script::Script,
    tool::{self, Tool},
};
use crate::{
    Backup, BackupEvent, VerifyError, archive, client, content, fingerprint, manifest::Content,
    password_file::FreeStream, pipeline, server::Server, stage::Stage, verify,
};

/// For how long a table may be locked by somebody else.
pub(crate) const TABLE_LOCK: Duration = Duration::from_secs(30);

/// Piece of a script.
const PIECE: usize = 128 << 10;

/// A backup on its way into a database.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) backup: &'a Backup,
    pub(crate) options: &'a RestoreOptions,
    pub(crate) means: Means<'a>,
}

/// All that can be done before a database is touched.
pub(crate) struct Ready<'a> {
    pub(crate) client: &'a Installation,
    pub(crate) server: ServerVersion,
    /// How closely what is restored beside a database is compared.
    pub(crate) close: Close,
    pub(super) user: String,
    stage: Stage,
}

/// Which part of the archive is restored.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    /// All of it.
    Whole,
    /// What stands in this list for `pg_restore --use-list`.
    Listed(&'a Path),
}

/// Does `work`, unless `stop` comes first.
pub(crate) async fn until<T>(
    stop: Pin<&mut impl Future<Output = ()>>,
    work: impl Future<Output = Result<T, RestoreError>>,
) -> Result<T, RestoreError> {
    tokio::select! {
        biased;
        () = stop => Err(RestoreError::Stopped),
        result = work => result,
    }
}

impl<'a> Work<'a> {
    /// Reads the backup to its end, and keeps what is in it where `pg_restore` can read it.
    pub(crate) async fn prepare(&self, server: &mut Server) -> Result<Ready<'a>, RestoreError> {
        let manifest = &self.backup.manifest;
        if manifest.fingerprint != fingerprint::ALGORITHM {
            return Err(RestoreError::UnknownFingerprint(manifest.fingerprint.clone()));
        }
        let client = self.means.programs.choose("pg_restore", manifest.client_version())?;
        let (version, user) = (server.version().await?, server.user().await?);
        let staging = self.backup.place.staging().map_err(VerifyError::Stage)?;
        let stage = Stage::new(&staging).map_err(VerifyError::Stage)?;
        let writer = stage.writer().map_err(VerifyError::Stage)?;
        let inspected =
            verify::inspect(self.backup, self.means.opening, Some(writer), None, self.means.report)
                .await?;
        if !inspected.is_empty() {
            let id = manifest.id.clone();
            return Err(RestoreError::Damaged { id, findings: inspected });
        }
        let unpacked = stage.writer().map_err(VerifyError::Stage)?;
        archive::fill_in(&unpacked, &manifest.toc).map_err(VerifyError::Stage)?;
        let close = Close::of(self.options.comparison, self.backup, version).await;
        Ok(Ready { client, server: version, close, user, stage })
    }

    /// Makes an empty database like the one that was backed up.
    pub(crate) async fn create(
        &self,
        ready: &Ready<'_>,
        server: &Server,
        name: &str,
        clauses: &str,
    ) -> Result<ScratchDatabase, RestoreError> {
        let locale = locale::clauses(&self.backup.manifest.source, ready.server);
        scratch::create_with(server.url(), name, "template0", &(locale + clauses))
            .await
            .map_err(RestoreError::Create)
    }

    /// Fills a new database from all of the backup and compares it with the manifest.
    pub(crate) async fn fill(
        &self,
        ready: &Ready<'_>,
        url: &DatabaseUrl,
    ) -> Result<Content, RestoreError> {
        self.pour(ready, url, Part::Whole).await?;
        let found = self.look(ready, url, |_, _| true).await?;
        let differences =
            content::compare(&self.backup.manifest.content, &found, ready.close.comparison);
        if differences.is_empty() { Ok(found) } else { Err(RestoreError::Differs { differences }) }
    }

    /// Counts and hashes what is in a database, of the tables only those that are `wanted`.
    pub(crate) async fn look(
        &self,
        ready: &Ready<'_>,
        url: &DatabaseUrl,
        wanted: impl Fn(&str, &str) -> bool,
    ) -> Result<Content, RestoreError> {
        let (recorded, report) = (&self.backup.manifest, self.means.report);
        let monetary = &recorded.source.monetary;
        let compared = (&recorded.content, ready.close.comparison);
        Ok(read_back(url, monetary, compared, wanted, report).await?)
    }

    /// Lets `pg_restore` fill a new database.
    pub(crate) async fn pour(
        &self,
        ready: &Ready<'_>,
        url: &DatabaseUrl,
        part: Part<'_>,
    ) -> Result<(), RestoreError> {
        self.means.report.report(&BackupEvent::Restoring { database: url.database() });
        if tool::says_too_much(ready.client.version, ready.server) {
            return self.pour_as_script(ready, url, part).await;
        }
        // Two at least: one alone would not fill a table in the transaction that empties it.
        let jobs = pipeline::workers().max(2);
        if matches!(part, Part::Whole) {
            let archive = ready.stage.writer().map_err(VerifyError::Stage)?;
            archive::freeze(&archive).map_err(VerifyError::Stage)?;
        }
        let mut command = self.means.programs.command(ready.client, "pg_restore");
        command
            .args(["--exit-on-error", "--no-password"])
            .arg(format!("--jobs={jobs}"))
            .arg("--dbname")
            .arg(client::database_argument(&url.database()));
        self.complete(&mut command, ready, part)?;
        let stream = FreeStream::Stdout;
        let _password = self.means.programs.connect(&mut command, url, &ready.user, stream)?;
        Tool::start("pg_restore", &mut command)?.finish(self.options.limit).await
    }

    /// The same through `psql`, which is told no more than the server understands.
    async fn pour_as_script(
        &self,
        ready: &Ready<'_>,
        url: &DatabaseUrl,
        part: Part<'_>,
    ) -> Result<(), RestoreError> {
        let mut psql = self.psql(ready, url)?;
        psql.silently().await?;
        // Large objects are written in a transaction that the script does not begin itself.
        psql.say("BEGIN").await?;
        self.feed(ready, &mut psql, part).await?;
        psql.say("COMMIT").await?;
        psql.finish(self.options.limit).await
    }

    /// Starts `psql`, of the same installation as the `pg_restore` whose script it reads.
    pub(super) fn psql(&self, ready: &Ready<'_>, url: &DatabaseUrl) -> Result<Psql, RestoreError> {
        Psql::start(self.means.programs, ready.client, url, &ready.user)
    }

    /// Lets `pg_restore` write a script, and `psql` read it.
    pub(super) async fn feed(
        &self,
        ready: &Ready<'_>,
        psql: &mut Psql,
        part: Part<'_>,
    ) -> Result<(), RestoreError> {
        let mut command = self.means.programs.command(ready.client, "pg_restore");
        // Without `--single-transaction`, large objects would come in transactions of their own.
        command.args(["--file=-", "--single-transaction"]).stdout(std::process::Stdio::piped());
        self.complete(&mut command, ready, part)?;
        let mut tool = Tool::start("pg_restore", &mut command)?;
        let mut output = tool.stdout()?;
        let mut script = Script::new(ready.server);
        let mut piece = vec![0; PIECE];
        loop {
            let read = output.read(&mut piece).await;
            let read =
                read.map_err(|source| RestoreError::Start { program: "pg_restore", source })?;
            if read == 0 {
                break;
            }
            psql.write(&script.pass(&piece[..read])).await?;
            if psql.has_ended() {
                return Ok(());
            }
        }
        // Only now is it known that this was all of it.
        tool.finish(self.options.limit).await?;
        psql.write(&script.end()).await
    }

    fn complete(
        &self,
        command: &mut tokio::process::Command,
        ready: &Ready<'_>,
        part: Part<'_>,
    ) -> Result<(), RestoreError> {
        if self.options.ownership == super::Ownership::Restorer {
            command.args(["--no-owner", "--no-acl"]);
        }
        if let Part::Listed(list) = part {
            command.arg("--use-list").arg(list);
        }
        let lent = ready.stage.lend(command);
        lent.map_err(|source| RestoreError::Start { program: "pg_restore", source })
    }

    /// Drops the new database, and says so if that fails too.
    pub(crate) async fn discard(
        &self,
        database: ScratchDatabase,
        failure: RestoreError,
    ) -> RestoreError {
        let name = database.url().database();
        self.means.report.report(&BackupEvent::Discarding { database: name.clone() });
        match database.drop().await {
            Ok(()) => failure,
            Err(cleanup) => RestoreError::LeftBehind {
                database: name,
                cleanup: Box::new(cleanup),
                failure: Box::new(failure),
            },
        }
    }
}
