//! Plans for a database whose tables somebody has locked, all of them.

use dbkit::{Environment, stamp};
use integration_tests::{TestDatabase, sql};
use migration::{Migrator, MigratorTrait as _};
use migration_engine::Snapshot;
use sea_orm_migration::sea_orm::{DatabaseTransaction, TransactionTrait as _};

use crate::migration_cli::{json, migration};

const LOCK_EVERYTHING: &str = "DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
    LOOP
        EXECUTE 'LOCK TABLE ' || name || ' IN ACCESS EXCLUSIVE MODE';
    END LOOP;
END $$";

const LOCKED: &str = "SELECT relation::regclass::text FROM pg_locks
    WHERE pid = pg_backend_pid() AND granted AND mode = 'AccessExclusiveLock'";

/// Locks every table for as long as the transaction lives.
async fn lock_everything(test: &TestDatabase) -> DatabaseTransaction {
    let transaction = sql::pool(test.url()).await.begin().await.unwrap();
    sql::run(&transaction, LOCK_EVERYTHING).await;
    transaction
}

#[tokio::test]
async fn a_dry_run_of_down_ends_while_every_table_is_locked() {
    let test = TestDatabase::migrated().await;
    stamp::install(test.db()).await.unwrap();
    stamp::write(test.db(), Environment::Development).await.unwrap();
    let transaction = lock_everything(&test).await;
    let locked: Vec<String> = sql::column(&transaction, LOCKED).await;
    let own = ["migration_ledger", "migration_runs", "environment", "installed"];
    let own = own.map(|table| format!("seaworthy.{table}"));
    for table in own.iter().map(String::as_str).chain(["seaql_migrations", "enrollments"]) {
        assert!(locked.iter().any(|name| name == table), "{table} is not in {locked:?}");
    }

    let run = migration(test.url(), "down --dry-run").await;

    assert_eq!(run.code, 0, "{run}");
    for part in [
        "The ledger is locked by pid ",
        "this is what our last run left.\n",
        "roll back m20260817_101000_enrollment_waitlist, in one transaction\n",
        "    CREATE TYPE enrollment_status AS ENUM ('active', 'completed', 'withdrawn');\n",
        "    DROP TYPE enrollment_status_with_waitlist;\n",
        "ACCESS EXCLUSIVE on public.enrollments (",
        "  rewrites: public.enrollments (",
        "This would roll back 1 migration(s) in ",
    ] {
        assert!(run.stdout.contains(part), "{part:?} is not in {run}");
    }
    let locks = sql::column::<String>(&transaction, LOCKED).await;
    assert_eq!(locks.len(), locked.len(), "the tables were locked all the time");
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn what_is_pending_is_known_while_every_table_is_locked() {
    let test = TestDatabase::migrated().await;
    assert_eq!(migration(test.url(), "down -n 2").await.code, 0);
    let transaction = lock_everything(&test).await;
    let run = migration(test.url(), "plan --format json").await;
    assert_eq!(run.code, 0, "{run}");
    let data = &json(&run)["data"];
    assert_eq!(data["ledger"]["source"], "mirror");
    assert!(data["ledger"]["blockers"][0]["pid"].is_number(), "{run}");
    let names: Vec<_> =
        data["steps"].as_array().unwrap().iter().map(|step| &step["name"]).collect();
    assert_eq!(
        names,
        ["m20260706_073000_index_unread_notifications", "m20260817_101000_enrollment_waitlist"]
    );
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn the_order_is_the_same_whether_or_not_the_ledger_is_locked() {
    let test = TestDatabase::migrated().await;
    let before = Snapshot::take(test.db()).await.unwrap();
    let free = migration(test.url(), "down --dry-run -n 14 --format json").await;
    let transaction = lock_everything(&test).await;
    let locked = migration(test.url(), "down --dry-run -n 14 --format json").await;
    transaction.rollback().await.unwrap();
    let names = |run| {
        let steps = json(run)["data"]["steps"].as_array().unwrap().clone();
        steps.into_iter().map(|step| step["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(json(&free)["data"]["ledger"]["source"], "ledger");
    assert_eq!(json(&locked)["data"]["ledger"]["source"], "mirror");
    assert_eq!((names(&free).len(), names(&free)), (14, names(&locked)));
    assert_eq!(Snapshot::take(test.db()).await.unwrap(), before);
}

#[tokio::test]
async fn a_locked_ledger_of_which_no_run_of_ours_knows_is_no_guess() {
    let test = TestDatabase::empty().await;
    Migrator::up(test.db(), Some(2)).await.unwrap();
    let transaction = lock_everything(&test).await;
    let run = migration(test.url(), "down --dry-run").await;
    assert_eq!((run.code, run.stdout.as_str()), (5, ""), "{run}");
    let said = "error: the ledger of migrations is locked by pid ";
    assert!(run.stderr.starts_with(said), "{run}");
    transaction.rollback().await.unwrap();
}
