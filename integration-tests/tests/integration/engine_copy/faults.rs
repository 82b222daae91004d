//! A connection that breaks, a task that is dropped: nothing is left behind, and nothing answers with
//! somebody else's answer.

use std::{sync::Arc, time::Duration};

use integration_tests::{Behaviour, Proxy, sql};
use sea_orm::ConnectionTrait as _;
use seeding_engine::copy::{Bulk, BulkError, CompareError, LoadError, Source, compare};
use tokio::sync::Notify;

use super::{Made, SETTLED, begin, count, fill, id, load, notes};

/// Rows without end, of which some have arrived when `arrived` is notified.
fn endless() -> Arc<dyn Source> {
    Made::source("notes", &["id", "note"], |cell| {
        vec![vec![id(cell, 0), format!("{cell} {}", "x".repeat(2_000)).into()]]
    })
}

async fn loose() -> integration_tests::TestDatabase {
    let test = notes().await;
    sql::run(test.db(), "ALTER TABLE notes DROP CONSTRAINT notes_note_key").await;
    test
}

#[tokio::test]
async fn a_connection_that_is_cut_in_the_middle_of_a_copy_leaves_nothing() {
    let test = loose().await;
    let proxy = Proxy::start(test.url(), Behaviour::Forward);
    let mut bulk = Bulk::begin(proxy.url(), &sql::options()).await.unwrap();
    let cut = |_| proxy.cut();
    let error = load(&mut bulk, endless(), 0..u64::MAX, &cut).await.unwrap_err();
    assert!(matches!(error, LoadError::Connection { .. }), "{error:?}");
    assert!(bulk.execute_unprepared("SELECT 1").await.is_err());
    assert!(matches!(bulk.commit().await, Err(BulkError::Closed)));
    sql::run(test.db(), SETTLED).await;
    assert_eq!(count(&test, "notes").await, 0);
}

#[tokio::test]
async fn a_load_that_is_dropped_in_the_middle_closes_its_connection() {
    let test = loose().await;
    let mut bulk = begin(&test).await;
    let arrived = Notify::new();
    let progress = |_| arrived.notify_one();
    tokio::select! {
        _ = load(&mut bulk, endless(), 0..u64::MAX, &progress) => panic!("it ended"),
        () = arrived.notified() => {}
    }
    assert!(bulk.execute_unprepared("SELECT 1").await.is_err());
    assert!(matches!(bulk.commit().await, Err(BulkError::Closed)));
    sql::run(test.db(), SETTLED).await;
    assert_eq!(count(&test, "notes").await, 0);
}

/// The server says so at the end of the statement, and is in step afterwards.
#[tokio::test]
async fn a_duplicate_in_the_last_row_leaves_the_connection_in_step() {
    let test = notes().await;
    let source = Made::source("notes", &["id", "note"], |cell| {
        vec![vec![id(if cell == 2_999 { 0 } else { cell }, 0), format!("{cell}").into()]]
    });
    let mut bulk = begin(&test).await;
    sql::run(&bulk, "SAVEPOINT before").await;
    let error = load(&mut bulk, source, 0..3_000, &|_| {}).await.unwrap_err();
    assert!(matches!(error, LoadError::Refused { .. }), "{error:?}");
    sql::run(&bulk, "ROLLBACK TO before").await;
    for number in 1..=4_i32 {
        assert_eq!(sql::value::<i32>(&bulk, &format!("SELECT {number}")).await, number);
    }
    load(&mut bulk, Made::notes(1), 0..4, &|_| {}).await.unwrap();
    bulk.commit().await.unwrap();
    assert_eq!(count(&test, "notes").await, 4);
}

/// Also where the server is busy with a statement, it notices that nobody waits for it.
#[tokio::test]
async fn a_statement_that_is_dropped_closes_its_connection_and_frees_its_locks() {
    let test = notes().await;
    let bulk = begin(&test).await;
    sql::run(&bulk, "LOCK TABLE notes").await;
    let slow = bulk.execute_unprepared("SELECT pg_sleep(60)");
    tokio::time::timeout(Duration::from_millis(20), slow).await.unwrap_err();
    assert!(bulk.execute_unprepared("SELECT 1").await.is_err());
    sql::run(test.db(), SETTLED).await;
}

/// After a refused COPY out, the driver would answer with the answer before.
#[tokio::test]
async fn a_comparison_that_the_server_refuses_closes_its_connection() {
    let test = notes().await;
    fill(&test, &Made::notes(1), 0..1).await.unwrap();
    let bulk = begin(&test).await;
    let source = Made::source("notes", &["id", "note"], |_| Vec::new());
    let reader = test.role("").await;
    let name = reader.user().unwrap();
    sql::run(&bulk, &format!("SET LOCAL ROLE {name}")).await;
    let error = compare(&bulk, source, 0..1, 9).await.unwrap_err();
    assert!(matches!(error, CompareError::Read(_)), "{error:?}");
    assert!(bulk.execute_unprepared("SELECT 1").await.is_err());
}
