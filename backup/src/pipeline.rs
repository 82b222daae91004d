//! The way of an archive into its file: measured, compressed, sealed, measured again.
//!
//! Compressing and writing block, so they have a thread of their own. The channel to it is short:
//! a slow disk slows `pg_dump` down instead of filling the memory.

use std::{
    io::{self, Write as _},
    thread::available_parallelism,
};

use bytes::Bytes;
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    Compression, Digest, RawDigest, Recipients,
    compression::Compressed,
    digest::Meter,
    keys::Sealed,
    raw_digest::{Algorithm, RawMeter},
    store::Sink,
};

/// How many pieces may wait; a piece is what one read of a pipe gives, at most 256 KiB.
const QUEUE: usize = 8;

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
    pub(crate) raw: RawDigest,
    pub(crate) stored: Digest,
}

/// A file that is being filled. Dropped before [`Packer::finish`], it never becomes a whole one.
pub(crate) struct Packer {
    pieces: Sender<Message>,
    worker: JoinHandle<io::Result<Packed>>,
}

enum Message {
    Piece(Bytes),
    Finish,
}

impl Packer {
    /// Begins to fill `file`, so that `recipients` can open it.
    pub(crate) fn start(
        file: Box<dyn Sink>,
        recipients: &Recipients,
        compression: Compression,
    ) -> Self {
        let (pieces, received) = mpsc::channel(QUEUE);
        let recipients = recipients.clone();
        let worker = spawn_blocking(move || pack(file, &recipients, compression, received));
        Self { pieces, worker }
    }

    /// Adds a piece.
    pub(crate) async fn write(self, piece: Bytes) -> io::Result<Self> {
        match self.pieces.send(Message::Piece(piece)).await {
            Ok(()) => Ok(self),
            // The worker is gone, and knows why.
            Err(_) => Err(self.failure().await),
        }
    }

    /// Ends the compressed and the sealed stream, and waits until the file is kept.
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

fn pack(
    file: Box<dyn Sink>,
    recipients: &Recipients,
    compression: Compression,
    mut pieces: Receiver<Message>,
) -> io::Result<Packed> {
    let sealed = Sealed::new(recipients, Meter::new(file))?;
    let mut compressed = Compressed::new(sealed, compression, workers())?;
    let mut raw = RawMeter::new(Algorithm::default());
    while let Some(message) = pieces.blocking_recv() {
        match message {
            Message::Piece(piece) => {
                raw.count(&piece);
                compressed.write_all(&piece)?;
            }
            Message::Finish => {
                let raw = raw.finish();
                let (file, stored) = compressed.finish()?.finish()?.finish();
                file.complete()?;
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
    use std::fs::File;

    use super::*;
    use crate::{digest::digest, raw_digest::raw_digest};

    fn started(file: Box<dyn Sink>) -> Packer {
        Packer::start(file, &Recipients::Everybody, Compression::default())
    }

    fn packer(path: impl AsRef<std::path::Path>) -> Packer {
        started(Box::new(File::create(path).unwrap()))
    }

    #[tokio::test]
    async fn what_is_packed_can_be_unpacked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("dump");
        let mut packer = packer(&path);
        for piece in [b"PGDMP".to_vec(), vec![7; 100_000], b"end".to_vec()] {
            packer = packer.write(piece.into()).await.unwrap();
        }
        let Packed { raw, stored: written } = packer.finish().await.unwrap();
        let stored = std::fs::read(&path).unwrap();
        assert_eq!(written, digest(&stored));
        assert_eq!(raw, raw_digest(&zstd::decode_all(&stored[..]).unwrap()));
        assert_eq!(raw.bytes, 100_008);
    }

    #[tokio::test]
    async fn what_is_not_finished_cannot_be_unpacked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("dump");
        let packer = packer(&path);
        let packer = packer.write(vec![7; 100_000].into()).await.unwrap();
        drop(packer.pieces);
        assert!(packer.worker.await.unwrap().is_err());
        assert!(zstd::decode_all(File::open(&path).unwrap()).is_err());
    }

    /// A disk that takes everything, and then cannot promise to keep it.
    struct Forgetful;

    impl io::Write for Forgetful {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Sink for Forgetful {
        fn complete(self: Box<Self>) -> io::Result<()> {
            Err(io::Error::from_raw_os_error(5))
        }
    }

    #[tokio::test]
    async fn what_the_disk_does_not_keep_is_not_packed() {
        let packer = started(Box::new(Forgetful));
        let packer = packer.write(b"PGDMP"[..].into()).await.unwrap();
        assert_eq!(packer.finish().await.unwrap_err().raw_os_error(), Some(5));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_reported_as_such() {
        let mut packer = packer("/dev/full");
        let error = loop {
            match packer.write(vec![7; 100_000].into()).await {
                // The encoder writes nothing before it has a block.
                Ok(next) => packer = next,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
