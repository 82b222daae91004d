//! Reading a file line by line, with everything checked that can be at each.

use std::{
    fmt,
    io::{self, BufRead},
};

use super::{
    header::{End, FORMAT, Header, Mark, TableTally, Trailer, VERSION},
    line,
};
use crate::{archive::Tally, digest::Meter, fingerprint::ALGORITHM};

/// Why a file is not one that can be imported.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    /// It was never an export.
    #[error("this is no export of tables: line 1 has no header")]
    NotAnExport,
    /// Another version of this program wrote it.
    #[error("the file has version {found} of the format, and only {VERSION} can be read here")]
    Version {
        /// Its version.
        found: u32,
    },
    /// Its end is missing.
    #[error("the file ends after line {after}, without its trailer")]
    Truncated {
        /// The last whole line.
        after: u64,
    },
    /// A line is not what it should be.
    #[error("line {line} is damaged: {why}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A table's rows are not those that were written.
    #[error(
        "the rows of {table} are not those that were exported: {recorded} recorded, {found} found"
    )]
    Rows {
        /// The table.
        table: String,
        /// Rows and hash as recorded.
        recorded: String,
        /// Rows and hash as found.
        found: String,
    },
    /// What was written is not what is read.
    #[error("the checksum of the file is {found}, and {recorded} is recorded")]
    Checksum {
        /// The SHA-256 in the trailer.
        recorded: String,
        /// That of the lines before it.
        found: String,
    },
    /// It was another one a moment ago.
    #[error("the file changed while it was read")]
    Changed,
}

/// What comes next in a file.
#[derive(Debug)]
pub(super) enum Line<'a> {
    /// The rows of this table, by its place in the header.
    Table(usize),
    /// A row, as `COPY` writes it, without the end of the line.
    Row(&'a [u8]),
    /// No more rows of the table.
    End,
    /// The end, and all was well.
    Trailer(Trailer),
}

/// A file that is being read.
pub(super) struct Reader<R> {
    source: R,
    hash: Meter<()>,
    number: u64,
    line: Vec<u8>,
    copy: Vec<u8>,
    header: Header,
    tallies: Vec<TableTally>,
    /// The rows of the table that is being read.
    tally: Option<Tally>,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    pub(super) fn begin(mut source: R) -> Result<Self, FileError> {
        let mut line = Vec::new();
        let mut hash = Meter::new(());
        if !read_line(&mut source, &mut line)? {
            return Err(if line.is_empty() {
                FileError::NotAnExport
            } else {
                truncated_or_other(&line)
            });
        }
        hash.count(&line);
        let header = header(&line)?;
        let (copy, tallies) = (Vec::new(), Vec::new());
        Ok(Self { source, hash, number: 1, line, copy, header, tallies, tally: None })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// What the tables come to that were read to their ends.
    pub(super) fn tallies(&self) -> &[TableTally] {
        &self.tallies
    }

    /// The next line.
    pub(super) fn next(&mut self) -> Result<Line<'_>, FileError> {
        if !read_line(&mut self.source, &mut self.line)? {
            return Err(FileError::Truncated { after: self.number });
        }
        self.number += 1;
        if self.line.first() == Some(&b'[') {
            self.row()?;
            return Ok(Line::Row(&self.copy));
        }
        let mark = serde_json::from_slice(&self.line).map_err(|error| self.damaged(error))?;
        match (mark, self.tally) {
            (Mark::Table(begin), None) => {
                let place = self.tallies.len();
                match self.header.tables.get(place) {
                    Some(table) if (&table.schema, &table.name) == (&begin.schema, &begin.name) => {
                    }
                    _ => return Err(self.damaged("another table was to come")),
                }
                self.hash.count(&self.line);
                self.tally = Some(Tally::default());
                Ok(Line::Table(place))
            }
            (Mark::End(end), Some(tally)) => {
                self.hash.count(&self.line);
                self.end(&end, tally)?;
                Ok(Line::End)
            }
            (Mark::Trailer(trailer), None) => self.trailer(trailer).map(Line::Trailer),
            _ => Err(self.damaged("it stands in the wrong place")),
        }
    }

    fn row(&mut self) -> Result<(), FileError> {
        let Some(table) = self.tally.and(self.header.tables.get(self.tallies.len())) else {
            return Err(self.damaged("it is a row of no table"));
        };
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        if let Err(error) = line::to_copy(line, table.columns.len(), &mut self.copy) {
            return Err(self.damaged(error));
        }
        self.hash.count(&self.line);
        if let Some(tally) = &mut self.tally {
            tally.add(&self.copy);
        }
        Ok(())
    }

    fn end(&mut self, recorded: &End, tally: Tally) -> Result<(), FileError> {
        let table = &self.header.tables[self.tallies.len()];
        let found = End::of(&tally);
        if found != *recorded {
            let shown = |end: &End| format!("{} rows with hash {}", end.rows, end.hash);
            let (recorded, found) = (shown(recorded), shown(&found));
            return Err(FileError::Rows { table: table.to_string(), recorded, found });
        }
        let (schema, name) = (table.schema.clone(), table.name.clone());
        self.tallies.push(TableTally { schema, name, rows: found.rows, hash: found.hash });
        self.tally = None;
        Ok(())
    }

    fn trailer(&mut self, trailer: Trailer) -> Result<Trailer, FileError> {
        let hash = std::mem::replace(&mut self.hash, Meter::new(()));
        let found = hash.finish().1.sha256;
        if trailer.sha256 != found {
            return Err(FileError::Checksum { recorded: trailer.sha256, found });
        }
        let rows = self.tallies.iter().map(|table| table.rows).sum::<u64>();
        let expected = Trailer { tables: self.header.tables.len(), rows, sha256: found };
        if self.tallies.len() != expected.tables || trailer != expected {
            return Err(self.damaged("it does not count the tables and rows before it"));
        }
        // No checksum covers this line, so it must be exactly what it says.
        let mut written =
            serde_json::to_vec(&Mark::Trailer(expected)).map_err(|error| self.damaged(error))?;
        written.push(b'\n');
        if written != self.line {
            return Err(self.damaged("it is not as it was written"));
        }
        if !self.source.fill_buf().map_err(FileError::Read)?.is_empty() {
            return Err(FileError::Line {
                line: self.number + 1,
                why: "it stands after the trailer".to_owned(),
            });
        }
        Ok(trailer)
    }

    fn damaged(&self, why: impl fmt::Display) -> FileError {
        FileError::Line { line: self.number, why: format!("{why}") }
    }
}

/// Whether there was a whole line.
fn read_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, FileError> {
    line.clear();
    source.read_until(b'\n', line).map_err(FileError::Read)?;
    Ok(line.ends_with(b"\n"))
}

fn truncated_or_other(line: &[u8]) -> FileError {
    if line.starts_with(b"{\"header\":") {
        FileError::Truncated { after: 0 }
    } else {
        FileError::NotAnExport
    }
}

fn header(line: &[u8]) -> Result<Header, FileError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        header: Version,
    }
    #[derive(serde::Deserialize)]
    struct Version {
        format: String,
        version: u32,
    }
    let versioned: Versioned = serde_json::from_slice(line).map_err(|_| FileError::NotAnExport)?;
    let Version { format, version } = versioned.header;
    if format != FORMAT {
        return Err(FileError::NotAnExport);
    }
    if version != VERSION {
        return Err(FileError::Version { found: version });
    }
    let damaged = |why: String| FileError::Line { line: 1, why };
    match serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))? {
        Mark::Header(header) if header.algorithm == ALGORITHM => Ok(header),
        Mark::Header(header) => {
            Err(damaged(format!("`{}` is no hash known here", header.algorithm)))
        }
        _ => Err(FileError::NotAnExport),
    }
}
