//! A migration that no transaction may hold, such as one with `CREATE INDEX CONCURRENTLY`.
//!
//! Its intent is committed before its first statement and its progress after each, so that whoever finds it
//! cut off knows where. When it fails, it is *clean* if the schema is as before and no statement can have
//! changed rows; otherwise it is dirty, and only `resolve` goes on from there.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DbErr, TransactionTrait as _};
use sea_orm_migration::SchemaManager;
use tokio::time::sleep;

use super::{
    Cause, checks,
    invalid_indexes::{self, InvalidIndex},
    pause::Pauses,
    step::{Failure, Known, Step},
};
use crate::{
    Snapshot,
    event::Direction,
    ledger::{AttemptState, own},
    listen::{Ear, only_define},
    sql_state::SqlState,
    watch::{self, Seen},
};

/// How often progress is noted, at most.
const EVERY: Duration = Duration::from_millis(50);

impl Step<'_> {
    /// Carries the migration out without a transaction.
    pub(super) async fn outside(&self, known: &Known) -> Result<(), Failure> {
        let start = Instant::now();
        let id = self.begin_outside(known).await.map_err(|cause| nothing_done(cause, 1))?;
        let mut pauses = Pauses::within(self.runner.orders.limits.retry_for);
        let mut tries = 0;
        loop {
            tries += 1;
            let ear = Ear::default();
            let (result, seen) = self.attempt_outside(id, &ear).await;
            let result = result.map_err(|cause| in_the_way(cause, &seen));
            let result = match result {
                Ok(()) => self.finish_outside(known, id, &ear, start).await,
                failed => failed,
            };
            let Err(cause) = result else { return Ok(()) };
            let done = finished(&ear, &cause);
            let may_repeat =
                done.is_empty() && (cause.is_passing() || is_invalid(&cause) && tries == 1);
            match pauses.next().filter(|_| may_repeat) {
                Some(pause) => self.pause(pause, &cause, seen.blockers).await,
                None => return Err(self.give_up(id, known, &done, cause, tries, seen).await),
            }
        }
    }

    /// Notes the intent, having asked what must hold before.
    async fn begin_outside(&self, known: &Known) -> Result<Option<i64>, Cause> {
        let (session, run) = (self.runner.session, self.runner.orders.operation.id);
        let db = session.db();
        if !crate::session::holds_lock(db, session.pid()).await? {
            return Err(Cause::LockLost);
        }
        self.keep_alone().await?;
        match known {
            Known::Facts(facts) => {
                let checks = self.metadata().map_or(&[][..], |header| &header.pre_checks);
                checks::ask(db, "pre-check", checks).await?;
                let intent = AttemptState::Intent;
                Ok(Some(own::add(db, self.name(), intent, facts, run).await?))
            }
            Known::Attempt(Some(attempt)) => {
                own::begin_down(db, attempt.id, run).await?;
                Ok(Some(attempt.id))
            }
            Known::Attempt(None) => Ok(None),
        }
    }

    /// Waiting is what `CONCURRENTLY` does, so it may wait for as long as it would be tried again; but when
    /// somebody waits behind it for longer than the lock timeout, the statement is cancelled.
    async fn attempt_outside(&self, id: Option<i64>, ear: &Ear) -> (Result<(), Cause>, Seen) {
        let session = self.runner.session;
        let limits = self.runner.orders.limits;
        let limits = format!(
            "SET lock_timeout = '{}ms'; SET statement_timeout = '{}ms'",
            limits.retry_for.as_millis().max(1),
            limits.statement_timeout.as_millis()
        );
        if let Err(error) = session.db().execute_unprepared(&limits).await {
            return (Err(error.into()), Seen::default());
        }
        let manager = SchemaManager::new(session.db());
        let work = ear.during(self.change(&manager));
        let work = self.noting_progress(id, ear, work);
        let patience = Some(self.lock_timeout());
        let (result, seen) = watch::during(session.observer(), session.pid(), patience, work).await;
        (result.map_err(Cause::from), seen)
    }

    async fn noting_progress<T>(
        &self,
        id: Option<i64>,
        ear: &Ear,
        work: impl Future<Output = T>,
    ) -> T {
        let mut work = std::pin::pin!(work);
        let mut noted = 0;
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = sleep(EVERY) => {}
            }
            let heard = ear.count();
            if let Some(id) = id.filter(|_| heard > noted) {
                noted = heard;
                let done = i32::try_from(heard).unwrap_or(i32::MAX);
                // Progress that is not noted makes a crash look earlier than it was: it stays dirty.
                let _ = own::progress(self.runner.session.observer(), id, done).await;
            }
        }
    }

    /// Looks at what was built, asks what must hold after, and writes both ledgers.
    async fn finish_outside(
        &self,
        known: &Known,
        id: Option<i64>,
        ear: &Ear,
        start: Instant,
    ) -> Result<(), Cause> {
        let session = self.runner.session;
        crate::session::reset(session.db()).await?;
        let statements = ear.statements();
        let invalid = invalid_indexes::touched(session.db(), &statements).await?;
        if !invalid.is_empty() {
            invalid_indexes::remove(session.db(), &invalid).await?;
            let names = invalid.iter().map(InvalidIndex::qualified).collect();
            return Err(Cause::InvalidIndexes(names));
        }
        if let Some(header) = self.metadata().filter(|_| self.direction == Direction::Up) {
            checks::ask(session.db(), "post-check", &header.post_checks).await?;
        }
        let transaction = session.db().begin().await?;
        self.put_back(&transaction).await?;
        self.note(&transaction, known, id, &statements, start.elapsed()).await?;
        Ok(transaction.commit().await?)
    }

    /// Removes what a failed build left, and finds out whether anything else is there.
    async fn give_up(
        &self,
        id: Option<i64>,
        known: &Known,
        done: &[String],
        cause: Cause,
        tries: u32,
        seen: Seen,
    ) -> Failure {
        let clean = self.is_clean(known, done, &cause).await.unwrap_or(false);
        let (state, reason) = match (clean, self.direction) {
            (true, Direction::Up) => (AttemptState::RolledBack, "it failed and left nothing"),
            (true, Direction::Down) => {
                (AttemptState::Applied, "its way down failed and left nothing")
            }
            (false, _) => (AttemptState::Dirty, "it failed, and a part of it may be there"),
        };
        if let Some(id) = id {
            let observer = self.runner.session.observer();
            // Where this cannot be written, the intent stays, which blocks as well.
            let _ = own::set_state(observer, id, state, reason).await;
        }
        Failure { cause, half_way: !clean, tries, blockers: seen.blockers }
    }

    async fn is_clean(&self, known: &Known, done: &[String], cause: &Cause) -> Result<bool, DbErr> {
        let db = self.runner.session.db();
        crate::session::reset(db).await?;
        let mut spoken_of = done.to_vec();
        spoken_of.extend(known.statements(self.direction).iter().cloned());
        let invalid = invalid_indexes::touched(db, &spoken_of).await?;
        invalid_indexes::remove(db, &invalid).await?;
        let before = self.runner.schema.get();
        let now = Snapshot::take(db).await?.fingerprint();
        let harmless =
            only_define(done) && !matches!(cause, Cause::Check { which: "post-check", .. });
        Ok(harmless && before.as_ref() == Some(&now))
    }
}

/// The statements that ended well: the last one heard is the one that failed, where the server refused one.
fn finished(ear: &Ear, cause: &Cause) -> Vec<String> {
    let mut heard = ear.heard();
    let refused = match cause {
        Cause::Database(error) | Cause::InTheWay(error) => SqlState::of(error).is_some(),
        Cause::InvalidIndexes(_) => return Vec::new(),
        _ => false,
    };
    if refused {
        heard.pop();
    }
    heard
}

fn is_invalid(cause: &Cause) -> bool {
    matches!(cause, Cause::InvalidIndexes(_))
}

fn in_the_way(cause: Cause, seen: &Seen) -> Cause {
    match cause {
        Cause::Database(error) if seen.cancelled => Cause::InTheWay(error),
        cause => cause,
    }
}

fn nothing_done(cause: Cause, tries: u32) -> Failure {
    Failure { cause, half_way: false, tries, blockers: Vec::new() }
}
