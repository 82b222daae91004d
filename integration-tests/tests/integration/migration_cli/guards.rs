//! What the command refuses, exit code 4, before it changes anything.

use dbkit::{Environment, stamp};
use integration_tests::{Program, TestDatabase, sql};

use super::migration;

async fn applied(test: &TestDatabase) -> i64 {
    sql::value(test.db(), "SELECT count(*) FROM seaql_migrations").await
}

#[tokio::test]
async fn a_wipe_asks_in_development() {
    let test = TestDatabase::migrated().await;
    assert_run!(migration(test.url(), "fresh").await, @"
    exit code 4
    --- stderr
    error: fresh would drop 33 tables with about 0 rows of `[database]` on [server]
      caused by: database `[database]` (development) was not confirmed

    hint: add `--yes`
    ");
    assert_run!(migration(test.url(), "reset --confirm other").await, @"
    exit code 4
    --- stderr
    error: reset would drop 33 tables with about 0 rows of `[database]` on [server]
      caused by: database `[database]` (development) was not confirmed

    hint: add `--yes`
    ");
    assert_run!(migration(test.url(), "refresh --format json").await, @r#"
    exit code 4
    --- stdout
    {
      "schema": "seaworthy/failure/1",
      "ok": false,
      "exit": 4,
      "class": "refused.not_confirmed",
      "error": "refresh would drop 33 tables with about 0 rows of `[database]` on [server]",
      "causes": [
        "database `[database]` (development) was not confirmed"
      ],
      "hints": [
        "add `--yes`"
      ]
    }
    "#);
    assert_eq!(applied(&test).await, 14);
}

#[tokio::test]
async fn a_yes_or_the_name_is_enough_in_development() {
    let test = TestDatabase::migrated().await;
    for program in [
        Program::new("migration").await.args("fresh --yes"),
        Program::new("migration").await.args("fresh --confirm").arg(test.name()),
    ] {
        let run = program.on(test.url()).run().await;
        assert_eq!(run.code, 0, "{run}");
    }
}

#[tokio::test]
async fn staging_is_never_wiped() {
    let test = TestDatabase::migrated().await;
    assert_run!(migration(test.url(), "fresh --env staging --yes").await, @"
    exit code 4
    --- stderr
    error: a staging database is never wiped: `[database]`

    hint: create a new database instead, and point DATABASE_URL to it
    ");
    let program = Program::new("migration").await.on(test.url()).args("fresh --env staging");
    let program = program.arg("--confirm").arg(test.name()).arg("--break-glass").arg("disk gone");
    let run = program.run().await;
    assert_eq!(run.code, 4, "{run}");
    assert_eq!(applied(&test).await, 14);
}

#[tokio::test]
async fn production_is_never_wiped() {
    let test = TestDatabase::migrated().await;
    let program = || async { Program::new("migration").await.on(test.url()) };
    let confirmed = program().await.args("fresh --env production --confirm").arg(test.name());
    assert_run!(confirmed.run().await, @"
    exit code 4
    --- stderr
    error: a production database is never wiped: `[database]`

    hint: create a new database instead, and point DATABASE_URL to it
    ");
    let glass = program().await.args("reset --yes --break-glass now --confirm").arg(test.name());
    let run = glass.env("APP_ENV", "production").run().await;
    assert_eq!(run.code, 4, "{run}");
    assert_eq!(applied(&test).await, 14);
}

#[tokio::test]
async fn production_rolls_back_in_an_emergency_alone() {
    let test = TestDatabase::migrated().await;
    assert_run!(migration(test.url(), "down --env production").await, @"
    exit code 4
    --- stderr
    error: database `[database]` is production: only an emergency with a reason allows this

    hint: in an emergency: `--confirm [database] --break-glass 'REASON'` (audited)
    ");
    let program = Program::new("migration").await.on(test.url()).args("down --env production");
    let program = program.arg("--confirm").arg(test.name()).arg("--break-glass").arg("outage");
    let run = program.run().await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(applied(&test).await, 13);
}

#[tokio::test]
async fn the_stamp_outranks_what_the_operator_says() {
    let test = TestDatabase::migrated().await;
    stamp::install(test.db()).await.unwrap();
    stamp::write(test.db(), Environment::Production).await.unwrap();
    assert_run!(migration(test.url(), "down --yes").await, @"
    exit code 4
    --- stderr
    error: the command says development, but database `[database]` is stamped production

    hint: say `--env production`, or point DATABASE_URL to the database you meant
    ");
    for arguments in ["up", "fresh --yes", "up --env staging", "refresh --yes --env testing"] {
        let run = migration(test.url(), arguments).await;
        assert_eq!(run.code, 4, "{arguments}: {run}");
    }
    assert_eq!(applied(&test).await, 14);
    let run = migration(test.url(), "status").await;
    assert_eq!(run.code, 0, "who only asks may be wrong: {run}");
    let run = migration(test.url(), "up --env production").await;
    assert_eq!(run.code, 0, "{run}");
}
