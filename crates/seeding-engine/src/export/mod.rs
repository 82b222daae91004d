//! The rows of seeds as text, for databases that the engine does not reach.
//!
//! Rows come in the order in which a run writes them, parents before children, and one at a time, so
//! that a large scale needs no more memory than a small one. Late values such as password hashes are
//! not made: whoever reads the text would have them.

mod csv;
mod ndjson;
mod sql;
mod text;

use std::{collections::BTreeMap, io};

use dbkit::Environment;
use sea_orm::Value;

use crate::{Content, Generated, PlanError, Seed, Selection, World, plan::plan};

pub use csv::{CsvFiles, Files};
pub use ndjson::Ndjson;
pub use sql::SqlScript;
pub use text::NoText;

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// What kind of database the rows are for.
    pub environment: Environment,
    /// The world that invented rows describe.
    pub world: World,
    /// The seeds.
    pub selection: Selection,
    /// How many cells of generated seeds.
    pub scale: u64,
}

/// The rows of one table that one seed has, as far as they have the same columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The table.
    pub table: &'static str,
    /// The columns that have values; the others take their defaults.
    pub columns: &'a [&'static str],
}

/// Where rows go.
pub trait Sink {
    /// Takes one row, with `values` in the order of the columns.
    fn row(&mut self, header: Header<'_>, values: &[Value]) -> Result<(), SinkError>;

    /// Takes note that there are no more.
    fn end(&mut self) -> io::Result<()>;
}

/// Why a sink did not take a row.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A value cannot be written as text.
    #[error("a value of `{column}` cannot be exported")]
    Value {
        /// The column.
        column: &'static str,
        /// Why.
        #[source]
        source: NoText,
    },
    /// The text cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
}

/// Why the rows were not all exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// What was asked for cannot be, or must not be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A row cannot be written.
    #[error("cannot export a row of `{table}` of seed `{seed}`")]
    Row {
        /// The seed.
        seed: &'static str,
        /// The table.
        table: &'static str,
        /// Why.
        #[source]
        source: SinkError,
    },
    /// The end cannot be written.
    #[error("cannot write")]
    Write(#[from] io::Error),
}

impl ExportError {
    /// What the file system or the pipe said, where it was that.
    pub fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Write(error) | Self::Row { source: SinkError::Write(error), .. } => Some(error),
            Self::Plan(_) | Self::Row { .. } => None,
        }
    }
}

/// How many rows of a seed were exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ExportedSeed {
    /// The seed.
    pub seed: &'static str,
    /// How many rows.
    pub rows: u64,
}

/// Hands every row of the selected `seeds` to `sink`.
pub fn export(
    seeds: &[Seed],
    options: &ExportOptions,
    sink: &mut dyn Sink,
) -> Result<Vec<ExportedSeed>, ExportError> {
    if options.scale == 0 {
        return Err(PlanError::NoScale.into());
    }
    let plan = plan(seeds, options.environment, &options.selection, &BTreeMap::new())?;
    for seed in plan.applied() {
        keys_suffice(&seed.tables(&options.world), options.scale)?;
    }
    let mut exported = Vec::new();
    for seed in plan.applied() {
        exported.push(ExportedSeed { seed: seed.id, rows: export_seed(seed, options, sink)? });
    }
    sink.end()?;
    Ok(exported)
}

fn keys_suffice(tables: &[Generated], scale: u64) -> Result<(), PlanError> {
    let short = tables.iter().find(|table| scale > table.most_cells());
    short.map_or(Ok(()), |table| {
        let (table, most) = (table.table(), table.most_cells());
        Err(PlanError::TooLarge { scale, table, most })
    })
}

fn export_seed(
    seed: &Seed,
    options: &ExportOptions,
    sink: &mut dyn Sink,
) -> Result<u64, ExportError> {
    let (mut rows, mut failed) = (0, None);
    let mut take = |header: Header<'_>, values: &[Value]| {
        if failed.is_some() {
            return false;
        }
        rows += 1;
        failed = sink.row(header, values).err().map(|source| (header.table, source));
        failed.is_none()
    };
    match &seed.content {
        Content::Rows(make) => {
            for offer in make(&options.world) {
                let table = offer.table();
                offer.each(&mut |columns, values| {
                    take(Header { table, columns }, values);
                });
            }
        }
        Content::Tables(make) => {
            for table in make(&options.world) {
                generated(&table, options.scale, &mut take);
            }
        }
    }
    match failed {
        Some((table, source)) => Err(ExportError::Row { seed: seed.id, table, source }),
        None => Ok(rows),
    }
}

/// Hands over cell after cell until one is not taken.
fn generated(table: &Generated, scale: u64, take: &mut impl FnMut(Header<'_>, &[Value]) -> bool) {
    let header = Header { table: table.table(), columns: table.columns() };
    let mut goes_on = true;
    for cell in 0..scale {
        table.rows(cell, &mut |values| goes_on = goes_on && take(header, values));
        if !goes_on {
            return;
        }
    }
}
