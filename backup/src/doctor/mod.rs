//! What dead runs have left behind, and how it is put right.

mod databases;
mod store;

pub use databases::{DatabaseRepair, Examined, examine_databases, repair_databases};
pub use store::{StoreError, StoreFinding, examine_store, repair_store};
