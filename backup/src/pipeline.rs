//! The way of an archive into its file: measured, compressed, measured again.
//!
//! Compressing and writing block, so they have a thread of their own. The channel to it is short:
//! a slow disk slows `pg_dump` down instead of filling the memory.

use std::{
    fs::File,
    io::{self, Write as _},
    thread::available_parallelism,
};

use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};
use zstd::Encoder;

use crate::{Digest, digest::Meter};

/// How many pieces may wait; a piece is what one read of a pipe gives, at most 64 KiB on Linux.
const QUEUE: usize = 32;

/// zstd's level 3 takes a quarter of the time of `pg_dump`'s own gzip and compresses better.
const LEVEL: i32 = 3;

/// More threads than this find nothing to do: `pg_dump` is the bottleneck.
const MAX_WORKERS: usize = 4;

/// How many threads are worth while for compressing, or for restoring.
pub(crate) fn workers() -> u32 {
    let cores = available_parallelism().map_or(1, |cores| cores.get().min(MAX_WORKERS));
    u32::try_from(cores).unwrap_or(1)
}

/// What went into a file, and what came of it.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) raw: Digest,
    pub(crate) stored: Digest,
}

/// A file that is being filled. Dropped before [`Packer::finish`], it never becomes a whole one.
pub(crate) struct Packer {
    pieces: Sender<Message>,
    worker: JoinHandle<io::Result<Packed>>,
}

enum Message {
    Piece(Vec<u8>),
    Finish,
}

impl Packer {
    /// Begins to fill `file`.
    pub(crate) fn start(file: File) -> Self {
        let (pieces, received) = mpsc::channel(QUEUE);
        let worker = spawn_blocking(move || pack(file, received));
        Self { pieces, worker }
    }

    /// Adds a piece.
    pub(crate) async fn write(self, piece: Vec<u8>) -> io::Result<Self> {
        match self.pieces.send(Message::Piece(piece)).await {
            Ok(()) => Ok(self),
            // The worker is gone, and knows why.
            Err(_) => Err(self.failure().await),
        }
    }

    /// Ends the compressed stream and waits until the file is on the disk.
    ///
    /// To be called only when all is known to be well: from here on the file looks complete.
    pub(crate) async fn finish(self) -> io::Result<Packed> {
        if self.pieces.send(Message::Finish).await.is_err() {
            return Err(self.failure().await);
        }
        self.worker.await.map_err(io::Error::other)?
    }

    async fn failure(self) -> io::Error {
        match self.worker.await {
            Ok(Err(error)) => error,
            Ok(Ok(_)) => unfinished(),
            Err(panicked) => io::Error::other(panicked),
        }
    }
}

fn pack(file: File, mut pieces: Receiver<Message>) -> io::Result<Packed> {
    let mut encoder = Encoder::new(Meter::new(file), LEVEL)?;
    encoder.include_checksum(true)?;
    encoder.multithread(workers())?;
    let mut raw = Meter::new(encoder);
    while let Some(message) = pieces.blocking_recv() {
        match message {
            Message::Piece(piece) => raw.write_all(&piece)?,
            Message::Finish => {
                let (encoder, raw) = raw.finish();
                let (file, stored) = encoder.finish()?.finish();
                file.sync_all()?;
                return Ok(Packed { raw, stored });
            }
        }
    }
    Err(unfinished())
}

fn unfinished() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "the archive was not finished")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::digest;

    #[tokio::test]
    async fn what_is_packed_can_be_unpacked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("dump");
        let mut packer = Packer::start(File::create(&path).unwrap());
        for piece in [b"PGDMP".to_vec(), vec![7; 100_000], b"end".to_vec()] {
            packer = packer.write(piece).await.unwrap();
        }
        let Packed { raw, stored: written } = packer.finish().await.unwrap();
        let stored = std::fs::read(&path).unwrap();
        assert_eq!(written, digest(&stored));
        assert_eq!(raw, digest(&zstd::decode_all(&stored[..]).unwrap()));
        assert_eq!(raw.bytes, 100_008);
    }

    #[tokio::test]
    async fn what_is_not_finished_cannot_be_unpacked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("dump");
        let packer = Packer::start(File::create(&path).unwrap());
        let packer = packer.write(vec![7; 100_000]).await.unwrap();
        drop(packer.pieces);
        assert!(packer.worker.await.unwrap().is_err());
        assert!(zstd::decode_all(File::open(&path).unwrap()).is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_reported_as_such() {
        let mut packer = Packer::start(File::create("/dev/full").unwrap());
        let error = loop {
            match packer.write(vec![7; 100_000]).await {
                // The encoder writes nothing before it has a block.
                Ok(next) => packer = next,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
