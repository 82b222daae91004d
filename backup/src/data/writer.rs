//! Writing a file line by line, to wherever it goes.

use std::io::{self, Write};

use super::{
    header::{Begin, End, Header, Mark, Table, TableTally, Trailer},
    line,
};
use crate::{archive::Tally, digest::Meter};

/// A file that is being written. Without its trailer it is not one.
pub(super) struct Writer<W: Write> {
    out: Meter<W>,
    line: Vec<u8>,
    tables: Vec<TableTally>,
    tally: Tally,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    pub(super) fn begin(out: W, header: &Header) -> io::Result<Self> {
        let (out, line, tables) = (Meter::new(out), Vec::new(), Vec::new());
        let mut writer = Self { out, line, tables, tally: Tally::default() };
        writer.mark(&Mark::Header(header.clone()))?;
        Ok(writer)
    }

    /// Begins with the rows of a table.
    pub(super) fn table(&mut self, table: &Table) -> io::Result<()> {
        self.tally = Tally::default();
        let begin = Begin { schema: table.schema.clone(), name: table.name.clone() };
        self.mark(&Mark::Table(begin))
    }

    /// Writes a row that `COPY` wrote as `copy`; how many of the table there are now.
    pub(super) fn row(&mut self, copy: &str) -> io::Result<u64> {
        self.tally.add(copy.as_bytes());
        self.line.clear();
        line::to_json(copy, &mut self.line);
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        Ok(self.tally.rows)
    }

    /// Ends the rows of a table.
    pub(super) fn end(&mut self, table: &Table) -> io::Result<()> {
        self.tables.push(TableTally {
            schema: table.schema.clone(),
            name: table.name.clone(),
            rows: self.tally.rows,
            hash: self.tally.hash.to_string(),
        });
        self.mark(&Mark::End(End::of(&self.tally)))
    }

    /// Writes the trailer.
    pub(super) fn finish(self) -> io::Result<(Vec<TableTally>, Trailer)> {
        let (mut out, digest) = self.out.finish();
        let rows = self.tables.iter().map(|table| table.rows).sum();
        let trailer = Trailer { tables: self.tables.len(), rows, sha256: digest.sha256 };
        let mut line = serde_json::to_vec(&Mark::Trailer(trailer.clone()))?;
        line.push(b'\n');
        out.write_all(&line)?;
        out.flush()?;
        Ok((self.tables, trailer))
    }

    fn mark(&mut self, mark: &Mark) -> io::Result<()> {
        let mut line = serde_json::to_vec(mark)?;
        line.push(b'\n');
        self.out.write_all(&line)
    }
}
