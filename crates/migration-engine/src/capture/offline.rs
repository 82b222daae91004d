//! Capturing without a server: every statement changes nothing, every question finds nothing.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sea_orm::{
    Database, DbBackend, DbErr, ProxyDatabaseTrait, ProxyExecResult, ProxyRow, Statement, Value,
};
use sea_orm_migration::{MigrationTrait, SchemaManager};

use super::{Captured, Inexact, Panicked, change, isolated};
use crate::{event::Direction, project::is_transactional};

/// Without rows, a migration that waits for rows to change waits for ever.
const LIMIT: usize = 100_000;

/// Why a migration could not be captured without a server.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It ended with an error, such as the one of the `down` that nobody has written.
    #[error("{migration} ends with an error where no database answers")]
    Failed {
        /// Its name.
        migration: String,
        /// What it returned.
        #[source]
        source: DbErr,
    },
    /// It panicked, as it does when it asks for sqlx' pool.
    #[error("{migration} panics where no database answers: {message}")]
    Panicked {
        /// Its name.
        migration: String,
        /// What it said.
        message: String,
    },
}

/// Captures what `migration` sends, with no server to answer it.
///
/// Executing reports no changed row, `has_table` and its kin answer no, and every other query
/// answers with no row. Run three times, so that [`Captured::why_not_exact`] knows.
pub async fn offline(
    migration: &dyn MigrationTrait,
    direction: Direction,
) -> Result<Captured, CaptureError> {
    let first = once(migration, direction, Affected::None).await?;
    let again = once(migration, direction, Affected::None).await?;
    let why_not_exact = if let Some(question) = first.question {
        Some(Inexact::Asks(question))
    } else if first.statements != again.statements {
        Some(Inexact::Varies)
    } else {
        // An error of its own shows as well that the count matters.
        let counted = once(migration, direction, Affected::OneAtFirst).await;
        let same = counted.is_ok_and(|counted| counted.statements == first.statements);
        (!same).then_some(Inexact::CountsRows)
    };
    let transactional = is_transactional(migration);
    Ok(Captured { statements: first.statements, transactional, why_not_exact })
}

async fn once(
    migration: &dyn MigrationTrait,
    direction: Direction,
    affected: Affected,
) -> Result<Log, CaptureError> {
    let failed = |source| CaptureError::Failed { migration: migration.name().to_owned(), source };
    let log = Arc::new(Mutex::new(Log::default()));
    let proxy: Box<dyn ProxyDatabaseTrait> = Box::new(Nobody { log: Arc::clone(&log), affected });
    let db = Database::connect_proxy(DbBackend::Postgres, Arc::new(proxy)).await.map_err(failed)?;
    let outcome = isolated(change(&SchemaManager::new(&db), migration, direction)).await;
    outcome
        .map_err(|Panicked(message)| CaptureError::Panicked {
            migration: migration.name().to_owned(),
            message,
        })?
        .map_err(failed)?;
    Ok(std::mem::take(&mut *locked(&log)))
}

/// How many rows a statement is said to have changed.
#[derive(Clone, Copy, Debug)]
enum Affected {
    None,
    /// One, the first time that a statement is executed.
    OneAtFirst,
}

#[derive(Debug, Default)]
struct Log {
    statements: Vec<String>,
    question: Option<String>,
    executed: HashSet<String>,
}

#[derive(Debug)]
struct Nobody {
    log: Arc<Mutex<Log>>,
    affected: Affected,
}

#[async_trait::async_trait]
impl ProxyDatabaseTrait for Nobody {
    async fn query(&self, statement: Statement) -> Result<Vec<ProxyRow>, DbErr> {
        let text = statement.to_string();
        let mut log = locked(&self.log);
        log.push(&text)?;
        log.question.get_or_insert(text);
        let questions = ["has_table", "has_column", "has_index"].into_iter();
        Ok(questions.filter_map(|name| refusal(&statement.sql, name)).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<ProxyExecResult, DbErr> {
        let text = statement.to_string();
        let mut log = locked(&self.log);
        log.push(&text)?;
        let is_first = log.executed.insert(text);
        let rows = u64::from(is_first && matches!(self.affected, Affected::OneAtFirst));
        Ok(ProxyExecResult::new(0, rows))
    }

    async fn begin(&self) {
        locked(&self.log).statements.push("BEGIN".to_owned());
    }

    async fn commit(&self) {
        locked(&self.log).statements.push("COMMIT".to_owned());
    }

    async fn rollback(&self) {
        locked(&self.log).statements.push("ROLLBACK".to_owned());
    }

    fn start_rollback(&self) {
        locked(&self.log).statements.push("ROLLBACK".to_owned());
    }
}

impl Log {
    fn push(&mut self, statement: &str) -> Result<(), DbErr> {
        if self.statements.len() == LIMIT {
            return Err(DbErr::Custom(format!("it sends more than {LIMIT} statements")));
        }
        self.statements.push(statement.to_owned());
        Ok(())
    }
}

/// The row with which a question of `SchemaManager` is denied; it selects one column of this name.
fn refusal(sql: &str, name: &str) -> Option<ProxyRow> {
    let value = (name.to_owned(), Value::Bool(Some(false)));
    sql.contains(&format!("AS \"{name}\"")).then(|| ProxyRow::new(BTreeMap::from([value])))
}

fn locked(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}
