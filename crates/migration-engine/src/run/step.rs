//! One migration of a run: its way up or down, however often it takes, and what is noted of it.

use std::time::{Duration, Instant};

use dbkit::audit;
use migration_header::Metadata;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationTrait, SchemaManager};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Cause, DownOptions, Failed, RunError, Runner, asking,
    invalid_indexes::{self, InvalidIndex},
};
use crate::{
    Change,
    capture::{self, Captured},
    event::{Direction, MigrationEvent},
    ledger::{
        Attempt,
        own::{self, Facts},
    },
    project::is_transactional,
    schema_notes, session,
    sql_state::SqlState,
    watch::Blocker,
};

/// One migration of a run.
pub(super) struct Step<'a> {
    pub(super) runner: &'a Runner<'a>,
    pub(super) migration: &'a dyn MigrationTrait,
    pub(super) direction: Direction,
    pub(super) options: &'a DownOptions,
}

/// How an attempt failed for good.
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) half_way: bool,
    pub(super) tries: u32,
    pub(super) blockers: Vec<Blocker>,
}

impl Step<'_> {
    /// Carries the migration out, and says before and after that it does.
    pub(super) async fn carry_out(
        &self,
        number: usize,
        total: usize,
        committed: &[String],
    ) -> Result<Verification, RunError> {
        let (name, direction) = (self.name().to_owned(), self.direction);
        let report = self.runner.orders.report;
        report.report(&MigrationEvent::Started { name: name.clone(), direction, number, total });
        let start = Instant::now();
        self.trail(json!({ "event": "started" })).await.map_err(asking("write the audit trail"))?;
        let known = self.known().await?;
        let result = if is_transactional(self.migration) {
            self.in_a_transaction(&known).await
        } else {
            self.outside(&known).await
        };
        if let Err(failure) = result {
            let settled = self.settle(failure, committed).await;
            if let Err(error) = &settled {
                // A missing result is a finding of its own; the failure is what must be heard.
                let _ = self.trail(json!({ "event": "failed", "error": error.to_string() })).await;
            }
            settled?;
        }
        let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let _ = self.trail(json!({ "event": direction.done(), "milliseconds": took })).await;
        let verification = self.tidy(&known).await?;
        report.report(&MigrationEvent::Finished { name, direction, took: start.elapsed() });
        Ok(verification)
    }

    /// Writes into the audit trail, over a connection that no rollback reaches.
    async fn trail(&self, mut detail: Value) -> Result<(), DbErr> {
        let orders = self.runner.orders;
        detail["migration"] = self.name().into();
        detail["direction"] = self.direction.way().into();
        audit::note(self.runner.session.observer(), orders.operation, detail, orders.clock.now())
            .await
    }

    pub(super) fn name(&self) -> &str {
        self.migration.name()
    }

    pub(super) fn metadata(&self) -> Option<&Metadata> {
        self.runner.project.metadata(self.name())
    }

    /// How long a statement may wait for a lock.
    pub(super) fn lock_timeout(&self) -> Duration {
        let budget = self.metadata().and_then(|metadata| metadata.lock_budget);
        budget.unwrap_or(self.runner.orders.limits.lock_timeout)
    }

    /// Everything that is to be known before the migration's transaction takes the connection.
    async fn known(&self) -> Result<Known, RunError> {
        Ok(match self.direction {
            Direction::Up => Known::Facts(self.facts().await?),
            Direction::Down => {
                let live = own::live(self.runner.session.db()).await;
                let live = live.map_err(asking("read the ledger"))?;
                let attempt = live.into_iter().find(|attempt| attempt.name == self.name());
                Known::Attempt(attempt.map(Box::new))
            }
        })
    }

    async fn facts(&self) -> Result<Facts, RunError> {
        let header = self.metadata();
        // What cannot be recorded is not known: a migration may insist on a real server.
        let up = capture::offline(self.migration, Direction::Up).await.ok();
        let down = capture::offline(self.migration, Direction::Down).await.ok();
        let transactional = is_transactional(self.migration);
        if let Some(up) = up.as_ref().filter(|_| !transactional) {
            let cleared = self.clear_the_way(&up.statements).await;
            cleared.map_err(asking("remove invalid indexes"))?;
        }
        Ok(Facts {
            transactional,
            depends_on: header.map(|header| header.depends_on.clone()).unwrap_or_default(),
            source_sha256: header.map(|header| header.source_sha256.clone()),
            sql_sha256: up.as_ref().map(Captured::sql_sha256),
            up_sql: up.map(|up| up.statements),
            down_exact: down.as_ref().is_some_and(Captured::exact),
            down_sql: down.map(|down| down.statements),
            snapshot_before: self.runner.schema.get(),
        })
    }

    /// Removes the invalid indexes that an earlier failure left where this migration is to build some: no part of
    /// the schema that a failure of its own must leave as it was.
    async fn clear_the_way(&self, statements: &[String]) -> Result<(), DbErr> {
        let db = self.runner.session.db();
        let invalid = invalid_indexes::touched(db, statements).await?;
        if invalid.is_empty() {
            return Ok(());
        }
        invalid_indexes::remove(db, &invalid).await?;
        let names: Vec<_> = invalid.iter().map(InvalidIndex::qualified).collect();
        self.trail(json!({ "event": "invalid indexes removed", "indexes": names })).await?;
        self.runner.schema.note(db, self.runner.orders.clock.now()).await.map(drop)
    }

    pub(super) async fn change(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        match self.direction {
            Direction::Up => self.migration.up(manager).await,
            Direction::Down => self.migration.down(manager).await,
        }
    }

    /// Finds out what became of a migration whose run ended with an error.
    ///
    /// The answer to COMMIT may be lost with the connection although the server has carried it
    /// out. The ledger's row was in the same transaction, so the ledger knows, as soon as the server process
    /// is gone that may still be at it.
    async fn settle(&self, failure: Failure, committed: &[String]) -> Result<(), RunError> {
        let (name, direction) = (self.name().to_owned(), self.direction);
        let session = self.runner.session;
        if let Cause::Database(source) = &failure.cause
            && SqlState::of(source).is_none()
        {
            let ended = session.has_ended().await.unwrap_or(false);
            let ledger = super::read(session.observer(), self.runner.project).await;
            match ledger {
                Ok(ledger) if ended => {
                    let is_applied = ledger.applied.iter().any(|row| row.name == name);
                    if is_applied == (direction == Direction::Up) {
                        return Ok(());
                    }
                }
                _ => return Err(unknown(name, direction, failure)),
            }
        }
        let Failure { cause, half_way, tries, blockers } = failure;
        let committed = committed.to_vec();
        let failed = Failed { name, direction, committed, half_way, tries, blockers, cause };
        Err(RunError::Failed(Box::new(failed)))
    }

    /// Leaves the session as the next migration expects it, notes what the schema has become, and compares
    /// it with what it was before the migration went up.
    async fn tidy(&self, known: &Known) -> Result<Verification, RunError> {
        let (runner, db) = (self.runner, self.runner.session.db());
        session::reset(db).await.map_err(asking("reset the session"))?;
        let noted = async {
            let after = runner.schema.note(db, runner.orders.clock.now()).await?;
            if self.direction == Direction::Up {
                own::set_snapshot_after(db, self.name(), &after).await?;
            }
            self.verify(known, &after).await
        };
        noted.await.map_err(asking("note the schema"))
    }

    async fn verify(&self, known: &Known, after: &str) -> Result<Verification, DbErr> {
        let Known::Attempt(attempt) = known else { return Ok(Verification::NotComparable) };
        let before = attempt.as_ref().and_then(|attempt| attempt.snapshot_before.as_deref());
        let Some(before) = before else { return Ok(Verification::NotComparable) };
        if before == after {
            return Ok(Verification::Exact);
        }
        let db = self.runner.session.db();
        // What was applied later is still there, and was not when the migration went up.
        let later = |other: &Attempt| attempt.as_ref().is_some_and(|own| other.id > own.id);
        if own::live(db).await?.iter().any(later) {
            return Ok(Verification::NotComparable);
        }
        let (before, after) =
            (schema_notes::find(db, before).await?, schema_notes::find(db, after).await?);
        Ok(match (before, after) {
            (Some(before), Some(after)) => Verification::Differs(before.changes(&after)),
            _ => Verification::NotComparable,
        })
    }
}

/// What is known of a migration before it runs.
pub(super) enum Known {
    /// On the way up: what goes into the ledger.
    Facts(Facts),
    /// On the way down: what the ledger holds, if our own knows it.
    Attempt(Option<Box<Attempt>>),
}

impl Known {
    /// What the migration is expected to send.
    pub(super) fn statements(&self, direction: Direction) -> &[String] {
        let statements = match (self, direction) {
            (Self::Facts(facts), Direction::Up) => &facts.up_sql,
            (Self::Facts(facts), Direction::Down) => &facts.down_sql,
            (Self::Attempt(Some(attempt)), Direction::Up) => &attempt.up_sql,
            (Self::Attempt(Some(attempt)), Direction::Down) => &attempt.down_sql,
            (Self::Attempt(None), _) => &None,
        };
        statements.as_deref().unwrap_or_default()
    }
}

/// Whether the schema after a rollback is the one before the migration was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verification", content = "differences", rename_all = "snake_case")]
pub enum Verification {
    /// It is, object by object.
    Exact,
    /// It is not, and this is the difference.
    Differs(Vec<Change>),
    /// Nobody noted what it was.
    NotComparable,
}

fn unknown(name: String, direction: Direction, failure: Failure) -> RunError {
    match failure.cause {
        Cause::Database(source) => RunError::Unknown { name, direction, source },
        cause => RunError::Unknown { name, direction, source: DbErr::Custom(cause.to_string()) },
    }
}
