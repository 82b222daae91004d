//! Killed at any moment, a run leaves what `status` says, and the next run completes it.
//!
//! `ROUNDS` sets the number of kills; half of them meet a load that is indexed afterwards.

use std::env;

use integration_tests::{TestDatabase, sql};
use migration_engine::Snapshot;

use super::{Fingerprints, assert_intact, done, fingerprints, seeder, states};
use crate::{
    content::filled,
    seeder::DAY,
    watching::{Running, until, until_alone},
};

#[expect(clippy::disallowed_methods, reason = "a test is an edge: nobody hands it settings")]
fn rounds() -> u64 {
    env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

#[tokio::test]
async fn a_load_that_is_indexed_afterwards_survives_kills_at_random_moments() {
    survives("--scale 9", "bulk_mode").await;
}

#[tokio::test]
async fn a_load_on_two_connections_survives_kills_at_random_moments() {
    survives("--scale 4 --jobs 2", "live").await;
}

/// What an undisturbed run leaves, and how large the database is before and after it.
struct Undisturbed {
    fingerprints: Fingerprints,
    catalog: Snapshot,
    rows: u64,
    sizes: (i64, i64),
}

async fn undisturbed(arguments: &str, way: &str) -> Undisturbed {
    let test = TestDatabase::migrated().await;
    let before = size(&test).await;
    let data = done(&test, &format!("{arguments} {DAY}")).await;
    let seeds = data["seeds"].as_array().unwrap().iter();
    let school = seeds.clone().find(|seed| seed["seed"] == "volume.school").unwrap();
    assert_eq!(school["generated"]["way"], way, "{school}");
    Undisturbed {
        fingerprints: fingerprints(&test).await,
        catalog: Snapshot::take(test.db()).await.unwrap(),
        rows: rows(&test).await,
        sizes: (before, size(&test).await),
    }
}

async fn size(test: &TestDatabase) -> i64 {
    sql::value(test.db(), "SELECT pg_database_size(current_database())").await
}

/// How many rows the team's tables have.
async fn rows(test: &TestDatabase) -> u64 {
    filled(test).await.iter().map(|(_, rows)| rows).sum()
}

/// A number from 0 to 1023 that looks like chance and is the same every time.
fn pick(round: u64) -> i64 {
    let mixed = round.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    i64::try_from(mixed >> 54).unwrap_or_default()
}

async fn survives(arguments: &str, way: &str) {
    let known = undisturbed(arguments, way).await;
    let (mut killed, mut half_way) = (0, 0);
    for round in 0..rounds().div_ceil(2) {
        let test = TestDatabase::migrated().await;
        let variables = [("DATABASE_URL", test.url().expose())];
        let mut victim = Running::start("seeder", &variables, &format!("{arguments} {DAY}")).await;
        let (before, after) = known.sizes;
        let moment = before + (after - before) * pick(round) / 1024;
        let come = async || !victim.is_alive() || size(&test).await > moment;
        until("the moment of the kill", come).await;
        killed += u64::from(victim.kill().await.code.is_none());
        until_alone(&test).await;
        half_way += u64::from(assert_told(&test).await);
        assert_nothing_of_ours(&test).await;

        done(&test, &format!("{arguments} {DAY}")).await;
        assert_eq!(known.fingerprints, fingerprints(&test).await, "round {round}");
        assert_eq!(known.rows, rows(&test).await, "round {round}");
        assert_intact(&test).await;
        let changes = known.catalog.changes(&Snapshot::take(test.db()).await.unwrap());
        assert!(changes.is_empty(), "round {round}: {changes:?}");
        let status = seeder(&test, "status").await;
        assert_eq!(status.code, 0, "{status}");
    }
    tell(&format!("{killed} of {} killed in time, {half_way} half-way", rounds().div_ceil(2)));
}

#[expect(clippy::print_stderr, reason = "what no assertion can say: how often luck was tried")]
fn tell(text: &str) {
    eprintln!("{text}");
}

/// Asserts that `status` tells what is there; whether it says that a run did not come to its end.
async fn assert_told(test: &TestDatabase) -> bool {
    let seeds = states(test).await;
    for (id, seed) in &seeds {
        assert_eq!(seed["written"], seed["found"], "{id}");
    }
    let told: u64 = seeds.values().map(|seed| seed["found"].as_u64().unwrap()).sum();
    assert_eq!(told, rows(test).await);
    let is_unfinished = is_unfinished(test).await;
    let status = seeder(test, "status").await;
    assert_eq!(status.code, if is_unfinished { 3 } else { 0 }, "{status}");
    assert_eq!(status.stdout.contains("is under way or was killed"), is_unfinished, "{status}");
    is_unfinished
}

/// Whether the history has a run that has not ended.
async fn is_unfinished(test: &TestDatabase) -> bool {
    let there = "SELECT to_regclass('seaworthy.seed_runs') IS NOT NULL";
    let running = "SELECT EXISTS (SELECT FROM seaworthy.seed_runs WHERE status = 'running')";
    sql::value(test.db(), there).await && sql::value(test.db(), running).await
}

/// Nothing stays that a load makes for itself.
async fn assert_nothing_of_ours(test: &TestDatabase) {
    let left = "SELECT relname::text FROM pg_class WHERE starts_with(relname, 'seaworthy_')";
    assert_eq!(sql::column::<String>(test.db(), left).await, Vec::<String>::new());
}
