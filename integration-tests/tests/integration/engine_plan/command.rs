//! What a plan says, and that it changes nothing.

use std::time::Duration;

use dbkit::lock;
use integration_tests::{TestDatabase, sql};
use migration_engine::{LOCK, Snapshot};

use crate::migration_cli::{json, migration};

const ROWS: &str = "SELECT concat_ws(' ',
    (SELECT count(*) FROM seaql_migrations),
    (SELECT count(*) FROM seaworthy.migration_ledger),
    (SELECT count(*) FROM seaworthy.migration_runs),
    (SELECT count(*) FROM seaworthy.installed),
    to_regclass('seaworthy.audit_events'))";

#[tokio::test]
async fn a_plan_leaves_an_empty_database_empty() {
    let test = TestDatabase::empty().await;
    let before = Snapshot::take(test.db()).await.unwrap();
    for arguments in ["plan", "up --dry-run"] {
        let run = migration(test.url(), arguments).await;
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
        assert!(run.stdout.starts_with("apply m20260112_090000_access, in one transaction\n\n"));
        assert!(run.stdout.contains("This would apply 14 migration(s) in "), "{run}");
        assert_eq!(Snapshot::take(test.db()).await.unwrap(), before);
    }
    let schema = "SELECT count(*) FROM pg_namespace WHERE nspname = 'seaworthy'";
    assert_eq!(sql::value::<i64>(test.db(), schema).await, 0);
}

#[tokio::test]
async fn a_dry_run_of_down_changes_neither_schema_nor_ledger() {
    let test = TestDatabase::migrated().await;
    let before = Snapshot::take(test.db()).await.unwrap();
    let rows: String = sql::value(test.db(), ROWS).await;
    let run = migration(test.url(), "down --dry-run --to festival_social").await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
    assert!(run.stdout.contains("This would roll back 5 migration(s) in "), "{run}");
    assert_eq!(Snapshot::take(test.db()).await.unwrap(), before);
    assert_eq!(sql::value::<String>(test.db(), ROWS).await, rows);
}

#[tokio::test]
async fn what_goes_is_named() {
    let test = TestDatabase::migrated().await;
    let run = migration(test.url(), "down --dry-run -n 5").await;
    let gone = "  takes away: column public.users.display_name with its values\n";
    assert!(run.stdout.contains(gone), "{run}");
}

#[tokio::test]
async fn where_there_is_nothing_to_do_the_plan_says_so() {
    let test = TestDatabase::migrated().await;
    assert_run!(migration(test.url(), "plan").await, @"
    exit code 0
    --- stdout
    Nothing to apply in `[database]` on [server]
    ");
    let test = TestDatabase::empty().await;
    assert_run!(migration(test.url(), "down --dry-run").await, @"
    exit code 0
    --- stdout
    Nothing to roll back in `[database]` on [server]
    ");
}

#[tokio::test]
async fn scripts_get_one_document() {
    let test = TestDatabase::migrated().await;
    assert_eq!(migration(test.url(), "down").await.code, 0);
    let run = migration(test.url(), "plan --format json").await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
    let document = json(&run);
    assert_eq!(document["schema"], "seaworthy/migration.plan/1");
    let data = &document["data"];
    assert_eq!((&data["direction"], &data["ledger"]["source"]), (&"up".into(), &"ledger".into()));
    let step = &data["steps"][0];
    assert_eq!(step["name"], "m20260817_101000_enrollment_waitlist");
    assert_eq!(step["transactional"], true);
    let sent = step["statements"][0].as_str().unwrap();
    assert!(sent.contains("ADD VALUE 'waitlisted' BEFORE 'active'"), "{sent}");
    assert_eq!(step["changes"][0]["object"]["kind"], "type");
    assert!(step["shadow_ms"].is_number() && step["losses"]["tables"] == serde_json::json!([]));
}

#[tokio::test]
async fn a_database_of_somebody_else_is_refused() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE TABLE customers ()").await;
    for arguments in ["plan", "down --dry-run"] {
        let run = migration(test.url(), arguments).await;
        assert_eq!(run.code, 4, "{run}");
        assert!(run.stderr.contains("1 tables that no migration made (customers)"), "{run}");
    }
}

#[tokio::test]
async fn a_plan_reads_like_the_script_that_would_run() {
    let test = TestDatabase::migrated().await;
    assert_eq!(migration(test.url(), "down -n 2").await.code, 0);
    assert_run!(migration(test.url(), "down --dry-run -n 3").await, @"
    exit code 0
    --- stdout
    roll back m20260615_090000_require_users_display_name, outside a transaction

        ALTER TABLE users ALTER COLUMN display_name DROP NOT NULL;

      locks: ACCESS EXCLUSIVE on public.users (empty)

    roll back m20260601_091000_fill_users_display_name, outside a transaction

        UPDATE users SET display_name = NULL
        WHERE id IN (SELECT id FROM users WHERE display_name IS NOT NULL ORDER BY id LIMIT 5000 FOR UPDATE);

      locks: ROW EXCLUSIVE on public.users (empty)
      may change rows: UPDATE users SET display_name = NULL

    roll back m20260601_090000_add_users_display_name, in one transaction

        ALTER TABLE users DROP COLUMN display_name;

      locks: ACCESS EXCLUSIVE on public.users (empty)
      takes away: column public.users.display_name with its values

    This would roll back 3 migration(s) in `[database]` on [server]. Nothing was changed.
    ");
}

#[tokio::test]
async fn what_is_half_way_is_busy_while_somebody_is_at_it_and_dirty_afterwards() {
    let test = TestDatabase::migrated().await;
    let begun = "UPDATE seaworthy.migration_ledger SET state = 'intent', direction = 'down'
                 WHERE name = 'm20260817_101000_enrollment_waitlist'";
    sql::run(test.db(), begun).await;
    let lock = lock::acquire(test.url(), &sql::options(), LOCK, Duration::ZERO).await.unwrap();
    let run = migration(test.url(), "plan").await;
    assert_eq!(run.code, 5, "{run}");
    assert!(run.stderr.starts_with("error: a migration run is under way: seaworthy test"), "{run}");
    lock.release().await.unwrap();
    let run = migration(test.url(), "plan").await;
    assert_eq!(run.code, 6, "{run}");
}
