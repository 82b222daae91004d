//! `seeder snapshot`: a database is brought back as it was, or stays as it is.

use dbkit::{DatabaseUrl, snapshot::Snapshots};
use integration_tests::{Run, TestDatabase, sql};

use super::{assert_failed, document, fill, seeder};
use crate::content::{assert_same, but_the_trail};

/// A filled database to which the test itself is not connected.
async fn left_alone() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    test.db().clone().close().await.unwrap();
    test
}

async fn content(url: &DatabaseUrl) -> Vec<String> {
    let db = sql::pool(url).await;
    let content = but_the_trail(&db).await;
    db.close().await.unwrap();
    content
}

async fn snapshot(test: &TestDatabase, arguments: &str) -> Run {
    seeder(test, &format!("snapshot {arguments}")).await
}

/// The server has other tests' databases too, so each test drops what it has taken.
async fn drop_snapshot(test: &TestDatabase, name: &str) {
    Snapshots::of(test.url()).drop(name).await.unwrap();
}

#[tokio::test]
async fn a_database_is_brought_back_as_it_was() {
    let test = left_alone().await;
    let before = content(test.url()).await;
    let taken = snapshot(&test, "before").await;
    assert_eq!(taken.code, 0, "{taken}");

    let db = sql::pool(test.url()).await;
    sql::run(&db, "DELETE FROM attendance").await;
    db.close().await.unwrap();
    assert!(content(test.url()).await != before);
    let restored = snapshot(&test, "restore before --yes").await;
    assert_eq!(restored.code, 0, "{restored}");
    assert_same(&before, &content(test.url()).await);

    let db = sql::pool(test.url()).await;
    let trail = "SELECT count(*) FROM seaworthy.audit_events WHERE command = 'snapshot restore'";
    assert!(sql::value::<i64>(&db, trail).await > 0);
    let left = "SELECT count(*) FROM pg_database d JOIN seaworthy.audit_events e
                ON d.datname = 'seaworthy_replaced_' || replace(e.operation_id::text, '-', '')";
    assert_eq!(sql::value::<i64>(&db, left).await, 0);
    db.close().await.unwrap();
    drop_snapshot(&test, "before").await;
}

#[tokio::test]
async fn whoever_is_connected_is_named_and_nothing_changes() {
    let test = left_alone().await;
    let db = sql::pool(test.url()).await;
    assert_failed(&snapshot(&test, "busy").await, 5, "others are connected to ");
    db.close().await.unwrap();
    assert_eq!(snapshot(&test, "busy").await.code, 0);

    let before = content(test.url()).await;
    let db = sql::pool(test.url()).await;
    assert_failed(&snapshot(&test, "restore busy --yes").await, 5, "(pid ");
    db.close().await.unwrap();
    assert_same(&before, &content(test.url()).await);
    drop_snapshot(&test, "busy").await;
}

#[tokio::test]
async fn snapshots_are_listed_and_dropped() {
    let test = left_alone().await;
    for name in ["one", "two"] {
        assert_eq!(snapshot(&test, name).await.code, 0);
    }
    let listed = document(&snapshot(&test, "list --format json").await);
    let names = |listed: &serde_json::Value| {
        let snapshots = listed["data"]["snapshots"].as_array().unwrap();
        snapshots.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&listed), ["one", "two"]);
    assert_eq!(snapshot(&test, "drop one").await.code, 0);
    assert_eq!(names(&document(&snapshot(&test, "list --format json").await)), ["two"]);
    assert_failed(&snapshot(&test, "drop one").await, 2, "has no snapshot `one`");
    drop_snapshot(&test, "two").await;
}

#[tokio::test]
async fn a_name_is_a_plain_word_and_a_short_one() {
    let test = left_alone().await;
    let long = "a".repeat(60);
    for name in ["a;b", "a\"b", "ä", long.as_str()] {
        assert_eq!(snapshot(&test, name).await.code, 2, "{name}");
    }
}

#[tokio::test]
async fn only_development_and_testing_have_snapshots() {
    let test = TestDatabase::empty().await;
    for environment in ["staging", "production"] {
        let run = snapshot(&test, &format!("--env {environment} one")).await;
        assert_failed(&run, 4, "snapshots are for development and testing");
    }
    assert!(Snapshots::of(test.url()).list().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restore_that_is_not_confirmed_changes_nothing() {
    let test = left_alone().await;
    assert_eq!(snapshot(&test, "kept").await.code, 0);
    let before = content(test.url()).await;
    assert_eq!(snapshot(&test, "restore kept").await.code, 4);
    assert_same(&before, &content(test.url()).await);
    drop_snapshot(&test, "kept").await;
}
