//! What a run did, what it would do, and what earlier ones did: plain values for a table or JSON.

use std::ops::AddAssign;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{Action, Ending, Kind, Skip, World};

/// What became of the rows that were offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows that were not there.
    pub created: u64,
    /// Rows that were there and were made equal to the code.
    pub updated: u64,
    /// Rows that were there and stay as they are.
    pub unchanged: u64,
}

impl Counts {
    /// How many rows were written.
    pub const fn written(self) -> u64 {
        self.created + self.updated
    }

    /// How many rows were offered.
    pub const fn offered(self) -> u64 {
        self.written() + self.unchanged
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// What one seed did to one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TableSummary {
    /// The table's name.
    pub table: &'static str,
    /// What became of the rows.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What one seed did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeedSummary {
    /// The seed.
    pub seed: &'static str,
    /// What its rows are good for.
    pub kind: Kind,
    /// The version that was applied.
    pub version: u32,
    /// What became of its rows.
    #[serde(flatten)]
    pub counts: Counts,
    /// How long it took.
    pub duration_ms: u64,
    /// The same by table, in the order of writing; a table may come more than once.
    pub tables: Vec<TableSummary>,
}

/// A seed that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The seed.
    pub seed: &'static str,
    /// Why it was left out.
    pub reason: Skip,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The run's name in the history.
    pub run: Uuid,
    /// Whether it lasts.
    pub ending: Ending,
    /// The world that the invented rows describe.
    pub world: World,
    /// What each seed did, in the order of writing.
    pub seeds: Vec<SeedSummary>,
    /// The seeds that were left out.
    pub skipped: Vec<Skipped>,
    /// What became of all rows.
    pub total: Counts,
    /// How long it took, with history and commit.
    pub duration_ms: u64,
}

/// What a seed would offer to one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TableProposal {
    /// The table's name.
    pub table: &'static str,
    /// How many rows are offered; how many of them are there already is not known.
    pub rows: u64,
}

/// What a run would do with one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeedProposal {
    /// The seed.
    pub seed: &'static str,
    /// What it brings, in a few words.
    pub description: &'static str,
    /// What its rows are good for.
    pub kind: Kind,
    /// What would be done with it.
    pub action: Action,
    /// The rows that it would offer; empty where it is left out.
    pub tables: Vec<TableProposal>,
}

impl SeedProposal {
    /// How many rows it would offer in all.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// What a run would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The world that the invented rows would describe.
    pub world: World,
    /// Every seed, in the order of writing.
    pub seeds: Vec<SeedProposal>,
}

/// How a seed in the code compares with the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedState {
    /// It was applied in the version that the code has.
    Applied,
    /// It was applied in another version.
    Outdated,
    /// The history does not know it.
    Never,
}

/// What the history says of one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeedStatus {
    /// The seed.
    pub seed: &'static str,
    /// What it brings, in a few words.
    pub description: &'static str,
    /// What its rows are good for.
    pub kind: Kind,
    /// How code and history compare.
    pub state: SeedState,
    /// The version that the code has.
    pub version: u32,
    /// The run that applied it last.
    pub applied: Option<AppliedStatus>,
}

/// How a seed was applied last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppliedStatus {
    /// The run.
    pub run: Uuid,
    /// When that run ended.
    pub at: DateTime<Utc>,
    /// Who ran it.
    pub actor: String,
    /// The version that was applied.
    pub version: u32,
    /// The seed number of the run.
    pub seed_number: i64,
    /// The day of the run's world.
    pub as_of: NaiveDate,
    /// What became of its rows.
    #[serde(flatten)]
    pub counts: Counts,
}
