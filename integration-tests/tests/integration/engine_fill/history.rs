//! What a fill wrote can be taken back: exactly that, and nothing that others rely on.

use integration_tests::{Run, TestDatabase, sql};

use super::unseen::{HARBOUR, content};
use crate::seeder::{DAY, assert_failed, document, seeder};

/// The tables of the project and those that no seed knows.
async fn with_harbour() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), &HARBOUR.replace("events", "voyages")).await;
    test
}

#[track_caller]
fn assert_done(run: &Run) {
    assert_eq!(run.code, 0, "{run}");
}

async fn count(test: &TestDatabase, table: &str) -> i64 {
    sql::value(test.db(), &format!("SELECT count(*) FROM {table}")).await
}

/// How the history sees the filled rows.
async fn status(test: &TestDatabase) -> serde_json::Value {
    let run = seeder(test, "status --format json").await;
    let seeds = document(&run)["data"]["seeds"].as_array().unwrap().clone();
    let mut of_fill = seeds.into_iter().filter(|seed| seed["seed"] == "fill");
    of_fill.next().unwrap_or_else(|| panic!("nothing is said of `fill`:\n{run}"))
}

#[tokio::test]
async fn tables_that_seeds_fill_are_left_to_them_unless_they_are_named() {
    let test = with_harbour().await;
    let run = seeder(&test, &format!("fill --rows 5 {DAY} --format json")).await;
    assert_done(&run);
    let data = &document(&run)["data"];
    assert_eq!(data["tables"].as_array().unwrap().len(), 19, "{run}");
    assert_eq!(data["unrecorded"], serde_json::json!(["notes"]), "{run}");
    let left_out = data["left_out"].as_array().unwrap();
    let students = left_out.iter().find(|left| left["table"] == "students").unwrap();
    assert!(
        students["seeds"].as_array().unwrap().iter().any(|seed| seed == "volume.school"),
        "{run}"
    );
    assert_eq!((count(&test, "crews").await, count(&test, "students").await), (5, 0));
    assert_done(&seeder(&test, &format!("fill students --rows 5 {DAY}")).await);
    assert_eq!(count(&test, "students").await, 5);
}

#[tokio::test]
async fn the_newest_fill_goes_first_and_leaves_the_rows_of_the_one_before() {
    let test = with_harbour().await;
    let empty = content(&test).await;
    assert_done(&seeder(&test, &format!("fill --rows 30 {DAY}")).await);
    let first = content(&test).await;
    assert_done(&seeder(&test, &format!("fill --rows 40 --seed 7 {DAY}")).await);
    assert_eq!(count(&test, "yard.job_parts").await, 40);
    // Nothing tells rows without a primary key from others.
    sql::run(test.db(), "DELETE FROM notes").await;
    assert_done(&seeder(&test, "rollback").await);
    let notes = |rows: Vec<(String, String)>| -> Vec<(String, String)> {
        rows.into_iter().filter(|(table, _)| table != "notes").collect()
    };
    assert_eq!(notes(content(&test).await), notes(first));
    assert_eq!(status(&test).await["state"], "applied");
    assert_done(&seeder(&test, "rollback --seed-id fill").await);
    assert_eq!(notes(content(&test).await), notes(empty));
    assert_eq!(status(&test).await["state"], "taken_back");
}

#[tokio::test]
async fn one_run_is_taken_back_by_its_name() {
    let test = with_harbour().await;
    let run = seeder(&test, &format!("fill harbours --rows 10 {DAY} --format json")).await;
    let id = document(&run)["data"]["run"].as_str().unwrap().to_owned();
    assert_done(&seeder(&test, &format!("fill people --rows 10 {DAY}")).await);
    assert_done(&seeder(&test, &format!("rollback --run {id}")).await);
    assert_eq!((count(&test, "harbours").await, count(&test, "people").await), (0, 10));
}

#[tokio::test]
async fn rows_that_the_team_relies_on_stop_it() {
    let test = with_harbour().await;
    assert_done(&seeder(&test, &format!("fill crews yard.parts --rows 10 {DAY}")).await);
    sql::run(
        test.db(),
        "INSERT INTO boats (crew_id, sign, hull, equipment, length_m)
         SELECT id, 'AB1234', B'00000001', '{}', 9 FROM crews LIMIT 1",
    )
    .await;
    let run = seeder(&test, "rollback").await;
    assert_failed(&run, 4, "1 row of boats to crews");
    assert_eq!(count(&test, "crews").await, 10);
    sql::run(test.db(), "DELETE FROM boats").await;
    assert_done(&seeder(&test, "rollback").await);
    assert_eq!((count(&test, "crews").await, count(&test, "yard.parts").await), (0, 0));
}

#[tokio::test]
async fn edited_rows_and_rows_of_a_changed_table_are_no_obstacle() {
    let test = with_harbour().await;
    assert_done(&seeder(&test, &format!("fill crews memberships --rows 10 {DAY}")).await);
    sql::run(test.db(), "UPDATE crews SET name = 'Ours'; UPDATE memberships SET share = 1").await;
    let first = "DELETE FROM memberships WHERE crew_id = (SELECT min(crew_id) FROM memberships)";
    sql::run(test.db(), first).await;
    let left = 10 + 10 + count(&test, "memberships").await;
    let status = status(&test).await;
    assert_eq!((&status["written"], &status["state"]), (&30.into(), &"partly_deleted".into()));
    assert_eq!(status["found"], left);
    assert_done(&seeder(&test, "rollback").await);
    assert_eq!((count(&test, "crews").await, count(&test, "memberships").await), (0, 0));
}

#[tokio::test]
async fn seeds_run_beside_filled_rows_and_clear_takes_both() {
    let test = with_harbour().await;
    assert_done(&seeder(&test, &format!("fill people --rows 10 {DAY}")).await);
    sql::run(test.db(), "ALTER TABLE people RENAME id TO person_id").await;
    let run = seeder(&test, "--only volume.school --seed 7 --as-of 2026-04-01").await;
    assert_done(&run);
    sql::run(test.db(), "ALTER TABLE people RENAME person_id TO id").await;
    let clear = format!("clear --env development --confirm {}", test.url().database());
    assert_done(&seeder(&test, &clear).await);
    assert_eq!((count(&test, "people").await, count(&test, "students").await), (0, 0));
}
