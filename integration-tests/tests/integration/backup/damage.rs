//! Damage is found, wherever it is, and a damaged backup is not restored.

use std::{
    fs::{self, OpenOptions},
    path::Path,
};

use backup::Signer;
use integration_tests::{Run, keys, sql, unique_name};
use serde_json::Value;

use super::Place;
use crate::seeder::{assert_failed, document};

const FILES: [&str; 4] = ["dump.pgc.zst.age", "SHA256SUMS", "manifest.json.sig", "manifest.json"];

/// Runs `damage` on a fresh copy of a backup's folder, and returns the place of the copy.
fn damaged(place: &Place, original: &Path, damage: impl FnOnce(&Path)) {
    for name in FILES {
        fs::copy(original.join(name), path(place).join(name)).unwrap();
    }
    damage(&path(place));
}

fn path(place: &Place) -> std::path::PathBuf {
    let database = fs::read_dir(place.backups()).unwrap().flatten().find(|e| e.path().is_dir());
    let database = database.unwrap().path();
    fs::read_dir(database).unwrap().flatten().next().unwrap().path()
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 0b0001_0000;
    fs::write(file, bytes).unwrap();
}

async fn exists(place: &Place, database: &str) -> bool {
    let question = format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{database}')");
    sql::value(place.test.db(), &question).await
}

/// A backup and an untouched copy of its files.
async fn backup() -> (Place, tempfile::TempDir) {
    let place = Place::small().await;
    let path = place.create().await;
    let original = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(path.join(name), original.path().join(name)).unwrap();
    }
    (place, original)
}

async fn assert_found(place: &Place, what: &str) {
    for level in ["structure", "hash"] {
        let run = place.run(&format!("verify latest --level {level} --format json")).await;
        assert_eq!(run.code, 3, "{what}: {run}");
        let document = document(&run);
        assert!(!document["data"]["findings"].as_array().unwrap().is_empty(), "{what}: {run}");
    }
}

#[tokio::test]
async fn a_single_bit_anywhere_in_the_dump_is_found() {
    let (place, original) = backup().await;
    let length = fs::read(original.path().join("dump.pgc.zst.age")).unwrap().len();
    for at in [0, 4, 5, length / 3, length / 2, length - 5, length - 1] {
        damaged(&place, original.path(), |path| flip(&path.join("dump.pgc.zst.age"), at));
        assert_found(&place, &format!("bit in byte {at} of {length}")).await;
    }
    let new = unique_name();
    let restored = place.run(&format!("restore --to {new}")).await;
    assert_failed(&restored, 3, "is damaged");
    assert!(!exists(&place, &new).await);
}

#[tokio::test]
async fn a_dump_that_was_cut_or_has_grown_is_found() {
    let (place, original) = backup().await;
    let file =
        |path: &Path| OpenOptions::new().write(true).open(path.join("dump.pgc.zst.age")).unwrap();
    let length = original.path().join("dump.pgc.zst.age").metadata().unwrap().len();
    for kept in [0, 1, length / 2, length - 1, length + 1] {
        damaged(&place, original.path(), |path| file(path).set_len(kept).unwrap());
        assert_found(&place, &format!("{kept} of {length} bytes")).await;
    }
    damaged(&place, original.path(), |path| {
        fs::remove_file(path.join("dump.pgc.zst.age")).unwrap();
    });
    assert_found(&place, "no dump").await;
}

#[tokio::test]
async fn files_of_another_backup_do_not_pass() {
    let (place, original) = backup().await;
    let other = Place::small().await;
    sql::run(other.test.db(), "UPDATE people SET name = 'other'").await;
    let other_path = other.create().await;
    for name in ["dump.pgc.zst.age", "SHA256SUMS", "manifest.json.sig"] {
        damaged(&place, original.path(), |path| {
            fs::copy(other_path.join(name), path.join(name)).unwrap();
        });
        assert_found(&place, name).await;
    }
    for name in ["SHA256SUMS", "manifest.json.sig"] {
        damaged(&place, original.path(), |path| fs::remove_file(path.join(name)).unwrap());
        assert_found(&place, name).await;
    }
    damaged(&place, original.path(), |_| {});
    place.assert_sound(1).await;
}

#[tokio::test]
async fn without_its_manifest_it_is_listed_as_damaged_and_never_restored() {
    let (place, original) = backup().await;
    let id = path(&place).file_name().unwrap().to_str().unwrap().to_owned();
    let foreign = fs::read_to_string(original.path().join("manifest.json"))
        .unwrap()
        .replace(&id, "20200101T000000Z_manual_00000000");
    for manifest in [
        None,
        Some(String::new()),
        Some("{}".to_owned()),
        Some("{ \"schema_version\": 4 }".to_owned()),
        Some(foreign),
    ] {
        damaged(&place, original.path(), |path| match &manifest {
            None => fs::remove_file(path.join("manifest.json")).unwrap(),
            Some(text) => fs::write(path.join("manifest.json"), text).unwrap(),
        });
        let (backups, code) = place.list().await;
        assert_eq!((backups.len(), code), (1, 3), "{manifest:?}");
        assert_ne!(backups[0]["damage"], Value::Null, "{manifest:?}");
        for command in ["verify", "restore --to not_made"] {
            assert_failed(&place.run(&format!("{command} {id}")).await, 3, "is damaged");
        }
        // Where it is the only one, there is no latest.
        assert_failed(&place.run("restore latest --to not_made").await, 1, "there is no backup");
    }
    assert!(!exists(&place, "not_made").await);
}

#[tokio::test]
async fn an_edited_manifest_is_found_even_if_it_can_be_read() {
    let (place, original) = backup().await;
    let manifest: Value =
        serde_json::from_slice(&fs::read(original.path().join("manifest.json")).unwrap()).unwrap();
    let edits: [(&str, Value); 4] = [
        ("/tables/0/rows", 7.into()),
        ("/environment", "production".into()),
        ("/artifact/stored/sha256", "0".repeat(64).into()),
        ("/artifact/raw/bytes", 1.into()),
    ];
    for (field, value) in edits {
        let mut edited = manifest.clone();
        *edited.pointer_mut(field).unwrap() = value;
        damaged(&place, original.path(), |path| {
            fs::write(path.join("manifest.json"), edited.to_string()).unwrap();
        });
        assert_found(&place, field).await;
        assert_failed(&place.run("restore --to not_made").await, 3, "is damaged");
    }
    assert!(!exists(&place, "not_made").await);
}

/// Says that a table had another number of rows, and makes the checksums agree.
fn forge(path: &Path) {
    let text = fs::read_to_string(path.join("manifest.json")).unwrap();
    let forged = text.replace("\"rows\": 200", "\"rows\": 199");
    assert_ne!(text, forged);
    fs::write(path.join("manifest.json"), forged).unwrap();
    let resum = "sha256sum dump.pgc.zst.age manifest.json > SHA256SUMS";
    let done = std::process::Command::new("sh").args(["-c", resum]).current_dir(path).status();
    assert!(done.unwrap().success());
}

fn sign(path: &Path, signer: &Signer) {
    let signature = signer.sign(&fs::read(path.join("manifest.json")).unwrap());
    fs::write(path.join("manifest.json.sig"), format!("{signature}\n")).unwrap();
}

#[tokio::test]
async fn a_manifest_that_was_forged_with_its_checksum_is_found_by_its_signature() {
    let (place, original) = backup().await;
    damaged(&place, original.path(), forge);
    assert_found(&place, "a forged manifest").await;
    let run = place.run("verify").await;
    assert_failed_answer(&run, "the signature is not that of this manifest");
    assert_failed(&place.run("restore --to not_made").await, 3, "is damaged");
    assert!(!exists(&place, "not_made").await);
}

#[tokio::test]
async fn a_signature_of_somebody_who_is_not_trusted_does_not_count() {
    let (place, original) = backup().await;
    let stranger = Signer::from_seed(&[9; 32]);
    damaged(&place, original.path(), |path| {
        forge(path);
        sign(path, &stranger);
    });
    let run = place.run("verify").await;
    assert_failed_answer(&run, &format!("it is signed by {}, who is not trusted", stranger.key()));
    let refused = place.run("restore --to not_made").await;
    assert_failed(&refused, 4, "who is not trusted here");
    assert!(refused.stderr.contains("BACKUP_TRUSTED_SIGNERS"), "{refused}");
    let trusting = place.program("verify").await;
    let run = trusting.env("BACKUP_TRUSTED_SIGNERS", stranger.key().to_string()).run().await;
    assert_eq!(run.code, 0, "{run}");
}

#[tokio::test]
async fn a_manifest_that_was_forged_and_signed_does_not_survive_a_restore() {
    let (place, original) = backup().await;
    let new = unique_name();
    damaged(&place, original.path(), |path| {
        forge(path);
        sign(path, &keys::signer());
    });
    assert_eq!(place.run("verify").await.code, 0, "nothing in the files contradicts it");
    let restored = place.run(&format!("restore --to {new}")).await;
    assert_failed(&restored, 3, "the restored database differs: ");
    assert!(restored.stderr.contains("public.people"), "{restored}");
    assert!(!exists(&place, &new).await, "it was not dropped");
}

/// Asserts that the answer, and not an error, says what was found.
fn assert_failed_answer(run: &Run, expected: &str) {
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains(expected), "{run}");
}
