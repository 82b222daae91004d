//! What happens while tables are written to a file, or read from one.

/// One thing that a progress bar or a log line can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataEvent {
    /// The rows of a table are written to the file.
    Exporting {
        /// The table with its schema.
        table: String,
        /// How many rows have been written.
        rows: u64,
    },
    /// The file is read to its end, before the database is touched.
    Checking {
        /// How many rows have been read.
        rows: u64,
    },
    /// The rows of a table go to the server, beside the table itself.
    Sending {
        /// The table with its schema.
        table: String,
        /// How many rows have been sent.
        rows: u64,
        /// Of how many.
        of: u64,
    },
    /// All tables are changed, in one statement.
    Applying {
        /// How many tables.
        tables: usize,
        /// How many rows they will have of the file.
        rows: u64,
    },
    /// The rows that a table has now are compared with those of the file.
    Comparing {
        /// The table with its schema.
        table: String,
    },
}

/// How many rows pass before the next event: rows come by the hundred thousand.
const STEP: u64 = 10_000;

/// Whether it is time to say how many rows there were.
pub(super) const fn is_milestone(rows: u64) -> bool {
    rows.is_multiple_of(STEP)
}
