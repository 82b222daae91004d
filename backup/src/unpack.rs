//! The way of an archive out of its file: everything that was measured is measured again.
//!
//! One thread reads, opens and unpacks, another measures what comes out and keeps it: each of the two has
//! about half of the work.

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Read, Write as _},
    rc::Rc,
    thread,
};

use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    Compression, Digest, Identities,
    compression::decompressed,
    digest::Meter,
    keys::{KeyError, NotOpened, open},
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
    /// Where a copy goes; an error from there is the only one that is not damage.
    pub(crate) stage: Option<File>,
}

/// What a stored file turned out to be.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) stored: Digest,
    pub(crate) raw: Digest,
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
    let Unpack { identities, compression, limit, stage } = how;
    let (sender, decoded) = mpsc::channel(QUEUE);
    thread::scope(|scope| {
        let keeper = scope.spawn(|| keep(decoded, stage, pieces));
        let read = decode(stored, (identities.as_ref(), compression), limit, sender);
        let raw = keeper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let (stored, trouble) = read?;
        Ok(Unpacked { stored, raw, trouble })
    })
}

/// Measures what was decoded, keeps it and hands it on.
fn keep(
    mut decoded: Receiver<Piece>,
    mut stage: Option<File>,
    pieces: &Sender<Piece>,
) -> io::Result<Digest> {
    let mut raw = Meter::new(());
    while let Some(piece) = decoded.blocking_recv() {
        raw.count(&piece.data);
        if let Some(stage) = &mut stage {
            stage.write_all(&piece.data)?;
        }
        if pieces.blocking_send(piece).is_err() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "nobody listens any more"));
        }
    }
    Ok(raw.finish().1)
}

/// Decodes `stored` to its end, as far as somebody wants it; what was stored, and what is wrong with it.
fn decode(
    stored: Opened,
    (identities, compression): (Option<&Identities>, Compression),
    limit: u64,
    decoded: Sender<Piece>,
) -> io::Result<(Digest, Option<Trouble>)> {
    let read = Rc::new(Cell::new(0));
    let unreachable = Rc::new(Cell::new(None));
    let counted =
        Counted { inner: stored, read: Rc::clone(&read), unreachable: Rc::clone(&unreachable) };
    let mut source = BufReader::with_capacity(PIECE, Meter::new(counted));
    let trouble = match opened(&mut source, identities) {
        Err(trouble) => Some(trouble),
        Ok(opened) => hand_on(decompressed(opened, compression)?, limit, |data| {
            decoded.blocking_send(Piece { data, stored_bytes: read.get() }).is_ok()
        })?,
    };
    drop(decoded);
    // Whatever follows belongs to the stored file too. If it cannot be read, its digest tells.
    let _ = io::copy(&mut source, &mut io::sink());
    if let Some(error) = unreachable.take() {
        return Err(error);
    }
    let (_, stored) = source.into_inner().finish();
    Ok((stored, trouble))
}

/// What is in `source` once it is opened.
fn opened<'a>(
    source: &'a mut BufReader<Meter<Counted>>,
    identities: Option<&Identities>,
) -> Result<Box<dyn Read + 'a>, Trouble> {
    let Some(identities) = identities else { return Ok(Box::new(source)) };
    open(identities, source).map_err(|error| match error {
        NotOpened::Key(error) => Trouble::Key(error),
        NotOpened::Damaged(reason) => Trouble::Damage(reason),
    })
}

/// Reads `unpacked` and hands it on piece by piece, until nobody takes it any more.
fn hand_on(
    mut unpacked: Box<dyn Read + '_>,
    limit: u64,
    mut take: impl FnMut(Vec<u8>) -> bool,
) -> io::Result<Option<Trouble>> {
    let mut bytes = 0;
    loop {
        let mut data = vec![0; PIECE];
        let read = match unpacked.read(&mut data) {
            Ok(0) => return Ok(None),
            Ok(read) => read,
            Err(error) => return Ok(Some(Trouble::Damage(error.to_string()))),
        };
        data.truncate(read);
        bytes += read as u64;
        if bytes > limit {
            let more = "there is more in it than was put into it";
            return Ok(Some(Trouble::Damage(more.to_owned())));
        }
        if !take(data) {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "nobody keeps it any more"));
        }
    }
}

/// Tells what was read while others own the reader.
struct Counted {
    inner: Opened,
    read: Rc<Cell<u64>>,
    /// Why nothing more came, where that says nothing about what is kept.
    unreachable: Rc<Cell<Option<io::Error>>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => {
                self.read.set(self.read.get() + read as u64);
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
    use crate::{Recipients, digest::digest, durable, pipeline::Packer};

    async fn packed(path: &Path, content: &[u8]) {
        let file = Box::new(durable::create_file(path).unwrap());
        let packer = Packer::start(file, &Recipients::Everybody, Compression::default());
        packer.write(content.to_vec().into()).await.unwrap().finish().await.unwrap();
    }

    async fn unpacked(stored: &[u8], limit: u64) -> Unpacked {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("stored");
        durable::write_file(&path, stored).unwrap();
        let how =
            Unpack { identities: None, compression: Compression::default(), limit, stage: None };
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
        assert_eq!((whole.raw, whole.stored), (digest(&content), digest(&stored)));

        for length in (0..stored.len()).step_by(stored.len() / 20).chain([stored.len() - 1]) {
            let cut = unpacked(&stored[..length], limit).await;
            let noticed = cut.trouble.is_some() || cut.raw != digest(&content);
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
