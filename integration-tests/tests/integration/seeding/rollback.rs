//! Taking back leaves the tables as they were, and nobody else's rows without what they refer to.

use integration_tests::{TestDatabase, sql};

use super::{assert_intact, count, done, filled, fingerprints, seeder};
use crate::{
    content::{Content, assert_same, filled as filled_tables, of, of_the_team, whole},
    seeder::{DAY, assert_failed, worlds::world},
};

/// A database that was in use before the generated seeds came.
async fn in_use() -> TestDatabase {
    let test = TestDatabase::migrated().await;
    let demo = format!("--only demo.personas --only demo.festival {DAY}");
    done(&test, &demo).await;
    let own = "INSERT INTO users (id, email, full_name, display_name, password_hash)
               VALUES (gen_random_uuid(), 'own@team.example', 'Own', 'Own', '!')";
    sql::run(test.db(), own).await;
    test
}

/// Refers to a generated event, as somebody who tries things out would.
const ONE_OF_SOMEBODY: &str = "INSERT INTO saved_events (user_id, event_id)
    SELECT u.id, e.id FROM users u, events e WHERE u.email = 'own@team.example'
        AND NOT EXISTS (SELECT FROM seaworthy.seed_rows r WHERE r.key ->> 'id' = e.id::text)
    LIMIT 1";

#[tokio::test]
async fn after_a_run_at_scale_the_tables_are_exactly_as_before() {
    let test = in_use().await;
    let before = of_the_team(test.db()).await;
    done(&test, "run --scale 3").await;
    assert!(of_the_team(test.db()).await != before);
    done(&test, "rollback").await;
    assert_same(&before, &of_the_team(test.db()).await);
    done(&test, "run --scale 3").await;
    let again = fingerprints(&test).await;
    assert_intact(&test).await;
    assert_eq!(again, fingerprints(&filled(3).await).await);
}

#[tokio::test]
async fn one_run_after_the_other_goes_until_nothing_is_left() {
    let test = TestDatabase::migrated().await;
    let empty = of_the_team(test.db()).await;
    done(&test, &format!("--scale 1 {DAY}")).await;
    let small = of_the_team(test.db()).await;
    done(&test, "top-up --scale 3").await;
    done(&test, "rollback").await;
    assert_same(&small, &of_the_team(test.db()).await);
    done(&test, "rollback").await;
    assert_same(&empty, &of_the_team(test.db()).await);
    assert_failed(&seeder(&test, "rollback").await, 1, "there is nothing to take back");
}

#[tokio::test]
async fn a_run_is_taken_back_by_its_name_while_later_ones_stay() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only volume.festival {DAY}")).await;
    let festival = of_the_team(test.db()).await;
    let school = done(&test, "--only volume.school").await["run"].take();
    let both = world(&test).await;
    done(&test, "scenario power-user").await;
    done(&test, &format!("rollback --run {}", school.as_str().unwrap())).await;
    done(&test, "rollback --seed-id power-user").await;
    assert_same(&festival, &of_the_team(test.db()).await);
    done(&test, "--only volume.school").await;
    assert_same(&both, &world(&test).await);
}

#[tokio::test]
async fn one_seed_of_many_goes() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--scale 2 --skip volume.traces {DAY}")).await;
    let before = of_the_team(test.db()).await;
    done(&test, "").await;
    let run = seeder(&test, "rollback --seed-id volume.school").await;
    assert_failed(&run, 4, "rows of others refer to rows that would go");
    done(&test, "rollback --seed-id volume.traces").await;
    assert_same(&before, &of_the_team(test.db()).await);
}

#[tokio::test]
async fn every_scenario_goes_as_it_came() {
    let test = in_use().await;
    let before = of_the_team(test.db()).await;
    done(&test, "scenario --all").await;
    let listed = done(&test, "list").await["seeds"].take();
    let scenarios = listed.as_array().unwrap().iter().filter(|seed| seed["kind"] == "scenario");
    for scenario in scenarios {
        done(&test, &format!("rollback --seed-id {}", scenario["seed"].as_str().unwrap())).await;
    }
    assert_same(&before, &of_the_team(test.db()).await);
}

#[tokio::test]
async fn rows_of_somebody_else_that_refer_to_seeded_ones_are_listed_and_nothing_goes() {
    let test = in_use().await;
    done(&test, "run --scale 2").await;
    sql::run(test.db(), ONE_OF_SOMEBODY).await;
    let before = of_the_team(test.db()).await;
    for scope in ["", "--seed-id volume.festival", "--discard-edited", "--dry-run"] {
        let run = seeder(&test, &format!("rollback {scope}")).await;
        assert_failed(&run, 4, "rows of others refer to rows that would go: ");
        assert!(run.stderr.contains("1 row of saved_events to events"), "{run}");
        assert_same(&before, &of_the_team(test.db()).await);
    }
    sql::run(
        test.db(),
        "DELETE FROM saved_events s USING users u
                         WHERE u.id = s.user_id AND u.email = 'own@team.example'",
    )
    .await;
    done(&test, "rollback").await;
    assert_eq!(count(&test, "users WHERE email = 'own@team.example'").await, 1);
}

/// The content of the roles, and how many rows every table has. A trigger of the team's sets when a
/// role was touched, whoever does it.
async fn but_the_touch(test: &TestDatabase) -> Content {
    let mut content = of(test.db(), &["roles".to_owned()], "to_jsonb(t) - 'updated_at'").await;
    content.extend(filled_tables(test).await.iter().map(|(table, rows)| format!("{table} {rows}")));
    content
}

#[tokio::test]
async fn reference_rows_that_were_updated_get_their_old_values_back() {
    let test = TestDatabase::migrated().await;
    done(&test, &format!("--only reference.access {DAY}")).await;
    let own = "UPDATE roles SET description = 'as we call it' WHERE name IN ('ADMIN', 'TEACHER')";
    sql::run(test.db(), own).await;
    let before = but_the_touch(&test).await;
    let total = done(&test, "run --scale 1").await["total"].take();
    assert_eq!(total["updated"], 2);
    let undone = done(&test, "rollback").await;
    assert_eq!(undone["restored"][0]["rows"], 2, "{undone}");
    assert_same(&before, &but_the_touch(&test).await);
}

#[tokio::test]
async fn a_dry_run_says_what_would_go_and_changes_nothing() {
    let test = filled(1).await;
    let before = whole(test.db()).await;
    let foreseen = done(&test, "rollback --dry-run").await;
    assert_same(&before, &whole(test.db()).await);
    let undone = done(&test, "rollback").await;
    assert_eq!(foreseen["deleted"], undone["deleted"]);
}
