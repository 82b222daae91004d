//! Whether every migration can be taken back, and applied again after that.
//!
//! On a shadow every migration goes up, down and up again, and catalog and row counts are compared
//! after each step. Where there is data for the head of the history, all of it goes down and up
//! once more with that data in place.

mod leg;
mod rows;

use dbkit::{DatabaseUrl, Report};
use sea_orm::DbErr;
use sea_orm_migration::MigrationTrait;

use crate::{
    Finding, Project, Shadow, ShadowError, ShadowOptions, Snapshot, event::Direction, shadow,
};
use leg::{Leg, Outcome};

/// What a `down` has not restored.
pub const DOWN: &str = "round-trip.down";

/// What is different after going up a second time.
pub const UP_AGAIN: &str = "round-trip.up-again";

/// Rows that were there before and are not any more, or the other way round.
pub const ROWS: &str = "round-trip.rows";

/// Puts data into a database to which all migrations are applied.
#[async_trait::async_trait]
pub trait Fill: Send + Sync {
    /// Fills the database at `url`, or says why that did not work.
    async fn fill(&self, url: &DatabaseUrl) -> Result<(), String>;
}

/// One step of a round trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoundTripEvent {
    /// A migration begins its trip.
    Trying {
        /// Its name.
        name: String,
        /// Whether there is data.
        filled: bool,
        /// Its place, from 1; the filled pass begins with the last.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// The database is being filled.
    Filling,
}

/// What round trips have shown.
#[derive(Debug)]
pub struct RoundTrip {
    /// How many migrations went up, down and up again without data.
    pub tried: usize,
    /// How many did so with data; nothing where there was none.
    pub tried_filled: Option<usize>,
    /// What was not as before.
    pub findings: Vec<Finding>,
}

/// Why round trips were not made.
#[derive(Debug, thiserror::Error)]
pub enum RoundTripError {
    /// The shadow database is not there, or the history does not even go up.
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    /// A question to the shadow failed.
    #[error("cannot count the rows of the shadow database")]
    Rows(#[source] DbErr),
    /// The ledger of the shadow cannot be written.
    #[error("cannot write the ledger of the shadow database")]
    Ledger(#[source] DbErr),
    /// There is no data.
    #[error("the shadow database could not be filled: {0}")]
    Fill(String),
}

/// Takes every migration of `project` up, down and up again on a shadow of `target`.
///
/// A `down` that refuses, because its header says that it is irreversible or because PostgreSQL
/// says that something is in its way, is no failure if nothing has changed.
pub async fn round_trip(
    target: &DatabaseUrl,
    options: &ShadowOptions,
    project: &Project,
    fill: Option<&dyn Fill>,
    report: &dyn Report<RoundTripEvent>,
) -> Result<RoundTrip, RoundTripError> {
    let migrations: Vec<_> = project.migrations().collect();
    let trip = Trip { target, options, project, migrations, report };
    let mut findings = Vec::new();
    let (tried, levels) = trip.empty(&mut findings).await?;
    let tried_filled = match fill {
        Some(fill) if levels.len() > trip.migrations.len() => {
            Some(trip.filled(fill, &levels, &mut findings).await?)
        }
        _ => None,
    };
    Ok(RoundTrip { tried, tried_filled, findings })
}

struct Trip<'a> {
    target: &'a DatabaseUrl,
    options: &'a ShadowOptions,
    project: &'a Project,
    migrations: Vec<&'a dyn MigrationTrait>,
    report: &'a dyn Report<RoundTripEvent>,
}

impl Trip<'_> {
    /// Without data; the snapshots of the empty database and of every level above it.
    async fn empty(
        &self,
        findings: &mut Vec<Finding>,
    ) -> Result<(usize, Vec<Snapshot>), RoundTripError> {
        let mut levels = Vec::new();
        let mut next = 0;
        // A migration that does not come back leaves a shadow on which nothing can be proven: the
        // next ones get another.
        while next < self.migrations.len() {
            let replayed = &self.migrations[..next];
            let known = &self.migrations;
            let work =
                async |shadow: &Shadow| self.onwards(shadow, next, &mut levels, findings).await;
            next =
                shadow::with_shadow_for(known, self.target, self.options, replayed, work).await?;
        }
        Ok((next, levels))
    }

    /// From the migration at place `first` as far as one shadow carries; where to go on.
    async fn onwards(
        &self,
        shadow: &Shadow,
        first: usize,
        levels: &mut Vec<Snapshot>,
        findings: &mut Vec<Finding>,
    ) -> Result<usize, RoundTripError> {
        if levels.is_empty() {
            levels.push(shadow.snapshot().await?);
        }
        for (index, migration) in self.migrations.iter().enumerate().skip(first) {
            self.tell(index, false);
            let below = rows::count(shadow.db()).await.map_err(RoundTripError::Rows)?;
            shadow.run(*migration, Direction::Up).await?;
            levels.push(shadow.snapshot().await?);
            let leg = Leg { shadow, migration: *migration, irreversible: self.irreversible(index) };
            let outcome =
                leg.down_and_up(&levels[index], &levels[index + 1], Some(&below), findings);
            if outcome.await? == Outcome::Lost {
                return Ok(index + 1);
            }
        }
        Ok(self.migrations.len())
    }

    /// With data, from the last migration to the first; how many came back.
    async fn filled(
        &self,
        fill: &dyn Fill,
        levels: &[Snapshot],
        findings: &mut Vec<Finding>,
    ) -> Result<usize, RoundTripError> {
        let work = async |shadow: &Shadow| {
            shadow.note(&self.project.names()).await.map_err(RoundTripError::Ledger)?;
            self.report.report(&RoundTripEvent::Filling);
            fill.fill(shadow.url()).await.map_err(RoundTripError::Fill)?;
            self.backwards(shadow, levels, findings).await
        };
        let all = &self.migrations;
        shadow::with_shadow_for(all, self.target, self.options, all, work).await
    }

    async fn backwards(
        &self,
        shadow: &Shadow,
        levels: &[Snapshot],
        findings: &mut Vec<Finding>,
    ) -> Result<usize, RoundTripError> {
        for (index, migration) in self.migrations.iter().enumerate().rev() {
            self.tell(index, true);
            let leg = Leg { shadow, migration: *migration, irreversible: self.irreversible(index) };
            let outcome =
                leg.down_and_up(&levels[index], &levels[index + 1], None, findings).await?;
            let tried = self.migrations.len() - index;
            let goes_on = outcome == Outcome::Back && leg.down_again().await;
            if index > 0 && !goes_on {
                // The data is only known for the head, so there is no other way further down.
                let message = format!("{index} migrations before it were not tried with data");
                findings.push(Finding::info(DOWN, migration.name(), message));
                return Ok(tried);
            }
        }
        Ok(self.migrations.len())
    }

    fn irreversible(&self, index: usize) -> bool {
        let metadata = self.project.metadata(self.migrations[index].name());
        metadata.is_some_and(|metadata| metadata.irreversible.is_some())
    }

    fn tell(&self, index: usize, filled: bool) {
        let name = self.migrations[index].name().to_owned();
        let (number, total) = (index + 1, self.migrations.len());
        self.report.report(&RoundTripEvent::Trying { name, filled, number, total });
    }
}
