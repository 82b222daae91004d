//! Seeders that meet each other, or an untimely end.

use integration_tests::{TestDatabase, sql};
use nix::sys::signal::Signal;

use crate::{
    content::{Content, assert_same, but_the_trail, filled},
    seeder::{DAY, assert_failed, fill, seeder},
    watching::{Held, Running, until, until_alone, until_blocked},
};

/// What is one transaction. Generated tables are committed part by part; see `seeding::kills`.
const SMALL: &str = "--as-of 2026-03-02 --skip volume.school --skip volume.festival";

async fn start(test: &TestDatabase, arguments: &str) -> Running {
    let variables = [("DATABASE_URL", test.url().expose())];
    Running::start("seeder", &variables, arguments).await
}

/// The tables and how many rows they have, as after an uninterrupted run.
async fn complete() -> Content {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    counts(&test).await
}

async fn counts(test: &TestDatabase) -> Content {
    filled(test).await.iter().map(|(table, rows)| format!("{table} {rows}")).collect()
}

#[tokio::test]
async fn a_killed_run_leaves_no_row_and_the_next_one_completes() {
    let complete = complete().await;
    let test = TestDatabase::migrated().await;
    // With the history installed, the last moment before the commit can be held up as well.
    assert_eq!(seeder(&test, "--only reference.subjects").await.code, 0);
    let before = but_the_trail(test.db()).await;
    let moments = ["roles", "users", "attendance", "seaworthy.seed_runs"];
    for table in moments {
        // Others may still read it, as our own run does before it writes.
        let lock = format!("LOCK TABLE {table} IN SHARE MODE");
        let held = Held::take(test.url(), &lock).await;
        let running = start(&test, DAY).await;
        until_blocked(&test, table).await;
        let ended = running.kill().await;
        assert_eq!(ended.code, None, "{table}: {}", ended.stderr);
        held.release().await;
        until_alone(&test).await;
        assert_same(&before, &but_the_trail(test.db()).await);
    }
    let run = seeder(&test, DAY).await;
    assert_eq!(run.code, 0, "{run}");
    assert_same(&complete, &counts(&test).await);
}

#[tokio::test]
async fn a_run_that_is_killed_after_its_commit_has_left_everything() {
    let test = TestDatabase::migrated().await;
    assert_eq!(seeder(&test, SMALL).await.code, 0);
    let complete = counts(&test).await;
    let test = TestDatabase::migrated().await;
    let running = start(&test, SMALL).await;
    let committed = "SELECT EXISTS (SELECT FROM users)";
    until("a commit", async || sql::value(test.db(), committed).await).await;
    running.kill().await;
    until_alone(&test).await;
    assert_same(&complete, &counts(&test).await);
    let run = seeder(&test, &format!("{SMALL} --format json")).await;
    let document = crate::seeder::document(&run);
    assert_eq!(document["data"]["total"]["created"], 0, "{run}");
    let stamp: String = sql::value(test.db(), "SELECT name FROM seaworthy.environment").await;
    assert_eq!(stamp, "development");
}

#[tokio::test]
async fn rows_never_stand_without_the_stamp_that_keeps_other_environments_away() {
    let test = TestDatabase::migrated().await;
    // Once there are users, nobody makes a table without this lock.
    let trap = "CREATE FUNCTION trap() RETURNS event_trigger LANGUAGE plpgsql AS $$
                BEGIN IF EXISTS (SELECT FROM public.users) THEN PERFORM pg_advisory_lock(42); END IF; END $$;
                CREATE EVENT TRIGGER trap ON ddl_command_start EXECUTE FUNCTION trap()";
    sql::run(test.db(), trap).await;
    let held = Held::take(test.url(), "SELECT pg_advisory_lock(42)").await;
    let mut running = start(&test, DAY).await;
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    let stopped = async || !running.is_alive() || sql::value(test.db(), waits).await;
    until("the end, or a wait between the rows and the stamp", stopped).await;
    running.kill().await;
    held.release().await;
    until_alone(&test).await;
    sql::run(test.db(), "DROP EVENT TRIGGER trap").await;
    if counts(&test).await.is_empty() {
        return;
    }
    let before = but_the_trail(test.db()).await;
    let run = seeder(&test, "--env production").await;
    assert_eq!(run.code, 4, "made-up rows are taken for production:\n{run}");
    assert_same(&before, &but_the_trail(test.db()).await);
}

#[tokio::test]
async fn an_interrupted_run_rolls_back_says_so_and_ends_with_130() {
    let test = TestDatabase::migrated().await;
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let held = Held::take(test.url(), "LOCK TABLE attendance IN SHARE MODE").await;
        let running = start(&test, "").await;
        until_blocked(&test, "attendance").await;
        running.signal(signal);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(130), "{}", ended.stderr);
        assert!(ended.stderr.contains("error: interrupted"), "{}", ended.stderr);
        held.release().await;
        until_alone(&test).await;
        assert_eq!(counts(&test).await, Content::new());
    }
}

#[tokio::test]
async fn a_second_run_waits_or_says_who_is_at_work() {
    let test = TestDatabase::migrated().await;
    let held = Held::take(test.url(), "LOCK TABLE attendance IN SHARE MODE").await;
    let first = start(&test, DAY).await;
    until_blocked(&test, "attendance").await;
    let impatient = seeder(&test, "--lock-wait 0").await;
    assert_failed(&impatient, 5, "another seeding run is under way: seaworthy seeder of ");
    let patient = start(&test, "--format json").await;
    held.release().await;
    let (first, patient) = (first.end().await, patient.end().await);
    assert_eq!(
        (first.code, patient.code),
        (Some(0), Some(0)),
        "{}{}",
        first.stderr,
        patient.stderr
    );
    let document: serde_json::Value = serde_json::from_str(&patient.stdout).unwrap();
    assert_eq!(document["data"]["total"]["created"], 0, "{}", patient.stdout);
}

#[tokio::test]
async fn two_runs_at_once_on_an_empty_database_seed_it_once() {
    let complete = complete().await;
    let test = TestDatabase::empty().await;
    let (one, other) = tokio::join!(seeder(&test, DAY), seeder(&test, DAY));
    let mut codes = [one.code, other.code];
    codes.sort_unstable();
    assert!(codes == [0, 0] || codes == [0, 5], "{one}\n\n{other}");
    assert_same(&complete, &counts(&test).await);
    let people = "SELECT count(*) - count(DISTINCT lower(email)) FROM users";
    assert_eq!(sql::value::<i64>(test.db(), people).await, 0);
}
