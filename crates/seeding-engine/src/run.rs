//! Seeding: everything in one transaction together with its history, so that a failure or a kill
//! leaves nothing behind.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use dbkit::{Clock, Environment, Report, stamp};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait as _,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Action, Plan, PlanError, Rows, Seed, World, WorldError, WriteError,
    history::{self, Recorded},
    plan::plan,
    summary::{Counts, SeedSummary, Skipped, Summary, TableSummary},
};

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
    /// The seeds to apply, with what they require; empty for all.
    pub only: Vec<String>,
    /// Whether the run lasts.
    pub ending: Ending,
    /// Who runs it, for the history.
    pub actor: String,
    /// The version of the tool, for the history.
    pub tool_version: String,
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
        /// How many rows they offer.
        rows: u64,
    },
    /// A seed's turn has come.
    SeedStarted {
        /// The seed.
        seed: &'static str,
        /// How many rows it offers.
        rows: u64,
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
    /// A seed is done; whether it lasts depends on the seeds after it.
    SeedFinished {
        /// The seed.
        seed: &'static str,
        /// What became of its rows.
        counts: Counts,
        /// How long it took.
        duration: Duration,
    },
}

/// Why a run left nothing behind.
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
        seed: &'static str,
        /// What the database said.
        #[source]
        source: DbErr,
    },
    /// A seed's rows cannot be written.
    #[error("seed `{seed}` failed")]
    Seed {
        /// The seed.
        seed: &'static str,
        /// Why.
        #[source]
        source: WriteError,
    },
    /// The transaction cannot be opened or ended.
    #[error("the transaction failed")]
    Transaction(#[source] DbErr),
}

/// Applies `seeds` to `db` as `options` say, under the name `id`.
///
/// A run that lasts also stamps the database with its environment. The caller holds the lock that
/// keeps other runs away.
pub async fn run(
    db: &DatabaseConnection,
    seeds: &[Seed],
    options: &Options,
    id: Uuid,
    clock: &dyn Clock,
    report: &dyn Report<SeedingEvent>,
) -> Result<Summary, RunError> {
    let (start, started_at) = (Instant::now(), clock.now());
    let (plan, world) = prepare(db, seeds, options, clock).await?;
    if options.ending == Ending::Commit {
        history::install(db).await.map_err(RunError::History)?;
        stamp::install(db).await.map_err(RunError::Stamp)?;
    }
    let transaction = begin(db).await?;
    let summaries = apply(&transaction, &plan, world, report).await?;
    if options.ending == Ending::Commit {
        let (tool_version, actor) = (&options.tool_version, &options.actor);
        let (environment, finished_at) = (options.environment, clock.now());
        let run =
            history::Run { id, environment, world, tool_version, actor, started_at, finished_at };
        history::record(&transaction, &run, &summaries).await.map_err(RunError::History)?;
        stamp::write(&transaction, environment).await.map_err(RunError::Stamp)?;
        transaction.commit().await.map_err(RunError::Transaction)?;
    } else {
        transaction.rollback().await.map_err(RunError::Transaction)?;
    }
    Ok(summarise(id, options.ending, world, &plan, summaries, start.elapsed()))
}

/// Decides what to do, and in which world.
pub(crate) async fn prepare<'a>(
    db: &DatabaseConnection,
    seeds: &'a [Seed],
    options: &Options,
    clock: &dyn Clock,
) -> Result<(Plan<'a>, World), RunError> {
    // Refusals that need no database come before anything is asked of it.
    plan(seeds, options.environment, &options.only, &BTreeMap::new())?;
    let recorded = history::read(db).await.map_err(RunError::History)?;
    let versions = recorded.iter().map(|(id, seed)| (id.clone(), seed.version)).collect();
    let plan = plan(seeds, options.environment, &options.only, &versions)?;
    let present = if plan.applied().any(|seed| seed.kind.is_generated()) {
        present_world(db, seeds, &recorded).await?
    } else {
        None
    };
    let today = clock.now().date_naive();
    let world = World::choose(present, options.seed, options.as_of, today)?;
    Ok((plan, world))
}

/// The world of the newest run whose invented rows are still there: after a wipe, history alone
/// does not bind anybody.
async fn present_world(
    db: &DatabaseConnection,
    seeds: &[Seed],
    recorded: &BTreeMap<String, Recorded>,
) -> Result<Option<World>, RunError> {
    let mut generated: Vec<(&Seed, &Recorded)> = seeds
        .iter()
        .filter(|seed| seed.kind.is_generated())
        .filter_map(|seed| Some((seed, recorded.get(seed.id)?)))
        .collect();
    generated.sort_by_key(|(_, recorded)| recorded.number);
    for (seed, recorded) in generated.into_iter().rev() {
        // The first table that a seed fills holds what the others refer to.
        let Some(first) = (seed.rows)(&recorded.world).into_iter().next() else { continue };
        let looked = first.any_present(db).await;
        if looked.map_err(|source| RunError::Look { seed: seed.id, source })? {
            return Ok(Some(recorded.world));
        }
    }
    Ok(None)
}

async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, RunError> {
    let transaction = db.begin().await.map_err(RunError::Transaction)?;
    // Somebody may hold a row that we want; that wait has a limit, too.
    transaction
        .execute_unprepared("SET LOCAL lock_timeout = '10s'")
        .await
        .map_err(RunError::Transaction)?;
    Ok(transaction)
}

async fn apply(
    db: &DatabaseTransaction,
    plan: &Plan<'_>,
    world: World,
    report: &dyn Report<SeedingEvent>,
) -> Result<Vec<SeedSummary>, RunError> {
    let offers: Vec<(&Seed, Vec<Rows>)> =
        plan.applied().map(|seed| (seed, (seed.rows)(&world))).collect();
    let rows = offers.iter().map(|(_, rows)| count(rows)).sum();
    report.report(&SeedingEvent::RunStarted { seeds: offers.len(), rows });
    let mut summaries = Vec::with_capacity(offers.len());
    for (seed, rows) in offers {
        let summary = apply_seed(db, seed, &rows, report)
            .await
            .map_err(|source| RunError::Seed { seed: seed.id, source })?;
        summaries.push(summary);
    }
    Ok(summaries)
}

async fn apply_seed(
    db: &DatabaseTransaction,
    seed: &Seed,
    offers: &[Rows],
    report: &dyn Report<SeedingEvent>,
) -> Result<SeedSummary, WriteError> {
    let (start, id) = (Instant::now(), seed.id);
    report.report(&SeedingEvent::SeedStarted { seed: id, rows: count(offers) });
    let (mut counts, mut tables) = (Counts::default(), Vec::with_capacity(offers.len()));
    for offer in offers {
        let table = offer.table();
        let progress = |rows| report.report(&SeedingEvent::RowsWritten { seed: id, table, rows });
        let written = offer.write(db, &progress).await?;
        tables.push(TableSummary { table, counts: written });
        counts += written;
    }
    let duration = start.elapsed();
    report.report(&SeedingEvent::SeedFinished { seed: id, counts, duration });
    let (kind, version, duration_ms) = (seed.kind, seed.version, milliseconds(duration));
    Ok(SeedSummary { seed: id, kind, version, counts, duration_ms, tables })
}

fn summarise(
    run: Uuid,
    ending: Ending,
    world: World,
    plan: &Plan<'_>,
    seeds: Vec<SeedSummary>,
    duration: Duration,
) -> Summary {
    let mut total = Counts::default();
    for seed in &seeds {
        total += seed.counts;
    }
    let skipped = plan.steps.iter().filter_map(|(seed, action)| match action {
        Action::Skip(reason) => Some(Skipped { seed: seed.id, reason: *reason }),
        Action::Apply(_) => None,
    });
    let (skipped, duration_ms) = (skipped.collect(), milliseconds(duration));
    Summary { run, ending, world, seeds, skipped, total, duration_ms }
}

fn count(offers: &[Rows]) -> u64 {
    offers.iter().map(|rows| rows.len() as u64).sum()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
