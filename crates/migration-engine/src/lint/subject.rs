//! What is known of a migration that is linted.

use std::collections::{BTreeMap, BTreeSet};

use migration_header::Metadata;

use crate::{Observation, TableSize};

/// One migration's way up, and the database that it is meant for.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it runs in a transaction.
    pub transactional: bool,
    /// What its header says.
    pub metadata: Option<&'a Metadata>,
    /// What it sends, in order, each a text of one or more statements; those of the observation,
    /// where there is one.
    pub statements: &'a [String],
    /// What it was seen to do on a shadow database, where it was watched.
    pub observation: Option<&'a Observation>,
    /// How large the tables of the target are, by `schema.table`; none where no target is known. A
    /// table that the target does not have yet is empty when the migration comes to it.
    pub table_sizes: Option<&'a BTreeMap<String, TableSize>>,
    /// What the entities map, as `schema.table` and `schema.table.column`.
    pub mapped: &'a BTreeSet<String>,
    /// The major version of the target, such as 15.
    pub postgres: u16,
}
