//! What a restored database holds, read over several connections that share one view of it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dbkit::{DatabaseUrl, Report};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::JoinSet,
};

use super::work::TABLE_LOCK;
use crate::{
    BackupEvent, Comparison,
    archive::Tally,
    fingerprint::{self, Part, Relations},
    manifest::Content,
    pipeline,
    snapshot::{Snapshot, SnapshotError},
};

/// The parts that are still to be read.
struct Remaining {
    parts: Vec<Part>,
    next: AtomicUsize,
}

impl Remaining {
    fn take(&self) -> Option<&Part> {
        self.parts.get(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Leaves nothing for anybody to read.
    fn give_up(&self) {
        self.next.store(self.parts.len(), Ordering::Relaxed);
    }
}

/// Counts, and for a comparison of the content hashes, what `url` holds of `recorded`, of the tables only those
/// that are `wanted`; amounts of money are read as `monetary` writes them.
pub(super) async fn read_back(
    url: &DatabaseUrl,
    monetary: &str,
    (recorded, comparison): (&Content, Comparison),
    wanted: impl Fn(&str, &str) -> bool,
    report: &dyn Report<BackupEvent>,
) -> Result<Content, SnapshotError> {
    let mut snapshot = Snapshot::open(url, TABLE_LOCK).await?;
    let view = snapshot.export().await?;
    let relations = fingerprint::relations(&mut snapshot).await?;
    let relations = relations.in_order_of(recorded).only_tables(wanted);
    let (tallies, large_objects) = match comparison {
        Comparison::Content => {
            let parts = fingerprint::parts(&mut snapshot, &relations).await?;
            let tallies = side_by_side(url, monetary, &view, &relations, parts, report).await?;
            (tallies, fingerprint::large_objects(&mut snapshot).await?)
        }
        Comparison::Counts => {
            let counts = fingerprint::counts(&mut snapshot, &relations).await?;
            let objects = fingerprint::count_large_objects(&mut snapshot).await?;
            (counts.into_iter().map(Tally::of_unread).collect(), objects)
        }
    };
    let states = fingerprint::states(&mut snapshot, &relations).await?;
    snapshot.close().await;
    Ok(relations.come_to(&tallies, &states, large_objects))
}

/// Hashes the rows of all tables in as many sessions as are worth while.
async fn side_by_side(
    url: &DatabaseUrl,
    monetary: &str,
    view: &str,
    relations: &Relations,
    parts: Vec<Part>,
    report: &dyn Report<BackupEvent>,
) -> Result<Vec<Tally>, SnapshotError> {
    let remaining = Arc::new(Remaining { parts, next: AtomicUsize::new(0) });
    let (sender, tallies) = mpsc::channel(1);
    let mut readers = JoinSet::new();
    for _ in 0..remaining.parts.len().min(pipeline::workers() as usize) {
        let (url, monetary, view) = (url.clone(), monetary.to_owned(), view.to_owned());
        let (remaining, sender) = (Arc::clone(&remaining), sender.clone());
        readers.spawn(async move {
            let read = read(&url, &monetary, &view, &remaining, &sender).await;
            read.inspect_err(|_| remaining.give_up())
        });
    }
    drop(sender);
    let tallies = sum(relations, &remaining, tallies, report).await;
    for read in readers.join_all().await {
        read?;
    }
    Ok(tallies)
}

/// Reads part after part, until there is none left.
async fn read(
    url: &DatabaseUrl,
    monetary: &str,
    view: &str,
    remaining: &Remaining,
    tallies: &Sender<(usize, Tally)>,
) -> Result<(), SnapshotError> {
    let mut snapshot = Snapshot::open(url, TABLE_LOCK).await?;
    snapshot.import(view).await?;
    snapshot.set_monetary(monetary).await?;
    while let Some(part) = remaining.take() {
        let tally = snapshot.tally("the rows of a table", &part.copy).await?;
        if tallies.send((part.table, tally)).await.is_err() {
            break;
        }
    }
    snapshot.close().await;
    Ok(())
}

/// What the rows of every table come to, once all readers have ended.
async fn sum(
    relations: &Relations,
    remaining: &Remaining,
    mut parts: Receiver<(usize, Tally)>,
    report: &dyn Report<BackupEvent>,
) -> Vec<Tally> {
    let tables: Vec<_> = relations.tables().collect();
    let mut tallies = vec![Tally::default(); tables.len()];
    let mut number = 0;
    while let Some((table, tally)) = parts.recv().await {
        tallies[table] += tally;
        number += 1;
        let (schema, name) = tables[table];
        report.report(&BackupEvent::Hashing {
            schema: schema.to_owned(),
            table: name.to_owned(),
            number,
            of: remaining.parts.len(),
        });
    }
    tallies
}
