//! A connection that writes down what is sent over it, and passes it on to a real one.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr, ProxyDatabaseTrait,
    ProxyExecResult, ProxyRow, QueryResult, Statement, Value, from_query_result_to_proxy_row,
};
use sqlx::{Column as _, TypeInfo as _};
use tokio::sync::Mutex;

use super::locks::Observer;
use crate::observation::Observation;

/// The column types that SeaORM passes on; it panics at the others.
const KNOWN: [&str; 22] = [
    "BOOL",
    "\"CHAR\"",
    "INT2",
    "INT4",
    "INT8",
    "FLOAT4",
    "FLOAT8",
    "VARCHAR",
    "CHAR",
    "TEXT",
    "NAME",
    "BYTEA",
    "NUMERIC",
    "JSON",
    "JSONB",
    "TIMESTAMP",
    "DATE",
    "TIME",
    "TIMESTAMPTZ",
    "UUID",
    "SMALLINT",
    "BIGINT",
];

/// A recording connection.
///
/// A migration that reads its rows by the *place* of a column sees the columns in the order of
/// their names: that is how SeaORM's proxy hands on rows.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(Arc<Recording>);

#[derive(Debug)]
struct Recording {
    /// A pool of exactly one, so that `BEGIN` and what follows meet the same session.
    session: DatabaseConnection,
    depth: AtomicUsize,
    /// Transactions that were dropped; `Drop` cannot wait for the server.
    dropped: AtomicUsize,
    log: Mutex<Log>,
}

#[derive(Debug)]
struct Log {
    statements: Vec<String>,
    took: Duration,
    observer: Option<Observer>,
    /// What went wrong where SeaORM expects no error: in `begin`, `commit`, `rollback`.
    error: Option<DbErr>,
}

impl Recorder {
    /// Records what goes to `session`, a pool of one connection.
    pub(crate) fn new(session: &DatabaseConnection, observer: Option<Observer>) -> Self {
        let log = Log { statements: Vec::new(), took: Duration::ZERO, observer, error: None };
        Self(Arc::new(Recording {
            session: session.clone(),
            depth: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            log: Mutex::new(log),
        }))
    }

    /// The connection to hand to a migration.
    pub(crate) async fn connection(&self) -> Result<DatabaseConnection, DbErr> {
        let proxy: Box<dyn ProxyDatabaseTrait> = Box::new(self.clone());
        Database::connect_proxy(DbBackend::Postgres, Arc::new(proxy)).await
    }

    /// Ends what the migration left open, and says what was seen.
    pub(crate) async fn finish(self) -> Result<Observation, DbErr> {
        let this = self.0;
        let settled = this.settle().await;
        if this.depth.swap(0, SeqCst) > 0 {
            this.session.execute_unprepared("ROLLBACK").await?;
        }
        settled?;
        let mut log = this.log.lock().await;
        let (locks, rewritten) = match log.observer.take() {
            Some(observer) => observer.finish().await?,
            None => (Vec::new(), Vec::new()),
        };
        let statements = std::mem::take(&mut log.statements);
        Ok(Observation { statements, locks, rewritten, took: log.took })
    }
}

impl Recording {
    /// Carries out what could not be done at once, and hands on an error that had no way out.
    async fn settle(&self) -> Result<(), DbErr> {
        for _ in 0..self.dropped.swap(0, SeqCst) {
            self.leave("ROLLBACK").await;
        }
        self.log.lock().await.error.take().map_or(Ok(()), Err)
    }

    async fn enter(&self) {
        let depth = self.depth.fetch_add(1, SeqCst);
        if depth > 0 {
            return self.control(format!("SAVEPOINT seaworthy_{depth}")).await;
        }
        self.control("BEGIN".to_owned()).await;
    }

    /// Leaves the innermost transaction by way of `COMMIT` or `ROLLBACK`.
    async fn leave(&self, way: &str) {
        let Some(depth) = self.depth.load(SeqCst).checked_sub(1) else { return };
        self.depth.store(depth, SeqCst);
        let verb = if way == "COMMIT" { "RELEASE" } else { "ROLLBACK TO" };
        let inner = format!("{verb} SAVEPOINT seaworthy_{depth}");
        self.control(if depth > 0 { inner } else { way.to_owned() }).await;
    }

    async fn control(&self, sql: String) {
        let outcome = self.session.execute_unprepared(&sql).await;
        if let Err(error) = outcome {
            self.log.lock().await.error.get_or_insert(error);
        }
    }

    /// Sends one statement, and looks what it has locked.
    async fn send<T, F: Future<Output = Result<T, DbErr>>>(
        &self,
        statement: &Statement,
        work: impl Fn() -> F,
    ) -> Result<T, DbErr> {
        self.settle().await?;
        let text = statement.to_string();
        let is_watched = {
            let mut log = self.log.lock().await;
            log.statements.push(text.clone());
            log.observer.is_some()
        };
        if is_watched
            && self.depth.load(SeqCst) == 0
            && let Some(answer) = self.held(&text, &work).await?
        {
            return Ok(answer);
        }
        let start = Instant::now();
        let answer = work().await?;
        self.look(&text, start.elapsed()).await?;
        Ok(answer)
    }

    /// Sends a statement that is a transaction of its own in one that is open for long enough to see
    /// its locks; nothing, also of what it did, where it does not work that way.
    async fn held<T, F: Future<Output = Result<T, DbErr>>>(
        &self,
        text: &str,
        work: &impl Fn() -> F,
    ) -> Result<Option<T>, DbErr> {
        self.session.execute_unprepared("BEGIN").await?;
        let start = Instant::now();
        let Ok(answer) = work().await else {
            self.session.execute_unprepared("ROLLBACK").await?;
            return Ok(None);
        };
        self.look(text, start.elapsed()).await?;
        self.session.execute_unprepared("COMMIT").await?;
        Ok(Some(answer))
    }

    /// Looks what the statement that was sent last has locked.
    async fn look(&self, text: &str, took: Duration) -> Result<(), DbErr> {
        let mut log = self.log.lock().await;
        log.took += took;
        let index = log.statements.len() - 1;
        match &mut log.observer {
            Some(observer) => observer.look(index, text).await,
            None => Ok(()),
        }
    }
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Recorder {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let session = &self.0.session;
        let work = || session.query_all_raw(statement.clone());
        self.0.send(&statement, work).await?.iter().map(proxy_row).collect()
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let session = &self.0.session;
        let statement = &statement;
        let work = || async move {
            // Only the simple protocol takes several statements in one text.
            if statement.values.is_none() {
                return session.execute_unprepared(&statement.sql).await;
            }
            session.execute_raw(statement.clone()).await
        };
        self.0.send(statement, work).await.map(Into::into)
    }

    async fn begin(&self) {
        if let Err(error) = self.0.settle().await {
            self.0.log.lock().await.error.get_or_insert(error);
        }
        self.0.enter().await;
    }

    async fn commit(&self) {
        self.0.leave("COMMIT").await;
    }

    async fn rollback(&self) {
        self.0.leave("ROLLBACK").await;
    }

    fn start_rollback(&self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

fn proxy_row(row: &QueryResult) -> Result<ProxyRow, DbErr> {
    let Some(columns) = row.try_as_pg_row().map(sqlx::Row::columns) else {
        return Ok(from_query_result_to_proxy_row(row));
    };
    // What `SELECT a_function_without_result()` answers.
    if columns.iter().all(|column| column.type_info().name() == "VOID") {
        let nothing = columns.iter().map(|column| (column.name().to_owned(), Value::String(None)));
        return Ok(ProxyRow::new(nothing.collect::<BTreeMap<_, _>>()));
    }
    let is_known = |name: &str| KNOWN.contains(&name.trim_end_matches("[]"));
    let unknown = columns.iter().find(|column| !is_known(column.type_info().name()));
    match unknown {
        None => Ok(from_query_result_to_proxy_row(row)),
        Some(column) => Err(DbErr::Type(format!(
            "a recording connection cannot pass on column `{}` of type {}",
            column.name(),
            column.type_info().name()
        ))),
    }
}
