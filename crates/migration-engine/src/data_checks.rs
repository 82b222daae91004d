//! Finds data that breaks the rules of its schema, and the rules that are not in force.
//!
//! PostgreSQL promises that a valid constraint holds. It can be wrong all the same: triggers were
//! turned off (`session_replication_role = replica`), a restore broke off, a sequence was not taken
//! along. The questions come from the catalog; each has its limit, see [`Limits`].

mod constraints;
mod indexes;
mod sequences;

use sea_orm::{DatabaseConnection, DbErr};
use serde::Serialize;

use crate::{
    Finding,
    bounded::{Bounded, Limits},
};

/// A constraint that is not in force for all rows: `NOT VALID`.
pub const NOT_VALID: &str = "data.not_valid";
/// Rows that refer to nothing.
pub const ORPHANS: &str = "data.orphans";
/// A sequence whose next number is taken.
pub const SEQUENCE: &str = "data.sequence";
/// An index that serves nobody.
pub const INVALID_INDEX: &str = "data.invalid_index";

/// How thorough the checks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataOptions {
    /// How long questions may take.
    pub limits: Limits,
    /// Whether each foreign key is looked through, however large its table; else those of tables
    /// above a million rows are left out.
    pub detailed: bool,
}

/// What the data checks found, and in how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DataReport {
    /// How many constraints were looked through.
    pub constraints: usize,
    /// How many sequences were looked at.
    pub sequences: usize,
    /// How many indexes were looked at.
    pub indexes: usize,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Looks through the data of the database behind `db`. Reads only.
pub async fn check(db: &DatabaseConnection, options: DataOptions) -> Result<DataReport, DbErr> {
    let bounded = Bounded::new(db, options.limits);
    let mut report = DataReport::default();
    indexes::check(&bounded, &mut report).await?;
    sequences::check(&bounded, &mut report).await?;
    constraints::check(&bounded, options.detailed, &mut report).await?;
    Ok(report)
}
