//! Rows into cells of which some are there: only what is missing is written, and nothing else
//! touched.
//!
//! Some are there where rows were deleted from cells that were loaded, and where a rollback has kept rows
//! that somebody had edited.

use std::ops::Range;

use dbkit::Identifier;
use sea_orm::ConnectionTrait as _;

use super::{
    load::LoadSeedError,
    postponed,
    prepare::Task,
    stage::{self, Stage},
};
use crate::{
    Generated,
    copy::{Bulk, Tally},
};

/// Makes the rows of `task` again that are missing in cells that are there; how many those were.
pub(super) async fn restore(bulk: &mut Bulk, task: &Task<'_>) -> Result<u64, LoadSeedError> {
    let mut restored = 0;
    let Some(survey) = task.present.as_ref().filter(|_| task.is_damaged()) else { return Ok(0) };
    for cells in survey.cells.ranges() {
        let merged = merge(bulk, &task.tables, cells).await?;
        restored += merged.iter().map(|merged| merged.added).sum::<u64>();
    }
    Ok(restored)
}

/// What was generated for a table, and how many of these rows were not there.
pub(super) struct Merged {
    pub(super) tally: Tally,
    pub(super) added: u64,
}

/// Writes the rows of `cells` that are not there yet, into each of `tables`.
pub(super) async fn merge(
    bulk: &mut Bulk,
    tables: &[Generated],
    cells: &Range<u64>,
) -> Result<Vec<Merged>, LoadSeedError> {
    let (mut all, mut open) = (Vec::with_capacity(tables.len()), Vec::new());
    for (number, table) in tables.iter().enumerate() {
        let stage = Stage::fill(bulk, table, cells.clone(), number).await?;
        let added = add(bulk, table, &stage).await?;
        all.push(Merged { tally: stage.tally, added });
        if table.postponed().is_empty() {
            stage.remove(bulk).await?;
        } else {
            open.push((table, stage));
        }
    }
    for (table, stage) in open {
        postponed::set_from(bulk, table, &stage).await?;
        stage.remove(bulk).await?;
    }
    Ok(all)
}

/// Writes what is in `stage` and not in its table; nothing else is left in a stage that is needed
/// again.
async fn add(bulk: &Bulk, table: &Generated, stage: &Stage) -> Result<u64, LoadSeedError> {
    let (name, stage, columns) = (Identifier(table.table()), stage.name(), stage::columns(table));
    let mut values = columns.clone();
    for at in table.postponed() {
        "NULL".clone_into(&mut values[*at]);
    }
    if !table.postponed().is_empty() {
        let same = stage::same(table);
        let there = format!("DELETE FROM {stage} s USING {name} t WHERE {same}");
        bulk.execute_unprepared(&there).await?;
    }
    let insert = format!(
        "INSERT INTO {name} ({}) SELECT {} FROM {stage} ON CONFLICT DO NOTHING",
        columns.join(", "),
        values.join(", ")
    );
    Ok(bulk.execute_unprepared(&insert).await?.rows_affected())
}
