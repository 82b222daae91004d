//! What a run did, what it would do, and what earlier ones did: plain values for a table or JSON.

use std::ops::AddAssign;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::{Action, Ending, Kind, Shard, Skip, World, copy::Fingerprint, run::Way};

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
    /// What there is of a generated seed now; nothing for a small one.
    pub generated: Option<GeneratedSummary>,
}

impl SeedSummary {
    /// How many rows it created or changed.
    pub fn written(&self) -> u64 {
        self.counts.created + self.counts.updated
    }
}

/// What there is of a generated seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GeneratedSummary {
    /// How many cells.
    pub cells: u64,
    /// How many rows.
    pub rows: u64,
    /// How much data was sent for what this run loaded.
    pub bytes: u64,
    /// What the rows of all its tables are like: the same for the same seed, scale and version.
    pub fingerprint: Fingerprint,
    /// How this run loaded what was missing; nothing where nothing was.
    pub way: Option<Way>,
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
    /// How many cells of the generated seeds there are.
    pub scale: Option<u64>,
    /// The part that this run loaded, if it was not to load all.
    pub shard: Option<Shard>,
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
    /// What would become of the rows that are offered.
    #[serde(flatten)]
    pub counts: Counts,
    /// About how much data would be sent for a generated table; of small seeds nobody asks.
    pub bytes: u64,
}

/// What a run would load of a generated seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GeneratedProposal {
    /// How many cells are missing.
    pub cells: u64,
    /// How many rows are there.
    pub present: u64,
    /// About how much data would be sent.
    pub bytes: u64,
    /// About how long that would take, into the tables as they are.
    pub seconds: u64,
    /// The same by table.
    #[serde(skip)]
    pub tables: Vec<TableProposal>,
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
    /// What would be loaded, where its tables are generated.
    pub generated: Option<GeneratedProposal>,
}

impl SeedProposal {
    /// What would become of the rows of all its tables.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for table in &self.tables {
            counts += table.counts;
        }
        counts
    }
}

/// What a run would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The world that the invented rows would describe.
    pub world: World,
    /// How many cells of the generated seeds there would be.
    pub scale: Option<u64>,
    /// The part that would be loaded.
    pub shard: Option<Shard>,
    /// Every seed, in the order of writing.
    pub seeds: Vec<SeedProposal>,
}

/// How a seed in the code compares with the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeedState {
    /// It was applied in the version that the code has.
    Applied,
    /// Some of its rows were deleted since.
    PartlyDeleted,
    /// All of its rows were deleted since.
    Gone,
    /// Some of its rows were changed since.
    Edited,
    /// It was applied in another version.
    Outdated,
    /// It was applied, and its rows were taken back.
    TakenBack,
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
    /// How many cells there are, where its tables are generated.
    pub scale: Option<u64>,
    /// How many rows were written in all.
    pub written: u64,
    /// How many of them are there.
    pub found: u64,
    /// What the rows were like, where its tables are generated.
    pub fingerprint: Option<Fingerprint>,
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
