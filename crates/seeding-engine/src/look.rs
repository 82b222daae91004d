//! Questions that write nothing: what a run would do, and what earlier ones did.

use std::sync::Arc;

use dbkit::Clock;
use sea_orm::{DatabaseConnection, DbErr};

use crate::{
    Content, Database, Generated, Options, RunError, Seed, World,
    copy::{self, Bulk, BulkError, Columns, CompareError, Difference, Source},
    fill,
    history::{self, Recorded, RunRecord},
    run::{self, Prepared, Task},
    small_rows::{self, SmallRows},
    summary::{
        AppliedStatus, GeneratedProposal, Proposal, SeedProposal, SeedState, SeedStatus,
        TableProposal,
    },
    survey::{self, Presence, Survey},
};

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The history or the catalog cannot be read.
    #[error("cannot read the history of seeds")]
    Database(#[from] DbErr),
    /// A connection cannot be opened or broke.
    #[error(transparent)]
    Connection(#[from] BulkError),
    /// A table cannot be compared with what is generated for it.
    #[error(transparent)]
    Compare(#[from] CompareError),
}

/// Says which of `seeds` a run with `options` would apply, in which order, and how many rows each
/// would offer or load.
///
/// It only reads; that every constraint holds is what a run that ends in
/// [`Ending::RollBack`](crate::Ending::RollBack) finds out.
pub async fn propose(
    db: &DatabaseConnection,
    seeds: &[Seed],
    options: &Options,
    clock: &dyn Clock,
) -> Result<Proposal, RunError> {
    let prepared = run::prepare(db, seeds, options, clock).await?;
    let world = prepared.world;
    let mut proposals = Vec::with_capacity(seeds.len());
    for (seed, action) in &prepared.plan.steps {
        let generated = match prepared.tasks.iter().find(|task| task.seed.id == seed.id) {
            Some(task) => Some(estimate(db, task, options).await?),
            None => None,
        };
        proposals.push(SeedProposal {
            seed: seed.id,
            description: seed.description,
            kind: seed.kind,
            action: *action,
            tables: tables(db, &prepared, seed, generated.as_ref()).await?,
            generated,
        });
    }
    Ok(Proposal { world, scale: prepared.scale(), shard: options.shard, seeds: proposals })
}

async fn estimate(
    db: &DatabaseConnection,
    task: &Task<'_>,
    options: &Options,
) -> Result<GeneratedProposal, RunError> {
    let look = |source| RunError::Look { seed: task.seed.id.to_owned(), source };
    crate::estimate::estimate(db, task, options).await.map_err(look)
}

async fn tables(
    db: &DatabaseConnection,
    prepared: &Prepared<'_>,
    seed: &Seed,
    generated: Option<&GeneratedProposal>,
) -> Result<Vec<TableProposal>, RunError> {
    if let Some(generated) = generated {
        return Ok(generated.tables.clone());
    }
    let own = prepared.small.iter().find(|(other, _)| other.id == seed.id);
    let mut tables = Vec::new();
    for rows in own.into_iter().flat_map(|(_, rows)| rows) {
        let look = |source| RunError::Look { seed: seed.id.to_owned(), source };
        let counts = rows.foresee(db, prepared.existing).await.map_err(look)?;
        tables.push(TableProposal { table: rows.table(), counts, bytes: 0 });
    }
    Ok(tables)
}

/// Says for each of `seeds`, in the order given, how it was applied last, and what has become of its
/// rows since.
pub async fn status(database: Database<'_>, seeds: &[Seed]) -> Result<Vec<SeedStatus>, LookError> {
    let mut history = history::read(database.pool).await?;
    let parts = history::present_parts(database.pool).await?;
    let mut surveys = survey::survey(database.pool, &parts).await?;
    let mut small = small_rows::look(database.pool).await?;
    let taken_back = history::taken_back(database.pool).await?;
    let mut statuses = Vec::with_capacity(seeds.len());
    for seed in seeds {
        let recorded = history.remove(seed.id);
        let (survey, rows) = (surveys.remove(seed.id), small.remove(seed.id));
        let edited = match (&survey, &recorded) {
            (Some(survey), Some(recorded)) => {
                is_edited(database, seed, &recorded.world, survey).await?
            }
            _ => false,
        };
        let mut status = compare(seed, recorded, survey.as_ref(), rows, edited);
        if status.written == 0 && taken_back.contains(seed.id) {
            status.state = SeedState::TakenBack;
        }
        statuses.push(status);
    }
    let recorded = history.remove(fill::SEED);
    if recorded.is_some() || taken_back.contains(fill::SEED) {
        let (survey, rows) = (surveys.remove(fill::SEED), small.remove(fill::SEED));
        let status = of_fill(recorded, survey.as_ref(), rows);
        let is_taken_back = status.written == 0 && taken_back.contains(fill::SEED);
        let state = if is_taken_back { SeedState::TakenBack } else { status.state };
        statuses.push(SeedStatus { state, ..status });
    }
    Ok(statuses)
}

/// The runs that the history knows, newest first.
pub async fn runs(db: &DatabaseConnection) -> Result<Vec<RunRecord>, DbErr> {
    history::list(db).await
}

/// Whether the generated rows that are there come to something else than what was written.
async fn is_edited(
    database: Database<'_>,
    seed: &Seed,
    world: &World,
    survey: &Survey,
) -> Result<bool, LookError> {
    if survey.version != seed.version || survey.presence() != Presence::Whole {
        return Ok(false);
    }
    let bulk = Bulk::look(database.url, database.connect).await?;
    let mut found = copy::Tally::default();
    for table in seed.tables(world) {
        let columns = Columns::read(&bulk, table.table(), Generated::columns(&table)).await;
        let columns = columns.map_err(CompareError::from)?;
        for cells in survey.cells.ranges() {
            let tally = copy::tally(&bulk, &columns, &Source::keys(&table, cells)).await;
            found += tally.map_err(CompareError::from)?;
        }
    }
    bulk.rollback().await?;
    Ok(found.fingerprint != survey.fingerprint())
}

/// What has become of the rows that `fill` wrote; nobody asks whether they were edited.
fn of_fill(
    recorded: Option<Recorded>,
    survey: Option<&Survey>,
    rows: Option<SmallRows>,
) -> SeedStatus {
    let seed = fill::as_seed();
    let status = compare(&seed, recorded, survey, rows, false);
    SeedStatus { scale: None, fingerprint: None, ..status }
}

fn compare(
    seed: &Seed,
    recorded: Option<Recorded>,
    survey: Option<&Survey>,
    small: Option<SmallRows>,
    generated_edited: bool,
) -> SeedStatus {
    let of_small = small.unwrap_or_default();
    let written = survey.map_or(0, Survey::written) + of_small.written;
    let found = survey.map_or(0, Survey::found) + of_small.found;
    let edited = small.map_or(u64::from(generated_edited), |rows| rows.edited);
    let state = match &recorded {
        None => SeedState::Never,
        Some(_) if written > 0 && found == 0 => SeedState::Gone,
        Some(recorded) if recorded.version != seed.version => SeedState::Outdated,
        Some(_) if found < written => SeedState::PartlyDeleted,
        Some(_) if edited > 0 => SeedState::Edited,
        Some(_) => SeedState::Applied,
    };
    let applied = recorded.map(|recorded| AppliedStatus {
        run: recorded.run,
        at: recorded.at,
        actor: recorded.actor,
        version: recorded.version,
        seed_number: recorded.world.seed,
        as_of: recorded.world.as_of,
        counts: recorded.counts,
    });
    let Seed { id, description, kind, version, .. } = seed;
    SeedStatus {
        seed: id,
        description,
        kind: *kind,
        state,
        version: *version,
        applied,
        scale: survey.map(|survey| survey.cells.scale()),
        written,
        found,
        fingerprint: survey.map(Survey::fingerprint),
    }
}

/// How the rows of a generated seed differ from what is generated for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The seed.
    pub seed: &'static str,
    /// The table.
    pub table: &'static str,
    /// The difference.
    pub difference: Difference,
}

/// Makes every generated row that is said to be there again and compares it with the one that is
/// there; of each kind of difference, `most` keys are kept.
pub async fn verify(
    database: Database<'_>,
    seeds: &[Seed],
    most: usize,
) -> Result<Vec<Verified>, LookError> {
    let history = history::read(database.pool).await?;
    let parts = history::present_parts(database.pool).await?;
    let surveys = survey::survey(database.pool, &parts).await?;
    let bulk = Bulk::look(database.url, database.connect).await?;
    let mut verified = Vec::new();
    for seed in seeds.iter().filter(|seed| matches!(seed.content, Content::Tables(_))) {
        let (Some(survey), Some(recorded)) = (surveys.get(seed.id), history.get(seed.id)) else {
            continue;
        };
        for table in seed.tables(&recorded.world) {
            let name = table.table();
            let table: Arc<dyn Source> = Arc::new(table);
            let mut difference = Difference::default();
            for cells in survey.cells.ranges() {
                let table = Arc::clone(&table);
                difference += copy::compare(&bulk, table, cells.clone(), most).await?;
            }
            verified.push(Verified { seed: seed.id, table: name, difference });
        }
    }
    bulk.rollback().await?;
    Ok(verified)
}
