//! A receiver of notifications that behaves as it is told, on a port of 127.0.0.1.

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use integration_tests::Program;
use ring::hmac;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What the key is made of.
pub(super) const SECRET: &str = "whsec_c2Ygx2wuj3Rlc3RzIG9mIHNlYXdvcnRoeQ==";

/// What must not be told: it stands in the address.
pub(super) const TOKEN: &str = "t0ken-of-the-receiver";

/// What it does with a request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// Answers with this status.
    Status(u16),
    /// Wants it sent to another address.
    Redirect(String),
    /// Never answers.
    Silence,
    /// Answers with the head of an answer that never comes.
    HangingBody,
    /// Answers without end.
    Endless,
}

/// A request that came in.
#[derive(Clone, Debug)]
pub(super) struct Request {
    head: String,
    body: Vec<u8>,
}

/// A receiver; it lives as long as the test's runtime.
pub(super) struct Receiver {
    origin: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    /// One that does this with the first request, and so on; the last reply is repeated.
    pub(super) async fn start(replies: &[Reply]) -> Self {
        Self::start_with(replies, None).await
    }

    /// The same behind TLS, by the name of `localhost`.
    pub(super) async fn start_with(replies: &[Reply], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let origin = match tls {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let (replies, came, encrypt) = (replies.to_vec(), Arc::clone(&requests), tls);
        tokio::spawn(async move {
            let mut next = replies.iter().cycle().take(replies.len()).cloned();
            let mut reply = Reply::Status(500);
            while let Ok((stream, _)) = listener.accept().await {
                reply = next.next().unwrap_or(reply);
                let (reply, came) = (reply.clone(), Arc::clone(&came));
                match encrypt.clone() {
                    None => drop(tokio::spawn(serve(stream, reply, came))),
                    Some(tls) => drop(tokio::spawn(async move {
                        // Whoever does not trust the certificate goes away.
                        let Ok(stream) = tls.accept(stream).await else { return };
                        serve(stream, reply, came).await;
                    })),
                }
            }
        });
        Self { origin, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("{}/hooks/{TOKEN}?key={TOKEN}", self.origin)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The one request that came in, signed and well-formed.
    #[track_caller]
    pub(super) fn notification(&self) -> Value {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].notification()
    }

    /// `program`, whose end it is told.
    pub(super) fn told_by(&self, program: Program) -> Program {
        program.env("NOTIFY_URL", self.url()).env("NOTIFY_SECRET", SECRET)
    }
}

impl Request {
    pub(super) fn header(&self, name: &str) -> &str {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.head)).1
    }

    /// Everything that was sent.
    pub(super) fn text(&self) -> String {
        self.head.clone() + &String::from_utf8_lossy(&self.body)
    }

    /// What it says, once the signature was found right.
    #[track_caller]
    pub(super) fn notification(&self) -> Value {
        let key = BASE64_STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signature = self.header("webhook-signature").strip_prefix("v1,").unwrap();
        let signature = BASE64_STANDARD.decode(signature).unwrap();
        let signed = [format!("{id}.{at}.").as_bytes(), &self.body].concat();
        hmac::verify(&key, &signed, &signature).expect("the signature is right");
        let mut other = signed;
        *other.last_mut().unwrap() ^= 1;
        hmac::verify(&key, &other, &signature).expect_err("and of nothing else");
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn serve(mut stream: impl Stream, reply: Reply, came: Arc<Mutex<Vec<Request>>>) {
    let Ok(request) = read(&mut stream).await else { return };
    came.lock().unwrap().push(request);
    // Whoever sent it may be gone already.
    let _ = answer(&mut stream, &reply).await;
}

async fn read(stream: &mut impl Stream) -> io::Result<Request> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).replace("\r\n", "\n");
        let request = Request { head, body: bytes[end + 4..].to_vec() };
        let length: usize = request.header("content-length").parse().unwrap();
        if request.body.len() >= length {
            return Ok(request);
        }
    }
}

async fn answer(stream: &mut impl Stream, reply: &Reply) -> io::Result<()> {
    let head = |status: u16, more: &str| {
        format!("HTTP/1.1 {status} As told\r\nconnection: close\r\n{more}\r\n")
    };
    match reply {
        Reply::Status(status) => {
            stream.write_all(head(*status, "content-length: 0\r\n").as_bytes()).await
        }
        Reply::Redirect(to) => {
            let more = format!("location: {to}\r\ncontent-length: 0\r\n");
            stream.write_all(head(307, &more).as_bytes()).await
        }
        Reply::Silence => std::future::pending().await,
        Reply::HangingBody => {
            stream.write_all(head(200, "content-length: 1000\r\n").as_bytes()).await?;
            std::future::pending().await
        }
        Reply::Endless => {
            stream.write_all(head(200, "").as_bytes()).await?;
            loop {
                stream.write_all(&[b'x'; 4 << 10]).await?;
            }
        }
    }
}
