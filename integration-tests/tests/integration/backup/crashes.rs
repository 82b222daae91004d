//! Whenever an exchange is cut short, `doctor --repair` leaves the old database or the new one, whole.

use std::{path::PathBuf, time::Duration};

use backup::{
    Backup, BackupEvent, Comparison, Means, Opening, Origin, Ownership, Programs, RestoreOptions,
    Store, SwapStep, find,
};
use dbkit::{DatabaseUrl, Environment, FixedClock, Report, postgres::find_clients};
use integration_tests::{Cluster, Program, Run, keys, permit, search, sql};
use nix::sys::signal::Signal;
use sea_orm::DatabaseConnection;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use super::SMALL;
use crate::{
    content::{assert_same, but_the_trail},
    seeder::{assert_failed, document},
    watching::{Held, Running, hold_restores, trap, until, until_trapped},
};

const STEPS: [SwapStep; 5] = [
    SwapStep::Analysing,
    SwapStep::Closing,
    SwapStep::Cutting,
    SwapStep::Renaming,
    SwapStep::Renamed,
];

/// A listener in which a run dies: nothing that it would have done afterwards is done.
struct DiesAt(SwapStep);

impl Report<BackupEvent> for DiesAt {
    fn report(&self, event: &BackupEvent) {
        let BackupEvent::Swapping { step } = event else { return };
        assert!(*step != self.0, "the run dies at {step:?}, as the test wants it");
    }
}

/// A server of its own, since a repair is of a whole server, with a database and the role `app`.
struct Alone {
    cluster: Cluster,
    folder: TempDir,
    /// Beside the database.
    server: DatabaseConnection,
    /// What a backup of it holds.
    new: Vec<String>,
    /// What it holds.
    old: Vec<String>,
}

const NAME: &str = "app";

const RESTORE: &str = "restore latest:manual --yes --no-safety-backup";

impl Alone {
    async fn start() -> Self {
        let cluster = Cluster::start().await;
        let server = sql::pool(&cluster.superuser().with_database("postgres")).await;
        let folder = tempfile::tempdir().unwrap();
        let mut alone = Self { cluster, folder, server, new: Vec::new(), old: Vec::new() };
        let db = sql::pool(alone.url()).await;
        sql::run(&db, SMALL).await;
        sql::run(&db, &trap(NAME)).await;
        alone.new = but_the_trail(&db).await;
        let created = alone.run("create").await;
        assert_eq!(created.code, 0, "{created}");
        sql::run(&db, "DELETE FROM people WHERE id > 50").await;
        alone.old = but_the_trail(&db).await;
        sql::run(&db, "COMMENT ON DATABASE app IS 'The shop'").await;
        db.close().await.unwrap();
        alone
    }

    fn url(&self) -> &DatabaseUrl {
        self.cluster.superuser()
    }

    fn beside(&self) -> DatabaseUrl {
        self.url().with_database("postgres")
    }

    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    async fn run(&self, arguments: &str) -> Run {
        let program = Program::new("backup").await.on(self.url()).args(arguments);
        program.env("BACKUP_DIR", self.backups()).run().await
    }

    async fn start_restore(&self, arguments: &str) -> Running {
        let folder = self.backups().display().to_string();
        let variables = [("DATABASE_URL", self.url().expose()), ("BACKUP_DIR", &folder)];
        Running::start("backup", &variables, arguments).await
    }

    async fn content(&self) -> Vec<String> {
        let db = sql::pool(self.url()).await;
        let content = but_the_trail(&db).await;
        db.close().await.unwrap();
        content
    }

    async fn exists(&self, name: &str) -> bool {
        let query = format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')");
        sql::value(&self.server, &query).await
    }

    /// The database's comment, and whether it lets anybody in.
    async fn state(&self) -> (Option<String>, bool) {
        let query =
            "SELECT json_build_array(shobj_description(oid, 'pg_database'), datallowconn)::text
                     FROM pg_database WHERE datname = 'app'";
        serde_json::from_str(&sql::value::<String>(&self.server, query).await).unwrap()
    }

    /// Runs `doctor --repair` once the dead are seen to be dead; what it found.
    async fn repaired(&self) -> Vec<String> {
        let findings = |run: &Run| document(run)["data"]["databases"].as_array().unwrap().clone();
        let mut found = Vec::new();
        until("the end of a dead run's session", async || {
            let listed = self.run("doctor --format json").await;
            found = findings(&listed);
            assert_eq!(listed.code, if found.is_empty() { 0 } else { 3 }, "{listed}");
            document(&listed)["data"]["under_way"] == 0
        })
        .await;
        let repairing = self.run("doctor --repair --format json").await;
        assert_eq!(repairing.code, 0, "{repairing}");
        assert_eq!(findings(&repairing).len(), found.len());
        let again = self.run("doctor --format json").await;
        assert_eq!((again.code, findings(&again).len()), (0, 0), "{again}");
        let is_half =
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'seaworthy%' OR NOT datallowconn
                       AND datname <> 'template0'";
        assert_eq!(sql::value::<i64>(&self.server, is_half).await, 0);
        assert_eq!(self.state().await, (Some("The shop".to_owned()), true));
        let kind = |finding: &Value| finding["finding"].as_str().unwrap().to_owned();
        let mut kinds: Vec<_> = found.iter().map(kind).collect();
        kinds.sort_unstable();
        kinds
    }
}

/// What a swap of this place needs.
struct Swap {
    backup: Backup,
    options: RestoreOptions,
    opening: Opening,
    programs: Programs,
}

impl Swap {
    async fn of(alone: &Alone) -> Self {
        let backup = find(&Store::folder(alone.backups()), None, "latest").await.unwrap();
        let programs =
            Programs { installations: find_clients(&search()).await, inherited: Vec::new() };
        Self { backup, options: options(), opening: keys::opening(), programs }
    }

    /// Lets a run die at `step`.
    async fn dies_at(self, alone: &Alone, step: SwapStep) {
        let (url, permit) = (alone.url().clone(), permit(NAME));
        let dying = tokio::spawn(async move {
            let clock = FixedClock(chrono::DateTime::UNIX_EPOCH);
            let report = DiesAt(step);
            let means = Means { opening: &self.opening, programs: &self.programs, report: &report };
            let never = std::future::pending();
            backup::swap(&self.backup, &url, &self.options, &permit, means, &clock, never)
                .await
                .map(drop)
        });
        assert!(dying.await.unwrap_err().is_panic(), "{step:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is an edge: it names its runs itself")]
fn options() -> RestoreOptions {
    RestoreOptions {
        database: NAME.to_owned(),
        tables: Vec::new(),
        run: Uuid::now_v7(),
        ownership: Ownership::AsRecorded,
        comparison: Some(Comparison::Content),
        origin: Origin::Own,
        environment: Environment::Testing,
        limit: Duration::from_mins(1),
        lock_wait: Duration::from_secs(10),
    }
}

#[tokio::test]
async fn a_run_that_dies_at_any_step_leaves_the_old_or_the_new_database() {
    let alone = Alone::start().await;
    for step in STEPS {
        Swap::of(&alone).await.dies_at(&alone, step).await;
        if step == SwapStep::Renaming {
            let run = alone.run("undo --yes").await;
            assert_failed(&run, 6, "database `app` lets nobody in");
            assert!(run.stderr.contains("backup doctor --repair"), "{run}");
        }
        let expected: &[&str] = match step {
            SwapStep::Analysing | SwapStep::Closing => &["abandoned"],
            SwapStep::Cutting | SwapStep::Renaming => &["abandoned", "closed"],
            SwapStep::Renamed => &[],
        };
        assert_eq!(alone.repaired().await, expected, "{step:?}");
        let expected = if step == SwapStep::Renamed { &alone.new } else { &alone.old };
        assert_same(expected, &alone.content().await);
    }
    // The next run finds nothing in its way, and the exchange of the dead one can be taken back.
    let undone = alone.run("undo --yes").await;
    assert_eq!(undone.code, 0, "{undone}");
    assert_same(&alone.old, &alone.content().await);
}

/// Returns once somebody waits for the lock on the database called `name`.
async fn until_waited_for(server: &DatabaseConnection, name: &str) {
    let query = format!(
        "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
         WHERE NOT l.granted AND l.locktype = 'object' AND l.classid = 'pg_database'::regclass
             AND d.datname = '{name}')"
    );
    until("a wait for the database", async || sql::value(server, &query).await).await;
}

/// Kills a swap while it waits for the lock on a database, the live one or the new one.
async fn killed_at(alone: &Alone, database: impl Fn(&str) -> String) {
    let restore = hold_restores(&alone.beside(), NAME).await;
    let running = alone.start_restore(RESTORE).await;
    let name = database(&until_trapped(&alone.server, NAME).await);
    // A comment needs a lock that lets everything pass but another comment and a renaming.
    let comment = format!("COMMENT ON DATABASE {name} IS NULL");
    let held = Held::take(&alone.beside(), &comment).await;
    restore.release().await;
    until_waited_for(&alone.server, &name).await;
    running.kill().await;
    held.release().await;
}

#[tokio::test]
async fn killed_before_or_in_the_middle_of_the_exchange_one_of_the_two_is_there() {
    let alone = Alone::start().await;
    // What the server was told last it carries out, and nothing of the rest: so the old one is there.
    killed_at(&alone, |_| NAME.to_owned()).await;
    assert_eq!(alone.repaired().await, ["abandoned", "closed"]);
    assert_same(&alone.old, &alone.content().await);
    // Here that is the whole transaction: so the new one is there.
    killed_at(&alone, str::to_owned).await;
    assert_eq!(alone.repaired().await, [""; 0]);
    assert_same(&alone.new, &alone.content().await);
}

#[tokio::test]
async fn killed_or_interrupted_during_the_restore_the_old_one_is_there() {
    let alone = Alone::start().await;
    let held = hold_restores(&alone.beside(), NAME).await;
    let running = alone.start_restore(RESTORE).await;
    until_trapped(&alone.server, NAME).await;
    running.kill().await;
    held.release().await;
    assert_eq!(alone.repaired().await, ["abandoned"]);
    assert_same(&alone.old, &alone.content().await);
    for arguments in [RESTORE.to_owned(), format!("{RESTORE} --mode in-place")] {
        let held = hold_restores(&alone.beside(), NAME).await;
        let running = alone.start_restore(&arguments).await;
        let within = until_trapped(&alone.server, NAME).await;
        running.signal(Signal::SIGINT);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
        held.release().await;
        assert!(within == NAME || !alone.exists(&within).await, "{within} is left behind");
        assert_same(&alone.old, &alone.content().await);
    }
    assert_eq!(alone.repaired().await, [""; 0]);
}

#[tokio::test]
async fn a_restore_that_is_under_way_is_nobodys_to_repair() {
    let alone = Alone::start().await;
    let held = hold_restores(&alone.beside(), NAME).await;
    let running = alone.start_restore(RESTORE).await;
    let unfinished = until_trapped(&alone.server, NAME).await;
    let doctor = alone.run("doctor --repair --format json").await;
    assert_eq!(document(&doctor)["data"]["under_way"], 1, "{doctor}");
    assert!(alone.exists(&unfinished).await);
    held.release().await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert_same(&alone.new, &alone.content().await);
}
