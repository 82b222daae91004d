//! The trail in an object store: an object for each record, since nothing can be appended to one.
//!
//! Its number is its name, and no object is put where one is. So two writers cannot follow the same record:
//! the second one finds its place taken, and follows the first.

use std::io;

use dbkit::audit::Event;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;

use super::{
    TrailError,
    record::{Link, NOTHING, decode, encode},
};
use crate::store::{AT_ONCE, Objects, Store};

/// How often a place may be taken by others before ours.
const TRIES: u32 = 50;

/// How many records are in one folder, so that the last one is found without asking for all.
const IN_A_FOLDER: i64 = 1_000;

/// No record is longer.
const LONGEST: u64 = 16 << 20;

pub(super) async fn append(objects: &Objects, mut event: Event) -> Result<(), TrailError> {
    let broken = |source| TrailError::from(Store::Objects(objects.clone()).broken(source));
    for _ in 0..TRIES {
        let (position, before) = match last(objects).await.map_err(broken)? {
            None => (1, NOTHING.to_owned()),
            Some(line) => {
                let last = decode(&line).filter(|link| link.is_whole);
                let last = last.ok_or_else(|| TrailError::NotWhole(place(objects)))?;
                (last.event.position.saturating_add(1), last.hash)
            }
        };
        event.position = position;
        let line = encode(&event, &before).map_err(|error| broken(error.into()))?;
        match objects.add(&key(objects, position), line).await {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            added => return added.map_err(broken),
        }
    }
    Err(TrailError::Busy(place(objects)))
}

/// All records, in the order of their numbers; nothing where there is none yet.
pub(super) async fn links(objects: &Objects) -> Result<Option<Vec<Option<Link>>>, TrailError> {
    let broken = |source| TrailError::from(Store::Objects(objects.clone()).broken(source));
    let keys = sorted(objects, &objects.audit(&[])).await.map_err(broken)?;
    let lines = stream::iter(&keys).map(|key| objects.read(key, LONGEST)).buffered(AT_ONCE);
    let read: Vec<_> = lines.map_ok(|line| decode(&line)).try_collect().await.map_err(broken)?;
    Ok(Some(read).filter(|links| !links.is_empty()))
}

/// Where it is.
pub(super) fn place(objects: &Objects) -> String {
    format!("{objects}/audit")
}

fn key(objects: &Objects, position: i64) -> Path {
    let folder = format!("{:06}", position / IN_A_FOLDER);
    objects.audit(&[&folder, &format!("{position:012}.json")])
}

async fn last(objects: &Objects) -> io::Result<Option<Vec<u8>>> {
    let mut folders = objects.folders(&objects.audit(&[])).await?;
    folders.sort_unstable();
    let Some(folder) = folders.pop() else { return Ok(None) };
    match sorted(objects, &folder).await?.pop() {
        Some(key) => objects.read(&key, LONGEST).await.map(Some),
        None => Ok(None),
    }
}

async fn sorted(objects: &Objects, path: &Path) -> io::Result<Vec<Path>> {
    let found = objects.within(path).await?.into_iter();
    let mut keys: Vec<_> = found.map(|object| object.location).collect();
    keys.sort_unstable();
    Ok(keys)
}
