//! An S3 server for one test, which does what the test wants to go wrong.

use std::{
    fmt,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::http::{Request, Response, StatusCode};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use integration_tests::Program;
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Semaphore};

use crate::backup::tree;

const BUCKET: &str = "backups-of-a-test";
const KEY: &str = "AKIDTEST";
pub(in crate::backup) const SECRET: &str = "s3cr3t/of+the=store";

/// What happens to a request instead of an answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::backup) enum Fault {
    /// It is told to come again.
    Unavailable,
    /// The connection breaks.
    Reset,
    /// Half of the answer comes, then the connection breaks.
    Torn,
    /// It is refused, as where objects are locked.
    Denied,
    /// It waits until the test lets it go on.
    Held,
}

/// Requests that a fault is for: those whose method and URL have all of these texts in them.
struct Trap {
    texts: &'static [&'static str],
    fault: Fault,
    times: usize,
}

/// A server with one bucket, on a folder that is gone with it.
pub(in crate::backup) struct ObjectServer {
    folder: TempDir,
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    service: S3Service,
    traps: Mutex<Vec<Trap>>,
    seen: Mutex<Vec<String>>,
    going_on: Semaphore,
    /// Held by who puts only where nothing is: `s3s-fs` looks first and writes then, which a real store does at once.
    conditional: tokio::sync::Mutex<()>,
}

impl ObjectServer {
    pub(in crate::backup) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let state = State {
            service: builder.build(),
            traps: Mutex::default(),
            seen: Mutex::default(),
            going_on: Semaphore::new(0),
            conditional: tokio::sync::Mutex::default(),
        };
        let state = Arc::new(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, Arc::clone(&state)));
        Self { folder, address, state }
    }

    /// What `BACKUP_DIR` is to be.
    pub(in crate::backup) fn url() -> String {
        format!("s3://{BUCKET}/team/backups")
    }

    /// Where the variables point to.
    pub(in crate::backup) fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("BACKUP_DIR", Self::url()),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_MAX_ATTEMPTS", "4".to_owned()),
        ]
    }

    pub(in crate::backup) fn set(&self, program: Program) -> Program {
        self.variables().iter().fold(program, |program, (name, value)| program.env(name, value))
    }

    /// Lets the next requests with these texts in method and URL meet `fault`.
    pub(in crate::backup) fn trap(
        &self,
        texts: &'static [&'static str],
        fault: Fault,
        times: usize,
    ) {
        self.state.traps.lock().unwrap().push(Trap { texts, fault, times });
    }

    pub(in crate::backup) fn without_traps(&self) {
        self.state.traps.lock().unwrap().clear();
    }

    /// Lets a request go on that is held.
    pub(in crate::backup) fn go_on(&self) {
        self.state.going_on.add_permits(1);
    }

    /// The URLs of requests that had these texts in method and URL.
    pub(in crate::backup) fn urls(&self, texts: &[&str]) -> Vec<String> {
        let seen = self.state.seen.lock().unwrap();
        let fitting = seen.iter().filter(|line| texts.iter().all(|text| line.contains(text)));
        fitting.filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect()
    }

    /// How many requests had these texts in method and URL.
    pub(in crate::backup) fn seen(&self, texts: &[&str]) -> usize {
        self.urls(texts).len()
    }

    /// The file that an object would be whose URL was asked for.
    pub(in crate::backup) fn file_of(&self, url: &str) -> PathBuf {
        let path = url.split('?').next().unwrap_or_default();
        self.folder.path().join(path.trim_start_matches('/'))
    }

    /// The files that are the objects.
    pub(in crate::backup) fn files(&self) -> Vec<PathBuf> {
        let mut files = tree(&self.folder.path().join(BUCKET));
        files.retain(|path| path.is_file());
        files.sort();
        files
    }

    /// The file that is the object whose key ends so.
    pub(in crate::backup) fn file(&self, ending: &str) -> PathBuf {
        let found = self.files().into_iter().find(|path| path.to_string_lossy().ends_with(ending));
        found.unwrap_or_else(|| panic!("no `{ending}` in {self:?}"))
    }

    /// How many uploads in parts were begun and neither ended nor given up.
    pub(in crate::backup) fn uploads(&self) -> usize {
        let found = std::fs::read_dir(self.folder.path()).unwrap().flatten();
        let names = found.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with(".upload-")).count()
    }
}

impl fmt::Debug for ObjectServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = self.state.seen.lock().unwrap();
        write!(f, "objects {:#?}\nrequests {seen:#?}", self.files())
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    while let Ok((connection, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| answer(Arc::clone(&state), request));
        let serving = http1::Builder::new().serve_connection(TokioIo::new(connection), service);
        tokio::spawn(async move { drop(serving.await) });
    }
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Box<dyn std::error::Error + Send + Sync>> {
    match state.fault(&request) {
        None => {
            let is_conditional = request.headers().contains_key("if-none-match");
            let _alone = if is_conditional { Some(state.conditional.lock().await) } else { None };
            Ok(state.service.call(request.map(Body::from)).await?)
        }
        Some(Fault::Unavailable) => {
            Ok(refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your rate."))
        }
        Some(Fault::Denied) => {
            Ok(refusal(StatusCode::FORBIDDEN, "AccessDenied", "The object is locked."))
        }
        Some(Fault::Reset) => Err("reset".into()),
        Some(Fault::Torn) => {
            let answer = state.service.call(request.map(Body::from)).await?;
            Ok(torn(answer).await)
        }
        Some(Fault::Held) => {
            state.going_on.acquire().await?.forget();
            Ok(state.service.call(request.map(Body::from)).await?)
        }
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Response::builder().status(status).body(Body::from(body)).unwrap()
}

/// The same head with half of the body, which the client notices when the connection ends.
async fn torn(answer: Response<Body>) -> Response<Body> {
    let (head, body) = answer.into_parts();
    let body = axum::body::Body::new(body);
    let mut whole = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    whole.truncate(whole.len() / 2);
    let half = futures_util::stream::iter([Ok(whole), Err("torn")]);
    Response::from_parts(head, Body::http_body_unsync(axum::body::Body::from_stream(half)))
}

impl State {
    /// Notes the request down, and says what is to happen to it.
    fn fault(&self, request: &Request<Incoming>) -> Option<Fault> {
        let line = format!("{} {}", request.method(), request.uri());
        self.seen.lock().unwrap().push(line.clone());
        let mut traps = self.traps.lock().unwrap();
        let mut fitting = traps.iter_mut().filter(|trap| trap.times > 0);
        let trap = fitting.find(|trap| trap.texts.iter().all(|text| line.contains(text)))?;
        trap.times -= 1;
        Some(trap.fault)
    }
}
