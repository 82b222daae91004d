//! The log, on stderr.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::{flags::SharedFlags, settings::Settings};

/// A download that is tried again, or a connection that is replaced, is our own business until it
/// fails for good.
const QUIET: &str = "warn,reqwest_retry=error,sqlx=error";

/// Starts the log: warnings by default, more with `-vv`, whatever `RUST_LOG` says where it is set.
pub(crate) fn start(flags: &SharedFlags, settings: &Settings) {
    let default = if flags.verbose > 1 { "debug,sqlx=info,hyper=info" } else { QUIET };
    let filter = EnvFilter::new(settings.text("RUST_LOG").unwrap_or(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && settings.text("NO_COLOR").is_none());
    // A second start, as in a test that runs two commands in one process, keeps the first log.
    let _ = log.try_init();
}
