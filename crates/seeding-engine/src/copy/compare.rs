//! What is in a table against what the generator makes, block by block in bounded memory.

use std::{
    collections::HashMap,
    ops::{AddAssign, Range},
    sync::Arc,
};

use tokio::task::JoinHandle;

use super::{
    columns::{Columns, ColumnsError},
    connection::Bulk,
    fingerprint::Fingerprint,
    key::RowKey,
    read::{ReadError, read},
    source::Source,
    tuples::{EncodeError, Tuples},
};

/// A block has about so many rows, and at least one cell.
const BLOCK: u64 = 50_000;

/// How the rows of a key range differ from those that are generated for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// How many rows are as they were generated.
    pub intact: u64,
    /// Rows that are generated and not there.
    pub missing: Keys,
    /// Rows that are there and differ from the generated ones.
    pub edited: Keys,
    /// Rows that are there and not generated.
    pub additional: Keys,
}

/// How many rows, and which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// How many.
    pub total: u64,
    /// The keys of the first of them.
    pub first: Vec<RowKey>,
}

/// Why a table cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The rows do not fit the table.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The rows have no primary key by which to find them.
    #[error("the rows of `{table}` do not have its primary key")]
    NoKey {
        /// The table.
        table: String,
    },
    /// A row cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The table cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The generator was stopped.
    #[error("the rows of `{table}` could not all be made")]
    Stopped {
        /// The table.
        table: String,
    },
}

impl Difference {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.missing.total + self.edited.total + self.additional.total == 0
    }
}

impl AddAssign for Difference {
    fn add_assign(&mut self, other: Self) {
        self.intact += other.intact;
        for (own, other) in [
            (&mut self.missing, other.missing),
            (&mut self.edited, other.edited),
            (&mut self.additional, other.additional),
        ] {
            own.total += other.total;
            own.first.extend(other.first);
        }
    }
}

impl Keys {
    fn add(&mut self, key: RowKey, most: usize) {
        self.total += 1;
        if self.first.len() < most {
            self.first.push(key);
        }
    }
}

/// Compares the rows of `cells` in the table of `source` with the generated ones. Of each kind of
/// difference, `most` keys are kept.
pub async fn compare(
    connection: &Bulk,
    source: Arc<dyn Source>,
    cells: Range<u64>,
    most: usize,
) -> Result<Difference, CompareError> {
    let columns = Columns::read(connection, source.table(), source.columns()).await?;
    let table = columns.table().to_owned();
    if !columns.all().iter().any(|column| column.in_primary_key) {
        return Err(CompareError::NoKey { table });
    }
    let mut difference = Difference::default();
    let mut next = Block::make(&source, &columns, cells.clone());
    loop {
        let stopped = |_| CompareError::Stopped { table: table.clone() };
        let block = next.await.map_err(stopped)??;
        if block.cells.is_empty() {
            return Ok(difference);
        }
        // The next block is made while this one is read.
        next = Block::make(&source, &columns, block.cells.end..cells.end);
        block.compare(connection, source.as_ref(), &columns, most, &mut difference).await?;
    }
}

/// The generated rows of some cells.
struct Block {
    cells: Range<u64>,
    rows: HashMap<RowKey, Fingerprint>,
}

impl Block {
    /// Makes the first block of `cells`; an empty one where there are none.
    fn make(
        source: &Arc<dyn Source>,
        columns: &Columns,
        cells: Range<u64>,
    ) -> JoinHandle<Result<Self, EncodeError>> {
        let (source, columns) = (Arc::clone(source), columns.clone());
        tokio::task::spawn_blocking(move || {
            let mut tuples = Tuples::new(columns.clone());
            let mut end = cells.start;
            while end < cells.end && tuples.tally().rows < BLOCK {
                source.append(end, &mut tuples)?;
                end += 1;
            }
            let rows =
                tuples.iter().map(|tuple| (RowKey::of(tuple, &columns), Fingerprint::of(tuple)));
            Ok(Self { cells: cells.start..end, rows: rows.collect() })
        })
    }

    async fn compare(
        self,
        connection: &Bulk,
        source: &dyn Source,
        columns: &Columns,
        most: usize,
        difference: &mut Difference,
    ) -> Result<(), ReadError> {
        let Self { cells, mut rows } = self;
        read(connection, columns, &source.keys(&cells), |tuple| {
            let key = RowKey::of(tuple, columns);
            match rows.remove(&key) {
                Some(made) if made == Fingerprint::of(tuple) => difference.intact += 1,
                Some(_) => difference.edited.add(key, most),
                None => difference.additional.add(key, most),
            }
        })
        .await?;
        let mut missing: Vec<_> = rows.into_keys().collect();
        missing.sort_unstable();
        for key in missing {
            difference.missing.add(key, most);
        }
        Ok(())
    }
}
