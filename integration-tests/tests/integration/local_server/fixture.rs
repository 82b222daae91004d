//! A workspace for one test, whose server does not outlive it.

use std::{
    env,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Mutex,
};

use dbkit::{
    DatabaseUrl, Environment,
    guard::{Consent, Destruction, Permit, Target, permit as decide},
    local_server::{self, LocalServerEvent, Options, Running, StartError},
    postgres::{Installation, Search, find_servers},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar, raw_sql};
use tempfile::TempDir;

pub(super) struct Workspace {
    /// Removed last.
    _folder: TempDir,
    path: PathBuf,
    events: Mutex<Vec<LocalServerEvent>>,
    /// Every process that was started.
    pids: Mutex<Vec<(i32, PathBuf)>>,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self::below("shop")
    }

    /// A workspace at this path beneath a folder that everybody can enter, as a home folder is.
    pub(super) fn below(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let path = folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        let path = path.canonicalize().unwrap();
        Self { _folder: folder, path, events: Mutex::default(), pids: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn events(&self) -> Vec<LocalServerEvent> {
        self.events.lock().unwrap().clone()
    }

    pub(super) async fn start(&self) -> Running {
        self.start_with(&search(), &Options::default()).await.unwrap()
    }

    pub(super) async fn start_with(
        &self,
        search: &Search,
        options: &Options,
    ) -> Result<Running, StartError> {
        let running = local_server::start(&self.path, search, options, &self.events).await?;
        self.pids.lock().unwrap().push((running.pid, running.data_dir.clone()));
        Ok(running)
    }

    /// Deletes the server; whether there was one.
    pub(super) async fn destroy(&self) -> bool {
        local_server::destroy(&self.path, &permit("app"), &()).await.unwrap()
    }
}

impl Drop for Workspace {
    /// Ends the servers that the test has left, each only if it still is the one that was started.
    fn drop(&mut self) {
        for (pid, data_dir) in self.pids.get_mut().unwrap().drain(..) {
            let file = fs::read_to_string(data_dir.join("postmaster.pid")).unwrap_or_default();
            if file.lines().next() == Some(&*pid.to_string()) {
                // Immediate shutdown: the data is deleted with the folder anyway.
                let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
            }
            if data_dir.starts_with("/var/lib/seaworthy") {
                let _ = fs::remove_dir_all(data_dir.parent().unwrap());
            }
        }
    }
}

/// The PostgreSQL of this machine.
#[expect(clippy::disallowed_methods, reason = "a test has no edge that would hand it the PATH")]
pub(super) fn search() -> Search {
    Search::new(env::var_os("PATH").as_deref())
}

pub(super) async fn installed() -> Installation {
    find_servers(&search()).await.into_iter().next().expect("the tests need PostgreSQL")
}

pub(super) fn permit(database: &str) -> Permit {
    let target = Target {
        environment: Environment::Testing,
        stamp: None,
        database: database.to_owned(),
        local: true,
    };
    decide(&target, Destruction::Wipe, &Consent::default()).unwrap()
}

pub(super) async fn run(url: &DatabaseUrl, sql: &str) {
    try_run(url, sql).await.unwrap();
}

pub(super) async fn try_run(url: &DatabaseUrl, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url.expose()).await?;
    raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    connection.close().await
}

/// The one text that a query answers with.
pub(super) async fn ask(url: &DatabaseUrl, sql: &str) -> String {
    let mut connection = PgConnection::connect(url.expose()).await.unwrap();
    let answer =
        query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}
