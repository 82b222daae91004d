//! The trail in the folder of backups beside the one in the database: what is in them, and what shows that
//! somebody was at them.

use std::{fs, path::PathBuf};

use integration_tests::{Run, TestDatabase, sql, unique_name};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Place;
use crate::{
    seeder::{assert_failed, document},
    watching::{Held, Running, until_blocked},
};

/// How a superuser gets past the triggers.
const UNGUARDED: &str = "BEGIN; SET LOCAL session_replication_role = replica";

impl Place {
    fn trail(&self) -> PathBuf {
        self.backups().join("audit.jsonl")
    }

    fn lines(&self) -> Vec<String> {
        let trail = fs::read_to_string(self.trail()).unwrap();
        trail.split_inclusive('\n').map(str::to_owned).collect()
    }

    async fn audit(&self, arguments: &str) -> (Run, Value) {
        let run = self.run(&format!("audit {arguments} --format json")).await;
        let document = document(&run);
        assert_eq!(document["ok"], run.code == 0, "{run}");
        (run, document["data"].clone())
    }

    /// The heads of the trails in the database and in the folder, which must be whole.
    async fn heads(&self) -> [String; 2] {
        let (run, found) = self.audit("verify").await;
        assert_eq!(run.code, 0, "{run}");
        [0, 1].map(|trail| {
            found["trails"][trail]["chain"]["head"]["hash"].as_str().unwrap().to_owned()
        })
    }

    /// What is found first in one of the trails.
    async fn fracture(&self, trail: usize) -> Value {
        let (run, found) = self.audit("verify").await;
        assert_eq!(run.code, 3, "{run}");
        found["trails"][trail]["chain"]["fracture"].clone()
    }
}

#[tokio::test]
async fn an_intent_comes_before_and_a_result_after_whatever_changes_something() {
    let place = Place::small().await;
    let created = document(&place.run("create --format json").await)["data"].clone();
    let id = created["id"].as_str().unwrap();
    assert_eq!(place.run("verify").await.code, 0);
    let new = unique_name();
    assert_eq!(place.run(&format!("restore {id} --to {new}")).await.code, 0);
    let again = place.run(&format!("restore {id} --to {new}")).await;
    assert_failed(&again, 1, "exists");

    let (_, tail) = place.audit("tail").await;
    let bytes = &created["stored_bytes"];
    let known = json!({ "backup": id, "bytes": bytes });
    let verified = json!({ "backup": id, "bytes": bytes, "findings": 0 });
    let failed = json!({ "backup": id, "bytes": bytes, "class": "backup.exists", "exit": 1 });
    let restore = format!("restore {id} --to {new}");
    let expected = [
        ("create", "intent", json!({})),
        ("create", "done", known.clone()),
        (&format!("verify {id}"), "intent", known.clone()),
        (&format!("verify {id}"), "done", verified),
        (&restore, "intent", known.clone()),
        (&restore, "done", known.clone()),
        (&restore, "intent", known.clone()),
        (&restore, "failed", failed),
    ]
    .map(|(command, outcome, detail)| json!([command, outcome, detail]));
    let of = |trail: &str| {
        let events = tail["events"].as_array().unwrap().iter();
        let events = events.filter(|event| event["trail"] == trail);
        let told = |e: &Value| json!([e["command"], e["outcome"], e["detail"]]);
        events.map(told).collect::<Vec<_>>()
    };
    assert_eq!(of("folder"), expected);
    // A verification has nothing to do with the database.
    let mut of_database = expected.to_vec();
    of_database.retain(|event| !event[0].as_str().unwrap().starts_with("verify"));
    assert_eq!(of("database"), of_database);
    let (_, last) = place.audit("tail -n 1").await;
    assert_eq!(last["events"].as_array().unwrap().len(), 1);
    place.heads().await;
}

type Tampering = fn(&mut Vec<String>);

#[tokio::test]
async fn a_record_of_the_folder_that_was_touched_is_named() {
    let place = Place::small().await;
    place.create().await;
    place.create().await;
    let whole = place.lines();
    assert_eq!(whole.len(), 4);
    let tamperings: [(Tampering, Value); 6] = [
        (|l| l[1] = l[1].replace("\"done\"", "\"failed\""), json!(["changed", 2])),
        (|l| l[3] = l[3].trim_end().to_owned(), json!(["changed", 4])),
        (|l| l[3].truncate(40), json!(["changed", 4])),
        (|l| drop(l.remove(0)), json!(["removed", 1])),
        (|l| drop(l.remove(2)), json!(["removed", 3])),
        (|l| l.swap(1, 2), json!(["reordered", 2])),
    ];
    for (tamper, expected) in tamperings {
        let mut lines = whole.clone();
        tamper(&mut lines);
        fs::write(place.trail(), lines.concat()).unwrap();
        let found = place.fracture(1).await;
        assert_eq!(json!([found["fracture"], found["position"]]), expected);
    }
    fs::write(place.trail(), whole.concat()).unwrap();
    place.heads().await;
}

#[tokio::test]
async fn an_event_of_the_database_that_was_touched_is_named() {
    let place = Place::small().await;
    place.create().await;
    let change = "UPDATE seaworthy.audit_events SET actor = 'nobody' WHERE position = 1";
    sql::run(place.test.db(), &format!("{UNGUARDED}; {change}; COMMIT")).await;
    let found = place.fracture(0).await;
    assert_eq!(found, json!({ "fracture": "changed", "position": 1 }));
    let shown = place.run("audit verify").await;
    assert_eq!(shown.code, 3, "{shown}");
    assert!(shown.stdout.contains(": 2 events, event 1 was changed\n"), "{shown}");
    let only = place.run("audit verify --only folder").await;
    assert_eq!(only.code, 0, "{only}");
}

#[tokio::test]
async fn a_tail_that_was_cut_off_shows_by_a_head_that_was_kept() {
    let place = Place::small().await;
    place.create().await;
    let early = place.heads().await;
    place.create().await;
    let late = place.heads().await;
    let verify = async |heads: [&str; 2]| {
        let heads = heads.map(|head| format!("--head {head}")).join(" ");
        let (run, found) = place.audit(&format!("verify {heads}")).await;
        let places = found["heads"].as_array().unwrap().iter();
        let places: Vec<_> = places.map(|head| json!([head["trail"], head["position"]])).collect();
        (run.code, places)
    };
    let found = verify([&early[0], &early[1]]).await;
    assert_eq!(found, (0, vec![json!(["database", 2]), json!(["folder", 2])]));
    let found = verify([&late[0], &late[1].to_uppercase()]).await;
    assert_eq!(found, (0, vec![json!(["database", 4]), json!(["folder", 4])]));

    let cut = "DELETE FROM seaworthy.audit_events WHERE position > 3";
    sql::run(place.test.db(), &format!("{UNGUARDED}; {cut}; COMMIT")).await;
    fs::write(place.trail(), place.lines()[..3].concat()).unwrap();
    assert_eq!(place.run("audit verify").await.code, 0, "by itself it is whole");
    assert_eq!(verify([&early[0], &early[1]]).await.0, 0);
    assert_eq!(verify([&late[0], &late[1]]).await, (3, vec![json!([null, null]); 2]));
    fs::remove_file(place.trail()).unwrap();
    assert_eq!(verify([&early[0], &early[1]]).await.0, 3);
    let usage = place.run("audit verify --head abc").await;
    assert_eq!(usage.code, 2, "{usage}");
}

#[tokio::test]
async fn an_operation_that_was_cut_off_has_an_intent_and_no_result() {
    let place = Place::small().await;
    let held = Held::take(place.test.url(), "LOCK TABLE people IN ACCESS EXCLUSIVE MODE").await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let running = Running::start("backup", &variables, "create").await;
    until_blocked(&place.test, "people").await;
    running.kill().await;
    held.release().await;
    place.create().await;
    let (run, found) = place.audit("verify").await;
    assert_eq!(run.code, 0, "{run}");
    for trail in [0, 1] {
        let unfinished = found["trails"][trail]["unfinished"].as_array().unwrap();
        assert_eq!(unfinished.len(), 1, "{run}");
        assert_eq!(
            (&unfinished[0]["position"], &unfinished[0]["command"]),
            (&1.into(), &"create".into())
        );
    }
    for command in ["audit verify", "audit tail"] {
        let shown = place.run(command).await;
        assert_eq!(shown.stdout.matches("no result").count(), 2, "{shown}");
    }
}

#[tokio::test]
async fn an_operation_that_was_interrupted_has_a_result() {
    let place = Place::small().await;
    let held = Held::take(place.test.url(), "LOCK TABLE people IN ACCESS EXCLUSIVE MODE").await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let running = Running::start("backup", &variables, "create").await;
    until_blocked(&place.test, "people").await;
    running.signal(Signal::SIGINT);
    assert_eq!(running.end().await.code, Some(130));
    held.release().await;
    let (_, tail) = place.audit("tail").await;
    let events = tail["events"].as_array().unwrap();
    let results = events.iter().filter(|event| event["outcome"] == "failed");
    let details: Vec<_> = results.map(|event| event["detail"].clone()).collect();
    assert_eq!(details, vec![json!({ "class": "interrupted", "exit": 130 }); 2]);
    assert_eq!(tail["unfinished"], json!([]));
}

#[tokio::test]
async fn processes_that_write_at_once_keep_one_chain() {
    let place = Place::small().await;
    place.create().await;
    let mut running = JoinSet::new();
    for _ in 0..8 {
        running.spawn(place.program("verify --level hash").await.run());
    }
    for run in running.join_all().await {
        assert_eq!((run.code, run.stderr.contains("warning")), (0, false), "{run}");
    }
    let (run, found) = place.audit("verify").await;
    assert_eq!((run.code, &found["trails"][1]["chain"]["events"]), (0, &18.into()), "{run}");
    assert_eq!(found["trails"][1]["unfinished"], json!([]), "{run}");
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done_where_it_could_destroy_something() {
    let place = Place::small().await;
    place.create().await;
    let whole = place.lines().concat();
    let restore = format!("restore --to {}", unique_name());
    let elsewhere = place.folder.path().join("elsewhere");
    fs::write(&elsewhere, "").unwrap();
    for (said, class) in [
        ("cannot use the trail ", "backup.trail"),
        ("cannot use the trail ", "backup.trail"),
        ("the last record of the trail ", "backup.trail_not_whole"),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, expected)| {
        fs::remove_file(place.trail()).or_else(|_| fs::remove_dir(place.trail())).unwrap();
        match number {
            0 => fs::create_dir(place.trail()).unwrap(),
            1 => std::os::unix::fs::symlink(&elsewhere, place.trail()).unwrap(),
            _ => fs::write(place.trail(), &whole[..whole.len() - 10]).unwrap(),
        }
        expected
    }) {
        let refused = place.run(&restore).await;
        assert_failed(&refused, 4, said);
        let refused = document(&place.run(&format!("{restore} --format json")).await);
        assert_eq!(refused["class"], class);
        for command in ["create", "verify"] {
            let run = place.run(command).await;
            assert_eq!(run.code, 0, "{run}");
            let warning = "warning: this is not in the trail of the backups: ";
            assert!(run.stderr.contains(warning) && run.stderr.contains(said), "{run}");
        }
    }
    assert_eq!(fs::read(&elsewhere).unwrap(), b"", "a link is not followed");
    // As the hint says.
    fs::rename(place.trail(), place.backups().join("audit.jsonl.broken")).unwrap();
    assert_eq!(place.run(&restore).await.code, 0);
    place.heads().await;
}

#[tokio::test]
async fn where_there_is_no_database_the_folder_remembers() {
    let place = Place::small().await;
    place.create().await;
    let lost = place.test.url().with_database(&unique_name());
    let id = document(&place.run("list --format json").await)["data"]["backups"][0]["id"].clone();
    let restore = format!("restore {} --to {}", id.as_str().unwrap(), unique_name());
    let restored = place.program(&restore).await.on(&lost).run().await;
    assert_eq!(restored.code, 0, "{restored}");
    assert!(!restored.stderr.contains("warning"), "{restored}");
    let verified = place.program("audit verify").await.on(&lost).run().await;
    assert_eq!(verified.code, 0, "{verified}");
    assert!(verified.stdout.contains(": no trail yet\n"), "{verified}");
    assert!(verified.stdout.contains(": 4 events, whole\n"), "{verified}");
    let tail = place.program("audit tail").await.on(&lost).run().await;
    assert!(tail.stdout.contains("restore"), "{tail}");
}

#[tokio::test]
async fn a_database_that_is_read_only_is_backed_up_and_the_folder_remembers() {
    let place = Place::of(TestDatabase::empty().await);
    sql::run(place.test.db(), super::SMALL).await;
    let read_only = dbkit::Identifier(&place.test.name()).to_string();
    let read_only = format!("ALTER DATABASE {read_only} SET default_transaction_read_only = on");
    sql::run(place.test.db(), &read_only).await;
    let run = place.run("create").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("warning: this is not in the audit trail: "), "{run}");
    let verified = place.run("audit verify").await;
    assert!(verified.stdout.contains(": 2 events, whole\n"), "{verified}");
}

#[tokio::test]
async fn an_undo_and_its_end_are_told_in_the_folder_as_well() {
    let place = Place::small().await;
    place.create().await;
    place.answer("restore --yes --no-safety-backup").await;
    place.answer("undo --yes").await;
    place.answer("finish --yes").await;
    let (_, tail) = place.audit("tail").await;
    let events = tail["events"].as_array().unwrap().iter();
    let told: Vec<_> = events
        .filter(|event| event["trail"] == "folder" && event["outcome"] == "done")
        .map(|event| event["command"].as_str().unwrap())
        .collect();
    assert_eq!(told[told.len() - 2..], ["undo", "finish"], "{told:?}");
}
