//! What a person sees of an export or an import of tables, and what to do when it fails.

use std::io;

use dbkit::{Report, lock::LockError};
use terminal::{Console, Exit, Failure};

use crate::data::{DataEvent, ExportError, FileError, ImportError, Problem};

/// Shows the events of the library on the console.
pub struct DataProgress<'a>(pub &'a Console);

impl Report<DataEvent> for DataProgress<'_> {
    fn report(&self, event: &DataEvent) {
        let console = self.0;
        match event {
            DataEvent::Exporting { table, rows: 0 } => {
                console.step(&format!("exporting {table}"));
            }
            DataEvent::Exporting { table, rows } => {
                console.busy(&format!("exporting {table}, {rows} rows so far"));
            }
            DataEvent::Checking { rows } => {
                console.busy(&format!("checking the file, {rows} rows so far"));
            }
            DataEvent::Sending { table, rows: 0, of } => {
                console.step(&format!("sending {of} rows of {table}"));
            }
            DataEvent::Sending { table, rows, of } => {
                console.progress(&format!("sending {table}, rows"), *rows, *of);
            }
            DataEvent::Applying { tables, rows } => {
                console.step(&format!("taking {rows} rows into {tables} tables"));
            }
            DataEvent::Comparing { table } => {
                console.busy(&format!("comparing {table} with the file"));
            }
        }
    }
}

/// Why tables are not exported.
pub fn export(error: ExportError) -> Failure {
    let error = match error {
        ExportError::Connect(error) => return Failure::lock(LockError::Connect(error)),
        other => other,
    };
    let (exit, class, hint) = match &error {
        ExportError::NoTable(_) => {
            (Exit::Failed, "data.no_table", "name it as `\\dt *.*` of psql shows it: SCHEMA.TABLE")
        }
        ExportError::Ambiguous { .. } => {
            (Exit::Failed, "data.ambiguous", "name it with its schema: SCHEMA.TABLE")
        }
        ExportError::NotATable { .. } => {
            (Exit::Failed, "data.not_a_table", "export the tables that its rows come from")
        }
        ExportError::Partition(_) => {
            (Exit::Failed, "data.partition", "export the partitioned table")
        }
        ExportError::Ours(_) => (Exit::Refused, "data.ours", "leave it out"),
        ExportError::NoColumns(_) => (Exit::Failed, "data.no_columns", "leave it out"),
        ExportError::Database { .. } | ExportError::Connect(_) => {
            (Exit::Failed, "data.read", "export as the role that owns the tables")
        }
        ExportError::NotText { .. } => (
            Exit::Failed,
            "data.encoding",
            "keep these rows with `backup create`, which takes any bytes",
        ),
        ExportError::Write(source) => return not_written(source.kind(), error),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Why the file of an export is not there.
pub fn write(error: io::Error) -> Failure {
    not_written(error.kind(), error)
}

fn not_written(kind: io::ErrorKind, error: impl Into<anyhow::Error>) -> Failure {
    let (class, hint) = match kind {
        io::ErrorKind::AlreadyExists => {
            ("data.exists", "choose another name: nothing is overwritten")
        }
        io::ErrorKind::BrokenPipe => ("data.pipe", "see why the reader of the pipe has ended"),
        _ => ("data.write", "see that the folder is there and yours, and that the disk has room"),
    };
    Failure::new(Exit::Failed, class, error).hint(hint)
}

/// Why the file is not one that can be imported.
pub fn file(error: FileError) -> Failure {
    let (exit, class, hint) = match &error {
        FileError::Read(_) => (Exit::Failed, "data.file", "see that the file is there and yours"),
        FileError::NotAnExport => (
            Exit::Failed,
            "data.not_an_export",
            "name a file that `backup data export` has written",
        ),
        FileError::Version { .. } => (
            Exit::Failed,
            "data.version",
            "import it with the version of this program that wrote it",
        ),
        FileError::Truncated { .. }
        | FileError::Line { .. }
        | FileError::Rows { .. }
        | FileError::Checksum { .. }
        | FileError::Changed => (
            Exit::Found,
            "data.damaged",
            "nothing was changed; take another copy of the file, or export again",
        ),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Why nothing was imported.
pub fn import(error: ImportError) -> Failure {
    let error = match error {
        ImportError::File(error) => return file(error),
        ImportError::Connect(error) => return Failure::lock(LockError::Connect(error)),
        other => other,
    };
    let (exit, class, hint) = advice(&error);
    Failure::new(exit, class, error).hint(hint)
}

fn advice(error: &ImportError) -> (Exit, &'static str, &'static str) {
    match error {
        ImportError::WrongPermit { .. } => {
            (Exit::Refused, "data.permit", "confirm the database that DATABASE_URL names")
        }
        ImportError::Mismatch(problems)
            if problems.iter().all(|problem| matches!(problem, Problem::NoKey { .. })) =>
        {
            (Exit::Failed, "data.no_key", "give the table a primary key")
        }
        ImportError::Mismatch(_) => (
            Exit::Failed,
            "data.mismatch",
            "bring the database to the state of the export: `cargo run -p migration -- up`, or `down`",
        ),
        ImportError::Unexpected(_) => {
            (Exit::Refused, "data.changed", "look at what others changed; nothing was taken back")
        }
        ImportError::Referenced(_) => (
            Exit::Failed,
            "data.referenced",
            "export those tables as well, or delete their rows first",
        ),
        ImportError::Value { .. } => {
            (Exit::Failed, "data.value", "see whether the type is another one in this database")
        }
        ImportError::Constraint { .. } => (
            Exit::Failed,
            "data.constraint",
            "nothing was changed; to make the tables equal to the file: `--mode replace`",
        ),
        ImportError::HeldBack { .. } | ImportError::Differs(_) => (
            Exit::Failed,
            "data.differs",
            "nothing was changed; a trigger may be the cause: `--no-triggers`",
        ),
        ImportError::Locked(_) => {
            (Exit::Busy, "data.locked", "wait for it to end, or wait longer: `--lock-wait SECONDS`")
        }
        ImportError::Commit(_) => (
            Exit::HalfWay,
            "data.commit",
            "run the same command again: `--mode replace` does no harm twice, and `insert` says what is there",
        ),
        ImportError::Database { .. } | ImportError::File(_) | ImportError::Connect(_) => {
            (Exit::Failed, "data.import", "import as the role that owns the tables")
        }
    }
}
