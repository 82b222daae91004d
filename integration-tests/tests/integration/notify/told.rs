//! What is told: how a run ended, and nothing that is secret.

use integration_tests::{Program, Run, TestDatabase, sql};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::receiver::{Receiver, Reply, SECRET, TOKEN};
use crate::seeder::document;

const PASSWORD: &str = "s3cr3t-of-the-database";

/// A database, a place for its backups, and somebody who listens.
struct Place {
    test: TestDatabase,
    folder: TempDir,
}

impl Place {
    async fn new() -> Self {
        Self { test: TestDatabase::empty().await, folder: tempfile::tempdir().unwrap() }
    }

    async fn program(&self, name: &'static str, arguments: &str) -> Program {
        let program = Program::new(name).await.on(self.test.url()).args(arguments);
        program.env("BACKUP_DIR", self.folder.path().join("backups"))
    }

    /// Runs a command, and returns what was told of it.
    async fn told(&self, name: &'static str, arguments: &str) -> (Run, Value) {
        let receiver = Receiver::start(&[Reply::Status(200)]).await;
        let run = receiver.told_by(self.program(name, arguments).await).run().await;
        (run, receiver.notification())
    }
}

#[tokio::test]
async fn a_backup_is_told_with_what_is_known_of_it() {
    let place = Place::new().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let program = place.program("backup", "create --format json").await;
    let run = receiver.told_by(program).run().await;
    assert_eq!(run.code, 0, "{run}");
    let created = document(&run)["data"].clone();
    let mut told = receiver.notification();
    let request = &receiver.requests()[0];
    assert_eq!(told["id"], request.header("webhook-id"));
    assert!(told["seconds"].as_f64().unwrap() > 0.0);
    let at: chrono::DateTime<chrono::Utc> = told["at"].as_str().unwrap().parse().unwrap();
    assert_eq!(at.timestamp().to_string(), request.header("webhook-timestamp"));
    let query = "SELECT DISTINCT operation_id::text FROM seaworthy.audit_events";
    assert_eq!(sql::column::<String>(place.test.db(), query).await, [told["id"].as_str().unwrap()]);
    for name in ["id", "seconds", "at"] {
        told.as_object_mut().unwrap().remove(name);
    }
    let expected = json!({
        "schema": "seaworthy/notification/1",
        "event": "backup.create",
        "tool": "backup",
        "command": "create",
        "database": place.test.name(),
        "environment": "development",
        "status": "done",
        "exit_code": 0,
        "class": null,
        "backup": created["id"],
        "bytes": created["stored_bytes"],
    });
    assert_eq!(told, expected);
}

/// The status, exit code and class that were told.
fn ending(told: &Value) -> Value {
    json!([told["event"], told["status"], told["exit_code"], told["class"]])
}

#[tokio::test]
async fn a_backup_that_failed_is_told_however_early() {
    let place = Place::new().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let missing = place.test.url().with_database("missing");
    let program = place.program("backup", "create").await.on(&missing);
    let run = receiver.told_by(program).run().await;
    assert_eq!(run.code, 1, "{run}");
    let expected = json!(["backup.create", "failed", 1, "connect.no_database"]);
    assert_eq!(ending(&receiver.notification()), expected);
    let (run, told) = place.told("backup", "verify").await;
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(ending(&told), json!(["backup.verify", "failed", 1, "backup.no_folder"]));
}

#[tokio::test]
async fn a_verification_is_told_with_what_it_found() {
    let place = Place::new().await;
    let created = place.program("backup", "create --format json").await.run().await;
    assert_eq!(created.code, 0, "{created}");
    let (run, told) = place.told("backup", "verify").await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(ending(&told), json!(["backup.verify", "done", 0, null]));
    assert_eq!(told["backup"], document(&created)["data"]["id"]);
    assert_eq!(told["database"], place.test.name());
    for path in crate::backup::tree(place.folder.path()) {
        if path.file_name().unwrap().to_string_lossy().starts_with("dump") {
            std::fs::write(path, "damaged").unwrap();
        }
    }
    let (run, told) = place.told("backup", "verify").await;
    assert_eq!(run.code, 3, "{run}");
    assert_eq!(ending(&told), json!(["backup.verify", "found", 3, "backup.damaged"]));
}

#[tokio::test]
async fn every_binary_tells_what_it_audits() {
    let place = Place::new().await;
    let (run, told) = place.told("migration", "up -n 2").await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(ending(&told), json!(["migration.up", "done", 0, null]));
    assert_eq!(told["command"], "up -n 2");
    sql::run(place.test.db(), "CREATE TABLE sessions ()").await;
    let (run, told) = place.told("migration", "up").await;
    assert_eq!(run.code, 1, "{run}");
    assert_eq!((&told["event"], &told["status"]), (&json!("migration.up"), &json!("failed")));
    assert!(told["class"].as_str().unwrap().starts_with("migration."), "{told}");
    let (run, told) = place.told("seeder", "stamp --env development").await;
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(ending(&told), json!(["seeder.stamp", "done", 0, null]));
}

#[tokio::test]
async fn who_only_looks_tells_nothing() {
    let place = Place::new().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    for (name, arguments) in
        [("backup", "list"), ("backup", "config"), ("migration", "status"), ("seeder", "list")]
    {
        receiver.told_by(place.program(name, arguments).await).run().await;
    }
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn no_secret_is_told_logged_or_audited() {
    let place = Place::new().await;
    let mut url: Url = place.test.url().expose().parse().unwrap();
    url.set_password(Some(PASSWORD)).unwrap();
    let receiver = Receiver::start(&[Reply::Status(500)]).await;
    let program = place.program("backup", "create -vv").await;
    let program = program.env("DATABASE_URL", url.as_str()).env("RUST_LOG", "trace");
    let run = receiver.told_by(program).run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("answers with status 500"), "{run}");
    let trail = "SELECT string_agg(e::text, ' ') FROM seaworthy.audit_events e";
    let trail = sql::value::<String>(place.test.db(), trail).await;
    let file = std::fs::read_to_string(place.folder.path().join("backups/audit.jsonl")).unwrap();
    let mut texts = vec![run.stdout, run.stderr, trail, file];
    for request in receiver.requests() {
        let text = request.text();
        let (line, rest) = text.split_once('\n').unwrap();
        assert!(line.contains(TOKEN), "it was sent to the address");
        texts.push(rest.to_owned());
    }
    let key = SECRET.strip_prefix("whsec_").unwrap();
    for text in texts {
        for secret in [PASSWORD, "s3cr3t", TOKEN, key] {
            assert!(!text.contains(secret), "`{secret}` is told: {text}");
        }
    }
}
