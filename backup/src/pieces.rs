//! Pieces from a channel, to be read like a file.

use std::io::{self, BufRead, Read};

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc::Receiver;

/// What a channel brings, one piece after the other; at its end there is no more.
pub(crate) struct Pieces {
    received: Receiver<Bytes>,
    piece: Bytes,
}

impl Pieces {
    pub(crate) fn of(received: Receiver<Bytes>) -> Self {
        Self { received, piece: Bytes::new() }
    }

    /// Takes what is left, so that whoever sends it can go on.
    pub(crate) fn skip_rest(mut self) {
        while self.received.blocking_recv().is_some() {}
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() {
            let Some(piece) = self.received.blocking_recv() else { return Ok(&[]) };
            self.piece = piece;
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, amount: usize) {
        self.piece.advance(amount);
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
