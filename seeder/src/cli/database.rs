//! The database that is to be filled: the right one, and migrated.

use std::time::Duration;

use dbkit::{
    ConnectOptions, Environment,
    guard::{self, Target},
    lock::{self, AdvisoryLock, Sharing},
    stamp,
};
use migration::{
    explain::{explain, explain_session},
    project::{facts, project},
};
use migration_engine::{Limits, Orders, Session, State, Upto, run};
use seeding_engine::boot::LOCK;
use terminal::{Context, Exit, Failure, LockFlags, Opened, Origin};

/// How long a seed waits for a row or a table that somebody else holds.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database, with how the engine connects to it.
pub(super) struct Seeding {
    pub(super) opened: Opened,
    connect: ConnectOptions,
}

impl Seeding {
    pub(super) fn of(opened: Opened, context: &Context) -> Self {
        Self { opened, connect: patient(context) }
    }

    /// The same as the engine wants it.
    pub(super) fn database(&self) -> seeding_engine::Database<'_> {
        seeding_engine::Database {
            pool: &self.opened.db,
            url: &self.opened.url,
            connect: &self.connect,
        }
    }

    /// Keeps other seedings away until it is given back.
    pub(super) async fn lock(
        &self,
        flags: LockFlags,
        sharing: Sharing,
    ) -> Result<AdvisoryLock, Failure> {
        let (url, wait) = (&self.opened.url, flags.wait());
        let held = lock::acquire_as(url, &self.connect, LOCK, sharing, wait).await;
        let held = held.map_err(Failure::lock)?;
        self.agree_again().await?;
        Ok(held)
    }

    /// The run that we have waited for may have stamped the database.
    async fn agree_again(&self) -> Result<(), Failure> {
        let stamp = stamp::read(&self.opened.db).await.map_err(Failure::database)?;
        guard::agree(&Target { stamp, ..self.opened.target.clone() }).map_err(Failure::refused)
    }
}

/// Who waits for a lock, gives up at last.
fn patient(context: &Context) -> ConnectOptions {
    ConnectOptions { lock_timeout: Some(PATIENCE), ..context.connect_options() }
}

/// Opens the database for questions.
pub(super) async fn look(context: &Context) -> Result<Opened, Failure> {
    context.open_with(context.locate().await?, &patient(context)).await
}

/// Opens the database where flag and stamp agree.
pub(super) async fn open_agreed(context: &Context) -> Result<Opened, Failure> {
    let opened = look(context).await?;
    guard::agree(&opened.target).map_err(Failure::refused)?;
    Ok(opened)
}

/// Opens the database for writing and refuses one that nobody has named as what it is.
pub(super) async fn open(context: &Context) -> Result<Opened, Failure> {
    let opened = open_agreed(context).await?;
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
    if dry_run || !applies_migrations(environment) {
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

/// Whether pending migrations are a developer's or a test's own business.
pub(super) fn applies_migrations(environment: Environment) -> bool {
    matches!(environment, Environment::Development | Environment::Testing)
}

/// How many migrations are pending.
pub(super) async fn pending(opened: &Opened) -> Result<usize, Failure> {
    let entries = run::status(&opened.db, &project()).await.map_err(explain)?;
    Ok(entries.iter().filter(|entry| entry.state == State::Pending).count())
}
