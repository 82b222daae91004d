//! The level `ledger`: what was applied against what the code has.

use integration_tests::{Engine, TestDatabase, sql};
use migration::{Migrator, MigratorTrait as _, project::project};
use migration_engine::{Project, Upto};
use sea_orm_migration::MigrationTrait;

use super::validate;
use crate::engine_shadow::script;

const LAST: &str = "m20260817_101000_enrollment_waitlist";

#[tokio::test]
async fn a_migration_that_only_the_database_has_is_an_error_and_replayed_from_the_ledger() {
    let test = TestDatabase::migrated().await;
    let mut migrations = Migrator::migrations();
    let newer = script("m20261101_000000_newer", "CREATE TABLE newer ()", "DROP TABLE newer");
    migrations.push(Box::new(newer) as Box<dyn MigrationTrait>);
    Engine::default().up(test.url(), &Project::of(migrations), Upto::All).await.unwrap();
    let run = validate(&test, "--only ledger,schema").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("error ledger.missing: m20261101_000000_newer\n"), "{run}");
    assert!(run.stdout.contains("--from-ledger"), "{run}");
    assert!(run.stdout.contains("15 replayed") && !run.stdout.contains("drift."), "{run}");
}

#[tokio::test]
async fn pending_migrations_are_good_to_know() {
    let test = TestDatabase::empty().await;
    Engine::default().up(test.url(), &project(), Upto::Steps(13)).await.unwrap();
    assert_run!(validate(&test, "--only ledger").await, @"
    exit code 0
    --- stdout
    ledger:
      info ledger.pending: m20260817_101000_enrollment_waitlist
        it is pending

    13 applied checked: 0 error(s), 0 warning(s)
    ");
}

#[tokio::test]
async fn an_edit_after_the_fact_is_a_warning_where_the_sql_is_the_same_and_else_an_error() {
    let test = TestDatabase::migrated().await;
    let edit = |column: &str| {
        format!(
            "UPDATE seaworthy.migration_ledger SET {column} = repeat('0', 64) WHERE name = '{LAST}'"
        )
    };
    sql::run(test.db(), &edit("source_sha256")).await;
    let run = validate(&test, "--only ledger").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains(&format!("warning ledger.source: {LAST}\n")), "{run}");
    sql::run(test.db(), &edit("sql_sha256")).await;
    let run = validate(&test, "--only ledger").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains(&format!("error ledger.source: {LAST}\n")), "{run}");
}

#[tokio::test]
async fn what_was_cut_off_is_an_error_that_says_what_resolves_it() {
    let test = TestDatabase::migrated().await;
    let cut =
        format!("UPDATE seaworthy.migration_ledger SET state = 'dirty' WHERE name = '{LAST}'");
    sql::run(test.db(), &cut).await;
    let run = validate(&test, "--only ledger").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains(&format!("error ledger.unfinished: {LAST}\n")), "{run}");
    assert!(run.stdout.contains(&format!("migration resolve {LAST} --retry")), "{run}");
}

#[tokio::test]
async fn what_a_stock_tool_applied_is_a_warning_until_it_is_adopted() {
    let test = TestDatabase::migrated().await;
    let forget = format!("DELETE FROM seaworthy.migration_ledger WHERE name = '{LAST}'");
    sql::run(test.db(), &forget).await;
    let run = validate(&test, "--only ledger").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains(&format!("warning ledger.adopted: {LAST}\n")), "{run}");
}
