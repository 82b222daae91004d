//! Running on a shadow what is about to run on the target, to know exactly what it would do.
//!
//! The target is only read, and only to furnish the shadow: nobody who has locked its tables is
//! waited for.

use std::{collections::BTreeMap, time::Duration};

use dbkit::DatabaseUrl;
use sea_orm_migration::MigrationTrait;
use serde::Serialize;

use crate::{
    Change, Observation, Project, Shadow, ShadowError, ShadowOptions, Snapshot, TableSize,
    event::Direction,
    from_ledger::{CannotReplay, LedgerMigration},
    ledger::{Applied, Ledger},
    losses::Losses,
    project::is_transactional,
    run::Chosen,
    shadow::with_shadow_for,
};

/// What is about to run on a target.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// The code.
    pub project: &'a Project,
    /// What is applied to the target.
    pub ledger: &'a Ledger,
    /// Which way.
    pub direction: Direction,
    /// Which migrations, in the order in which they run.
    pub chosen: &'a [Chosen],
    /// How large the target's tables are, by `schema.table`.
    pub sizes: &'a BTreeMap<String, TableSize>,
}

/// What was seen on the shadow.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// One for every migration, in order.
    pub steps: Vec<Step>,
    /// The schema after all of them.
    pub after: Snapshot,
}

/// What one migration would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Whether it runs in a transaction.
    pub transactional: bool,
    /// What it sends, in order, with the values in place.
    pub statements: Vec<String>,
    /// The locks that it holds on what was there before it, the strongest mode of each.
    pub locks: Vec<Lock>,
    /// The tables whose rows it writes anew.
    pub rewritten: Vec<Rewritten>,
    /// How long it took on the shadow, which is nearly empty.
    #[serde(rename = "shadow_ms", serialize_with = "milliseconds")]
    pub took: Duration,
    /// What it changes in the schema.
    pub changes: Vec<Change>,
    /// What goes with it.
    pub losses: Losses,
}

/// A lock that a migration holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lock {
    /// The relation, as `schema.name`.
    pub relation: String,
    /// The mode as `pg_locks` calls it, such as `AccessExclusiveLock`.
    pub mode: String,
    /// The place in [`Step::statements`] of the statement that takes it, from 0.
    pub statement: usize,
    /// How large it is on the target, where it is a table that the target has.
    pub size: Option<TableSize>,
}

/// A table whose rows are written anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rewritten {
    /// The table, as `schema.table`.
    pub relation: String,
    /// How large it is on the target, where the target has it.
    pub size: Option<TableSize>,
}

/// Why it is not known what would happen.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The code does not have a migration, and the ledger does not know what it sends.
    #[error(transparent)]
    CannotReplay(#[from] CannotReplay),
    /// The shadow is not there, or a migration fails on it.
    #[error(transparent)]
    Shadow(#[from] ShadowError),
}

/// Replays what is applied to `target` on a shadow beside it, and there runs what `script` says.
pub async fn rehearse(
    script: Script<'_>,
    target: &DatabaseUrl,
    options: &ShadowOptions,
) -> Result<Rehearsal, RehearsalError> {
    let remembered = remembered(script.project, script.ledger)?;
    let applied = applied(script.project, script.ledger, &remembered);
    let chosen = script.migrations()?;
    let history: Vec<_> = match script.direction {
        Direction::Up => applied.iter().chain(&chosen).copied().collect(),
        Direction::Down => applied.clone(),
    };
    with_shadow_for(&history, target, options, &applied, async |shadow| {
        script.perform(shadow, &chosen).await.map_err(RehearsalError::from)
    })
    .await
}

/// What is applied and the code does not have, by name, as the ledger remembers it.
pub fn remembered<'a>(
    project: &Project,
    ledger: &'a Ledger,
) -> Result<BTreeMap<&'a str, LedgerMigration>, CannotReplay> {
    let missing = ledger.applied.iter().filter(|row| project.find(&row.name).is_none());
    let remember = |row: &'a Applied| {
        let attempt = row.attempt.as_ref();
        let attempt = attempt.ok_or_else(|| CannotReplay::NotRecorded(row.name.clone()))?;
        Ok((row.name.as_str(), LedgerMigration::for_replay(attempt)?))
    };
    missing.map(remember).collect()
}

/// What is applied, in the order of application: the code's migrations, and those that are
/// [`remembered`].
pub fn applied<'a>(
    project: &'a Project,
    ledger: &Ledger,
    remembered: &'a BTreeMap<&str, LedgerMigration>,
) -> Vec<&'a dyn MigrationTrait> {
    let names = ledger.applied.iter().map(|row| row.name.as_str());
    let migration = |name: &str| match project.find(name) {
        Some(migration) => Some(migration),
        None => remembered.get(name).map(|migration| migration as &dyn MigrationTrait),
    };
    names.filter_map(migration).collect()
}

impl<'a> Script<'a> {
    /// What is about to run.
    fn migrations(&self) -> Result<Vec<&'a dyn MigrationTrait>, CannotReplay> {
        let migration = |(name, remembered): &'a Chosen| match (self.project.find(name), remembered)
        {
            (Some(migration), _) => Ok(migration),
            (None, Some(remembered)) => Ok(remembered as &dyn MigrationTrait),
            (None, None) => Err(CannotReplay::NotRecorded(name.clone())),
        };
        self.chosen.iter().map(migration).collect()
    }

    async fn perform(
        &self,
        shadow: &Shadow,
        chosen: &[&dyn MigrationTrait],
    ) -> Result<Rehearsal, ShadowError> {
        let mut steps = Vec::with_capacity(chosen.len());
        let mut schema = shadow.snapshot().await?;
        for &migration in chosen {
            let observed = match self.direction {
                Direction::Up => shadow.up(migration).await?,
                Direction::Down => shadow.down(migration).await?,
            };
            let after = shadow.snapshot().await?;
            steps.push(self.step(migration, observed, schema.changes(&after)));
            schema = after;
        }
        Ok(Rehearsal { steps, after: schema })
    }

    fn step(
        &self,
        migration: &dyn MigrationTrait,
        observed: Observation,
        changes: Vec<Change>,
    ) -> Step {
        let size = |relation: &String| self.sizes.get(relation).copied();
        let locks = observed.locks.into_iter().map(|lock| Lock {
            size: size(&lock.relation),
            relation: lock.relation,
            mode: lock.mode,
            statement: lock.statement,
        });
        let rewritten = observed.rewritten.into_iter();
        Step {
            name: migration.name().to_owned(),
            direction: self.direction,
            transactional: is_transactional(migration),
            locks: locks.collect(),
            rewritten: rewritten
                .map(|relation| Rewritten { size: size(&relation), relation })
                .collect(),
            took: observed.took,
            losses: Losses::of(&changes, &observed.statements),
            statements: observed.statements,
            changes,
        }
    }
}

fn milliseconds<S: serde::Serializer>(took: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}
