//! What to do when the engine says no.

use seeding_engine::{
    LoadSeedError, LookError, PlanError, RunError, WorldError, WriteError,
    copy::{BulkError, LoadError, RefusalKind},
    undo::UndoError,
};
use terminal::{Exit, Failure};

/// Turns the engine's error into one with an exit code and a hint.
pub(super) fn explain(error: RunError) -> Failure {
    match error {
        RunError::Plan(error) => explain_plan(error),
        RunError::World(error) => explain_world(error),
        RunError::History(source) | RunError::Stamp(source) => Failure::database(source),
        RunError::Transaction(source) => explain_connection(source),
        RunError::Look { seed, source } => {
            Failure::database(source).context(format!("cannot look for the rows of `{seed}`"))
        }
        RunError::Load { seed, committed, earlier, source } => {
            explain_load(seed, committed, earlier, *source)
        }
        RunError::Seed { source: ref source @ WriteError::OtherKey { .. }, .. } => {
            let hint = format!("{source}; rename it, or give it the key that the seed computes");
            Failure::new(Exit::Failed, "seed.other_key", error).hint(hint)
        }
        error @ RunError::Seed { .. } => Failure::new(Exit::Failed, "seed.failed", error)
            .hint("nothing was written; correct the seed, then run the command again"),
    }
}

pub(super) fn explain_plan(error: PlanError) -> Failure {
    match &error {
        PlanError::Unknown { known, .. } => {
            let hint = format!("the seeds are {}", known.join(", "));
            Failure::new(Exit::Usage, "seed.unknown", error).hint(hint)
        }
        PlanError::Forbidden { .. } => Failure::new(Exit::Refused, "seed.forbidden", error)
            .hint("`seeder plan` shows what may run here"),
        PlanError::NoScale | PlanError::TooLarge { .. } => {
            Failure::new(Exit::Usage, "seed.scale", error)
                .hint("`--scale 1` is the smallest world; `seeder plan --scale N` shows its size")
        }
        PlanError::Smaller { .. } => Failure::new(Exit::Refused, "seed.smaller", error).hint(
            "leave `--scale` out to keep what is there, or take it back first: \
             `cargo run -p seeder -- rollback`",
        ),
        PlanError::OtherVersion { seed, .. } => {
            let hint = format!(
                "take the old rows back first: `cargo run -p seeder -- rollback --seed-id {seed}`"
            );
            Failure::new(Exit::Refused, "seed.other_version", error).hint(hint)
        }
        PlanError::Graph(_)
        | PlanError::RequiresForbidden { .. }
        | PlanError::RequiresMore { .. }
        | PlanError::Circle { .. } => Failure::new(Exit::Failed, "seed.failed", error)
            .hint("nothing was written; correct the seeds, then run the command again"),
    }
}

fn explain_world(error: WorldError) -> Failure {
    let hint = match error {
        WorldError::OtherSeed { .. } | WorldError::OtherDay { .. } => {
            "leave the flag out, or start over with an empty database: \
             `cargo run -p migration -- fresh`"
        }
        WorldError::OtherGenerator { .. } => {
            "start over: `cargo run -p migration -- fresh`, then the seeder again"
        }
    };
    Failure::new(Exit::Refused, "seed.other_world", error).hint(hint)
}

/// A load that has committed something is half-way; its next run goes on from there.
fn explain_load(seed: &'static str, committed: u64, earlier: u64, error: LoadSeedError) -> Failure {
    let (kind, hint) = match &error {
        LoadSeedError::Columns(_) | LoadSeedError::Load(LoadError::Encode(_)) => (
            "seed.columns",
            "the table and the entity differ: apply pending migrations, or correct the seed's factory",
        ),
        LoadSeedError::Load(LoadError::Refused { refusal, .. }) => match refusal.kind {
            RefusalKind::Resources => ("seed.resources", "make room for the server"),
            RefusalKind::Permission => ("seed.permission", "let the role write to the table"),
            RefusalKind::Interrupted => ("seed.interrupted", "wait for whoever holds the table"),
            _ => ("seed.refused", "correct the seed's factory, or the constraint"),
        },
        LoadSeedError::BulkMode(_) => {
            ("seed.bulk_mode", "correct the seed's factory; the indexes and keys are as they were")
        }
        _ => ("seed.failed", "see the cause above"),
    };
    if committed + earlier == 0 {
        let failure =
            Failure::new(Exit::Failed, kind, error).context(format!("seed `{seed}` failed"));
        return failure.hint(format!("nothing was written; {hint}, then run the command again"));
    }
    if committed == 0 {
        let failure = Failure::new(Exit::HalfWay, kind, error).context(format!(
            "seed `{seed}` failed; {earlier} rows of others were written and stay"
        ));
        return failure.hint(format!(
            "nothing of `{seed}` was written; {hint}, then the same command goes on with it"
        ));
    }
    Failure::new(Exit::HalfWay, kind, error)
        .context(format!("seed `{seed}` failed after {committed} rows, which stay"))
        .hint(format!(
            "{hint}; then the same command goes on where this one stopped, and \
             `cargo run -p seeder -- rollback --seed-id {seed}` takes the rows back"
        ))
}

fn explain_connection(error: BulkError) -> Failure {
    match error {
        BulkError::Connect(error) => Failure::connect(error),
        other => Failure::new(Exit::Failed, "seed.transaction", other)
            .hint("nothing was written; run the command again"),
    }
}

/// The same for questions.
pub(super) fn explain_look(error: LookError) -> Failure {
    match error {
        LookError::Database(error) => Failure::database(error),
        LookError::Connection(error) => explain_connection(error),
        LookError::Compare(error) => Failure::new(Exit::Failed, "seed.compare", error)
            .hint("apply pending migrations: `cargo run -p migration -- up`"),
    }
}

/// The same for rows that are to be taken back.
pub(super) fn explain_undo(error: UndoError) -> Failure {
    match &error {
        UndoError::Nothing { .. } => Failure::new(Exit::Failed, "seed.nothing", error)
            .hint("`cargo run -p seeder -- status` shows what is there"),
        UndoError::Referenced(_) => Failure::new(Exit::Refused, "seed.referenced", error).hint(
            "nothing was deleted; delete or redirect those rows, or take back the seed that wrote them",
        ),
        UndoError::Edited { .. } => Failure::new(Exit::Refused, "seed.edited", error).hint(
            "nothing was deleted; `--keep-edited` keeps them with what they refer to, \
             `--discard-edited` deletes them too",
        ),
        UndoError::Unknowable { .. } => Failure::new(Exit::Refused, "seed.unknowable", error)
            .hint("nothing was deleted; `--discard-edited` deletes them all the same"),
        UndoError::Database(_) | UndoError::Transaction(_) | UndoError::Compare(_) => {
            Failure::new(Exit::Failed, "seed.rollback", error).hint("nothing was deleted")
        }
    }
}
