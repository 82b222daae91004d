//! What differs between the lock file and the code.

use crate::Finding;

use super::{LockEntry, LockFile, total};

/// What writes the lock file.
pub(crate) const LOCK: &str = "cargo run -p migration -- lock";

/// What differs between `locked` and the project as it is now.
pub fn compare(project: &[LockEntry], locked: &LockFile) -> Vec<Finding> {
    let Some(all) = &locked.all else {
        let message = "there is no lock file, so nobody would notice that a migration was edited";
        return vec![Finding::warning("lock-file.absent", "migrations.lock", message).hint(LOCK)];
    };
    let mut found = Vec::new();
    if *all != total(&locked.entries) {
        let message = "the hash of all entries does not belong to the entries: it was edited or merged by hand";
        found.push(Finding::error("lock-file.total", "migrations.lock", message).hint(LOCK));
    }
    found.extend(project.iter().filter_map(|now| {
        match locked.entry(&now.name) {
            Some(then) => changed(now, then),
            None => Some(
                Finding::error("lock-file.missing-entry", &now.name, "it is not in the lock file")
                    .hint(LOCK),
            ),
        }
    }));
    let is_known = |name: &str| project.iter().any(|entry| entry.name == name);
    found.extend(locked.entries.iter().filter(|entry| !is_known(&entry.name)).map(|entry| {
        Finding::error(
            "lock-file.surplus-entry",
            &entry.name,
            "it is locked, and the code does not have it",
        )
        .hint("put the file back; if nobody ever applied it, remove its line and lock again")
    }));
    found.extend(order(project, locked));
    found
}

fn changed(now: &LockEntry, then: &LockEntry) -> Option<Finding> {
    let same_source = now.source_sha256 == then.source_sha256;
    let sql = match (&now.sql_sha256, &then.sql_sha256) {
        (Some(now), Some(then)) => Some(now == then),
        (None, None) if same_source => Some(true),
        _ => None,
    };
    match (same_source, sql) {
        (true, Some(true)) => None,
        (false, Some(true)) => Some(
            Finding::warning("lock-file.cosmetic", &now.name, "its file was edited, and its SQL is the same")
                .hint(LOCK),
        ),
        (true, Some(false)) => Some(
            Finding::error(
                "lock-file.meaning",
                &now.name,
                "its file is the same, and its SQL is not: a library or something that it calls has changed what it does",
            )
            .hint("write the SQL out in the file as it was, so that it depends on nothing"),
        ),
        (true, None) => Some(
            Finding::warning(
                "lock-file.meaning",
                &now.name,
                "whether its SQL is the same is not known: it is known on one side only",
            )
            .hint(LOCK),
        ),
        (false, _) => Some(
            Finding::error("lock-file.edited", &now.name, "it was edited after it was locked").hint(format!(
                "undo the edit and write a new migration; if nobody has applied it yet: {LOCK} --accept {}",
                now.name
            )),
        ),
    }
}

/// The first migration that stands elsewhere, among those that both have.
fn order(project: &[LockEntry], locked: &LockFile) -> Option<Finding> {
    let in_project = |entry: &&LockEntry| project.iter().any(|other| other.name == entry.name);
    let then = locked.entries.iter().filter(in_project);
    let now = project.iter().filter(|entry| locked.entry(&entry.name).is_some());
    let (moved, _) = now.zip(then).find(|(now, then)| now.name != then.name)?;
    let message = "it stands elsewhere in the list than in the lock file";
    Some(
        Finding::error("lock-file.order", &moved.name, message)
            .hint("list migrations in the order of their names"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock_file::example::entry;

    fn checks(project: &[LockEntry], locked: &LockFile) -> Vec<String> {
        let found = compare(project, locked);
        found.iter().map(|it| format!("{} {} {}", it.severity, it.check, it.subject)).collect()
    }

    fn one(source: char, sql: Option<char>) -> Vec<LockEntry> {
        vec![entry("m1", source, sql)]
    }

    #[test]
    fn what_was_locked_and_is_the_same_is_fine() {
        let locked = LockFile::of(one('a', Some('b')));
        assert_eq!(checks(&one('a', Some('b')), &locked), Vec::<String>::new());
        assert_eq!(checks(&one('a', None), &LockFile::of(one('a', None))), Vec::<String>::new());
    }

    #[test]
    fn source_and_sql_are_told_apart() {
        let locked = LockFile::of(one('a', Some('b')));
        for (source, sql, expected) in [
            ('x', Some('b'), "warning lock-file.cosmetic m1"),
            ('a', Some('x'), "error lock-file.meaning m1"),
            ('x', Some('x'), "error lock-file.edited m1"),
            ('x', None, "error lock-file.edited m1"),
            ('a', None, "warning lock-file.meaning m1"),
        ] {
            assert_eq!(checks(&one(source, sql), &locked), [expected]);
        }
    }

    #[test]
    fn entries_that_only_one_side_has_are_named() {
        let project = [entry("m1", 'a', None), entry("m2", 'a', None)];
        let locked = LockFile::of(vec![entry("m1", 'a', None), entry("m3", 'a', None)]);
        assert_eq!(
            checks(&project, &locked),
            ["error lock-file.missing-entry m2", "error lock-file.surplus-entry m3"]
        );
    }

    #[test]
    fn a_total_that_was_merged_by_hand_is_noticed() {
        let mut locked = LockFile::of(one('a', None));
        locked.entries.push(entry("m2", 'b', None));
        let project = locked.entries.clone();
        assert_eq!(checks(&project, &locked), ["error lock-file.total migrations.lock"]);
    }

    #[test]
    fn a_migration_that_moved_is_named() {
        let project = [entry("m2", 'b', None), entry("m1", 'a', None), entry("m3", 'c', None)];
        let mut sorted = project.to_vec();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(checks(&project, &LockFile::of(sorted)), ["error lock-file.order m2"]);
    }

    #[test]
    fn without_a_lock_file_there_is_one_warning() {
        assert_eq!(
            checks(&one('a', None), &LockFile::default()),
            ["warning lock-file.absent migrations.lock"]
        );
    }
}
