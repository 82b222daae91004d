//! What is in the archive that `pg_dump` writes, read from the stream while it passes.
//!
//! The custom format is a header, a table of contents, and a block for the rows of every table,
//! each row a line of `COPY … TO STDOUT`. Reading along costs the server nothing, so the hash of a
//! table's content comes from the very rows that a restore will write. The layout follows
//! `src/bin/pg_dump/pg_backup_archiver.c` and `pg_backup_custom.c`; a version that is not known here
//! ends the survey without an answer, and never the dump.

mod at;
mod blocks;
mod fields;
mod freeze;
mod positions;
mod rows;
#[cfg(test)]
mod sample;
mod survey;
mod toc;

pub(crate) use freeze::freeze;
pub(crate) use positions::fill_in;
pub(crate) use rows::{Lines, RowHash, Tally};
pub(crate) use survey::{Survey, Surveyor};
pub use toc::TocEntry;
