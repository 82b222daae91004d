//! Whether a migration can be taken out of the middle of a history.
//!
//! It can if "all applied, then down" makes the same catalog as "all but this one". This is about
//! the schema: what later migrations did to rows is not compared.

use dbkit::DatabaseUrl;
use sea_orm_migration::MigrationTrait;

use crate::{
    Change, Observation, Shadow, ShadowError, ShadowOptions, Snapshot, event::Direction, shadow,
};

/// What two shadows have shown about taking out one migration.
#[derive(Debug)]
pub enum Proof {
    /// Its `down` gives the catalog that would be there without it.
    Commutes {
        /// What the `down` did on the shadow.
        down: Observation,
    },
    /// It must stay, or what came after it must go first.
    Refused {
        /// What would differ from a history without it, after its `down`.
        differences: Vec<Change>,
        /// The migrations that declare to depend on it, or cannot be applied without it.
        dependants: Vec<String>,
        /// Why its `down` fails when the others are applied.
        error: Option<ShadowError>,
    },
}

/// Why nothing could be shown.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It is not among those that are applied.
    #[error("{0} is not applied")]
    NotApplied(String),
    /// There is no shadow, or the history does not go up on it.
    #[error(transparent)]
    Shadow(#[from] ShadowError),
}

/// Tries on two shadows of `target`, one after the other, whether `name` can be taken out of
/// `applied`, which is in applied order. `declared` are the migrations whose headers say that they
/// depend on it.
pub async fn prove(
    target: &DatabaseUrl,
    options: &ShadowOptions,
    applied: &[&dyn MigrationTrait],
    name: &str,
    declared: &[String],
) -> Result<Proof, ProofError> {
    let is_it = |migration: &&dyn MigrationTrait| migration.name() == name;
    let Some(migration) = applied.iter().copied().find(is_it) else {
        return Err(ProofError::NotApplied(name.to_owned()));
    };
    let taken_out = shadow::with_shadow_for(applied, target, options, applied, async |shadow| {
        let down = shadow.down(migration).await;
        Ok::<_, ShadowError>((down, shadow.snapshot().await?))
    });
    let (down, after) = taken_out.await?;
    let rest: Vec<_> = applied.iter().copied().filter(|one| !is_it(one)).collect();
    let without = shadow::with_shadow_for(applied, target, options, &[], async |shadow| {
        as_far_as_possible(shadow, &rest).await
    });
    let (without, failing) = without.await?;
    let dependants: Vec<_> = applied
        .iter()
        .map(|migration| migration.name().to_owned())
        .filter(|name| declared.contains(name) || failing.contains(name))
        .collect();
    let down = match down {
        Ok(down) => down,
        Err(error) => {
            let differences = Vec::new();
            return Ok(Proof::Refused { differences, dependants, error: Some(error) });
        }
    };
    let differences = without.changes(&after);
    if differences.is_empty() && dependants.is_empty() {
        return Ok(Proof::Commutes { down });
    }
    Ok(Proof::Refused { differences, dependants, error: None })
}

/// Applies what can be applied; the catalog, and what could not.
async fn as_far_as_possible(
    shadow: &Shadow,
    migrations: &[&dyn MigrationTrait],
) -> Result<(Snapshot, Vec<String>), ShadowError> {
    let mut failing = Vec::new();
    for migration in migrations {
        match shadow.run(*migration, Direction::Up).await {
            Ok(()) => {}
            Err(
                ShadowError::Migration { migration, .. } | ShadowError::Panicked { migration, .. },
            ) => {
                failing.push(migration);
            }
            Err(other) => return Err(other),
        }
    }
    Ok((shadow.snapshot().await?, failing))
}
