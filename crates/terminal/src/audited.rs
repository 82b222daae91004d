//! Doing something with its intent and its result in the audit trail.

use dbkit::audit::{self, Operation, Outcome};
use sea_orm::DatabaseConnection;
use serde_json::json;

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
        let intent = break_glass.map_or(json!({}), |reason| json!({ "break_glass": reason }));
        audit::begin(db, &operation, intent, self.clock.now())
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
        let begun = audit::begin(db, &operation, json!({}), self.clock.now()).await;
        if let Err(error) = &begun {
            self.console.warn(&format!("this is not in the audit trail: {error}"));
        }
        let result = work().await;
        if begun.is_ok() {
            self.finish(db, &operation, &result).await;
        }
        result
    }

    async fn finish<T>(
        &self,
        db: &DatabaseConnection,
        operation: &Operation,
        result: &Result<T, Failure>,
    ) {
        let (outcome, detail) = match result {
            Ok(_) => (Outcome::Done, json!({})),
            Err(failure) => (Outcome::Failed, json!({ "class": failure.class() })),
        };
        if let Err(error) = audit::finish(db, operation, outcome, detail, self.clock.now()).await {
            // The work is done or undone already; a missing result is a finding of its own.
            self.console.warn(&format!("the result is not in the audit trail: {error}"));
        }
    }
}
