//! A server that answers, and how to connect to it.

use std::{io, path::Path, path::PathBuf, time::Duration};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
    query_scalar,
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    DATABASE, FileError, ROLE, SUPERUSER,
    postmaster::{self, Postmaster},
    site::Site,
};
use crate::{database_url::DatabaseUrl, postgres::ServerVersion};

/// How long one attempt to connect may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How often a server that is busy starting or stopping is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// A local server that answers.
#[derive(Clone, Debug)]
pub struct Running {
    /// For everybody: over TCP, as the role and to the database `app`.
    pub url: DatabaseUrl,
    /// For the superuser `postgres`: over the Unix socket, to the same database.
    pub socket_url: DatabaseUrl,
    /// The TCP port on 127.0.0.1; it is also part of the socket's name.
    pub port: u16,
    /// The process.
    pub pid: i32,
    /// What the server says of itself.
    pub version: ServerVersion,
    /// The cluster.
    pub data_dir: PathBuf,
    /// What the server writes about itself.
    pub log: PathBuf,
}

/// Why a server that runs cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttachError {
    #[error("the server (process {pid}) does not answer")]
    Unresponsive { pid: i32, source: sqlx::Error },
    #[error(transparent)]
    File(#[from] FileError),
}

/// Connects to the server of this site as the superuser; `None` if none is running.
///
/// A server that is recovering, or that somebody else is stopping, is waited for.
pub(super) async fn attach(
    site: &Site,
    limit: Duration,
) -> Result<Option<(Running, PgConnection)>, AttachError> {
    let begun = Instant::now();
    loop {
        let Some(postmaster) = postmaster::find(&site.data())? else { return Ok(None) };
        match greet(site, postmaster).await {
            Ok(attached) => return Ok(Some(attached)),
            Err(source) if begun.elapsed() >= limit => {
                return Err(AttachError::Unresponsive { pid: postmaster.pid, source });
            }
            Err(_not_yet) => sleep(PAUSE).await,
        }
    }
}

async fn greet(
    site: &Site,
    postmaster: Postmaster,
) -> Result<(Running, PgConnection), sqlx::Error> {
    let socket = site.socket_folder();
    let mut superuser = connect(&socket, postmaster.port).await?;
    let num = query_scalar("SELECT pg_catalog.current_setting('server_version_num')::int4")
        .fetch_one(&mut superuser)
        .await?;
    let running = Running {
        url: url(postmaster.port),
        socket_url: socket_url(&socket, postmaster.port),
        port: postmaster.port,
        pid: postmaster.pid,
        version: ServerVersion::from_num(num),
        data_dir: site.data(),
        log: site.log(),
    };
    Ok((running, superuser))
}

async fn connect(socket: &Path, port: u16) -> Result<PgConnection, sqlx::Error> {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(port)
        .username(SUPERUSER)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable);
    timeout(CONNECT_LIMIT, PgConnection::connect_with(&options))
        .await
        .map_err(|_elapsed| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))?
}

fn url(port: u16) -> DatabaseUrl {
    let text = format!("postgres://{ROLE}@127.0.0.1:{port}/{DATABASE}");
    text.parse().expect("a role, an address, a port and a database are a URL")
}

/// The path is percent-encoded as a whole, since libpq does not read a `+` as a space.
fn socket_url(folder: &Path, port: u16) -> DatabaseUrl {
    let folder = folder.to_string_lossy();
    let host = utf8_percent_encode(&folder, NON_ALPHANUMERIC);
    let text = format!("postgres://{SUPERUSER}@localhost:{port}/{DATABASE}?host={host}");
    text.parse().expect("an encoded path is part of a URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_connects_over_tcp_and_the_superuser_over_the_socket() {
        assert_eq!(url(5433).to_string(), "postgres://app@127.0.0.1:5433/app");
        let socket = socket_url(Path::new("/my work/shop & co/socket"), 5433);
        assert_eq!(socket.host(), "/my work/shop & co/socket");
        assert_eq!((socket.user().as_deref(), socket.port()), (Some("postgres"), 5433));
        assert!(!socket.expose().contains('+') && socket.is_local());
    }
}
