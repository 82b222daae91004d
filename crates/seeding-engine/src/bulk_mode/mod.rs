//! Load, then index: what guards a table is taken apart before its rows come and put together after
//! them, in one transaction.
//!
//! An index that is built over all rows costs a fraction of one that is kept up row by row, and a
//! foreign key that is checked as a join a fraction of one that is looked up row by row. CHECK and NOT
//! NULL stay: they cost next to nothing. Afterwards the catalog must say what it said before;
//! otherwise the caller rolls back, as does a kill, because the server's DDL is transactional.

mod catalog;
mod choose;
mod put_together;
mod take_apart;

pub use choose::{Choice, Unsuitable, choose};
pub use put_together::put_together;
pub use take_apart::{TakenApart, take_apart};

use sea_orm::DbErr;

use crate::copy::Refusal;

/// Why tables could not be taken apart or put together; the transaction can only be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum BulkModeError {
    /// The catalog cannot be read or changed.
    #[error("cannot take indexes and constraints away, or make them again")]
    Database(#[source] DbErr),
    /// The rows that were loaded break a constraint.
    #[error("the rows break a rule of `{table}`")]
    Refused {
        /// The table.
        table: String,
        /// What the server said.
        #[source]
        refusal: Box<Refusal>,
    },
    /// The tables are not what they were.
    #[error(
        "after the load, the catalog differs: {} of its entries are gone, {} are new",
        gone.len(),
        new.len()
    )]
    Different {
        /// What was there before.
        gone: Vec<String>,
        /// What was not.
        new: Vec<String>,
    },
}
