//! What speaks against applying what is pending, before anything is applied. Pure.
//!
//! | check | finds |
//! |---|---|
//! | `preflight.unlocked` | a pending migration that is not in `migrations.lock` as it is now, or a lock file that is missing, unreadable or edited by hand |
//! | `preflight.late` | a pending migration that is listed before one that is applied |
//!
//! On staging and in production these are errors; elsewhere, where migrations are being written, warnings.

use dbkit::Environment;

use crate::{
    Finding, Project, Severity,
    ledger::Ledger,
    lock_file::{self, LockEntry, LockFile},
    plan::{self, State},
};

/// A pending migration that nobody has locked as it is now.
pub const UNLOCKED: &str = "preflight.unlocked";
/// A pending migration that is listed before one that is applied.
pub const LATE: &str = "preflight.late";

/// Judges what is pending. `now` says what every migration is now, see [`lock_file::entries`].
///
/// With nothing pending, nothing is found. A caller that was told to apply out of order leaves out
/// what [`LATE`] finds.
pub fn preflight(
    project: &Project,
    now: &[LockEntry],
    ledger: &Ledger,
    environment: Environment,
) -> Vec<Finding> {
    let entries = plan::entries(project, ledger);
    let pending = entries.iter().filter(|entry| entry.state == State::Pending);
    let pending: Vec<_> = pending.map(|entry| entry.name.as_str()).collect();
    if pending.is_empty() {
        return Vec::new();
    }
    let mut found = unlocked(project, now, &pending);
    found.extend(plan::late(&entries).into_iter().map(late));
    if !is_careful(environment) {
        for finding in &mut found {
            finding.severity = finding.severity.min(Severity::Warning);
        }
    }
    found
}

/// Whether what was not reviewed must not run.
const fn is_careful(environment: Environment) -> bool {
    matches!(environment, Environment::Staging | Environment::Production)
}

/// What the lock file says of the pending migrations, and what is wrong with all of it.
fn unlocked(project: &Project, now: &[LockEntry], pending: &[&str]) -> Vec<Finding> {
    let Some(text) = project.lock_file() else { return Vec::new() };
    let locked = match LockFile::parse(text) {
        Ok(locked) => locked,
        Err(error) => {
            return vec![Finding::error(UNLOCKED, FILE, error.to_string()).hint(lock_file::LOCK)];
        }
    };
    let is_absent = locked.all.is_none();
    let found = lock_file::compare(now, &locked).into_iter().filter(|finding| {
        let subject = finding.subject.as_str();
        subject == FILE || pending.contains(&subject)
    });
    let renamed = found.map(|finding| Finding {
        check: UNLOCKED,
        severity: if is_absent { Severity::Error } else { finding.severity },
        ..finding
    });
    renamed.collect()
}

/// What the lock file is called in findings.
const FILE: &str = "migrations.lock";

fn late(name: String) -> Finding {
    let message = "it is listed before one that is applied, so nobody has tested it in this order";
    Finding::error(LATE, name, message)
        .hint("give it the time of today in its name; if the order does not matter: migration up --out-of-order")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger_checks::tests::{applied, entry, project};

    fn hashed(name: &str, letter: &str) -> LockEntry {
        entry(name, &letter.repeat(64), Some(&letter.repeat(64)))
    }

    /// Two migrations of which the second is locked as another than it is now.
    fn told(lock: Option<&str>, there: &[&str], environment: Environment) -> Vec<String> {
        let now = [hashed("m1", "a"), hashed("m2", "b")];
        let mut project = project(&["m1", "m2"]);
        if let Some(text) = lock {
            project = project.with_lock_file(text.to_owned().leak());
        }
        let found = preflight(&project, &now, &applied(there), environment);
        found.iter().map(|it| format!("{} {} {}", it.severity, it.check, it.subject)).collect()
    }

    fn lock(second: &str) -> String {
        LockFile::of(vec![hashed("m1", "a"), hashed("m2", second)]).render()
    }

    #[test]
    fn what_is_locked_as_it_is_and_in_order_may_run_everywhere() {
        for environment in Environment::ALL {
            assert_eq!(told(Some(&lock("b")), &["m1"], environment), [""; 0]);
            assert_eq!(told(None, &["m1"], environment), [""; 0]);
        }
    }

    #[test]
    fn where_nothing_is_pending_there_is_nothing_to_say() {
        assert_eq!(told(Some("?"), &["m1", "m2"], Environment::Production), [""; 0]);
    }

    #[test]
    fn an_edited_pending_migration_is_refused_where_others_depend_on_it() {
        let told = |environment| told(Some(&lock("c")), &["m1"], environment);
        assert_eq!(told(Environment::Production), ["error preflight.unlocked m2"]);
        assert_eq!(told(Environment::Staging), ["error preflight.unlocked m2"]);
        assert_eq!(told(Environment::Development), ["warning preflight.unlocked m2"]);
        assert_eq!(told(Environment::Testing), ["warning preflight.unlocked m2"]);
    }

    #[test]
    fn a_lock_file_that_is_not_there_or_cannot_be_read_locks_nothing() {
        for text in ["", "?", "<<<<<<< HEAD\n"] {
            let found = told(Some(text), &["m1"], Environment::Production);
            assert_eq!(found, ["error preflight.unlocked migrations.lock"], "{text}");
        }
    }

    #[test]
    fn an_edit_of_one_that_is_applied_is_no_reason_against_another() {
        let text = LockFile::of(vec![hashed("m1", "c"), hashed("m2", "b")]).render();
        assert_eq!(told(Some(&text), &["m1"], Environment::Production), [""; 0]);
    }

    #[test]
    fn a_late_migration_is_refused_where_others_depend_on_it() {
        let told = |environment| told(Some(&lock("b")), &["m2"], environment);
        assert_eq!(told(Environment::Production), ["error preflight.late m1"]);
        assert_eq!(told(Environment::Development), ["warning preflight.late m1"]);
    }
}
