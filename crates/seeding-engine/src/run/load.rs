//! Generated seeds: what is missing gets into the tables, each part together with its history.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use dbkit::{Report, connect::ConnectError};
use sea_orm::DbErr;
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Database, Options, Prepared, RunError, SeedingEvent, blocks, milliseconds, postponed,
    prepare::{Task, rows_of_cell},
    restore,
};
use crate::{
    Generated, Seed, after_load,
    bulk_mode::{self, BulkModeError},
    copy::{self, Bulk, BulkError, Columns, ColumnsError, Fingerprint, LoadError, Source, Tally},
    history::{self, PartTable},
    summary::{Counts, GeneratedSummary, SeedSummary, TableSummary},
    survey::{self, Survey},
};

/// How generated rows get into their tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Into the tables as they are, in blocks of cells that are committed one by one.
    Live,
    /// In one transaction, with the indexes and foreign keys made anew after the rows.
    BulkMode,
    /// In one transaction, around rows that are there already: those that a rollback has kept.
    Merged,
}

/// Why a generated seed's rows are not all there.
#[derive(Debug, thiserror::Error)]
pub enum LoadSeedError {
    /// The rows do not fit their table.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// Rows cannot be written.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The indexes cannot be taken away or made again; nothing of the seed was committed.
    #[error(transparent)]
    BulkMode(#[from] BulkModeError),
    /// A connection cannot be opened, or its transaction not be ended.
    #[error(transparent)]
    Transaction(#[from] BulkError),
    /// A connection cannot be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database refused what is neither a row nor an index.
    #[error("the database refused")]
    Database(#[from] DbErr),
}

/// What loading a seed is about, for every connection that takes part.
pub(super) struct Job<'a> {
    pub(super) database: Database<'a>,
    pub(super) run: Uuid,
    pub(super) seed: &'a Seed,
    pub(super) tables: &'a [Generated],
    /// Of each of the tables, where something is to be loaded.
    columns: Vec<Columns>,
    /// How many rows this run has committed of the seed.
    pub(super) committed: &'a AtomicU64,
    pub(super) report: &'a dyn Report<SeedingEvent>,
}

/// Loads what is missing of every generated seed, after seeds that have written `earlier` rows.
pub(super) async fn apply(
    database: Database<'_>,
    prepared: &Prepared<'_>,
    options: &Options,
    run: Uuid,
    mut earlier: u64,
    report: &dyn Report<SeedingEvent>,
) -> Result<Vec<SeedSummary>, RunError> {
    let mut summaries = Vec::with_capacity(prepared.tasks.len());
    for task in &prepared.tasks {
        let committed = AtomicU64::new(0);
        let work = async {
            let job = Job::new(database, run, task, &committed, report).await?;
            job.carry_out(task, options).await
        };
        let summary = work.await.map_err(|source| RunError::Load {
            seed: task.seed.id,
            committed: committed.load(Ordering::Relaxed),
            earlier,
            source: Box::new(source),
        })?;
        history::record_seeds(database.pool, run, std::slice::from_ref(&summary))
            .await
            .map_err(RunError::History)?;
        earlier += summary.written();
        summaries.push(summary);
    }
    Ok(summaries)
}

/// Writes what is missing of `task` in a transaction that somebody else takes back.
pub(super) async fn rehearse(
    database: Database<'_>,
    bulk: &mut Bulk,
    task: &Task<'_>,
    report: &dyn Report<SeedingEvent>,
) -> Result<SeedSummary, RunError> {
    let start = Instant::now();
    started(task, report);
    let failed = |source: LoadSeedError| RunError::Load {
        seed: task.seed.id,
        committed: 0,
        earlier: 0,
        source: Box::new(source),
    };
    let committed = AtomicU64::new(0);
    let job = Job::new(database, Uuid::nil(), task, &committed, report).await.map_err(failed)?;
    let mut loaded = Vec::new();
    for cells in task.missing.ranges() {
        loaded.extend(job.load_cells(bulk, cells).await.map_err(failed)?);
    }
    let restored = restore::restore(bulk, task).await.map_err(failed)?;
    let way = (!loaded.is_empty()).then_some(Way::Live);
    Ok(summary(task, &loaded, restored, way, start, report))
}

impl<'a> Job<'a> {
    /// Reads the columns of the tables into which something is to be loaded: once, and on a connection that
    /// loads nothing, because one that was asked something is slower to load.
    async fn new(
        database: Database<'a>,
        run: Uuid,
        task: &'a Task<'_>,
        committed: &'a AtomicU64,
        report: &'a dyn Report<SeedingEvent>,
    ) -> Result<Self, LoadSeedError> {
        let mut columns = Vec::new();
        if !task.missing.is_empty() {
            for table in &task.tables {
                let (name, names) = (table.table(), table.columns());
                columns.push(Columns::read(database.pool, name, names).await?);
            }
        }
        let (seed, tables) = (task.seed, &*task.tables);
        Ok(Self { database, run, seed, tables, columns, committed, report })
    }

    async fn carry_out(
        &self,
        task: &Task<'_>,
        options: &Options,
    ) -> Result<SeedSummary, LoadSeedError> {
        let start = Instant::now();
        started(task, self.report);
        let restored = if task.is_damaged() { self.restore(task).await? } else { 0 };
        let (mut loaded, mut way) = (Vec::new(), None);
        if !task.missing.is_empty() {
            let suitable = self.suitable(task, options).await?;
            let chosen = if self.is_occupied(task).await? {
                Way::Merged
            } else if suitable.is_empty() {
                Way::Live
            } else {
                Way::BulkMode
            };
            self.report.report(&SeedingEvent::WayChosen { seed: self.seed.id, way: chosen });
            loaded = match chosen {
                Way::Live => blocks::load(self, &task.missing, options.jobs).await?,
                Way::BulkMode => self.in_bulk_mode(task, &suitable).await?,
                Way::Merged => self.merged(task).await?,
            };
            way = Some(chosen);
            let names = names(&task.tables);
            after_load::set_sequences(self.database.pool, &names).await?;
            after_load::analyze(self.database.pool, &names).await?;
        }
        Ok(summary(task, &loaded, restored, way, start, self.report))
    }

    async fn restore(&self, task: &Task<'_>) -> Result<u64, LoadSeedError> {
        let mut bulk = self.begin().await?;
        let restored = restore::restore(&mut bulk, task).await?;
        bulk.commit().await?;
        self.committed.fetch_add(restored, Ordering::Relaxed);
        Ok(restored)
    }

    /// A connection with a transaction in which no wait for a lock is without a limit.
    pub(super) async fn begin(&self) -> Result<Bulk, LoadSeedError> {
        Ok(Bulk::begin(self.database.url, self.database.connect).await?)
    }

    /// The tables of which the indexes and keys are made after the rows. None in a part of a world,
    /// because others may be loading theirs into the same tables.
    async fn suitable(
        &self,
        task: &Task<'_>,
        options: &Options,
    ) -> Result<Vec<&'static str>, LoadSeedError> {
        let mut suitable = Vec::new();
        let first = task.missing.ranges().first().filter(|_| options.shard.is_none());
        let Some(first) = first.map(|range| range.start) else { return Ok(suitable) };
        for name in names(self.tables) {
            let own: Vec<_> =
                self.tables.iter().filter(|table| table.table() == name).cloned().collect();
            let incoming = rows_of_cell(&own, first).saturating_mul(task.missing.count());
            let choice = bulk_mode::choose(self.database.pool, name, incoming).await?;
            if choice.unsuitable.is_none() {
                suitable.push(name);
            }
        }
        Ok(suitable)
    }

    /// Whether rows are there that have keys of cells that are missing.
    async fn is_occupied(&self, task: &Task<'_>) -> Result<bool, LoadSeedError> {
        for table in self.tables {
            for cells in task.missing.ranges() {
                let keys = Source::keys(table, cells);
                if survey::any(self.database.pool, table.table(), &keys).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn merged(&self, task: &Task<'_>) -> Result<Vec<PartTable>, LoadSeedError> {
        let mut bulk = self.begin().await?;
        let mut loaded = Vec::new();
        for cells in task.missing.ranges() {
            let merged = restore::merge(&mut bulk, self.tables, cells).await?;
            for (table, merged) in self.tables.iter().zip(merged) {
                loaded.push(part(self.run, self.seed, table, cells, merged.tally, 0));
            }
        }
        history::record_part(&bulk, &loaded).await?;
        bulk.commit().await?;
        self.committed.fetch_add(rows(&loaded), Ordering::Relaxed);
        Ok(loaded)
    }

    async fn in_bulk_mode(
        &self,
        task: &Task<'_>,
        suitable: &[&str],
    ) -> Result<Vec<PartTable>, LoadSeedError> {
        let mut bulk = self.begin().await?;
        let apart = bulk_mode::take_apart(&bulk, suitable).await?;
        let mut loaded = Vec::new();
        for cells in task.missing.ranges() {
            loaded.extend(self.load_cells(&mut bulk, cells).await?);
        }
        let (seed, parts) = (self.seed.id, apart.parts() as u64);
        let done = AtomicU64::new(0);
        let progress = |more| {
            let done = done.fetch_add(more, Ordering::Relaxed) + more;
            self.report.report(&SeedingEvent::IndexMade { seed, done, parts });
        };
        bulk_mode::put_together(apart, &bulk, &progress).await?;
        history::record_part(&bulk, &loaded).await?;
        bulk.commit().await?;
        self.committed.fetch_add(rows(&loaded), Ordering::Relaxed);
        Ok(loaded)
    }

    /// Loads all tables of `cells`; nothing is recorded or committed yet.
    pub(super) async fn load_cells(
        &self,
        bulk: &mut Bulk,
        cells: &Range<u64>,
    ) -> Result<Vec<PartTable>, LoadSeedError> {
        let mut loaded = Vec::with_capacity(self.tables.len());
        for (table, columns) in self.tables.iter().zip(&self.columns) {
            let (start, seed, name) = (Instant::now(), self.seed.id, table.table());
            let progress = |rows| {
                self.report.report(&SeedingEvent::RowsWritten { seed, table: name, rows });
            };
            let source = postponed::first(table);
            let tally = copy::load(bulk, columns, source, cells.clone(), &progress).await?;
            let duration = milliseconds(start.elapsed());
            loaded.push(part(self.run, self.seed, table, cells, tally, duration));
        }
        for (table, part) in self.tables.iter().zip(&mut loaded) {
            if !table.postponed().is_empty() {
                let tally = postponed::set(bulk, table, cells.clone()).await?;
                (part.bytes, part.fingerprint) = (tally.bytes, tally.fingerprint);
            }
        }
        Ok(loaded)
    }
}

fn started(task: &Task<'_>, report: &dyn Report<SeedingEvent>) {
    report.report(&SeedingEvent::SeedStarted { seed: task.seed.id, rows: task.rows() });
}

fn part(
    run: Uuid,
    seed: &Seed,
    table: &Generated,
    cells: &Range<u64>,
    tally: Tally,
    duration_ms: u64,
) -> PartTable {
    let keys = Source::keys(table, cells);
    PartTable {
        run,
        seed: seed.id.to_owned(),
        version: seed.version,
        table: table.table().to_owned(),
        cells: cells.clone(),
        key_column: keys.column.to_owned(),
        key_from: keys.from.to_string(),
        key_before: keys.to.to_string(),
        rows: tally.rows,
        bytes: tally.bytes,
        fingerprint: tally.fingerprint,
        duration_ms,
    }
}

/// The names of the tables, each once.
fn names(tables: &[Generated]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for table in tables {
        if !names.contains(&table.table()) {
            names.push(table.table());
        }
    }
    names
}

pub(super) fn rows(parts: &[PartTable]) -> u64 {
    parts.iter().map(|part| part.rows).sum()
}

fn summary(
    task: &Task<'_>,
    loaded: &[PartTable],
    restored: u64,
    way: Option<Way>,
    start: Instant,
    report: &dyn Report<SeedingEvent>,
) -> SeedSummary {
    let there = task.present.as_ref();
    let written = there.map_or(0, Survey::written);
    let counts = Counts {
        created: rows(loaded) + restored,
        updated: 0,
        unchanged: written.saturating_sub(restored),
    };
    let fingerprint: Fingerprint =
        loaded.iter().map(|part| part.fingerprint).chain(there.map(Survey::fingerprint)).sum();
    let duration = start.elapsed();
    let seed = task.seed;
    report.report(&SeedingEvent::SeedFinished { seed: seed.id, counts, duration });
    SeedSummary {
        seed: seed.id,
        kind: seed.kind,
        version: seed.version,
        counts,
        duration_ms: milliseconds(duration),
        tables: by_table(loaded, task),
        generated: Some(GeneratedSummary {
            cells: task.missing.count() + there.map_or(0, |survey| survey.cells.count()),
            rows: rows(loaded) + written,
            bytes: loaded.iter().map(|part| part.bytes).sum(),
            fingerprint,
            way,
        }),
    }
}

/// What was created in each table, in the order of writing.
fn by_table(loaded: &[PartTable], task: &Task<'_>) -> Vec<TableSummary> {
    let of = |table: &'static str| {
        let own = loaded.iter().filter(|part| part.table == table);
        let created = own.map(|part| part.rows).sum();
        TableSummary { table, counts: Counts { created, ..Counts::default() } }
    };
    names(&task.tables).into_iter().map(of).collect()
}
