//! The PostgreSQL installations on this machine, and how to run their programs.
//!
//! Nothing here starts a server; that is [`local_server`](crate::local_server).

mod find;
mod run;
mod search;
mod version;

pub use find::{Installation, find_clients, find_servers};
pub use run::RunError;
pub(crate) use run::{last_lines, program, run};
pub use search::Search;
pub use version::ServerVersion;
