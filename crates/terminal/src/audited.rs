//! Doing something with its intent and its result in the audit trail.

use dbkit::audit::{self, Operation, Outcome};
use sea_orm::{DatabaseConnection, DbErr};
use serde_json::Value;

use crate::{context::Context, failure::Failure};

impl Context {
    /// Runs `work`, which `command` names, between its intent and its result.
    ///
    /// Fails closed: what cannot be audited is not done.
    pub async fn audited<T>(
        &self,
        db: &DatabaseConnection,
        command: &str,
        work: impl AsyncFnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.audited_with(db, command, None, work).await
    }

    /// The same where a guard yielded for a reason.
    pub async fn audited_with<T>(
        &self,
        db: &DatabaseConnection,
        command: &str,
        break_glass: Option<&str>,
        work: impl AsyncFnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let operation = self.operation(command);
        self.begin(db, &operation, break_glass)
            .await
            .map_err(|error| Failure::database(error).context("cannot write the audit trail"))?;
        let result = work().await;
        self.finish(db, &operation, &result).await;
        result
    }

    /// Runs `work` that changes nothing in the database, such as a backup by a role that may only
    /// read: where it cannot be audited, a warning says so.
    pub async fn audited_if_possible<T>(
        &self,
        db: &DatabaseConnection,
        command: &str,
        work: impl AsyncFnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let operation = self.operation(command);
        let begun = self.begin(db, &operation, None).await;
        if let Err(error) = &begun {
            self.console.warn(&format!("this is not in the audit trail: {error}"));
        }
        let result = work().await;
        if begun.is_ok() {
            self.finish(db, &operation, &result).await;
        }
        result
    }

    /// What a trail keeps of an intent: what is known already.
    pub fn intent(&self, break_glass: Option<&str>) -> Value {
        let mut facts = self.story.known().facts;
        if let Some(reason) = break_glass {
            facts.insert("break_glass".to_owned(), reason.into());
        }
        facts.into()
    }

    /// What a trail keeps of a result: what is known, and the class and exit code of a failure.
    pub fn outcome<T>(&self, result: &Result<T, Failure>) -> (Outcome, Value) {
        let mut facts = self.story.known().facts;
        let Err(failure) = result else { return (Outcome::Done, facts.into()) };
        facts.insert("class".to_owned(), failure.class().into());
        facts.insert("exit".to_owned(), (failure.exit() as u8).into());
        (Outcome::Failed, facts.into())
    }

    async fn begin(
        &self,
        db: &DatabaseConnection,
        operation: &Operation,
        break_glass: Option<&str>,
    ) -> Result<(), DbErr> {
        self.told_as(&operation.command);
        audit::begin(db, operation, self.intent(break_glass), self.clock.now()).await
    }

    async fn finish<T>(
        &self,
        db: &DatabaseConnection,
        operation: &Operation,
        result: &Result<T, Failure>,
    ) {
        let (outcome, detail) = self.outcome(result);
        if let Err(error) = audit::finish(db, operation, outcome, detail, self.clock.now()).await {
            // The work is done or undone already; a missing result is a finding of its own.
            self.console.warn(&format!("the result is not in the audit trail: {error}"));
        }
    }
}
