//! The database that is to be filled: the right one, and migrated.

use dbkit::Environment;
use migration::{
    explain::{explain, explain_session},
    project::{facts, project},
};
use migration_engine::{Limits, Orders, Session, State, Upto, run};
use terminal::{Context, Exit, Failure, LockFlags, Opened, Origin};

/// Opens the database for writing and refuses one that nobody has named as what it is.
pub(super) async fn open(context: &Context) -> Result<Opened, Failure> {
    let opened = context.open_to_write(context.locate().await?).await?;
    let unsaid = *context.settings.environment_origin() == Origin::Default;
    if unsaid && opened.target.stamp.is_none() && !opened.target.local {
        // Nobody said `development`: it is what an unset variable means, and this server is not
        // the developer's own machine.
        return Err(Failure::message(
            Exit::Refused,
            "refused.environment_unsaid",
            format!("nobody said what kind of database {} is", opened.place()),
        )
        .hint("say it once, with `--env`; the database remembers it"));
    }
    Ok(opened)
}

/// Applies pending migrations where that is a developer's or a test's own business; elsewhere, and
/// in a dry run, pending migrations are a finding.
pub(super) async fn migrate(
    opened: &Opened,
    context: &Context,
    dry_run: bool,
    lock: LockFlags,
) -> Result<(), Failure> {
    run::recognise(&opened.db, &project()).await.map_err(explain)?;
    let pending = pending(opened).await?;
    if pending == 0 {
        return Ok(());
    }
    let environment = opened.target.environment;
    let automatic = matches!(environment, Environment::Development | Environment::Testing);
    if dry_run || !automatic {
        return Err(Failure::message(
            Exit::Found,
            "migration.pending",
            format!("{pending} migration(s) of {} are pending", opened.place()),
        )
        .hint(format!("apply them: `cargo run -p migration -- up --env {environment}`")));
    }
    let session = Session::open(&opened.url, &context.connect_options(), lock.wait()).await;
    let session = session.map_err(explain_session)?;
    let operation = context.operation("up");
    let orders = Orders {
        operation: &operation,
        facts: facts(),
        limits: Limits::default(),
        clock: &*context.clock,
        report: &context.console.steps(),
    };
    context
        .audited(&opened.db, "up", async || {
            run::up(&session, &project(), &Upto::All, &orders).await.map_err(explain)
        })
        .await?;
    Ok(session.close().await?)
}

async fn pending(opened: &Opened) -> Result<usize, Failure> {
    let entries = run::status(&opened.db, &project()).await.map_err(explain)?;
    Ok(entries.iter().filter(|entry| entry.state == State::Pending).count())
}
