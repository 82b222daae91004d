//! Pending migrations: applied where that is the developer's own business, and a finding elsewhere.

use integration_tests::{Engine, TestDatabase, sql};
use migration::project::project;
use migration_engine::{Downto, Snapshot};

use super::{assert_failed, seeder};
use crate::content::{assert_same, whole};

/// A database that lacks the last migrations.
async fn behind() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    Engine::default().down(test.url(), &project(), Downto::Steps(2)).await.unwrap();
    test
}

#[tokio::test]
async fn in_development_and_testing_they_are_applied_first() {
    let migrated = Snapshot::take(TestDatabase::migrated().await.db()).await.unwrap();
    for environment in ["development", "testing"] {
        let test = behind().await;
        let run = seeder(&test, &format!("--env {environment}")).await;
        assert_eq!(run.code, 0, "{run}");
        assert!(run.stderr.contains("applied m20260817_101000_enrollment_waitlist"), "{run}");
        let changes = migrated.changes(&Snapshot::take(test.db()).await.unwrap());
        assert!(changes.is_empty(), "{changes:?}");
    }
}

#[tokio::test]
async fn an_empty_database_is_migrated_and_filled_by_one_command() {
    let test = TestDatabase::empty().await;
    let run = seeder(&test, "").await;
    assert_eq!(run.code, 0, "{run}");
    let migrated = Snapshot::take(TestDatabase::migrated().await.db()).await.unwrap();
    assert!(migrated.changes(&Snapshot::take(test.db()).await.unwrap()).is_empty());
    assert!(sql::value::<i64>(test.db(), "SELECT count(*) FROM students").await > 50);
}

#[tokio::test]
async fn elsewhere_and_in_a_dry_run_they_are_a_finding_and_nothing_changes() {
    for arguments in [
        "--env staging",
        "--env production",
        "--dry-run --execute",
        "--env testing --dry-run --execute",
    ] {
        let test = behind().await;
        let (catalog, before) = (Snapshot::take(test.db()).await.unwrap(), whole(test.db()).await);
        let run = seeder(&test, arguments).await;
        assert_failed(&run, 3, "2 migration(s) of ");
        assert!(run.stderr.contains("cargo run -p migration -- up --env "), "{run}");
        let changes = catalog.changes(&Snapshot::take(test.db()).await.unwrap());
        assert!(changes.is_empty(), "{arguments}: {changes:?}");
        assert_same(&before, &whole(test.db()).await);
    }
}

#[tokio::test]
async fn a_plan_says_that_they_come_first() {
    let test = behind().await;
    let run = seeder(&test, "plan").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("2 migration(s) are pending; `run` applies them first"), "{run}");
    let run = seeder(&test, "plan --env staging").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("`cargo run -p migration -- up --env staging`"), "{run}");
}

#[tokio::test]
async fn a_migration_that_stops_half_way_has_the_exit_code_that_migration_gives_it() {
    let test = behind().await;
    sql::run(test.db(), "CREATE INDEX notifications_unread_idx ON notifications (user_id)").await;
    let run = seeder(&test, "").await;
    assert_eq!(run.code, 6, "{run}");
    assert!(run.stderr.contains("a part of it may be there"), "{run}");
}
