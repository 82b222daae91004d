//! What an API needs before it serves: the rows that its code relies on.
//!
//! [`ensure`] looks first, and writes nothing where all rows are there and equal. Instances that start
//! at once take turns, and the later ones find everything there. Invented rows are never written.

use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use dbkit::{
    Clock, ConnectError, Environment, Report,
    lock::{self, LockError, LockName},
    stamp,
};
use sea_orm::DbErr;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Counts, Database, Ending, Existing, Options, PlanError, RunError, Seed, Selection, plan::plan,
    run::run, survey,
};

/// Held by every run that writes seeds; the parts of a world share it.
pub const LOCK: LockName = LockName("seeding");

/// What is to be ensured, and for how long that is tried.
#[derive(Clone, Debug)]
pub struct EnsureOptions {
    /// What kind of database it is.
    pub environment: Environment,
    /// For how long it is tried again where something is in the way that may pass.
    pub budget: Duration,
    /// Who runs it, for the history.
    pub actor: String,
    /// The version of whoever calls, for the history.
    pub tool_version: String,
}

/// What was there, and what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ensured {
    /// How many rows were made, made equal to the code, and left as they were.
    pub counts: Counts,
}

/// What happens meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnsureEvent {
    /// An attempt failed in a way that may pass.
    Retrying {
        /// How long the pause is.
        pause: Duration,
        /// Why it failed.
        cause: String,
    },
}

/// Why the rows cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub enum EnsureError {
    /// The seeds have no order, or reference data rests on invented rows; a mistake in the code.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Reference data rests on invented rows; a mistake in the code.
    #[error("seed `{0}` is invented, and reference or system rows require it")]
    Invented(&'static str),
    /// The database says that it is something else.
    #[error("the API is for {said}, but the database is stamped {stamp}")]
    OtherEnvironment {
        /// What was asked for.
        said: Environment,
        /// What the database says.
        stamp: Environment,
    },
    /// A migration has yet to make a table.
    #[error("there is no table `{0}`: migrations are pending")]
    MissingTable(&'static str),
    /// Somebody else writes seeds and does not come to an end.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database cannot be asked.
    #[error("cannot read the rows")]
    Look(#[from] DbErr),
    /// The rows cannot be written.
    #[error("cannot write the rows")]
    Run(#[from] RunError),
    /// They were written, and read back they are not what was written.
    #[error("after writing, {} rows are missing and {} differ", .0.created, .0.updated)]
    NotAsWritten(Counts),
}

impl EnsureError {
    /// Whether the same attempt may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lock(LockError::Connect(_) | LockError::Session { .. })
            | Self::Look(_)
            | Self::Run(_) => passes(self),
            _ => false,
        }
    }
}

/// Whether a cause of `error` is the connection, a lock or another transaction.
fn passes(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source()).any(|cause| {
        let refused = cause.downcast_ref::<crate::copy::Refusal>();
        let driver = cause
            .downcast_ref::<sqlx::Error>()
            .or_else(|| cause.downcast_ref::<Arc<sqlx::Error>>().map(|error| &**error));
        cause.downcast_ref::<ConnectError>().is_some_and(ConnectError::is_transient)
            || refused.is_some_and(|refusal| code_passes(&refusal.code))
            || driver.is_some_and(driver_passes)
            || matches!(cause.downcast_ref(), Some(DbErr::ConnectionAcquire(_)))
    })
}

fn driver_passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(said) => said.code().is_some_and(|code| code_passes(&code)),
        _ => false,
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>: broken connections, conflicts of
/// transactions, locks that are held, no connection left, a server that stops or starts.
fn code_passes(code: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("40")
        || ["55P03", "53300", "57P01", "57P02", "57P03"].contains(&code)
}

/// Makes sure that every row of the reference and system seeds among `seeds` is in `database` as the
/// code has it, writing what is missing, under the name `id`.
///
/// Tries again, with growing pauses, where a connection, a lock or another transaction is in the way.
pub async fn ensure(
    database: Database<'_>,
    seeds: &[Seed],
    options: &EnsureOptions,
    id: Uuid,
    clock: &dyn Clock,
    report: &dyn Report<EnsureEvent>,
) -> Result<Ensured, EnsureError> {
    let ask = ask(seeds, options)?;
    if ask.selection.only.is_empty() {
        return Ok(Ensured { counts: Counts::default() });
    }
    let deadline = Instant::now() + options.budget;
    let attempt = || attempt(database, seeds, &ask, id, clock, deadline);
    let backoff = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_total_delay(Some(options.budget))
        .without_max_times();
    attempt
        .retry(backoff)
        .when(|error| error.is_transient() && Instant::now() < deadline)
        .notify(|error, pause| {
            report.report(&EnsureEvent::Retrying { pause, cause: error.to_string() });
        })
        .await
}

/// The run that would write the rows.
fn ask(seeds: &[Seed], options: &EnsureOptions) -> Result<Options, EnsureError> {
    let relied_on = seeds
        .iter()
        .filter(|seed| !seed.kind.is_generated() && seed.may_run_in(options.environment));
    let only = relied_on.map(|seed| seed.id.to_owned()).collect();
    let selection = Selection { only, skip: Vec::new() };
    let plan = plan(seeds, options.environment, &selection, &BTreeMap::new())?;
    let invented = plan.applied().find(|seed| seed.kind.is_generated());
    if let Some(seed) = invented.filter(|_| !selection.only.is_empty()) {
        return Err(EnsureError::Invented(seed.id));
    }
    Ok(Options {
        environment: options.environment,
        seed: None,
        as_of: None,
        selection,
        scale: None,
        shard: None,
        jobs: std::num::NonZeroUsize::MIN,
        existing: Existing::Follow,
        ending: Ending::Commit,
        actor: options.actor.clone(),
        tool_version: options.tool_version.clone(),
        git_revision: None,
    })
}

async fn attempt(
    database: Database<'_>,
    seeds: &[Seed],
    options: &Options,
    id: Uuid,
    clock: &dyn Clock,
    deadline: Instant,
) -> Result<Ensured, EnsureError> {
    agree(database, options.environment).await?;
    let there = look(database, seeds, options, clock).await?;
    if is_complete(there) {
        return Ok(Ensured { counts: there });
    }
    let wait = deadline.saturating_duration_since(Instant::now());
    let held = lock::acquire(database.url, database.connect, LOCK, wait).await?;
    // Whoever held the lock may have written them, and may have stamped the database.
    agree(database, options.environment).await?;
    let there = look(database, seeds, options, clock).await?;
    if is_complete(there) {
        held.release().await?;
        return Ok(Ensured { counts: there });
    }
    let counts = run(database, seeds, options, id, clock, &()).await?.total;
    let there = look(database, seeds, options, clock).await?;
    held.release().await?;
    if is_complete(there) { Ok(Ensured { counts }) } else { Err(EnsureError::NotAsWritten(there)) }
}

fn is_complete(counts: Counts) -> bool {
    counts.created == 0 && counts.updated == 0
}

async fn agree(database: Database<'_>, said: Environment) -> Result<(), EnsureError> {
    match stamp::read(database.pool).await? {
        Some(stamp) if stamp != said => Err(EnsureError::OtherEnvironment { said, stamp }),
        _ => Ok(()),
    }
}

/// Reads every row, and counts those that are missing and those that differ.
async fn look(
    database: Database<'_>,
    seeds: &[Seed],
    options: &Options,
    clock: &dyn Clock,
) -> Result<Counts, EnsureError> {
    let prepared = crate::run::prepare(database.pool, seeds, options, clock).await?;
    let mut counts = Counts::default();
    for rows in prepared.small.iter().flat_map(|(_, rows)| rows) {
        if !survey::exists(database.pool, rows.table()).await? {
            return Err(EnsureError::MissingTable(rows.table()));
        }
        counts += rows.foresee(database.pool, options.existing).await?;
    }
    Ok(counts)
}
