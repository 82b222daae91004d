//! Writing a record, one run at a time.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::Duration,
};

use chrono::{DateTime, Utc};
use dbkit::audit::{Event, Operation, Outcome};
use rustix::fs::OFlags;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    TrailError, objects, path,
    record::{NOTHING, decode, encode},
};
use crate::{
    durable,
    store::{Folder, Store},
};

/// How long a run waits for others, each of which needs milliseconds for its record.
const LIMIT: Duration = Duration::from_secs(10);

const PAUSE: Duration = Duration::from_millis(10);

/// How much of the end of a trail is read at first; a record is rarely longer.
const END: u64 = 4096;

/// Writes that `operation` is about to start; a folder is created where there is none.
pub async fn begin(
    store: &Store,
    operation: &Operation,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), TrailError> {
    append(store, event(operation, "intent", detail, now)).await
}

/// Writes how `operation` ended.
pub async fn finish(
    store: &Store,
    operation: &Operation,
    outcome: Outcome,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), TrailError> {
    append(store, event(operation, outcome.name(), detail, now)).await
}

/// An event that has no place in the trail yet.
fn event(operation: &Operation, outcome: &str, detail: Value, at: DateTime<Utc>) -> Event {
    Event {
        position: 0,
        at,
        operation_id: operation.id,
        tool: operation.tool.to_owned(),
        command: operation.command.clone(),
        outcome: outcome.to_owned(),
        environment: operation.environment.name().to_owned(),
        actor: operation.actor.clone(),
        host: operation.host.clone(),
        detail,
    }
}

async fn append(store: &Store, event: Event) -> Result<(), TrailError> {
    match store {
        Store::Folder(path) => append_line(path, event).await,
        Store::Objects(objects) => objects::append(objects, event).await,
    }
}

async fn append_line(folder: &Path, mut event: Event) -> Result<(), TrailError> {
    let folder = Folder::open_or_create(folder)?;
    let path = path(folder.path());
    let broken = |source| TrailError::Io { path: path.clone(), source };
    let mut file = open(&path).map_err(broken)?;
    lock(&file, &path).await?;
    let length = file.metadata().map_err(broken)?.len();
    let before = match last_line(&mut file, length).map_err(broken)? {
        None => {
            event.position = 1;
            NOTHING.to_owned()
        }
        Some(line) => {
            let last = decode(&line).filter(|link| link.is_whole);
            let last = last.ok_or_else(|| TrailError::NotWhole(path.display().to_string()))?;
            event.position = last.event.position.saturating_add(1);
            last.hash
        }
    };
    let line = encode(&event, &before).map_err(|error| broken(error.into()))?;
    write(&mut file, &line, length).map_err(broken)?;
    durable::sync_folder(folder.path()).map_err(broken)
}

/// Opens the file, and creates it where there is nothing. Neither a symbolic link nor a pipe is opened.
fn open(path: &Path) -> io::Result<File> {
    match durable::create_file(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits());
    let flags = flags.map_err(io::Error::other)?;
    let file = OpenOptions::new().read(true).append(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not an ordinary file"));
    }
    Ok(file)
}

/// Until the file is closed, whoever else wants to write waits.
async fn lock(file: &File, path: &Path) -> Result<(), TrailError> {
    let deadline = Instant::now() + LIMIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(source)) => {
                return Err(TrailError::Io { path: path.to_owned(), source });
            }
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(TrailError::Busy(path.display().to_string()));
            }
            Err(TryLockError::WouldBlock) => sleep(PAUSE).await,
        }
    }
}

/// The last line, whether or not it is a whole one; nothing in an empty file.
fn last_line(file: &mut File, length: u64) -> io::Result<Option<Vec<u8>>> {
    let mut window = END.min(length);
    while window > 0 {
        file.seek(SeekFrom::Start(length - window))?;
        let mut end = Vec::new();
        Read::by_ref(file).take(window).read_to_end(&mut end)?;
        let body = end.strip_suffix(b"\n").unwrap_or(&end);
        let line = body.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        match line {
            Some(line) => return Ok(Some(end.split_off(line))),
            None if window == length => return Ok(Some(end)),
            None => window = (window * 2).min(length),
        }
    }
    Ok(None)
}

/// Part of a record, as on a full disk, would keep every later one out: then it is as if nothing had been written.
fn write(file: &mut File, line: &str, length: u64) -> io::Result<()> {
    let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
    written.inspect_err(|_| drop(file.set_len(length)))
}
