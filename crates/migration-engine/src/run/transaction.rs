//! A migration and its ledger rows in one transaction, tried again while that may help.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};
use sea_orm_migration::SchemaManager;
use tokio::time::sleep;

use super::{
    Cause, checks,
    pause::Pauses,
    step::{Failure, Known, Step},
};
use crate::{
    event::{Direction, MigrationEvent},
    ledger::{self, AttemptState, own},
    listen::Ear,
    session, watch,
};

impl Step<'_> {
    /// Carries the migration out in a transaction.
    pub(super) async fn in_a_transaction(&self, known: &Known) -> Result<(), Failure> {
        let session = self.runner.session;
        let mut pauses = Pauses::within(self.runner.orders.limits.retry_for);
        let mut tries = 0;
        loop {
            tries += 1;
            let work = self.once(known);
            let (result, seen) = watch::during(session.observer(), session.pid(), None, work).await;
            let Err(cause) = result else { return Ok(()) };
            let blockers = seen.blockers;
            match pauses.next().filter(|_| cause.is_passing()) {
                Some(pause) => self.pause(pause, &cause, blockers).await,
                None => return Err(Failure { cause, half_way: false, tries, blockers }),
            }
        }
    }

    /// Says that the migration is tried again, and waits.
    pub(super) async fn pause(
        &self,
        pause: Duration,
        cause: &Cause,
        blockers: Vec<watch::Blocker>,
    ) {
        let (name, cause) = (self.name().to_owned(), cause.to_string());
        let report = self.runner.orders.report;
        report.report(&MigrationEvent::Retrying { name, pause, cause, blockers });
        sleep(pause).await;
    }

    async fn once(&self, known: &Known) -> Result<(), Cause> {
        let transaction = self.runner.session.db().begin().await?;
        match self.within(&transaction, known).await {
            Ok(()) => Ok(transaction.commit().await?),
            Err(cause) => {
                // What broke it is the error to report, not how the rollback went.
                let _ = transaction.rollback().await;
                Err(cause)
            }
        }
    }

    async fn within(&self, transaction: &DatabaseTransaction, known: &Known) -> Result<(), Cause> {
        let start = Instant::now();
        transaction.execute_unprepared(&self.limits()).await?;
        if !session::holds_lock(transaction, self.runner.session.pid()).await? {
            return Err(Cause::LockLost);
        }
        let header = self.metadata().filter(|_| self.direction == Direction::Up);
        if let Some(header) = header {
            checks::ask(transaction, "pre-check", &header.pre_checks).await?;
        }
        self.keep(transaction).await?;
        let ear = Ear::default();
        ear.during(self.change(&SchemaManager::new(transaction))).await?;
        if let Some(header) = header {
            checks::ask(transaction, "post-check", &header.post_checks).await?;
        }
        // Whatever the migration has set: the ledger is found as before, by the role that logged in.
        transaction
            .execute_unprepared("SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET search_path")
            .await?;
        self.put_back(transaction).await?;
        self.note(transaction, known, None, &ear.statements(), start.elapsed()).await
    }

    /// `LOCAL` ends with the transaction, whatever the migration sets in between.
    fn limits(&self) -> String {
        let statement = self.runner.orders.limits.statement_timeout.as_millis();
        format!(
            "SET LOCAL lock_timeout = '{}ms'; SET LOCAL statement_timeout = '{statement}ms'; \
             SET LOCAL idle_in_transaction_session_timeout = '{statement}ms'",
            self.lock_timeout().as_millis()
        )
    }

    /// Writes both ledgers and the mirror; `intent` is the row of a migration that was begun without a
    /// transaction.
    pub(super) async fn note(
        &self,
        transaction: &DatabaseTransaction,
        known: &Known,
        intent: Option<i64>,
        sent: &[String],
        took: Duration,
    ) -> Result<(), Cause> {
        let (runner, name) = (self.runner, self.name());
        let (run, now) = (runner.orders.operation.id, runner.orders.clock.now());
        match known {
            Known::Facts(facts) => {
                let id = match intent {
                    Some(id) => id,
                    None => own::add(transaction, name, AttemptState::Applied, facts, run).await?,
                };
                own::applied(transaction, id, sent, took, now).await?;
                runner.table.add(transaction, name, now).await?;
            }
            Known::Attempt(attempt) => {
                if let Some(attempt) = attempt {
                    own::rolled_back(transaction, attempt.id, sent, run, now).await?;
                }
                runner.table.remove(transaction, name).await?;
            }
        }
        Ok(ledger::reflect(transaction, runner.project).await?)
    }
}
