//! Create, list, verify, restore: what goes in comes out.

use std::{fs, os::unix::fs::PermissionsExt as _};

use integration_tests::{TestDatabase, server, sql, unique_name};
use migration_engine::Snapshot;
use serde_json::{Value, json};

use super::{Place, tree};
use crate::{
    content::{assert_same, whole},
    seeder::{document, fill},
};

async fn school() -> Place {
    let test = TestDatabase::migrated().await;
    fill(&test).await;
    Place::of(test)
}

#[tokio::test]
async fn a_restored_database_has_every_row_of_every_table_and_the_same_catalog() {
    let place = school().await;
    let catalog = Snapshot::take(place.test.db()).await.unwrap();
    // A backup does not see its own entry in the audit trail as it will be in the end.
    let created = place.run("create --format json").await;
    assert_eq!(created.code, 0, "{created}");
    let data = document(&created)["data"].clone();
    let new = unique_name();
    let restored = place.run(&format!("restore latest --to {new} --format json")).await;
    assert_eq!(restored.code, 0, "{restored}");
    let answer = document(&restored)["data"].clone();
    assert_eq!(answer["database"], new);
    assert_eq!((&answer["rows"], &answer["tables"]), (&data["rows"], &data["tables"]));

    let db = sql::pool(&place.test.url().with_database(&new)).await;
    let changes = catalog.changes(&Snapshot::take(&db).await.unwrap());
    assert!(changes.is_empty(), "{changes:?}");
    let trail = |line: &String| line.starts_with("seaworthy.audit_events ");
    let (mut before, mut after) = (whole(place.test.db()).await, whole(&db).await);
    before.retain(|line| !trail(line));
    after.retain(|line| !trail(line));
    assert!(after.len() >= 36, "{after:?}");
    assert_same(&before, &after);
}

#[tokio::test]
async fn the_answers_are_versioned_documents() {
    let place = Place::small().await;
    let created = document(&place.run("create --name first --format json").await);
    assert_eq!(created["schema"], "seaworthy/backup.create/1");
    let data = &created["data"];
    let id = data["id"].as_str().unwrap();
    assert!(id.contains("_manual_first_"), "{id}");
    assert_eq!(data["database"], place.test.name());
    assert!(data["path"].as_str().unwrap().ends_with(id));

    let listed = document(&place.run("list --format json").await);
    assert_eq!(listed["schema"], "seaworthy/backup.list/1");
    let line = &listed["data"]["backups"][0];
    assert_eq!((&line["id"], &line["damage"]), (&data["id"], &Value::Null));
    assert_eq!((&line["rows"], &line["stored_bytes"]), (&data["rows"], &data["stored_bytes"]));

    for level in ["hash", "structure"] {
        let verified = place.run(&format!("verify {id} --level {level} --format json")).await;
        assert_eq!(verified.code, 0, "{verified}");
        let verified = document(&verified);
        assert_eq!(verified["schema"], "seaworthy/backup.verify/1");
        assert_eq!((&verified["data"]["findings"], &verified["ok"]), (&json!([]), &json!(true)));
    }
    let evidence = tree(&place.backups())
        .into_iter()
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("verify-"));
    assert_eq!(evidence.count(), 2);
}

#[tokio::test]
async fn the_manifest_says_what_is_in_the_backup() {
    let place = Place::small().await;
    let path = place.create().await;
    let manifest: Value =
        serde_json::from_slice(&fs::read(path.join("manifest.json")).unwrap()).unwrap();
    let table = |schema: &str, name: &str| {
        let tables = manifest["tables"].as_array().unwrap();
        tables.iter().find(|table| table["schema"] == schema && table["name"] == name).cloned()
    };
    for (name, rows) in [("people", 200), ("notes", 2), ("empty", 0)] {
        assert_eq!(table("public", name).unwrap()["rows"], rows, "{name}");
    }
    assert_eq!(manifest["schema_version"], 3);
    assert_eq!(manifest["environment"], "development");
    assert_eq!(manifest["migrations"], Value::Null);
    assert_eq!(manifest["source"]["database"], place.test.name());
    assert_eq!(manifest["source"]["server_version"], server().await.version.num);
    assert_eq!(manifest["source"]["encoding"], "UTF8");
    assert_eq!(
        manifest["artifact"]["pipeline"],
        json!(["pg_dump:custom:Z0", "zstd:1+checksum", "age:v1"])
    );
    let tickets = manifest["sequences"].as_array().unwrap().iter().find(|s| s["name"] == "tickets");
    assert_eq!(tickets.unwrap()["after"], json!({ "last_value": 41, "is_called": true }));
    let stored = path.join("dump.pgc.zst.age").metadata().unwrap();
    assert_eq!(manifest["artifact"]["stored"]["bytes"], stored.len());
    let text = manifest.to_string();
    assert!(!text.contains("postgres://"), "{text}");
}

#[tokio::test]
async fn nobody_else_can_read_a_backup_and_sha256sum_agrees_with_it() {
    let place = Place::small().await;
    let path = place.create().await;
    for entry in [vec![place.backups()], tree(&place.backups())].concat() {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}", entry.display());
    }
    let check = std::process::Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(&path)
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
    assert_eq!(String::from_utf8_lossy(&check.stdout).lines().count(), 2);
}

#[tokio::test]
async fn the_newest_is_the_latest_and_a_beginning_that_is_unique_is_enough() {
    let place = Place::small().await;
    let first = place.create().await;
    sql::run(place.test.db(), "DELETE FROM people WHERE id > 100").await;
    let second = place.create().await;
    let (backups, _) = place.list().await;
    let ids: Vec<_> = backups.iter().map(|backup| backup["id"].as_str().unwrap()).collect();
    assert_eq!(ids[0], second.file_name().unwrap().to_str().unwrap());
    assert_eq!(ids.len(), 2);
    for (selector, rows) in [
        ("latest".to_owned(), 100),
        (first.file_name().unwrap().to_string_lossy().into_owned(), 200),
    ] {
        let new = unique_name();
        let run = place.run(&format!("restore {selector} --to {new}")).await;
        assert_eq!(run.code, 0, "{run}");
        let db = sql::pool(&place.test.url().with_database(&new)).await;
        assert_eq!(sql::value::<i64>(&db, "SELECT count(*) FROM people").await, rows);
    }
    let ambiguous = place.run("verify 2").await;
    crate::seeder::assert_failed(&ambiguous, 1, "2 backups begin with `2`");
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_others_write() {
    let place = Place::small().await;
    let busy = "BEGIN; INSERT INTO people VALUES (1000, 'not committed')";
    let held = crate::watching::Held::take(place.test.url(), busy).await;
    place.create().await;
    held.release().await;
    let new = unique_name();
    assert_eq!(place.run(&format!("restore --to {new}")).await.code, 0);
    let db = sql::pool(&place.test.url().with_database(&new)).await;
    assert_eq!(sql::value::<i64>(&db, "SELECT count(*) FROM people").await, 200);
}

#[tokio::test]
async fn a_role_that_may_only_read_can_back_up_and_hears_that_it_is_not_audited() {
    let place = Place::of(TestDatabase::migrated().await);
    let reader = place.test.reader().await;
    let run = place.program("create").await.on(&reader).run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("warning: this is not in the audit trail: "), "{run}");
    place.assert_sound(1).await;
    let audited = "SELECT count(*) FROM seaworthy.audit_events WHERE tool = 'backup'";
    assert_eq!(sql::value::<i64>(place.test.db(), audited).await, 0);
}
