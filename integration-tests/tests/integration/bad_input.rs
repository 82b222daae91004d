//! What a person reads when a setting is wrong: one error, what to do, and the right exit code.

use integration_tests::{Behaviour, Program, Proxy, Run, TestDatabase, server, sql};

use crate::{
    content::{assert_same, whole},
    seeder::assert_failed,
};

async fn run(name: &'static str, url: &dbkit::DatabaseUrl, arguments: &str) -> Run {
    Program::new(name).await.on(url).args(arguments).run().await
}

const BOTH: [(&str, &str); 2] = [("seeder", "run"), ("backup", "create")];

#[tokio::test]
async fn no_server() {
    let test = TestDatabase::empty().await;
    let closed = Proxy::closed(test.url(), Behaviour::Stall);
    for (name, command) in BOTH {
        assert_failed(&run(name, closed.url(), command).await, 1, "no PostgreSQL server answers");
    }
}

#[tokio::test]
async fn no_such_database() {
    let test = TestDatabase::empty().await;
    let url = test.url().with_database("there is none");
    for (name, command) in BOTH {
        assert_failed(&run(name, &url, command).await, 1, "has no database `there is none`");
    }
}

#[tokio::test]
async fn an_unknown_environment_is_never_taken_for_another() {
    let test = TestDatabase::migrated().await;
    let before = whole(test.db()).await;
    for (name, command) in BOTH {
        let misspelt = run(name, test.url(), &format!("{command} --env prodution")).await;
        assert_failed(&misspelt, 2, "did you mean `production`?");
        let program = Program::new(name).await.on(test.url()).args(command);
        let variable = program.env("APP_ENV", "live").run().await;
        assert_failed(&variable, 2, "development, testing, staging and production");
    }
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn an_unknown_command_is_a_usage_error_with_a_suggestion() {
    for (name, wrong, right) in [("seeder", "statsu", "status"), ("backup", "creat", "create")] {
        let run = Program::new(name).await.args(wrong).run().await;
        assert_eq!(run.code, 2, "{run}");
        assert!(run.stderr.contains(&format!("'{right}'")), "{run}");
        assert_eq!(run.stdout, "");
    }
}

#[tokio::test]
async fn a_database_of_somebody_else_is_not_seeded() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), "CREATE TABLE theirs AS SELECT 1 AS one").await;
    let before = whole(test.db()).await;
    for environment in ["development", "production"] {
        let run = run("seeder", test.url(), &format!("--env {environment}")).await;
        assert_eq!(run.code, 4, "{run}");
        assert!(run.stderr.contains("hint: "), "{run}");
    }
    assert_same(&before, &whole(test.db()).await);
}

#[tokio::test]
async fn a_role_that_may_only_read_cannot_seed_and_is_told_so() {
    let test = TestDatabase::migrated().await;
    let before = whole(test.db()).await;
    let reader = test.reader().await;
    let seeder = run("seeder", &reader, "").await;
    assert_failed(&seeder, 1, "permission denied");
    assert_same(&before, &whole(test.db()).await);
    for command in ["status", "plan"] {
        let looking = run("seeder", &reader, command).await;
        assert_eq!(looking.code, 0, "{looking}");
    }
}

#[tokio::test]
async fn a_server_that_is_too_old_is_refused_with_both_versions() {
    let test = TestDatabase::migrated().await;
    let pretended: i32 = 130_018;
    // The driver asks for the number in the binary format.
    let real = i32::try_from(server().await.version.num).unwrap();
    let replaced = vec![(real.to_be_bytes().to_vec(), pretended.to_be_bytes().to_vec())];
    let proxy = Proxy::start(test.url(), Behaviour::Replace(replaced));
    for (name, command) in BOTH {
        let run = run(name, proxy.url(), command).await;
        assert_failed(&run, 1, "is PostgreSQL 13.18; 14 or newer is needed");
    }
}

#[tokio::test]
async fn a_failure_is_one_document_where_json_was_asked_for() {
    let test = TestDatabase::empty().await;
    let url = test.url().with_database("missing");
    for (name, command) in BOTH {
        let run = run(name, &url, &format!("{command} --format json")).await;
        let document = crate::seeder::document(&run);
        assert_eq!(document["schema"], "seaworthy/failure/1", "{run}");
        assert_eq!(document["class"], "connect.no_database", "{run}");
        assert_eq!((&document["exit"], run.code), (&1.into(), 1));
        assert!(!document["hints"].as_array().unwrap().is_empty(), "{run}");
    }
}

#[tokio::test]
async fn people_read_what_failed_why_and_what_to_do() {
    let test = TestDatabase::migrated().await;
    let closed = Proxy::closed(test.url(), Behaviour::Stall);
    assert_run!(run("backup", closed.url(), "create").await, @r"
    exit code 1
    --- stderr
    error: no PostgreSQL server answers at [server]
      caused by: error communicating with database: Connection refused (os error [n])

    hint: start that server or correct DATABASE_URL; in development, unset DATABASE_URL to use the local server: `cargo run -p seeder -- db start`
    ");
    assert_run!(run("seeder", test.url(), "run --only volume --env production").await, @r"
    exit code 2
    --- stderr
    error: there is no seed `volume`

    hint: the seeds are reference.access, reference.subjects, system.users, demo.personas, demo.festival, scenario.power-user, scenario.complex-event, scenario.high-engagement, scenario.event-lifecycle, scenario.international, scenario.notifications, volume.school, volume.festival, volume.traces
    ");
}
