//! What to do when the engine says no.

use seeding_engine::{PlanError, RunError, WorldError};
use terminal::{Exit, Failure};

/// Turns the engine's error into one with an exit code and a hint.
pub(super) fn explain(error: RunError) -> Failure {
    match error {
        RunError::Plan(PlanError::Unknown { ref known, .. }) => {
            let hint = format!("the seeds are {}", known.join(", "));
            Failure::new(Exit::Usage, "seed.unknown", error).hint(hint)
        }
        RunError::Plan(PlanError::Forbidden { .. }) => {
            Failure::new(Exit::Refused, "seed.forbidden", error)
                .hint("`seeder plan` shows what may run here")
        }
        RunError::World(WorldError::OtherSeed { .. } | WorldError::OtherDay { .. }) => {
            Failure::new(Exit::Refused, "seed.other_world", error).hint(
                "leave the flag out, or start over with an empty database: \
                 `cargo run -p migration -- fresh`",
            )
        }
        RunError::History(source) | RunError::Stamp(source) | RunError::Transaction(source) => {
            Failure::database(source)
        }
        RunError::Look { seed, source } => {
            Failure::database(source).context(format!("cannot look for the rows of `{seed}`"))
        }
        other => Failure::new(Exit::Failed, "seed.failed", other)
            .hint("nothing was written; correct the seed, then run the command again"),
    }
}
