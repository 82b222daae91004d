//! Connecting, with the real server and the ways in which a connection can fail.

mod password;
mod pool;
mod retry;
pub(crate) mod tls;

use std::time::{Duration, Instant};

use dbkit::{ConnectError, ConnectOptions, connect, connect::connect_session};
use integration_tests::{Behaviour, Proxy, TestDatabase, server, sql};
use sea_orm::ConnectionTrait as _;

async fn failure(url: &dbkit::DatabaseUrl, options: &ConnectOptions) -> ConnectError {
    connect(url, options, &()).await.expect_err("there is no connection to be had")
}

#[tokio::test]
async fn an_operator_sees_who_is_connected() {
    let test = TestDatabase::empty().await;
    let options = ConnectOptions::new("seaworthy migration");
    let db = connect(test.url(), &options, &()).await.unwrap();
    let own = "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    assert_eq!(sql::value::<String>(&db, own).await, "seaworthy migration");
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named() {
    let test = TestDatabase::empty().await;
    let url = test.url().with_database("no such database");
    let error = failure(&url, &sql::options()).await;
    let ConnectError::NoSuchDatabase { database, .. } = &error else { panic!("{error:?}") };
    assert_eq!(database, "no such database");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn where_nobody_listens_the_address_is_named() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::closed(test.url(), Behaviour::Forward);
    let error = failure(proxy.url(), &sql::options()).await;
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
    let port = proxy.url().port();
    assert!(error.to_string().ends_with(&format!("127.0.0.1:{port}")), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_within_the_limit() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::start(test.url(), Behaviour::Stall);
    let limit = Duration::from_millis(200);
    let options = ConnectOptions { connect_timeout: limit, ..sql::options() };
    let begun = Instant::now();
    let error = failure(proxy.url(), &options).await;
    assert!(matches!(error, ConnectError::TimedOut { limit: l, .. } if l == limit), "{error:?}");
    assert!(begun.elapsed() >= limit && begun.elapsed() < limit + Duration::from_secs(2));
}

#[tokio::test]
async fn a_server_that_hangs_up_is_unreachable() {
    let test = TestDatabase::empty().await;
    let name = test.url().user().unwrap();
    let proxy = Proxy::start(test.url(), Behaviour::CutBefore(name.leak()));
    let error = failure(proxy.url(), &sql::options()).await;
    assert!(error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_with_its_version() {
    let test = TestDatabase::empty().await;
    let pretended: i32 = 130_018;
    // The driver asks for the number in the binary format.
    let real = i32::try_from(server().await.version.num).unwrap();
    let number = (real.to_be_bytes().to_vec(), pretended.to_be_bytes().to_vec());
    // At the start of a session the server says it in words.
    let words = |major: i32| format!("server_version\0{major}.").into_bytes();
    let pairs = vec![number, (words(real / 10_000), words(pretended / 10_000))];
    let proxy = Proxy::start(test.url(), Behaviour::Replace(pairs));
    let error = failure(proxy.url(), &sql::options()).await;
    let ConnectError::TooOld { version, .. } = &error else { panic!("{error:?}") };
    assert_eq!(version.to_string(), "13.18");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_parameter_that_the_driver_does_not_know_does_not_show_the_password() {
    let url = "postgres://u:secret@127.0.0.1:1/d?sslmode=sometimes".parse().unwrap();
    let error = failure(&url, &sql::options()).await;
    let ConnectError::Url(message) = &error else { panic!("{error:?}") };
    assert!(message.contains("sometimes") && !message.contains("secret"), "{message}");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let test = TestDatabase::empty().await;
    let limit = Some(Duration::from_millis(50));
    let options = ConnectOptions { statement_timeout: limit, ..sql::options() };
    let db = connect(test.url(), &options, &()).await.unwrap();
    let error = db.execute_unprepared("SELECT pg_sleep(60)").await.unwrap_err();
    assert_eq!(sql::sqlstate(&error).as_deref(), Some("57014"));
    assert_eq!(sql::value::<i32>(&db, "SELECT 1").await, 1);
}

#[tokio::test]
async fn a_connection_that_breaks_later_is_an_error_and_the_pool_makes_a_new_one() {
    let test = TestDatabase::empty().await;
    let proxy = Proxy::start(test.url(), Behaviour::Forward);
    let db = sql::pool(proxy.url()).await;
    assert_eq!(sql::value::<i32>(&db, "SELECT 1").await, 1);
    proxy.set(Behaviour::CutBefore("SELECT 2"));
    proxy.cut();
    db.execute_unprepared("SELECT 2").await.unwrap_err();
    proxy.set(Behaviour::Forward);
    proxy.cut();
    assert_eq!(sql::value::<i32>(&db, "SELECT 3").await, 3);
}

#[tokio::test]
async fn a_role_that_may_only_read_reads_and_does_not_write() {
    let test = TestDatabase::migrated().await;
    let reader = sql::pool(&test.reader().await).await;
    assert_eq!(sql::value::<i64>(&reader, "SELECT count(*) FROM users").await, 0);
    for statement in [
        "DELETE FROM users",
        "INSERT INTO seaql_migrations VALUES ('m', 0)",
        "TRUNCATE users",
        "DROP TABLE users",
        "CREATE TABLE mine ()",
        "CREATE SCHEMA mine",
    ] {
        let error = reader.execute_unprepared(statement).await.unwrap_err();
        assert_eq!(sql::sqlstate(&error).as_deref(), Some("42501"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn a_session_of_its_own_is_not_shared_with_the_pool() {
    let test = TestDatabase::empty().await;
    let mut session = connect_session(test.url(), &sql::options()).await.unwrap();
    let own: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut session).await.unwrap();
    assert_ne!(own, sql::value::<i32>(test.db(), "SELECT pg_backend_pid()").await);
}
