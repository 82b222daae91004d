//! Client programs that misbehave: whatever they do, nothing is taken for a backup.

use std::{fs, path::PathBuf, process::Command};

use dbkit::postgres::find_clients;
use integration_tests::{Run, search, server};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::Place;
use crate::watching::{Running, path, until};

/// A folder with a `pg_dump` that does as `script` says, and otherwise behaves like the real one,
/// whose path is `$real`.
pub(crate) struct Fake(TempDir);

impl Fake {
    pub(crate) async fn new(script: &str) -> Self {
        let major = server().await.version.major();
        let clients = find_clients(&search()).await;
        let client = clients.iter().rev().find(|client| client.version.major() >= major).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let wrapper = format!(
            "#!/bin/sh\nreal={}\nhere={}\ncase $1 in --version) exec \"$real\" --version;; esac\n{script}\n",
            client.program("pg_dump").display(),
            folder.path().display(),
        );
        let install = format!(
            "cd \"$0\" && printf %s \"$1\" >pg_dump && chmod 755 pg_dump && ln -s {} pg_restore",
            client.program("pg_restore").display(),
        );
        // A shell writes it: a file that this process has just written cannot be run while another
        // test's child still holds a copy of the descriptor.
        let status =
            Command::new("/bin/sh").arg("-c").arg(install).arg(folder.path()).arg(wrapper).status();
        assert!(status.unwrap().success());
        Self(folder)
    }

    pub(crate) fn path(&self) -> String {
        format!("{}:{}", self.0.path().display(), path())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes a backup with it.
    async fn create(&self, place: &Place) -> Run {
        place.program("create").await.env("PATH", self.path()).run().await
    }
}

/// Asserts that nothing is listed, nothing is left, and that the next run succeeds.
async fn assert_nothing_was_made(place: &Place) {
    let (backups, code) = place.list().await;
    assert_eq!((backups.len(), code), (0, 0), "{backups:?}");
    assert_eq!(place.partials(), Vec::<PathBuf>::new());
    place.create().await;
    place.assert_sound(1).await;
}

#[tokio::test]
async fn a_fake_that_only_passes_on_makes_a_backup() {
    let place = Place::small().await;
    let fake = Fake::new(r#"touch "$here/used"; exec "$real" "$@""#).await;
    let run = fake.create(&place).await;
    assert_eq!(run.code, 0, "{run}");
    assert!(fake.file("used").exists(), "the tests below would test nothing");
    place.assert_sound(1).await;
}

#[tokio::test]
async fn a_dump_that_fails_after_its_last_byte_is_no_backup() {
    let place = Place::small().await;
    let fake = Fake::new(r#""$real" "$@"; echo "pg_dump: error: too late" >&2; exit 1"#).await;
    let run = fake.create(&place).await;
    crate::seeder::assert_failed(&run, 1, "pg_dump: error: too late");
    assert_nothing_was_made(&place).await;
}

#[tokio::test]
async fn a_dump_that_is_killed_is_no_backup() {
    let place = Place::small().await;
    let fake = Fake::new(r#""$real" "$@" | head -c 2000; kill -KILL $$"#).await;
    let run = fake.create(&place).await;
    assert_eq!(run.code, 1, "{run}");
    assert!(run.stderr.contains("signal: 9"), "{run}");
    assert_nothing_was_made(&place).await;
}

#[tokio::test]
async fn garbage_is_no_backup_even_with_exit_code_0() {
    for script in ["echo garbage", "exit 0", "head -c 100000 /dev/zero", "printf PGDM"] {
        let place = Place::small().await;
        let run = Fake::new(script).await.create(&place).await;
        assert_eq!(run.code, 1, "{script}: {run}");
        assert!(run.stderr.contains("is no archive"), "{script}: {run}");
        assert_nothing_was_made(&place).await;
    }
}

#[tokio::test]
async fn much_noise_is_neither_a_hang_nor_a_failure() {
    let place = Place::small().await;
    let noise = "head -c 3000000 /dev/zero | tr '\\0' x >&2; ";
    let fake = Fake::new(&format!(r#"{noise} "$real" "$@""#)).await;
    let run = fake.create(&place).await;
    assert_eq!(run.code, 0, "{}", run.stdout);
    place.assert_sound(1).await;
}

#[tokio::test]
async fn a_dump_that_hangs_can_be_interrupted_and_dies_with_its_children() {
    let place = Place::small().await;
    let fake =
        Fake::new(r#"tail -f /dev/null & echo $! >"$here/child"; echo $$ >"$here/pid"; wait"#)
            .await;
    let (folder, path) = (place.backups().display().to_string(), fake.path());
    let variables =
        [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder), ("PATH", &path)];
    let running = Running::start("backup", &variables, "create").await;
    let pid = |name| fs::read_to_string(fake.file(name)).ok().filter(|text| text.ends_with('\n'));
    until("a hanging dump", async || pid("pid").is_some()).await;
    running.signal(Signal::SIGINT);
    let ended = running.end().await;
    assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
    for name in ["child", "pid"] {
        let process = format!("/proc/{}/stat", pid(name).unwrap().trim());
        // A zombie has ended; that nobody has asked for its exit code yet is not its fault.
        let is_gone = || fs::read_to_string(&process).map_or(true, |stat| stat.contains(") Z "));
        until(&format!("the end of {name}"), async || is_gone()).await;
    }
    assert_nothing_was_made(&place).await;
}

#[tokio::test]
async fn where_no_client_is_new_enough_the_error_says_what_to_install() {
    let place = Place::small().await;
    place.create().await;
    // Debian's folders are looked at whatever `PATH` says, so a manifest asks for the impossible.
    let (backups, _) = place.list().await;
    let id = backups[0]["id"].as_str().unwrap();
    let found = super::tree(&place.backups());
    let manifest = found.iter().find(|path| path.ends_with("manifest.json")).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    json["client"]["pg_dump_version"] = 990_001.into();
    fs::write(manifest, json.to_string()).unwrap();
    for command in ["verify", "restore --to not_made"] {
        let run = place.run(&format!("{command} {id}")).await;
        crate::seeder::assert_failed(&run, 1, "PostgreSQL 99.1 needs `pg_restore` 99 or newer");
        assert!(run.stderr.contains("postgresql-client-99"), "{run}");
    }
}
