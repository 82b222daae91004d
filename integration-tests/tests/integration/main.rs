//! Every test that needs PostgreSQL or a process, in one binary: it links once.

#![expect(clippy::unwrap_used, reason = "in a test, a panic with its line is the message")]

mod local_server;
