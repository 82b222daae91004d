//! Rows on their way to the server.

use std::borrow::Borrow;

use sea_orm::Value;

use super::{columns::Columns, encode, fingerprint::Tally};

/// Rows in the form of a binary COPY, counted and hashed while they are made.
#[derive(Debug)]
pub struct Tuples {
    columns: Columns,
    bytes: Vec<u8>,
    /// Where each row ends.
    ends: Vec<usize>,
    tally: Tally,
}

/// Why a row cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A value does not fit the column's type.
    #[error("`{column}` of `{table}` is {sql_type} and cannot hold {value}")]
    Unfit {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The column's type.
        sql_type: String,
        /// What kind of value it is.
        value: &'static str,
    },
    /// A row has more or fewer values than there are columns.
    #[error("a row of `{table}` has {values} values for {columns} columns")]
    Count {
        /// The table.
        table: String,
        /// How many values the row has.
        values: usize,
        /// How many columns there are.
        columns: usize,
    },
}

impl Tuples {
    /// No rows of `columns`.
    pub fn new(columns: Columns) -> Self {
        Self { columns, bytes: Vec::new(), ends: Vec::new(), tally: Tally::default() }
    }

    /// Adds a row, one value for each column.
    pub fn row<V: Borrow<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> Result<(), EncodeError> {
        let columns = self.columns.all();
        let start = self.bytes.len();
        self.bytes.extend(self.columns.count().to_be_bytes());
        let mut written = 0;
        for value in values {
            let value = value.borrow();
            let Some(column) = columns.get(written) else {
                return Err(self.miscounted(written + 1));
            };
            encode::append(&column.wire, value, &mut self.bytes).map_err(|_| {
                EncodeError::Unfit {
                    table: self.columns.table().to_owned(),
                    column: column.name.clone(),
                    sql_type: column.sql_type.clone(),
                    value: encode::kind(value),
                }
            })?;
            written += 1;
        }
        if written < columns.len() {
            return Err(self.miscounted(written));
        }
        self.tally.add(&self.bytes[start..]);
        self.ends.push(self.bytes.len());
        Ok(())
    }

    fn miscounted(&self, values: usize) -> EncodeError {
        let (table, columns) = (self.columns.table().to_owned(), self.columns.all().len());
        EncodeError::Count { table, values, columns }
    }

    /// What the rows come to that were added so far, also those that are on their way.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The rows, one after the other.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Every row.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Moves the rows out, into `buffer`, whose memory is used for the rows to come; how many.
    pub(super) fn take(&mut self, buffer: &mut Vec<u8>) -> u64 {
        buffer.clear();
        std::mem::swap(&mut self.bytes, buffer);
        let rows = self.ends.len() as u64;
        self.ends.clear();
        rows
    }
}
