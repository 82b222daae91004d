//! Generated tables: any number of rows, made by the cell, in any order and on any number of
//! machines.
//!
//! A cell is a small complete world that refers only to itself and to rows of small seeds. Scale 10
//! is ten cells and so contains scale 1; a shard, a top-up, and what one transaction loads are
//! ranges of cells. The rows of a cell have keys of one [`Space`], so a range of cells is a range of
//! keys.

use std::{fmt, ops::Range, sync::Arc};

use sea_orm::{
    EntityTrait, IdenStatic, Iterable as _, ModelTrait as _, PrimaryKeyToColumn as _, Value,
};

use crate::{
    arrange::Table,
    copy::{EncodeError, KeyRange, Source, Tuples},
    key::Space,
    references::{self, Reference},
};

/// The rows of one key space of one table.
///
/// A table that is filled from several spaces, such as the users that are teachers and those that
/// are students, has one of these for each.
#[derive(Clone)]
pub struct Generated {
    table: &'static str,
    columns: Arc<[&'static str]>,
    primary_key: Arc<[usize]>,
    key_column: usize,
    space: Space,
    stride: u64,
    references: Arc<[Reference]>,
    postponed: Vec<usize>,
    make: Make,
}

type Make = Arc<dyn Fn(u64, &mut dyn FnMut(&[Value])) + Send + Sync>;

impl Generated {
    /// The rows of `E`'s table whose `key` column has keys of `space`.
    ///
    /// `key` is the leading column of the primary key: the table's own key, or in a link table the
    /// key of a parent. `make` makes the rows of one cell, at most `stride` different keys of them, with keys
    /// from `cell * stride` on, in ascending order. It must be pure.
    pub fn of<E: EntityTrait>(
        key: E::Column,
        space: Space,
        stride: u64,
        make: impl Fn(u64) -> Vec<E::Model> + Send + Sync + 'static,
    ) -> Self {
        let columns: Arc<[E::Column]> = E::Column::iter().collect();
        let position = |column: E::Column| {
            let found = columns.iter().position(|other| other.as_str() == column.as_str());
            found.unwrap_or_default()
        };
        Self {
            table: E::default().table_name(),
            columns: columns.iter().map(IdenStatic::as_str).collect(),
            primary_key: E::PrimaryKey::iter().map(|key| position(key.into_column())).collect(),
            key_column: position(key),
            space,
            stride,
            references: references::of::<E>().into(),
            postponed: Vec::new(),
            make: Arc::new(move |cell, take| {
                let mut values = Vec::with_capacity(columns.len());
                for model in make(cell) {
                    values.extend(columns.iter().map(|column| model.get(*column)));
                    take(&values);
                    values.clear();
                }
            }),
        }
    }

    /// The table's name.
    pub fn table(&self) -> &'static str {
        self.table
    }

    /// The names of the columns, in the order of [`rows`](Self::rows).
    pub fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    /// The places of the primary key's columns in [`columns`](Self::columns).
    pub fn primary_key(&self) -> &[usize] {
        &self.primary_key
    }

    /// The column whose values are keys of [`space`](Self::space).
    pub fn key_column(&self) -> &'static str {
        self.columns[self.key_column]
    }

    /// Where the keys come from.
    pub fn space(&self) -> Space {
        self.space
    }

    /// The places of the columns that are set once the rows of all tables are there.
    pub(crate) fn postponed(&self) -> &[usize] {
        &self.postponed
    }

    /// How many cells there can be before the space has no keys left.
    pub fn most_cells(&self) -> u64 {
        Space::ROWS / self.stride.max(1)
    }

    /// Hands every row of `cell` to `take`, with the values in the order of the columns.
    pub fn rows(&self, cell: u64, take: &mut dyn FnMut(&[Value])) {
        (self.make)(cell, take);
    }

    /// The rows of `cell` as text, for tests of what a seed makes.
    pub fn describe(&self, cell: u64) -> Vec<String> {
        let mut lines = Vec::new();
        self.rows(cell, &mut |values| {
            let cells = self.columns.iter().zip(values);
            let cells: Vec<_> = cells.map(|(column, value)| format!("{column}={value}")).collect();
            lines.push(cells.join(" "));
        });
        lines
    }
}

impl Table for Generated {
    fn name(&self) -> &'static str {
        self.table
    }

    fn references(&self) -> &[Reference] {
        &self.references
    }

    /// A cell is sent in one statement, and refers to no other.
    fn takes_several_statements(&self) -> bool {
        false
    }

    fn postpone(&mut self, columns: &[&'static str]) {
        let is_postponed = |at: &usize| columns.contains(&self.columns[*at]);
        self.postponed = (0..self.columns.len()).filter(is_postponed).collect();
    }
}

impl Source for Generated {
    fn table(&self) -> &str {
        self.table
    }

    fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    fn append(&self, cell: u64, tuples: &mut Tuples) -> Result<(), EncodeError> {
        let mut result = Ok(());
        self.rows(cell, &mut |values| {
            if result.is_ok() {
                result = tuples.row(values);
            }
        });
        result
    }

    fn keys(&self, cells: &Range<u64>) -> KeyRange {
        let stride = self.stride;
        let (from, to) = self.space.range(cells.start * stride..cells.end * stride);
        KeyRange { column: self.key_column(), from, to }
    }
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Generated({} by {})", self.table, self.key_column())
    }
}
