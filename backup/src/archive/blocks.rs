//! The blocks of rows after an archive's table of contents.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use super::{
    fields::{Fields, not_understood},
    rows::{Lines, Tally},
};

const ROWS: u8 = 1;
const LARGE_OBJECTS: u8 = 3;

/// Reads all blocks to the end: what the rows of each entry come to, by its number.
pub(super) fn read<R: BufRead>(fields: &mut Fields<R>) -> io::Result<BTreeMap<u32, Tally>> {
    let mut tallies = BTreeMap::new();
    while !fields.source.fill_buf()?.is_empty() {
        let kind = fields.byte()?;
        let id = fields.number()?;
        match kind {
            ROWS => {
                let id = u32::try_from(id).map_err(|_| not_understood("rows of nothing"))?;
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
    Ok(tallies)
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
