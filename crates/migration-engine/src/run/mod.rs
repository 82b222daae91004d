//! Changing the database: one migration after the other, each with its ledger row.

mod checks;
mod error;
pub(crate) mod invalid_indexes;
mod kept;
mod outside;
mod pause;
mod recover;
mod step;
mod transaction;

use std::{collections::BTreeMap, time::Duration};

use dbkit::{Clock, Report, audit::Operation, guard::Permit};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use sea_orm_migration::MigrationTrait;
use serde::Serialize;

use crate::{
    Losses, Project, Session,
    event::{Direction, MigrationEvent},
    foreign,
    from_ledger::LedgerMigration,
    ledger::{
        self, Ledger, Table, There, own,
        runs::{self, Outcome, RunFacts},
    },
    plan::{self, Downto, Entry, Upto},
    safekeep,
    schema_notes::SchemaNotes,
};
pub use error::{Cause, Failed, RunError};
use step::Step;
pub use step::Verification;

/// How long a migration may wait and work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a statement may wait for a lock, and so make others wait behind it.
    pub lock_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// For how long a migration is tried again that failed in a way that passes.
    pub retry_for: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lock_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_hours(1),
            retry_for: Duration::from_mins(5),
        }
    }
}

/// Who runs migrations, within which limits, and who listens.
pub struct Orders<'a> {
    /// Who does what; its id is the run's.
    pub operation: &'a Operation,
    /// What else the ledger notes of the run.
    pub facts: RunFacts,
    /// How long everything may take.
    pub limits: Limits,
    /// What time it is.
    pub clock: &'a dyn Clock,
    /// Who listens.
    pub report: &'a dyn Report<MigrationEvent>,
}

/// How a rollback goes about it.
#[derive(Clone, Debug, Default)]
pub struct DownOptions {
    /// Whether the ledger's statements may stand in for files that this binary does not have.
    pub from_ledger: bool,
    /// What is to be kept in the schema `seaworthy`, by migration.
    pub safekeep: BTreeMap<String, Losses>,
}

/// A migration that was rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Its name.
    pub name: String,
    /// Whether the schema is as it was before the migration.
    #[serde(flatten)]
    pub verification: Verification,
}

/// Where every migration stands. Reads only.
pub async fn status(db: &impl ConnectionTrait, project: &Project) -> Result<Vec<Entry>, RunError> {
    let ledger = ledger::outline(db, project).await.map_err(asking("read what is applied"))?;
    Ok(plan::entries(project, &ledger))
}

/// Refuses a database that our migrations do not know: somebody else's, or a newer one.
pub async fn recognise(db: &impl ConnectionTrait, project: &Project) -> Result<(), RunError> {
    let ledger = outline(db, project).await?;
    let missing = plan::missing(&plan::entries(project, &ledger));
    if missing.is_empty() { Ok(()) } else { Err(RunError::Missing(missing)) }
}

/// Refuses a database that somebody else made.
pub async fn ours(db: &impl ConnectionTrait, project: &Project) -> Result<(), RunError> {
    look(db, project).await.map(drop)
}

/// What is applied, in outline, to a database that nobody else made.
pub async fn outline(db: &impl ConnectionTrait, project: &Project) -> Result<Ledger, RunError> {
    let there = look(db, project).await?;
    ledger::outline_of(db, &there).await.map_err(asking("read what is applied"))
}

async fn look(db: &impl ConnectionTrait, project: &Project) -> Result<There, RunError> {
    const DOING: &str = "see whose database this is";
    let look = async || There::look(db, project).await.map_err(asking(DOING));
    let there = look().await?;
    if there.stock.is_some() {
        return Ok(there);
    }
    let tables = foreign::tables(db).await.map_err(asking(DOING))?;
    let owner = foreign::owner(db).await.map_err(asking(DOING))?;
    // Another run may have begun in between: its ledger is there before any table of its migrations.
    let there = look().await?;
    if tables.is_empty() && owner.is_none() || there.stock.is_some() {
        return Ok(there);
    }
    Err(RunError::NotOurs { tables, owner })
}

/// Applies pending migrations and returns their names.
pub async fn up(
    session: &Session,
    project: &Project,
    upto: &Upto,
    orders: &Orders<'_>,
) -> Result<Vec<String>, RunError> {
    let db = session.db();
    recognise(db, project).await?;
    let ledger = recover::settled(session, project, orders).await?;
    let chosen = plan::up(project, &ledger, upto)?;
    if chosen.is_empty() && ledger.foreign().is_empty() && ledger.withdrawn.is_empty() {
        return Ok(chosen);
    }
    let runner = Runner::begin(session, project, orders).await?;
    let steps = chosen.into_iter().map(|name| (name, None)).collect();
    let done = runner.carry_out(Direction::Up, steps, &DownOptions::default()).await?;
    Ok(done.into_iter().map(|undone| undone.name).collect())
}

/// Rolls migrations back and returns them in the order in which they went.
pub async fn down(
    session: &Session,
    project: &Project,
    permit: &Permit,
    downto: &Downto,
    options: DownOptions,
    orders: &Orders<'_>,
) -> Result<Vec<Undone>, RunError> {
    covers(session.db(), permit).await?;
    ours(session.db(), project).await?;
    let ledger = recover::settled(session, project, orders).await?;
    let steps = rollback(project, &ledger, downto, options.from_ledger)?;
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    if !options.safekeep.is_empty() {
        safekeep::install(session.db()).await.map_err(asking("make room for what is kept"))?;
    }
    let runner = Runner::begin(session, project, orders).await?;
    runner.carry_out(Direction::Down, steps, &options).await
}

/// A migration by name, and as the ledger remembers it where the code does not have it.
pub type Chosen = (String, Option<LedgerMigration>);

/// What a rollback would do. Pure.
pub fn rollback(
    project: &Project,
    ledger: &Ledger,
    downto: &Downto,
    from_ledger: bool,
) -> Result<Vec<Chosen>, RunError> {
    if !from_ledger {
        let missing = plan::missing(&plan::entries(project, ledger));
        if !missing.is_empty() {
            return Err(RunError::Missing(missing));
        }
    }
    let remembered = |name: String| {
        if project.find(&name).is_some() {
            return Ok((name, None));
        }
        let attempt = ledger.attempt(&name);
        let attempt = attempt.ok_or_else(|| RunError::Missing(vec![name.clone()]))?;
        Ok((name, Some(LedgerMigration::of(attempt)?)))
    };
    plan::down(project, ledger, downto)?.into_iter().map(remembered).collect()
}

/// Rolls back everything and drops the stock ledger: the schema is as it was before the first migration.
pub async fn reset(
    session: &Session,
    project: &Project,
    permit: &Permit,
    orders: &Orders<'_>,
) -> Result<Vec<Undone>, RunError> {
    let options = DownOptions::default();
    let undone = down(session, project, permit, &Downto::All, options, orders).await?;
    let table = Table::find(session.db(), project).await.map_err(asking("find the ledger"))?;
    if let Some(table) = table {
        let dropped = table.uninstall(session.db()).await;
        dropped.map_err(asking("drop the ledger of migrations"))?;
    }
    Ok(undone)
}

/// Drops everything in the current schema, whoever made it, in one transaction.
///
/// The schema `seaworthy`, with the audit trail and our ledger, stays.
pub async fn wipe(
    session: &Session,
    project: &Project,
    permit: &Permit,
    orders: &Orders<'_>,
) -> Result<(), RunError> {
    const WIPE: &str = include_str!("../wipe.sql");
    covers(session.db(), permit).await?;
    orders.report.report(&MigrationEvent::Wiping);
    let wiped = session.db().execute_unprepared(WIPE).await;
    wiped.map_err(asking("drop everything in the schema"))?;
    recover::forget(session, project, orders).await
}

async fn covers(db: &DatabaseConnection, permit: &Permit) -> Result<(), RunError> {
    const DOING: &str = "ask for the database's name";
    let query = Statement::from_string(DbBackend::Postgres, "SELECT current_database()::text");
    let row = db.query_one_raw(query).await.map_err(asking(DOING))?;
    let connected: String = row
        .map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))
        .map_err(asking(DOING))?;
    if connected == permit.database() {
        return Ok(());
    }
    Err(RunError::WrongPermit { permitted: permit.database().to_owned(), connected })
}

/// A run that is under way: both ledgers are there, and know of it.
struct Runner<'a> {
    session: &'a Session,
    project: &'a Project,
    orders: &'a Orders<'a>,
    table: Table,
    schema: SchemaNotes,
}

impl<'a> Runner<'a> {
    async fn begin(
        session: &'a Session,
        project: &'a Project,
        orders: &'a Orders<'a>,
    ) -> Result<Self, RunError> {
        let db = session.db();
        let table = Table::install(db, project).await;
        let table = table.map_err(asking("create the ledger of migrations"))?;
        recover::open(session, orders).await?;
        let (run, now) = (orders.operation.id, orders.clock.now());
        let taken_over = ledger::reconcile(db, project, run, now).await;
        let taken_over = taken_over.map_err(asking("take over what other tools did"))?;
        if !taken_over.adopted.is_empty() {
            orders.report.report(&MigrationEvent::Adopted { names: taken_over.adopted });
        }
        if !taken_over.withdrawn.is_empty() {
            orders.report.report(&MigrationEvent::Withdrawn { names: taken_over.withdrawn });
        }
        let schema = SchemaNotes::default();
        schema.note(db, now).await.map_err(asking("note the schema"))?;
        Ok(Self { session, project, orders, table, schema })
    }

    async fn carry_out(
        &self,
        direction: Direction,
        steps: Vec<Chosen>,
        options: &DownOptions,
    ) -> Result<Vec<Undone>, RunError> {
        let result = self.sequence(direction, steps, options).await;
        let outcome = match &result {
            Ok(_) => Outcome::Done,
            Err(RunError::Failed(failed)) if failed.half_way => Outcome::HalfWay,
            Err(RunError::Unknown { .. }) => Outcome::HalfWay,
            Err(_) => Outcome::Failed,
        };
        let (run, now) = (self.orders.operation.id, self.orders.clock.now());
        if result.is_err() && !options.safekeep.is_empty() {
            // The failure is what must be heard; a copy too many is only put back where it conflicts with nothing.
            let _ = safekeep::abandon_run(self.session.observer(), run, now).await;
        }
        let noted = runs::finish(self.session.observer(), run, outcome, now).await;
        let done = result?;
        noted.map_err(asking("note the end of the run"))?;
        Ok(done)
    }

    async fn sequence(
        &self,
        direction: Direction,
        steps: Vec<Chosen>,
        options: &DownOptions,
    ) -> Result<Vec<Undone>, RunError> {
        let mut done = Vec::new();
        let total = steps.len();
        for (index, (name, remembered)) in steps.into_iter().enumerate() {
            let migration: &dyn MigrationTrait = match (self.project.find(&name), &remembered) {
                (Some(migration), _) => migration,
                (None, Some(remembered)) => remembered,
                (None, None) => return Err(RunError::Missing(vec![name])),
            };
            let step = Step { runner: self, migration, direction, options };
            let before: Vec<_> = done.iter().map(|undone: &Undone| undone.name.clone()).collect();
            let verification = step.carry_out(index + 1, total, &before).await?;
            done.push(Undone { name, verification });
        }
        Ok(done)
    }
}

async fn read(db: &impl ConnectionTrait, project: &Project) -> Result<Ledger, RunError> {
    ledger::read(db, project).await.map_err(asking("read what is applied"))
}

/// Every attempt and every run there ever was.
pub async fn history(
    db: &impl ConnectionTrait,
) -> Result<(Vec<own::Attempt>, Vec<runs::Run>), RunError> {
    const DOING: &str = "read the history of migrations";
    if !own::is_installed(db).await.map_err(asking(DOING))? {
        return Ok((Vec::new(), Vec::new()));
    }
    let attempts = own::all(db).await.map_err(asking(DOING))?;
    Ok((attempts, runs::all(db).await.map_err(asking(DOING))?))
}

fn asking(doing: &'static str) -> impl Fn(DbErr) -> RunError {
    move |source| RunError::Database { doing, source }
}
