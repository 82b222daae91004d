//! An upload in parts: it ends whole, or leaves nothing.

use nix::sys::signal::Signal;

use super::{
    Place,
    server::{Fault, SECRET},
};
use crate::{
    seeder::{assert_failed, document},
    watching::{Running, until, until_alone},
};

/// The second part of an upload.
const SECOND: &[&str] = &["PUT ", "partNumber=2"];

/// A moment two days after all that tests have made.
const LATER: &str = "4000000000";

impl Place {
    async fn running(&self) -> Running {
        let variables = self.server().variables();
        let mut variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.push(("DATABASE_URL", self.test.url().expose()));
        variables.push(("BACKUP_RECIPIENTS", "none"));
        Running::start("backup", &variables, "create").await
    }

    /// Starts a backup that is held when its second part is sent.
    async fn held(&self) -> Running {
        self.server().trap(SECOND, Fault::Held, 1);
        let running = self.running().await;
        until("the second part", async || self.server().seen(SECOND) > 0).await;
        running
    }
}

#[tokio::test]
async fn a_store_that_is_busy_for_a_moment_is_asked_again() {
    let place = Place::large_with_objects().await;
    place.server().trap(SECOND, Fault::Unavailable, 2);
    place.server().trap(&["POST ", "uploadId="], Fault::Unavailable, 1);
    place.server().trap(&["PUT ", "manifest.json "], Fault::Unavailable, 1);
    place.server().trap(&["PUT ", "partNumber=1"], Fault::Reset, 1);
    let run = place.creating().await.run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(place.server().seen(SECOND) >= 3);
    assert_eq!(place.server().uploads(), 0);
    place.assert_sound(1).await;
}

#[tokio::test]
async fn an_upload_that_breaks_for_good_leaves_nothing_and_the_next_one_succeeds() {
    let place = Place::large_with_objects().await;
    place.server().trap(SECOND, Fault::Reset, 100);
    let run = place.creating().await.run().await;
    assert_failed(&run, 1, "cannot reach the object store");
    assert_eq!(place.server().uploads(), 0, "{:?}", place.server());
    let left = place.server().files();
    assert!(left.iter().all(|path| path.to_string_lossy().contains("/audit/")), "{left:?}");
    place.assert_sound(0).await;
    place.server().without_traps();
    assert_eq!(place.creating().await.run().await.code, 0);
    place.assert_sound(1).await;
    assert_eq!(place.diagnosis("").await, serde_json::json!([]));
}

#[tokio::test]
async fn an_interrupted_upload_is_given_up() {
    let place = Place::large_with_objects().await;
    let running = place.held().await;
    running.signal(Signal::SIGINT);
    // Only what has ended can be given up, and the part has not.
    place.server().go_on();
    let ended = running.end().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    until_alone(&place.test).await;
    assert_eq!(place.server().uploads(), 0, "{:?}", place.server());
    let left = place.server().files();
    assert!(left.iter().all(|path| path.to_string_lossy().contains("/audit/")), "{left:?}");
}

#[tokio::test]
async fn what_a_killed_run_has_left_is_told_and_goes_when_it_is_old() {
    let place = Place::large_with_objects().await;
    let running = place.held().await;
    assert_eq!(running.kill().await.code, None);
    until_alone(&place.test).await;
    place.assert_sound(0).await;
    assert_eq!(place.server().uploads(), 1);

    // It may be under way, as far as anybody can tell.
    let found = place.diagnosis("--repair").await;
    assert_eq!(found[0]["finding"], "unfinished", "{found}");
    assert_eq!(place.server().uploads(), 1);
    let later = async |command: &str| {
        place.program(command).await.env("SOURCE_DATE_EPOCH", LATER).run().await
    };
    let found = later("doctor").await;
    assert_eq!(found.code, 3, "{found}");
    assert!(found.stdout.contains("was left by a run that is dead"), "{found}");
    let repaired = document(&later("doctor --repair --format json").await);
    assert_eq!(repaired["data"]["backups"], serde_json::json!([]), "{repaired}");
    assert_eq!(place.server().uploads(), 0, "{:?}", place.server());
    let left = place.server().files();
    assert!(left.iter().all(|path| path.to_string_lossy().contains("/audit/")), "{left:?}");
}

#[tokio::test]
async fn the_next_backup_sweeps_what_is_old() {
    let place = Place::large_with_objects().await;
    let running = place.held().await;
    running.kill().await;
    until_alone(&place.test).await;
    let next = place.creating().await.env("SOURCE_DATE_EPOCH", LATER).run().await;
    assert_eq!(next.code, 0, "{next}");
    assert!(next.stderr.contains(", which a dead run had left"), "{next}");
    assert_eq!(place.server().uploads(), 0);
    place.assert_sound(1).await;
}

#[tokio::test]
async fn no_upload_ends_in_the_place_of_another_object() {
    let place = Place::large_with_objects().await;
    let running = place.held().await;
    let url = place.server().urls(SECOND).swap_remove(0);
    let file = place.server().file_of(&url);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "another").unwrap();
    place.server().trap(&["DELETE ", "dump."], Fault::Denied, 100);
    place.server().go_on();
    let ended = running.end().await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("is there already"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(SECRET), "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "another");
    place.assert_sound(0).await;
}
