//! Seeding: small seeds in one transaction, generated ones in parts that know themselves.
//!
//! The small seeds, the stamp and the beginning of the run's history are one transaction: a failure
//! or a kill there leaves nothing behind. After it the generated seeds are loaded, each part of them
//! in a transaction that also writes the part into the history. A run that is cut off there is found
//! `running` by the next one, which loads what is missing and nothing twice, because every row is a
//! pure function of its place.

mod blocks;
mod load;
mod postponed;
mod prepare;
mod restore;
mod small;
mod stage;

use std::{num::NonZeroUsize, time::Duration};

use chrono::NaiveDate;
use dbkit::{Clock, ConnectOptions, DatabaseUrl, Environment, Report, stamp};
use sea_orm::{DatabaseConnection, DbErr};
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Action, Existing, PlanError, Seed, Selection, Shard, WorldError, WriteError,
    copy::{Bulk, BulkError},
    history::{self, RunStatus},
    summary::{Counts, SeedSummary, Skipped, Summary},
};

pub use load::{LoadSeedError, Way};
pub(crate) use prepare::{Prepared, Task, prepare};

/// Where the database is, and a pool of connections to it.
#[derive(Clone, Copy, Debug)]
pub struct Database<'a> {
    /// For questions and for what is written outside of any transaction.
    pub pool: &'a DatabaseConnection,
    /// For connections that are given up after use.
    pub url: &'a DatabaseUrl,
    /// How those connect.
    pub connect: &'a ConnectOptions,
}

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// What kind of database it is. The caller has compared this with the database's own stamp.
    pub environment: Environment,
    /// The seed number; where none is given, that of the rows that are there.
    pub seed: Option<i64>,
    /// The day that is today in invented rows; where none is given, that of the rows that are
    /// there, else the clock's.
    pub as_of: Option<NaiveDate>,
    /// The seeds to apply.
    pub selection: Selection,
    /// How many cells of generated seeds there shall be; where none is given, as many as there are,
    /// else one.
    pub scale: Option<u64>,
    /// The part of the generated seeds to load; all of it where there is none.
    pub shard: Option<Shard>,
    /// How many connections load generated seeds side by side.
    pub jobs: NonZeroUsize,
    /// What becomes of rows that are there and differ.
    pub existing: Existing,
    /// Whether the run lasts.
    pub ending: Ending,
    /// Who runs it, for the history.
    pub actor: String,
    /// The version of the tool, for the history.
    pub tool_version: String,
    /// The revision of the source, for the history.
    pub git_revision: Option<String>,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The rows stay.
    Commit,
    /// Every statement was executed, constraints included, and nothing stays: a dry run.
    RollBack,
}

/// What happens during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeedingEvent {
    /// It is known what there is to do.
    RunStarted {
        /// How many seeds are applied.
        seeds: usize,
        /// How many rows they offer; of generated seeds about how many.
        rows: u64,
    },
    /// A seed's turn has come.
    SeedStarted {
        /// The seed.
        seed: &'static str,
        /// How many rows it offers; of a generated seed about how many.
        rows: u64,
    },
    /// It is decided how a generated seed gets into its tables.
    WayChosen {
        /// The seed.
        seed: &'static str,
        /// How.
        way: Way,
    },
    /// Another statement has dealt with some rows of a seed.
    RowsWritten {
        /// The seed.
        seed: &'static str,
        /// The table.
        table: &'static str,
        /// How many rows, whatever became of them.
        rows: u64,
    },
    /// The rows are there, and another index, constraint or foreign key was made again.
    IndexMade {
        /// The seed.
        seed: &'static str,
        /// How many are made.
        done: u64,
        /// How many there are to make.
        parts: u64,
    },
    /// A seed is done; whether a small one lasts depends on the small ones after it.
    SeedFinished {
        /// The seed.
        seed: &'static str,
        /// What became of its rows.
        counts: Counts,
        /// How long it took.
        duration: Duration,
    },
}

/// Why a run did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// What was asked for cannot be, or must not be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The database holds another world.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The history cannot be read or written.
    #[error("cannot use the history of seeds")]
    History(#[source] DbErr),
    /// The database cannot be stamped with its environment.
    #[error("cannot stamp the database")]
    Stamp(#[source] DbErr),
    /// It cannot be found out whether the rows of an earlier run are still there.
    #[error("cannot look for the rows of seed `{seed}`")]
    Look {
        /// The seed.
        seed: String,
        /// What the database said.
        #[source]
        source: DbErr,
    },
    /// A small seed's rows cannot be written; nothing was.
    #[error("seed `{seed}` failed")]
    Seed {
        /// The seed.
        seed: &'static str,
        /// Why.
        #[source]
        source: WriteError,
    },
    /// A generated seed's rows cannot be written.
    #[error("seed `{seed}` failed")]
    Load {
        /// The seed.
        seed: &'static str,
        /// How many of its rows this run has committed.
        committed: u64,
        /// How many rows of the seeds before it this run has committed.
        earlier: u64,
        /// Why.
        #[source]
        source: Box<LoadSeedError>,
    },
    /// The connection for the rows cannot be opened, or its transaction not be ended.
    #[error("the transaction failed")]
    Transaction(#[source] BulkError),
}

/// Applies `seeds` to `database` as `options` say, under the name `id`.
///
/// A run that lasts also stamps the database with its environment. The caller holds the lock that
/// keeps other runs away; runs of shards may share it.
pub async fn run(
    database: Database<'_>,
    seeds: &[Seed],
    options: &Options,
    id: Uuid,
    clock: &dyn Clock,
    report: &dyn Report<SeedingEvent>,
) -> Result<Summary, RunError> {
    let start = Instant::now();
    let prepared = prepare(database.pool, seeds, options, clock).await?;
    report.report(&SeedingEvent::RunStarted {
        seeds: prepared.plan.applied().count(),
        rows: prepared.rows(),
    });
    let summaries = match options.ending {
        Ending::Commit => lasting(database, &prepared, options, id, clock, report).await?,
        Ending::RollBack => rehearsed(database, &prepared, report).await?,
    };
    Ok(summarise(id, options, &prepared, summaries, start.elapsed()))
}

/// Writes everything in one transaction and takes it back.
async fn rehearsed(
    database: Database<'_>,
    prepared: &Prepared<'_>,
    report: &dyn Report<SeedingEvent>,
) -> Result<Vec<SeedSummary>, RunError> {
    let mut bulk = begin(database).await?;
    let (mut summaries, _) = small::apply(&bulk, prepared, report).await?;
    for task in &prepared.tasks {
        summaries.push(load::rehearse(database, &mut bulk, task, report).await?);
    }
    bulk.rollback().await.map_err(RunError::Transaction)?;
    Ok(summaries)
}

async fn lasting(
    database: Database<'_>,
    prepared: &Prepared<'_>,
    options: &Options,
    id: Uuid,
    clock: &dyn Clock,
    report: &dyn Report<SeedingEvent>,
) -> Result<Vec<SeedSummary>, RunError> {
    history::install(database.pool).await.map_err(RunError::History)?;
    stamp::install(database.pool).await.map_err(RunError::Stamp)?;
    let bulk = begin(database).await?;
    let (mut summaries, rows) = small::apply(&bulk, prepared, report).await?;
    let start = history::Start {
        id,
        environment: options.environment,
        world: prepared.world,
        scale: prepared.scale(),
        shard: options.shard,
        tool_version: &options.tool_version,
        git_revision: options.git_revision.as_deref(),
        actor: &options.actor,
        at: clock.now(),
    };
    record(&bulk, &start, prepared, &rows, &summaries).await.map_err(RunError::History)?;
    stamp::write(&bulk, options.environment).await.map_err(RunError::Stamp)?;
    if prepared.tasks.is_empty() {
        finish(&bulk, id, clock).await?;
        bulk.commit().await.map_err(RunError::Transaction)?;
        return Ok(summaries);
    }
    bulk.commit().await.map_err(RunError::Transaction)?;
    let earlier = summaries.iter().map(SeedSummary::written).sum();
    match load::apply(database, prepared, options, id, earlier, report).await {
        Ok(loaded) => summaries.extend(loaded),
        Err(error) => {
            let text = format!(
                "{error}: {}",
                std::error::Error::source(&error).map_or_else(String::new, ToString::to_string)
            );
            let failed =
                history::finish(database.pool, id, RunStatus::Failed, Some(text), clock.now());
            // The first error is the one to tell; the next run finds out by itself that this one ended.
            let _ = failed.await;
            return Err(error);
        }
    }
    finish(database.pool, id, clock).await?;
    Ok(summaries)
}

async fn finish(
    db: &impl sea_orm::ConnectionTrait,
    id: Uuid,
    clock: &dyn Clock,
) -> Result<(), RunError> {
    let ended = history::finish(db, id, RunStatus::Applied, None, clock.now());
    ended.await.map_err(RunError::History)
}

async fn record(
    bulk: &Bulk,
    start: &history::Start<'_>,
    prepared: &Prepared<'_>,
    rows: &[history::WrittenRow],
    summaries: &[SeedSummary],
) -> Result<(), DbErr> {
    history::begin(bulk, start).await?;
    if start.shard.is_none() {
        history::interrupt_others(bulk, start.id).await?;
    }
    for seed in &prepared.gone {
        history::mark_removed(bulk, None, Some(seed), start.id).await?;
    }
    history::record_rows(bulk, start.id, rows).await?;
    history::record_seeds(bulk, start.id, summaries).await
}

/// A connection with a transaction in which no wait is without a limit.
async fn begin(database: Database<'_>) -> Result<Bulk, RunError> {
    Bulk::begin(database.url, database.connect).await.map_err(RunError::Transaction)
}

fn summarise(
    run: Uuid,
    options: &Options,
    prepared: &Prepared<'_>,
    seeds: Vec<SeedSummary>,
    duration: Duration,
) -> Summary {
    let mut total = Counts::default();
    for seed in &seeds {
        total += seed.counts;
    }
    let skipped = prepared.plan.steps.iter().filter_map(|(seed, action)| match action {
        Action::Skip(reason) => Some(Skipped { seed: seed.id, reason: *reason }),
        Action::Apply(_) => None,
    });
    Summary {
        run,
        ending: options.ending,
        world: prepared.world,
        scale: prepared.scale(),
        shard: options.shard,
        seeds,
        skipped: skipped.collect(),
        total,
        duration_ms: milliseconds(duration),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
