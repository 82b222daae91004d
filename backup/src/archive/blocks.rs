//! The blocks of rows after an archive's table of contents.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use super::{
    fields::{Fields, not_understood},
    rows::{Lines, Tally},
};

pub(super) const ROWS: u8 = 1;
pub(super) const LARGE_OBJECTS: u8 = 3;

/// The blocks of an archive, each by the number of its entry.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// What the rows come to.
    pub(super) tallies: BTreeMap<u32, Tally>,
    /// Where each begins.
    pub(super) positions: BTreeMap<u32, u64>,
}

/// Reads all blocks to the end.
pub(super) fn read<R: BufRead>(fields: &mut Fields<R>) -> io::Result<Blocks> {
    let Blocks { mut tallies, mut positions } = Blocks::default();
    while !fields.source.fill_buf()?.is_empty() {
        let position = fields.source.position;
        let kind = fields.byte()?;
        let id = fields.number()?;
        let id = u32::try_from(id).map_err(|_| not_understood("a block of nothing"))?;
        // Large objects may come in several blocks of one entry, which begins with the first.
        positions.entry(id).or_insert(position);
        match kind {
            ROWS => {
                let mut lines = Lines::default();
                chunks(fields, |piece| lines.feed(piece))?;
                tallies.insert(id, lines.tally());
            }
            LARGE_OBJECTS => {
                while fields.number()? != 0 {
                    chunks(fields, |_| ())?;
                }
            }
            other => return Err(not_understood(&format!("a block of kind {other}"))),
        }
    }
    Ok(Blocks { tallies, positions })
}

/// Reads chunks, each after its length, until one of length 0.
fn chunks<R: BufRead>(fields: &mut Fields<R>, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    loop {
        let mut missing = fields.length()?;
        if missing == 0 {
            return Ok(());
        }
        while missing > 0 {
            let buffer = fields.source.fill_buf()?;
            if buffer.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let taken = missing.min(buffer.len());
            take(&buffer[..taken]);
            fields.source.consume(taken);
            missing -= taken;
        }
    }
}
