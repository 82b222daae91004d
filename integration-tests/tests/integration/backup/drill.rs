//! `verify --level restore`: the one proof that a backup restores.

use std::fs;

use integration_tests::{sql, unique_name};
use serde_json::Value;

use super::{Place, forged, tree};
use crate::{
    seeder::document,
    watching::{Running, hold_restores, trap, until_trapped},
};

#[tokio::test]
async fn a_drill_restores_compares_drops_and_leaves_its_proof() {
    let place = Place::small().await;
    let path = place.create().await;
    let verified = place.answer("verify --level restore").await;
    assert_eq!(
        (&verified["level"], &verified["findings"]),
        (&"restore".into(), &serde_json::json!([]))
    );
    let proof: Vec<_> = fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("verify-"))
        .collect();
    assert_eq!(proof.len(), 1);
    assert!(fs::read_to_string(&proof[0]).unwrap().contains(r#""level": "restore""#));
    let plan = place.answer("restore latest:verified --plan").await;
    assert_eq!(plan["backup"], path.file_name().unwrap().to_str().unwrap());
}

#[tokio::test]
async fn what_a_drill_has_compared_is_only_counted_afterwards() {
    let place = Place::small().await;
    place.create().await;
    let restored = async |flags: &str| {
        place.answer(&format!("restore latest --to {} {flags}", unique_name())).await
    };
    assert_eq!(place.run("verify --level structure").await.code, 0);
    let first = restored("").await;
    assert_eq!((&first["compared"], &first["proven_at"]), (&"content".into(), &Value::Null));
    let proof = place.answer("verify --level restore").await;
    let next = restored("").await;
    assert_eq!(next["compared"], "counts");
    assert_eq!(next["proven_at"], proof["checked_at"]);
    let asked = restored("--compare content").await;
    assert_eq!((&asked["compared"], &asked["proven_at"]), (&"content".into(), &Value::Null));
    let run = place.run("restore --yes").await;
    assert!(run.stdout.contains("their values were compared when it was verified, 20"), "{run}");
}

#[tokio::test]
async fn a_manifest_with_other_counts_is_found_although_it_is_signed() {
    let place = Place::small().await;
    let path = place.create().await;
    forged(&path, "\"rows\": 200", "\"rows\": 199");
    assert_eq!(place.run("verify --level structure").await.code, 0);
    let run = place.run("verify --level restore --format json").await;
    assert_eq!(run.code, 3, "{run}");
    let findings = document(&run)["data"]["findings"].clone();
    assert_eq!(findings.as_array().unwrap().len(), 1, "{findings}");
    assert_eq!(findings[0]["finding"], "differs");
    assert_eq!(findings[0]["object"], "table public.people");
    // What was found outweighs the proof of before.
    assert_eq!(place.run("restore latest:verified --plan").await.code, 1);
    assert!(tree(&path).iter().any(|path| path.to_string_lossy().contains("verify-")));
}

#[tokio::test]
async fn an_archive_that_cannot_be_restored_is_a_finding() {
    let place = Place::small().await;
    sql::run(place.test.db(), super::swap::BROKEN).await;
    place.create().await;
    let run = place.run("verify --level restore").await;
    assert_eq!(run.code, 3, "{run}");
    assert!(run.stdout.contains("this index cannot be built"), "{run}");
}

#[tokio::test]
async fn an_interrupted_drill_drops_its_database() {
    let place = Place::small().await;
    let role = place.test.role("").await.user().unwrap();
    sql::run(place.test.db(), &trap(&role)).await;
    place.create().await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let server = place.test.url().with_database("postgres");
    let held = hold_restores(&server, &role).await;
    let running = Running::start("backup", &variables, "verify --level restore").await;
    let within = until_trapped(place.test.db(), &role).await;
    assert!(within.starts_with("seaworthy_verify_"), "{within}");
    running.signal(nix::sys::signal::Signal::SIGINT);
    let ended = running.end().await;
    assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
    held.release().await;
    assert_eq!(place.databases(&within).await, [""; 0]);
}
