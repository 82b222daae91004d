//! Schemas, scales and worlds that do not fit: one clear error, and nothing is left.

use integration_tests::{TestDatabase, sql};

use super::{count, done, filled, fingerprints, seeder};
use crate::{
    content::{assert_same, but_the_trail, of_the_team},
    seeder::{DAY, assert_failed},
};

/// Alters the schema before the rows of `seed` come, which are then refused; and undoes that.
async fn refused(seed: &str, alter: &str, undo: &str, said: &[&str]) {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--scale 2 --skip {seed} {DAY}")).await;
    sql::run(test.db(), alter).await;
    let before = of_the_team(test.db()).await;
    for arguments in
        ["run --scale 2", "run --scale 2 --jobs 1", "run --scale 2 --dry-run --execute"]
    {
        let run = seeder(&test, arguments).await;
        assert_failed(&run, 1, &format!("`{seed}` failed"));
        for said in said {
            assert!(run.stderr.contains(said), "`{said}` is not said: {run}");
        }
        assert_same(&before, &of_the_team(test.db()).await);
    }
    sql::run(test.db(), undo).await;
    done(&test, "--scale 2").await;
    assert_eq!(seeder(&test, "status").await.code, 0);
}

#[tokio::test]
async fn a_column_that_is_missing_is_named() {
    let said = ["`audit_logs` has no column `correlation_id`", "apply pending migrations"];
    let alter = "ALTER TABLE audit_logs RENAME correlation_id TO trace_id";
    let undo = "ALTER TABLE audit_logs RENAME trace_id TO correlation_id";
    refused("volume.traces", alter, undo, &said).await;
}

#[tokio::test]
async fn a_column_that_needs_a_value_and_gets_none_is_named() {
    let alter = "ALTER TABLE audit_logs ADD COLUMN reason text NOT NULL";
    let said = ["the rows of `audit_logs` have no value for `reason`"];
    refused("volume.traces", alter, "ALTER TABLE audit_logs DROP COLUMN reason", &said).await;
}

#[tokio::test]
async fn a_check_that_the_factory_violates_is_named() {
    let alter = "ALTER TABLE attendance ADD CONSTRAINT nobody_absent
                 CHECK (status <> 'absent') NOT VALID";
    let undo = "ALTER TABLE attendance DROP CONSTRAINT nobody_absent";
    refused("volume.school", alter, undo, &["`attendance`", "nobody_absent"]).await;
}

#[tokio::test]
async fn a_value_that_must_be_unique_and_is_not_is_named() {
    let alter = "CREATE UNIQUE INDEX one_action ON audit_logs (action)";
    refused("volume.traces", alter, "DROP INDEX one_action", &["one_action"]).await;
}

#[tokio::test]
async fn a_type_that_has_changed_is_named() {
    let alter = "ALTER TABLE audit_logs ALTER COLUMN entity_type TYPE integer USING 0";
    let undo = "ALTER TABLE audit_logs ALTER COLUMN entity_type TYPE text";
    refused("volume.traces", alter, undo, &["`audit_logs`", "entity_type"]).await;
}

#[tokio::test]
async fn where_a_small_seed_does_not_fit_nothing_is_written() {
    for (alter, said) in [
        ("ALTER TABLE students RENAME grade_level TO year", "grade_level"),
        ("ALTER TABLE students ADD COLUMN house text NOT NULL", "house"),
        ("ALTER TABLE students ADD CONSTRAINT nobody CHECK (grade_level > 12)", "nobody"),
    ] {
        let test = TestDatabase::migrated().await;
        sql::run(test.db(), alter).await;
        let before = of_the_team(test.db()).await;
        let run = seeder(&test, DAY).await;
        assert_failed(&run, 1, "seed `demo.personas` failed");
        for said in ["`students`", said, "nothing was written"] {
            assert!(run.stderr.contains(said), "`{said}` is not said: {run}");
        }
        assert_same(&before, &of_the_team(test.db()).await);
        assert_eq!(seeder(&test, "status").await.code, 0);
    }
}

#[tokio::test]
async fn a_seed_that_fails_after_others_is_half_way_and_the_same_command_goes_on() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), "CREATE UNIQUE INDEX one_action ON audit_logs (action)").await;
    let run = seeder(&test, &format!("--scale 2 {DAY}")).await;
    assert_failed(&run, 6, "seed `volume.traces` failed; ");
    assert!(run.stderr.contains("rows of others were written and stay"), "{run}");
    assert!(count(&test, "attendance").await > 1_000);
    let status = seeder(&test, "status").await;
    assert_eq!(status.code, 3, "{status}");
    assert!(status.stdout.contains("failed; what it committed stays"), "{status}");
    sql::run(test.db(), "DROP INDEX one_action").await;
    done(&test, &format!("--scale 2 {DAY}")).await;
    assert_eq!(fingerprints(&test).await, fingerprints(&filled(2).await).await);
}

#[tokio::test]
async fn a_scale_that_cannot_be_is_refused_before_anything_is_written() {
    let test = TestDatabase::migrated().await;
    let before = but_the_trail(test.db()).await;
    for (scale, code, said) in [
        ("0", 2, "scale 0 would be no rows at all"),
        ("20000000", 1, "the server's disk has"),
        ("9000000000000000000", 2, "suffice for scale"),
    ] {
        for arguments in ["--scale ", "top-up --scale "] {
            assert_failed(&seeder(&test, &format!("{arguments}{scale}")).await, code, said);
        }
    }
    for arguments in ["--scale -1", "--scale many", "--jobs 0", "--shard 4/3", "--shard 0/3"] {
        assert_eq!(seeder(&test, arguments).await.code, 2, "{arguments}");
    }
    assert_same(&before, &but_the_trail(test.db()).await);
}

#[tokio::test]
async fn another_world_or_a_smaller_scale_than_the_one_there_is_refused() {
    let test = filled(2).await;
    let before = but_the_trail(test.db()).await;
    for (arguments, said) in [
        ("--seed 7", "rows of seed 42, not of seed 7"),
        ("--as-of 2026-03-03", "as of 2026-03-02, not as of 2026-03-03"),
        ("--scale 1", "the database holds scale 2, which is more than 1"),
        ("top-up --scale 1", "the database holds scale 2, which is more than 1"),
    ] {
        assert_failed(&seeder(&test, arguments).await, 4, said);
    }
    assert_same(&before, &but_the_trail(test.db()).await);
}

#[tokio::test]
async fn names_that_nobody_knows_are_refused() {
    let test = filled(1).await;
    let before = but_the_trail(test.db()).await;
    for (arguments, code) in [
        ("--skip volume.scholl", 2),
        ("scenario power-usr", 2),
        ("rollback --seed-id volume.scholl", 1),
        ("rollback --run 01a1fcfc-0000-7672-b88a-f7801051cf9f", 1),
    ] {
        let run = seeder(&test, arguments).await;
        assert_failed(&run, code, arguments.split(' ').next_back().unwrap());
    }
    assert_same(&before, &but_the_trail(test.db()).await);
}

#[tokio::test]
async fn a_scenario_never_reaches_production() {
    let test = TestDatabase::migrated().await;
    for arguments in ["scenario --all --env production", "top-up --scale 2 --env production"] {
        assert_failed(&seeder(&test, arguments).await, 4, "may not run in production");
    }
    assert_eq!(count(&test, "users").await, 0);
}
