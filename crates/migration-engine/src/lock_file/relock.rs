//! Locking again: new migrations come in, and what released ones mean stays.

use thiserror::Error;

use super::{LockEntry, LockFile};

/// Why a project is not locked.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum RelockError {
    /// A migration that was locked sends other SQL now.
    #[error("{} would be locked with other SQL than before", .0.join(", "))]
    Changed(Vec<String>),
    /// A name was accepted that no migration has.
    #[error("there is no migration `{0}` to accept")]
    Unknown(String),
}

/// The lock file for the project as it is now.
///
/// A migration whose SQL is not what `locked` says is refused unless `accepted` names it; one that
/// is not in the project any more loses its entry.
pub fn relock(
    project: Vec<LockEntry>,
    locked: &LockFile,
    accepted: &[String],
) -> Result<LockFile, RelockError> {
    let is_known = |name: &&String| project.iter().any(|entry| entry.name == **name);
    if let Some(unknown) = accepted.iter().find(|name| !is_known(name)) {
        return Err(RelockError::Unknown(unknown.clone()));
    }
    let changed: Vec<_> = project
        .iter()
        .filter(|now| locked.entry(&now.name).is_some_and(|then| is_other(now, then)))
        .map(|now| now.name.clone())
        .filter(|name| !accepted.contains(name))
        .collect();
    if changed.is_empty() { Ok(LockFile::of(project)) } else { Err(RelockError::Changed(changed)) }
}

/// Where the SQL is not known, the source stands for it; what becomes known is no change.
fn is_other(now: &LockEntry, then: &LockEntry) -> bool {
    match (&now.sql_sha256, &then.sql_sha256) {
        (Some(now), Some(then)) => now != then,
        _ => now.source_sha256 != then.source_sha256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock_file::example::entry;

    #[test]
    fn what_is_new_or_was_only_reworded_is_locked() {
        let locked = LockFile::of(vec![entry("m1", 'a', Some('b'))]);
        let now = vec![entry("m1", 'x', Some('b')), entry("m2", 'c', None)];
        assert_eq!(relock(now.clone(), &locked, &[]), Ok(LockFile::of(now)));
    }

    #[test]
    fn what_means_something_else_is_locked_only_by_name() {
        let locked = LockFile::of(vec![entry("m1", 'a', Some('b')), entry("m2", 'a', None)]);
        let now = vec![entry("m1", 'a', Some('x')), entry("m2", 'x', None)];
        let refused = relock(now.clone(), &locked, &["m1".to_owned()]);
        assert_eq!(refused, Err(RelockError::Changed(vec!["m2".to_owned()])));
        let accepted = ["m1".to_owned(), "m2".to_owned()];
        assert_eq!(relock(now.clone(), &locked, &accepted), Ok(LockFile::of(now)));
    }

    #[test]
    fn an_unknown_name_is_not_accepted() {
        let refused = relock(Vec::new(), &LockFile::default(), &["m9".to_owned()]);
        assert_eq!(refused, Err(RelockError::Unknown("m9".to_owned())));
    }
}
