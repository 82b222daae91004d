//! Sanitised copies: nobody is to be found in them, and everything still holds together.

mod cut_short;
mod nasty;
mod profile;
mod project;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use dbkit::{Identifier, postgres::find_clients};
use integration_tests::{Run, TestDatabase, search, sql, unique_name};
use sea_orm::DatabaseConnection;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::Place;
use crate::seeder::document;

const KEY: &str = "the key of these tests";

/// Places with a profile.
struct Sanitising {
    place: Place,
    profile: PathBuf,
}

impl Sanitising {
    fn of(test: TestDatabase, profile: &str) -> Self {
        let place = Place::of(test);
        let path = place.folder.path().join("profile.toml");
        fs::write(&path, profile).unwrap();
        Self { place, profile: path }
    }

    fn db(&self) -> &DatabaseConnection {
        self.place.test.db()
    }

    async fn run(&self, arguments: &str) -> Run {
        self.run_with(KEY, arguments).await
    }

    async fn run_with(&self, key: &str, arguments: &str) -> Run {
        let program = self.place.program("sanitise --profile").await.arg(&self.profile);
        let program = program.args(arguments).env("BACKUP_SANITISE_KEY", key);
        program.env("BACKUP_RECIPIENTS", "none").run().await
    }

    /// Makes a sanitised backup.
    async fn make(&self, key: &str) -> Sanitised {
        let run = self.run_with(key, "--format json").await;
        assert_eq!(run.code, 0, "{run}");
        let path = PathBuf::from(document(&run)["data"]["path"].as_str().unwrap());
        let manifest = fs::read(path.join("manifest.json")).unwrap();
        Sanitised { manifest: serde_json::from_slice(&manifest).unwrap(), path }
    }

    /// Asserts that a run was refused or failed, and that nothing of it is left.
    async fn assert_nothing_is_left(&self) {
        let partials = self.place.partials();
        assert_eq!(partials, Vec::<PathBuf>::new());
        assert_eq!(self.scratch_databases().await, [""; 0]);
        self.place.assert_sound(0).await;
    }

    /// The scratch databases of the runs on this database, by its audit trail: other tests have theirs.
    async fn scratch_databases(&self) -> Vec<String> {
        let runs = "SELECT datname::text FROM pg_database
                    WHERE datname IN (SELECT 'seaworthy_sanitise_' || replace(operation_id::text, '-', '')
                                      FROM seaworthy.audit_events)";
        sql::column(self.db(), runs).await
    }

    /// Every value that must not be found, of the columns of these tables but for those that are kept.
    async fn originals(&self, columns: &[(&str, &str)]) -> BTreeSet<String> {
        let mut originals = BTreeSet::new();
        for (table, column) in columns {
            let column = Identifier(column);
            let query = format!(
                "SELECT DISTINCT coalesce(element, value) FROM (
                     SELECT {column}::text AS value, to_jsonb({column}) AS json FROM ONLY {table}
                 ) AS t LEFT JOIN LATERAL jsonb_path_query(json, '$.** ? (@.type() == \"string\")') AS leaf ON true
                 CROSS JOIN LATERAL (SELECT leaf #>> '{{}}' AS element) AS text
                 WHERE length(coalesce(element, value)) > 3"
            );
            originals.extend(sql::column::<String>(self.db(), &query).await);
        }
        originals
    }
}

/// A sanitised backup.
struct Sanitised {
    path: PathBuf,
    manifest: Value,
}

impl Sanitised {
    /// Rows and hash of every table.
    fn content(&self) -> &Value {
        &self.manifest["tables"]
    }

    /// The whole archive as SQL.
    async fn text(&self) -> String {
        let file = self.manifest["artifact"]["file"].as_str().unwrap();
        let archive = NamedTempFile::new().unwrap();
        let stored = File::open(self.path.join(file)).unwrap();
        zstd::stream::copy_decode(stored, archive.as_file()).unwrap();
        let clients = find_clients(&search()).await;
        let mut command = Command::new(clients[0].program("pg_restore"));
        let output = command.args(["--file=-"]).arg(archive.path()).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }

    async fn assert_nobody_is_in_it(&self, originals: &BTreeSet<String>) {
        let text = self.text().await;
        let found: Vec<_> = originals.iter().filter(|value| contains(&text, value)).collect();
        assert!(found.is_empty(), "{} of {} are there: {found:?}", found.len(), originals.len());
    }

    /// Restores it; the database must be dropped by [`Restored`].
    async fn restore(&self, place: &Place) -> Restored {
        let name = unique_name();
        let id = self.manifest["id"].as_str().unwrap();
        let run = place.run(&format!("restore {id} --to {name}")).await;
        assert_eq!(run.code, 0, "{run}");
        let db = sql::pool(&place.test.url().with_database(&name)).await;
        Restored { name, db }
    }
}

/// As COPY writes it, or as it stands in a statement.
fn contains(text: &str, value: &str) -> bool {
    let escaped = value.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t");
    text.contains(&escaped) || text.contains(value)
}

struct Restored {
    name: String,
    db: DatabaseConnection,
}

impl Restored {
    async fn drop(self, place: &Place) {
        self.db.close().await.unwrap();
        sql::run(place.test.db(), &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

/// The project's own profile.
fn own_profile() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../backup/sanitise.toml");
    fs::read_to_string(path).unwrap()
}
