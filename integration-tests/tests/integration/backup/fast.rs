//! `create --fast`: a copy on the same server, for rows that somebody has invented.

use dbkit::snapshot::Snapshots;
use integration_tests::{sql, unique_name};

use super::Place;
use crate::{
    content::{assert_same, but_the_trail},
    seeder::{assert_failed, document},
};

#[tokio::test]
async fn a_copy_is_taken_in_a_moment_and_is_not_listed_as_a_backup() {
    let place = Place::small().await;
    let before = but_the_trail(place.test.db()).await;
    assert_failed(&place.run("create --fast --name busy").await, 5, "others are connected to ");
    place.test.db().clone().close().await.unwrap();

    let taken = place.run("create --fast --name before --format json").await;
    assert_eq!(taken.code, 0, "{taken}");
    assert_eq!(document(&taken)["data"]["snapshot"], "before");
    assert_eq!(place.run("create --fast --name before").await.code, 1, "a name is not used twice");
    assert!(!place.backups().exists(), "it is no backup");

    let db = sql::pool(place.test.url()).await;
    sql::run(&db, "DROP TABLE notes").await;
    db.close().await.unwrap();
    let program = integration_tests::Program::new("seeder").await.on(place.test.url());
    let restored = program.args("snapshot restore before --yes").run().await;
    assert_eq!(restored.code, 0, "{restored}");
    assert_same(&before, &place.content_of(&place.test.name()).await);
    Snapshots::of(place.test.url()).drop("before").await.unwrap();
}

#[tokio::test]
async fn a_copy_is_named_after_the_moment_and_refused_where_rows_are_real() {
    let place = Place::small().await;
    place.test.db().clone().close().await.unwrap();
    let real = place.program("create --fast").await.env("APP_ENV", "staging").run().await;
    assert_failed(&real, 4, "snapshots are for development and testing, not for staging");

    let taken = place.run("create --fast --format json").await;
    assert_eq!(taken.code, 0, "{taken}");
    let name = document(&taken)["data"]["snapshot"].as_str().unwrap().to_owned();
    let snapshots = Snapshots::of(place.test.url());
    assert_eq!(snapshots.list().await.unwrap().len(), 1);
    snapshots.drop(&name).await.unwrap();
    for flags in ["--kind scheduled", "--tables people"] {
        assert_eq!(place.run(&format!("create --fast {flags}")).await.code, 2, "{flags}");
    }
}

#[tokio::test]
async fn a_second_restore_of_the_latest_is_no_undo() {
    let place = Place::small().await;
    let before = but_the_trail(place.test.db()).await;
    place.create().await;
    for _ in 0..2 {
        let db = sql::pool(place.test.url()).await;
        sql::run(&db, "DELETE FROM people").await;
        db.close().await.unwrap();
        let done = place.answer("restore latest --yes").await;
        assert!(done["safety_backup"].is_string());
        assert_same(&before, &place.content_of(&place.test.name()).await);
        place.answer("finish --yes").await;
    }
    let new = unique_name();
    let replaced = place.run(&format!("restore latest:before-restore --to {new}")).await;
    assert_eq!(replaced.code, 0, "{replaced}");
}
