//! This project's own history passes what it preaches.

use std::{fs, process::Command};

use migration::project::project;
use migration_engine::{
    Finding, Project,
    lock_file::{self, LockEntry, LockFile},
    static_checks,
};

use crate::engine_shadow::script;

#[track_caller]
fn assert_none(found: &[Finding]) {
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn the_history_is_in_order_and_has_its_ways_down() {
    let project = project();
    assert_eq!(project.all_metadata().len(), project.names().len());
    let ways_down = static_checks::ways_down(&project).await;
    assert_eq!(ways_down.len(), project.names().len());
    assert_none(&static_checks::check(&project, &ways_down));
}

#[tokio::test]
async fn the_committed_lock_file_is_up_to_date() {
    let project = project();
    let entries = lock_file::entries(&project).await;
    assert!(entries.iter().all(|entry| entry.sql_sha256.is_some()), "{entries:?}");
    let locked = LockFile::parse(project.lock_file().unwrap()).unwrap();
    assert_none(&lock_file::compare(&entries, &locked));
}

#[tokio::test]
async fn a_migration_that_is_not_locked_and_one_that_was_edited_are_found() {
    let mut metadata = project().all_metadata()[..1].to_vec();
    let name = metadata[0].name.clone();
    let up = script("m20990101_000000_tomorrow", "SELECT 1", "");
    metadata.push(migration_engine::Metadata {
        name: up.name.to_owned(),
        source_sha256: "0".repeat(64),
        ..migration_engine::Metadata::default()
    });
    let edited = crate::engine_shadow::Script { name: name.leak(), ..script("", "SELECT 2", "") };
    let text = project().lock_file().unwrap();
    let changed = Project::of(vec![Box::new(edited), Box::new(up)]).with_metadata(metadata);
    let locked = LockFile::parse(text).unwrap();
    let first = LockFile::of(vec![locked.entries[0].clone()]);
    let found = lock_file::compare(&lock_file::entries(&changed).await, &first);
    let checks: Vec<_> = found.iter().map(|finding| finding.check).collect();
    assert_eq!(checks, ["lock-file.meaning", "lock-file.missing-entry"]);
}

#[test]
fn git_finds_a_conflict_where_two_branches_add_a_migration() {
    let base = LockFile::parse(project().lock_file().unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |branch: &str, added: Option<&str>| {
        let mut entries = base.entries.clone();
        entries.extend(added.map(|name| LockEntry {
            name: name.to_owned(),
            source_sha256: "a".repeat(64),
            sql_sha256: None,
        }));
        fs::write(folder.path().join(branch), LockFile::of(entries).render()).unwrap();
    };
    write("base", None);
    write("ours", Some("m20990101_000000_ours"));
    write("theirs", Some("m20990102_000000_theirs"));
    let merge = ["merge-file", "-p", "ours", "base", "theirs"];
    let merged = Command::new("git").args(merge).current_dir(folder.path()).output().unwrap();
    assert_eq!(merged.status.code(), Some(2), "the total and the new line");
    let merged = String::from_utf8(merged.stdout).unwrap();
    let error = LockFile::parse(&merged).unwrap_err().to_string();
    assert_eq!(error, "migrations.lock line 3 has a conflict that git could not solve");
}
