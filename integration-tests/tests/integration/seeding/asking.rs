//! Plans, dry runs, what is left out, and taking everything back.

use integration_tests::{Program, TestDatabase, sql};

use super::{count, done, filled, seeder, states};
use crate::{
    content::{assert_same, but_the_trail, of_the_team, whole},
    seeder::{DAY, assert_failed},
};

#[tokio::test]
async fn a_dry_run_changes_nothing_and_one_that_executes_neither() {
    let test = TestDatabase::migrated().await;
    let before = whole(test.db()).await;
    for arguments in ["--dry-run", "--dry-run --execute", "plan"] {
        done(&test, &format!("{arguments} --scale 2 {DAY}")).await;
        assert_same(&before, &whole(test.db()).await);
    }
    let test = filled(1).await;
    let before = whole(test.db()).await;
    for arguments in
        ["run --dry-run", "run --dry-run --execute", "plan", "verify", "status", "list"]
    {
        let scale = if arguments.contains("run") || arguments == "plan" { "--scale 2" } else { "" };
        done(&test, &format!("{arguments} {scale}")).await;
        assert_same(&before, &whole(test.db()).await);
    }
}

#[tokio::test]
async fn a_dry_run_that_executes_lets_constraints_speak() {
    let test = TestDatabase::migrated().await;
    let alter = "ALTER TABLE notifications ADD CONSTRAINT quiet CHECK (read_at IS NULL)";
    sql::run(test.db(), alter).await;
    let before = whole(test.db()).await;
    done(&test, &format!("--dry-run --skip demo.festival {DAY}")).await;
    let run = seeder(&test, &format!("--dry-run --execute {DAY}")).await;
    assert_failed(&run, 1, "quiet");
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn a_dry_run_that_executes_counts_as_the_run_does() {
    let test = TestDatabase::migrated().await;
    let rehearsed = done(&test, &format!("--dry-run --execute --scale 2 {DAY}")).await;
    let applied = done(&test, &format!("--scale 2 {DAY}")).await;
    assert_eq!(rehearsed["total"], applied["total"]);
    let prints = |data: &serde_json::Value| {
        let seeds = data["seeds"].as_array().unwrap().clone();
        seeds.iter().map(|seed| seed["generated"]["fingerprint"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(prints(&rehearsed), prints(&applied));
}

#[tokio::test]
async fn a_plan_counts_what_is_inserted_updated_and_unchanged() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only reference.access --only reference.subjects {DAY}")).await;
    let edit = "UPDATE roles SET description = 'edited' WHERE name = 'TEACHER';
                DELETE FROM subjects WHERE code = 'MATH'";
    sql::run(test.db(), edit).await;
    let plan = done(&test, "plan --scale 2").await;
    let applied = done(&test, "--scale 2").await;
    let of = |data: &serde_json::Value, id: &str| {
        let seeds = data["seeds"].as_array().unwrap().clone();
        seeds.into_iter().find(|seed| seed["seed"] == id).unwrap()
    };
    for (seed, table) in [("reference.access", "roles"), ("reference.subjects", "subjects")] {
        let find = |data| {
            let tables = of(data, seed)["tables"].as_array().unwrap().clone();
            tables.into_iter().find(|found| found["table"] == table).unwrap()
        };
        for counted in ["created", "updated", "unchanged"] {
            assert_eq!(find(&plan)[counted], find(&applied)[counted], "{seed} {counted}");
        }
    }
    let foreseen = of(&plan, "volume.school")["generated"].take();
    assert!(foreseen["bytes"].as_u64().unwrap() > 100_000, "{foreseen}");
}

#[tokio::test]
async fn what_is_left_out_takes_along_what_needs_it() {
    let test = TestDatabase::migrated().await;
    let run = done(&test, &format!("--skip volume.festival {DAY}")).await;
    let skipped: Vec<_> = run["skipped"].as_array().unwrap().iter().collect();
    for seed in ["volume.festival", "volume.traces"] {
        assert!(skipped.iter().any(|skipped| skipped["seed"] == seed), "{skipped:?}");
        assert_eq!(states(&test).await[seed]["state"], "never");
    }
    assert_eq!(count(&test, "audit_logs").await, 0);
}

#[tokio::test]
async fn existing_rows_are_left_alone_where_that_is_asked_for() {
    let test = filled(1).await;
    let edit = "UPDATE roles SET description = 'mine' WHERE name = 'TEACHER';
                DELETE FROM subjects WHERE code = 'CS'
                    AND NOT EXISTS (SELECT FROM classes WHERE subject_id = subjects.id)";
    sql::run(test.db(), edit).await;
    let skipping = Program::new("seeder").await.on(test.url()).env("SKIP_EXISTING", "true");
    let run = skipping.run().await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(count(&test, "roles WHERE description = 'mine'").await, 1);
    assert_eq!(count(&test, "subjects").await, 12);
    done(&test, "").await;
    assert_eq!(count(&test, "roles WHERE description = 'mine'").await, 0);
    let wrong = Program::new("seeder").await.on(test.url()).env("SKIP_EXISTING", "maybe");
    assert_failed(&wrong.run().await, 2, "SKIP_EXISTING is `maybe`");
}

#[tokio::test]
async fn clear_takes_everything_back_that_any_run_wrote() {
    let test = TestDatabase::migrated().await;
    let own = "INSERT INTO users (id, email, full_name, display_name, password_hash)
               VALUES (gen_random_uuid(), 'own@team.example', 'Own', 'Own', '!')";
    sql::run(test.db(), own).await;
    let before = of_the_team(test.db()).await;
    done(&test, &format!("--scale 1 {DAY}")).await;
    done(&test, "top-up --scale 2").await;
    done(&test, "scenario --all").await;
    let full = of_the_team(test.db()).await;
    assert_failed(&seeder(&test, "clear").await, 2, "nobody said from what kind of database");
    assert_failed(&seeder(&test, "clear --env development").await, 4, "");
    let wrong = "clear --env development --confirm other";
    assert_failed(&seeder(&test, wrong).await, 4, "");
    assert_same(&full, &of_the_team(test.db()).await);
    done(&test, &format!("clear --env development --confirm {}", test.name())).await;
    assert_same(&before, &of_the_team(test.db()).await);
}

#[tokio::test]
async fn clear_is_impossible_in_staging_and_in_production() {
    for environment in ["staging", "production"] {
        let test = TestDatabase::migrated().await;
        done(&test, &format!("--env {environment}")).await;
        let before = but_the_trail(test.db()).await;
        for consent in ["", "--break-glass because"] {
            let clear = format!("clear --env {environment} --confirm {} {consent}", test.name());
            assert_failed(&seeder(&test, &clear).await, 4, environment);
        }
        assert_same(&before, &but_the_trail(test.db()).await);
    }
}

#[tokio::test]
async fn a_stamp_is_given_once_and_holds() {
    let test = TestDatabase::migrated().await;
    assert_eq!(done(&test, "stamp").await["environment"], serde_json::Value::Null);
    assert_eq!(done(&test, "stamp --env testing").await["environment"], "testing");
    assert_eq!(done(&test, "stamp --env testing").await["now"], false);
    assert_failed(&seeder(&test, "stamp --env production").await, 4, "testing");
    assert_failed(&seeder(&test, "--env development").await, 4, "testing");
    done(&test, &format!("--env testing {DAY}")).await;
}

#[tokio::test]
async fn the_list_has_every_seed_and_needs_no_database() {
    let run = Program::new("seeder").await.args("list").run().await;
    assert_eq!(run.code, 0, "{run}");
    for seed in ["reference.access", "scenario.power-user", "volume.traces"] {
        assert!(run.stdout.contains(seed), "{run}");
    }
}
