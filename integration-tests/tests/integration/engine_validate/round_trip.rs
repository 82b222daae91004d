//! The level `round-trip`, with the real seeder and with commands that fail.

use integration_tests::{Program, Run, TestDatabase, sql};

use crate::seeder::{DAY, SYSTEM_PASSWORD};

async fn round_trip(test: &TestDatabase, fill: &str) -> Run {
    let program = Program::new("migration").await.on(test.url());
    let program = program.args("validate --only round-trip --fill-with").arg(fill);
    program.env("SEED_SYSTEM_PASSWORD", SYSTEM_PASSWORD).run().await
}

#[tokio::test]
async fn this_projects_history_goes_down_and_up_under_the_seeders_data() {
    let test = TestDatabase::migrated().await;
    let seeder = Program::path("seeder").await;
    let run = round_trip(&test, &format!("{} --env testing {DAY}", seeder.display())).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(
        run.stdout.contains("14 round trips, 14 round trips with data checked: 0 error(s)"),
        "{run}"
    );
    let users: Vec<i64> = sql::column(test.db(), "SELECT count(*) FROM users").await;
    assert_eq!(users, [0], "the target itself is not filled");
}

#[tokio::test]
async fn a_command_that_cannot_fill_is_an_error_and_shows_what_it_said() {
    let test = TestDatabase::migrated().await;
    let run = round_trip(&test, "ls /there-is-no-such-folder").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("error round-trip.fill: --fill-with\n"), "{run}");
    assert!(run.stderr.contains("/there-is-no-such-folder"), "{run}");
    let run = round_trip(&test, "there-is-no-such-program").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("`there-is-no-such-program` cannot be started"), "{run}");
}
