//! Questions that write nothing: what a run would do, and what earlier ones did.

use dbkit::Clock;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::{
    Action, Options, RunError, Seed, World, history,
    history::Recorded,
    run,
    summary::{AppliedStatus, Proposal, SeedProposal, SeedState, SeedStatus, TableProposal},
};

/// Says which of `seeds` a run with `options` would apply, in which order, and how many rows each
/// would offer.
///
/// It asks the history alone and compares no rows; how many would be created, updated or stay is
/// what a run that ends in [`Ending::RollBack`](crate::Ending::RollBack) finds out.
pub async fn propose(
    db: &DatabaseConnection,
    seeds: &[Seed],
    options: &Options,
    clock: &dyn Clock,
) -> Result<Proposal, RunError> {
    let (plan, world) = run::prepare(db, seeds, options, clock).await?;
    let proposal = |(seed, action): &(&Seed, Action)| SeedProposal {
        seed: seed.id,
        description: seed.description,
        kind: seed.kind,
        action: *action,
        tables: tables(seed, *action, &world),
    };
    Ok(Proposal { world, seeds: plan.steps.iter().map(proposal).collect() })
}

fn tables(seed: &Seed, action: Action, world: &World) -> Vec<TableProposal> {
    match action {
        Action::Skip(_) => Vec::new(),
        Action::Apply(_) => (seed.rows)(world)
            .iter()
            .map(|rows| TableProposal { table: rows.table(), rows: rows.len() as u64 })
            .collect(),
    }
}

/// Says for each of `seeds`, in the order given, how it was applied last.
pub async fn status(db: &impl ConnectionTrait, seeds: &[Seed]) -> Result<Vec<SeedStatus>, DbErr> {
    let mut history = history::read(db).await?;
    Ok(seeds.iter().map(|seed| compare(seed, history.remove(seed.id))).collect())
}

fn compare(seed: &Seed, recorded: Option<Recorded>) -> SeedStatus {
    let state = match &recorded {
        None => SeedState::Never,
        Some(recorded) if recorded.version == seed.version => SeedState::Applied,
        Some(_) => SeedState::Outdated,
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
    SeedStatus { seed: id, description, kind: *kind, state, version: *version, applied }
}
