//! `plan`, `status`, `--dry-run`: looking changes nothing.

use integration_tests::{TestDatabase, sql};

use super::{assert_failed, document, fill, seeder};
use crate::content::{assert_same, but_the_trail, whole};

/// The schemas of a database that are not PostgreSQL's.
async fn schemas(test: &TestDatabase) -> Vec<String> {
    let query = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_'
                 AND nspname <> 'information_schema' ORDER BY nspname";
    sql::column(test.db(), query).await
}

#[tokio::test]
async fn looking_at_a_database_changes_nothing() {
    let test = TestDatabase::migrated().await;
    let (before, schemas_before) = (whole(test.db()).await, schemas(&test).await);
    for arguments in
        ["plan", "--dry-run", "run --dry-run --only volume.school", "--dry-run --execute", "status"]
    {
        let run = seeder(&test, arguments).await;
        assert_eq!(run.code, 0, "{arguments}: {run}");
        assert_eq!(schemas(&test).await, schemas_before, "{arguments} left a schema");
        assert_same(&before, &whole(test.db()).await);
    }
    fill(&test).await;
    let before = whole(test.db()).await;
    for arguments in ["plan", "--dry-run", "status"] {
        assert_eq!(seeder(&test, arguments).await.code, 0, "{arguments}");
        assert_same(&before, &whole(test.db()).await);
    }
}

#[tokio::test]
async fn a_dry_run_says_what_a_run_would_do() {
    let test = TestDatabase::migrated().await;
    let total = |run| document(&run)["data"]["total"].clone();
    let rehearsed = seeder(&test, "--dry-run --execute --format json --as-of 2026-03-02").await;
    assert_eq!(document(&rehearsed)["data"]["ending"], "roll_back", "{rehearsed}");
    assert_eq!(document(&rehearsed)["data"]["system_users"], serde_json::json!([]), "{rehearsed}");
    let applied = seeder(&test, "--format json --as-of 2026-03-02").await;
    assert_eq!(total(rehearsed), total(applied));
    let said = seeder(&test, "--dry-run --execute").await;
    assert!(said.stdout.contains("Dry run: all of this was taken back."), "{said}");
}

#[tokio::test]
async fn a_plan_names_every_seed_in_the_order_of_writing() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "plan --env production --format json").await;
    let document = document(&run);
    let seeds = document["data"]["seeds"].as_array().unwrap();
    let lines: Vec<_> =
        seeds.iter().map(|seed| format!("{} {}", seed["seed"], seed["action"])).collect();
    assert_eq!(lines.len(), 14, "{lines:?}");
    let skipped = seeds.iter().filter(|seed| seed["tables"] == serde_json::json!([]));
    assert_eq!(skipped.count(), 11, "{lines:?}");
}

#[tokio::test]
async fn the_status_tells_what_was_applied() {
    let test = TestDatabase::migrated().await;
    let states = |run| {
        let document = document(&run);
        let seeds = document["data"]["seeds"].as_array().unwrap().clone();
        let state = |seed: &serde_json::Value| format!("{} {}", seed["seed"], seed["state"]);
        seeds.iter().map(state).map(|line| line.replace('"', "")).collect::<Vec<_>>()
    };
    let before = states(seeder(&test, "status --format json").await);
    assert_eq!(before.len(), 14, "{before:?}");
    assert!(before.iter().all(|line| line.ends_with(" never")), "{before:?}");
    assert_eq!(seeder(&test, "--only demo.personas").await.code, 0);
    let after = states(seeder(&test, "status --format json").await);
    let applied: Vec<_> = after.iter().filter(|line| line.ends_with(" applied")).collect();
    assert_eq!(
        applied,
        ["reference.access applied", "reference.subjects applied", "demo.personas applied"]
    );

    let age = "UPDATE seaworthy.seed_run_seeds SET version = 0 WHERE seed_id = 'reference.access'";
    sql::run(test.db(), age).await;
    let outdated = seeder(&test, "status").await;
    assert_eq!(outdated.code, 3, "{outdated}");
    assert!(outdated.stdout.contains("outdated"), "{outdated}");
}

#[tokio::test]
async fn an_unknown_seed_is_a_usage_error_with_the_list() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "--only demo.persona").await;
    assert_failed(&run, 2, "demo.persona");
    for known in ["reference.access", "system.users", "demo.personas", "volume.traces"] {
        assert!(run.stderr.contains(known), "{run}");
    }
    let plan = seeder(&test, "plan --only nothing").await;
    assert_failed(&plan, 2, "nothing");
}

#[tokio::test]
async fn a_seed_brings_what_it_requires_and_nothing_else() {
    let test = TestDatabase::migrated().await;
    let run = seeder(&test, "--only system.users --format json").await;
    let document = document(&run);
    let seeds = document["data"]["seeds"].as_array().unwrap();
    let names: Vec<_> = seeds.iter().map(|seed| seed["seed"].as_str().unwrap()).collect();
    assert_eq!(names, ["reference.access", "system.users"]);
    let filled = crate::content::filled(&test).await;
    assert_eq!(filled.len(), 5, "{filled:?}");
}

#[tokio::test]
async fn flags_before_the_command_are_not_silently_ignored() {
    let test = TestDatabase::migrated().await;
    let before = but_the_trail(test.db()).await;
    let run = seeder(&test, "--dry-run plan").await;
    assert_failed(&run, 2, "stand behind the command");
    assert_same(&before, &but_the_trail(test.db()).await);
}
