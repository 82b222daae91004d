//! Names of migrations as people type them: whole, or as far as they are unambiguous.

use migration::explain::explain;
use migration_engine::{Project, ledger, plan};
use sea_orm_migration::sea_orm::ConnectionTrait;
use terminal::Failure;

/// The whole name of the migration that was meant.
pub(super) async fn full_name(
    db: &impl ConnectionTrait,
    project: &Project,
    name: &str,
) -> Result<String, Failure> {
    let ledger = ledger::read(db, project).await?;
    plan::resolve_name(project, &ledger, name).map_err(|error| explain(error.into()))
}
