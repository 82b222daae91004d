//! A TCP proxy before the server, for tests in which the network misbehaves.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use dbkit::DatabaseUrl;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split},
    net::{TcpListener, TcpSocket, TcpStream, UnixStream},
    task::AbortHandle,
};
use url::Url;

/// What the proxy does with a connection.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Passes everything on.
    Forward,
    /// Takes the connection and never answers.
    Stall,
    /// Passes everything on until the client sends this, and closes the connection then.
    CutBefore(&'static str),
    /// Passes everything on, this too, and closes the connection instead of giving the answer.
    CutAfter(&'static str),
    /// Replaces bytes that the server sends by as many others.
    Replace(Vec<(Vec<u8>, Vec<u8>)>),
}

/// A proxy on a port of 127.0.0.1; it lives as long as the test's runtime.
#[derive(Debug)]
pub struct Proxy {
    url: DatabaseUrl,
    upstream: DatabaseUrl,
    /// Has a port, but does not listen yet.
    closed: Mutex<Option<TcpSocket>>,
    behaviour: Arc<Mutex<Behaviour>>,
    tasks: Arc<Mutex<Vec<AbortHandle>>>,
}

impl Proxy {
    /// A proxy before the server of `upstream`, which takes connections at once.
    pub fn start(upstream: &DatabaseUrl, behaviour: Behaviour) -> Self {
        let proxy = Self::closed(upstream, behaviour);
        proxy.open();
        proxy
    }

    /// A proxy that refuses connections until [`Proxy::open`].
    pub fn closed(upstream: &DatabaseUrl, behaviour: Behaviour) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket can be made");
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        let port = socket.local_addr().expect("it is bound").port();
        Self {
            url: at(upstream, port),
            upstream: upstream.clone(),
            closed: Mutex::new(Some(socket)),
            behaviour: Arc::new(Mutex::new(behaviour)),
            tasks: Arc::default(),
        }
    }

    /// Takes connections from now on; does nothing if it does so already.
    pub fn open(&self) {
        let Some(socket) = lock(&self.closed).take() else { return };
        let listener = socket.listen(64).expect("the port is ours");
        let (behaviour, tasks) = (Arc::clone(&self.behaviour), Arc::clone(&self.tasks));
        tokio::spawn(accept(listener, self.upstream.clone(), behaviour, tasks));
    }

    /// What becomes of connections that are made from now on.
    pub fn set(&self, behaviour: Behaviour) {
        *lock(&self.behaviour) = behaviour;
    }

    /// Closes every connection that there is.
    pub fn cut(&self) {
        lock(&self.tasks).drain(..).for_each(|task| task.abort());
    }

    /// The same database by way of the proxy, without TLS.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}

/// The same user, password and database, without what else is in the URL.
fn at(upstream: &DatabaseUrl, port: u16) -> DatabaseUrl {
    let mut url: Url = upstream.expose().parse().expect("it is a URL");
    url.set_query(Some("sslmode=disable"));
    url.set_host(Some("127.0.0.1")).expect("an address is a host");
    url.set_port(Some(port)).expect("a host may have a port");
    let url: DatabaseUrl = url.as_str().parse().expect("it was a database's URL");
    url.with_database(&upstream.database())
}

async fn accept(
    listener: TcpListener,
    upstream: DatabaseUrl,
    behaviour: Arc<Mutex<Behaviour>>,
    tasks: Arc<Mutex<Vec<AbortHandle>>>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let (behaviour, upstream) = (lock(&behaviour).clone(), upstream.clone());
        let task = tokio::spawn(async move { serve(client, &upstream, &behaviour).await });
        lock(&tasks).push(task.abort_handle());
    }
}

/// Either side's end, or an error, ends both.
async fn serve(client: TcpStream, upstream: &DatabaseUrl, behaviour: &Behaviour) -> io::Result<()> {
    if matches!(behaviour, Behaviour::Stall) {
        return std::future::pending().await;
    }
    let (mut from_client, mut to_client) = split(client);
    let (mut from_server, mut to_server) = split(dial(upstream).await?);
    // Whether what the server says next is kept from the client.
    let is_last = AtomicBool::new(false);
    let there = async {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let read = from_client.read(&mut bytes).await?;
            let sent = &bytes[..read];
            match behaviour {
                _ if read == 0 => return to_server.shutdown().await,
                Behaviour::CutBefore(text) if contains(sent, text) => return Ok(()),
                Behaviour::CutAfter(text) if contains(sent, text) => {
                    is_last.store(true, Ordering::SeqCst);
                }
                _ => {}
            }
            to_server.write_all(sent).await?;
        }
    };
    let back = async {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let read = from_server.read(&mut bytes).await?;
            if read == 0 || is_last.load(Ordering::SeqCst) {
                return to_client.shutdown().await;
            }
            replace(behaviour, &mut bytes[..read]);
            to_client.write_all(&bytes[..read]).await?;
        }
    };
    tokio::select! {
        ended = there => ended,
        ended = back => ended,
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn dial(url: &DatabaseUrl) -> io::Result<Box<dyn Stream>> {
    let (host, port) = (url.host(), url.port());
    if host.starts_with('/') {
        let socket = Path::new(&host).join(format!(".s.PGSQL.{port}"));
        return Ok(Box::new(UnixStream::connect(socket).await?));
    }
    Ok(Box::new(TcpStream::connect((host.as_str(), port)).await?))
}

fn contains(sent: &[u8], text: &str) -> bool {
    find(sent, text.as_bytes()).is_some()
}

fn replace(behaviour: &Behaviour, bytes: &mut [u8]) {
    let Behaviour::Replace(pairs) = behaviour else { return };
    for (before, after) in pairs {
        while let Some(at) = find(bytes, before) {
            bytes[at..at + before.len()].copy_from_slice(after);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
