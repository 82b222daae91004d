//! Without a transaction, a migration that fails between two changes leaves the first one behind.

use crate::lint::{
    Breach, File, Harm, Rule, Subject,
    statement::{Action, Kind, Statement},
};

pub(super) const RULE: Rule = Rule {
    name: "ddl-without-transaction",
    harm: Harm::Careless,
    instead: "\
// move what needs no CONCURRENTLY into a migration of its own, in a transaction (the default):
fn use_transaction(&self) -> Option<bool> {
    None
}",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    // A check that is added, validated and used step by step has to give up its transaction.
    if subject.transactional || file.statements.iter().any(validates) {
        return Vec::new();
    }
    let bare = file
        .statements
        .iter()
        .filter(|statement| statement.is_ddl() && !statement.concurrently && !is_guarded(statement))
        .count();
    if bare < 2 {
        return Vec::new();
    }
    vec![Breach::general(format!(
        "{bare} changes run without a transaction and without need: if one fails, those before it stay"
    ))]
}

fn validates(statement: &Statement) -> bool {
    let Kind::AlterTable { actions, .. } = &statement.kind else { return false };
    actions.iter().any(|action| matches!(action, Action::Validate))
}

fn is_guarded(statement: &Statement) -> bool {
    let text = statement.text.to_uppercase();
    text.contains("IF EXISTS") || text.contains("IF NOT EXISTS") || text.contains("OR REPLACE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    const TWO: [&str; 2] = ["CREATE TABLE a (id int)", "CREATE TABLE b (id int)"];

    #[test]
    fn bad_with_two_changes() {
        assert_eq!(
            example::without_transaction(&RULE, &TWO),
            [
                "2 changes run without a transaction and without need: if one fails, those before it \
              stay"
            ]
        );
    }

    #[test]
    fn good_in_a_transaction_or_where_each_step_needs_its_own() {
        assert!(example::in_transaction(&RULE, &TWO).is_empty());
        for up in [
            ["CREATE INDEX CONCURRENTLY i ON t (a)", "COMMENT ON INDEX i IS 'x'"],
            [
                "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
                "ALTER TABLE t VALIDATE CONSTRAINT c",
            ],
            ["CREATE TABLE IF NOT EXISTS a (id int)", "CREATE TABLE IF NOT EXISTS b (id int)"],
        ] {
            assert!(example::without_transaction(&RULE, &up).is_empty(), "{up:?}");
        }
    }
}
