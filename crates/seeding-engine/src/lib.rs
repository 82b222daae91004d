//! Fills a database from seeds.
//!
//! A [`Seed`] says which rows belong into which tables, as a pure function of a [`World`]: a seed
//! number and a day. [`plan()`](plan::plan) decides which seeds apply to an environment,
//! [`run()`](run::run) writes them in one transaction together with its own history, and
//! [`status()`](look::status) compares that history with the code.
//!
//! Nothing here prints, reads the environment or makes randomness; time comes from a
//! [`dbkit::Clock`], identifiers of runs from the caller.

pub mod after_load;
mod arrange;
pub mod boot;
pub mod bulk_mode;
pub mod cells;
pub mod copy;
pub mod draw;
mod estimate;
pub mod export;
pub mod factory;
pub mod fill;
mod foresee;
pub mod generated;
pub mod graph;
pub mod history;
pub mod key;
pub mod look;
pub mod plan;
mod postponed;
mod presence;
mod references;
mod relations;
mod requirements;
pub mod rows;
pub mod run;
pub mod seed;
mod small_rows;
pub mod summary;
pub mod survey;
mod sync;
pub mod undo;
pub mod values;
pub mod world;
mod write;

pub use cells::{Cells, NoShard, Shard};
pub use draw::{Draw, GENERATOR_VERSION, Stream};
pub use factory::{CreateError, Factory};
pub use generated::Generated;
pub use history::{Recorded, RowAction, RunRecord, RunStatus};
pub use key::{Space, key, named_key};
pub use look::{LookError, Verified, propose, runs, status, verify};
pub use plan::{Action, Plan, PlanError, Selection, Skip, plan};
pub use requirements::check_references;
pub use rows::{CompletionError, Existing, Offer, Rows};
pub use run::{Database, Ending, LoadSeedError, Options, RunError, SeedingEvent, Way, run};
pub use seed::{Content, Kind, Seed};
pub use summary::{
    Counts, GeneratedSummary, Proposal, SeedProposal, SeedState, SeedStatus, SeedSummary, Summary,
};
pub use world::{World, WorldError};
pub use write::WriteError;
