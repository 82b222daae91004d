//! `migration down` as people run it: receipt, backup, question, proof, and the rows that come back.

use integration_tests::{Program, Run, TestDatabase, sql};

use crate::watching::path;

async fn down(test: &TestDatabase, arguments: &str) -> Run {
    Program::new("migration").await.on(test.url()).args("down").args(arguments).run().await
}

async fn applied(test: &TestDatabase) -> i64 {
    sql::value(test.db(), "SELECT count(*) FROM seaql_migrations").await
}

const NOTE: &str = "INSERT INTO users (id, email, full_name, password_hash, display_name)
    VALUES ('00000000-0000-7000-8000-000000000001', 'ada@example.com', 'Ada', '!', 'Countess')";

/// A migrated database with one user, at the level of the column `display_name`.
async fn with_a_user() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), NOTE).await;
    let to = "--to m20260601_091000_fill_users_display_name --no-backup --reason test";
    let run = down(&test, to).await;
    assert_eq!(run.code, 0, "{run}");
    test
}

#[tokio::test]
async fn what_goes_is_counted_and_the_backup_is_the_one_before() {
    let test = with_a_user().await;
    let run = down(&test, "-n 2 --backup-dir backups").await;
    assert_eq!(run.code, 0, "{run}");
    let line = run.stderr.lines().find(|line| line.contains("public.users.display_name"));
    assert!(line.is_some_and(|line| line.ends_with(" 1 value")), "{run}");
    assert!(run.stderr.contains("backed up and verified: "), "{run}");
    assert!(run.stdout.contains("\nBefore it: `backup restore "), "{run}");
    let backup = "SELECT backup FROM seaworthy.migration_runs ORDER BY started_at DESC LIMIT 1";
    let backup: String = sql::value(test.db(), backup).await;
    assert!(run.stdout.contains(&backup), "{backup}: {run}");
    let receipt = "SELECT receipt #>> '{columns,0,non_null,n}' FROM seaworthy.migration_runs
                   ORDER BY started_at DESC LIMIT 1";
    assert_eq!(sql::value::<String>(test.db(), receipt).await, "1");
}

#[tokio::test]
async fn a_backup_that_fails_stops_the_rollback() {
    let test = TestDatabase::migrated().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let program = Program::new("migration").await.on(test.url()).args("down --backup-dir");
    let run = program.arg(&file).run().await;
    assert_ne!(run.code, 0, "{run}");
    assert!(run.stderr.contains("nothing was rolled back: "), "{run}");
    assert_eq!(applied(&test).await, 14);
    let run = down(&test, "--no-backup").await;
    assert_eq!(run.code, 2, "a reason is needed: {run}");
    assert_eq!(applied(&test).await, 14);
}

#[tokio::test]
async fn without_a_backup_the_reason_is_in_the_trail_and_in_the_ledger() {
    let test = TestDatabase::migrated().await;
    let program = Program::new("migration").await.on(test.url()).args("down --no-backup --reason");
    let run = program.arg("made up data").run().await;
    assert_eq!(run.code, 0, "{run}");
    let reason = "SELECT reason FROM seaworthy.migration_runs ORDER BY started_at DESC LIMIT 1";
    assert_eq!(sql::value::<String>(test.db(), reason).await, "made up data");
    let command = "SELECT command FROM seaworthy.audit_events ORDER BY position DESC LIMIT 1";
    let command: String = sql::value(test.db(), command).await;
    assert_eq!(command, "down -n 1 --no-backup --reason \"made up data\"");
}

#[tokio::test]
async fn testing_needs_no_receipt_and_no_backup() {
    let test = TestDatabase::migrated().await;
    let run = down(&test, "--env testing --quiet").await;
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run}");
    assert_eq!(applied(&test).await, 13);
}

#[tokio::test]
async fn a_migration_that_commutes_goes_alone() {
    let test = TestDatabase::migrated().await;
    let run = down(&test, "--only index_unread_notifications --backup-dir backups").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("proven: without m20260706_073000"), "{run}");
    let index = "SELECT to_regclass('notifications_unread_idx') IS NULL";
    assert!(sql::value::<bool>(test.db(), index).await);
    assert_eq!(applied(&test).await, 13);
    let up = Program::new("migration").await.on(test.url()).args("up").run().await;
    assert_eq!(up.code, 0, "{up}");
}

#[tokio::test]
async fn a_migration_that_others_build_on_stays_and_the_reason_is_given() {
    let test = TestDatabase::migrated().await;
    // Declared: the header of a later one names it.
    let run = down(&test, "--only add_users_display_name").await;
    assert_eq!(run.code, 4, "{run}");
    assert!(run.stderr.contains("depend(s) on it"), "{run}");
    // Shown: nobody declares to depend on it, and what came later changed the same column.
    let run = down(&test, "--only fill_users_display_name").await;
    assert_eq!(run.code, 4, "{run}");
    assert_eq!(applied(&test).await, 14);
}

#[tokio::test]
async fn what_is_kept_comes_back_with_the_next_up() {
    let test = with_a_user().await;
    let name = "SELECT display_name FROM users";
    let run = down(&test, "-n 2 --safekeep --backup-dir backups").await;
    assert_eq!(run.code, 0, "{run}");
    let gone = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'users'::regclass
                AND attname = 'display_name'";
    assert_eq!(sql::value::<i64>(test.db(), gone).await, 0);
    let run = Program::new("migration").await.on(test.url()).args("up").run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("put back 1 row(s)"), "{run}");
    assert_eq!(sql::value::<String>(test.db(), name).await, "Countess");
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_told_how_to_go_on() {
    let test = TestDatabase::migrated().await;
    let owner = test.role("").await;
    let role = owner.user().unwrap();
    sql::run(
        test.db(),
        &format!(
            "GRANT ALL ON ALL TABLES IN SCHEMA public, seaworthy TO \"{role}\";
        GRANT ALL ON SCHEMA public, seaworthy TO \"{role}\""
        ),
    )
    .await;
    let program = Program::new("migration").await.on(&owner).env("PATH", path());
    let run = program.args("down").run().await;
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stderr.contains("--shadow-url"), "{run}");
    assert_eq!(applied(&test).await, 14);
}
