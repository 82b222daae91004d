//! The folder of backups: trusted, shared by one run at a time, and never followed elsewhere.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
};

use super::Place;
use crate::{
    seeder::assert_failed,
    watching::{Held, Running, until_blocked},
};

#[tokio::test]
async fn a_folder_that_others_can_write_to_is_refused() {
    let place = Place::small().await;
    fs::create_dir(place.backups()).unwrap();
    for mode in [0o777, 0o770, 0o702] {
        fs::set_permissions(place.backups(), Permissions::from_mode(mode)).unwrap();
        for command in ["create", "list", "verify", "restore --to not_made"] {
            let run = place.run(command).await;
            assert_failed(&run, 4, "can be written by others");
            assert!(run.stderr.contains("chmod 700 "), "{run}");
        }
    }
    assert_eq!(fs::read_dir(place.backups()).unwrap().count(), 0);
    fs::set_permissions(place.backups(), Permissions::from_mode(0o755)).unwrap();
    place.create().await;
}

#[tokio::test]
async fn a_symbolic_link_or_a_file_is_no_folder() {
    let place = Place::small().await;
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(elsewhere.path(), place.backups()).unwrap();
    assert_failed(&place.run("create").await, 1, "is not a folder");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    fs::remove_file(place.backups()).unwrap();
    fs::write(place.backups(), "a file").unwrap();
    assert_failed(&place.run("create").await, 1, "is not a folder");
}

#[tokio::test]
async fn where_nothing_was_backed_up_nothing_is_listed_and_nothing_can_be_restored() {
    let place = Place::small().await;
    let (backups, code) = place.list().await;
    assert_eq!((backups.len(), code), (0, 0));
    for command in ["verify", "restore --to not_made"] {
        assert_failed(&place.run(command).await, 1, "there is no folder");
    }
    place.create().await;
    for selector in ["20990101", "latestt", "../etc"] {
        let run = place.run(&format!("verify {selector}")).await;
        assert_eq!(run.code, 1, "{run}");
        assert!(run.stderr.contains("`backup list` shows the names"), "{run}");
    }
}

#[tokio::test]
async fn a_second_backup_waits_or_says_that_another_is_being_made() {
    let place = Place::small().await;
    let held = Held::take(place.test.url(), "LOCK TABLE people IN ACCESS EXCLUSIVE MODE").await;
    let folder = place.backups().display().to_string();
    let variables = [("DATABASE_URL", place.test.url().expose()), ("BACKUP_DIR", &folder)];
    let first = Running::start("backup", &variables, "create").await;
    until_blocked(&place.test, "people").await;
    let impatient = place.run("create --lock-wait 0").await;
    assert_failed(&impatient, 5, "another backup is being made in ");
    assert!(impatient.stderr.contains(&format!("pid {}", first.pid())), "{impatient}");
    assert_eq!(place.list().await.0.len(), 0, "what is under way is not listed");
    let patient = Running::start("backup", &variables, "create").await;
    held.release().await;
    for run in [first, patient] {
        let ended = run.end().await;
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    }
    place.assert_sound(2).await;
}

#[tokio::test]
async fn two_backups_at_once_do_not_disturb_each_other() {
    let place = Place::small().await;
    let (one, other) =
        tokio::join!(place.run("create --lock-wait 0"), place.run("create --lock-wait 0"));
    let mut codes = [one.code, other.code];
    codes.sort_unstable();
    assert!(codes == [0, 0] || codes == [0, 5], "{one}\n\n{other}");
    place.assert_sound(codes.iter().filter(|code| **code == 0).count()).await;
}
