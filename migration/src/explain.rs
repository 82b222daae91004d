//! What to do when a run of migrations fails, for every command that runs them.

use migration_engine::{RunError, event::Direction};
use terminal::{Exit, Failure};

/// Turns the engine's error into one with an exit code and a hint.
pub fn explain(error: RunError) -> Failure {
    match error {
        RunError::Failed { half_way: true, direction, ref name, .. } => {
            let hint = match direction {
                Direction::Up => {
                    format!("look at what {name} left, remove it, then run `migration up`")
                }
                Direction::Down => {
                    format!("look at what {name} left, put it back, then run `migration down`")
                }
            };
            Failure::new(Exit::HalfWay, "migration.half_way", error).hint(hint)
        }
        RunError::Failed { direction, ref committed, .. } => {
            let before = match committed.len() {
                0 => "this run changed nothing".to_owned(),
                n => format!("the {n} before it are committed ({})", committed.join(", ")),
            };
            let verb = match direction {
                Direction::Up => "up",
                Direction::Down => "down",
            };
            Failure::new(Exit::Failed, "migration.failed", error)
                .hint(format!("{before}; correct it, then run `migration {verb}` again"))
        }
        RunError::Unknown { .. } => Failure::new(Exit::HalfWay, "migration.unknown_outcome", error)
            .hint("`migration status` tells, as soon as the server answers again"),
        RunError::Missing(_) => Failure::new(Exit::Refused, "migration.unknown", error)
            .hint("run the newer binary that has them; `migration status` lists them"),
        RunError::NotOurs(_) => Failure::new(Exit::Refused, "migration.not_ours", error)
            .hint("point DATABASE_URL to an empty database, or to one that was migrated before"),
        RunError::WrongPermit { .. } => {
            Failure::new(Exit::Refused, "migration.wrong_permit", error)
        }
        RunError::Database { doing, source } => {
            Failure::database(source).context(format!("cannot {doing}"))
        }
    }
}
