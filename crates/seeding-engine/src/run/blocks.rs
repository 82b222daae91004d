//! Blocks of cells, each loaded and committed by itself, several side by side.
//!
//! A cell refers to nothing of another cell, so blocks need no order and no coordination.

use std::{
    num::NonZeroUsize,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::future::try_join_all;

use super::{
    load::{Job, LoadSeedError, rows},
    prepare::rows_of_cell,
};
use crate::{
    Cells,
    history::{self, PartTable},
};

/// A block has about so many rows: enough that a transaction costs nothing, few enough that little
/// is lost where one is cut off.
const ROWS: u64 = 200_000;

/// Loads `missing`, on `jobs` connections.
pub(super) async fn load(
    job: &Job<'_>,
    missing: &Cells,
    jobs: NonZeroUsize,
) -> Result<Vec<PartTable>, LoadSeedError> {
    let blocks = missing.blocks(size(job, missing, jobs));
    let next = AtomicUsize::new(0);
    let workers = (0..jobs.get().min(blocks.len())).map(|_| work(job, &blocks, &next));
    let loaded = try_join_all(workers).await?;
    Ok(loaded.into_iter().flatten().collect())
}

/// How many cells a block has.
fn size(job: &Job<'_>, missing: &Cells, jobs: NonZeroUsize) -> u64 {
    let first = missing.ranges().first().map_or(0, |range| range.start);
    let by_rows = ROWS / rows_of_cell(job.tables, first).max(1);
    let for_each = missing.count().div_ceil(jobs.get() as u64);
    by_rows.min(for_each).max(1)
}

/// Loads one block after the other until none is left.
async fn work(
    job: &Job<'_>,
    blocks: &[Range<u64>],
    next: &AtomicUsize,
) -> Result<Vec<PartTable>, LoadSeedError> {
    let mut loaded = Vec::new();
    while let Some(cells) = blocks.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut bulk = job.begin().await?;
        let part = job.load_cells(&mut bulk, cells).await?;
        history::record_part(&bulk, &part).await?;
        bulk.commit().await?;
        job.committed.fetch_add(rows(&part), Ordering::Relaxed);
        loaded.extend(part);
    }
    Ok(loaded)
}
