//! PostgreSQL is fetched where none is installed, from a release server on this machine.
//!
//! The archive holds scripts that run the programs which are installed here, because those of a
//! distribution find their files at fixed paths only and could not be moved.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use dbkit::{
    local_server::{Download, DownloadError, LocalServerEvent, Options, Running, StartError},
    postgres::Search,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::fixture::{Workspace, ask, installed};

/// Where these tests may run.
const TARGETS: [&str; 6] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
];

#[tokio::test]
async fn a_missing_postgres_is_fetched_verified_and_kept() {
    let server = ReleaseServer::new(&archive().await, Checksum::Right);
    let workspace = Workspace::new();
    let running = start(&workspace, server.mirror()).await.unwrap();
    assert_eq!(ask(&running.url, "SELECT current_user::text").await, "app");
    let fetched = LocalServerEvent::Downloading { major: 18, origin: server.list.clone() };
    assert_eq!(workspace.events()[0], fetched);
    assert!(workspace.path().join(".seaworthy/postgresql-18.1.0/bin/postgres").is_file());
    drop(server);
    assert!(workspace.destroy().await);
    start(&workspace, Download::Never).await.unwrap();
}

#[tokio::test]
async fn an_archive_that_is_not_what_its_checksum_says_leaves_nothing() {
    let server = ReleaseServer::new(&archive().await, Checksum::Wrong);
    let workspace = Workspace::new();
    let error = start(&workspace, server.mirror()).await.unwrap_err();
    let cause = chain(&error);
    assert!(cause.contains("the checksum of postgresql-18.1.0-"), "{cause}");
    assert_eq!(left_behind(&workspace), Vec::<String>::new());
}

#[tokio::test]
async fn an_archive_without_a_checksum_is_refused() {
    let server = ReleaseServer::new(&archive().await, Checksum::Missing);
    let error = start(&Workspace::new(), server.mirror()).await.unwrap_err();
    assert!(chain(&error).contains("no checksum"), "{}", chain(&error));
}

#[tokio::test]
async fn a_damaged_archive_leaves_nothing() {
    let whole = archive().await;
    let workspace = Workspace::new();
    for damaged in [&whole[..whole.len() / 2], b"not an archive"] {
        let server = ReleaseServer::new(damaged, Checksum::Right);
        let error = start(&workspace, server.mirror()).await.unwrap_err();
        let StartError::NoPostgres { download: Some(download), .. } = &error else {
            panic!("{error:?}")
        };
        assert!(matches!(**download, DownloadError::Unpack(_)), "{}", chain(&error));
        assert_eq!(left_behind(&workspace), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_mirror_that_is_not_there_is_told_with_its_address() {
    let workspace = Workspace::new();
    let list = "http://me:secret@127.0.0.1:9/releases".to_owned();
    let error = start(&workspace, Download::Mirror(list)).await.unwrap_err();
    let cause = chain(&error);
    assert!(cause.contains("http://127.0.0.1:9/releases"), "{cause}");
    assert!(!cause.contains("secret") && !format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn where_nothing_is_found_and_nothing_may_be_fetched_the_error_says_where_it_was_looked() {
    let empty = tempfile::tempdir().unwrap();
    let search = Search { path: vec![empty.path().into()], roots: vec!["/nowhere/*/bin".into()] };
    let options = Options { download: Download::Never, ..Options::default() };
    let workspace = Workspace::new();
    let error = workspace.start_with(&search, &options).await.unwrap_err();
    let StartError::NoPostgres { searched, download: None } = error else { panic!("{error:?}") };
    assert!(searched.contains(&empty.path().to_owned()), "{searched:?}");
    assert!(searched.contains(&PathBuf::from("/nowhere/*/bin")), "{searched:?}");
}

/// Starts where no PostgreSQL is installed.
async fn start(workspace: &Workspace, download: Download) -> Result<Running, StartError> {
    let options = Options { download, ..Options::default() };
    workspace.start_with(&Search::default(), &options).await
}

fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What a failed download has left in the workspace.
fn left_behind(workspace: &Workspace) -> Vec<String> {
    let entries = fs::read_dir(workspace.path().join(".seaworthy")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("postgresql") || name.ends_with("download")).collect()
}

/// An archive of scripts, in the layout of the real ones.
async fn archive() -> Vec<u8> {
    let real = installed().await;
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("postgresql-18.1.0/bin");
    fs::create_dir_all(&bin).unwrap();
    for name in ["postgres", "initdb", "pg_ctl", "pg_dump"] {
        let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", real.program(name).display());
        fs::write(bin.join(name), script).unwrap();
    }
    let script = "chmod 755 postgresql-18.1.0/bin/* && tar czf archive.tar.gz postgresql-18.1.0";
    let status = Command::new("sh").args(["-c", script]).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    fs::read(folder.path().join("archive.tar.gz")).unwrap()
}

#[derive(Clone, Copy)]
enum Checksum {
    Right,
    Wrong,
    Missing,
}

/// Serves the files of a folder until the test ends.
struct ReleaseServer {
    list: String,
    _folder: TempDir,
}

impl ReleaseServer {
    fn new(archive: &[u8], checksum: Checksum) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let digest = match checksum {
            Checksum::Right => Some(hex(&Sha256::digest(archive))),
            Checksum::Wrong => Some(hex(&Sha256::digest(b"something else"))),
            Checksum::Missing => None,
        };
        let mut assets = Vec::new();
        for target in TARGETS {
            let name = format!("postgresql-18.1.0-{target}.tar.gz");
            fs::write(folder.path().join(&name), archive).unwrap();
            assets.push(asset(&name));
            if let Some(digest) = &digest {
                let sum = format!("{name}.sha256");
                fs::write(folder.path().join(&sum), format!("{digest}  {name}\n")).unwrap();
                assets.push(asset(&sum));
            }
        }
        let list = format!(r#"[{{"tag_name": "18.1.0", "assets": [{}]}}]"#, assets.join(","));
        fs::write(folder.path().join("releases.json"), list).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let list = format!("http://{}/releases.json", listener.local_addr().unwrap());
        let files = folder.path().to_owned();
        // Ends with the process; a thread that waits for connections cannot be asked to.
        thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| answer(stream, &files));
        });
        Self { list, _folder: folder }
    }

    fn mirror(&self) -> Download {
        Download::Mirror(self.list.clone())
    }
}

/// One request, one answer.
fn answer(stream: TcpStream, folder: &Path) {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut header = String::from("-");
    reader.read_line(&mut request).unwrap();
    while !header.trim().is_empty() {
        header.clear();
        reader.read_line(&mut header).unwrap();
    }
    let name = request.split_whitespace().nth(1).unwrap_or("/").trim_start_matches('/');
    let (status, body) = match fs::read(folder.join(name)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let mut stream = reader.into_inner();
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).unwrap();
}

fn asset(name: &str) -> String {
    format!(r#"{{"name": "{name}", "browser_download_url": "{name}"}}"#)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
