//! Backups in an object store: what works in a folder works there, whatever the network does.

mod faults;
mod refusals;
mod server;
mod upload;

pub(super) use server::ObjectServer;

use integration_tests::{Program, TestDatabase, sql, unique_name};
use serde_json::Value;

use super::Place;
use crate::seeder::document;

/// What compresses to more than one part of an upload.
const LARGE: &str = "
CREATE TABLE large AS SELECT n, sha256(n::text::bytea) || sha256((n * 3)::text::bytea)
    || sha256((n * 5)::text::bytea) || sha256((n * 7)::text::bytea) AS noise
FROM generate_series(1, 75000) AS n";

const A_USER: &str = "INSERT INTO users (id, email, full_name, password_hash, display_name)
    VALUES ('00000000-0000-7000-8000-000000000001', 'ada@example.com', 'Ada', '!', 'Countess')";

impl Place {
    /// The object store that its backups are in.
    fn server(&self) -> &ObjectServer {
        self.objects.as_ref().unwrap()
    }

    /// With a table that is uploaded in parts.
    async fn large_with_objects() -> Self {
        let place = Self::small_with_objects().await;
        sql::run(place.test.db(), LARGE).await;
        place
    }

    /// A `create` without any sealing, which takes its time in tests.
    async fn creating(&self) -> Program {
        self.program("create").await.env("BACKUP_RECIPIENTS", "none")
    }

    /// Runs a command that ends with `code`; its answer.
    async fn answers(&self, code: i32, arguments: &str) -> Value {
        let run = self.run(&format!("{arguments} --format json")).await;
        assert_eq!(run.code, code, "{run}\n{:?}", self.server());
        document(&run)["data"].clone()
    }
}

impl Place {
    /// What the doctor finds among the backups; the server has databases of other tests as well.
    async fn diagnosis(&self, arguments: &str) -> Value {
        let program = self.program(&format!("doctor --format json {arguments}")).await;
        document(&program.run().await)["data"]["backups"].clone()
    }
}

#[tokio::test]
async fn a_backup_goes_to_a_bucket_and_comes_back() {
    let place = Place::small_with_objects().await;
    let created = place.answers(0, "create").await;
    let path = created["path"].as_str().unwrap();
    assert!(path.starts_with(&ObjectServer::url()), "{path}");
    place.assert_sound(1).await;
    for command in ["verify --level restore", "verify --level hash", "keys check", "status"] {
        place.answers(0, command).await;
    }
    assert_eq!(place.diagnosis("").await, Value::Array(Vec::new()));
    let shown = place.answers(0, "show").await;
    assert_eq!(shown["place"], path);
    assert_eq!(shown["dossier"]["verifications"].as_array().unwrap().len(), 3, "{shown}");
    place.answers(0, "restore --plan").await;
    place.answers(0, &format!("restore --to {}", unique_name())).await;
    let run = place.run("audit verify").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains(&format!("folder {}/audit: ", ObjectServer::url())), "{run}");
    let tail = place.answers(0, "audit tail --only folder").await;
    assert_eq!(tail["unfinished"], Value::Array(Vec::new()), "{tail}");
    let staging = place.folder.path().join(".seaworthy/staging");
    assert!(!staging.exists() || staging.read_dir().unwrap().next().is_none());
}

const PROFILE: &str = "
[public.people]
id = 'keep'
name = 'personal:name'
born = 'personal:date'
[public.notes]
id = 'keep'
body = 'free-text'
amount = 'keep'
[public.empty]";

#[tokio::test]
async fn a_sanitised_copy_goes_to_a_bucket_and_comes_back_without_anybody_in_it() {
    let place = Place::small_with_objects().await;
    let profile = place.folder.path().join("profile.toml");
    std::fs::write(&profile, PROFILE).unwrap();
    let program = place.program("sanitise --format json --profile").await.arg(&profile);
    let run = program.env("BACKUP_SANITISE_KEY", "the key of this test").run().await;
    assert_eq!(run.code, 0, "{run}");
    let made = document(&run)["data"].clone();
    let path = made["path"].as_str().unwrap();
    assert!(path.starts_with(&ObjectServer::url()), "{path}");
    let new = unique_name();
    place.answers(0, &format!("restore {} --to {new}", made["id"].as_str().unwrap())).await;
    let db = sql::pool(&place.test.url().with_database(&new)).await;
    let names: Vec<String> = sql::column(&db, "SELECT name FROM people").await;
    assert_eq!(names.len(), 200);
    assert!(!names.iter().any(|name| name.starts_with("name ")), "{names:?}");
    place.assert_sound(1).await;
}

#[tokio::test]
async fn backups_are_pinned_pruned_and_sealed_anew() {
    let place = Place::small_with_objects().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let created = place.answers(0, "create").await;
        ids.push(created["id"].as_str().unwrap().to_owned());
    }
    place.answers(0, &format!("pin {} --reason audit", ids[0])).await;
    place.answers(0, &format!("pin {} --reason another", ids[0])).await;
    let shown = place.answers(0, &format!("show {}", ids[0])).await;
    assert_eq!(shown["dossier"]["pin"]["reason"], "audit", "the first one stays");
    let verdicts = |answer: &Value| -> Vec<String> {
        let lines = answer["backups"].as_array().unwrap().iter();
        lines.map(|line| line["verdict"].as_str().unwrap().to_owned()).collect()
    };
    let shown = place.answers(0, "prune --keep 1").await;
    assert_eq!(verdicts(&shown), ["last-good", "goes", "pinned"], "{shown}");
    place.answers(0, "prune --keep 1 --yes").await;
    place.answers(0, &format!("unpin {}", ids[0])).await;
    place.answers(0, "prune --keep 1 --yes").await;
    place.assert_sound(1).await;
    let files = place.server().files();
    assert!(!files.iter().any(|path| path.to_string_lossy().contains(&ids[0])), "{files:?}");

    let sealed = place.answers(0, "keys rekey latest --remove-old").await;
    assert_eq!(sealed["removed_old"], true, "{sealed}");
    place.assert_sound(1).await;
    place.answers(0, "audit verify").await;
}

#[tokio::test]
async fn two_runs_at_once_make_two_backups_and_one_trail() {
    let place = Place::small_with_objects().await;
    let created = tokio::join!(place.run("create"), place.run("create"), place.run("create"));
    for run in [created.0, created.1, created.2] {
        assert_eq!(run.code, 0, "{run}");
    }
    place.assert_sound(3).await;
    let verified = place.answers(0, "audit verify --only folder").await;
    // An intent and a result of each: of three backups, and of three verifications.
    assert_eq!(verified["trails"][0]["chain"]["events"], 12, "{verified}");
}

#[tokio::test]
async fn the_trail_in_a_bucket_shows_what_was_changed_or_removed() {
    let place = Place::small_with_objects().await;
    place.answers(0, "create").await;
    place.answers(0, "verify").await;
    let record = place.server().file("000000000002.json");
    let whole = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, whole.replace("create", "forged")).unwrap();
    let fracture = &place.answers(3, "audit verify --only folder").await["trails"][0]["chain"];
    assert_eq!(fracture["fracture"]["fracture"], "changed", "{fracture}");
    std::fs::remove_file(&record).unwrap();
    let fracture = &place.answers(3, "audit verify --only folder").await["trails"][0]["chain"];
    assert_eq!(fracture["fracture"]["fracture"], "removed", "{fracture}");
}

#[tokio::test]
async fn a_migration_is_taken_back_after_a_backup_in_a_bucket() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), A_USER).await;
    let place = Place { objects: Some(ObjectServer::start().await), ..Place::of(test) };
    // To where the next step back loses what the user is called.
    let to = "--to m20260601_091000_fill_users_display_name --no-backup --reason test";
    for arguments in [to, "-n 2"] {
        let program = Program::new("migration").await.on(place.test.url()).args("down");
        let run = place.server().set(program.args(arguments)).run().await;
        assert_eq!(run.code, 0, "{run}");
    }
    place.assert_sound(1).await;
    let backups = place.list().await.0;
    assert!(backups[0]["id"].as_str().unwrap().contains("_before-rollback_"), "{backups:?}");
}
