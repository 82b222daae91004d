//! Faults that a backup must survive, each asserting that nothing was made that looks like one.

use std::{fs, path::Path};

use integration_tests::{Program, Run, TestDatabase, keys, sql};
use tokio::process::Command;

use super::{Place, clients::Fake, tree};
use crate::{seeder::assert_failed, watching::Held};

/// More than a few blocks of 64 KiB, whatever compression makes of it.
const LARGE: &str = "CREATE TABLE large AS
    SELECT n, encode(sha256(n::text::bytea), 'hex') AS text FROM generate_series(1, 12000) AS n";

impl Place {
    /// Asserts that nothing is listed and nothing is left, and that the next run succeeds.
    async fn assert_unharmed(&self) {
        let (backups, code) = self.list().await;
        assert_eq!((backups.len(), code), (0, 0), "{backups:?}");
        assert!(self.partials().is_empty(), "{:?}", self.partials());
        self.create().await;
        self.assert_sound(1).await;
    }
}

#[tokio::test]
async fn a_dump_that_stands_still_is_given_up_with_its_children() {
    let place = Place::small().await;
    let fake = Fake::new(r"printf PGDMP; exec tail -f /dev/null").await;
    let create = place.program("create --stall-timeout 1").await;
    let run = create.env("PATH", fake.path()).run().await;
    assert_failed(&run, 1, "pg_dump stood still for 1 s");
    place.assert_unharmed().await;
}

/// Runs a command that can write no file longer than a few kibibytes, as on a disk that is full.
async fn without_room(place: &Place, arguments: &str) -> std::process::Output {
    let limited = format!("trap '' XFSZ; ulimit -f 8; exec \"$0\" {arguments}");
    Command::new("/bin/sh")
        .args(["-c", &limited])
        .arg(Program::path("backup").await)
        .env_clear()
        .env("PATH", crate::watching::path())
        .envs(keys::variables())
        .env("DATABASE_URL", place.test.url().expose())
        .env("BACKUP_DIR", place.backups())
        .current_dir(place.folder.path())
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_disk_that_fills_up_on_the_way_leaves_nothing() {
    let place = Place::small().await;
    sql::run(place.test.db(), LARGE).await;
    let output = without_room(&place, "create").await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("dump.pgc.zst.age") && said.contains("see that the disk has room"),
        "{said}"
    );
    place.assert_unharmed().await;
}

#[tokio::test]
async fn a_restore_without_room_for_the_archive_touches_nothing() {
    let place = Place::small().await;
    sql::run(place.test.db(), LARGE).await;
    place.create().await;
    let to = integration_tests::unique_name();
    let output = without_room(&place, &format!("restore latest --to {to}")).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write the unpacked archive"), "{said}");
    let exists = format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{to}')");
    assert!(!sql::value::<bool>(place.test.db(), &exists).await);
    place.assert_sound(1).await;
}

async fn verify(place: &Place) -> Run {
    place.run("verify latest --level hash").await
}

/// One bit and one cut at every border between the chunks that age seals.
#[tokio::test]
async fn damage_at_every_border_between_chunks_is_found() {
    const CHUNK: usize = 64 << 10;
    let place = Place::small().await;
    sql::run(place.test.db(), LARGE).await;
    let path = place.create().await.join("dump.pgc.zst.age");
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 4 * CHUNK, "{}", whole.len());
    for border in (CHUNK..whole.len()).step_by(CHUNK) {
        for at in [border - 1, border, border + 1] {
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(verify(&place).await.code, 3, "cut at {at}");
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            fs::write(&path, flipped).unwrap();
            assert_eq!(verify(&place).await.code, 3, "flipped at {at}");
        }
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(verify(&place).await.code, 0);
}

/// Every byte of the small files that say what a backup is.
#[tokio::test]
async fn a_flipped_bit_anywhere_in_the_signature_is_found() {
    let place = Place::small().await;
    let path = place.create().await.join("manifest.json.sig");
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.trim_ascii_end().len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(&path, flipped).unwrap();
        assert_eq!(verify(&place).await.code, 3, "byte {at}");
    }
}

/// A role that may connect and read what a test lets it.
async fn reader(test: &TestDatabase, grant: &str) -> dbkit::DatabaseUrl {
    let url = test.role("").await;
    let role = dbkit::Identifier(&url.user().unwrap()).to_string();
    sql::run(test.db(), &grant.replace("$role", &role)).await;
    url
}

#[tokio::test]
async fn rows_that_a_policy_would_hide_are_an_error_and_never_missing() {
    let place = Place::small().await;
    let url = reader(
        &place.test,
        "ALTER TABLE people ENABLE ROW LEVEL SECURITY;
         CREATE POLICY few ON people USING (id < 10);
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO $role;
         GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO $role",
    )
    .await;
    let run = place.program("create").await.on(&url).run().await;
    assert_failed(&run, 1, "row-level security");
    place.assert_unharmed().await;
}

#[tokio::test]
async fn a_table_that_the_role_may_not_read_is_named() {
    let place = Place::small().await;
    let url = reader(
        &place.test,
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO $role;
         GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO $role;
         REVOKE SELECT ON notes FROM $role",
    )
    .await;
    let run = place.program("create").await.on(&url).run().await;
    assert_failed(&run, 1, "notes");
    assert!(run.stderr.contains("back up as the role that owns the database"), "{run}");
    place.assert_unharmed().await;
}

#[tokio::test]
async fn a_table_that_somebody_has_locked_is_waited_for_only_so_long() {
    let place = Place::small().await;
    let held = Held::take(place.test.url(), "LOCK TABLE people IN ACCESS EXCLUSIVE MODE").await;
    let run = place.run("create --table-lock-wait 1").await;
    assert_failed(&run, 1, "lock timeout");
    held.release().await;
    place.assert_unharmed().await;
}

#[tokio::test]
async fn what_cannot_be_private_is_not_made() {
    let place = Place::small().await;
    // A file stands where the folder of the database would be.
    place.create().await;
    let database = fs::read_dir(place.backups()).unwrap().flatten().find(|e| e.path().is_dir());
    let database = database.unwrap().path();
    fs::remove_dir_all(&database).unwrap();
    fs::write(&database, "in the way").unwrap();
    let run = place.run("create").await;
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(fs::read_to_string(&database).unwrap(), "in the way");
    fs::remove_file(&database).unwrap();
    place.assert_unharmed().await;
}

#[tokio::test]
async fn nothing_of_the_data_is_in_the_clear_anywhere() {
    let place = Place::small().await;
    let canary = "canary-4b0c1c5e";
    sql::run(place.test.db(), &format!("UPDATE people SET name = '{canary}' WHERE id = 7")).await;
    place.create().await;
    assert_eq!(place.run("verify").await.code, 0);
    let told = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).contains(canary);
    let files: Vec<_> = tree(place.folder.path()).into_iter().filter(|p| p.is_file()).collect();
    assert!(files.iter().any(|path| path.ends_with("dump.pgc.zst.age")));
    for file in files {
        assert!(!told(&file), "{}", file.display());
    }
}
