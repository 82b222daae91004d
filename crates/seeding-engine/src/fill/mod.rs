//! Fills tables for which nobody has written a factory, from their definitions in the database.
//!
//! [`plan()`] reads the catalog and decides, without writing: in which order, with what each column,
//! and what cannot be. [`run()`] writes in one transaction. A value is a function of the world, the
//! table, the column and the row's number; what a row refers to is chosen among the rows that are
//! there. Conditions are read as far as they can be, which makes most rows right at once; then the
//! server judges every row, so that what cannot be read is obeyed as well. Rows that it turns down
//! are replaced by others, and if none are good enough, table and constraint are named. The history
//! keeps which rows were written, as rows of a seed called [`SEED`].

mod apart;
mod collector;
mod definition;
mod expression;
mod facts;
mod keys;
mod kind;
mod late;
mod maker;
mod order;
mod parents;
mod pattern;
mod plan;
mod recipe;
mod record;
mod run;
mod scalar;
mod source;
mod statement;
mod summary;
mod text;
mod token;
mod value;
mod write;

pub use keys::{KeySpan, Keys};
pub use plan::{FillError, FillOptions, FillPlan, LeftOut, plan, seeded};
pub use record::SEED;
pub(crate) use record::as_seed;
pub use run::{FillRun, run};
pub use summary::{ColumnProposal, FillSummary, FilledTable, Problem, TableProposal};
