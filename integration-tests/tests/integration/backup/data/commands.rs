//! `backup data export` and `backup data import` as a person or a script meets them.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use integration_tests::{Program, Run, TestDatabase, sql};
use serde_json::json;

use crate::{
    backup::{Place, tree},
    content::{assert_same, but_the_trail},
    seeder::{assert_failed, document},
    watching::Held,
};

impl Place {
    fn file(&self) -> PathBuf {
        self.folder.path().join("people.jsonl")
    }

    async fn export(&self, arguments: &str) -> Run {
        let program = self.program(&format!("data export {arguments}")).await;
        program.arg("--output").arg(self.file()).run().await
    }

    async fn import(&self, test: &TestDatabase, arguments: &str) -> Run {
        let program = self.program("data import").await.on(test.url());
        program.arg(self.file()).args(arguments).run().await
    }
}

#[tokio::test]
async fn a_file_is_private_whole_and_never_replaced() {
    let place = Place::small().await;
    let run = place.export("people public.notes --format json").await;
    assert_eq!(run.code, 0, "{run}");
    let answer = document(&run);
    assert_eq!(answer["schema"], "seaworthy/backup.data-export/1");
    assert_eq!(answer["data"]["rows"], 202);
    assert_eq!(answer["data"]["tables"][1]["name"], "notes");
    assert_eq!(place.file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let written = fs::read(place.file()).unwrap();
    assert_failed(&place.export("notes").await, 1, "already exists");
    assert_eq!(fs::read(place.file()).unwrap(), written);
    // What fails leaves nothing behind, under no name.
    fs::remove_file(place.file()).unwrap();
    assert_failed(&place.export("missing").await, 1, "there is no table `missing`");
    assert!(tree(place.folder.path()).is_empty());
    assert_eq!(place.run("data export people").await.code, 2);
}

#[tokio::test]
async fn rows_go_through_a_pipe_and_back() {
    let place = Place::small().await;
    let run = place.run("data export people notes --output -").await;
    assert_eq!(run.code, 0, "{run}");
    let to = TestDatabase::empty().await;
    let ddl = "CREATE TABLE people (id int PRIMARY KEY, name text, born date);
               CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, body jsonb, amount numeric)";
    sql::run(to.db(), ddl).await;
    let output = piped(&to, run.stdout.as_bytes()).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["schema"], "seaworthy/backup.data-import/1");
    assert_eq!(
        answer["data"]["tables"][0],
        json!({ "schema": "public", "name": "people", "deleted": 0, "updated": 0, "inserted": 200 })
    );
    assert_eq!(answer["data"]["sequences"], json!(["public.notes_id_seq"]));
    let content = |test| super::content(test, &["people", "notes"]);
    assert_same(&content(&place.test).await, &content(&to).await);
    // A pipe that breaks brings nothing.
    sql::run(to.db(), "TRUNCATE people, notes").await;
    let half = &run.stdout.as_bytes()[..run.stdout.len() / 2];
    let output = piped(&to, half).await;
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(sql::value::<i64>(to.db(), "SELECT count(*) FROM people").await, 0);
}

async fn piped(test: &TestDatabase, bytes: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stdin");
    fs::write(&file, bytes).unwrap();
    let mut command = Command::new(Program::path("backup").await);
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("DATABASE_URL", test.url().expose())
        .current_dir(folder.path())
        .args(["data", "import", "-", "--format", "json"])
        .stdin(Stdio::from(fs::File::open(&file).unwrap()));
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_replacement_is_secured_by_a_backup_first() {
    let place = Place::small().await;
    assert_eq!(place.export("people").await.code, 0);
    sql::run(place.test.db(), "DELETE FROM people WHERE id > 100; UPDATE people SET name = 'x'")
        .await;
    let run = place.import(&place.test, "--mode replace --format json").await;
    assert_eq!(run.code, 0, "{run}");
    let data = &document(&run)["data"];
    let table = &data["tables"][0];
    assert_eq!((&table["updated"], &table["inserted"]), (&json!(100), &json!(100)));
    assert_eq!(data["secured"], "backup");
    let (backups, _) = place.list().await;
    assert_eq!(backups.len(), 1);
    assert!(backups[0]["id"].as_str().unwrap().contains("_before-import_"), "{backups:?}");
    let run = place.import(&place.test, "--mode replace --no-safety-backup").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("warning: no backup was made before"), "{run}");
    assert_eq!(place.list().await.0.len(), 1);
}

#[tokio::test]
async fn production_is_not_replaced_without_an_emergency() {
    let place = Place::small().await;
    assert_eq!(place.export("people").await.code, 0);
    sql::run(place.test.db(), "DELETE FROM people").await;
    let before = but_the_trail(place.test.db()).await;
    for (arguments, said) in [
        ("--mode replace --env production --yes", "only an emergency"),
        ("--mode replace --env staging --yes", "was not confirmed"),
    ] {
        let run = place.import(&place.test, arguments).await;
        assert_failed(&run, 4, said);
    }
    assert_same(&before, &but_the_trail(place.test.db()).await);
    assert!(tree(&place.backups()).is_empty());
}

#[tokio::test]
async fn a_damaged_file_is_found_before_the_database_is_asked() {
    let place = Place::small().await;
    assert_eq!(place.export("people").await.code, 0);
    let mut bytes = fs::read(place.file()).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(place.file(), bytes).unwrap();
    let before = crate::content::whole(place.test.db()).await;
    let run = place.import(&place.test, "--mode replace").await;
    assert_failed(&run, 3, "people.jsonl");
    // Not even a word in the audit trail.
    assert_same(&before, &crate::content::whole(place.test.db()).await);
    let run = place.import(&place.test, "--format json").await;
    assert_eq!((run.code, &document(&run)["class"]), (3, &json!("data.damaged")), "{run}");
}

#[tokio::test]
async fn a_table_that_somebody_holds_is_busy_and_stays_as_it_is() {
    let place = Place::small().await;
    assert_eq!(place.export("people").await.code, 0);
    let held = Held::take(place.test.url(), "BEGIN; LOCK TABLE people IN EXCLUSIVE MODE").await;
    let arguments = "--mode replace --no-safety-backup --lock-wait 0";
    let run = place.import(&place.test, arguments).await;
    assert_eq!(run.code, 5, "{run}");
    held.release().await;
    let run = place.import(&place.test, arguments).await;
    assert_eq!(run.code, 0, "{run}");
}

#[tokio::test]
async fn an_import_that_cannot_be_says_why_in_one_line() {
    let place = Place::small().await;
    assert_eq!(place.export("people notes").await.code, 0);
    let run = place.import(&place.test, "").await;
    assert_failed(&run, 1, "constraint `people_pkey`: Key (id)=(1) already exists");
    assert!(run.stderr.contains("--mode replace"), "{run}");
    sql::run(place.test.db(), "ALTER TABLE people RENAME name TO title").await;
    let run = place.import(&place.test, "").await;
    assert_failed(&run, 1, "public.people has no column `name`");
    let run = place.program("data import").await.arg(place.folder.path().join("none")).run().await;
    assert_failed(&run, 1, "none");
}
