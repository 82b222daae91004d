//! What earlier runs left: migrations that were cut off, and a ledger that speaks of what is gone.

use dbkit::audit;

use super::{Orders, RunError, asking, invalid_indexes, read};
use crate::{
    Project, Session, Snapshot,
    event::{Direction, MigrationEvent},
    ledger::{self, Attempt, AttemptState, Ledger, own, runs},
    listen::only_define,
    safekeep,
};

/// Makes room for our ledger and notes the run.
pub(super) async fn open(session: &Session, orders: &Orders<'_>) -> Result<(), RunError> {
    const DOING: &str = "note the run";
    own::install(session.db()).await.map_err(asking("create our ledger of migrations"))?;
    audit::install(session.db()).await.map_err(asking("create the audit trail"))?;
    let now = orders.clock.now();
    let begun = runs::begin(session.db(), orders.operation, &orders.facts, now).await;
    begun.map_err(asking(DOING))
}

/// Reads the ledger, and refuses to go on where a migration was cut off.
///
/// The caller's session holds the lock, so nobody is at it any more: the server process that was has ended. What
/// only defined objects, and has left the schema as it was, is as if it had never begun.
pub(super) async fn settled(
    session: &Session,
    project: &Project,
    orders: &Orders<'_>,
) -> Result<Ledger, RunError> {
    let ledger = read(session.db(), project).await?;
    if ledger.unfinished.is_empty() {
        return Ok(ledger);
    }
    let mut dirty = Vec::new();
    for attempt in ledger.unfinished {
        if attempt.state == AttemptState::Intent && has_left_nothing(session, &attempt).await? {
            clear(session, &attempt).await?;
            let name = attempt.name;
            orders.report.report(&MigrationEvent::Cleared { name });
        } else {
            mark(session, &attempt).await?;
            dirty.push(attempt);
        }
    }
    if dirty.is_empty() { read(session.db(), project).await } else { Err(RunError::Dirty(dirty)) }
}

async fn has_left_nothing(session: &Session, attempt: &Attempt) -> Result<bool, RunError> {
    const DOING: &str = "see what a migration that was cut off has left";
    let (sent, before) = match attempt.direction {
        Direction::Up => (&attempt.up_sql, &attempt.snapshot_before),
        Direction::Down => (&attempt.down_sql, &attempt.snapshot_after),
    };
    let (Some(sent), Some(before)) = (sent, before) else { return Ok(false) };
    if !only_define(sent) {
        return Ok(false);
    }
    let db = session.db();
    let invalid = invalid_indexes::touched(db, sent).await.map_err(asking(DOING))?;
    invalid_indexes::remove(db, &invalid).await.map_err(asking(DOING))?;
    let now = Snapshot::take(db).await.map_err(asking(DOING))?;
    Ok(now.fingerprint() == *before)
}

/// What is dirty already keeps the reason that was given for it.
async fn mark(session: &Session, attempt: &Attempt) -> Result<(), RunError> {
    const REASON: &str = "it was cut off, and a part of it may be there";
    if attempt.state == AttemptState::Dirty {
        return Ok(());
    }
    let marked = own::set_state(session.db(), attempt.id, AttemptState::Dirty, REASON);
    marked.await.map_err(asking("mark what was cut off"))
}

async fn clear(session: &Session, attempt: &Attempt) -> Result<(), RunError> {
    let (state, reason) = match attempt.direction {
        Direction::Up => (AttemptState::RolledBack, "it was cut off and left nothing"),
        Direction::Down => (AttemptState::Applied, "its way down was cut off and left nothing"),
    };
    let set = own::set_state(session.db(), attempt.id, state, reason).await;
    set.map_err(asking("clear what was cut off"))
}

/// After a wipe: nothing that the ledger speaks of is there any more.
pub(super) async fn forget(
    session: &Session,
    project: &Project,
    orders: &Orders<'_>,
) -> Result<(), RunError> {
    const DOING: &str = "note what was wiped";
    open(session, orders).await?;
    let db = session.db();
    for attempt in own::live(db).await.map_err(asking(DOING))? {
        let set = own::set_state(db, attempt.id, AttemptState::RolledBack, "everything was wiped");
        set.await.map_err(asking(DOING))?;
    }
    safekeep::abandon(db, orders.clock.now()).await.map_err(asking(DOING))?;
    ledger::reflect(db, project).await.map_err(asking(DOING))
}
