//! Runs a team's stock SeaORM migrations, proves them on shadow databases, and takes them back.
//!
//! `seaql_migrations` stays the truth about what is applied, so that `sea-orm-cli migrate` agrees; our own
//! ledger beside it knows the rest ([`ledger`]). Deciding is pure ([`plan`]); [`run`] changes the database, over a
//! [`Session`] that holds the lock.

pub mod advice;
mod bounded;
pub mod capture;
pub mod commute;
pub mod data_checks;
pub mod drift;
pub mod entities;
pub mod event;
pub mod finding;
pub mod foreign;
pub mod from_ledger;
pub mod ledger;
pub mod ledger_checks;
#[cfg(feature = "lint")]
pub mod lint;
mod listen;
pub mod lock_file;
pub mod losses;
mod near;
pub mod observation;
pub mod plan;
pub mod preflight;
pub mod project;
pub mod receipt;
pub mod rehearsal;
mod relation;
pub mod resolve;
pub mod round_trip;
pub mod run;
pub mod safekeep;
pub mod schema_checks;
pub mod schema_notes;
pub mod session;
pub mod shadow;
pub mod snapshot;
pub mod sql_state;
pub mod standing;
mod statements;
pub mod static_checks;
mod table_size;
mod watch;

pub use bounded::Limits as CheckLimits;
pub use event::MigrationEvent;
pub use finding::{Finding, Severity};
pub use ledger::runs::RunFacts;
pub use losses::Losses;
pub use migration_header::{LintIgnore, Metadata};
pub use observation::{Observation, ObservedLock};
pub use plan::{Downto, Entry, PlanError, State, Upto};
pub use project::Project;
pub use receipt::Receipt;
pub use rehearsal::{Rehearsal, RehearsalError, rehearse};
pub use relation::{ColumnName, TableName};
pub use round_trip::{Fill, RoundTrip, RoundTripError, round_trip};
pub use run::{Limits, Orders, RunError};
pub use session::{LOCK, Session, SessionError};
pub use shadow::{Shadow, ShadowError, ShadowOptions};
pub use snapshot::{Change, Snapshot};
pub use table_size::TableSize;
pub use watch::Blocker;
