//! The `backup` command, and above all what it does when something goes wrong.

pub(crate) mod clients;
mod crashes;
mod damage;
mod data;
mod drill;
mod fast;
mod faults;
mod folder;
mod frozen;
mod in_place;
mod interruption;
mod keeping;
mod names;
mod objects;
mod partial;
mod password;
mod password_tls;
mod planning;
mod restoring;
mod round_trip;
mod sanitise;
mod sealing;
mod swap;
mod trail;
mod versions;

use std::{
    fs,
    path::{Path, PathBuf},
};

use integration_tests::{Program, Run, TestDatabase, keys, sql};
use serde_json::Value;
use tempfile::TempDir;

use crate::seeder::document;
use objects::ObjectServer;

/// A small database with a bit of everything.
const SMALL: &str = "
CREATE TABLE people (id int PRIMARY KEY, name text, born date DEFAULT '1990-01-01');
INSERT INTO people SELECT n, 'name ' || n FROM generate_series(1, 200) AS n;
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, body jsonb, amount numeric);
INSERT INTO notes (body, amount) VALUES ('{\"a\": [1, null]}', 1.50), (NULL, 'NaN');
CREATE TABLE empty ();
CREATE SEQUENCE tickets START 41;
SELECT nextval('tickets')";

/// A database and a place for its backups: a folder, or an object store.
struct Place {
    test: TestDatabase,
    folder: TempDir,
    objects: Option<ObjectServer>,
}

impl Place {
    /// One with a small database.
    async fn small() -> Self {
        let test = TestDatabase::empty().await;
        sql::run(test.db(), SMALL).await;
        Self::of(test)
    }

    fn of(test: TestDatabase) -> Self {
        Self { test, folder: tempfile::tempdir().unwrap(), objects: None }
    }

    /// The same, but for backups that go to an object store.
    async fn small_with_objects() -> Self {
        Self { objects: Some(ObjectServer::start().await), ..Self::small().await }
    }

    /// Where backups go.
    fn backups(&self) -> PathBuf {
        self.folder.path().join("backups")
    }

    async fn program(&self, arguments: &str) -> Program {
        let program = Program::new("backup").await.on(self.test.url()).args(arguments);
        match &self.objects {
            Some(server) => server.set(program),
            None => program.env("BACKUP_DIR", self.backups()),
        }
    }

    async fn run(&self, arguments: &str) -> Run {
        self.program(arguments).await.run().await
    }

    /// Makes a backup; its folder.
    async fn create(&self) -> PathBuf {
        let run = self.run("create --format json").await;
        assert_eq!(run.code, 0, "{run}");
        PathBuf::from(document(&run)["data"]["path"].as_str().unwrap())
    }

    /// What is listed, damaged or not, and the exit code.
    async fn list(&self) -> (Vec<Value>, i32) {
        let run = self.run("list --format json").await;
        let document = document(&run);
        assert_eq!(document["ok"], run.code == 0, "{run}");
        (document["data"]["backups"].as_array().unwrap().clone(), run.code)
    }

    /// Asserts that everything that is listed is sound, and that it is as many as this.
    async fn assert_sound(&self, count: usize) {
        let (backups, code) = self.list().await;
        assert_eq!((backups.len(), code), (count, 0), "{backups:?}");
        for backup in backups {
            let verified = self.run(&format!("verify {}", backup["id"].as_str().unwrap())).await;
            assert_eq!(verified.code, 0, "{verified}");
        }
    }

    /// Unfinished backups, whoever has left them.
    fn partials(&self) -> Vec<PathBuf> {
        let mut found = tree(&self.backups());
        found.retain(|path| path.extension().is_some_and(|ending| ending == "partial"));
        found
    }
}

/// Everything in a folder.
pub(crate) fn tree(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| [vec![path.clone()], tree(&path)].concat()).collect()
}

/// Says something else in a manifest, and makes checksums and signature agree with it.
fn forged(path: &Path, said: &str, says: &str) {
    let text = fs::read_to_string(path.join("manifest.json")).unwrap();
    let forged = text.replace(said, says);
    assert_ne!(text, forged);
    fs::write(path.join("manifest.json"), &forged).unwrap();
    let resum = "sha256sum dump.pgc.zst.age manifest.json > SHA256SUMS";
    let done = std::process::Command::new("sh").args(["-c", resum]).current_dir(path).status();
    assert!(done.unwrap().success());
    let signature = keys::signer().sign(forged.as_bytes());
    fs::write(path.join("manifest.json.sig"), format!("{signature}\n")).unwrap();
}
