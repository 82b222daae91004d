//! The migrations with what their headers say and with the lock file.

use migration_engine::{Project, RunFacts};

use crate::Migrator;

include!(concat!(env!("OUT_DIR"), "/metadata.rs"));

const LOCK_FILE: &str = include_str!(concat!(env!("OUT_DIR"), "/migrations.lock"));

/// This schema's history.
pub fn project() -> Project {
    Project::new::<Migrator>(metadata(), LOCK_FILE)
}

/// What the ledger notes of the binary that ran migrations.
pub fn facts() -> RunFacts {
    let revision = env!("GIT_REVISION");
    RunFacts {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        sea_orm_version: env!("SEA_ORM_VERSION").to_owned(),
        git_revision: (!revision.is_empty()).then(|| revision.to_owned()),
        ..RunFacts::default()
    }
}
