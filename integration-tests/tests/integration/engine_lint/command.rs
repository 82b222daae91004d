//! `migration lint` and `migration lock` as scripts and people meet them.

use integration_tests::{Program, TestDatabase};

const ALL_CLEAN: &str = "14 migration(s) checked: 0 error(s), 0 warning(s), 0 to know\n";

#[tokio::test]
async fn the_history_is_clean_without_a_database() {
    let run = Program::new("migration").await.args("lint --all --env testing").run().await;
    assert_eq!((run.code, run.stdout.as_str()), (0, ALL_CLEAN), "{run}");
}

#[tokio::test]
async fn only_what_is_pending_is_checked() {
    for (test, checked) in [
        (TestDatabase::empty().await, "14 migration(s)"),
        (TestDatabase::migrated().await, "0 migration(s)"),
    ] {
        let run = Program::new("migration").await.on(test.url()).args("lint").run().await;
        assert_eq!(run.code, 0, "{run}");
        assert!(run.stdout.starts_with(checked), "{run}");
    }
}

#[tokio::test]
async fn what_runs_on_a_shadow_leaves_the_target_alone() {
    let test = TestDatabase::empty().await;
    let program = Program::new("migration").await.on(test.url());
    let run = program.args("lint --all --shadow").run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("14 migration(s) checked: 0 error(s)"), "{run}");
    let tables: Vec<String> = integration_tests::sql::column(
        test.db(),
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    )
    .await;
    assert_eq!(tables, [""; 0]);
}

#[tokio::test]
async fn a_name_that_nobody_knows_brings_the_nearest_one_to_mind() {
    let program = Program::new("migration").await.args("lint m20260112_090000_acess");
    assert_run!(program.run().await, @"
    exit code 2
    --- stderr
    error: there is no migration `m20260112_090000_acess`; did you mean `m20260112_090000_access`?

    hint: `migration status` lists the names
    ");
}

#[tokio::test]
async fn scripts_get_one_document() {
    let program = Program::new("migration").await;
    let run = program.args("lint m20260112_090000_access --format json").run().await;
    assert_run!(run, @r#"
    exit code 0
    --- stdout
    {
      "schema": "seaworthy/migration.lint/1",
      "ok": true,
      "data": {
        "migrations": [
          "m20260112_090000_access"
        ],
        "errors": 0,
        "warnings": 0,
        "infos": 0,
        "findings": []
      }
    }
    "#);
}

#[tokio::test]
async fn the_lock_file_says_that_nothing_was_edited() {
    let run = Program::new("migration").await.args("lock --check").run().await;
    assert_run!(run, @"
    exit code 0
    --- stdout
    Every migration is what it was when it was locked
    ");
}

#[tokio::test]
async fn only_a_migration_that_is_there_can_be_accepted() {
    let run = Program::new("migration").await.args("lock --accept m1").run().await;
    assert_run!(run, @"
    exit code 2
    --- stderr
    error: there is no migration `m1` to accept

    hint: `migration status` lists them
    ");
}
