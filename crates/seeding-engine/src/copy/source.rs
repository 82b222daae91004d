//! What rows come from.

use std::ops::Range;

use uuid::Uuid;

use super::tuples::{EncodeError, Tuples};

/// The generated rows of one key space of one table, by the cell.
pub trait Source: Send + Sync + 'static {
    /// The table's name.
    fn table(&self) -> &str;

    /// The columns of the rows, in the order of their values.
    fn columns(&self) -> &[&'static str];

    /// Appends the rows of a cell: always the same for the same cell.
    fn append(&self, cell: u64, tuples: &mut Tuples) -> Result<(), EncodeError>;

    /// Where the rows of `cells` are in the table, and no others.
    fn keys(&self, cells: &Range<u64>) -> KeyRange;
}

/// A range of rows of a table by one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// The column.
    pub column: &'static str,
    /// The first key.
    pub from: Uuid,
    /// The first key after the range.
    pub to: Uuid,
}
