//! What would be locked now.

use crate::{
    Project,
    capture::{self, Inexact},
    event::Direction,
};
use sea_orm_migration::MigrationTrait;

use super::LockEntry;

/// An entry for every migration that has a file, in the order of the list.
pub async fn entries(project: &Project) -> Vec<LockEntry> {
    let mut entries = Vec::new();
    for migration in project.migrations() {
        let Some(metadata) = project.metadata(migration.name()) else { continue };
        entries.push(LockEntry {
            name: metadata.name.clone(),
            source_sha256: metadata.source_sha256.clone(),
            sql_sha256: sql_sha256(migration).await,
        });
    }
    entries
}

/// What a migration sends up where no database answers: the same at every time, even where a
/// database that answers would be sent something else.
async fn sql_sha256(migration: &dyn MigrationTrait) -> Option<String> {
    let captured = capture::offline(migration, Direction::Up).await.ok()?;
    (captured.why_not_exact != Some(Inexact::Varies)).then(|| captured.sql_sha256())
}
