//! Eight runners on an empty database, one of them killed: every migration is applied exactly once.
//!
//! `ROUNDS` sets the number of rounds; half of them kill.

use std::env;

use integration_tests::{TestDatabase, sql};

use crate::watching::{Ended, Running, until, until_alone};

const RUNNERS: usize = 8;

#[expect(clippy::disallowed_methods, reason = "a test is an edge: nobody hands it settings")]
fn rounds() -> u64 {
    env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4)
}

async fn start(test: &TestDatabase) -> Running {
    Running::start("test-migrations", &[], test.url().expose()).await
}

#[tokio::test]
async fn every_migration_is_applied_exactly_once_whoever_is_killed() {
    let (mut killed, mut dirty) = (0, 0);
    for round in 0..rounds() {
        let test = TestDatabase::empty().await;
        let victim = match round % 4 {
            // The first to come is the one that holds the lock, most likely.
            1 | 3 => Some(start(&test).await),
            _ => None,
        };
        if round % 4 == 3 {
            until("the lock", async || is_locked(&test).await).await;
        }
        let mut runners = Vec::new();
        for _ in 0..RUNNERS - usize::from(victim.is_some()) {
            runners.push(start(&test).await);
        }
        if let Some(mut victim) = victim {
            let moment = pick(round, 7);
            let come = async || match round % 4 {
                3 => has_begun_outside(&test).await,
                _ => applied(&test).await >= moment,
            };
            until("the moment of the kill", async || !victim.is_alive() || come().await).await;
            killed += u64::from(victim.kill().await.code.is_none());
        }
        for runner in runners {
            check(&runner.end().await);
        }
        until_alone(&test).await;
        dirty += finish(&test).await;
        assert_exactly_once(&test, round).await;
    }
    tell(&format!("{} rounds, {killed} killed in time, {dirty} dirty and resolved", rounds()));
}

#[expect(clippy::print_stderr, reason = "what no assertion can say: how often luck was tried")]
fn tell(text: &str) {
    eprintln!("{text}");
}

async fn is_locked(test: &TestDatabase) -> bool {
    let locked = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    sql::value(test.db(), locked).await
}

/// How many migrations are applied, and one more for the ledger itself.
async fn applied(test: &TestDatabase) -> i64 {
    let there = "SELECT to_regclass('seaql_migrations') IS NOT NULL";
    if !sql::value::<bool>(test.db(), there).await {
        return 0;
    }
    sql::value::<i64>(test.db(), "SELECT count(*) + 1 FROM seaql_migrations").await
}

/// Whether a migration that no transaction holds was begun and has not ended: who is killed now leaves it dirty.
async fn has_begun_outside(test: &TestDatabase) -> bool {
    let there = "SELECT to_regclass('seaworthy.migration_ledger') IS NOT NULL";
    let begun = "SELECT EXISTS (SELECT FROM seaworthy.migration_ledger WHERE state = 'intent')";
    sql::value(test.db(), there).await && sql::value(test.db(), begun).await
}

/// A number below `limit` that looks like chance and is the same every time.
fn pick(seed: u64, limit: i64) -> i64 {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    i64::try_from(mixed >> 33).unwrap_or_default() % limit
}

/// A runner applies everything, finds everything applied, or meets what the killed one left.
#[track_caller]
fn check(ended: &Ended) {
    assert!(matches!(ended.code, Some(0 | 6)), "{:?} {}", ended.code, ended.stderr);
}

/// Runs until everything is applied, and says what became of a migration where only a person can.
async fn finish(test: &TestDatabase) -> u64 {
    let mut dirty = 0;
    loop {
        let ended = start(test).await.end().await;
        check(&ended);
        if ended.code == Some(0) {
            return dirty;
        }
        dirty += 1;
        resolve(test, ended.stdout.trim()).await;
    }
}

/// What an operator does: looks at what is there, and says so.
async fn resolve(test: &TestDatabase, name: &str) {
    let is_done = match name {
        "m3_count_outside" => "SELECT n = 1 FROM counters WHERE name = 'outside'",
        "m5_index" => {
            "SELECT coalesce((SELECT indisvalid FROM pg_index
                           WHERE indexrelid = to_regclass('things_idx')), false)"
        }
        other => panic!("{other} runs in a transaction and cannot be dirty"),
    };
    let is_done = sql::value::<bool>(test.db(), is_done).await;
    crate::engine_resolve::resolve(test, name, is_done).await;
}

async fn assert_exactly_once(test: &TestDatabase, round: u64) {
    let counts = sql::column::<i32>(test.db(), "SELECT n FROM counters ORDER BY name").await;
    assert_eq!(counts, [1, 1, 1], "round {round}");
    let applied = "SELECT count(*) * 100 + count(DISTINCT version) FROM seaql_migrations";
    assert_eq!(sql::value::<i64>(test.db(), applied).await, 606, "round {round}");
    let ours = "SELECT count(*) FROM seaworthy.migration_ledger WHERE state = 'applied'";
    assert_eq!(sql::value::<i64>(test.db(), ours).await, 6, "round {round}");
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_idx'::regclass";
    assert!(sql::value::<bool>(test.db(), valid).await, "round {round}");
}
