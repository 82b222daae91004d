//! One connection with an open transaction, for COPY, SQL and SeaORM alike.
//!
//! The driver can be left out of step with the server: after a COPY that was not finished, or a future
//! that was dropped, the same connection answers with what belongs to an earlier question, sometimes
//! without any error. So a connection is taken out of its place for every use, and put back only when
//! the use has come to its end. Whatever ends otherwise drops the connection, and the server rolls the
//! transaction back. There is no pool that could replace it, outside the transaction, behind our back.

use std::sync::Arc;

use async_trait::async_trait;
use dbkit::{ConnectError, ConnectOptions, DatabaseUrl, connect::connect_session};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Postgres, query::Query};
use tokio::sync::{Mutex, MutexGuard};

use super::refusal::Refusal;

/// Lets the server notice within a second that we are gone, also in the middle of building an index,
/// and let go of the tables.
const NOTICE: &str = "SET client_connection_check_interval = '1s'";
const BEGIN: &str = "BEGIN";
const BEGIN_LOOK: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Fails in a transaction that has failed, which `COMMIT` itself rolls back without a word; and checks
/// while there is still a transaction what would be checked at its end.
const READY: &str = "SET CONSTRAINTS ALL IMMEDIATE";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";

/// A connection of its own, in a transaction. Dropping it rolls the transaction back.
#[derive(Debug)]
pub struct Bulk {
    connection: Mutex<Option<PgConnection>>,
}

/// Why a transaction could not be had or ended.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server refused.
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    /// The connection broke. Broken while committing, only the database knows what became of it.
    #[error("the connection broke")]
    Broken(#[source] sqlx::Error),
    /// An earlier use did not come to its end, so the connection was closed and its transaction
    /// rolled back.
    #[error("the connection was closed in the middle of its transaction")]
    Closed,
}

impl Bulk {
    /// Connects to the database at `url` and begins a transaction.
    pub async fn begin(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Self, BulkError> {
        Self::open(url, options, BEGIN).await
    }

    /// Connects to the database at `url` and begins a transaction that sees one moment and changes
    /// nothing.
    pub async fn look(url: &DatabaseUrl, options: &ConnectOptions) -> Result<Self, BulkError> {
        Self::open(url, options, BEGIN_LOOK).await
    }

    async fn open(
        url: &DatabaseUrl,
        options: &ConnectOptions,
        begin: &'static str,
    ) -> Result<Self, BulkError> {
        let connection = connect_session(url, options).await?;
        let bulk = Self { connection: Mutex::new(Some(connection)) };
        match bulk.control(NOTICE).await {
            // Not every server can, depending on its operating system.
            Ok(()) | Err(BulkError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        bulk.control(begin).await?;
        Ok(bulk)
    }

    /// Commits. A transaction in which a statement has failed is an error, and is rolled back.
    pub async fn commit(self) -> Result<(), BulkError> {
        self.control(READY).await?;
        self.control(COMMIT).await?;
        self.close().await
    }

    /// Rolls back.
    pub async fn rollback(self) -> Result<(), BulkError> {
        self.control(ROLLBACK).await?;
        self.close().await
    }

    /// Closes the connection, so that nothing of the transaction can last.
    pub(super) async fn give_up(&self) {
        self.connection.lock().await.take();
    }

    async fn control(&self, statement: &'static str) -> Result<(), BulkError> {
        let mut held = self.hold().await?;
        let done = sqlx::raw_sql(statement).execute(&mut held.connection).await;
        held.settle(done)?;
        Ok(())
    }

    async fn close(self) -> Result<(), BulkError> {
        if let Some(connection) = self.connection.into_inner() {
            // The transaction has ended; a failed goodbye concerns nobody.
            let _ = connection.close().await;
        }
        Ok(())
    }

    /// Takes the connection, for one use.
    pub(super) async fn hold(&self) -> Result<Held<'_>, BulkError> {
        let mut place = self.connection.lock().await;
        let connection = place.take().ok_or(BulkError::Closed)?;
        Ok(Held { place, connection })
    }
}

/// The connection while it is used. Dropped, it closes the connection.
pub(super) struct Held<'a> {
    place: MutexGuard<'a, Option<PgConnection>>,
    pub(super) connection: PgConnection,
}

impl Held<'_> {
    /// Puts the connection back after a use that came to this end: done, or refused by the server,
    /// after which the driver is in step. Any other end closes the connection.
    ///
    /// Must not be told of the end of a COPY out that the server refused: after that, the driver is
    /// not in step.
    pub(super) fn settle<T>(self, result: Result<T, sqlx::Error>) -> Result<T, BulkError> {
        match result {
            Ok(value) => {
                self.put_back();
                Ok(value)
            }
            Err(error) => match Refusal::of(&error) {
                Some(refusal) => {
                    self.put_back();
                    Err(refusal.into())
                }
                None => Err(BulkError::Broken(error)),
            },
        }
    }

    pub(super) fn put_back(mut self) {
        *self.place = Some(self.connection);
    }

    /// [`settle`](Self::settle), for SeaORM, which wants the driver's own error.
    fn settle_for_orm<T>(self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if result.as_ref().err().is_none_or(|error| Refusal::of(error).is_some()) {
            self.put_back();
        }
        result
    }
}

#[async_trait]
impl ConnectionTrait for Bulk {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut held = self.hold().await.map_err(|error| closed(&error))?;
        let done = query(statement).execute(&mut held.connection).await;
        held.settle_for_orm(done).map(Into::into).map_err(|error| DbErr::Exec(runtime(error)))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut held = self.hold().await.map_err(|error| closed(&error))?;
        let sql = AssertSqlSafe(sql.to_owned());
        let done = sqlx::raw_sql(sql).execute(&mut held.connection).await;
        held.settle_for_orm(done).map(Into::into).map_err(|error| DbErr::Exec(runtime(error)))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut held = self.hold().await.map_err(|error| closed(&error))?;
        let row = query(statement).fetch_optional(&mut held.connection).await;
        let row = held.settle_for_orm(row).map_err(|error| DbErr::Query(runtime(error)))?;
        Ok(row.map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut held = self.hold().await.map_err(|error| closed(&error))?;
        let rows = query(statement).fetch_all(&mut held.connection).await;
        let rows = held.settle_for_orm(rows).map_err(|error| DbErr::Query(runtime(error)))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

fn query(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::sea_query::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn runtime(error: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(Arc::new(error))
}

fn closed(error: &BulkError) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(error.to_string()))
}
