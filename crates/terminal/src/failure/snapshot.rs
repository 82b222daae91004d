//! What to do when a copy of a database on its own server is not made, found, brought back or dropped.

use dbkit::snapshot::SnapshotError;

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// A snapshot that failed; the database is as it was.
    pub fn snapshot(error: SnapshotError) -> Self {
        match error {
            SnapshotError::Connect(error) => Self::connect(error),
            SnapshotError::BadName { .. } | SnapshotError::TooLong { .. } => {
                Self::new(Exit::Usage, "snapshot.name", error).hint("choose another name")
            }
            SnapshotError::Unknown { .. } => Self::new(Exit::Usage, "snapshot.unknown", error)
                .hint("`cargo run -p seeder -- snapshot list` shows what is there"),
            SnapshotError::InUse { .. } => Self::new(Exit::Busy, "snapshot.in_use", error)
                .hint("nothing was changed; close those connections, then run the command again"),
            error => Self::new(Exit::Failed, "snapshot", error).hint(
                "a role needs CREATEDB and must own the database; \
                 `cargo run -p seeder -- snapshot list` shows what is there",
            ),
        }
    }
}
