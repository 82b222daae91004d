//! `migration history` and `migration status`, for those who may look and those who may not.

use integration_tests::{TestDatabase, sql};

use super::INDEX;
use crate::migration_cli::{json, migration};

#[tokio::test]
async fn the_history_tells_every_run_and_what_became_of_it() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "history").await.stdout, "There is no history yet\n");
    assert_eq!(migration(test.url(), "up -n 1").await.code, 0);
    assert_eq!(migration(test.url(), "down --yes").await.code, 0);
    let told = migration(test.url(), "history").await.stdout;
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].contains("  up -n 1  done in ") && lines[0].contains(", by "), "{told}");
    assert!(lines[1].starts_with("  up m20260112_090000_access ("), "{told}");
    assert!(lines[1].ends_with(" ms), now rolled back"), "{told}");
    assert!(lines[3].contains("  down -n 1  done in "), "{told}");
    assert_eq!(lines.last(), Some(&"  down m20260112_090000_access, now rolled back"));
    let history = &json(&migration(test.url(), "history --format json").await)["data"];
    assert_eq!(history["runs"].as_array().unwrap().len(), 2);
    assert_eq!(history["attempts"][0]["state"], "rolled_back");
    assert_eq!(history["attempts"][0]["up_sql"], serde_json::Value::Null);
    let history = migration(test.url(), "history access --sql --format json").await;
    let history = &json(&history)["data"];
    assert!(!history["attempts"][0]["up_sql"].as_array().unwrap().is_empty(), "{history}");
    let told = migration(test.url(), "history access --sql").await.stdout;
    assert!(told.contains("CREATE TABLE") && told.contains("DROP TABLE"), "{told}");
}

#[tokio::test]
async fn a_reader_sees_what_is_dirty_and_the_history() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 12").await.code, 0);
    sql::run(test.db(), "CREATE INDEX notifications_unread_idx ON notifications (user_id)").await;
    assert_eq!(migration(test.url(), "up").await.code, 6);
    let reader = test.reader().await;
    let status = &json(&migration(&reader, "status --format json").await)["data"];
    assert_eq!((&status["applied"], &status["dirty"]), (&12.into(), &1.into()), "{status}");
    assert!(status["notes"][0].as_str().unwrap().contains(INDEX), "{status}");
    let run = migration(&reader, "history").await;
    assert_eq!(run.code, 0, "{run}");
}

#[tokio::test]
async fn a_role_that_may_not_look_into_our_schema_sees_what_stock_tools_know() {
    let test = TestDatabase::migrated().await;
    let role = test.role("").await;
    sql::run(test.db(), "GRANT SELECT ON seaql_migrations TO PUBLIC").await;
    let run = migration(&role, "status --format json").await;
    assert_eq!(run.code, 0, "{run}");
    let status = &json(&run)["data"];
    assert_eq!(status["applied"], 14);
    assert!(status["notes"][0].as_str().unwrap().contains("may not look"), "{status}");
    assert!(!run.stdout.contains("adopted"), "{run}");
    let run = migration(&role, "history").await;
    assert_eq!(run.code, 1, "{run}");
}
