//! What the ledger says against what the code says. Pure.
//!
//! | check | finds |
//! |---|---|
//! | `ledger.unfinished` | a migration that was begun and did not come to its end |
//! | `ledger.missing` | one that is applied, and that this binary does not have |
//! | `ledger.source` | a file that is another than the one that was applied (warning if its SQL is the same) |
//! | `ledger.sql` | the same file, which sends other SQL now |
//! | `ledger.late` | a pending one that is listed before one that is applied (warning) |
//! | `ledger.order` | one that was applied after one that is listed after it (to know) |
//! | `ledger.adopted` | one that another tool applied, which nobody has adopted yet (warning) |
//! | `ledger.withdrawn` | one that another tool rolled back, which nobody has noted yet (warning) |
//! | `ledger.pending` | what is still to be applied (to know) |

use crate::{
    Finding, Project,
    event::Direction,
    ledger::{Applied, Attempt, Ledger},
    lock_file::LockEntry,
    plan,
};

/// It was begun and did not come to its end.
pub const UNFINISHED: &str = "ledger.unfinished";
/// It is applied, and the code does not have it.
pub const MISSING: &str = "ledger.missing";
/// Its file is another than the one that was applied.
pub const SOURCE: &str = "ledger.source";
/// Its file is the same, and what it sends is not.
pub const SQL: &str = "ledger.sql";
/// It is pending, and listed before one that is applied.
pub const LATE: &str = "ledger.late";
/// It was applied after one that is listed after it.
pub const ORDER: &str = "ledger.order";
/// Another tool applied it.
pub const ADOPTED: &str = "ledger.adopted";
/// Another tool rolled it back.
pub const WITHDRAWN: &str = "ledger.withdrawn";
/// It is to be applied.
pub const PENDING: &str = "ledger.pending";

/// Compares the ledger with the project, of which `now` says what every migration is now (see
/// [`crate::lock_file::entries`]).
pub fn check(project: &Project, ledger: &Ledger, now: &[LockEntry]) -> Vec<Finding> {
    let mut found: Vec<_> = ledger.unfinished.iter().map(unfinished).collect();
    for applied in &ledger.applied {
        if project.find(&applied.name).is_none() {
            found.push(missing(applied));
        } else if let Some(attempt) = &applied.attempt {
            let now = now.iter().find(|entry| entry.name == applied.name);
            found.extend(now.and_then(|now| changed(attempt, now)));
        } else {
            found.push(adopted(&applied.name));
        }
    }
    found.extend(ledger.withdrawn.iter().map(withdrawn));
    found.extend(out_of_order(project, ledger));
    let entries = plan::entries(project, ledger);
    found.extend(plan::late(&entries).iter().map(|name| late(name)));
    let pending = entries.iter().filter(|entry| entry.state == plan::State::Pending);
    found.extend(pending.map(|entry| Finding::info(PENDING, &entry.name, "it is pending")));
    found
}

/// The hint for a migration that was cut off.
pub(crate) fn resolve(name: &str) -> String {
    format!("migration resolve {name} --retry, --rolled-back or --applied, with --reason TEXT")
}

fn unfinished(attempt: &Attempt) -> Finding {
    let way = match attempt.direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    let message = format!(
        "its way {way} was begun outside of a transaction and has not come to its end; {} statement(s) are done",
        attempt.statements_done
    );
    Finding::error(UNFINISHED, &attempt.name, message).hint(resolve(&attempt.name))
}

fn missing(applied: &Applied) -> Finding {
    let known = applied.attempt.as_ref().is_some_and(|attempt| attempt.down_sql.is_some());
    let message = "it is applied, and this binary does not have it";
    Finding::error(MISSING, &applied.name, message).hint(if known {
        "run the newer binary that has it, or roll it back with `migration down --from-ledger`"
    } else {
        "run the binary that has it: another tool applied it, so the ledger does not know what it sent"
    })
}

fn adopted(name: &str) -> Finding {
    let message = "another tool applied it, so what it sent is not known";
    Finding::warning(ADOPTED, name, message).hint("the next `migration up` adopts it")
}

fn withdrawn(attempt: &Attempt) -> Finding {
    let message = "another tool rolled it back, and our own ledger still has it";
    Finding::warning(WITHDRAWN, &attempt.name, message).hint("the next `migration up` notes that")
}

fn late(name: &str) -> Finding {
    let message = "it is pending, and listed before one that is applied";
    Finding::warning(LATE, name, message)
        .hint("give it the time of today in its name, unless it was tested in the order in which it will be applied")
}

fn changed(then: &Attempt, now: &LockEntry) -> Option<Finding> {
    let same_source = then.source_sha256.as_ref().map(|source| *source == now.source_sha256)?;
    let same_sql = match (&then.sql_sha256, &now.sql_sha256) {
        (Some(then), Some(now)) => Some(then == now),
        _ => None,
    };
    match (same_source, same_sql) {
        (true, Some(false)) => Some(
            Finding::error(
                SQL,
                &now.name,
                "its file is the one that was applied, and it sends other SQL now: a library or something that it calls has changed what it does",
            )
            .hint("write the SQL out in the file as it was, so that it depends on nothing"),
        ),
        (true, _) => None,
        (false, Some(true)) => Some(Finding::warning(
            SOURCE,
            &now.name,
            "its file was edited after it was applied, and its SQL is the same",
        )),
        (false, _) => Some(
            Finding::error(SOURCE, &now.name, "its file was edited after it was applied").hint(
                format!(
                    "undo the edit and write a new migration; if the database is right as it is: migration resolve {} --accept-checksum --reason TEXT",
                    now.name
                ),
            ),
        ),
    }
}

/// The migrations that were applied after one that is listed after them.
fn out_of_order<'a>(
    project: &'a Project,
    ledger: &'a Ledger,
) -> impl Iterator<Item = Finding> + 'a {
    let names = project.names();
    let mut furthest = None;
    ledger.applied.iter().filter_map(move |applied| {
        let place = names.iter().position(|name| *name == applied.name)?;
        if furthest.is_some_and(|furthest| place < furthest) {
            let before = &names[furthest?];
            let message = format!("it was applied after {before}, which is listed after it");
            return Some(Finding::info(ORDER, &applied.name, message));
        }
        furthest = Some(place);
        None
    })
}

#[cfg(test)]
pub(crate) mod tests;
