//! An object that is written by somebody who may wait, and of which only a few parts are in memory.

use std::io::{self, Write};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::{MultipartId, multipart::PartId};
use tokio::{
    sync::{
        OwnedRwLockReadGuard,
        mpsc::{self, Receiver, Sender},
    },
    task::JoinHandle,
};

use super::ObjectPlace;
use crate::store::Sink;

/// The length of a part. Some stores want all but the last one to be of one length, and all want 5 MiB.
const PART: usize = 8 << 20;

/// From this number on parts are longer: none may have a number above ten thousand.
const LONGER_FROM: usize = 5_000;
const LONGER: usize = 64 << 20;

/// How many parts are sent at once. Besides, one waits and one is filled.
const SENDING: usize = 2;

/// Names the upload, for whoever cleans up after a run that died.
pub(super) const UPLOAD: &str = "UPLOAD";

/// An object under way. Dropped before it is complete, it never becomes one.
pub(super) struct Upload {
    part: Vec<u8>,
    number: usize,
    parts: Sender<Part>,
    sent: JoinHandle<io::Result<()>>,
}

struct Part {
    data: Bytes,
    is_last: bool,
}

impl Upload {
    /// Begins to write `name`; `busy` is held until nothing is under way any more.
    pub(super) fn start(place: ObjectPlace, name: String, busy: OwnedRwLockReadGuard<()>) -> Self {
        let (parts, received) = mpsc::channel(1);
        let sent = tokio::spawn(async move {
            let sent = send(&place, &name, received).await;
            drop(busy);
            sent
        });
        Self { part: Vec::new(), number: 0, parts, sent }
    }

    fn length(&self) -> usize {
        if self.number < LONGER_FROM { PART } else { LONGER }
    }

    fn hand_on(&mut self, is_last: bool) -> io::Result<()> {
        let data = Bytes::from(std::mem::take(&mut self.part));
        self.number += 1;
        // Whoever receives it is gone only with an error, which the end will tell.
        let refused = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the upload has failed");
        self.parts.blocking_send(Part { data, is_last }).map_err(refused)
    }

    /// Why nothing can be handed on.
    fn failure(&mut self, otherwise: io::Error) -> io::Error {
        match tokio::runtime::Handle::current().block_on(&mut self.sent) {
            Ok(Err(error)) => error,
            Ok(Ok(())) => otherwise,
            Err(panicked) => io::Error::other(panicked),
        }
    }
}

impl Write for Upload {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        // Only what is followed by something is not the last part.
        if self.part.len() == self.length()
            && let Err(error) = self.hand_on(false)
        {
            return Err(self.failure(error));
        }
        let length = buffer.len().min(self.length() - self.part.len());
        self.part.extend_from_slice(&buffer[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Upload {
    fn complete(mut self: Box<Self>) -> io::Result<()> {
        if let Err(error) = self.hand_on(true) {
            return Err(self.failure(error));
        }
        let ended = tokio::runtime::Handle::current().block_on(self.sent);
        ended.map_err(io::Error::other)?
    }
}

/// Sends all parts: one alone as a whole.
async fn send(place: &ObjectPlace, name: &str, mut parts: Receiver<Part>) -> io::Result<()> {
    match parts.recv().await {
        None => Err(unfinished()),
        Some(Part { data, is_last: true }) => place.objects().add(&place.path(name), data).await,
        Some(first) => send_in_parts(place, name, first, parts).await,
    }
}

async fn send_in_parts(
    place: &ObjectPlace,
    name: &str,
    first: Part,
    parts: Receiver<Part>,
) -> io::Result<()> {
    let (objects, path) = (place.objects(), place.path(name));
    let client = &objects.0.client.parts;
    let broken = |error| objects.error(&path, &error);
    // Not every store refuses to end an upload where something is: see `Connector::never_overwriting`.
    if objects.size(&path).await?.is_some() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let id = client.create_multipart(&path).await.map_err(broken)?;
    let sent = async {
        place.add(UPLOAD, record(name, &id)).await?;
        let (ids, length) = send_parts(place, name, &id, first, parts).await?;
        let Err(error) = client.complete_multipart(&path, &id, ids).await else { return Ok(()) };
        // The answer may have been lost: under this name, which is ours alone, there is nothing else.
        match objects.size(&path).await {
            Ok(Some(found)) if found == length => Ok(()),
            _ => Err(broken(error)),
        }
    };
    let sent = sent.await;
    if sent.is_err() {
        // What remains of it the next sweep gives up.
        let _ = client.abort_multipart(&path, &id).await;
    }
    sent
}

/// Sends parts until the last one, and returns what the store calls them, and how long they are together.
async fn send_parts(
    place: &ObjectPlace,
    name: &str,
    id: &MultipartId,
    first: Part,
    parts: Receiver<Part>,
) -> io::Result<(Vec<PartId>, u64)> {
    let (objects, path) = (place.objects(), &place.path(name));
    let mut length = 0;
    let mut is_whole = false;
    // Nothing follows the last one, although whoever has sent it still could.
    let all = stream::unfold((Some(first), Some(parts)), async |(first, parts)| {
        let mut parts = parts?;
        let part = match first {
            Some(first) => first,
            None => parts.recv().await?,
        };
        let parts = (!part.is_last).then_some(parts);
        Some((part, (None, parts)))
    });
    let sending = all.enumerate().map(|(number, Part { data, is_last })| {
        length += data.len() as u64;
        is_whole |= is_last;
        let put = objects.0.client.parts.put_part(path, id, number, data.into());
        async move { put.await.map_err(|error| objects.error(path, &error)) }
    });
    let ids = sending.buffered(SENDING).try_collect().await?;
    if is_whole { Ok((ids, length)) } else { Err(unfinished()) }
}

fn unfinished() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "the archive was not finished")
}

fn record(name: &str, id: &MultipartId) -> Vec<u8> {
    format!("{name}\n{id}\n").into_bytes()
}

/// Gives up the upload that a run has recorded.
pub(super) async fn give_up(place: &ObjectPlace) -> io::Result<()> {
    let record = match place.read(UPLOAD, 64 << 10).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        record => record?,
    };
    let record = String::from_utf8_lossy(&record);
    let mut lines = record.lines();
    if let (Some(name), Some(id)) = (lines.next(), lines.next()) {
        // It may have been completed or given up: then the store does not know it.
        let client = &place.objects().0.client.parts;
        let _ = client.abort_multipart(&place.path(name), &id.to_owned()).await;
    }
    Ok(())
}
