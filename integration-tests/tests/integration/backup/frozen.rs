//! A backup of every format version that was ever written restores for ever after.
//!
//! The files in `fixtures/backup-2` and `backup-3` were made once, with the keys of tests, and never change.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use backup::Manifest;
use integration_tests::{sql, unique_name};

use super::Place;

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/backup-{version}"))
}

/// Copies a folder with the modes that a checkout loses.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

#[tokio::test]
async fn a_backup_of_version_2_restores() {
    restores(2).await;
}

#[tokio::test]
async fn a_backup_of_version_3_restores() {
    restores(3).await;
}

#[tokio::test]
async fn sealing_a_backup_of_version_2_anew_makes_one_of_today() {
    let place = Place::small().await;
    copy(&fixture(2), &place.backups());
    let id = place.list().await.0[0]["id"].as_str().unwrap().to_owned();
    let run = place.run(&format!("keys rekey {id} --remove-old")).await;
    assert_eq!(run.code, 0, "{run}");
    let backups = place.list().await.0;
    let id = backups[0]["id"].as_str().unwrap();
    let shown = place.answer(&format!("show {id}")).await;
    assert_eq!(shown["manifest"]["schema_version"], Manifest::SCHEMA_VERSION);
    assert!(shown["manifest"]["artifact"]["raw"]["blake3"].is_string(), "{shown}");
    assert_eq!(place.run(&format!("verify {id}")).await.code, 0);
}

async fn restores(version: u32) {
    let place = Place::small().await;
    copy(&fixture(version), &place.backups());
    let (backups, code) = place.list().await;
    assert_eq!((backups.len(), code), (1, 0), "{backups:?}");
    let id = backups[0]["id"].as_str().unwrap();
    assert_eq!(place.run(&format!("verify {id}")).await.code, 0);
    let to = unique_name();
    let run = place.run(&format!("restore {id} --to {to} --no-owner")).await;
    assert_eq!(run.code, 0, "{run}");
    let db = sql::pool(&place.test.url().with_database(&to)).await;
    for (question, answer) in [
        ("SELECT count(*)::text FROM people WHERE mood = 'busy'", "16"),
        ("SELECT sum(amount)::text FROM notes", "182.1428571429"),
        ("SELECT count(*)::text FROM parts", "20"),
        ("SELECT last_value::text FROM tickets", "41"),
        ("SELECT encode(lo_get(oid), 'hex') FROM pg_largeobject_metadata", "deadbeef"),
        ("SELECT body->'null' = 'null' AND tags[2] IS NULL FROM notes WHERE id = 7", "true"),
    ] {
        let question = format!("SELECT ({question})::text");
        assert_eq!(sql::value::<String>(&db, &question).await, answer, "{question}");
    }
}
