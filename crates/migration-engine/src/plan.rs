//! Deciding what runs, from what the code has and what the database has. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    Project,
    event::Direction,
    ledger::{Applied, AttemptState, Ledger, order},
    near,
};

/// What is known of one migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
    /// Whether its source is not the one that was applied.
    pub changed: bool,
    /// Whether another tool applied it, or somebody declared it to be applied.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// The database has it.
    Applied {
        /// Since when, to the second.
        at: DateTime<Utc>,
    },
    /// Only the code has it.
    Pending,
    /// Only the database has it: this binary is older, or the file was removed.
    Missing {
        /// When it was applied, to the second.
        at: DateTime<Utc>,
    },
    /// It was begun outside a transaction and did not come to its end.
    Dirty {
        /// Which way it went.
        direction: Direction,
    },
}

/// How far up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Upto {
    /// Everything that is pending.
    #[default]
    All,
    /// At most so many.
    Steps(usize),
    /// Up to this one, and this one too.
    Target(String),
}

/// How far down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Downto {
    /// At most so many, the last applied first.
    Steps(usize),
    /// Everything that was applied after this one, which stays.
    Target(String),
    /// This one alone, whatever was applied after it.
    Only(String),
    /// Everything.
    All,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Neither code nor database has it.
    #[error("there is no migration `{name}`{}", meant(near.as_deref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest name.
        near: Option<String>,
    },
    /// It is not applied, so nothing can be rolled back to it.
    #[error("migration `{name}` is not applied")]
    NotApplied {
        /// What was asked for.
        name: String,
    },
    /// It is applied already.
    #[error("migration `{name}` is applied already")]
    AlreadyApplied {
        /// What was asked for.
        name: String,
    },
    /// It declares to depend on one that would not be there.
    #[error("migration `{name}` depends on `{needs}`, which is not applied")]
    Dependency {
        /// The migration.
        name: String,
        /// What it needs.
        needs: String,
    },
    /// Others that stay declare to depend on it.
    #[error("migration `{name}` cannot go: {} depend(s) on it", dependants.join(", "))]
    Dependants {
        /// The migration.
        name: String,
        /// Who depends on it.
        dependants: Vec<String>,
    },
    /// Its header says that there is no way down.
    #[error("migration `{name}` is irreversible: {why}")]
    Irreversible {
        /// The migration.
        name: String,
        /// Why.
        why: String,
    },
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// Every migration that the code or the database has: the code's in its own order, then those
/// that only the database has.
pub fn entries(project: &Project, ledger: &Ledger) -> Vec<Entry> {
    let known = project.names();
    let dirty = |name: &str| ledger.unfinished.iter().find(|attempt| attempt.name == name);
    let of_code = known.iter().map(|name| {
        let applied = ledger.applied.iter().find(|row| row.name == *name);
        let state = match (dirty(name), applied) {
            (Some(attempt), _) => State::Dirty { direction: attempt.direction },
            (None, Some(row)) => State::Applied { at: row.at },
            (None, None) => State::Pending,
        };
        let changed = applied.is_some_and(|applied| differs(project, applied));
        Entry { name: name.clone(), state, changed, adopted: applied.is_some_and(is_adopted) }
    });
    let of_database = ledger.applied.iter().filter(|row| !known.contains(&row.name)).map(|row| {
        let state = dirty(&row.name).map_or(State::Missing { at: row.at }, |attempt| {
            State::Dirty { direction: attempt.direction }
        });
        Entry { name: row.name.clone(), state, changed: false, adopted: is_adopted(row) }
    });
    let unknown_and_dirty = ledger.unfinished.iter().filter(|attempt| {
        !known.contains(&attempt.name) && !ledger.applied.iter().any(|row| row.name == attempt.name)
    });
    let dangling = unknown_and_dirty.map(|attempt| Entry {
        name: attempt.name.clone(),
        state: State::Dirty { direction: attempt.direction },
        changed: false,
        adopted: false,
    });
    of_code.chain(of_database).chain(dangling).collect()
}

/// Whether the source of an applied migration is not the one that was applied.
pub(crate) fn is_changed(project: &Project, ledger: &Ledger, name: &str) -> bool {
    let applied = ledger.applied.iter().find(|applied| applied.name == name);
    applied.is_some_and(|applied| differs(project, applied))
}

fn is_adopted(applied: &Applied) -> bool {
    let attempt = applied.attempt.as_ref();
    attempt.is_none_or(|attempt| attempt.state == AttemptState::Baselined)
}

fn differs(project: &Project, applied: &Applied) -> bool {
    let then = applied.attempt.as_ref().and_then(|attempt| attempt.source_sha256.as_deref());
    let now = project.metadata(&applied.name).map(|metadata| metadata.source_sha256.as_str());
    matches!((then, now), (Some(then), Some(now)) if then != now)
}

/// The names that only the database has.
pub fn missing(entries: &[Entry]) -> Vec<String> {
    let missing = entries.iter().filter(|entry| matches!(entry.state, State::Missing { .. }));
    missing.map(|entry| entry.name.clone()).collect()
}

/// The pending migrations that are listed before one that is applied: they were merged late.
pub fn late(entries: &[Entry]) -> Vec<String> {
    let is_applied = |entry: &Entry| matches!(entry.state, State::Applied { .. });
    let last = entries.iter().rposition(is_applied).unwrap_or_default();
    let before = entries[..last].iter().filter(|entry| entry.state == State::Pending);
    before.map(|entry| entry.name.clone()).collect()
}

/// The migrations to apply, in the code's order.
pub fn up(project: &Project, ledger: &Ledger, upto: &Upto) -> Result<Vec<String>, PlanError> {
    let entries = entries(project, ledger);
    let mut pending: Vec<_> = entries
        .iter()
        .filter(|entry| entry.state == State::Pending)
        .map(|entry| entry.name.clone())
        .collect();
    match upto {
        Upto::All => {}
        Upto::Steps(steps) => pending.truncate(*steps),
        Upto::Target(target) => {
            let Some(place) = pending.iter().position(|name| name == target) else {
                return Err(not_pending(&entries, target));
            };
            pending.truncate(place + 1);
        }
    }
    let mut there: BTreeSet<_> = ledger.applied.iter().map(|row| row.name.as_str()).collect();
    for name in &pending {
        let needs = project.dependencies(name).iter().find(|needs| !there.contains(needs.as_str()));
        if let Some(needs) = needs {
            return Err(PlanError::Dependency { name: name.clone(), needs: needs.clone() });
        }
        there.insert(name);
    }
    Ok(pending)
}

fn not_pending(entries: &[Entry], target: &str) -> PlanError {
    let name = target.to_owned();
    if entries.iter().any(|entry| entry.name == target) {
        return PlanError::AlreadyApplied { name };
    }
    PlanError::Unknown { near: nearest(entries, target), name }
}

/// The migrations to roll back, in the order in which they go: the last applied first, and no migration
/// before one that declares to depend on it.
pub fn down(project: &Project, ledger: &Ledger, downto: &Downto) -> Result<Vec<String>, PlanError> {
    let applied: Vec<_> = in_order_of_application(project, ledger);
    let chosen = match downto {
        Downto::All => undone(project, ledger, &applied, applied.len())?,
        Downto::Steps(steps) => undone(project, ledger, &applied, *steps)?,
        Downto::Target(target) => {
            let Some(place) = applied.iter().position(|name| name == target) else {
                return Err(not_applied(project, ledger, target));
            };
            undone(project, ledger, &applied[place + 1..], applied.len())?
        }
        Downto::Only(target) => {
            if !applied.contains(target) {
                return Err(not_applied(project, ledger, target));
            }
            vec![target.clone()]
        }
    };
    for (index, name) in chosen.iter().enumerate() {
        let goes_before = &chosen[..index];
        let stays = |other: &&String| !goes_before.contains(other) && *other != name;
        let dependants: Vec<_> = applied
            .iter()
            .filter(stays)
            .filter(|other| needs(project, ledger, other).contains(name))
            .cloned()
            .collect();
        if !dependants.is_empty() {
            return Err(PlanError::Dependants { name: name.clone(), dependants });
        }
        if let Some(why) = project.metadata(name).and_then(|header| header.irreversible.clone()) {
            return Err(PlanError::Irreversible { name: name.clone(), why });
        }
    }
    Ok(chosen)
}

/// Where seconds are equal and our ledger does not know better, the order of the code decides.
fn in_order_of_application(project: &Project, ledger: &Ledger) -> Vec<String> {
    let place = project.names();
    let place = |name: &str| place.iter().position(|known| known == name).unwrap_or(usize::MAX);
    let mut applied: Vec<_> = ledger
        .applied
        .iter()
        .map(|row| {
            let ours = row.attempt.as_ref();
            let number = ours
                .filter(|attempt| attempt.state == AttemptState::Applied)
                .map(|attempt| attempt.id);
            (row.at, place(&row.name), number, row.name.clone())
        })
        .collect();
    applied.sort_by_key(|(at, place, _, _)| (*at, *place));
    order::settle(&mut applied, |row| row.0, |row| row.2);
    applied.into_iter().map(|(_, _, _, name)| name).collect()
}

/// Takes from the end, at most `limit`, and never one before its dependants.
fn undone(
    project: &Project,
    ledger: &Ledger,
    candidates: &[String],
    limit: usize,
) -> Result<Vec<String>, PlanError> {
    let mut left: Vec<_> = candidates.to_vec();
    let mut chosen = Vec::new();
    while chosen.len() < limit && !left.is_empty() {
        let free = left.iter().rposition(|name| {
            !left.iter().any(|other| needs(project, ledger, other).contains(name))
        });
        let Some(place) = free else {
            // Only a cycle leaves nobody free; the static checks print it.
            let (name, dependants) = (left[left.len() - 1].clone(), left);
            return Err(PlanError::Dependants { name, dependants });
        };
        chosen.push(left.remove(place));
    }
    Ok(chosen)
}

/// What a migration declares to depend on: as the code says, else as the ledger remembers.
fn needs<'a>(project: &'a Project, ledger: &'a Ledger, name: &str) -> &'a [String] {
    match (project.metadata(name), ledger.attempt(name)) {
        (Some(metadata), _) => &metadata.depends_on,
        (None, Some(attempt)) => &attempt.depends_on,
        (None, None) => &[],
    }
}

fn not_applied(project: &Project, ledger: &Ledger, target: &str) -> PlanError {
    let entries = entries(project, ledger);
    let name = target.to_owned();
    if entries.iter().any(|entry| entry.name == target) {
        return PlanError::NotApplied { name };
    }
    PlanError::Unknown { near: nearest(&entries, target), name }
}

/// The known name that was meant, if one is near: by a slip of the pen, or by how its words begin.
fn nearest(entries: &[Entry], name: &str) -> Option<String> {
    let mut names = entries.iter().map(|entry| entry.name.as_str());
    let slip = near::nearest(name, names.clone());
    let begun = || names.find(|known| !name.is_empty() && words(known).starts_with(name));
    slip.or_else(begun).map(str::to_owned)
}

/// A name without its time.
fn words(name: &str) -> &str {
    name.splitn(3, '_').nth(2).unwrap_or(name)
}

/// Finds the migration that a name means: the whole name, or its beginning or its words where that is
/// unambiguous.
pub fn resolve_name(project: &Project, ledger: &Ledger, name: &str) -> Result<String, PlanError> {
    let entries = entries(project, ledger);
    if entries.iter().any(|entry| entry.name == name) {
        return Ok(name.to_owned());
    }
    let by_part = |entry: &&Entry| entry.name.starts_with(name) || words(&entry.name) == name;
    let mut found = entries.iter().filter(by_part);
    match (found.next(), found.next()) {
        (Some(entry), None) if !name.is_empty() => Ok(entry.name.clone()),
        _ => Err(PlanError::Unknown { name: name.to_owned(), near: nearest(&entries, name) }),
    }
}

#[cfg(test)]
mod tests;
