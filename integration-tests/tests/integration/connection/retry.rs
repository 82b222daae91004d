//! The first connection is tried again while time is left; nothing else is.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use dbkit::{ConnectError, ConnectEvent, ConnectOptions, Report, connect};
use integration_tests::{Behaviour, Proxy, TestDatabase, sql};
use sea_orm::ConnectionTrait as _;

fn patient(retry_for: Duration) -> ConnectOptions {
    ConnectOptions { retry_for, ..sql::options() }
}

/// Opens the proxy when it has heard of as many failed attempts.
struct OpenAfter<'a> {
    attempts: u32,
    proxy: &'a Proxy,
    heard: AtomicU32,
}

impl Report<ConnectEvent> for OpenAfter<'_> {
    fn report(&self, event: &ConnectEvent) {
        let ConnectEvent::Retrying { attempt, pause, cause } = event;
        assert_eq!(*attempt, self.heard.fetch_add(1, Ordering::SeqCst) + 1);
        assert!(!pause.is_zero() && cause.starts_with("no PostgreSQL server answers"), "{event:?}");
        if *attempt == self.attempts {
            self.proxy.open();
        }
    }
}

#[tokio::test]
async fn a_server_that_comes_up_late_is_waited_for_and_every_attempt_is_told() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::closed(test.url(), Behaviour::Forward);
    let report = OpenAfter { attempts: 2, proxy: &proxy, heard: AtomicU32::new(0) };
    let db = connect(proxy.url(), &patient(Duration::from_mins(1)), &report).await.unwrap();
    assert_eq!(sql::value::<i32>(&db, "SELECT 1").await, 1);
    assert_eq!(report.heard.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_a_budget_nothing_is_tried_twice() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::closed(test.url(), Behaviour::Forward);
    let report = Mutex::new(Vec::new());
    connect(proxy.url(), &sql::options(), &report).await.unwrap_err();
    assert_eq!(report.into_inner().unwrap(), []);
}

#[tokio::test]
async fn the_budget_ends() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::closed(test.url(), Behaviour::Forward);
    let report = Mutex::new(Vec::new());
    let begun = Instant::now();
    let error = connect(proxy.url(), &patient(Duration::from_millis(500)), &report).await;
    assert!(matches!(error, Err(ConnectError::Unreachable { .. })), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(!report.into_inner().unwrap().is_empty());
}

#[tokio::test]
async fn what_does_not_pass_by_itself_is_not_tried_again() {
    let test = TestDatabase::empty().await;
    let report = Mutex::new(Vec::new());
    let url = test.url().with_database("no such database");
    connect(&url, &patient(Duration::from_mins(1)), &report).await.unwrap_err();
    assert_eq!(report.into_inner().unwrap(), []);
}

#[tokio::test]
async fn a_statement_that_was_sent_is_never_sent_again() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE TABLE counted (n int)").await;
    let insert = "INSERT INTO counted VALUES (1)";
    let proxy = Proxy::start(test.url(), Behaviour::CutBefore("INSERT INTO counted"));
    let report = Mutex::new(Vec::new());
    let db = connect(proxy.url(), &patient(Duration::from_mins(1)), &report).await.unwrap();
    db.execute_unprepared(insert).await.unwrap_err();
    assert_eq!(report.into_inner().unwrap(), []);
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM counted").await, 0);
}
