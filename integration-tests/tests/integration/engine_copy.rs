//! Rows by binary COPY, against a server: the same bytes in and out, all or nothing, and tables that are
//! put together as they were.

mod apart;
mod bytes;
mod comparing;
mod faults;
mod loading;

use std::{ops::Range, sync::Arc};

use integration_tests::{TestDatabase, sql};
use sea_orm::Value;
use seeding_engine::copy::{
    self, Bulk, Columns, EncodeError, KeyRange, LoadError, Source, Tally, Tuples,
};
use uuid::Uuid;

/// So many keys belong to each cell.
const STRIDE: u64 = 100;

/// What makes the rows of a cell.
type Make = Box<dyn Fn(u64) -> Vec<Vec<Value>> + Send + Sync>;

/// Rows of a test, found by their column `id`.
struct Made {
    table: &'static str,
    columns: &'static [&'static str],
    make: Make,
}

impl Made {
    fn source(
        table: &'static str,
        columns: &'static [&'static str],
        make: impl Fn(u64) -> Vec<Vec<Value>> + Send + Sync + 'static,
    ) -> Arc<dyn Source> {
        Arc::new(Self { table, columns, make: Box::new(make) })
    }

    /// `rows` rows in each cell of a table of notes, whose columns are `id` and `note`.
    fn notes(rows: u64) -> Arc<dyn Source> {
        Self::source("notes", &["id", "note"], move |cell| {
            (0..rows)
                .map(|row| vec![id(cell, row), format!("note {row} of {cell}").into()])
                .collect()
        })
    }
}

impl Source for Made {
    fn table(&self) -> &str {
        self.table
    }

    fn columns(&self) -> &[&'static str] {
        self.columns
    }

    fn append(&self, cell: u64, tuples: &mut Tuples) -> Result<(), EncodeError> {
        (self.make)(cell).iter().try_for_each(|row| tuples.row(row))
    }

    fn keys(&self, cells: &Range<u64>) -> KeyRange {
        KeyRange { column: "id", from: key(cells.start, 0), to: key(cells.end, 0) }
    }
}

fn key(cell: u64, row: u64) -> Uuid {
    Uuid::from_u128(u128::from(cell * STRIDE + row))
}

fn id(cell: u64, row: u64) -> Value {
    key(cell, row).into()
}

const NOTES: &str = "CREATE TABLE notes (id uuid PRIMARY KEY, note text UNIQUE)";

/// Waits for every transaction that has written notes, such as one whose connection is gone.
const SETTLED: &str = "BEGIN; SET LOCAL lock_timeout = '30s'; LOCK TABLE notes; COMMIT";

/// A database with a table of notes.
async fn notes() -> TestDatabase {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), NOTES).await;
    test
}

async fn begin(test: &TestDatabase) -> Bulk {
    Bulk::begin(test.url(), &sql::options()).await.unwrap()
}

async fn look(test: &TestDatabase) -> Bulk {
    Bulk::look(test.url(), &sql::options()).await.unwrap()
}

/// Loads `cells` in the transaction of `bulk`.
async fn load(
    bulk: &mut Bulk,
    source: Arc<dyn Source>,
    cells: Range<u64>,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Tally, LoadError> {
    let columns = Columns::read(bulk, source.table(), source.columns()).await.unwrap();
    copy::load(bulk, &columns, source, cells, progress).await
}

/// Loads `cells` in a transaction of their own.
async fn fill(
    test: &TestDatabase,
    source: &Arc<dyn Source>,
    cells: Range<u64>,
) -> Result<Tally, LoadError> {
    let mut bulk = begin(test).await;
    let tally = load(&mut bulk, Arc::clone(source), cells, &|_| {}).await?;
    bulk.commit().await.unwrap();
    Ok(tally)
}

async fn count(test: &TestDatabase, table: &str) -> i64 {
    sql::value(test.db(), &format!("SELECT count(*) FROM {table}")).await
}
