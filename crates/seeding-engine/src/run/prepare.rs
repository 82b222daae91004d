//! What a run does, decided before anything is touched.

use std::collections::BTreeMap;

use dbkit::Clock;
use sea_orm::{DatabaseConnection, DbErr};

use super::{Options, RunError};
use crate::{
    Cells, Content, Existing, GENERATOR_VERSION, Generated, Plan, PlanError, Rows, Seed, World,
    WorldError,
    arrange::{Table, arrange},
    check_references,
    history::{self, Recorded},
    plan::plan,
    survey::{Presence, Survey, survey},
};

/// What there is to do.
pub(crate) struct Prepared<'a> {
    pub(crate) plan: Plan<'a>,
    pub(crate) world: World,
    pub(crate) existing: Existing,
    /// The small seeds with their rows, in order.
    pub(crate) small: Vec<(&'a Seed, Vec<Rows>)>,
    /// The generated seeds, in order.
    pub(crate) tasks: Vec<Task<'a>>,
    /// The generated seeds of which the history knows rows that are all gone.
    pub(crate) gone: Vec<String>,
}

/// What there is to do for a generated seed.
pub(crate) struct Task<'a> {
    pub(crate) seed: &'a Seed,
    pub(crate) tables: Vec<Generated>,
    /// The cells that shall be there.
    pub(crate) wanted: Cells,
    /// Those of them that are not.
    pub(crate) missing: Cells,
    /// What is there; of some of it, perhaps, only a part.
    pub(crate) present: Option<Survey>,
}

impl Prepared<'_> {
    /// About how many rows are dealt with.
    pub(crate) fn rows(&self) -> u64 {
        let small = self.small.iter().flat_map(|(_, rows)| rows).map(|rows| rows.len() as u64);
        small.sum::<u64>() + self.tasks.iter().map(Task::rows).sum::<u64>()
    }

    /// How many cells of the generated seeds there are in all, afterwards.
    pub(crate) fn scale(&self) -> Option<u64> {
        self.tasks.iter().map(|task| task.wanted.scale()).max()
    }
}

impl Task<'_> {
    /// About how many rows are to be loaded, going by the first cell that is missing.
    pub(crate) fn rows(&self) -> u64 {
        let Some(first) = self.missing.ranges().first() else { return 0 };
        rows_of_cell(&self.tables, first.start).saturating_mul(self.missing.count())
    }

    /// Whether some rows of cells that were loaded were deleted.
    pub(crate) fn is_damaged(&self) -> bool {
        self.present.as_ref().is_some_and(|survey| survey.presence() == Presence::Partly)
    }
}

pub(crate) fn rows_of_cell(tables: &[Generated], cell: u64) -> u64 {
    let mut rows = 0;
    for table in tables {
        table.rows(cell, &mut |_| rows += 1);
    }
    rows
}

/// Decides what to do, and in which world.
pub(crate) async fn prepare<'a>(
    db: &DatabaseConnection,
    seeds: &'a [Seed],
    options: &Options,
    clock: &dyn Clock,
) -> Result<Prepared<'a>, RunError> {
    // Refusals that need no database come before anything is asked of it.
    plan(seeds, options.environment, &options.selection, &BTreeMap::new())?;
    let recorded = history::read(db).await.map_err(RunError::History)?;
    let versions = recorded.iter().map(|(id, seed)| (id.clone(), seed.version)).collect();
    let plan = plan(seeds, options.environment, &options.selection, &versions)?;
    let mut parts = history::present_parts(db).await.map_err(RunError::History)?;
    // Of rows that no seed of the code makes, a run has nothing to say.
    parts.retain(|part| seeds.iter().any(|seed| seed.id == part.seed));
    let mut surveys =
        survey(db, &parts).await.map_err(|source| look("generated tables", source))?;
    let gone: Vec<String> = surveys
        .iter()
        .filter(|(_, survey)| survey.presence() == Presence::Gone)
        .map(|(seed, _)| seed.clone())
        .collect();
    surveys.retain(|seed, _| !gone.contains(seed));
    let world = choose_world(db, seeds, &plan, &recorded, &surveys, options, clock).await?;
    check_references(seeds, &world)?;
    let scale = scale(&plan, &surveys, options)?;
    let mut tasks = Vec::new();
    for seed in plan.applied().filter(|seed| matches!(seed.content, Content::Tables(_))) {
        tasks.push(task(seed, &world, scale, options, surveys.remove(seed.id))?);
    }
    let mut small = Vec::new();
    for seed in plan.applied().filter(|seed| matches!(seed.content, Content::Rows(_))) {
        small.push((seed, arranged(seed, seed.rows(&world))?));
    }
    Ok(Prepared { plan, world, existing: options.existing, small, tasks, gone })
}

fn look(what: &str, source: DbErr) -> RunError {
    RunError::Look { seed: what.to_owned(), source }
}

fn arranged<T: Table>(seed: &Seed, tables: Vec<T>) -> Result<Vec<T>, PlanError> {
    arrange(tables).map_err(|circle| PlanError::circle(seed.id, circle))
}

fn task<'a>(
    seed: &'a Seed,
    world: &World,
    scale: u64,
    options: &Options,
    present: Option<Survey>,
) -> Result<Task<'a>, PlanError> {
    if let Some(survey) = present.as_ref().filter(|survey| survey.version != seed.version) {
        let (recorded, current) = (survey.version, seed.version);
        return Err(PlanError::OtherVersion { seed: seed.id, recorded, current });
    }
    let tables = arranged(seed, seed.tables(world))?;
    if let Some(table) = tables.iter().find(|table| scale > table.most_cells()) {
        let (table, most) = (table.table(), table.most_cells());
        return Err(PlanError::TooLarge { scale, table, most });
    }
    let part = options.shard.map_or(0..scale, |shard| shard.cells(scale));
    let there = present.as_ref().map(|survey| survey.cells.clone()).unwrap_or_default();
    let missing = Cells::of([part.clone()]).without(&there);
    Ok(Task { seed, tables, wanted: Cells::of([part]), missing, present })
}

/// How many cells there shall be: as many as are asked for, which is never less than there are.
fn scale(
    plan: &Plan<'_>,
    surveys: &BTreeMap<String, Survey>,
    options: &Options,
) -> Result<u64, PlanError> {
    let applied: Vec<&str> = plan.applied().map(|seed| seed.id).collect();
    let present = surveys
        .iter()
        .filter(|(seed, _)| applied.contains(&seed.as_str()))
        .map(|(_, survey)| survey.cells.scale())
        .max();
    match (options.scale, present) {
        (Some(0), _) => Err(PlanError::NoScale),
        (Some(asked), Some(present)) if asked < present => {
            Err(PlanError::Smaller { asked, present })
        }
        (Some(asked), _) => Ok(asked),
        (None, present) => Ok(present.unwrap_or(1).max(1)),
    }
}

/// The world of the rows that are there, if any are, else the one that is asked for.
async fn choose_world(
    db: &DatabaseConnection,
    seeds: &[Seed],
    plan: &Plan<'_>,
    recorded: &BTreeMap<String, Recorded>,
    surveys: &BTreeMap<String, Survey>,
    options: &Options,
    clock: &dyn Clock,
) -> Result<World, RunError> {
    let present = if plan.applied().any(|seed| seed.kind.is_generated()) {
        present_world(db, seeds, recorded, surveys).await?
    } else {
        None
    };
    if let Some(other) = present.filter(|seed| seed.generator_version != GENERATOR_VERSION) {
        let (recorded, current) = (other.generator_version, GENERATOR_VERSION);
        return Err(WorldError::OtherGenerator { recorded, current }.into());
    }
    let today = clock.now().date_naive();
    Ok(World::choose(present.map(|seed| seed.world), options.seed, options.as_of, today)?)
}

/// The newest run whose invented rows are still there: after a wipe, history alone does not bind
/// anybody.
async fn present_world<'a>(
    db: &DatabaseConnection,
    seeds: &[Seed],
    recorded: &'a BTreeMap<String, Recorded>,
    surveys: &BTreeMap<String, Survey>,
) -> Result<Option<&'a Recorded>, RunError> {
    let mut generated: Vec<(&Seed, &Recorded)> = seeds
        .iter()
        .filter(|seed| seed.kind.is_generated())
        .filter_map(|seed| Some((seed, recorded.get(seed.id)?)))
        .collect();
    generated.sort_by_key(|(_, recorded)| recorded.number);
    for (seed, recorded) in generated.into_iter().rev() {
        if surveys.contains_key(seed.id) {
            return Ok(Some(recorded));
        }
        // The first table that a seed fills holds what the others refer to.
        let Some(first) = seed.rows(&recorded.world).into_iter().next() else { continue };
        if first.any_present(db).await.map_err(|source| look(seed.id, source))? {
            return Ok(Some(recorded));
        }
    }
    Ok(None)
}
