//! A copy of a database in which nobody is to be found, for development.
//!
//! [`sanitise`](fn@sanitise) copies a database on its own server, replaces what is personal by
//! pseudonyms there, and makes a backup of the result. What a column holds stands in one file, the
//! [`Profile`]; a column that is not in it fails the run before anything is copied.
//!
//! A pseudonym depends on the value and on the key, and on nothing else: whatever was equal stays equal,
//! in whichever table, and the same key gives the same copy. It cannot be taken back without the key,
//! and with the key only by trying: keep it as secret as the database.

mod apply;
mod catalog;
mod class;
mod copy;
mod error;
mod first;
mod judge;
mod key;
mod name;
mod profile;
mod pseudonym;
mod run;

use std::time::Duration;

use dbkit::DatabaseUrl;

pub use class::{Class, Shape};
pub use error::SanitiseError;
pub use first::FirstProfile;
pub use judge::Problem;
pub use key::SanitisingKey;
pub use name::{ClassifiedTable, ColumnName};
pub use profile::{Expected, Profile, ProfileError};
pub use pseudonym::Reason;
pub use run::{SanitiseRequest, sanitise};

use crate::{SnapshotError, snapshot::Snapshot};
use catalog::Catalog;

/// How a profile and a database fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many tables there are to classify.
    pub tables: usize,
    /// How many columns they have.
    pub columns: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Holds `profile` against the database at `url`, which is only looked at.
pub async fn check(
    url: &DatabaseUrl,
    profile: &Profile,
    lock_wait: Duration,
) -> Result<Checked, SnapshotError> {
    let catalog = catalog_of(url, lock_wait).await?;
    let (_, problems) = judge::judge(profile, &catalog);
    Ok(Checked { tables: catalog.tables.len(), columns: catalog.columns().count(), problems })
}

/// Writes a first profile for the database at `url`, by the names and types of its columns.
pub async fn first_profile(
    url: &DatabaseUrl,
    lock_wait: Duration,
) -> Result<FirstProfile, SnapshotError> {
    Ok(first::first(&catalog_of(url, lock_wait).await?))
}

async fn catalog_of(url: &DatabaseUrl, lock_wait: Duration) -> Result<Catalog, SnapshotError> {
    let mut snapshot = Snapshot::open(url, lock_wait).await?;
    let catalog = Catalog::read(&mut snapshot).await?;
    snapshot.close().await;
    Ok(catalog)
}
