//! Which backups there are, which may go, and whether they are new enough.

use std::fs;

use integration_tests::sql;
use serde_json::Value;

use super::{Place, tree};
use crate::{
    seeder::{assert_failed, document},
    watching::Held,
};

impl Place {
    /// Makes a backup as if it were another moment, in seconds since 1970; its name.
    async fn create_at(&self, seconds: u64, arguments: &str) -> String {
        let program = self.program(&format!("create --format json {arguments}")).await;
        let run = program.env("SOURCE_DATE_EPOCH", seconds.to_string()).run().await;
        assert_eq!(run.code, 0, "{run}");
        document(&run)["data"]["id"].as_str().unwrap().to_owned()
    }

    /// What `arguments` answers at a moment, and its exit code.
    async fn answer_at(&self, seconds: u64, arguments: &str) -> (Value, i32) {
        let program = self.program(&format!("{arguments} --format json")).await;
        let run = program.env("SOURCE_DATE_EPOCH", seconds.to_string()).run().await;
        (document(&run)["data"].clone(), run.code)
    }

    async fn names(&self) -> Vec<String> {
        let (backups, _) = self.list().await;
        backups.iter().map(|backup| backup["id"].as_str().unwrap().to_owned()).collect()
    }
}

const DAY: u64 = 86_400;

/// A Monday at noon.
const NOON: u64 = 1_795_435_200;

#[tokio::test]
async fn prune_shows_what_goes_and_removes_it_only_when_it_is_told() {
    let place = Place::small().await;
    let mut made = Vec::new();
    for day in 0..4 {
        made.push(place.create_at(NOON + day * DAY, "").await);
    }
    let before_migration = place.create_at(NOON, "--kind before-migration").await;
    assert_failed(&place.run("prune").await, 2, "nothing says what to keep");

    let (shown, code) = place.answer_at(NOON + 4 * DAY, "prune --keep 2").await;
    assert_eq!((code, &shown["removed"]), (0, &Value::Bool(false)));
    let goes = |shown: &Value| -> Vec<String> {
        let lines = shown["backups"].as_array().unwrap().iter();
        lines.filter(|l| l["verdict"] == "goes").map(|l| l["id"].as_str().unwrap().into()).collect()
    };
    assert_eq!(goes(&shown), [made[1].clone(), made[0].clone()]);
    assert_eq!(place.names().await.len(), 5, "a look removes nothing");

    let (removed, code) = place.answer_at(NOON + 4 * DAY, "prune --keep 2 --yes").await;
    assert_eq!(code, 0);
    assert_eq!(goes(&removed), goes(&shown), "what was shown is what went");
    assert_eq!(place.names().await, [made[3].clone(), made[2].clone(), before_migration]);
    place.assert_sound(3).await;
    let left = tree(&place.backups());
    assert!(!left.iter().any(|path| path.to_string_lossy().contains(".deleting")), "{left:?}");
}

#[tokio::test]
async fn the_last_good_the_newest_verified_and_a_pinned_one_never_go() {
    let place = Place::small().await;
    let pinned = place.create_at(NOON, "").await;
    let verified = place.create_at(NOON + DAY, "").await;
    let plain = place.create_at(NOON + 2 * DAY, "").await;
    let good = place.create_at(NOON + 3 * DAY, "").await;
    let damaged = place.create_at(NOON + 4 * DAY, "").await;
    assert_eq!(place.run(&format!("verify {verified}")).await.code, 0);
    assert_eq!(place.run(&format!("pin {pinned} --reason audit")).await.code, 0);
    let stored = tree(&place.backups());
    let is_of = |path: &&std::path::PathBuf| {
        path.to_string_lossy().contains(&damaged) && path.ends_with("dump.pgc.zst.age")
    };
    let stored = stored.iter().find(is_of).unwrap();
    let length = stored.metadata().unwrap().len();
    fs::OpenOptions::new().write(true).open(stored).unwrap().set_len(length - 1).unwrap();

    let (answer, code) = place.answer_at(NOON + 400 * DAY, "prune --keep-within 1d --yes").await;
    assert_eq!(code, 0);
    let verdict = |id: &str| {
        let mut lines = answer["backups"].as_array().unwrap().iter();
        lines.find(|line| line["id"] == id).unwrap()["verdict"].clone()
    };
    for (id, expected) in [
        (&pinned, "pinned"),
        (&verified, "newest-verified"),
        (&plain, "goes"),
        (&good, "last-good"),
        (&damaged, "damaged"),
    ] {
        assert_eq!(verdict(id), expected, "{answer}");
    }
    assert_eq!(place.names().await, [damaged, good, verified, pinned.clone()]);

    assert_eq!(place.run(&format!("unpin {pinned}")).await.code, 0);
    place.answer_at(NOON + 400 * DAY, "prune --keep-within 1d --yes").await;
    assert!(!place.names().await.contains(&pinned));
}

#[tokio::test]
async fn what_somebody_reads_is_not_removed_and_a_backup_under_way_is_waited_for() {
    let place = Place::small().await;
    let old = place.create_at(NOON, "").await;
    place.create_at(NOON + DAY, "").await;
    let folder = tree(&place.backups()).into_iter().find(|path| path.ends_with(&old)).unwrap();
    let reader = fs::File::open(folder).unwrap();
    reader.lock_shared().unwrap();
    let (answer, code) = place.answer_at(NOON + DAY, "prune --keep 1 --yes").await;
    assert_eq!((code, &answer["backups"][1]["verdict"]), (0, &Value::from("in-use")));
    assert_eq!(place.names().await.len(), 2);
    drop(reader);

    let held = Held::take(place.test.url(), "LOCK TABLE people IN ACCESS EXCLUSIVE MODE").await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let creating = crate::watching::Running::start("backup", &variables, "create").await;
    crate::watching::until_blocked(&place.test, "people").await;
    let busy = place.run("prune --keep 1 --yes --lock-wait 0").await;
    assert_failed(&busy, 5, "another backup is being made");
    held.release().await;
    assert_eq!(creating.end().await.code, Some(0));
    assert_eq!(place.run("prune --keep 1 --yes").await.code, 0);
    assert_eq!(place.names().await.len(), 1);
}

#[tokio::test]
async fn a_prune_that_was_killed_leaves_whole_backups_and_the_next_run_sweeps() {
    let place = Place::small().await;
    let old = place.create_at(NOON, "").await;
    place.create_at(NOON + DAY, "").await;
    // What a kill between the two steps of a removal leaves.
    let folder = tree(&place.backups()).into_iter().find(|path| path.ends_with(&old)).unwrap();
    fs::rename(&folder, folder.with_file_name(format!("{old}.deleting"))).unwrap();
    place.assert_sound(1).await;
    let run = place.run("create").await;
    assert!(run.stderr.contains(&format!("removed {old}, which a dead run had left")), "{run}");
    place.assert_sound(2).await;
}

#[tokio::test]
async fn status_says_when_backups_or_their_proof_are_too_old() {
    let place = Place::small().await;
    let (_, code) = place.answer_at(NOON, "status").await;
    assert_eq!(code, 0, "nothing is asked of no backups");
    let (none, code) = place.answer_at(NOON, "status --max-age 26h").await;
    assert_eq!((code, &none["databases"][0]["stale"][0]), (3, &Value::from("backup")));

    let id = place.create_at(NOON, "").await;
    let hours = |hours: u64| NOON + hours * 3_600;
    let (fresh, code) = place.answer_at(hours(26), "status --max-age 26h").await;
    assert_eq!((code, &fresh["databases"][0]["newest"]), (0, &Value::from(id.clone())));
    assert_eq!(place.answer_at(hours(27), "status --max-age 26h").await.1, 3);

    let proof = "status --max-unverified 8d";
    assert_eq!(place.answer_at(hours(1), proof).await.1, 3, "never proven");
    assert_eq!(place.run(&format!("verify {id} --level hash")).await.code, 0);
    assert_eq!(place.answer_at(hours(1), proof).await.1, 3, "digests prove no restore");
    assert_eq!(place.run(&format!("verify {id}")).await.code, 0);
    let (proven, code) = place.answer_at(hours(1), proof).await;
    assert_eq!((code, &proven["databases"][0]["verified"]), (0, &Value::from(id)));
    assert_eq!(place.answer_at(NOON + 9 * DAY, proof).await.1, 3);
}

#[tokio::test]
async fn show_tells_what_is_in_a_backup_and_what_became_of_it() {
    let place = Place::small().await;
    let id = place.create_at(NOON, "--name fair --tables people").await;
    assert_eq!(place.run(&format!("pin {id} --reason audit")).await.code, 0);
    assert_eq!(place.run(&format!("verify {id}")).await.code, 0);
    let (shown, code) = place.answer_at(NOON, &format!("show {id}")).await;
    assert_eq!(code, 0);
    assert_eq!(shown["manifest"]["selection"], serde_json::json!(["people"]));
    assert_eq!(shown["manifest"]["tables"].as_array().unwrap().len(), 1);
    assert_eq!(shown["dossier"]["pin"]["reason"], "audit");
    assert_eq!(shown["dossier"]["verifications"][0]["level"], "structure");
    let text = place.run(&format!("show {id}")).await;
    for expected in ["public.people", "200", "fair", "audit", "for "] {
        assert!(text.stdout.contains(expected), "{text}");
    }
    let mut rows: Vec<String> = Vec::new();
    for entry in shown["manifest"]["toc"].as_array().unwrap() {
        rows.push(format!(
            "{} {}",
            entry["kind"].as_str().unwrap(),
            entry["name"].as_str().unwrap()
        ));
    }
    assert!(rows.contains(&"TABLE DATA people".to_owned()), "{rows:?}");
    assert!(!rows.iter().any(|row| row.contains("notes")), "{rows:?}");
}

#[tokio::test]
async fn a_table_that_is_not_there_cannot_be_backed_up_alone() {
    let place = Place::small().await;
    let run = place.run("create --tables people,nothing.here").await;
    assert_failed(&run, 2, "there is no table `nothing.here`");
    assert!(place.partials().is_empty());
    sql::run(place.test.db(), "CREATE TABLE \"a.b\" (id int)").await;
    let run = place.run("create --tables public.a.b").await;
    assert_eq!(run.code, 0, "{run}");
}
