//! `migration resolve` as an operator meets it.

use integration_tests::{Program, Run, TestDatabase, sql};

use super::{INDEX, attempts, project_agrees};
use crate::migration_cli::{json, migration};

/// A database in which somebody else's index was in the way of the migration's.
async fn dirty() -> TestDatabase {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 12").await.code, 0);
    sql::run(test.db(), "CREATE INDEX notifications_unread_idx ON notifications (user_id)").await;
    let run = migration(test.url(), "up").await;
    assert_eq!(run.code, 6, "{run}");
    test
}

async fn resolve(test: &TestDatabase, arguments: &str) -> Run {
    migration(test.url(), &format!("resolve {arguments} --reason test")).await
}

#[tokio::test]
async fn a_word_that_the_schema_contradicts_needs_to_be_said_twice() {
    let test = dirty().await;
    for word in ["--applied", "--rolled-back"] {
        let run = resolve(&test, &format!("{INDEX} {word}")).await;
        assert_eq!(run.code, 3, "{word}: {run}");
        assert!(run.stderr.contains("notifications_unread_idx"), "{run}");
        assert_eq!(attempts(&test, INDEX, "dirty").await, 1, "nothing was changed");
        project_agrees(&test).await;
    }
    let run =
        resolve(&test, &format!("{INDEX} --applied --despite-differences --format json")).await;
    assert_eq!(run.code, 0, "{run}");
    let answer = &json(&run)["data"];
    assert_eq!(answer["resolution"], "applied");
    assert!(!answer["differences"].as_array().unwrap().is_empty(), "{run}");
    project_agrees(&test).await;
    assert_eq!(attempts(&test, INDEX, "applied").await, 1);
    let history = migration(test.url(), "history").await;
    assert!(history.stdout.contains(&format!("resolve {INDEX} --applied  done")), "{history}");
    assert!(history.stdout.contains("\n  reason: test"), "{history}");
    assert_eq!(migration(test.url(), "up").await.code, 0);
}

#[tokio::test]
async fn what_is_not_there_is_rolled_back_and_applied_anew() {
    let test = dirty().await;
    sql::run(test.db(), "DROP INDEX notifications_unread_idx").await;
    assert_run!(resolve(&test, "index_unread_notifications --rolled-back").await, @"
    exit code 0
    --- stdout
    m20260706_073000_index_unread_notifications is not applied, in `[database]` on [server]
    ");
    project_agrees(&test).await;
    assert_eq!(migration(test.url(), "up").await.code, 0);
    project_agrees(&test).await;
}

#[tokio::test]
async fn a_word_without_a_reason_or_a_name_is_not_understood() {
    let test = dirty().await;
    let run = migration(test.url(), &format!("resolve {INDEX} --applied")).await;
    assert_eq!(run.code, 2, "{run}");
    let run = resolve(&test, "m20260706_073000_index_unred_notifications --applied").await;
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains(&format!("did you mean `{INDEX}`?")), "{run}");
    assert_eq!(attempts(&test, INDEX, "dirty").await, 1);
}

#[tokio::test]
async fn a_word_that_does_not_fit_is_refused() {
    let test = dirty().await;
    let (applied, pending) = ("m20260112_090000_access", "m20260817_101000_enrollment_waitlist");
    let wrong = [
        format!("{applied} --retry"),
        format!("{applied} --applied"),
        format!("{applied} --accept-checksum"),
        format!("{pending} --rolled-back"),
        format!("{pending} --accept-checksum"),
        format!("{INDEX} --accept-checksum"),
    ];
    for arguments in wrong {
        let run = resolve(&test, &arguments).await;
        assert_eq!(run.code, 4, "{arguments}: {run}");
    }
    project_agrees(&test).await;
}

#[tokio::test]
async fn a_database_to_compare_with_may_be_lent() {
    let test = dirty().await;
    let own = format!("{INDEX} --retry --shadow-url {}", test.url().expose());
    let run = resolve(&test, &own).await;
    assert_eq!(run.code, 4, "{run}");
    assert!(run.stderr.contains("cannot be its own shadow"), "{run}");
    assert_eq!(attempts(&test, INDEX, "dirty").await, 1);
    let other = TestDatabase::empty().await;
    let lent = format!("{INDEX} --retry --shadow-url {}", other.url().expose());
    let run = resolve(&test, &lent).await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(attempts(&test, INDEX, "dirty").await, 0);
}

#[tokio::test]
async fn production_wants_its_name() {
    let test = dirty().await;
    let word = format!("resolve {INDEX} --retry --reason test --env production");
    let run = migration(test.url(), &word).await;
    assert_eq!(run.code, 4, "{run}");
    assert_eq!(attempts(&test, INDEX, "dirty").await, 1);
    let program = Program::new("migration").await.on(test.url()).args(&word);
    let run = program.arg("--confirm").arg(test.name()).run().await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(attempts(&test, INDEX, "dirty").await, 0);
}

#[tokio::test]
async fn a_database_that_takes_no_changes_is_refused() {
    let test = TestDatabase::empty().await;
    assert_eq!(migration(test.url(), "up -n 2").await.code, 0);
    let read_only =
        format!("ALTER DATABASE {} SET default_transaction_read_only = on", test.name());
    sql::run(test.db(), &read_only).await;
    let run = migration(test.url(), "up --format json").await;
    assert_eq!(run.code, 4, "{run}");
    assert_eq!(json(&run)["class"], "refused.read_only");
    project_agrees(&test).await;
}
