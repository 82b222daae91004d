//! What a person sees while a backup is made, read or restored.

use std::sync::atomic::{AtomicU64, Ordering};

use dbkit::Report;
use terminal::Console;

use super::size::size;
use crate::{BackupEvent, SwapStep};

/// Shows the events of the library on the console.
pub struct Progress<'a> {
    console: &'a Console,
    expected: AtomicU64,
}

impl<'a> Progress<'a> {
    /// One that shows them there.
    pub fn new(console: &'a Console) -> Self {
        Self { console, expected: AtomicU64::new(0) }
    }
}

impl Report<BackupEvent> for Progress<'_> {
    fn report(&self, event: &BackupEvent) {
        let console = self.console;
        match event {
            BackupEvent::Waiting { holder } => console.step(&format!("waiting for {holder}")),
            BackupEvent::Swept { partial } => {
                console.note(&format!("removed {partial}, which a dead run had left"));
            }
            BackupEvent::Dumping { database_bytes } => {
                self.expected.store(*database_bytes, Ordering::Relaxed);
                console.step(&format!("dumping about {}", size(*database_bytes)));
            }
            BackupEvent::Dumped { raw_bytes } => {
                let expected = self.expected.load(Ordering::Relaxed).max(*raw_bytes);
                console.progress("dumping, bytes", *raw_bytes, expected);
            }
            BackupEvent::Copying { table, rows, of } => {
                let of = of.filter(|of| of >= rows);
                let of = of.map_or_else(String::new, |of| format!(" of about {of}"));
                console.busy(&format!("dumping {table}, {rows} rows{of}"));
            }
            BackupEvent::Hashing { schema, table, number, of } => {
                console.busy(&format!("hashing {schema}.{table} ({number} of {of})"));
            }
            BackupEvent::Reading { stored_bytes, of } => {
                console.progress("reading, bytes", *stored_bytes, *of);
            }
            BackupEvent::Restoring { database } => {
                console.step(&format!("restoring into `{database}`"));
            }
            BackupEvent::Swapping { step } => console.step(swapping(*step)),
            BackupEvent::CopyingInto { database } => {
                console.step(&format!("copying into `{database}` on the same server"));
            }
            BackupEvent::Sanitising { schema, table, number, of } => {
                console.busy(&format!("sanitising {schema}.{table} ({number} of {of})"));
            }
            BackupEvent::Discarding { database } => {
                console.step(&format!("dropping the unfinished `{database}`"));
            }
        }
    }
}

fn swapping(step: SwapStep) -> &'static str {
    match step {
        SwapStep::Analysing => "analysing the restored database",
        SwapStep::Closing => "letting nobody in",
        SwapStep::Cutting => "ending the sessions",
        SwapStep::Renaming => "exchanging the names",
        SwapStep::Renamed => "letting everybody in again",
    }
}
