//! Reading an archive on a thread of its own while it passes by.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read},
    sync::Arc,
};

use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};

use super::{
    TocEntry,
    blocks::{self, Blocks},
    rows::Tally,
    toc,
};

/// How many pieces may wait.
const QUEUE: usize = 8;

const ROWS: &str = "TABLE DATA";

/// What was found in an archive.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) toc: Vec<TocEntry>,
    tallies: BTreeMap<u32, Tally>,
}

impl Survey {
    /// What the rows of every table come to, by schema and name.
    pub(crate) fn tables(&self) -> BTreeMap<(&str, &str), Tally> {
        let rows = self.toc.iter().filter(|entry| entry.kind == ROWS);
        let named = |entry: &TocEntry| self.tallies.get(&entry.id).copied();
        rows.filter_map(|entry| {
            Some(((entry.schema.as_deref()?, entry.name.as_str()), named(entry)?))
        })
        .collect()
    }
}

/// Takes the pieces of an archive; once it does not understand one, it wants no more.
pub(crate) struct Surveyor {
    pieces: Option<Sender<Arc<Vec<u8>>>>,
    worker: JoinHandle<io::Result<Survey>>,
}

impl Surveyor {
    pub(crate) fn start() -> Self {
        let (sender, received) = mpsc::channel(QUEUE);
        Self { pieces: Some(sender), worker: spawn_blocking(move || survey(Pieces::of(received))) }
    }

    /// Shows it the next piece.
    pub(crate) async fn show(&mut self, piece: &Arc<Vec<u8>>) {
        if let Some(pieces) = &self.pieces
            && pieces.send(Arc::clone(piece)).await.is_err()
        {
            self.pieces = None;
        }
    }

    /// What it found, after the last piece; an error if the archive was not understood.
    pub(crate) async fn finish(self) -> io::Result<Survey> {
        drop(self.pieces);
        self.worker.await.map_err(io::Error::other)?
    }
}

/// Reads an archive to its end.
pub(super) fn survey(source: impl BufRead) -> io::Result<Survey> {
    let (mut fields, toc) = toc::read(source)?;
    let Blocks { tallies, positions } = blocks::read(&mut fields)?;
    let mut toc = toc.entries;
    for entry in &mut toc {
        entry.data_at = positions.get(&entry.id).copied();
    }
    Ok(Survey { toc, tallies })
}

/// Pieces from a channel, to be read like a file.
struct Pieces {
    received: Receiver<Arc<Vec<u8>>>,
    piece: Arc<Vec<u8>>,
    read: usize,
}

impl Pieces {
    fn of(received: Receiver<Arc<Vec<u8>>>) -> Self {
        Self { received, piece: Arc::default(), read: 0 }
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read == self.piece.len() {
            let Some(piece) = self.received.blocking_recv() else { return Ok(&[]) };
            (self.piece, self.read) = (piece, 0);
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let read = available.len().min(buffer.len());
        buffer[..read].copy_from_slice(&available[..read]);
        self.consume(read);
        Ok(read)
    }
}
