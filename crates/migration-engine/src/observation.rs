//! What a migration was seen to do on a shadow database.

use std::time::Duration;

use serde::Serialize;

/// What one run of a migration did, up or down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// What it sent, in order, with the values in place.
    pub statements: Vec<String>,
    /// The locks on relations that it held, the strongest mode of each, and the statement that took it.
    pub locks: Vec<ObservedLock>,
    /// The tables whose rows were written anew, as `schema.table`.
    pub rewritten: Vec<String>,
    /// How long it took on the shadow, which is nearly empty.
    pub took: Duration,
}

/// A lock that a migration held on a relation that was there before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObservedLock {
    /// The relation, as `schema.name`.
    pub relation: String,
    /// The mode as `pg_locks` calls it, such as `AccessExclusiveLock`.
    pub mode: String,
    /// The place in [`Observation::statements`] of the first statement after which it was held in that mode.
    pub statement: usize,
}
