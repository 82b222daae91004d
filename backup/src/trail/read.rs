//! Reading the trail, and whether it is still what was written.

use std::{
    io::{self, BufRead as _, BufReader},
    path::Path,
};

use dbkit::audit::{Chain, Event, Fracture, Head};

use super::{
    TrailError, objects, path,
    record::{Link, NOTHING, decode},
};
use crate::{FolderError, Store, durable, store::Folder};

/// A trail that was read; a line that is no record is kept as nothing.
#[derive(Clone, Debug)]
pub struct Trail(Vec<Option<Link>>);

/// Reads the trail of a store; nothing where it has none yet.
pub async fn read(store: &Store) -> Result<Option<Trail>, TrailError> {
    match store {
        Store::Folder(path) => read_file(path),
        Store::Objects(objects) => Ok(objects::links(objects).await?.map(Trail)),
    }
}

fn read_file(folder: &Path) -> Result<Option<Trail>, TrailError> {
    let folder = match Folder::open(folder) {
        Err(FolderError::Missing(_)) => return Ok(None),
        opened => opened?,
    };
    let path = path(folder.path());
    match lines(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TrailError::Io { path, source }),
        Ok(links) => Ok(Some(Trail(links))),
    }
}

fn lines(path: &Path) -> io::Result<Vec<Option<Link>>> {
    let mut file = BufReader::new(durable::open_file(path)?);
    let (mut links, mut line) = (Vec::new(), Vec::new());
    while file.read_until(b'\n', &mut line)? > 0 {
        links.push(decode(&line));
        line.clear();
    }
    Ok(links)
}

impl Trail {
    /// Recomputes the chain.
    pub fn chain(&self) -> Chain {
        let last = self.0.last().and_then(Option::as_ref);
        Chain {
            events: self.0.len() as u64,
            head: last.map(|link| Head { position: link.event.position, hash: link.hash.clone() }),
            fracture: self.fracture(),
        }
    }

    fn fracture(&self) -> Option<Fracture> {
        let mut before = NOTHING;
        for (position, link) in (1..).zip(&self.0) {
            let Some(link) = link.as_ref().filter(|link| link.is_whole) else {
                return Some(Fracture::Changed { position });
            };
            let found = link.event.position;
            match () {
                () if found > position && !self.has(position) => {
                    return Some(Fracture::Removed { position });
                }
                () if found != position => return Some(Fracture::Reordered { position }),
                () if link.before != before => return Some(Fracture::Unlinked { position }),
                () => before = &link.hash,
            }
        }
        None
    }

    /// Whether a record says that this is its place.
    fn has(&self, position: i64) -> bool {
        self.links().any(|link| link.event.position == position)
    }

    /// Every event that can be read, the oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.links().map(|link| &link.event)
    }

    /// The intents without a result: of operations that run now, or were cut off.
    pub fn unfinished(&self) -> Vec<&Event> {
        let mut open: Vec<&Event> = Vec::new();
        for event in self.events() {
            let key = (event.operation_id, &event.command);
            match event.outcome.as_str() {
                "intent" => open.push(event),
                "done" | "failed" => open.retain(|e| (e.operation_id, &e.command) != key),
                _ => {}
            }
        }
        open
    }

    /// The place of the record with this hash, which proves that everything up to it is still there, where the
    /// chain is whole.
    pub fn position_of(&self, hash: &str) -> Option<i64> {
        self.links().find(|link| link.hash == hash).map(|link| link.event.position)
    }

    fn links(&self) -> impl DoubleEndedIterator<Item = &Link> {
        self.0.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::trail::record::{encode, tests::event};

    /// The lines of five records.
    fn lines_of_five() -> Vec<String> {
        let mut before = NOTHING.to_owned();
        (1..=5)
            .map(|position| {
                let line = encode(&event(position, "intent"), &before).unwrap();
                before = decode(line.as_bytes()).unwrap().hash;
                line
            })
            .collect()
    }

    fn chain(lines: &[String]) -> Chain {
        let place = tempfile::tempdir().unwrap();
        fs::write(path(place.path()), lines.concat()).unwrap();
        read_file(place.path()).unwrap().unwrap().chain()
    }

    #[track_caller]
    fn assert_broken(tamper: impl FnOnce(&mut Vec<String>), fracture: Fracture) {
        let mut lines = lines_of_five();
        tamper(&mut lines);
        assert_eq!(chain(&lines).fracture, Some(fracture));
    }

    #[test]
    fn a_trail_that_nobody_touched_is_whole() {
        let found = chain(&lines_of_five());
        assert_eq!((found.events, found.fracture), (5, None));
        assert_eq!(found.head.unwrap().position, 5);
        assert_eq!(chain(&[]), Chain { events: 0, head: None, fracture: None });
    }

    #[test]
    fn the_first_record_that_was_changed_is_named() {
        for position in 1..=5 {
            let changed = Fracture::Changed { position: i64::try_from(position).unwrap() };
            assert_broken(|l| l[position - 1] = l[position - 1].replace("ann", "bob"), changed);
            // A line that was cut short, or is something else.
            assert_broken(|l| l[position - 1].truncate(40), changed);
            assert_broken(|l| l[position - 1] = "\n".to_owned(), changed);
        }
    }

    #[test]
    fn records_that_were_removed_or_moved_are_found() {
        assert_broken(|l| drop(l.remove(0)), Fracture::Removed { position: 1 });
        assert_broken(|l| drop(l.drain(1..3)), Fracture::Removed { position: 2 });
        assert_broken(|l| l.swap(1, 3), Fracture::Reordered { position: 2 });
        assert_broken(|l| l.insert(2, l[1].clone()), Fracture::Reordered { position: 3 });
    }

    #[test]
    fn a_record_that_was_made_anew_does_not_fit() {
        let anew = |l: &mut Vec<String>| {
            let before = decode(l[1].as_bytes()).unwrap().hash;
            l[2] = encode(&event(3, "done"), &before).unwrap();
        };
        assert_broken(anew, Fracture::Unlinked { position: 4 });
    }

    #[test]
    fn a_tail_that_was_cut_off_shows_by_a_head_that_was_kept() {
        let mut lines = lines_of_five();
        let kept = chain(&lines).head.unwrap().hash;
        let place = tempfile::tempdir().unwrap();
        let position = |lines: &[String]| {
            fs::write(path(place.path()), lines.concat()).unwrap();
            read_file(place.path()).unwrap().unwrap().position_of(&kept)
        };
        assert_eq!(position(&lines), Some(5));
        lines.pop();
        assert_eq!(chain(&lines).fracture, None);
        assert_eq!(position(&lines), None);
    }

    #[test]
    fn an_intent_without_a_result_is_unfinished() {
        let place = tempfile::tempdir().unwrap();
        let unfinished = |outcomes: &[&str]| {
            let events =
                (1..).zip(outcomes).map(|(n, outcome)| encode(&event(n, outcome), NOTHING));
            let lines: Result<Vec<_>, _> = events.collect();
            fs::write(path(place.path()), lines.unwrap().concat()).unwrap();
            read_file(place.path()).unwrap().unwrap().unfinished().len()
        };
        assert_eq!(unfinished(&["intent", "done"]), 0);
        assert_eq!(unfinished(&["intent", "failed", "intent"]), 1);
    }
}
