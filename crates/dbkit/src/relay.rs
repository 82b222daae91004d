//! A door to a server that needs no password, for a child or a driver that cannot be given one.
//!
//! libpq takes a password in private by a password file alone, whose lines cannot hold a line break, and
//! our driver gives up on what `SASLprep` refuses. So whoever connects is sent to a Unix socket in a
//! folder of ours; the relay opens the connection to the server as libpq would, answers when it is asked
//! for the password, and from then on passes bytes on without looking at them.
//!
//! Only processes of the same user get in, and they could read our memory as well. Encrypted sessions
//! are encrypted from here on: what goes over the socket never leaves the machine.

mod access;
mod authenticate;
mod channel_binding;
mod frame;
mod refusal;
mod tls;
mod upstream;

use std::{
    fs::Permissions,
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use nix::unistd::Uid;
use tempfile::TempDir;
use tokio::{
    io::{AsyncWriteExt as _, copy_bidirectional_with_sizes},
    net::{UnixListener, UnixStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

pub use access::Access;
pub(crate) use refusal::{NO_ENCRYPTION, UNREACHABLE};

use frame::Opening;
use refusal::Refusal;
use upstream::Line;

/// How long it may take until a session has begun, with every address and every way that is tried.
const LIMIT: Duration = Duration::from_mins(1);

/// How many sessions there may be at a time; `pg_restore` has one for each of its jobs.
const SESSIONS: usize = 256;

/// How long to wait before the next is let in, where one could not be.
const PAUSE: Duration = Duration::from_millis(100);

/// How much of a session is on its way in one direction.
const PIECE: usize = 64 << 10;

/// What the path of a socket may have, on every system that has any.
const PATH_LIMIT: usize = 100;

/// A socket that leads to a server. Dropping it ends every session and removes the socket.
pub struct Relay {
    folder: TempDir,
    port: u16,
    /// Tells the task to let nobody else in; without it the task has been left to itself.
    closing: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Opens the door.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(access: Access) -> io::Result<Self> {
        let port = access.port();
        let folder = private_folder(port)?;
        let listener = UnixListener::bind(socket(folder.path(), port))?;
        let (closing, closed) = oneshot::channel();
        let task = tokio::spawn(serve_all(listener, Arc::new(access), closed));
        Ok(Self { folder, port, closing: Some(closing), task })
    }

    /// What libpq takes for a host.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the name of the socket ends with: the server's own port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Removes the socket, and leaves the sessions that there are to their ends.
    pub(crate) fn close_door(mut self) {
        if let Some(closing) = self.closing.take() {
            // A task that has ended has no sessions either.
            let _ = closing.send(());
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if self.closing.is_some() {
            self.task.abort();
        }
    }
}

fn socket(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}

/// A folder that only this user may enter, near enough for a socket.
fn private_folder(port: u16) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("pg").permissions(Permissions::from_mode(0o700));
    let folder = builder.tempdir()?;
    match socket(folder.path(), port).as_os_str().len() {
        ..=PATH_LIMIT => Ok(folder),
        _ => builder.tempdir_in("/tmp"),
    }
}

/// Serves whoever comes; when the door closes, those who are there. Dropping it ends all of them.
async fn serve_all(listener: UnixListener, access: Arc<Access>, mut closed: oneshot::Receiver<()>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut closed => break,
            Some(_) = sessions.join_next() => {}
            accepted = listener.accept(), if sessions.len() < SESSIONS => {
                let Ok((client, _)) = accepted else {
                    // Whoever came has gone, or this process has too many files open for now.
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                let access = Arc::clone(&access);
                sessions.spawn(async move { serve(client, &access).await });
            }
        }
    }
    drop(listener);
    while sessions.join_next().await.is_some() {}
}

/// One session, from beginning to end.
async fn serve(mut client: UnixStream, access: &Access) -> io::Result<()> {
    if client.peer_cred()?.uid() != Uid::effective().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let opened = timeout(LIMIT, open(&mut client, access)).await;
    let Some(mut server) = opened.map_err(|_| io::ErrorKind::TimedOut)?? else { return Ok(()) };
    copy_bidirectional_with_sizes(&mut client, &mut server.stream, PIECE, PIECE).await?;
    Ok(())
}

/// Opens the session that the client wants; none, if it wants no session or cannot have one.
async fn open(client: &mut UnixStream, access: &Access) -> io::Result<Option<Line>> {
    let startup = loop {
        match frame::opening(client).await? {
            // Within the machine there is nothing to encrypt.
            Opening::Encryption => client.write_all(b"N").await?,
            Opening::Cancel(packet) => {
                return upstream::cancel(access, &packet).await.map(|()| None);
            }
            Opening::Startup(packet) => break packet,
        }
    };
    match upstream::open(access, &startup).await {
        Ok((server, greeting)) => {
            client.write_all(&greeting).await?;
            Ok(Some(server))
        }
        Err(Refusal { message, .. }) => {
            client.write_all(&message).await?;
            client.shutdown().await?;
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests;
