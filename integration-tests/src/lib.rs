//! The harness: what a test needs that wants a PostgreSQL server or one of our programs.
//!
//! A test starts with [`TestDatabase::migrated`] or [`TestDatabase::empty`] and has a database to
//! itself; [`Program`] runs our binaries, and [`Proxy`] stands between a client and the server
//! where the network must misbehave.
//!
//! The server is the one that `TEST_DATABASE_URL` names, or else a throwaway one that the first
//! test starts. It is shared by all test processes of a build, and nothing of it outlives them:
//! see [`tenancy`].

#![expect(
    clippy::missing_panics_doc,
    reason = "what the harness cannot do fails the test: everything here may panic"
)]

mod blocking;
mod cluster;
pub mod counting;
mod database;
pub mod engine;
pub mod keys;
mod permission;
mod place;
mod program;
mod programs;
mod proxy;
mod server;
mod snapshot;
pub mod sql;
pub mod sweep;
mod template;
pub mod tenancy;

pub use cluster::Cluster;
pub use database::TestDatabase;
pub use engine::Engine;
pub use permission::permit;
pub use place::unique_name;
pub use program::{Program, Run};
pub use proxy::{Behaviour, Proxy};
pub use server::{Server, search, server};
pub use snapshot::FILTERS;
