//! Columns of generated rows that are set once the rows of all tables are there, because tables
//! refer to each other in a circle.
//!
//! The rows are loaded with NULL there, made once more into a temporary table, and the columns set from it
//! with one statement. What is recorded are the rows as they are then. A trigger that changes other columns
//! at an update makes them differ from what was recorded.

use std::{ops::Range, sync::Arc};

use dbkit::Identifier;
use sea_orm::ConnectionTrait as _;

use super::{load::LoadSeedError, stage::Stage};
use crate::{
    Generated,
    copy::{Bulk, EncodeError, KeyRange, Source, Tally, Tuples},
};

/// What is loaded first of `table`.
pub(super) fn first(table: &Generated) -> Arc<dyn Source> {
    if table.postponed().is_empty() {
        Arc::new(table.clone())
    } else {
        Arc::new(Incomplete(table.clone()))
    }
}

/// The same rows with NULL in the postponed columns.
struct Incomplete(Generated);

impl Source for Incomplete {
    fn table(&self) -> &str {
        Source::table(&self.0)
    }

    fn columns(&self) -> &[&'static str] {
        self.0.columns()
    }

    fn append(&self, cell: u64, tuples: &mut Tuples) -> Result<(), EncodeError> {
        let mut result = Ok(());
        self.0.rows(cell, &mut |values| {
            let mut values = values.to_vec();
            for at in self.0.postponed() {
                values[*at] = values[*at].as_null();
            }
            if result.is_ok() {
                result = tuples.row(&values);
            }
        });
        result
    }

    fn keys(&self, cells: &Range<u64>) -> KeyRange {
        Source::keys(&self.0, cells)
    }
}

/// Sets the postponed columns of the rows of `cells`; what the rows then come to.
pub(super) async fn set(
    bulk: &mut Bulk,
    table: &Generated,
    cells: Range<u64>,
) -> Result<Tally, LoadSeedError> {
    let stage = Stage::fill(bulk, table, cells, 0).await?;
    set_from(bulk, table, &stage).await?;
    stage.remove(bulk).await?;
    Ok(stage.tally)
}

/// Sets the postponed columns of the rows that are in `stage`.
pub(super) async fn set_from(
    bulk: &Bulk,
    table: &Generated,
    stage: &Stage,
) -> Result<(), LoadSeedError> {
    let columns = table.postponed().iter().map(|at| table.columns()[*at]);
    let columns: Vec<_> = columns.map(|name| Identifier(name).to_string()).collect();
    let staged = |suffix| -> Vec<String> {
        columns.iter().map(|column| format!("s.{column}{suffix}")).collect()
    };
    let update = format!(
        "UPDATE {} t SET ({}) = ROW({}) FROM {} s WHERE {} AND ({})",
        Identifier(table.table()),
        columns.join(", "),
        staged("").join(", "),
        stage.name(),
        super::stage::same(table),
        staged(" IS NOT NULL").join(" OR "),
    );
    bulk.execute_unprepared(&update).await?;
    Ok(())
}
