//! The seeding engine as a whole, by way of its command: what is there afterwards, whatever happened
//! on the way.

mod asking;
mod damage;
mod fingerprints;
mod kept;
mod kills;
mod people;
mod rollback;
mod together;
mod unfit;

use std::collections::BTreeMap;

use integration_tests::{Program, Run, TestDatabase, sql};
use serde_json::Value;

use crate::seeder::{DAY, SYSTEM_PASSWORD, document};

/// What tells the generated rows of every seed from others.
type Fingerprints = BTreeMap<String, String>;

/// Runs `seeder` with a password for the system users.
async fn seeder(test: &TestDatabase, arguments: &str) -> Run {
    let seeder = Program::new("seeder").await.on(test.url()).args(arguments);
    seeder.env("SEED_SYSTEM_PASSWORD", SYSTEM_PASSWORD).run().await
}

/// Runs `seeder`, which must succeed; the data of its answer.
async fn done(test: &TestDatabase, arguments: &str) -> Value {
    let run = seeder(test, &format!("{arguments} --format json")).await;
    assert_eq!(run.code, 0, "{arguments}: {run}");
    document(&run)["data"].take()
}

/// A database with the generated seeds at this scale, on the day on which every test agrees.
async fn filled(scale: u64) -> TestDatabase {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("run --scale {scale} {DAY}")).await;
    test
}

/// What `status` says of every seed.
async fn states(test: &TestDatabase) -> BTreeMap<String, Value> {
    let run = seeder(test, "status --format json").await;
    assert!([0, 3].contains(&run.code), "{run}");
    let seeds = document(&run)["data"]["seeds"].take();
    let seeds = seeds.as_array().unwrap().iter();
    seeds.map(|seed| (seed["seed"].as_str().unwrap().to_owned(), seed.clone())).collect()
}

/// The fingerprints that `status` tells.
async fn fingerprints(test: &TestDatabase) -> Fingerprints {
    let seeds = states(test).await.into_iter();
    let told = seeds.filter_map(|(id, seed)| Some((id, seed["fingerprint"].as_str()?.to_owned())));
    told.collect()
}

/// Asserts that every generated row is as it was made, by making all of them again.
async fn assert_intact(test: &TestDatabase) {
    let run = seeder(test, "verify").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("Every generated row is as it was made"), "{run}");
}

/// How many rows there are.
async fn count(test: &TestDatabase, rows: &str) -> i64 {
    sql::value(test.db(), &format!("SELECT count(*) FROM {rows}")).await
}
