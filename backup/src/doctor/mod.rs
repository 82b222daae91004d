//! What dead runs have left behind, and how it is put right.

mod databases;

pub use databases::{DatabaseRepair, Examined, examine_databases, repair_databases};
