//! What the header comments of a migration file say.
//!
//! A build script reads the files with [`generate`] and writes what it found into the binary, so
//! that a deployed binary knows the headers and needs no sources.
//!
//! | line | meaning |
//! |---|---|
//! | `//! depends-on: a, b` | must be applied before it, and rolled back after it |
//! | `//! irreversible: why` | there is no way down |
//! | `//! pre-check: SQL` | must answer true before it runs |
//! | `//! post-check: SQL` | must answer true after it ran |
//! | `//! lock-budget: 500ms` | how long one statement may wait for a lock; `ms`, `s` or `min` |
//! | `//! lint-ignore: rule why` | a rule that it breaks on purpose |
//!
//! A line may come several times, except `irreversible` and `lock-budget`. Everything else in the
//! header is prose; but a key that is nearly one of these is an error, so that a slip of the pen
//! does not go unnoticed.

mod entity_import;
mod generate;
mod header;
mod value;

use std::time::Duration;

pub use generate::{GenerateError, generate};
pub use header::{HeaderError, Problem, parse};

/// What one file says of itself, beside its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The migration's name: the file's, without its ending.
    pub name: String,
    /// `depends-on:` migrations that must be applied before it, and rolled back after it.
    pub depends_on: Vec<String>,
    /// `irreversible:` why there is no way down.
    pub irreversible: Option<String>,
    /// `pre-check:` queries that must answer true before it runs.
    pub pre_checks: Vec<String>,
    /// `post-check:` queries that must answer true after it ran, in the same transaction if it has
    /// one.
    pub post_checks: Vec<String>,
    /// `lock-budget:` how long one of its statements may wait for a lock, and so make others wait.
    pub lock_budget: Option<Duration>,
    /// `lint-ignore:` rules that it breaks on purpose.
    pub lint_ignore: Vec<LintIgnore>,
    /// Whether its code speaks of the crate `entity`, which shows today's schema and not its own.
    pub imports_entity: bool,
    /// SHA-256 of the file with line ends as LF, in hexadecimal digits.
    pub source_sha256: String,
}

/// A rule that a migration breaks on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintIgnore {
    /// The rule's name.
    pub rule: String,
    /// Why it does not matter here.
    pub why: String,
}
