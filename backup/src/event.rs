//! What happens while a backup is made, read or restored.

use dbkit::Report;

/// One thing that a progress bar or a log line can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupEvent {
    /// Another run holds the lock; the wait begins.
    Waiting {
        /// What the other run wrote of itself.
        holder: String,
    },
    /// What a dead run had left behind was removed.
    Swept {
        /// The name of the unfinished backup.
        partial: String,
    },
    /// The dump begins.
    Dumping {
        /// How large the database is on the server, indexes included, so never reached exactly.
        database_bytes: u64,
    },
    /// The dump goes on.
    Dumped {
        /// What `pg_dump` has written so far.
        raw_bytes: u64,
    },
    /// The server says which table it copies.
    Copying {
        /// Schema and name, quoted where that is needed.
        table: String,
        /// How many rows it has copied.
        rows: u64,
        /// Of how many, as far as the planner knows.
        of: Option<u64>,
    },
    /// Rows of a table are counted and hashed, or have been.
    Hashing {
        /// Its schema.
        schema: String,
        /// Its name.
        table: String,
        /// Which part of all that is to be read it is, from 1; a table is at least one.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// The stored file of a backup is read.
    Reading {
        /// How much has been read.
        stored_bytes: u64,
        /// Of how much.
        of: u64,
    },
    /// A scratch copy is made on the same server.
    CopyingInto {
        /// Its name.
        database: String,
    },
    /// The rows of a table of the scratch copy become pseudonyms.
    Sanitising {
        /// Its schema.
        schema: String,
        /// Its name.
        table: String,
        /// Which one it is, from 1.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// The new database exists, and `pg_restore` begins to fill it.
    Restoring {
        /// The new database.
        database: String,
    },
    /// A live database is exchanged for what was restored beside it.
    Swapping {
        /// What happens next, or has happened.
        step: SwapStep,
    },
    /// The restore did not come to its end, and the new database is dropped.
    Discarding {
        /// The new database.
        database: String,
    },
}

/// A step on the way of a database to another's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapStep {
    /// The new one is complete and compared; the planner's statistics are gathered.
    Analysing,
    /// Nobody will get in any more.
    Closing,
    /// Nobody gets in; those who are in will be cut off.
    Cutting,
    /// Everybody is out; both names will change.
    Renaming,
    /// Both names have changed, and everybody gets in.
    Renamed,
}

/// Reports that so many bytes passed, but only now and then: a dump comes in thousands of pieces.
pub(crate) struct Milestones {
    next: u64,
}

impl Milestones {
    const STEP: u64 = 4 << 20;

    pub(crate) const fn new() -> Self {
        Self { next: 0 }
    }

    pub(crate) fn report(
        &mut self,
        bytes: u64,
        report: &dyn Report<BackupEvent>,
        event: impl FnOnce(u64) -> BackupEvent,
    ) {
        if bytes >= self.next {
            self.next = bytes + Self::STEP;
            report.report(&event(bytes));
        }
    }
}
