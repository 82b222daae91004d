//! An object that is read from its beginning, by somebody who may wait.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::{GetOptions, GetRange, GetResult, path::Path};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Duration, sleep},
};

use super::Objects;

/// How many pieces may wait; a piece is what one read of a connection gives.
const QUEUE: usize = 16;

/// How often reading goes on after an interruption, as long as nothing new comes.
const INTERRUPTIONS: u32 = 5;

const PAUSE: Duration = Duration::from_millis(200);

/// An object on its way here. To be read where waiting harms nobody.
pub(super) struct Download {
    pieces: Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Download {
    /// Asks for the object, which must be there.
    pub(super) async fn start(objects: &Objects, path: Path) -> io::Result<Self> {
        let fetch = Fetch { objects: objects.clone(), path, tag: None, offset: 0 };
        let first = fetch.ask().await?;
        let (sender, pieces) = mpsc::channel(QUEUE);
        tokio::spawn(fetch.all(first, sender));
        Ok(Self { pieces, piece: Bytes::new() })
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.piece = piece?,
            }
        }
        let length = buffer.len().min(self.piece.len());
        buffer[..length].copy_from_slice(&self.piece.split_to(length));
        Ok(length)
    }
}

/// How far an object has been fetched.
struct Fetch {
    objects: Objects,
    path: Path,
    /// By which the object is known to be the same one.
    tag: Option<String>,
    offset: u64,
}

impl Fetch {
    /// Asks for all of it, or for what is still missing of the same object.
    async fn ask(&self) -> io::Result<GetResult> {
        let options = GetOptions {
            range: (self.offset > 0).then_some(GetRange::Offset(self.offset)),
            if_match: self.tag.clone(),
            ..GetOptions::default()
        };
        let got = self.objects.0.client.whole.get_opts(&self.path, options).await;
        got.map_err(|error| self.objects.error(&self.path, &error))
    }

    /// Hands on all pieces, or an error as the last one. An archive takes longer than `object_store` tries.
    async fn all(mut self, first: GetResult, pieces: Sender<io::Result<Bytes>>) {
        self.tag.clone_from(&first.meta.e_tag);
        let mut got = Ok(first);
        let mut interruptions = 0;
        loop {
            let before = self.offset;
            let ended = match got {
                Ok(got) => self.hand_on(got, &pieces).await,
                Err(error) => Err(error),
            };
            let Err(error) = ended else { return };
            interruptions = if self.offset > before { 0 } else { interruptions + 1 };
            if interruptions > INTERRUPTIONS || error.kind() != io::ErrorKind::HostUnreachable {
                let _ = pieces.send(Err(error)).await;
                return;
            }
            sleep(PAUSE).await;
            got = self.ask().await;
        }
    }

    async fn hand_on(
        &mut self,
        got: GetResult,
        pieces: &Sender<io::Result<Bytes>>,
    ) -> io::Result<()> {
        let mut stream = got.into_stream();
        let broken = |error| self.objects.error(&self.path, &error);
        while let Some(piece) = stream.try_next().await.map_err(broken)? {
            self.offset += piece.len() as u64;
            if pieces.send(Ok(piece)).await.is_err() {
                // Nobody reads it any more.
                break;
            }
        }
        Ok(())
    }
}
