//! Fills a database from seeds.
//!
//! A [`Seed`] says which rows belong into which tables, as a pure function of a [`World`]: a seed
//! number and a day. [`plan()`](plan::plan) decides which seeds apply to an environment,
//! [`run()`](run::run) writes them in one transaction together with its own history, and
//! [`status()`](look::status) compares that history with the code.
//!
//! Nothing here prints, reads the environment or makes randomness; time comes from a
//! [`dbkit::Clock`], identifiers of runs from the caller.

pub mod draw;
pub mod graph;
pub mod history;
pub mod key;
pub mod look;
pub mod plan;
mod presence;
pub mod rows;
pub mod run;
pub mod seed;
pub mod summary;
mod sync;
pub mod world;
mod write;

pub use draw::{Draw, GENERATOR_VERSION};
pub use history::Recorded;
pub use key::{key, named_key};
pub use look::{propose, status};
pub use plan::{Action, Plan, PlanError, Skip, plan};
pub use rows::{CompletionError, Offer, Rows};
pub use run::{Ending, Options, RunError, SeedingEvent, run};
pub use seed::{Kind, Seed};
pub use summary::{Counts, Proposal, SeedProposal, SeedState, SeedStatus, SeedSummary, Summary};
pub use world::{World, WorldError};
pub use write::WriteError;
