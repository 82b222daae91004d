//! What to do when a run of migrations fails, for every command that runs them.

use dbkit::lock::LockError;
use migration_engine::{
    PlanError, RehearsalError, RunError, SessionError, ShadowError,
    from_ledger::CannotReplay,
    ledger::unlocked::ReadError,
    resolve::ResolveError,
    run::{Cause, Failed},
    schema_checks::SchemaCheckError,
    sql_state::SqlState,
};
use terminal::{Exit, Failure};

/// Turns the engine's error into one with an exit code and a hint.
pub fn explain(error: RunError) -> Failure {
    match error {
        RunError::Failed(failed) => explain_failed(*failed),
        RunError::Unknown { .. } => Failure::new(Exit::HalfWay, "migration.unknown_outcome", error)
            .hint("`migration status` tells, as soon as the server answers again"),
        RunError::Plan(error) => plan(error),
        RunError::CannotReplay(error) => not_in_ledger(error),
        RunError::Dirty(ref attempts) => {
            let hint = attempts.first().map(|attempt| end_of_dirt(&attempt.name));
            let failure = Failure::new(Exit::HalfWay, "migration.dirty", error);
            failure.hint(hint.unwrap_or_default())
        }
        RunError::Missing(_) => Failure::new(Exit::Refused, "migration.unknown", error).hint(
            "run the newer binary that has them, or roll them back with `migration down --from-ledger`",
        ),
        RunError::NotOurs { .. } => Failure::new(Exit::Refused, "migration.not_ours", error)
            .hint("point DATABASE_URL to an empty database, or to one that was migrated before"),
        RunError::WrongPermit { .. } => {
            Failure::new(Exit::Refused, "migration.wrong_permit", error)
        }
        RunError::Database { doing, source } => {
            Failure::database(source).context(format!("cannot {doing}"))
        }
    }
}

fn not_in_ledger(error: CannotReplay) -> Failure {
    let hint = match error {
        CannotReplay::NotRecorded(_) => "run the binary that has its file",
        CannotReplay::NotExact(_) => {
            "run the binary that has its file; `migration history` shows the statements"
        }
    };
    Failure::new(Exit::Refused, "migration.not_in_ledger", error).hint(hint)
}

/// The command that ends a dirty state.
pub fn end_of_dirt(name: &str) -> String {
    format!(
        "correct what is wrong, then `migration resolve {name} --retry --reason TEXT` lets it begin \
         anew; if all of it is there say `--applied` instead, and if nothing is, `--rolled-back`"
    )
}

/// The same where something has the name already that the migration wants to give: an earlier attempt that was cut
/// off may have left it, whole.
fn end_of_taken_name(name: &str) -> String {
    format!(
        "drop what has that name, then `migration resolve {name} --retry --reason TEXT` lets it begin anew; if it is \
         what the migration makes, and all of it, say `--applied` instead"
    )
}

fn is_in_place_of_another(failed: &Failed) -> bool {
    let Cause::Database(error) = &failed.cause else { return false };
    SqlState::of(error).is_some_and(|state| state.is_name_taken())
}

fn explain_failed(failed: Failed) -> Failure {
    let Failed { direction, half_way, ref name, .. } = failed;
    let way = direction.way();
    let next = match (half_way, is_in_place_of_another(&failed)) {
        (true, true) => format!("{}; then `migration {way}`", end_of_taken_name(name)),
        (true, false) => format!("{}; then `migration {way}`", end_of_dirt(name)),
        (false, _) => format!("{}; {}", committed(&failed), remedy(&failed, way)),
    };
    let (exit, class) = if half_way {
        (Exit::HalfWay, "migration.half_way")
    } else {
        (Exit::Failed, "migration.failed")
    };
    Failure::new(exit, class, failed).hint(next)
}

fn committed(failed: &Failed) -> String {
    match failed.committed.len() {
        0 => "this run changed nothing".to_owned(),
        n => format!("the {n} before it are committed ({})", failed.committed.join(", ")),
    }
}

/// The one next command, by what went wrong.
fn remedy(failed: &Failed, way: &str) -> String {
    let passing = match &failed.cause {
        Cause::Database(error) => SqlState::of(error).is_some_and(|state| state.is_passing()),
        Cause::InTheWay(_) => true,
        _ => false,
    };
    if passing {
        return format!(
            "end what is in its way, or give it longer: `migration {way} --retry-for SECONDS`"
        );
    }
    match &failed.cause {
        Cause::Check { which: "pre-check", .. } => {
            format!("make its pre-check true, then run `migration {way}` again")
        }
        Cause::LockLost => format!("run `migration {way}` again"),
        _ => format!("correct it, then run `migration {way}` again"),
    }
}

fn plan(error: PlanError) -> Failure {
    let (exit, class, hint) = match &error {
        PlanError::Unknown { .. } => {
            (Exit::Usage, "migration.no_such_name", "`migration status` lists the names".to_owned())
        }
        PlanError::NotApplied { .. } => (
            Exit::Refused,
            "migration.not_applied",
            "`migration status` lists what is applied".to_owned(),
        ),
        PlanError::AlreadyApplied { .. } => (
            Exit::Refused,
            "migration.already_applied",
            "`migration status` lists what is pending".to_owned(),
        ),
        PlanError::Dependency { needs, .. } => {
            (Exit::Refused, "migration.dependency", format!("apply `{needs}` first"))
        }
        PlanError::Dependants { dependants, .. } => (
            Exit::Refused,
            "migration.dependants",
            format!("roll back {} first", dependants.join(", ")),
        ),
        PlanError::Irreversible { name, .. } => (
            Exit::Refused,
            "migration.irreversible",
            format!("restore a backup from before it, or write a migration that undoes `{name}`"),
        ),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Turns the reason why nothing was resolved into an error with an exit code and a hint.
pub fn explain_resolve(error: ResolveError) -> Failure {
    let (class, hint) = match &error {
        ResolveError::AlreadyApplied(_) => (
            "migration.already_applied",
            "`--rolled-back` if nothing of it is there, `--accept-checksum` if its source was changed",
        ),
        ResolveError::NotBegun(_) => (
            "migration.not_applied",
            "`migration up` applies it; `--applied` if all of it is there",
        ),
        ResolveError::NotDirty(_) => {
            ("migration.not_dirty", "`migration status` shows where every migration stands")
        }
        ResolveError::Dirty(_) => {
            ("migration.is_dirty", "say `--retry`, `--applied` or `--rolled-back` first")
        }
        ResolveError::NotChanged(_) => {
            ("migration.not_changed", "`migration status` shows which migrations have changed")
        }
        ResolveError::LockLost => ("migration.lock_lost", "run the command again"),
        ResolveError::CannotReplay(_) => {
            ("migration.not_in_ledger", "run the binary that has its file")
        }
        ResolveError::Differs { .. } => {
            let hint =
                "bring the schema there and run the command again, or add `--despite-differences`";
            return Failure::new(Exit::Found, "migration.differs", error).hint(hint);
        }
        _ => return explain_the_rest(error),
    };
    Failure::new(Exit::Refused, class, error).hint(hint)
}

fn explain_the_rest(error: ResolveError) -> Failure {
    match error {
        ResolveError::Plan(error) => plan(error),
        ResolveError::Shadow(error) => explain_shadow(error),
        ResolveError::Database { doing, source } => {
            Failure::database(source).context(format!("cannot {doing}"))
        }
        error => Failure::new(Exit::Failed, "migration.resolve", error),
    }
}

/// Turns the reason why there is no session into an error with an exit code and a hint.
pub fn explain_session(error: SessionError) -> Failure {
    match error {
        SessionError::Connect(error) => Failure::connect(error),
        SessionError::Lock(error) => Failure::lock(error),
        SessionError::ReadOnly(_) => Failure::new(Exit::Refused, "refused.read_only", error)
            .hint("point DATABASE_URL to the primary server"),
        SessionError::Broken(source) => Failure::database(source),
    }
}

/// Turns the reason why there is no rehearsal into an error with an exit code and a hint.
pub fn explain_rehearsal(error: RehearsalError) -> Failure {
    match error {
        RehearsalError::CannotReplay(error) => not_in_ledger(error),
        RehearsalError::Shadow(error) => explain_shadow(error),
    }
}

/// Turns the reason why a shadow does not work into an error with an exit code and a hint.
pub fn explain_shadow(error: ShadowError) -> Failure {
    let (exit, class, hint) = match error {
        ShadowError::Connect(error) => {
            return Failure::connect(error)
                .context("cannot open the throw-away database")
                .hint("or correct `--shadow-url`, where it was named");
        }
        ShadowError::Database { doing, source } => {
            return Failure::database(source).context(format!("cannot {doing}"));
        }
        ShadowError::NotAllowed { .. } => (
            Exit::Failed,
            "shadow.not_allowed",
            "name an empty database for it: `--shadow-url URL`; or let the role create some: \
             `ALTER ROLE … CREATEDB`",
        ),
        ShadowError::IsTarget(_) => (
            Exit::Refused,
            "shadow.is_target",
            "name another, empty database with `--shadow-url URL`",
        ),
        ShadowError::NotEmpty { .. } => {
            (Exit::Refused, "shadow.not_empty", "name an empty database with `--shadow-url URL`")
        }
        ShadowError::Taken(LockError::Held { .. }) => (
            Exit::Busy,
            "shadow.taken",
            "wait for that run to end, or name another database with `--shadow-url URL`",
        ),
        ShadowError::Taken(_) | ShadowError::Scratch(_) => {
            (Exit::Failed, "shadow.database", "name an empty database for it: `--shadow-url URL`")
        }
        ShadowError::Migration { .. } | ShadowError::Panicked { .. } => (
            Exit::Failed,
            "shadow.migration",
            "the target is as it was; correct the migration, or what it expects to find",
        ),
    };
    Failure::new(exit, class, error).hint(hint)
}

/// Turns the reason why nobody knows what is applied into an error with an exit code and a hint.
pub fn explain_reading(error: ReadError) -> Failure {
    match error {
        ReadError::Locked { .. } => Failure::new(Exit::Busy, "migration.ledger_locked", error)
            .hint("end that session or wait for it, then run the command again"),
        ReadError::Database(source) => {
            Failure::database(source).context("cannot read what is applied")
        }
    }
}

/// Turns the reason why the schema was not checked into an error with an exit code and a hint.
pub fn explain_schema_check(error: SchemaCheckError) -> Failure {
    match error {
        SchemaCheckError::Shadow(error) => explain_shadow(error),
        SchemaCheckError::Database(source) => Failure::database(source),
    }
}
