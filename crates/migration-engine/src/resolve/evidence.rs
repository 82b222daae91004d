//! What the database would be if the operator were right, and where it differs.

use sea_orm::TransactionTrait as _;
use sea_orm_migration::{MigrationName as _, MigrationTrait};

use super::{ResolveError, error::asking};
use crate::{
    Finding, Project, Session, ShadowError, ShadowOptions, Snapshot, drift,
    from_ledger::LedgerMigration,
    ledger::{Ledger, Table},
    shadow::with_shadow,
};

/// Replays `names` on a shadow and says where the database differs from it.
pub(super) async fn differences(
    session: &Session,
    project: &Project,
    ledger: &Ledger,
    names: &[String],
    options: &ShadowOptions,
) -> Result<Vec<Finding>, ResolveError> {
    let remembered = remembered(project, ledger, names)?;
    let migrations: Vec<&dyn MigrationTrait> = in_order(project, names)
        .iter()
        .filter_map(|name| {
            let from_ledger = || remembered.iter().find(|one| one.name() == name);
            project.find(name).or_else(|| from_ledger().map(|one| one as &dyn MigrationTrait))
        })
        .collect();
    let replayed =
        with_shadow(session.url(), options, &migrations, async |shadow| shadow.snapshot().await);
    let replayed = replayed.await.map_err(|error: ShadowError| ResolveError::Shadow(error))?;
    let live = live(session, project).await?;
    Ok(drift::classify(drift::HISTORY, &replayed.changes(&live)))
}

/// The schema as it is, with the ledger of stock tools, which every shadow has.
async fn live(session: &Session, project: &Project) -> Result<Snapshot, ResolveError> {
    const DOING: &str = "take a snapshot of the schema";
    let transaction = session.db().begin().await.map_err(asking(DOING))?;
    Table::install(&transaction, project).await.map_err(asking(DOING))?;
    let snapshot = Snapshot::take_in(&transaction).await;
    transaction.rollback().await.map_err(asking(DOING))?;
    snapshot.map_err(asking(DOING))
}

fn remembered(
    project: &Project,
    ledger: &Ledger,
    names: &[String],
) -> Result<Vec<LedgerMigration>, ResolveError> {
    let unknown = names.iter().filter(|name| project.find(name).is_none());
    let attempt = |name: &String| {
        let unfinished = || ledger.unfinished.iter().find(|attempt| attempt.name == *name);
        ledger.attempt(name).or_else(unfinished)
    };
    let of = |name: &String| match attempt(name) {
        Some(attempt) => Ok(LedgerMigration::for_replay(attempt)?),
        None => Err(crate::from_ledger::CannotReplay::NotRecorded(name.clone()).into()),
    };
    unknown.map(of).collect()
}

/// The code's order; what only the ledger knows stands where its name would.
fn in_order(project: &Project, names: &[String]) -> Vec<String> {
    let mut order: Vec<_> =
        project.names().into_iter().filter(|name| names.contains(name)).collect();
    for name in names.iter().filter(|name| project.find(name).is_none()) {
        let place = order.iter().position(|other| other > name).unwrap_or(order.len());
        order.insert(place, name.clone());
    }
    order
}
