//! Deciding what runs, from what the code has and what the database has. Pure.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ledger::Applied;

/// What is known of one migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[serde(flatten)]
    pub state: State,
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
}

/// Every migration that the code or the database has: the code's in its own order, then those
/// that only the database has.
pub fn entries(known: &[String], applied: &[Applied]) -> Vec<Entry> {
    let at = |name: &str| applied.iter().find(|row| row.name == name).map(|row| row.at);
    let of_code = known.iter().map(|name| {
        let state = at(name).map_or(State::Pending, |at| State::Applied { at });
        Entry { name: name.clone(), state }
    });
    let of_database = applied
        .iter()
        .filter(|row| !known.contains(&row.name))
        .map(|row| Entry { name: row.name.clone(), state: State::Missing { at: row.at } });
    of_code.chain(of_database).collect()
}

/// The migrations to apply, at most `limit`, in the code's order.
pub fn pending(entries: &[Entry], limit: Option<usize>) -> Vec<String> {
    let pending = entries.iter().filter(|entry| entry.state == State::Pending);
    pending.map(|entry| entry.name.clone()).take(limit.unwrap_or(usize::MAX)).collect()
}

/// The migrations to roll back, at most `limit`: the last applied first.
///
/// A migration that was merged late is undone before one that is listed after it but was applied
/// earlier; where the ledger's seconds are equal, the code's order decides.
pub fn reversible(entries: &[Entry], limit: Option<usize>) -> Vec<String> {
    let mut applied: Vec<_> = entries
        .iter()
        .enumerate()
        .filter_map(|(place, entry)| match entry.state {
            State::Applied { at } => Some((at, place, &entry.name)),
            State::Pending | State::Missing { .. } => None,
        })
        .collect();
    applied.sort_unstable_by(|a, b| b.cmp(a));
    let names = applied.into_iter().map(|(_, _, name)| name.clone());
    names.take(limit.unwrap_or(usize::MAX)).collect()
}

/// The names that only the database has.
pub fn missing(entries: &[Entry]) -> Vec<String> {
    let missing = entries.iter().filter(|entry| matches!(entry.state, State::Missing { .. }));
    missing.map(|entry| entry.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn sample(applied: &[(&str, i64)]) -> Vec<Entry> {
        let known = ["m1", "m2", "m3"].map(str::to_owned);
        let applied: Vec<_> = applied
            .iter()
            .map(|(name, seconds)| Applied { name: (*name).to_owned(), at: at(*seconds) })
            .collect();
        entries(&known, &applied)
    }

    #[test]
    fn what_is_not_applied_is_pending_in_the_order_of_the_code() {
        let entries = sample(&[("m2", 1)]);
        assert_eq!(pending(&entries, None), ["m1", "m3"]);
        assert_eq!(pending(&entries, Some(1)), ["m1"]);
    }

    #[test]
    fn the_last_applied_is_undone_first_even_if_it_was_merged_late() {
        let entries = sample(&[("m1", 1), ("m3", 2), ("m2", 3)]);
        assert_eq!(reversible(&entries, None), ["m2", "m3", "m1"]);
    }

    #[test]
    fn within_one_second_the_order_of_the_code_decides() {
        let entries = sample(&[("m1", 1), ("m2", 1), ("m3", 1)]);
        assert_eq!(reversible(&entries, Some(2)), ["m3", "m2"]);
    }

    #[test]
    fn what_only_the_database_has_is_missing_and_never_undone() {
        let entries = sample(&[("m1", 1), ("m9", 2)]);
        assert_eq!(missing(&entries), ["m9"]);
        assert_eq!(reversible(&entries, None), ["m1"]);
    }
}
