//! The password of the database is seen by libpq and by nobody else.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use dbkit::DatabaseUrl;
use integration_tests::{Cluster, sql, unique_name};
use nix::sys::signal::Signal;
use sea_orm::DatabaseConnection;
use tempfile::TempDir;
use tokio::net::UnixStream;

use super::tree;
use crate::{
    content::{assert_same, of_the_team},
    watching::{DUMP_WAITS, Held, Running, hold_restores, trap, until, until_trapped},
};

/// Whether somebody waits for a lock.
const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)";

/// With everything that means something in a URL, a password file or a shell; once on one line, as a
/// password file can hold it, and once on several.
pub(super) const PASSWORDS: [&str; 2] =
    [r"unt0ld: \'@%/#? ü漢", "unt0ld: \\'@%/#?\nsecond\r\nlast\t ü漢\u{1f511}"];

/// What gives the password away, in whatever it may be wrapped.
const TELLTALE: &str = "unt0ld";

/// A server that asks for passwords, and a superuser who needs one.
struct Guarded {
    cluster: Cluster,
    superuser: DatabaseConnection,
    url: DatabaseUrl,
    place: TempDir,
}

impl Guarded {
    async fn by(password: &str) -> Self {
        let mut cluster = Cluster::start().await;
        let ask = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        cluster.restart(&[], |cluster| cluster.write("pg_hba.conf", ask)).await;
        let superuser = sql::pool(cluster.superuser()).await;
        sql::run(&superuser, super::SMALL).await;
        sql::run(&superuser, &keeper("keeper", password)).await;
        let url = cluster.tcp(&credentials("keeper", password), "127.0.0.1", "");
        assert_eq!(url.password().as_deref(), Some(password));
        Self { cluster, superuser, url, place: tempfile::tempdir().unwrap() }
    }

    /// Starts a command that logs all it can, and has a folder for what is temporary.
    async fn start(&self, arguments: &str) -> Running {
        fs::create_dir_all(self.temporary()).unwrap();
        let backups = self.place.path().join("backups").display().to_string();
        let temporary = self.temporary().display().to_string();
        let variables = [
            ("DATABASE_URL", self.url.expose()),
            ("BACKUP_DIR", &backups),
            ("BACKUP_SANITISE_KEY", "the key of these tests"),
            ("TMPDIR", &temporary),
            ("RUST_LOG", "trace"),
        ];
        Running::start("backup", &variables, arguments).await
    }

    fn temporary(&self) -> PathBuf {
        self.place.path().join("tmp")
    }

    /// Waits for the end of a command; what it said, which is not the password.
    async fn end(&self, running: Running, code: i32) -> String {
        let ended = running.end().await;
        let said = ended.stdout + &ended.stderr;
        assert_eq!(ended.code, Some(code), "{said}");
        assert!(!said.contains(TELLTALE), "{said}");
        self.assert_nothing_left().await;
        said
    }

    async fn run(&self, arguments: &str) -> String {
        let running = self.start(arguments).await;
        self.end(running, 0).await
    }

    /// Asserts that there is no way into the server any more, and that nobody is in it.
    async fn assert_nothing_left(&self) {
        assert_eq!(tree(&self.temporary()), Vec::<PathBuf>::new());
        let server = sql::pool(&self.cluster.superuser().with_database("postgres")).await;
        until("the end of all sessions", async || sql::value(&server, GONE).await).await;
        server.close().await.unwrap();
    }
}

/// Whether nobody uses a password.
const GONE: &str =
    "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE starts_with(usename, 'keeper'))";

/// SQL that makes a superuser with a password.
pub(super) fn keeper(name: &str, password: &str) -> String {
    format!("CREATE ROLE {name} SUPERUSER LOGIN PASSWORD {}", dbkit::Literal(password))
}

/// The beginning of a URL, with every byte of the password in hexadecimal digits.
pub(super) fn credentials(role: &str, password: &str) -> String {
    password.bytes().fold(format!("{role}:"), |text, byte| format!("{text}%{byte:02X}"))
}

/// The processes that descend from `ancestor`.
fn descendants(ancestor: i32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let parent = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<i32>().ok()
    };
    let children: Vec<i32> = pids.filter(|pid| parent(pid) == Some(ancestor)).collect();
    children.iter().flat_map(|child| [vec![*child], descendants(*child)].concat()).collect()
}

/// What every user of the machine, and every process of the same user, can see of a process.
fn seen(pid: i32) -> String {
    let read = |name| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
    String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).replace('\0', "\n")
}

/// Asserts that no process has the password among its arguments, and no child in its environment; what
/// is seen of the child called `name`.
#[track_caller]
fn assert_untold_by_processes(running: &Running, name: &str) -> String {
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&arguments).into_owned();
        assert!(!arguments.contains(TELLTALE), "{arguments}");
    }
    let children = descendants(running.pid().as_raw());
    let children: Vec<_> = children.into_iter().map(seen).collect();
    for child in &children {
        assert!(!child.contains(TELLTALE), "{child}");
        // In the URL, it is written in digits.
        assert!(!child.contains("%75%6E%74"), "{child}");
    }
    let found = children.into_iter().find(|seen| seen.contains(name));
    let found = found.unwrap_or_else(|| panic!("{name} is no child of ours"));
    assert!(found.contains("PGUSER=keeper"), "{found}");
    found
}

/// Asserts that no file tells the password.
fn assert_untold(folder: &std::path::Path) {
    let files: Vec<PathBuf> = tree(folder).into_iter().filter(|path| path.is_file()).collect();
    assert!(files.iter().any(|path| path.ends_with("manifest.json")), "{files:?}");
    assert!(files.iter().any(|path| path.ends_with("audit.jsonl")), "{files:?}");
    for file in files {
        let content = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!content.contains(TELLTALE), "{} tells it", file.display());
    }
}

/// Asserts that the audit trail of the database does not tell the password.
async fn assert_untold_by_trail(db: &DatabaseConnection) {
    let told = "SELECT coalesce(string_agg(e::text, E'\\n'), '') FROM seaworthy.audit_events e";
    let told: String = sql::value(db, told).await;
    assert!(!told.is_empty() && !told.contains(TELLTALE), "{told}");
}

#[tokio::test]
async fn a_backup_with_such_a_password_succeeds_and_does_not_tell_it() {
    for password in PASSWORDS {
        let guarded = Guarded::by(password).await;
        let held = Held::take(guarded.cluster.superuser(), DUMP_WAITS).await;
        let running = guarded.start("create -vv").await;
        until("a waiting pg_dump", async || sql::value(&guarded.superuser, WAITS).await).await;
        let dump = assert_untold_by_processes(&running, "pg_dump");
        assert_ne!(dump.contains("PGPASSFILE="), password.contains('\n'), "{dump}");
        held.release().await;
        guarded.end(running, 0).await;
        assert_untold(guarded.place.path());
        assert_untold_by_trail(&guarded.superuser).await;
    }
}

#[tokio::test]
async fn a_restore_with_such_a_password_succeeds_and_does_not_tell_it() {
    for password in PASSWORDS {
        let guarded = Guarded::by(password).await;
        sql::run(&guarded.superuser, &trap("app")).await;
        guarded.run("create").await;
        let held = hold_restores(guarded.cluster.superuser(), "app").await;
        let running = guarded.start(&format!("restore -vv --to {}", unique_name())).await;
        until_trapped(&guarded.superuser, "app").await;
        let restore = assert_untold_by_processes(&running, "pg_restore");
        assert_ne!(restore.contains("PGPASSFILE="), password.contains('\n'), "{restore}");
        held.release().await;
        guarded.end(running, 0).await;
        assert_untold(guarded.place.path());
    }
}

#[tokio::test]
async fn every_way_to_restore_works_with_lines_in_the_password() {
    let guarded = Guarded::by(PASSWORDS[1]).await;
    let before = of_the_team(&guarded.superuser).await;
    guarded.run("create").await;
    guarded.run("verify --level restore").await;
    for arguments in ["--tables people", "--mode in-place", "--mode swap"] {
        let damaged = sql::pool(guarded.cluster.superuser()).await;
        sql::run(&damaged, "DELETE FROM people WHERE id > 50").await;
        damaged.close().await.unwrap();
        guarded.run(&format!("restore latest:manual {arguments} --yes")).await;
        let restored = sql::pool(guarded.cluster.superuser()).await;
        assert_same(&before, &of_the_team(&restored).await);
        restored.close().await.unwrap();
    }
    assert_untold(guarded.place.path());
}

#[tokio::test]
async fn a_copy_is_sanitised_with_lines_in_the_password() {
    const PROFILE: &str = "public = { empty = 'empty', notes = 'empty', people = \
                           { id = 'keep', name = 'personal:name', born = 'personal:date' } }";
    let guarded = Guarded::by(PASSWORDS[1]).await;
    let profile = guarded.place.path().join("profile.toml");
    fs::write(&profile, PROFILE).unwrap();
    guarded.run(&format!("sanitise --profile {}", profile.display())).await;
    assert_untold(guarded.place.path());
}

#[tokio::test]
async fn a_wrong_password_with_lines_is_a_wrong_password() {
    let mut guarded = Guarded::by(PASSWORDS[1]).await;
    guarded.run("create").await;
    let wrong = format!("{TELLTALE}\nanother");
    guarded.url = guarded.cluster.tcp(&credentials("keeper", &wrong), "127.0.0.1", "");
    for arguments in ["create --format json", "restore --to new --format json"] {
        let running = guarded.start(arguments).await;
        let said = guarded.end(running, 1).await;
        assert!(said.contains("does not let `keeper` in"), "{said}");
        assert!(said.contains("\"connect.authentication\""), "{said}");
    }
}

#[tokio::test]
async fn a_password_that_changes_meanwhile_is_complained_of_in_the_servers_words() {
    let guarded = Guarded::by(PASSWORDS[1]).await;
    // The tables are locked when everything but `pg_dump` is connected.
    let lock = "LOCK TABLE people IN ACCESS EXCLUSIVE MODE";
    let held = Held::take(guarded.cluster.superuser(), lock).await;
    let running = guarded.start("create --format json").await;
    until("a wait for people", async || sql::value(&guarded.superuser, WAITS).await).await;
    sql::run(&guarded.superuser, "ALTER ROLE keeper PASSWORD 'another'").await;
    held.release().await;
    let said = guarded.end(running, 1).await;
    assert!(said.contains("password authentication failed for user"), "{said}");
    assert!(said.contains("\"backup.authentication\""), "{said}");
}

#[tokio::test]
async fn a_server_may_ask_for_the_password_in_any_way() {
    let mut guarded = Guarded::by(PASSWORDS[1]).await;
    let ask = |cluster: &Cluster| {
        let line = |method: &str| format!("host all keeper_{} all {method}\n", &method[..2]);
        let lines = ["password", "md5", "scram-sha-256"].map(line).concat();
        cluster.write("pg_hba.conf", &format!("local all all trust\n{lines}"));
    };
    guarded.cluster.restart(&[], ask).await;
    guarded.superuser = sql::pool(guarded.cluster.superuser()).await;
    for (name, encryption) in [("pa", "scram-sha-256"), ("md", "md5"), ("sc", "scram-sha-256")] {
        let role = keeper(&format!("keeper_{name}"), PASSWORDS[1]);
        sql::run(&guarded.superuser, &format!("SET password_encryption = '{encryption}'; {role}"))
            .await;
        let credentials = credentials(&format!("keeper_{name}"), PASSWORDS[1]);
        guarded.url = guarded.cluster.tcp(&credentials, "127.0.0.1", "");
        guarded.run("create").await;
    }
}

#[tokio::test]
async fn a_run_that_is_interrupted_leaves_no_way_into_the_server() {
    let guarded = Guarded::by(PASSWORDS[1]).await;
    let held = Held::take(guarded.cluster.superuser(), DUMP_WAITS).await;
    let running = guarded.start("create").await;
    until("a waiting pg_dump", async || sql::value(&guarded.superuser, WAITS).await).await;
    // One for `pg_dump`, and one for our own sessions.
    let mut doors = tree(&guarded.temporary());
    doors.retain(|path| path.to_string_lossy().contains(".s.PGSQL."));
    assert!(!doors.is_empty());
    for door in &doors {
        let mode = door.parent().unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        UnixStream::connect(door).await.unwrap();
    }
    running.signal(Signal::SIGINT);
    held.release().await;
    guarded.end(running, 130).await;
    for door in doors {
        assert!(UnixStream::connect(door).await.is_err());
    }
}
