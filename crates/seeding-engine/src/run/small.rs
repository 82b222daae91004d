//! Small seeds: all their rows at once, in a transaction that somebody else ends.

use dbkit::Report;
use tokio::time::Instant;

use super::{Prepared, RunError, SeedingEvent, milliseconds};
use crate::{
    Existing, Rows, Seed, WriteError,
    copy::Bulk,
    history::WrittenRow,
    summary::{Counts, SeedSummary, TableSummary},
};

/// Writes the rows of every small seed, and says which ones it wrote.
pub(super) async fn apply(
    db: &Bulk,
    prepared: &Prepared<'_>,
    report: &dyn Report<SeedingEvent>,
) -> Result<(Vec<SeedSummary>, Vec<WrittenRow>), RunError> {
    let mut written = Vec::new();
    let mut summaries = Vec::with_capacity(prepared.small.len());
    for (seed, rows) in &prepared.small {
        let summary = apply_seed(db, seed, rows, prepared.existing, &mut written, report)
            .await
            .map_err(|source| RunError::Seed { seed: seed.id, source })?;
        summaries.push(summary);
    }
    Ok((summaries, written))
}

async fn apply_seed(
    db: &Bulk,
    seed: &Seed,
    offers: &[Rows],
    existing: Existing,
    written: &mut Vec<WrittenRow>,
    report: &dyn Report<SeedingEvent>,
) -> Result<SeedSummary, WriteError> {
    let (start, id) = (Instant::now(), seed.id);
    let rows = offers.iter().map(|rows| rows.len() as u64).sum();
    report.report(&SeedingEvent::SeedStarted { seed: id, rows });
    let mut all = Vec::with_capacity(offers.len());
    for offer in offers {
        let table = offer.table();
        let progress = |rows| report.report(&SeedingEvent::RowsWritten { seed: id, table, rows });
        all.push(offer.write(db, id, existing, &progress).await?);
    }
    let (mut counts, mut tables) = (Counts::default(), Vec::with_capacity(offers.len()));
    for (offer, mut done) in offers.iter().zip(all) {
        offer.set_postponed(db, id, existing, &mut done).await?;
        tables.push(TableSummary { table: offer.table(), counts: done.counts });
        counts += done.counts;
        written.extend(done.rows);
    }
    let duration = start.elapsed();
    report.report(&SeedingEvent::SeedFinished { seed: id, counts, duration });
    Ok(SeedSummary {
        seed: id,
        kind: seed.kind,
        version: seed.version,
        counts,
        duration_ms: milliseconds(duration),
        tables,
        generated: None,
    })
}
