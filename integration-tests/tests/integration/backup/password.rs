//! The password of the database is seen by libpq and by nobody else.

use std::{fs, path::PathBuf};

use dbkit::DatabaseUrl;
use integration_tests::{Cluster, sql, unique_name};
use sea_orm::DatabaseConnection;

use super::tree;
use crate::watching::{DUMP_WAITS, Held, Running, hold_restores, trap, until, until_trapped};

/// Whether somebody waits for a lock.
const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)";

/// With everything that means something in a URL, a password file or a shell.
const PASSWORD: &str = r"s3cr3t: \'@%/#? ü漢";
const ENCODED: &str = "s3cr3t%3A%20%5C%27%40%25%2F%23%3F%20%C3%BC%E6%BC%A2";

/// What gives the password away, in whatever it may be wrapped.
const TELLTALE: &str = "s3cr3t";

/// A server that asks for passwords, and a superuser who needs one.
async fn guarded() -> (Cluster, DatabaseUrl, DatabaseConnection) {
    let mut cluster = Cluster::start().await;
    let ask = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    cluster.restart(&[], |cluster| cluster.write("pg_hba.conf", ask)).await;
    let superuser = sql::pool(cluster.superuser()).await;
    sql::run(&superuser, super::SMALL).await;
    let password = dbkit::Literal(PASSWORD);
    let role = format!("CREATE ROLE keeper SUPERUSER LOGIN PASSWORD {password}");
    sql::run(&superuser, &role).await;
    let url = cluster.tcp(&format!("keeper:{ENCODED}"), "127.0.0.1", "");
    assert_eq!(url.password().as_deref(), Some(PASSWORD));
    (cluster, url, superuser)
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

/// Asserts that no child tells the password; what is seen of the one called `name`.
#[track_caller]
fn assert_children_untold(running: &Running, name: &str) -> String {
    let children = descendants(running.pid().as_raw());
    let children: Vec<_> = children.into_iter().map(seen).collect();
    for child in &children {
        assert!(!child.contains(TELLTALE), "{child}");
    }
    let found = children.into_iter().find(|seen| seen.contains(name));
    let found = found.unwrap_or_else(|| panic!("{name} is no child of ours"));
    assert!(found.contains("PGPASSFILE="), "{found}");
    found
}

/// Asserts that no file tells the password.
fn assert_untold(folder: &std::path::Path) {
    let files: Vec<PathBuf> = tree(folder).into_iter().filter(|path| path.is_file()).collect();
    assert!(files.iter().any(|path| path.ends_with("manifest.json")), "{files:?}");
    for file in files {
        let content = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!content.contains(TELLTALE), "{} tells it", file.display());
    }
}

#[tokio::test]
async fn a_backup_with_that_password_succeeds_and_does_not_tell_it() {
    let (cluster, url, superuser) = guarded().await;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backups").display().to_string();
    let variables =
        [("DATABASE_URL", url.expose()), ("BACKUP_DIR", &folder), ("RUST_LOG", "trace")];
    let held = Held::take(cluster.superuser(), DUMP_WAITS).await;
    let running = Running::start("backup", &variables, "create -vv").await;
    until("a waiting pg_dump", async || sql::value(&superuser, WAITS).await).await;
    let dump = assert_children_untold(&running, "pg_dump");
    assert!(dump.contains("PGUSER=keeper"), "{dump}");
    held.release().await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(!(ended.stdout + &ended.stderr).contains(TELLTALE));
    assert_untold(place.path());
}

#[tokio::test]
async fn a_restore_with_that_password_succeeds_and_does_not_tell_it() {
    let (cluster, url, superuser) = guarded().await;
    sql::run(&superuser, &trap("app")).await;
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backups").display().to_string();
    let variables =
        [("DATABASE_URL", url.expose()), ("BACKUP_DIR", &folder), ("RUST_LOG", "trace")];
    let created = Running::start("backup", &variables, "create").await.end().await;
    assert_eq!(created.code, Some(0), "{}", created.stderr);

    let held = hold_restores(cluster.superuser(), "app").await;
    let arguments = format!("restore -vv --to {}", unique_name());
    let running = Running::start("backup", &variables, &arguments).await;
    until_trapped(&superuser, "app").await;
    let restore = assert_children_untold(&running, "pg_restore");
    assert!(restore.contains("PGUSER=keeper"), "{restore}");
    held.release().await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    for text in [created.stdout, created.stderr, ended.stdout, ended.stderr] {
        assert!(!text.contains(TELLTALE), "{text}");
    }
    assert_untold(place.path());
}
