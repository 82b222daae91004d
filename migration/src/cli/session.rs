//! The session in which a command changes the schema, and its limits.

use std::time::Duration;

use clap::Args;
use dbkit::audit::Operation;
use migration::{explain::explain_session, project::facts};
use migration_engine::{Limits, Orders, Session};
use terminal::{Context, Failure, LockFlags, Opened, Steps};

/// How long a migration may wait and work.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitFlags {
    /// How many milliseconds a statement may wait for a lock, and so keep others waiting behind it
    #[arg(long, value_name = "MS", default_value_t = millis(Limits::default().lock_timeout))]
    lock_timeout: u64,

    /// How many seconds a statement may run
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().statement_timeout.as_secs())]
    statement_timeout: u64,

    /// For how many seconds to try again while locks or other transactions are in the way
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().retry_for.as_secs())]
    retry_for: u64,

    #[command(flatten)]
    pub(super) lock: LockFlags,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Default for LimitFlags {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            lock_timeout: millis(limits.lock_timeout),
            statement_timeout: limits.statement_timeout.as_secs(),
            retry_for: limits.retry_for.as_secs(),
            lock: LockFlags::default(),
        }
    }
}

impl LimitFlags {
    pub(super) fn limits(self) -> Limits {
        Limits {
            lock_timeout: Duration::from_millis(self.lock_timeout),
            statement_timeout: Duration::from_secs(self.statement_timeout),
            retry_for: Duration::from_secs(self.retry_for),
        }
    }
}

/// Opens the session that holds the lock which every change of the schema holds.
pub(super) async fn open(
    context: &Context,
    opened: &Opened,
    lock: LockFlags,
) -> Result<Session, Failure> {
    Session::open(&opened.url, &context.connect_options(), lock.wait())
        .await
        .map_err(explain_session)
}

/// Who runs migrations, and who listens.
pub(super) fn orders<'a>(
    context: &'a Context,
    operation: &'a Operation,
    limits: Limits,
    steps: &'a Steps<'a>,
) -> Orders<'a> {
    Orders { operation, facts: facts(), limits, clock: &*context.clock, report: steps }
}
