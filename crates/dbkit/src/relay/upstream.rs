//! Opening the connection to the server, in the ways and in the order in which libpq would.

use std::{io, net::SocketAddr, path::Path, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream, UnixStream, lookup_host},
    time::timeout,
};

use super::{
    access::{Access, Mode},
    authenticate::authenticate,
    refusal::Refusal,
    tls,
};

/// How long one address may take to answer.
const ADDRESS_LIMIT: Duration = Duration::from_secs(15);

/// The packet that asks whether the server encrypts.
const ENCRYPTION: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A connection of whatever kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to the server.
pub(super) struct Line {
    pub(super) stream: Box<dyn Stream>,
    /// The hash of the server's certificate, for SCRAM.
    pub(super) end_point: Option<Vec<u8>>,
}

/// How to begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    /// Encrypted if the server can.
    Preferred,
    Encrypted,
}

/// Opens a session; what the client is to be greeted with.
pub(super) async fn open(access: &Access, startup: &[u8]) -> Result<(Line, Vec<u8>), Refusal> {
    let (first, second) = ways(access)?;
    let refusal = match attempt(access, startup, first).await {
        Err(refusal) if refusal.other_way => refusal,
        done => return done,
    };
    let Some(second) = second else { return Err(refusal) };
    match attempt(access, startup, second).await {
        // What the server had to say is worth more than that there was no other way.
        Err(other) if !other.is_servers => Err(refusal),
        done => done,
    }
}

/// Passes on that a statement is to be cancelled, and waits until the server has heard it.
pub(super) async fn cancel(access: &Access, packet: &[u8]) -> io::Result<()> {
    let unheard = |_| io::Error::from(io::ErrorKind::ConnectionRefused);
    let (first, second) = ways(access).map_err(unheard)?;
    let line = match (line(access, first).await, second) {
        (Err(refusal), Some(second)) if refusal.other_way => line(access, second).await,
        (line, _) => line,
    };
    let mut line = line.map_err(unheard)?;
    line.stream.write_all(packet).await?;
    line.stream.flush().await?;
    // The server says nothing, it hangs up.
    let mut nothing = [0];
    let _ = line.stream.read(&mut nothing).await;
    Ok(())
}

/// How to begin, and what else there is.
fn ways(access: &Access) -> Result<(Way, Option<Way>), Refusal> {
    Ok(match access.mode {
        Mode::Unknown => return Err(Refusal::encryption("there is no such sslmode")),
        _ if access.is_socket() => (Way::Plain, None),
        Mode::Disable => (Way::Plain, None),
        Mode::Allow => (Way::Plain, Some(Way::Encrypted)),
        Mode::Prefer => (Way::Preferred, Some(Way::Plain)),
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => (Way::Encrypted, None),
    })
}

async fn attempt(access: &Access, startup: &[u8], way: Way) -> Result<(Line, Vec<u8>), Refusal> {
    let mut line = line(access, way).await?;
    let broken = |error| lost(access, &error);
    line.stream.write_all(startup).await.map_err(broken)?;
    line.stream.flush().await.map_err(broken)?;
    let greeting = authenticate(&mut line, startup, access).await?;
    Ok((line, greeting))
}

/// A connection on which nothing has been said yet.
async fn line(access: &Access, way: Way) -> Result<Line, Refusal> {
    let mut stream = dial(access).await?;
    if way == Way::Plain {
        return Ok(Line { stream, end_point: None });
    }
    let broken = |error| lost(access, &error);
    stream.write_all(&ENCRYPTION).await.map_err(broken)?;
    // Exactly one byte: what somebody has put behind it must not pass for something that was encrypted.
    match (stream.read_u8().await.map_err(broken)?, way) {
        (b'S', _) => tls::encrypt(access, stream).await,
        (b'N', Way::Preferred) => Ok(Line { stream, end_point: None }),
        (b'N', _) => Err(Refusal::encryption("the server does not support TLS")),
        _ => Err(Refusal::protocol("the server does not answer as PostgreSQL does")),
    }
}

async fn dial(access: &Access) -> Result<Box<dyn Stream>, Refusal> {
    let (host, port) = (&access.host, access.port);
    if access.is_socket() {
        let socket = Path::new(host).join(format!(".s.PGSQL.{port}"));
        let stream = UnixStream::connect(socket).await;
        return Ok(Box::new(stream.map_err(|error| lost(access, &error))?));
    }
    let target = access.address.as_ref().unwrap_or(host).trim_matches(['[', ']']);
    let addresses = lookup_host((target, port)).await.map_err(|error| lost(access, &error))?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        match timeout(ADDRESS_LIMIT, reach(socket, address)).await {
            Ok(Ok(stream)) => return Ok(Box::new(stream)),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(lost(access, &last))
}

async fn reach(socket: io::Result<TcpSocket>, address: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket?;
    socket.set_keepalive(true)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn lost(access: &Access, error: &io::Error) -> Refusal {
    let (host, port) = (&access.host, access.port);
    Refusal::unreachable(format!("connection to server at \"{host}\", port {port} failed: {error}"))
}
