//! Probe.
mod local_server;
