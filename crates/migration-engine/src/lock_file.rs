//! `migrations.lock`: what every migration was when it was released, in a file that is committed.
//!
//! ```text
//! # Written by `migration lock`. …
//! all 5a1c…
//! m20260112_090000_access 0f3e… 77ab…
//! ```
//!
//! Each line has a migration's name, the hash of its source and the hash of the SQL that it sends on its
//! way up; `-` where that cannot be known. The hash of all lines stands first, so that two
//! branches that each add a migration change the same line, and git asks.
//!
//! This reads and writes no file: that is for the command line.

mod compare;
mod entries;
mod relock;

use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub(crate) use compare::LOCK;
pub use compare::compare;
pub use entries::entries;
pub use relock::{RelockError, relock};

const HEADER: &str = "\
# Written by `migration lock`; it says what every migration was when it was released. Where git finds a
# conflict, keep the lines of both branches and run `migration lock` again.
";

/// What the lock file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockFile {
    /// The hash of all entries, as the file has it; none where there is no file yet.
    pub all: Option<String>,
    /// The migrations, in the order of the list.
    pub entries: Vec<LockEntry>,
}

/// What one migration was when it was locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockEntry {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file, in hexadecimal digits.
    pub source_sha256: String,
    /// SHA-256 of the SQL that it sends on its way up; none where that cannot be known.
    pub sql_sha256: Option<String>,
}

/// Why a lock file cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LockFileError {
    /// Two branches added migrations, and nobody has joined their lists yet.
    #[error("migrations.lock line {0} has a conflict that git could not solve")]
    Conflict(usize),
    /// It is no line of a lock file.
    #[error("migrations.lock line {line} is no entry: `{text}`")]
    Line {
        /// The line, counted from one.
        line: usize,
        /// What it says.
        text: String,
    },
    /// The hash of all lines is missing or comes late.
    #[error("migrations.lock line {0} should be the hash of all entries, `all …`")]
    NoTotal(usize),
}

impl LockFile {
    /// A lock file with these entries, and the hash that belongs to them.
    pub fn of(entries: Vec<LockEntry>) -> Self {
        Self { all: Some(total(&entries)), entries }
    }

    /// Reads a lock file; an empty text is a project that was never locked.
    pub fn parse(text: &str) -> Result<Self, LockFileError> {
        let mut file = Self::default();
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
                .iter()
                .any(|mark| text.starts_with(mark))
            {
                return Err(LockFileError::Conflict(line));
            }
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            match text.split_whitespace().collect::<Vec<_>>()[..] {
                ["all", hash] if file.all.is_none() && is_hash(hash) => {
                    file.all = Some(hash.to_owned());
                }
                _ if file.all.is_none() => return Err(LockFileError::NoTotal(line)),
                [name, source, sql] if is_hash(source) && (sql == "-" || is_hash(sql)) => {
                    file.entries.push(LockEntry {
                        name: name.to_owned(),
                        source_sha256: source.to_owned(),
                        sql_sha256: (sql != "-").then(|| sql.to_owned()),
                    });
                }
                _ => return Err(LockFileError::Line { line, text: text.to_owned() }),
            }
        }
        Ok(file)
    }

    /// The text of the file, with the hash that belongs to its entries.
    pub fn render(&self) -> String {
        let mut text = format!("{HEADER}all {}\n", total(&self.entries));
        for entry in &self.entries {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{entry}");
        }
        text
    }

    fn entry(&self, name: &str) -> Option<&LockEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

impl fmt::Display for LockEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sql = self.sql_sha256.as_deref().unwrap_or("-");
        write!(f, "{} {} {sql}", self.name, self.source_sha256)
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

fn total(entries: &[LockEntry]) -> String {
    let mut hasher = Sha256::new();
    for entry in entries {
        hasher.update(format!("{entry}\n"));
    }
    hasher.finalize().iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod example {
    use super::LockEntry;

    /// An entry whose hashes are made of one digit each.
    pub(super) fn entry(name: &str, source: char, sql: Option<char>) -> LockEntry {
        let hash = |digit: char| digit.to_string().repeat(64);
        LockEntry { name: name.to_owned(), source_sha256: hash(source), sql_sha256: sql.map(hash) }
    }
}

#[cfg(test)]
mod tests {
    use super::{example::entry, *};

    fn two() -> LockFile {
        LockFile::of(vec![entry("m1", 'a', Some('b')), entry("m2", 'c', None)])
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = two().render();
        assert_eq!(LockFile::parse(&text).unwrap(), two());
        assert_eq!(LockFile::parse(&text.replace('\n', "\r\n")).unwrap(), two());
        assert!(text.ends_with(&format!("m2 {} -\n", "c".repeat(64))), "{text}");
        assert_eq!(LockFile::parse("").unwrap(), LockFile::default());
    }

    #[test]
    fn two_branches_that_add_a_migration_change_the_same_line() {
        let with = |name: &str| {
            let mut entries = two().entries;
            entries.push(entry(name, 'd', Some('e')));
            LockFile::of(entries).render()
        };
        let total =
            |text: &str| text.lines().find(|line| line.starts_with("all ")).unwrap().to_owned();
        let (base, ours, theirs) = (two().render(), with("m3_ours"), with("m3_theirs"));
        assert_ne!(total(&base), total(&ours));
        assert_ne!(total(&ours), total(&theirs));
    }

    #[test]
    fn a_conflict_has_its_own_words() {
        let text = two().render().replace("all ", "<<<<<<< HEAD\nall ");
        assert_eq!(LockFile::parse(&text), Err(LockFileError::Conflict(3)));
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        let text = two().render() + "m3 short\n";
        let error = LockFile::parse(&text).unwrap_err().to_string();
        assert_eq!(error, "migrations.lock line 6 is no entry: `m3 short`");
        assert_eq!(LockFile::parse("m1 a b"), Err(LockFileError::NoTotal(1)));
    }
}
