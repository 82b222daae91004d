//! How long to wait before something is tried again.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

/// Growing pauses, with chance in them so that two runs do not meet again, until a deadline.
pub(super) struct Pauses {
    backoff: ExponentialBackoff,
    deadline: Instant,
}

impl Pauses {
    /// Pauses for at most so long, together with the attempts between them.
    pub(super) fn within(budget: Duration) -> Self {
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(3))
            .without_max_times()
            .build();
        Self { backoff, deadline: Instant::now() + budget }
    }

    /// The next pause; nothing when the budget is used up.
    pub(super) fn next(&mut self) -> Option<Duration> {
        self.backoff.next().filter(|pause| Instant::now() + *pause < self.deadline)
    }
}
