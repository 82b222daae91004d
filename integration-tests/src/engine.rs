//! Runs migrations on a test's database, without a command line.

use std::time::Duration;

use dbkit::{Clock, DatabaseUrl, Environment, Report, SystemClock, audit::Operation};
use migration_engine::{
    Downto, Limits, MigrationEvent, Orders, Project, RunError, RunFacts, Session, Upto,
    run::{self, DownOptions, Undone},
};
use uuid::Uuid;

use crate::{permission, sql};

/// What a test may want to have its own way.
pub struct Engine<'a> {
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Who listens.
    pub report: &'a dyn Report<MigrationEvent>,
    /// How long everything may take.
    pub limits: Limits,
}

impl Default for Engine<'_> {
    fn default() -> Self {
        Self { clock: &SystemClock, report: &(), limits: Limits::default() }
    }
}

impl Engine<'_> {
    /// Opens a session, gives `work` orders as a command would, and closes the session.
    pub async fn run<T>(
        &self,
        url: &DatabaseUrl,
        work: impl AsyncFnOnce(&Session, &Orders<'_>) -> T,
    ) -> T {
        let session = Session::open(url, &sql::options(), Duration::from_secs(30)).await;
        let session = session.expect("the lock is free");
        let operation = operation();
        let orders = Orders {
            operation: &operation,
            facts: RunFacts::default(),
            limits: self.limits,
            clock: self.clock,
            report: self.report,
        };
        let result = work(&session, &orders).await;
        session.close().await.expect("the session can be closed");
        result
    }

    /// Applies migrations.
    pub async fn up(
        &self,
        url: &DatabaseUrl,
        project: &Project,
        upto: Upto,
    ) -> Result<Vec<String>, RunError> {
        self.run(url, async |session, orders| run::up(session, project, &upto, orders).await).await
    }

    /// Rolls migrations back.
    pub async fn down(
        &self,
        url: &DatabaseUrl,
        project: &Project,
        downto: Downto,
    ) -> Result<Vec<Undone>, RunError> {
        let permit = permission::permit(&url.database());
        self.run(url, async |session, orders| {
            run::down(session, project, &permit, &downto, DownOptions::default(), orders).await
        })
        .await
    }

    /// Rolls everything back.
    pub async fn reset(
        &self,
        url: &DatabaseUrl,
        project: &Project,
    ) -> Result<Vec<Undone>, RunError> {
        let permit = permission::permit(&url.database());
        self.run(url, async |session, orders| run::reset(session, project, &permit, orders).await)
            .await
    }
}

/// The names alone.
pub fn names(undone: Vec<Undone>) -> Vec<String> {
    undone.into_iter().map(|undone| undone.name).collect()
}

/// A run of nobody in particular.
#[expect(clippy::disallowed_methods, reason = "two runs of a test must never share an id")]
pub fn operation() -> Operation {
    Operation {
        id: Uuid::new_v4(),
        tool: "test",
        command: "test".to_owned(),
        environment: Environment::Testing,
        actor: "test".to_owned(),
        host: "test".to_owned(),
    }
}
