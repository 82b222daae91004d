//! How a command ends, for scripts to branch on.

use std::process::ExitCode;

/// The exit codes, the same in every binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked to.
    Done = 0,
    /// It failed, and nothing was changed.
    Failed = 1,
    /// The command line or the settings made no sense (clap uses the same code).
    Usage = 2,
    /// It checked, and found something: pending, drift, stale, damaged.
    Found = 3,
    /// A guard said no; nothing was changed.
    Refused = 4,
    /// Somebody else holds the lock.
    Busy = 5,
    /// It stopped half-way, and a repair is needed.
    HalfWay = 6,
    /// The operator interrupted it.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
