//! What an API makes sure of before it serves.

use std::time::Duration;

use dbkit::{ConnectOptions, Environment, SystemClock, lock};
use integration_tests::{Behaviour, Proxy, TestDatabase, sql};
use sea_orm::DatabaseConnection;
use seeder::{Settings, seeds};
use seeding_engine::{
    Content, Database, Kind, Seed,
    boot::{EnsureError, EnsureOptions, Ensured, LOCK, ensure},
};
use uuid::Uuid;

use crate::content::{assert_same, whole};

fn options(environment: Environment, budget: Duration) -> EnsureOptions {
    EnsureOptions { environment, budget, actor: "test".to_owned(), tool_version: "0".to_owned() }
}

async fn ensure_in(
    environment: Environment,
    test: &TestDatabase,
    seeds: &[Seed],
) -> Result<Ensured, EnsureError> {
    let options = options(environment, Duration::from_mins(1));
    boot(test, test.db(), seeds, &options).await
}

#[expect(clippy::disallowed_methods, reason = "every start has a name of its own")]
async fn boot(
    test: &TestDatabase,
    pool: &DatabaseConnection,
    seeds: &[Seed],
    options: &EnsureOptions,
) -> Result<Ensured, EnsureError> {
    let connect = ConnectOptions::new("boot");
    let database = Database { pool, url: test.url(), connect: &connect };
    ensure(database, seeds, options, Uuid::new_v4(), &SystemClock, &()).await
}

fn ours() -> Vec<Seed> {
    seeds(&Settings::default())
}

#[tokio::test]
async fn an_empty_database_gets_what_the_code_relies_on_and_nothing_invented() {
    let test = TestDatabase::migrated().await;
    let made = ensure_in(Environment::Development, &test, &ours()).await.unwrap();
    assert!(made.counts.created > 100, "{made:?}");
    let invented = "SELECT (SELECT count(*) FROM students) + (SELECT count(*) FROM events)";
    assert_eq!(sql::value::<i64>(test.db(), invented).await, 0);
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM users").await, 3);
}

#[tokio::test]
async fn a_complete_database_is_only_read() {
    let test = TestDatabase::migrated().await;
    ensure_in(Environment::Development, &test, &ours()).await.unwrap();
    let before = whole(test.db()).await;
    let again = ensure_in(Environment::Development, &test, &ours()).await.unwrap();
    assert_eq!((again.counts.created, again.counts.updated), (0, 0));
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn what_is_missing_is_added_and_what_differs_follows_the_code() {
    let test = TestDatabase::migrated().await;
    ensure_in(Environment::Development, &test, &ours()).await.unwrap();
    let complete: i64 = sql::value(test.db(), "SELECT count(*) FROM role_permissions").await;
    sql::run(test.db(), "DELETE FROM role_permissions").await;
    sql::run(test.db(), "UPDATE roles SET description = 'edited'").await;
    ensure_in(Environment::Development, &test, &ours()).await.unwrap();
    let count = "SELECT count(*) FROM role_permissions";
    assert_eq!(sql::value::<i64>(test.db(), count).await, complete);
    let edited = "SELECT count(*) FROM roles WHERE description = 'edited'";
    assert_eq!(sql::value::<i64>(test.db(), edited).await, 0);
}

#[tokio::test]
async fn instances_that_start_at_once_all_find_the_rows() {
    let test = TestDatabase::migrated().await;
    let seeds = ours();
    let start = || ensure_in(Environment::Development, &test, &seeds);
    let (one, two, three) = tokio::join!(start(), start(), start());
    let created: Vec<u64> =
        [one, two, three].into_iter().map(|made| made.unwrap().counts.created).collect();
    assert_eq!(created.iter().filter(|created| **created > 0).count(), 1, "{created:?}");
    let runs = "SELECT count(*) FROM seaworthy.seed_runs";
    assert_eq!(sql::value::<i64>(test.db(), runs).await, 1);
}

#[tokio::test]
async fn pending_migrations_are_said_at_once() {
    let test = TestDatabase::empty().await;
    let error = ensure_in(Environment::Development, &test, &ours()).await.unwrap_err();
    assert!(matches!(error, EnsureError::MissingTable(_)), "{error:?}");
    assert!(error.to_string().contains("migrations are pending"), "{error}");
}

#[tokio::test]
async fn a_database_of_another_environment_is_left_alone() {
    let test = TestDatabase::migrated().await;
    ensure_in(Environment::Staging, &test, &ours()).await.unwrap();
    let before = whole(test.db()).await;
    let error = ensure_in(Environment::Development, &test, &ours()).await.unwrap_err();
    assert!(matches!(error, EnsureError::OtherEnvironment { .. }), "{error:?}");
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn a_run_that_does_not_end_is_named_when_the_budget_is_spent() {
    let test = TestDatabase::migrated().await;
    let connect = ConnectOptions::new("somebody's seeder");
    let held = lock::acquire(test.url(), &connect, LOCK, Duration::ZERO).await.unwrap();
    let options = options(Environment::Development, Duration::ZERO);
    let error = boot(&test, test.db(), &ours(), &options).await.unwrap_err();
    assert!(error.to_string().contains("somebody's seeder"), "{error}");
    held.release().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let test = TestDatabase::migrated().await;
    let proxy = Proxy::start(test.url(), Behaviour::Forward);
    let pool = sql::pool(proxy.url()).await;
    proxy.cut();
    let options = options(Environment::Development, Duration::from_mins(1));
    let made = boot(&test, &pool, &ours(), &options).await.unwrap();
    assert!(made.counts.created > 100, "{made:?}");
}

#[tokio::test]
async fn reference_rows_that_rest_on_invented_ones_are_a_mistake_that_writes_nothing() {
    let test = TestDatabase::migrated().await;
    let seed = |id, kind: Kind, requires| Seed {
        id,
        description: "",
        kind,
        version: 1,
        environments: kind.environments(),
        requires,
        content: Content::rows(|_| Vec::new()),
    };
    let careless =
        [seed("demo.a", Kind::Demo, &[]), seed("reference.b", Kind::Reference, &["demo.a"])];
    let error = ensure_in(Environment::Development, &test, &careless).await.unwrap_err();
    assert!(matches!(error, EnsureError::Invented("demo.a")), "{error:?}");
}
