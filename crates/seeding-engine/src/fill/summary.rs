//! What a fill would do, and what it did: plain values for a table or JSON.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::keys::Keys;
use crate::{Ending, World};

/// Why a table does not get the rows that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// Every row needs one of another table first, which needs one of this table.
    Circle {
        /// The tables, from one back to the same.
        path: Vec<String>,
    },
    /// A condition that no row fulfils.
    NeverTrue {
        /// The constraint.
        constraint: String,
    },
    /// A column must not be empty, and values of its type cannot be made.
    UnknownType {
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// A key has fewer values than rows are asked for.
    Capacity {
        /// The unique index.
        key: String,
        /// How many rows of it there can be in all.
        possible: u64,
    },
    /// Every row needs one of another table, which has none.
    NoParent {
        /// The other table.
        parent: String,
    },
    /// Rows were made, and the conditions of the table turned them down.
    Refused {
        /// The constraints that did.
        constraints: Vec<String>,
    },
    /// The database refused the rows.
    Failed {
        /// What the database said.
        message: String,
    },
    /// References that were to be filled at the end stay empty.
    LeftEmpty {
        /// The foreign key.
        constraint: String,
        /// Why.
        message: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Circle { path } => {
                write!(f, "every row needs another one first, in a circle: {}", path.join(" -> "))
            }
            Self::NeverTrue { constraint } => write!(f, "no row fulfils `{constraint}`"),
            Self::UnknownType { column, kind } => {
                write!(f, "`{column}` must not be empty, and nothing is known about type `{kind}`")
            }
            Self::Capacity { key, possible } => {
                write!(f, "`{key}` allows {possible} rows in all")
            }
            Self::NoParent { parent } => write!(f, "`{parent}` has no rows to refer to"),
            Self::Refused { constraints } => {
                write!(f, "no more rows were found that fulfil `{}`", constraints.join("`, `"))
            }
            Self::Failed { message } => f.write_str(message),
            Self::LeftEmpty { constraint, message } => {
                write!(f, "`{constraint}` stays empty: {message}")
            }
        }
    }
}

/// What would be written to one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableProposal {
    /// Its name, with the schema unless that is `public`.
    pub table: String,
    /// How many rows it has, as far as they were counted.
    pub existing: u64,
    /// How many would be added.
    pub rows: u64,
    /// What its columns would be filled with.
    pub columns: Vec<ColumnProposal>,
    /// Why there would be fewer rows than asked for.
    pub problems: Vec<Problem>,
}

/// What a column would be filled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnProposal {
    /// Its name.
    pub column: String,
    /// What with, in a few words.
    pub with: String,
}

/// What was done to one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilledTable {
    /// Its name, with the schema unless that is `public`.
    pub table: String,
    /// How many rows it had before, as far as they were counted.
    pub existing: u64,
    /// How many rows were added.
    pub written: u64,
    /// Which rows these are; the history keeps it.
    #[serde(skip)]
    pub keys: Keys,
    /// Why there are fewer rows than asked for, or empty references.
    pub problems: Vec<Problem>,
}

/// What a fill did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FillSummary {
    /// The run's name in the history.
    pub run: Uuid,
    /// The world that the rows are made for.
    pub world: World,
    /// Whether it lasts.
    pub ending: Ending,
    /// Every table that was asked for, in the order of writing.
    pub tables: Vec<FilledTable>,
}

impl FillSummary {
    /// How many rows were written.
    pub fn written(&self) -> u64 {
        self.tables.iter().map(|table| table.written).sum()
    }

    /// The tables whose rows cannot be taken back, because without a primary key nothing tells them from
    /// others.
    pub fn unrecorded(&self) -> Vec<&str> {
        let unknown =
            self.tables.iter().filter(|table| table.written > 0 && table.keys == Keys::None);
        unknown.map(|table| &*table.table).collect()
    }

    /// Whether every table got what was asked for.
    pub fn is_complete(&self) -> bool {
        self.tables.iter().all(|table| table.problems.is_empty())
    }
}
