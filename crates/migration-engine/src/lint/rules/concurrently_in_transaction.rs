//! What is done `CONCURRENTLY` cannot be done in a transaction. squawk sees it only beside other
//! statements.

use crate::lint::{Breach, File, Harm, Rule, Subject, statement::Kind};

pub(super) const RULE: Rule = Rule {
    name: "concurrently-in-transaction",
    harm: Harm::Fails,
    instead: "\
fn use_transaction(&self) -> Option<bool> {
    Some(false)
}",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    if !subject.transactional {
        return Vec::new();
    }
    let message = "CONCURRENTLY cannot run inside a transaction, and this migration runs in one";
    file.statements
        .iter()
        // Refreshing is the one thing that may be done concurrently in a transaction.
        .filter(|statement| statement.concurrently && !matches!(statement.kind, Kind::Refresh))
        .map(|_| Breach::general(message.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    #[test]
    fn bad_in_a_transaction() {
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON users (email)",
            "DROP INDEX CONCURRENTLY i",
            "REINDEX INDEX CONCURRENTLY i",
            "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
        ] {
            assert_eq!(example::in_transaction(&RULE, &[sql]).len(), 1, "{sql}");
        }
    }

    #[test]
    fn good_without_one_and_for_views() {
        let build = ["CREATE INDEX CONCURRENTLY i ON users (email)"];
        assert!(example::without_transaction(&RULE, &build).is_empty());
        let refresh = ["REFRESH MATERIALIZED VIEW CONCURRENTLY v"];
        assert!(example::in_transaction(&RULE, &refresh).is_empty());
    }
}
