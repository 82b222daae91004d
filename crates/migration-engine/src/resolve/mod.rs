//! What an operator says of a migration that the ledger is wrong about, or does not know the end of.
//!
//! A word is believed if the schema is as it would be if it were true: the live schema is compared with a
//! shadow first. Both ledgers change in one transaction, and no attempt is ever deleted. The schema stays as it
//! is, except that a retry removes the invalid indexes that the first try left, before the comparison.

mod error;
mod evidence;

use sea_orm::{ConnectionTrait, TransactionTrait as _};
use serde::Serialize;

use crate::{
    Finding, Orders, Project, RunFacts, Session, Severity, ShadowOptions, capture,
    event::Direction,
    ledger::{
        self, Attempt, Ledger, Table,
        by_hand::Word,
        own,
        runs::{self, Outcome},
    },
    plan,
    run::invalid_indexes,
    schema_notes::SchemaNotes,
    session,
};
pub use error::ResolveError;
use error::asking;

/// What the operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// All of it is there.
    Applied,
    /// Nothing of it is there.
    RolledBack,
    /// What was cut off may begin anew.
    Retry,
    /// Its source was changed on purpose, and means the same.
    AcceptChecksum,
}

/// What happens where the schema contradicts the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differences {
    /// Nothing is written.
    Refuse,
    /// The operator's word counts.
    Overrule,
}

/// A word, why it is said, and what it is measured against.
#[derive(Clone, Debug)]
pub struct Request {
    /// The migration's whole name.
    pub name: String,
    /// What the operator says.
    pub resolution: Resolution,
    /// Why.
    pub reason: String,
    /// What happens where the schema contradicts it.
    pub differences: Differences,
    /// Where the schema is replayed that it is measured against.
    pub shadow: ShadowOptions,
}

/// What was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolved {
    /// The migration.
    pub name: String,
    /// What the operator said.
    pub resolution: Resolution,
    /// Which way it goes next, after a retry.
    pub next: Option<Direction>,
    /// Invalid indexes that were removed.
    pub removed: Vec<String>,
    /// Where the schema is not as the ledger now says.
    pub differences: Vec<Finding>,
}

/// Writes into both ledgers what the operator says of one migration.
pub async fn resolve(
    session: &Session,
    project: &Project,
    request: &Request,
    orders: &Orders<'_>,
) -> Result<Resolved, ResolveError> {
    let ledger = ledger::read(session.db(), project).await.map_err(asking(READ))?;
    let case = Case::new(project, &ledger, request)?;
    let removed = case.clean(session).await?;
    let names = case.expected();
    let found = evidence::differences(session, project, &ledger, &names, &request.shadow).await?;
    case.judge(&found)?;
    case.write(session, orders).await?;
    note_schema(session, request, orders).await?;
    Ok(Resolved {
        name: request.name.clone(),
        resolution: request.resolution,
        next: case.next(),
        removed,
        differences: found,
    })
}

const READ: &str = "read what is applied";
const WRITE: &str = "write the ledger of migrations";

/// A request, and what the database says of its migration.
struct Case<'a> {
    project: &'a Project,
    ledger: &'a Ledger,
    request: &'a Request,
    /// Begun and not ended.
    unfinished: Option<&'a Attempt>,
    /// Whether stock tools hold it for applied.
    is_in_stock: bool,
}

impl<'a> Case<'a> {
    /// Refuses a word that does not fit what the ledgers say.
    fn new(
        project: &'a Project,
        ledger: &'a Ledger,
        request: &'a Request,
    ) -> Result<Self, ResolveError> {
        plan::resolve_name(project, ledger, &request.name)?;
        let name = request.name.clone();
        let unfinished = ledger.unfinished.iter().find(|attempt| attempt.name == name);
        let is_in_stock = ledger.applied.iter().any(|row| row.name == name);
        let is_dirty = unfinished.is_some();
        match request.resolution {
            Resolution::Applied if is_in_stock && !is_dirty => {
                return Err(ResolveError::AlreadyApplied(name));
            }
            Resolution::RolledBack if !is_in_stock && !is_dirty => {
                return Err(ResolveError::NotBegun(name));
            }
            Resolution::Retry if !is_dirty => return Err(ResolveError::NotDirty(name)),
            Resolution::AcceptChecksum if is_dirty => return Err(ResolveError::Dirty(name)),
            Resolution::AcceptChecksum if !is_in_stock => return Err(ResolveError::NotBegun(name)),
            Resolution::AcceptChecksum if !plan::is_changed(project, ledger, &name) => {
                return Err(ResolveError::NotChanged(name));
            }
            _ => {}
        }
        Ok(Self { project, ledger, request, unfinished, is_in_stock })
    }

    /// Whether the migration is there if the operator is right.
    fn is_expected(&self) -> bool {
        match self.request.resolution {
            Resolution::Applied | Resolution::AcceptChecksum => true,
            Resolution::RolledBack => false,
            Resolution::Retry => self.next() == Some(Direction::Down),
        }
    }

    /// What is applied if the operator is right.
    fn expected(&self) -> Vec<String> {
        let applied = self.ledger.applied.iter().map(|row| &row.name);
        let others = applied.filter(|name| **name != self.request.name).cloned();
        others.chain(self.is_expected().then(|| self.request.name.clone())).collect()
    }

    fn next(&self) -> Option<Direction> {
        let retried = self.unfinished.filter(|_| self.request.resolution == Resolution::Retry);
        retried.map(|attempt| attempt.direction)
    }

    /// Before a retry, removes the invalid indexes that the first try left.
    async fn clean(&self, session: &Session) -> Result<Vec<String>, ResolveError> {
        const DOING: &str = "remove invalid indexes";
        let Some(direction) = self.next() else { return Ok(Vec::new()) };
        let sent = self.unfinished.and_then(|attempt| match direction {
            Direction::Up => attempt.up_sql.as_deref(),
            Direction::Down => attempt.down_sql.as_deref(),
        });
        let invalid = invalid_indexes::touched(session.db(), sent.unwrap_or_default()).await;
        let invalid = invalid.map_err(asking(DOING))?;
        invalid_indexes::remove(session.db(), &invalid).await.map_err(asking(DOING))?;
        Ok(invalid.iter().map(invalid_indexes::InvalidIndex::qualified).collect())
    }

    /// A retry may find anything: to go over a part that is there is what it is for.
    fn judge(&self, found: &[Finding]) -> Result<(), ResolveError> {
        let Request { name, resolution, differences, .. } = self.request;
        let is_wrong = found.iter().any(|finding| finding.severity == Severity::Error);
        if !is_wrong || *resolution == Resolution::Retry || *differences == Differences::Overrule {
            return Ok(());
        }
        let wanted = match resolution {
            Resolution::AcceptChecksum => "after a replay of what is applied".to_owned(),
            _ if self.is_expected() => format!("with {name} applied"),
            _ => format!("without {name}"),
        };
        Err(ResolveError::Differs { wanted, differences: found.to_vec() })
    }

    async fn write(&self, session: &Session, orders: &Orders<'_>) -> Result<(), ResolveError> {
        own::install(session.db()).await.map_err(asking("create our ledger of migrations"))?;
        let sql_sha256 = self.sql_sha256().await;
        let transaction = session.db().begin().await.map_err(asking(WRITE))?;
        if !session::holds_lock(&transaction, session.pid()).await.map_err(asking(WRITE))? {
            return Err(ResolveError::LockLost);
        }
        self.note(&transaction, orders, sql_sha256).await.map_err(asking(WRITE))?;
        transaction.commit().await.map_err(asking(WRITE))
    }

    async fn note(
        &self,
        db: &impl ConnectionTrait,
        orders: &Orders<'_>,
        sql_sha256: Option<String>,
    ) -> Result<(), sea_orm::DbErr> {
        let (run, now) = (orders.operation.id, orders.clock.now());
        let Request { name, resolution, reason, .. } = self.request;
        let facts = RunFacts { reason: Some(reason.clone()), ..orders.facts.clone() };
        runs::begin(db, orders.operation, &facts, now).await?;
        let table = Table::install(db, self.project).await?;
        let word = Word { name, reason, run, now };
        let is_withdrawn = self.ledger.withdrawn.iter().any(|attempt| attempt.name == *name);
        let is_ours =
            self.unfinished.is_some() || self.ledger.attempt(name).is_some() || is_withdrawn;
        // Another tool's word for it, or the operator's alone, is a row of its own.
        if !is_ours {
            own::adopt(db, self.project, name, now, run).await?;
            word.because(db).await?;
        }
        match resolution {
            Resolution::AcceptChecksum => {
                let header = self.project.metadata(name);
                let source = header.map_or("", |header| header.source_sha256.as_str());
                word.checksums(db, source, sql_sha256).await?;
            }
            _ if !self.is_expected() => word.rolled_back(db).await?,
            _ if is_ours => word.applied(db).await?,
            _ => {}
        }
        match (self.is_in_stock, self.is_expected()) {
            (false, true) => table.add(db, name, now).await?,
            (true, false) => table.remove(db, name).await?,
            _ => {}
        }
        ledger::reflect(db, self.project).await?;
        runs::finish(db, run, Outcome::Done, now).await
    }

    /// What the migration sends now, where that is the question and can be recorded.
    async fn sql_sha256(&self) -> Option<String> {
        if self.request.resolution != Resolution::AcceptChecksum {
            return None;
        }
        let migration = self.project.find(&self.request.name)?;
        let captured = capture::offline(migration, Direction::Up).await.ok()?;
        Some(captured.sql_sha256())
    }
}

/// Later runs compare with the schema as the operator has accepted it.
async fn note_schema(
    session: &Session,
    request: &Request,
    orders: &Orders<'_>,
) -> Result<(), ResolveError> {
    const DOING: &str = "note the schema";
    let db = session.db();
    let noted = SchemaNotes::default().note(db, orders.clock.now()).await;
    let fingerprint = noted.map_err(asking(DOING))?;
    if request.resolution != Resolution::Applied {
        return Ok(());
    }
    own::set_snapshot_after(db, &request.name, &fingerprint).await.map_err(asking(DOING))
}
