//! A temporary table with generated rows, from which a table is completed.

use std::{ops::Range, sync::Arc};

use dbkit::Identifier;
use sea_orm::ConnectionTrait as _;

use super::load::LoadSeedError;
use crate::{
    Generated,
    copy::{self, Bulk, Columns, EncodeError, KeyRange, Source, Tally, Tuples},
};

/// A temporary table with all columns of another and none of its constraints.
pub(super) struct Stage {
    name: String,
    /// What its rows come to.
    pub(super) tally: Tally,
}

impl Stage {
    /// Makes one with the rows of `cells`; stages that are there at the same time differ in `number`.
    pub(super) async fn fill(
        bulk: &mut Bulk,
        table: &Generated,
        cells: Range<u64>,
        number: usize,
    ) -> Result<Self, LoadSeedError> {
        let name = format!("seaworthy_stage_{number}");
        let create = format!(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA",
            Identifier(&name),
            columns(table).join(", "),
            Identifier(table.table())
        );
        bulk.execute_unprepared(&create).await?;
        let there = Columns::read(bulk, &name, table.columns()).await?;
        let source = Arc::new(Staged { table: table.clone(), name: name.clone() });
        let tally = copy::load(bulk, &there, source, cells, &|_| {}).await?;
        Ok(Self { name, tally })
    }

    /// Its name, quoted.
    pub(super) fn name(&self) -> Identifier<'_> {
        Identifier(&self.name)
    }

    pub(super) async fn remove(&self, bulk: &Bulk) -> Result<(), LoadSeedError> {
        bulk.execute_unprepared(&format!("DROP TABLE {}", self.name())).await?;
        Ok(())
    }
}

/// The names of the columns, quoted.
pub(super) fn columns(table: &Generated) -> Vec<String> {
    table.columns().iter().map(|name| Identifier(name).to_string()).collect()
}

/// The condition that the row `t` of `table` and the row `s` of its stage have the same key.
pub(super) fn same(table: &Generated) -> String {
    let columns = columns(table);
    let equal = |at: &usize| format!("t.{0} = s.{0}", columns[*at]);
    table.primary_key().iter().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// The same rows for another table.
struct Staged {
    table: Generated,
    name: String,
}

impl Source for Staged {
    fn table(&self) -> &str {
        &self.name
    }

    fn columns(&self) -> &[&'static str] {
        self.table.columns()
    }

    fn append(&self, cell: u64, tuples: &mut Tuples) -> Result<(), EncodeError> {
        self.table.append(cell, tuples)
    }

    fn keys(&self, cells: &Range<u64>) -> KeyRange {
        Source::keys(&self.table, cells)
    }
}
