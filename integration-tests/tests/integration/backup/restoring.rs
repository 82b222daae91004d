//! A restore makes a new database, or none.

use integration_tests::{sql, unique_name};
use nix::sys::signal::Signal;

use super::Place;
use crate::{
    content::{assert_same, whole},
    seeder::assert_failed,
    watching::{Running, hold_restores, trap, until_trapped},
};

async fn exists(place: &Place, database: &str) -> bool {
    let question = format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{database}')");
    sql::value(place.test.db(), &question).await
}

#[tokio::test]
async fn a_database_that_exists_is_refused_and_stays_as_it_is() {
    let place = Place::small().await;
    place.create().await;
    let other = Place::small().await;
    sql::run(other.test.db(), "UPDATE people SET name = 'precious'").await;
    let (own, before) = (whole(place.test.db()).await, whole(other.test.db()).await);
    for name in
        [other.test.name(), place.test.name(), "postgres".to_owned(), "template1".to_owned()]
    {
        let run = place.run(&format!("restore --to {name}")).await;
        assert_failed(&run, 1, &format!("database `{name}` exists already"));
    }
    assert_same(&before, &whole(other.test.db()).await);
    let mut after = whole(place.test.db()).await;
    after.retain(|line| !line.starts_with("seaworthy.audit_events"));
    assert!(after.iter().all(|line| own.contains(line)), "{after:?}");
}

#[tokio::test]
async fn a_role_that_may_not_create_databases_is_told_so() {
    let place = Place::small().await;
    place.create().await;
    let role = place.test.role("").await;
    let user = role.user().unwrap();
    let grants = format!(
        "GRANT CREATE ON DATABASE {} TO {user}; GRANT ALL ON SCHEMA seaworthy TO {user};
         GRANT ALL ON ALL TABLES IN SCHEMA seaworthy TO {user};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA seaworthy TO {user}",
        place.test.name(),
    );
    sql::run(place.test.db(), &grants).await;
    let run = place.program("restore --to not_made").await.on(&role).run().await;
    assert_failed(&run, 1, "may not create databases");
    assert!(run.stderr.contains("CREATEDB"), "{run}");
}

#[tokio::test]
async fn a_lost_database_can_be_restored_under_its_own_name() {
    let place = Place::small().await;
    let before = whole(place.test.db()).await;
    place.create().await;
    let name = place.test.name();
    let server = sql::pool(&place.test.url().with_database("postgres")).await;
    sql::run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    let run = place.run(&format!("restore latest --to {name}")).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("does not exist: the folder alone keeps a trail"), "{run}");
    let db = sql::pool(place.test.url()).await;
    let mut after = whole(&db).await;
    after.retain(|line| !line.starts_with("seaworthy."));
    assert_same(&before, &after);
}

#[tokio::test]
async fn a_restore_that_is_interrupted_drops_what_it_has_made() {
    let place = Place::small().await;
    let role = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &trap(&role)).await;
    place.create().await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let new = unique_name();
        let held = hold_restores(place.test.url(), &role).await;
        let running = Running::start("backup", &variables, &format!("restore --to {new}")).await;
        let unfinished = until_trapped(place.test.db(), &role).await;
        assert!(unfinished.starts_with("seaworthy_restore_"), "{unfinished}");
        assert!(!exists(&place, &new).await, "what is unfinished has the name of what is not");
        running.signal(signal);
        let ended = running.end().await;
        assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains("the restore was stopped"), "{}", ended.stderr);
        held.release().await;
        for database in [&new, &unfinished] {
            assert!(!exists(&place, database).await, "{database} is left behind");
        }
    }
}

#[tokio::test]
async fn a_killed_restore_leaves_nothing_under_the_name_that_was_asked_for() {
    let place = Place::small().await;
    let role = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &trap(&role)).await;
    place.create().await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let new = unique_name();
    let held = hold_restores(place.test.url(), &role).await;
    let running = Running::start("backup", &variables, &format!("restore --to {new}")).await;
    let unfinished = until_trapped(place.test.db(), &role).await;
    running.kill().await;
    held.release().await;
    assert!(!exists(&place, &new).await);
    let run = place.run(&format!("restore --to {new}")).await;
    assert_eq!(run.code, 0, "{run}");
    let drop = format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)");
    sql::run(place.test.db(), &drop).await;
}

#[tokio::test]
async fn a_restore_that_fails_drops_what_it_has_made_and_says_why() {
    let place = Place::small().await;
    let owner = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &format!("ALTER TABLE people OWNER TO {owner}")).await;
    place.create().await;
    sql::run(place.test.db(), &format!("ALTER ROLE {owner} RENAME TO {owner}_now")).await;
    let new = unique_name();
    let failed = place.run(&format!("restore --to {new}")).await;
    assert_failed(&failed, 1, "does not exist");
    assert!(failed.stderr.contains("--no-owner"), "{failed}");
    assert!(!exists(&place, &new).await, "{new} is left behind");
    let run = place.run(&format!("restore --to {new} --no-owner")).await;
    assert_eq!(run.code, 0, "{run}");
    // The harness drops it by its first name.
    sql::run(place.test.db(), &format!("ALTER ROLE {owner}_now RENAME TO {owner}")).await;
}
