//! Rows out of a table, one tuple at a time.

use dbkit::{Identifier, Literal};
use futures_util::TryStreamExt as _;

use super::{
    columns::Columns,
    connection::{Bulk, BulkError},
    fingerprint::Tally,
    refusal::Refusal,
    source::KeyRange,
};

/// What a binary COPY begins with: the signature, no flags, no extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with: a tuple of -1 fields.
pub(super) const TRAILER: &[u8] = &[0xff, 0xff];

/// Why rows cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server refused, or the connection is gone.
    #[error("cannot read `{table}`")]
    Connection {
        /// The table.
        table: String,
        /// Why.
        #[source]
        source: BulkError,
    },
    /// What came was no binary COPY.
    #[error("what the server sent of `{table}` is incomplete")]
    Incomplete {
        /// The table.
        table: String,
    },
}

/// What the rows of `columns` come to that are in the table within `range`.
pub async fn tally(
    connection: &Bulk,
    columns: &Columns,
    range: &KeyRange,
) -> Result<Tally, ReadError> {
    let mut tally = Tally::default();
    read(connection, columns, range, |tuple| tally.add(tuple)).await?;
    Ok(tally)
}

/// Gives every row within `range` to `each`, in no order.
pub(super) async fn read(
    connection: &Bulk,
    columns: &Columns,
    range: &KeyRange,
    each: impl FnMut(&[u8]),
) -> Result<(), ReadError> {
    let table = columns.table();
    let complete = copy_out(connection, &statement(columns, range), each).await;
    match complete {
        Ok(true) => Ok(()),
        Ok(false) => Err(ReadError::Incomplete { table: table.to_owned() }),
        Err(source) => Err(ReadError::Connection { table: table.to_owned(), source }),
    }
}

/// COPY takes no parameters, so the keys are literals.
fn statement(columns: &Columns, range: &KeyRange) -> String {
    let (list, table, key) =
        (columns.list(), Identifier(columns.table()), Identifier(range.column));
    let (from, to) = (range.from.to_string(), range.to.to_string());
    let (from, to) = (Literal(&from), Literal(&to));
    format!(
        "COPY (SELECT {list} FROM {table} WHERE {key} >= {from} AND {key} < {to}) \
         TO STDOUT (FORMAT binary)"
    )
}

/// Whether the whole of it came. After anything but that, the connection is closed.
async fn copy_out(
    connection: &Bulk,
    statement: &str,
    mut each: impl FnMut(&[u8]),
) -> Result<bool, BulkError> {
    let mut held = connection.hold().await?;
    let mut tuples = Splitter::default();
    let mut stream = held.connection.copy_out_raw(statement).await.map_err(failed)?;
    while let Some(bytes) = stream.try_next().await.map_err(failed)? {
        tuples.push(&bytes, &mut each);
    }
    drop(stream);
    held.put_back();
    Ok(tuples.state == State::Ended)
}

fn failed(error: sqlx::Error) -> BulkError {
    match Refusal::of(&error) {
        Some(refusal) => BulkError::Refused(refusal),
        None => BulkError::Broken(error),
    }
}

/// Cuts what comes into tuples, wherever the messages are cut.
#[derive(Default)]
struct Splitter {
    rest: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Header,
    Tuples,
    Ended,
}

impl Splitter {
    fn push(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8])) {
        if self.rest.is_empty() {
            // As a rule, a message is a tuple.
            let used = self.cut(bytes, each);
            self.rest.extend(&bytes[used..]);
        } else {
            let mut rest = std::mem::take(&mut self.rest);
            rest.extend(bytes);
            let used = self.cut(&rest, each);
            rest.drain(..used);
            self.rest = rest;
        }
    }

    /// Gives every whole tuple to `each`; how many bytes were used.
    fn cut(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8])) -> usize {
        let mut at = 0;
        while let Some(length) = self.next(&bytes[at..]) {
            if self.state == State::Tuples {
                each(&bytes[at..at + length]);
            }
            if self.state == State::Header {
                self.state = State::Tuples;
            }
            at += length;
        }
        at
    }

    /// The length of what comes next, if all of it is there.
    fn next(&mut self, bytes: &[u8]) -> Option<usize> {
        match self.state {
            State::Header => (bytes.len() >= HEADER.len()).then_some(HEADER.len()),
            State::Tuples if bytes.starts_with(TRAILER) => {
                self.state = State::Ended;
                Some(TRAILER.len())
            }
            State::Tuples => tuple_length(bytes),
            State::Ended => None,
        }
    }
}

/// The length of the tuple at the beginning, if all of it is there.
fn tuple_length(bytes: &[u8]) -> Option<usize> {
    let fields = u16::from_be_bytes(*bytes.first_chunk()?);
    let mut at = 2;
    for _ in 0..fields {
        let length = i32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        at += 4 + usize::try_from(length).unwrap_or(0);
    }
    (at <= bytes.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<u8> {
        let tuples: [&[u8]; 3] =
            [b"\0\x01\0\0\0\x02ab", b"\0\x02\xff\xff\xff\xff\0\0\0\0", b"\0\0"];
        [HEADER, &tuples.concat(), b"\xff\xff"].concat()
    }

    #[test]
    fn tuples_are_the_same_however_the_messages_are_cut() {
        let stream = stream();
        for size in 1..=stream.len() {
            let mut found = Vec::new();
            let mut tuples = Splitter::default();
            stream.chunks(size).for_each(|part| {
                tuples.push(part, &mut |tuple: &[u8]| found.push(tuple.len()));
            });
            assert_eq!(found, [8, 10, 2], "in parts of {size}");
            assert!(tuples.state == State::Ended && tuples.rest.is_empty());
        }
    }

    #[test]
    fn a_stream_that_was_cut_off_has_not_ended() {
        let stream = stream();
        let mut tuples = Splitter::default();
        tuples.push(&stream[..stream.len() - 1], &mut |_: &[u8]| {});
        assert!(tuples.state != State::Ended);
    }
}
