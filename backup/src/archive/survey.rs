//! Reading an archive on a thread of its own while it passes by.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use bytes::Bytes;
use tokio::{
    sync::mpsc::{self, Sender},
    task::{JoinHandle, spawn_blocking},
};

use super::{
    TocEntry,
    blocks::{self, Blocks},
    rows::Tally,
    toc,
};
use crate::pieces::Pieces;

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
    pieces: Option<Sender<Bytes>>,
    worker: JoinHandle<io::Result<Survey>>,
}

impl Surveyor {
    pub(crate) fn start() -> Self {
        let (sender, received) = mpsc::channel(QUEUE);
        Self { pieces: Some(sender), worker: spawn_blocking(move || survey(Pieces::of(received))) }
    }

    /// Shows it the next piece.
    pub(crate) async fn show(&mut self, piece: &Bytes) {
        if let Some(pieces) = &self.pieces
            && pieces.send(piece.clone()).await.is_err()
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
