//! `seeder fill`, as a person and as a script meet it.

use integration_tests::{TestDatabase, sql};

use crate::{
    content::filled,
    seeder::{assert_failed, document, seeder},
};

const DAY: &str = "--as-of 2026-03-02";

#[tokio::test]
async fn a_table_is_filled_with_what_it_needs_and_the_trail_knows_of_it() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, &format!("fill enrollments --rows 20 {DAY} --format json")).await;
    assert_eq!(run.code, 0, "{run}");
    let document = document(&run);
    assert_eq!(document["schema"], "seaworthy/seeder.fill/1");
    let tables = document["data"]["tables"].as_array().unwrap();
    assert!(tables.iter().all(|table| table["written"] == 20), "{run}");
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM enrollments").await, 20);
    let trail = "SELECT count(*) FROM seaworthy.audit_events WHERE command = 'fill'";
    assert_eq!(sql::value::<i64>(test.db(), trail).await, 2);
}

#[tokio::test]
async fn a_dry_run_says_what_columns_are_filled_with_and_leaves_nothing() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, &format!("fill subjects --rows 3 --dry-run {DAY}")).await;
    assert_eq!(run.code, 0, "{run}");
    for said in ["subjects.id", "a computed UUID", "all of this was taken back", "3 rows for "] {
        assert!(run.stdout.contains(said), "`{said}` is not said:\n{run}");
    }
    assert_eq!(filled(&test).await, []);
}

#[tokio::test]
async fn what_could_not_be_filled_is_a_finding() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), "CREATE TABLE shut (id int, CONSTRAINT nobody CHECK (false))").await;
    let run = seeder(&test, &format!("fill shut {DAY}")).await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("no row fulfils `nobody`"), "{run}");
}

#[tokio::test]
async fn only_development_and_testing_are_filled() {
    let test = TestDatabase::migrated().await;
    for environment in ["staging", "production"] {
        let run = seeder(&test, &format!("fill --env {environment}")).await;
        assert_failed(&run, 4, &format!("not filled with made-up rows in {environment}"));
    }
    assert_eq!(filled(&test).await, []);
}

#[tokio::test]
async fn a_table_that_does_not_exist_is_a_mistake() {
    let test = TestDatabase::migrated().await;
    assert_failed(&seeder(&test, "fill pupils").await, 2, "there is no table `pupils`");
}
