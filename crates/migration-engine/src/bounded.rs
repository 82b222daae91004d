//! Questions to a database that is in use: each with a limit, all together with a budget.
//!
//! A check must neither wait behind somebody's lock nor keep one. So each question is a read-only
//! transaction of its own, and what cannot be asked in time is said and not waited for.

use std::time::{Duration, Instant};

use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    QueryResult, RuntimeErr, Statement, TransactionTrait as _,
};

use crate::Snapshot;

/// How long questions may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All of them together.
    pub budget: Duration,
    /// One of them, at most.
    pub question: Duration,
    /// How long one waits for a lock.
    pub lock: Duration,
}

impl Default for Limits {
    /// A minute for all, ten seconds for one, and half a second for a lock.
    fn default() -> Self {
        Self {
            budget: Duration::from_mins(1),
            question: Duration::from_secs(10),
            lock: Duration::from_millis(500),
        }
    }
}

/// What became of a question.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The answer.
    Rows(Vec<QueryResult>),
    /// Why there is none, and may be one at another time.
    NotNow(&'static str),
}

/// A database and the time that is left for it.
#[derive(Debug)]
pub(crate) struct Bounded<'a> {
    db: &'a DatabaseConnection,
    limits: Limits,
    start: Instant,
}

impl<'a> Bounded<'a> {
    pub(crate) fn new(db: &'a DatabaseConnection, limits: Limits) -> Self {
        Self { db, limits, start: Instant::now() }
    }

    /// Asks a question whose names are complete or in the connection's search path.
    pub(crate) async fn ask(&self, sql: &str) -> Result<Reply, DbErr> {
        let question = Statement::from_string(DbBackend::Postgres, sql);
        let work = async |db: &DatabaseTransaction| db.query_all_raw(question).await;
        Ok(match self.within(work).await? {
            Ok(rows) => Reply::Rows(rows),
            Err(why) => Reply::NotNow(why),
        })
    }

    /// Takes a snapshot of the schema, or says why there is none now.
    pub(crate) async fn snapshot(&self) -> Result<Result<Snapshot, &'static str>, DbErr> {
        self.within(async |db: &DatabaseTransaction| Snapshot::take_in(db).await).await
    }

    async fn within<T>(
        &self,
        work: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
    ) -> Result<Result<T, &'static str>, DbErr> {
        let left = self.limits.budget.saturating_sub(self.start.elapsed());
        let limit = left.min(self.limits.question).as_millis();
        if limit == 0 {
            return Ok(Err("no time was left for it"));
        }
        let transaction = self.db.begin_with_config(None, Some(AccessMode::ReadOnly)).await?;
        let lock = self.limits.lock.as_millis().max(1);
        let settings =
            format!("SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {lock}");
        transaction.execute_unprepared(&settings).await?;
        let answer = work(&transaction).await;
        transaction.rollback().await?;
        match answer {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => excuse(&error).map(Err).ok_or(error),
        }
    }
}

/// Why a question had no answer, where that says nothing about the schema.
fn excuse(error: &DbErr) -> Option<&'static str> {
    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    match sqlstate(error)?.as_str() {
        "55P03" => Some("somebody holds a lock on it"),
        "57014" => Some("it takes too long"),
        "42501" => Some("this role may not read it"),
        _ => None,
    }
}

/// The SQLSTATE with which the server refused a statement.
pub(crate) fn sqlstate(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error()?.code().map(String::from)
}
