//! Runs a team's stock SeaORM migrations one at a time and says what happened.
//!
//! `seaql_migrations` stays the truth about what is applied, so that `sea-orm-cli migrate` agrees.
//! Deciding is pure ([`plan`]); only [`run`] changes the database, and the caller holds the lock
//! [`LOCK`] while it does.
//!
//! This is the thin runner. The ledger, shadow databases, lint and validation get their modules
//! beside it.

pub mod event;
pub mod finding;
pub mod foreign;
pub mod ledger;
pub mod observation;
pub mod plan;
pub mod project;
pub mod run;
pub mod snapshot;

use dbkit::lock::LockName;

/// Held by every run that changes the schema.
pub const LOCK: LockName = LockName("migration");

pub use event::MigrationEvent;
pub use finding::{Finding, Severity};
pub use migration_header::{LintIgnore, Metadata};
pub use observation::{Observation, ObservedLock};
pub use plan::{Entry, State};
pub use project::Project;
pub use run::RunError;
pub use snapshot::{Change, Snapshot};
