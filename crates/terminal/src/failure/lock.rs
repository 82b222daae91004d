//! What to do when somebody else is at work.

use dbkit::lock::LockError;

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// A lock that is not ours: exit code 5 while somebody holds it.
    pub fn lock(error: LockError) -> Self {
        match error {
            LockError::Connect(error) => Self::connect(error),
            LockError::Held { .. } => Self::new(Exit::Busy, "lock.held", error)
                .hint("wait for it to end, then run the command again (`--lock-wait SECONDS`)"),
            LockError::Pooler => Self::new(Exit::Failed, "lock.pooler", error)
                .hint("set DIRECT_URL to the server itself; DATABASE_URL may keep the pooler"),
            LockError::Session { .. } => Self::new(Exit::Failed, "lock.session", error),
        }
    }
}
