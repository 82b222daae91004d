//! How the engine runs migrations, above all when they fail.

use std::sync::Mutex;

use chrono::DateTime;
use dbkit::FixedClock;
use integration_tests::{Engine, TestDatabase, engine::names, permit, sql};
use migration_engine::{
    Downto, MigrationEvent, RunError, State, Upto,
    event::Direction,
    run::{self, DownOptions, Failed},
};

use crate::tiny::{Tiny, project, table};

const BROKEN: &str = "CREATE TABLE half (); SELECT 1/0";

fn broken(transaction: bool) -> Tiny {
    Tiny { name: "broken", up: BROKEN, down: BROKEN, transaction }
}

/// Goes up without trouble, and down by way of an error.
fn stuck(transaction: bool) -> Tiny {
    Tiny { name: "stuck", up: "SELECT 1", down: BROKEN, transaction }
}

async fn up(test: &TestDatabase, migrations: &[Tiny]) -> Result<Vec<String>, RunError> {
    Engine::default().up(test.url(), &project(migrations), Upto::All).await
}

async fn down(test: &TestDatabase, migrations: &[Tiny]) -> Result<Vec<String>, RunError> {
    Engine::default().down(test.url(), &project(migrations), Downto::All).await.map(names)
}

/// How a migration failed.
#[track_caller]
fn failed(error: &RunError) -> &Failed {
    let RunError::Failed(failed) = error else { panic!("{error:?}") };
    failed
}

async fn tables(test: &TestDatabase) -> Vec<String> {
    let query = "SELECT relname::text FROM pg_class WHERE relkind = 'r'
                 AND relnamespace = 'public'::regnamespace ORDER BY relname COLLATE \"C\"";
    sql::column(test.db(), query).await
}

async fn ledger(test: &TestDatabase) -> Vec<String> {
    sql::column(test.db(), "SELECT version FROM seaql_migrations ORDER BY version").await
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_of_it_and_names_what_was_committed() {
    let test = TestDatabase::empty().await;
    let error =
        up(&test, &[table!("a"), table!("b"), broken(true), table!("c")]).await.unwrap_err();
    let Failed { name, direction, committed, half_way, .. } = failed(&error);
    assert_eq!((name.as_str(), *direction, *half_way), ("broken", Direction::Up, false));
    assert_eq!(committed, &["a", "b"]);
    assert_eq!(tables(&test).await, ["a", "b", "seaql_migrations"]);
    assert_eq!(ledger(&test).await, ["a", "b"]);
    assert_eq!(error.to_string(), "broken was not applied, and nothing of it is left");
}

#[tokio::test]
async fn a_run_goes_on_where_the_last_one_failed() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a"), broken(true), table!("c")]).await.unwrap_err();
    let repaired = Tiny { name: "broken", up: "SELECT 1", down: "SELECT 1", transaction: true };
    assert_eq!(up(&test, &[table!("a"), repaired, table!("c")]).await.unwrap(), ["broken", "c"]);
}

#[tokio::test]
async fn a_migration_that_fails_outside_a_transaction_is_reported_as_half_way() {
    let test = TestDatabase::empty().await;
    let error = up(&test, &[table!("a"), broken(false)]).await.unwrap_err();
    let Failed { half_way: true, committed, .. } = failed(&error) else { panic!("{error:?}") };
    assert_eq!(committed, &["a"]);
    assert_eq!(tables(&test).await, ["a", "half", "seaql_migrations"]);
    assert_eq!(ledger(&test).await, ["a"]);
}

#[tokio::test]
async fn a_failing_way_down_leaves_the_migration_applied() {
    let test = TestDatabase::empty().await;
    let all = [table!("a"), stuck(true), table!("c")];
    up(&test, &all).await.unwrap();
    let error = down(&test, &all).await.unwrap_err();
    let Failed { name, direction, committed, half_way, .. } = failed(&error);
    assert_eq!((name.as_str(), *direction, *half_way), ("stuck", Direction::Down, false));
    assert_eq!(committed, &["c"]);
    assert_eq!(tables(&test).await, ["a", "seaql_migrations"]);
    assert_eq!(ledger(&test).await, ["a", "stuck"]);
}

#[tokio::test]
async fn a_failing_way_down_outside_a_transaction_is_half_way_too() {
    let test = TestDatabase::empty().await;
    up(&test, &[stuck(false)]).await.unwrap();
    let error = down(&test, &[stuck(false)]).await.unwrap_err();
    assert!(failed(&error).half_way, "{error:?}");
    assert_eq!(tables(&test).await, ["half", "seaql_migrations"]);
    assert_eq!(ledger(&test).await, ["stuck"]);
}

#[tokio::test]
async fn what_no_transaction_may_hold_runs_outside_of_one() {
    let test = TestDatabase::empty().await;
    let index = Tiny {
        name: "index",
        up: "CREATE INDEX CONCURRENTLY a_idx ON a (id)",
        down: "DROP INDEX CONCURRENTLY a_idx",
        transaction: false,
    };
    assert_eq!(up(&test, &[table!("a"), index]).await.unwrap(), ["a", "index"]);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_idx'::regclass";
    assert!(sql::value::<bool>(test.db(), valid).await);
    let inside = Tiny { transaction: true, name: "inside", ..index };
    let error = up(&test, &[table!("a"), index, inside]).await.unwrap_err();
    assert!(!failed(&error).half_way, "{error:?}");
}

#[tokio::test]
async fn a_migration_that_was_merged_late_goes_up_and_is_the_first_to_go_down() {
    let test = TestDatabase::empty().await;
    let at = |seconds| FixedClock(DateTime::from_timestamp(seconds, 0).unwrap());
    let (first, second) = (at(1_000), at(2_000));
    let early = Engine { clock: &first, ..Engine::default() };
    let late = Engine { clock: &second, ..Engine::default() };
    early.up(test.url(), &project(&[table!("a"), table!("c")]), Upto::All).await.unwrap();
    let all = project(&[table!("a"), table!("b"), table!("c")]);
    assert_eq!(late.up(test.url(), &all, Upto::All).await.unwrap(), ["b"]);
    let undone = late.down(test.url(), &all, Downto::All).await.unwrap();
    assert_eq!(names(undone), ["b", "c", "a"]);
}

#[tokio::test]
async fn a_limit_is_kept_both_ways() {
    let test = TestDatabase::empty().await;
    let all = project(&[table!("a"), table!("b"), table!("c")]);
    let engine = Engine::default();
    let applied = engine.up(test.url(), &all, Upto::Steps(2)).await.unwrap();
    assert_eq!(applied, ["a", "b"]);
    let undone = engine.down(test.url(), &all, Downto::Steps(1)).await.unwrap();
    assert_eq!(names(undone), ["b"]);
    assert!(engine.up(test.url(), &all, Upto::Steps(0)).await.unwrap().is_empty());
    assert_eq!(ledger(&test).await, ["a"]);
}

#[tokio::test]
async fn every_step_is_told_before_and_after() {
    let test = TestDatabase::empty().await;
    let events = Mutex::new(Vec::new());
    let engine = Engine { report: &events, ..Engine::default() };
    let migrations = project(&[table!("a"), broken(true)]);
    engine.up(test.url(), &migrations, Upto::All).await.unwrap_err();
    let events = events.into_inner().unwrap();
    let [first, second, third] = &events[..] else { panic!("{events:?}") };
    let started = |name: &str, number| MigrationEvent::Started {
        name: name.to_owned(),
        direction: Direction::Up,
        number,
        total: 2,
    };
    assert_eq!((first, third), (&started("a", 1), &started("broken", 2)));
    assert!(matches!(second, MigrationEvent::Finished { name, .. } if name == "a"), "{second:?}");
}

#[tokio::test]
async fn a_database_that_is_ahead_of_the_binary_is_left_alone() {
    let test = TestDatabase::empty().await;
    up(&test, &[table!("a"), table!("b")]).await.unwrap();
    let old = [table!("a"), table!("c")];
    let errors = [up(&test, &old).await.unwrap_err(), down(&test, &old).await.unwrap_err()];
    for error in errors {
        assert!(matches!(&error, RunError::Missing(names) if names == &["b"]), "{error:?}");
    }
    assert_eq!(tables(&test).await, ["a", "b", "seaql_migrations"]);
    let status = run::status(test.db(), &project(&old)).await.unwrap();
    let missing: Vec<_> = status
        .iter()
        .map(|entry| (entry.name.as_str(), matches!(entry.state, State::Missing { .. })))
        .collect();
    assert_eq!(missing, [("a", false), ("c", false), ("b", true)]);
}

#[tokio::test]
async fn a_database_of_somebody_else_is_left_alone() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE TABLE customers (); CREATE TABLE orders ()").await;
    for error in [up(&test, &[table!("a")]).await.unwrap_err(), down(&test, &[]).await.unwrap_err()]
    {
        let RunError::NotOurs { tables, .. } = &error else { panic!("{error:?}") };
        assert_eq!(tables, &["customers", "orders"]);
    }
    assert_eq!(tables(&test).await, ["customers", "orders"]);
}

#[tokio::test]
async fn a_table_in_another_schema_or_a_view_does_not_make_a_database_somebody_elses() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE SCHEMA other CREATE TABLE kept (); CREATE VIEW v AS SELECT 1")
        .await;
    assert_eq!(up(&test, &[table!("a")]).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn a_permit_for_another_database_is_refused_and_nothing_is_done() {
    let test = TestDatabase::empty().await;
    let (engine, migrations, other) = (Engine::default(), project(&[table!("a")]), permit("other"));
    engine.up(test.url(), &migrations, Upto::All).await.unwrap();
    let options = DownOptions::default();
    let errors = engine.run(test.url(), async |session, orders| {
        [
            run::down(session, &migrations, &other, &Downto::All, options, orders)
                .await
                .unwrap_err(),
            run::reset(session, &migrations, &other, orders).await.unwrap_err(),
            run::wipe(session, &migrations, &other, orders).await.unwrap_err(),
        ]
    });
    let errors = errors.await;
    for error in errors {
        let RunError::WrongPermit { permitted, connected } = &error else { panic!("{error:?}") };
        assert_eq!((permitted.as_str(), connected), ("other", &test.name()));
    }
    assert_eq!(tables(&test).await, ["a", "seaql_migrations"]);
}

#[tokio::test]
async fn a_migration_that_may_not_create_says_so_by_its_sqlstate() {
    let test = TestDatabase::empty().await;
    let reader = test.reader().await;
    let migrations = project(&[table!("a")]);
    let error = Engine::default().up(&reader, &migrations, Upto::All).await.unwrap_err();
    let RunError::Database { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(sql::sqlstate(source).as_deref(), Some("42501"));
    assert!(tables(&test).await.is_empty());
}
