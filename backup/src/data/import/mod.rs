//! Taking the rows of a checked file into a database, in one transaction.
//!
//! The rows go into temporary tables first, and from there into all tables with one statement. PostgreSQL
//! checks foreign keys at the end of a statement, so that no order has to be found: circles and
//! rows that refer to their own table are nothing special.
//!
//! [`Mode::Replace`] makes the tables equal to the file and touches no row that is so already: rows that are not
//! in the file are deleted, others are updated by their key or inserted. Nothing of another table is deleted
//! with them, whatever `ON DELETE` says. The rows are compared with the file before the transaction is
//! committed.
//!
//! The team's triggers fire unless they are [silenced](Triggers::Silence). One that changes what it is given makes
//! a replacement fail, because the tables would not be what was asked for.

mod apply;
mod error;
mod refers;
mod stage;
mod statement;
mod target;
mod triggers;

use std::time::Duration;

use dbkit::{DatabaseUrl, Report, guard::Permit};
use serde::Serialize;

use self::{statement::Work, target::Target};
use super::{Checked, DataEvent, TableTally, session::Session};

use error::failed;
pub use error::{Change, ImportError, Problem, Reference};

/// What becomes of the rows that are there.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'a> {
    /// They stay, and the file's rows are added; one that is there already is an error.
    Insert,
    /// The rows of the file are the only ones afterwards.
    Replace(&'a Permit),
}

/// What the team's own triggers do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Triggers {
    /// They fire as always.
    Fire,
    /// They are disabled within the transaction, which only the tables' owner can do.
    Silence,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct ImportOptions<'a> {
    /// What becomes of the rows that are there.
    pub mode: Mode<'a>,
    /// What the team's own triggers do meanwhile.
    pub triggers: Triggers,
    /// What the tables must be now, or else nothing is done; those that are not listed may be anything. For an undo,
    /// which must not take back what others did.
    pub expect: Option<&'a [TableTally]>,
    /// How long to wait for a table that somebody has locked.
    pub lock_wait: Duration,
}

/// What became of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How many of its rows were not in the file.
    pub deleted: u64,
    /// How many were others in the file.
    pub updated: u64,
    /// How many were in the file alone.
    pub inserted: u64,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The tables, in the order of the file.
    pub tables: Vec<Applied>,
    /// The sequences that were advanced; none is ever set back.
    pub sequences: Vec<String>,
}

/// Takes the rows of `checked` into the database at `url`: all, or none.
pub async fn import(
    url: &DatabaseUrl,
    checked: &Checked,
    options: &ImportOptions<'_>,
    report: &dyn Report<DataEvent>,
) -> Result<Imported, ImportError> {
    let mut session = Session::open(url, options.lock_wait).await?;
    match within(&mut session, checked, options, report).await {
        Ok(imported) => {
            let committed = session.execute("COMMIT").await;
            session.close().await;
            committed.map(|()| imported).map_err(ImportError::Commit)
        }
        Err(error) => {
            session.abandon().await;
            Err(error)
        }
    }
}

/// Everything up to COMMIT.
async fn within(
    session: &mut Session,
    checked: &Checked,
    options: &ImportOptions<'_>,
    report: &dyn Report<DataEvent>,
) -> Result<Imported, ImportError> {
    session.pin().await.map_err(failed("set up the session"))?;
    let work = work(session, options.mode).await?;
    // READ COMMITTED, so that what is read after a lock is what the lock keeps.
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
    session.execute(begin).await.map_err(failed("begin"))?;
    let targets = target::lock(session, &checked.header.tables, work).await?;
    if let Some(expected) = options.expect {
        apply::expect(session, &targets, expected, report).await?;
    }
    stage::fill(session, checked, &targets, report).await?;
    if work == Work::Replace {
        refers::check(session, &targets).await?;
    }
    let tables = changed(session, checked, &targets, (work, options.triggers), report).await?;
    let sequences = apply::sequences(session, &checked.header.sequences, &targets).await?;
    Ok(Imported { tables, sequences })
}

async fn work(session: &mut Session, mode: Mode<'_>) -> Result<Work, ImportError> {
    let Mode::Replace(permit) = mode else { return Ok(Work::Insert) };
    let sql = "SELECT current_database()::text";
    let (connected,): (String,) = session.row(sql).await.map_err(failed("ask for the database"))?;
    if permit.database() == connected {
        return Ok(Work::Replace);
    }
    Err(ImportError::WrongPermit { permitted: permit.database().to_owned(), connected })
}

/// Changes the tables, and proves that they are what was asked for.
async fn changed(
    session: &mut Session,
    checked: &Checked,
    targets: &[Target<'_>],
    (work, triggers): (Work, Triggers),
    report: &dyn Report<DataEvent>,
) -> Result<Vec<Applied>, ImportError> {
    let silenced = match triggers {
        Triggers::Fire => Vec::new(),
        Triggers::Silence => triggers::silence(session, targets).await?,
    };
    report.report(&DataEvent::Applying { tables: targets.len(), rows: checked.trailer.rows });
    session.unpin().await.map_err(failed("set up the session"))?;
    let applied = apply::apply(session, targets, work).await?;
    triggers::restore(session, &silenced).await?;
    session.pin().await.map_err(failed("set up the session"))?;
    match work {
        Work::Insert => apply::complete(&applied, &checked.tables)?,
        Work::Replace => apply::equal(session, targets, &checked.tables, report).await?,
    }
    Ok(applied)
}
