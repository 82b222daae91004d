//! The way of an archive out of its file: everything that was measured is measured again.

use std::{
    fs::File,
    io::{self, BufReader, Read as _, Write as _},
};

use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};
use zstd::Decoder;

use crate::{Digest, digest::Meter};

const QUEUE: usize = 16;
const PIECE: usize = 128 << 10;

/// Some bytes of an archive.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) data: Vec<u8>,
    /// How much of the stored file has been read.
    pub(crate) stored_bytes: u64,
}

/// What a stored file turned out to be.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) stored: Digest,
    pub(crate) raw: Digest,
    /// Why it could not be unpacked to its end.
    pub(crate) damage: Option<String>,
}

/// A stored file that is being unpacked on a thread of its own.
pub(crate) struct Unpacking {
    pieces: Receiver<Piece>,
    worker: JoinHandle<io::Result<Unpacked>>,
}

impl Unpacking {
    /// Begins to unpack `stored`, at most `limit` bytes and one: a small file can hold very many.
    /// A copy goes to `stage`; an error from there is the only one that is not damage.
    pub(crate) fn start(stored: File, limit: u64, stage: Option<File>) -> Self {
        let (sender, pieces) = mpsc::channel(QUEUE);
        let worker = spawn_blocking(move || unpack(stored, limit, stage, &sender));
        Self { pieces, worker }
    }

    /// The next piece, until there is none.
    pub(crate) async fn next(&mut self) -> Option<Piece> {
        self.pieces.recv().await
    }

    /// What it was, after the last piece.
    pub(crate) async fn finish(self) -> io::Result<Unpacked> {
        drop(self.pieces);
        self.worker.await.map_err(io::Error::other)?
    }
}

fn unpack(
    stored: File,
    limit: u64,
    mut stage: Option<File>,
    pieces: &Sender<Piece>,
) -> io::Result<Unpacked> {
    let mut decoder = Decoder::with_buffer(BufReader::with_capacity(PIECE, Meter::new(stored)))?;
    let mut raw = Meter::new(());
    let damage = loop {
        let mut data = vec![0; PIECE];
        let read = match decoder.read(&mut data) {
            Ok(0) => break None,
            Ok(read) => read,
            Err(error) => break Some(error.to_string()),
        };
        data.truncate(read);
        raw.count(&data);
        if raw.bytes() > limit {
            break Some("there is more in it than was put into it".to_owned());
        }
        if let Some(stage) = &mut stage {
            stage.write_all(&data)?;
        }
        let stored_bytes = decoder.get_ref().get_ref().bytes();
        if pieces.blocking_send(Piece { data, stored_bytes }).is_err() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "nobody listens any more"));
        }
    };
    // Whatever follows belongs to the stored file too. If it cannot be read, its digest tells.
    let mut rest = decoder.finish();
    let _ = io::copy(&mut rest, &mut io::sink());
    let (_, stored) = rest.into_inner().finish();
    Ok(Unpacked { stored, raw: raw.finish().1, damage })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{digest::digest, durable, pipeline::Packer};

    async fn packed(path: &Path, content: &[u8]) {
        let packer = Packer::start(durable::create_file(path).unwrap());
        packer.write(content.to_vec()).await.unwrap().finish().await.unwrap();
    }

    async fn unpacked(stored: &[u8], limit: u64) -> Unpacked {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("stored");
        durable::write_file(&path, stored).unwrap();
        let mut unpacking = Unpacking::start(File::open(&path).unwrap(), limit, None);
        while unpacking.next().await.is_some() {}
        unpacking.finish().await.unwrap()
    }

    /// Bytes that do not compress, so that damage hits them and not a short description.
    fn noise(length: u32) -> Vec<u8> {
        (0..length).flat_map(|n| digest(&n.to_le_bytes()).sha256.into_bytes()).collect()
    }

    #[tokio::test]
    async fn every_truncation_and_every_flipped_bit_is_damage() {
        let place = tempfile::tempdir().unwrap();
        let (path, content) = (place.path().join("dump"), noise(5_000));
        packed(&path, &content).await;
        let stored = std::fs::read(&path).unwrap();
        let limit = content.len() as u64;

        let whole = unpacked(&stored, limit).await;
        assert_eq!(whole.damage, None);
        assert_eq!((whole.raw, whole.stored), (digest(&content), digest(&stored)));

        for length in (0..stored.len()).step_by(stored.len() / 20).chain([stored.len() - 1]) {
            let cut = unpacked(&stored[..length], limit).await;
            let noticed = cut.damage.is_some() || cut.raw != digest(&content);
            assert!(noticed, "cut to {length}");
            assert_eq!(cut.stored, digest(&stored[..length]));
        }
        for position in (0..stored.len()).step_by(stored.len() / 20) {
            let mut flipped = stored.clone();
            flipped[position] ^= 0x10;
            let flipped = unpacked(&flipped, limit).await;
            assert_eq!(flipped.stored.bytes, stored.len() as u64, "read to the end in any case");
            assert_ne!(flipped.stored.sha256, digest(&stored).sha256);
        }
    }

    #[tokio::test]
    async fn a_bomb_is_not_unpacked() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("bomb");
        packed(&path, &vec![0; 50_000_000]).await;
        let bomb = unpacked(&std::fs::read(&path).unwrap(), 1_000).await;
        assert!(bomb.damage.is_some());
        assert!(bomb.raw.bytes < 1_000_000);
    }
}
