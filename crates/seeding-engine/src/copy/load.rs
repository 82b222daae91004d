//! Generated rows into a table. The next rows are made while the last are on their way; memory is
//! bounded by what is in between.

use std::{
    ops::Range,
    sync::{
        Arc,
        mpsc::{Receiver as Emptied, Sender as Return, channel as returning},
    },
};

use dbkit::Identifier;
use sqlx::PgConnection;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinError,
};

use super::{
    columns::Columns,
    connection::{Bulk, BulkError},
    fingerprint::Tally,
    opening::opening,
    read::TRAILER,
    refusal::Refusal,
    source::Source,
    tuples::{EncodeError, Tuples},
};
use crate::write::Progress;

/// A part is sent once it has so many bytes.
const PART: usize = 1024 * 1024;

/// So many parts wait at most.
const WAITING: usize = 4;

/// So many parts go into one statement. The server keeps what it has to check of foreign keys until
/// the end of a statement in memory, and says only then what it refuses.
const PARTS_IN_A_STATEMENT: usize = 32;

/// Why rows did not get into their table; nothing of the transaction lasts.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A row cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The server refused the rows.
    #[error("cannot write to `{table}`")]
    Refused {
        /// The table.
        table: String,
        /// What the server said.
        #[source]
        refusal: Box<Refusal>,
    },
    /// A trigger or a rule of the table has left rows out.
    #[error("of {sent} rows for `{table}`, the database kept {kept}")]
    LeftOut {
        /// The table.
        table: String,
        /// How many rows were sent.
        sent: u64,
        /// How many the server has written.
        kept: u64,
    },
    /// The generator was stopped, because the program is ending.
    #[error("the rows could not all be made")]
    Stopped,
    /// The connection is gone.
    #[error("cannot write to `{table}`")]
    Connection {
        /// The table.
        table: String,
        /// Why.
        #[source]
        source: Box<BulkError>,
    },
}

impl LoadError {
    fn from_bulk(table: &str, source: BulkError) -> Self {
        let table = table.to_owned();
        match source {
            BulkError::Refused(refusal) => Self::Refused { table, refusal },
            source => Self::Connection { table, source: Box::new(source) },
        }
    }
}

/// Some rows on their way from the generator to the server.
struct Part {
    bytes: Vec<u8>,
    rows: u64,
}

/// Writes the rows of `cells` into the table of `source`; what they come to.
///
/// The `columns` are those of the source, and are better read on another connection. Up to PostgreSQL
/// 16, COPY keeps a thousand references to the table's description in a hash table, and every check of
/// a foreign key probes it; whether it hits them depends on what the session has loaded before. After
/// a look at the catalog, 1 000 000 rows cost 6.1 s of the server's time instead of 5.0.
///
/// `progress` hears how many rows another part has sent. After an error the transaction can only be
/// rolled back: it has failed, or its connection is closed.
pub async fn load(
    connection: &mut Bulk,
    columns: &Columns,
    source: Arc<dyn Source>,
    cells: Range<u64>,
    progress: Progress<'_>,
) -> Result<Tally, LoadError> {
    let table = columns.table().to_owned();
    let tuples = Tuples::new(columns.clone());
    let statement =
        format!("COPY {} ({}) FROM STDIN (FORMAT binary)", Identifier(&table), columns.list());
    let (filled, parts) = channel(WAITING);
    let (emptied, buffers) = returning();
    let generator = tokio::task::spawn_blocking(move || {
        generate(source.as_ref(), cells, tuples, &filled, &buffers)
    });
    let kept = send(connection, &statement, parts, &emptied, progress).await;
    let kept = kept.map_err(|error| LoadError::from_bulk(&table, error))?;
    let all = joined(generator.await).and_then(|tally| complete(&table, tally, kept));
    if all.is_err() {
        // Rows without the others must never be committed.
        connection.give_up().await;
    }
    all
}

/// What the generator came to; a panic of it goes on here.
fn joined(generated: Result<Result<Tally, EncodeError>, JoinError>) -> Result<Tally, LoadError> {
    match generated.map_err(JoinError::try_into_panic) {
        Ok(tally) => Ok(tally?),
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => Err(LoadError::Stopped),
    }
}

fn complete(table: &str, tally: Tally, kept: u64) -> Result<Tally, LoadError> {
    if kept == tally.rows {
        return Ok(tally);
    }
    Err(LoadError::LeftOut { table: table.to_owned(), sent: tally.rows, kept })
}

/// Makes the rows of `cells`, until they are made or nobody takes them any more.
fn generate(
    source: &dyn Source,
    cells: Range<u64>,
    mut tuples: Tuples,
    filled: &Sender<Part>,
    emptied: &Emptied<Vec<u8>>,
) -> Result<Tally, EncodeError> {
    let end = cells.end;
    for cell in cells {
        source.append(cell, &mut tuples)?;
        if tuples.bytes().len() >= PART || cell + 1 == end {
            let mut bytes = emptied.try_recv().unwrap_or_default();
            let rows = tuples.take(&mut bytes);
            if filled.blocking_send(Part { bytes, rows }).is_err() {
                break;
            }
        }
    }
    Ok(tuples.tally())
}

/// Sends all `parts`; how many rows the server has written.
async fn send(
    connection: &Bulk,
    statement: &str,
    mut parts: Receiver<Part>,
    emptied: &Return<Vec<u8>>,
    progress: Progress<'_>,
) -> Result<u64, BulkError> {
    let mut kept = 0;
    while let Some(first) = parts.recv().await {
        let mut held = connection.hold().await?;
        let copied =
            copy(&mut held.connection, statement, first, &mut parts, emptied, progress).await;
        kept += held.settle(copied)?;
    }
    Ok(kept)
}

/// Sends `first` and some of `parts` in one statement.
async fn copy(
    connection: &mut PgConnection,
    statement: &str,
    first: Part,
    parts: &mut Receiver<Part>,
    emptied: &Return<Vec<u8>>,
    progress: Progress<'_>,
) -> Result<u64, sqlx::Error> {
    let mut copy = connection.copy_in_raw(statement).await?;
    let mut part = Part { bytes: opening(&first.bytes), rows: first.rows };
    for sent in 1.. {
        let next = if sent < PARTS_IN_A_STATEMENT { parts.recv().await } else { None };
        if next.is_none() {
            part.bytes.extend_from_slice(TRAILER);
        }
        copy.send(part.bytes.as_slice()).await?;
        progress(part.rows);
        // Where the generator has come to its end, nobody needs the buffer.
        let _ = emptied.send(part.bytes);
        let Some(next) = next else { break };
        part = next;
    }
    copy.finish().await
}
