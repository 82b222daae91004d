//! A migration outside a transaction that came to no good end.

use integration_tests::{Engine, TestDatabase, sql};
use migration_engine::{
    Downto, RunError,
    event::Direction,
    resolve::{Differences, Resolution, ResolveError},
};
use nix::sys::signal::Signal;

use super::{INDEX, agrees, attempts, outside, project_agrees, say, up};
use crate::{
    migration_cli::migration,
    tiny::{project, table},
    watching::{Held, Running, until, until_alone},
};

#[tokio::test]
async fn what_is_half_done_blocks_every_run_until_somebody_says_what_is_there() {
    let test = TestDatabase::empty().await;
    let broken = outside("b", "INSERT INTO a VALUES (1); SELECT 1/0", "DELETE FROM a");
    let migrations = project(&[table!("a"), broken, table!("c")]);
    let error = up(&test, &migrations).await.unwrap_err();
    let RunError::Failed(failed) = &error else { panic!("{error:?}") };
    assert!(failed.half_way && failed.committed == ["a"], "{error:?}");
    assert_eq!(attempts(&test, "b", "dirty").await, 1);
    agrees(&test, &migrations).await;

    let error = up(&test, &migrations).await.unwrap_err();
    assert!(matches!(&error, RunError::Dirty(dirty) if dirty[0].name == "b"), "{error:?}");
    let down = Engine::default().down(test.url(), &migrations, Downto::Steps(1)).await;
    assert!(matches!(&down, Err(RunError::Dirty(dirty)) if dirty[0].name == "b"), "{down:?}");

    let retry = say(&test, &migrations, "b", Resolution::Retry, Differences::Refuse).await;
    assert_eq!(retry.unwrap().next, Some(Direction::Up));
    agrees(&test, &migrations).await;
    let repeatable = "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING; SELECT 1";
    let corrected = outside("b", repeatable, "DELETE FROM a");
    let migrations = project(&[table!("a"), corrected, table!("c")]);
    assert_eq!(up(&test, &migrations).await.unwrap(), ["b", "c"]);
    assert_eq!(sql::value::<i64>(test.db(), "SELECT count(*) FROM a").await, 1);
    assert_eq!(attempts(&test, "b", "applied").await, 1);
    agrees(&test, &migrations).await;
}

#[tokio::test]
async fn a_way_down_that_is_half_done_goes_on_down() {
    let test = TestDatabase::empty().await;
    let broken = outside("b", "CREATE TABLE b ()", "DELETE FROM a; SELECT 1/0; DROP TABLE b");
    let migrations = project(&[table!("a"), broken]);
    up(&test, &migrations).await.unwrap();
    Engine::default().down(test.url(), &migrations, Downto::Steps(1)).await.unwrap_err();
    assert_eq!(attempts(&test, "b", "dirty").await, 1);
    agrees(&test, &migrations).await;
    let wrong = say(&test, &migrations, "b", Resolution::RolledBack, Differences::Refuse).await;
    assert!(matches!(wrong, Err(ResolveError::Differs { .. })), "{wrong:?}");
    let retry = say(&test, &migrations, "b", Resolution::Retry, Differences::Refuse).await;
    assert_eq!(retry.unwrap().next, Some(Direction::Down));
    agrees(&test, &migrations).await;
    let migrations = project(&[table!("a"), outside("b", "CREATE TABLE b ()", "DROP TABLE b")]);
    Engine::default().down(test.url(), &migrations, Downto::Steps(1)).await.unwrap();
    assert_eq!(attempts(&test, "b", "rolled_back").await, 1);
    agrees(&test, &migrations).await;
}

/// A snapshot that `CONCURRENTLY` waits for.
const SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT FROM notifications";

const BUILDER: &str = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                       AND wait_event_type = 'Lock' AND query LIKE '%CREATE INDEX CONCURRENTLY%'";

/// Kills a run that waits in the middle of the build of the index; the server's process is still at it.
async fn killed_while_building(test: &TestDatabase) -> Held {
    assert_eq!(migration(test.url(), "up -n 12").await.code, 0);
    let held = Held::take(test.url(), SNAPSHOT).await;
    let url = test.url().expose();
    let running = Running::start("migration", &[("DATABASE_URL", url)], "up").await;
    let builds = async || !sql::column::<i32>(test.db(), BUILDER).await.is_empty();
    until("a build that waits", builds).await;
    running.signal(Signal::SIGKILL);
    assert_eq!(running.end().await.code, None);
    held
}

async fn is_valid(test: &TestDatabase) -> Option<bool> {
    let valid = "SELECT indisvalid FROM pg_index
                 WHERE indexrelid = to_regclass('notifications_unread_idx')";
    sql::column(test.db(), valid).await.pop()
}

async fn refuses_and_says_how_to_go_on(test: &TestDatabase) {
    let run = migration(test.url(), "up").await;
    assert_eq!(run.code, 6, "{run}");
    assert!(run.stderr.contains(&format!("`migration resolve {INDEX} --retry")), "{run}");
    project_agrees(test).await;
}

#[tokio::test]
async fn a_build_that_was_killed_with_its_server_process_is_tried_anew() {
    let test = TestDatabase::empty().await;
    let held = killed_while_building(&test).await;
    let terminate = format!("SELECT pg_terminate_backend(({BUILDER}))");
    sql::run(test.db(), &terminate).await;
    held.release().await;
    until_alone(&test).await;
    assert_eq!(is_valid(&test).await, Some(false));
    refuses_and_says_how_to_go_on(&test).await;
    let run = migration(test.url(), &format!("resolve {INDEX} --retry --reason killed")).await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(is_valid(&test).await, None, "{run}");
    project_agrees(&test).await;
    let run = migration(test.url(), "up").await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(is_valid(&test).await, Some(true));
    project_agrees(&test).await;
}

#[tokio::test]
async fn a_build_that_the_server_finished_alone_is_declared_applied() {
    let test = TestDatabase::empty().await;
    killed_while_building(&test).await.release().await;
    until_alone(&test).await;
    assert_eq!(is_valid(&test).await, Some(true));
    refuses_and_says_how_to_go_on(&test).await;
    let applied = format!("resolve {INDEX} --applied --reason finished");
    let run = migration(test.url(), &applied).await;
    assert_eq!(run.code, 3, "the last statement was not carried out: {run}");
    sql::run(
        test.db(),
        "COMMENT ON INDEX notifications_unread_idx IS 'What a user has not read yet, newest first'",
    )
    .await;
    let run = migration(test.url(), &applied).await;
    assert_eq!(run.code, 0, "{run}");
    project_agrees(&test).await;
    let run = migration(test.url(), "up").await;
    assert_eq!(run.code, 0, "{run}");
    project_agrees(&test).await;
}
