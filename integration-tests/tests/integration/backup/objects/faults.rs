//! Reading over a network that fails now and then, or for good.

use super::{Place, server::Fault};
use crate::seeder::assert_failed;

const DUMP: &[&str] = &["GET ", "dump.pgc.zst"];

#[tokio::test]
async fn reading_goes_on_where_it_was_interrupted() {
    let place = Place::large_with_objects().await;
    assert_eq!(place.creating().await.run().await.code, 0);
    place.server().trap(DUMP, Fault::Torn, 4);
    let run = place.run("verify").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(place.server().seen(DUMP) >= 5);
    place.answers(0, "restore --mode swap --yes").await;
}

/// That nobody answers says nothing about what is kept.
#[tokio::test]
async fn a_store_that_is_gone_while_it_is_read_is_no_damage() {
    let place = Place::large_with_objects().await;
    assert_eq!(place.creating().await.run().await.code, 0);
    place.server().trap(DUMP, Fault::Torn, 1);
    place.server().trap(DUMP, Fault::Reset, 1_000);
    for command in ["verify", "verify --level hash", "restore --to not_made"] {
        let run = place.program(command).await.env("AWS_MAX_ATTEMPTS", "1").run().await;
        assert_failed(&run, 1, "cannot reach the object store");
    }
    place.server().without_traps();
    place.assert_sound(1).await;
    let shown = place.answers(0, "show").await;
    let verifications = shown["dossier"]["verifications"].as_array().unwrap();
    assert!(verifications.iter().all(|found| found["findings"].as_array().unwrap().is_empty()));
}

#[tokio::test]
async fn damage_in_a_bucket_is_found() {
    let place = Place::small_with_objects().await;
    place.answers(0, "create").await;
    let file = place.server().file("dump.pgc.zst.age");
    let mut stored = std::fs::read(&file).unwrap();
    let middle = stored.len() / 2;
    stored[middle] ^= 1;
    std::fs::write(&file, stored).unwrap();
    assert_eq!(place.run("verify --level hash").await.code, 3);
    assert_eq!(place.run("restore --to not_made").await.code, 3);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(place.run("doctor").await.code, 3);
}
