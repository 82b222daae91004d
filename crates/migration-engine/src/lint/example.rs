//! Small migrations for the tests of the rules.

use std::collections::BTreeSet;

use migration_header::Metadata;

use crate::{Finding, Observation};

use super::{File, Rule, Subject};

static NOTHING_MAPPED: BTreeSet<String> = BTreeSet::new();

/// A migration that does nothing, in a transaction, for a database of which nothing is known.
pub(super) fn nothing() -> Subject<'static> {
    Subject {
        name: "m20260101_000000_example",
        transactional: true,
        metadata: None,
        statements: &[],
        observation: None,
        table_sizes: None,
        mapped: &NOTHING_MAPPED,
        postgres: 15,
    }
}

/// All findings in a transactional migration that sends these texts.
pub(super) fn lint(up: &[&str]) -> Vec<Finding> {
    let statements = owned(up);
    super::lint(&Subject { statements: &statements, ..nothing() })
}

/// What a rule says of a migration that sends these texts in a transaction.
pub(super) fn in_transaction(rule: &Rule, up: &[&str]) -> Vec<String> {
    say(rule, up, nothing())
}

/// The same without a transaction.
pub(super) fn without_transaction(rule: &Rule, up: &[&str]) -> Vec<String> {
    say(rule, up, Subject { transactional: false, ..nothing() })
}

/// The same without a transaction and with a header.
pub(super) fn with_header(rule: &Rule, up: &[&str], metadata: &Metadata) -> Vec<String> {
    say(rule, up, Subject { transactional: false, metadata: Some(metadata), ..nothing() })
}

/// What a rule says of what was seen in a transaction.
pub(super) fn observed(rule: &Rule, up: &[&str], observation: &Observation) -> Vec<String> {
    say(rule, up, Subject { observation: Some(observation), ..nothing() })
}

/// What a rule says where the entities map this much.
pub(super) fn mapped(rule: &Rule, up: &[&str], mapped: &[&str]) -> Vec<String> {
    let mapped = owned(mapped).into_iter().collect();
    say(rule, up, Subject { mapped: &mapped, ..nothing() })
}

fn say(rule: &Rule, up: &[&str], subject: Subject) -> Vec<String> {
    let statements = owned(up);
    let file = File::read(&statements);
    let breaches = (rule.check)(&file, &Subject { statements: &statements, ..subject });
    breaches.into_iter().map(|breach| breach.message).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
