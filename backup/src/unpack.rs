//! The way of an archive out of its file: everything that was measured is measured again.
//!
//! One thread reads, measures and opens, one unpacks, and one measures what comes out and keeps it.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read, Write as _},
    panic::resume_unwind,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    thread::{self, ScopedJoinHandle},
};

use bytes::Bytes;
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    Artifact, Compression, Digest, Identities, RawDigest,
    compression::decompressed,
    digest::Meter,
    keys::{KeyError, NotOpened, open},
    pieces::Pieces,
    raw_digest::{Algorithm, RawMeter},
    store::Opened,
};

const QUEUE: usize = 16;
const PIECE: usize = 128 << 10;

/// Some bytes of an archive.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) data: Vec<u8>,
    /// How much of the stored file has been read.
    pub(crate) stored_bytes: u64,
}

/// How a stored file is to be unpacked.
#[derive(Debug)]
pub(crate) struct Unpack {
    /// What opens it, where it is sealed.
    pub(crate) identities: Option<Identities>,
    /// How it is compressed.
    pub(crate) compression: Compression,
    /// At most so many bytes and one: a small file can hold very many.
    pub(crate) limit: u64,
    /// What the hash of what comes out is to be compared with.
    pub(crate) raw: Algorithm,
    /// Where a copy goes; an error from there is the only one that is not damage.
    pub(crate) stage: Option<File>,
}

impl Unpack {
    /// How this artifact is unpacked by whoever has these identities.
    pub(crate) fn of(artifact: &Artifact, identities: &Identities, stage: Option<File>) -> Self {
        Self {
            identities: artifact.is_sealed().then(|| identities.clone()),
            compression: artifact.compression(),
            limit: artifact.raw.bytes,
            raw: artifact.raw.hash.algorithm(),
            stage,
        }
    }
}

/// What a stored file turned out to be.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) stored: Digest,
    pub(crate) raw: RawDigest,
    /// Why it could not be unpacked to its end.
    pub(crate) trouble: Option<Trouble>,
}

/// Why a stored file could not be unpacked to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not open. Damage looks the same, so its digest must be seen before it is believed.
    Key(KeyError),
    /// It is not what it was.
    Damage(String),
}

/// A stored file that is being unpacked on a thread of its own.
pub(crate) struct Unpacking {
    pieces: Receiver<Piece>,
    worker: JoinHandle<io::Result<Unpacked>>,
}

impl Unpacking {
    /// Begins to unpack `stored`.
    pub(crate) fn start(stored: Opened, how: Unpack) -> Self {
        let (sender, pieces) = mpsc::channel(QUEUE);
        let worker = spawn_blocking(move || unpack(stored, how, &sender));
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

/// Measures a stored file without unpacking it.
pub(crate) async fn measure(stored: Opened) -> io::Result<Digest> {
    let measured = spawn_blocking(move || {
        let mut source = Meter::new(stored);
        io::copy(&mut BufReader::with_capacity(PIECE, &mut source), &mut io::sink())?;
        Ok(source.finish().1)
    });
    measured.await.map_err(io::Error::other)?
}

fn unpack(stored: Opened, how: Unpack, pieces: &Sender<Piece>) -> io::Result<Unpacked> {
    let Unpack { identities, compression, limit, raw, stage } = how;
    let (to_decode, unsealed) = mpsc::channel(QUEUE);
    let (to_keep, decoded) = mpsc::channel(QUEUE);
    let read = AtomicU64::new(0);
    thread::scope(|scope| {
        let keeping = scope.spawn(|| keep(decoded, (raw, stage), pieces));
        let decoding =
            scope.spawn(|| decode(Pieces::of(unsealed), compression, limit, &read, to_keep));
        let opened = open_up(stored, identities.as_ref(), &read, to_decode);
        // Who ends first knows why the others had to.
        let raw = joined(keeping)?;
        let damage = joined(decoding)?;
        let (stored, trouble) = opened?;
        Ok(Unpacked { stored, raw, trouble: trouble.or(damage) })
    })
}

fn joined<T>(worker: ScopedJoinHandle<'_, T>) -> T {
    worker.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Reads `stored` to its end, measures it, and hands on what is sealed in it, as far as it can be opened.
fn open_up(
    stored: Opened,
    identities: Option<&Identities>,
    read: &AtomicU64,
    to_decode: Sender<Bytes>,
) -> io::Result<(Digest, Option<Trouble>)> {
    let unreachable = Rc::new(Cell::new(None));
    let counted = Counted { inner: stored, read, unreachable: Rc::clone(&unreachable) };
    let mut source = BufReader::with_capacity(PIECE, Meter::new(counted));
    let trouble = match unsealed(&mut source, identities) {
        Err(trouble) => Some(trouble),
        Ok(unsealed) => hand_on(unsealed, |data| to_decode.blocking_send(data.into()).is_ok())?,
    };
    drop(to_decode);
    // Whatever follows belongs to the stored file too. If it cannot be read, its digest tells.
    let _ = io::copy(&mut source, &mut io::sink());
    if let Some(error) = unreachable.take() {
        return Err(error);
    }
    let (_, stored) = source.into_inner().finish();
    Ok((stored, trouble))
}

/// What is in `source` once it is opened.
fn unsealed<'a>(
    source: &'a mut BufReader<Meter<Counted<'_>>>,
    identities: Option<&Identities>,
) -> Result<Box<dyn Read + 'a>, Trouble> {
    let Some(identities) = identities else { return Ok(Box::new(source)) };
    open(identities, source).map_err(|error| match error {
        NotOpened::Key(error) => Trouble::Key(error),
        NotOpened::Damaged(reason) => Trouble::Damage(reason),
    })
}

/// Decompresses what was opened, at most `limit` bytes of it; says what is wrong with it.
fn decode(
    mut unsealed: Pieces,
    compression: Compression,
    limit: u64,
    read: &AtomicU64,
    to_keep: Sender<Piece>,
) -> io::Result<Option<Trouble>> {
    let mut bytes = 0;
    let decompressed = decompressed(Box::new(&mut unsealed), compression)?;
    let trouble = hand_on(Box::new(decompressed.take(limit.saturating_add(1))), |data| {
        bytes += data.len() as u64;
        let stored_bytes = read.load(Ordering::Relaxed);
        to_keep.blocking_send(Piece { data, stored_bytes }).is_ok()
    })?;
    drop(to_keep);
    unsealed.skip_rest();
    let too_many = || Trouble::Damage("there is more in it than was put into it".to_owned());
    Ok(trouble.or_else(|| (bytes > limit).then(too_many)))
}

/// Measures what was decoded, keeps it and hands it on.
fn keep(
    mut decoded: Receiver<Piece>,
    (raw, mut stage): (Algorithm, Option<File>),
    pieces: &Sender<Piece>,
) -> io::Result<RawDigest> {
    let mut raw = RawMeter::new(raw);
    while let Some(piece) = decoded.blocking_recv() {
        raw.count(&piece.data);
        if let Some(stage) = &mut stage {
            stage.write_all(&piece.data)?;
        }
        if pieces.blocking_send(piece).is_err() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "nobody listens any more"));
        }
    }
    Ok(raw.finish())
}

/// Reads `source` and hands it on piece by piece, until nobody takes it any more; says what is wrong with it.
fn hand_on(
    mut source: Box<dyn Read + '_>,
    mut take: impl FnMut(Vec<u8>) -> bool,
) -> io::Result<Option<Trouble>> {
    loop {
        let mut data = vec![0; PIECE];
        let read = match source.read(&mut data) {
            Ok(0) => return Ok(None),
            Ok(read) => read,
            Err(error) => return Ok(Some(Trouble::Damage(error.to_string()))),
        };
        data.truncate(read);
        if !take(data) {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "nobody takes it any more"));
        }
    }
}

/// Tells what was read while others own the reader.
struct Counted<'a> {
    inner: Opened,
    read: &'a AtomicU64,
    /// Why nothing more came, where that says nothing about what is kept.
    unreachable: Rc<Cell<Option<io::Error>>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => {
                self.read.fetch_add(read as u64, Ordering::Relaxed);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::HostUnreachable => {
                let kind = error.kind();
                self.unreachable.set(Some(error));
                Err(kind.into())
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Recipients, digest::digest, durable, pipeline::Packer, raw_digest::raw_digest};

    async fn packed(path: &Path, content: &[u8]) {
        let file = Box::new(durable::create_file(path).unwrap());
        let packer = Packer::start(file, &Recipients::Everybody, Compression::default());
        packer.write(content.to_vec().into()).await.unwrap().finish().await.unwrap();
    }

    async fn unpacked(stored: &[u8], limit: u64) -> Unpacked {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("stored");
        durable::write_file(&path, stored).unwrap();
        let how = Unpack {
            identities: None,
            compression: Compression::default(),
            limit,
            raw: Algorithm::default(),
            stage: None,
        };
        let mut unpacking = Unpacking::start(Box::new(File::open(&path).unwrap()), how);
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
        assert_eq!(whole.trouble, None);
        assert_eq!((whole.raw, whole.stored), (raw_digest(&content), digest(&stored)));

        for length in (0..stored.len()).step_by(stored.len() / 20).chain([stored.len() - 1]) {
            let cut = unpacked(&stored[..length], limit).await;
            let noticed = cut.trouble.is_some() || cut.raw != raw_digest(&content);
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
        assert!(bomb.trouble.is_some());
        assert!(bomb.raw.bytes < 1_000_000);
    }
}
