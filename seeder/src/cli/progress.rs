//! What a person sees of a run while it goes on.

use std::sync::atomic::{AtomicU64, Ordering};

use dbkit::Report;
use seeding_engine::{SeedingEvent, Way};
use terminal::Console;

/// Turns the engine's events into one bar over all rows.
pub(super) struct Progress<'a> {
    console: &'a Console,
    done: AtomicU64,
    total: AtomicU64,
}

impl<'a> Progress<'a> {
    pub(super) fn new(console: &'a Console) -> Self {
        Self { console, done: AtomicU64::new(0), total: AtomicU64::new(0) }
    }
}

impl Report<SeedingEvent> for Progress<'_> {
    fn report(&self, event: &SeedingEvent) {
        match event {
            SeedingEvent::RunStarted { seeds, rows } => {
                self.total.store(*rows, Ordering::Relaxed);
                self.console.step(&format!("applying {seeds} seeds with {rows} rows"));
            }
            SeedingEvent::RowsWritten { seed, rows, .. } => {
                let done = self.done.fetch_add(*rows, Ordering::Relaxed) + rows;
                self.console.progress(seed, done, self.total.load(Ordering::Relaxed));
            }
            SeedingEvent::WayChosen { seed, way: Way::BulkMode } => {
                self.console.step(&format!("{seed}: indexes and foreign keys come after the rows"));
            }
            SeedingEvent::IndexMade { seed, done, parts } => {
                self.console.progress(&format!("{seed}: indexes"), *done, *parts);
            }
            SeedingEvent::WayChosen { .. }
            | SeedingEvent::SeedStarted { .. }
            | SeedingEvent::SeedFinished { .. } => {}
        }
    }
}
