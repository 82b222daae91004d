//! What every tool and every API needs of a PostgreSQL database.
//!
//! Connecting ([`connect`](mod@connect)), permission to destroy ([`guard`]), one run at a time
//! ([`lock`]), a trail of what was done ([`audit`]), and a server on the developer's own machine
//! ([`local_server`]).
//!
//! Nothing here prints, asks, exits or reads the environment: facts go out as errors and as
//! events to a [`Report`], settings come in as plain values.

pub mod audit;
pub mod clock;
pub mod connect;
pub mod database_url;
pub mod environment;
pub mod guard;
pub mod house_schema;
pub mod identifier;
pub mod local_server;
pub mod lock;
#[cfg(feature = "notify")]
pub mod notify;
pub mod password;
pub mod postgres;
pub mod relay;
pub mod report;
pub mod scratch;
pub mod snapshot;
pub mod stamp;
pub mod variables;

pub use clock::{Clock, FixedClock, SystemClock};
pub use connect::{ConnectError, ConnectEvent, ConnectOptions, connect};
pub use database_url::{DatabaseUrl, InvalidDatabaseUrl};
pub use environment::{Environment, UnknownEnvironment};
pub use identifier::{Identifier, Literal};
pub use password::Password;
pub use relay::Relay;
pub use report::{Report, Sentence};
