//! A program that is still running: it can be watched, held up, signalled and waited for.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use dbkit::DatabaseUrl;
use integration_tests::{Program, TestDatabase, keys, sql};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sea_orm::DatabaseConnection;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// What has not happened by then, does not happen.
const LIMIT: Duration = Duration::from_secs(40);

/// A program of ours that is running.
pub(crate) struct Running {
    child: Child,
    _folder: TempDir,
}

/// How a program ended; no code where a signal ended it.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    /// Starts `name` as [`Program`] does.
    pub(crate) async fn start(name: &'static str, variables: &[(&str, &str)], args: &str) -> Self {
        // Builds it where that is still to be done.
        drop(Program::new(name).await);
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(binary(name));
        command
            .env_clear()
            .env("PATH", path())
            .env("HOME", folder.path())
            .envs(keys::variables())
            .envs(variables.iter().copied())
            .args(args.split_whitespace())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Self { child: command.spawn().unwrap(), _folder: folder }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().unwrap().cast_signed())
    }

    /// Whether it has not ended yet.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal; nothing happens if it has ended in the meantime.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.child.id() {
            let _ = kill(Pid::from_raw(pid.cast_signed()), signal);
        }
    }

    /// Waits for its end.
    pub(crate) async fn end(self) -> Ended {
        let output = timeout(LIMIT, self.child.wait_with_output()).await;
        let output = output.expect("the program ends").unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Ends it as a power failure would, and waits until it is gone.
    pub(crate) async fn kill(self) -> Ended {
        self.signal(Signal::SIGKILL);
        self.end().await
    }
}

fn binary(name: &str) -> PathBuf {
    let executable = env::current_exe().unwrap();
    executable.parent().and_then(Path::parent).unwrap().join(name)
}

/// The `PATH` of this process.
#[expect(clippy::disallowed_methods, reason = "a test is an edge: nobody hands it settings")]
pub(crate) fn path() -> String {
    env::var("PATH").unwrap()
}

/// Returns once `observed` does not fail any more.
pub(crate) async fn until(what: &str, mut observed: impl AsyncFnMut() -> bool) {
    let observing = async {
        while !observed().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, observing).await.unwrap_or_else(|_| panic!("never seen: {what}"));
}

/// A lock that a test holds.
pub(crate) struct Held(PgConnection);

impl Held {
    /// Begins a transaction, and takes a lock with it.
    pub(crate) async fn take(url: &DatabaseUrl, lock: &str) -> Self {
        let mut session = sql::session(url).await.unwrap();
        let statement = format!("BEGIN; {lock}");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut session).await.unwrap();
        Self(session)
    }

    /// Gives it back.
    pub(crate) async fn release(self) {
        self.0.close().await.unwrap();
    }
}

/// What holds up `pg_dump` and nothing else: only it reads this catalog.
pub(crate) const DUMP_WAITS: &str = "LOCK TABLE pg_publication IN ACCESS EXCLUSIVE MODE";

/// SQL that makes table `people` such that a restore of it can be held up: what is locked must be
/// something that all databases share, since the new one is not there yet, and no other test's.
pub(crate) fn trap(role: &str) -> String {
    format!(
        "CREATE FUNCTION trap() RETURNS boolean LANGUAGE plpgsql AS $$
         BEGIN COMMENT ON ROLE {role} IS 'trapped'; RETURN true; END $$;
         ALTER TABLE people ADD CONSTRAINT trap CHECK (public.trap())"
    )
}

/// Holds up every restore of a table with a [`trap`].
pub(crate) async fn hold_restores(url: &DatabaseUrl, role: &str) -> Held {
    Held::take(url, &format!("COMMENT ON ROLE {role} IS 'held'")).await
}

/// Returns once a restore is held up; the name of its unfinished database.
pub(crate) async fn until_trapped(db: &DatabaseConnection, role: &str) -> String {
    let query = format!(
        "SELECT a.datname::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE NOT l.granted AND l.locktype = 'object' AND l.objid = '{role}'::regrole"
    );
    let mut found = Vec::new();
    let waits = async || {
        found = sql::column(db, &query).await;
        !found.is_empty()
    };
    until("a restore that is held up", waits).await;
    found.swap_remove(0)
}

/// Returns once somebody waits for a lock on `table`.
pub(crate) async fn until_blocked(test: &TestDatabase, table: &str) {
    let question = format!(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    );
    until(&format!("a wait for {table}"), async || sql::value(test.db(), &question).await).await;
}

/// Returns once nobody but the test is connected to its database.
pub(crate) async fn until_alone(test: &TestDatabase) {
    let question = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name <> 'seaworthy test'
                        AND backend_type = 'client backend')";
    until("the end of all sessions", async || sql::value(test.db(), question).await).await;
}
