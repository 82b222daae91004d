//! Whenever a backup is cut short, there is either a sound backup or none.

use std::{fs, path::Path};

use integration_tests::sql;
use nix::sys::signal::Signal;

use super::{Place, tree};
use crate::watching::{DUMP_WAITS, Held, Running, until, until_alone, until_blocked};

/// Enough to be dumped for a moment.
const LARGE: &str = "CREATE TABLE large AS
    SELECT n, repeat(md5(n::text) || md5((n * 7)::text), 4) AS text FROM generate_series(1, 40000) AS n";

async fn start(place: &Place) -> Running {
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    Running::start("backup", &variables, "create").await
}

/// Whether somewhere in `folder` there is a file with this name and something in it.
fn has(folder: &Path, name: &str) -> bool {
    let is_filled = |path: &Path| path.metadata().is_ok_and(|file| file.is_dir() || file.len() > 0);
    tree(folder).iter().any(|path| path.to_string_lossy().ends_with(name) && is_filled(path))
}

#[tokio::test]
async fn a_killed_backup_is_never_listed_and_the_next_run_sweeps_it() {
    let place = Place::small().await;
    // Our own session waits for the first, `pg_dump` for the second.
    for (table, lock) in
        [("people", "LOCK TABLE people IN ACCESS EXCLUSIVE MODE"), ("pg_publication", DUMP_WAITS)]
    {
        let before = place.list().await.0.len();
        let held = Held::take(place.test.url(), lock).await;
        let running = start(&place).await;
        until_blocked(&place.test, table).await;
        assert_eq!(running.kill().await.code, None);
        held.release().await;
        until_alone(&place.test).await;
        let partials = place.partials();
        assert_eq!(partials.len(), 1, "{partials:?}");
        place.assert_sound(before).await;

        let next = place.run("create").await;
        assert_eq!(next.code, 0, "{next}");
        let name = partials[0].file_name().unwrap().to_str().unwrap().trim_end_matches(".partial");
        assert!(
            next.stderr.contains(&format!("removed {name}, which a dead run had left")),
            "{next}"
        );
        assert!(place.partials().is_empty(), "{:?}", place.partials());
        place.assert_sound(before + 1).await;
    }
}

#[tokio::test]
async fn killed_at_whatever_moment_what_is_listed_is_sound() {
    let place = Place::small().await;
    sql::run(place.test.db(), LARGE).await;
    for moment in
        [".partial", "dump.pgc.zst.age", "SHA256SUMS", ".partial/manifest.json", "manifest.json"]
    {
        let folder = place.backups();
        fs::remove_dir_all(&folder).ok();
        let mut running = start(&place).await;
        until(moment, async || has(&folder, moment) || !running.is_alive()).await;
        running.kill().await;
        until_alone(&place.test).await;
        let (backups, code) = place.list().await;
        assert_eq!(code, 0, "{moment}: {backups:?}");
        assert_eq!(backups.len() + place.partials().len(), 1, "{moment}");
        place.assert_sound(backups.len()).await;
        place.create().await;
        assert!(place.partials().is_empty(), "{moment}");
        place.assert_sound(backups.len() + 1).await;
    }
}

#[tokio::test]
async fn an_interrupted_backup_cleans_up_after_itself() {
    let place = Place::small().await;
    for (signal, table) in [(Signal::SIGINT, "people"), (Signal::SIGTERM, "pg_publication")] {
        let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        let held = Held::take(place.test.url(), &lock).await;
        let running = start(&place).await;
        until_blocked(&place.test, table).await;
        running.signal(signal);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains("hint: "), "{}", ended.stderr);
        held.release().await;
        until_alone(&place.test).await;
        assert!(place.partials().is_empty(), "{:?}", place.partials());
        place.assert_sound(0).await;
    }
    place.create().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_ends_in_an_error_and_no_backup() {
    let place = Place::small().await;
    let held = Held::take(place.test.url(), DUMP_WAITS).await;
    let running = start(&place).await;
    until_blocked(&place.test, "pg_publication").await;
    let terminate = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE datname = current_database() AND application_name = 'seaworthy backup'";
    assert!(sql::value::<i64>(place.test.db(), terminate).await >= 1);
    held.release().await;
    let ended = running.end().await;
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(
        ended.stderr.starts_with("error: ") || ended.stderr.contains("\nerror: "),
        "{}",
        ended.stderr
    );
    assert!(place.partials().is_empty());
    place.assert_sound(0).await;
}
