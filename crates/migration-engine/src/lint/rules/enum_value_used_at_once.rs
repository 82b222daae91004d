//! A value that is added to an enumeration cannot be used before the transaction is committed.

use crate::lint::{
    Breach, File, Harm, Rule, Subject,
    statement::{Kind, Statement},
};

pub(super) const RULE: Rule = Rule {
    name: "enum-value-used-at-once",
    harm: Harm::Fails,
    instead: "\
// one migration adds the value, and the next one uses it:
ALTER TYPE mood ADD VALUE 'calm';",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    if !subject.transactional {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (place, statement) in file.statements.iter().enumerate() {
        let Kind::AddEnumValue { value } = &statement.kind else { continue };
        let uses = |later: &&Statement| {
            later.text.contains(value.as_str())
                && !matches!(later.kind, Kind::AddEnumValue { .. } | Kind::Comment)
        };
        if file.statements[place + 1..].iter().any(|later| uses(&later)) {
            let message = format!(
                "{value} is used in the transaction that adds it, which PostgreSQL refuses"
            );
            found.push(Breach::general(message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    const ADD: &str = "ALTER TYPE mood ADD VALUE 'calm'";
    const USE: &str = "UPDATE people SET mood = 'calm' WHERE mood IS NULL";

    #[test]
    fn bad_in_one_transaction() {
        assert_eq!(
            example::in_transaction(&RULE, &[ADD, USE]),
            ["'calm' is used in the transaction that adds it, which PostgreSQL refuses"]
        );
    }

    #[test]
    fn good_apart() {
        assert!(example::in_transaction(&RULE, &[ADD]).is_empty());
        assert!(example::without_transaction(&RULE, &[ADD, USE]).is_empty());
        let other = "ALTER TYPE mood ADD VALUE 'glad' AFTER 'calm'";
        assert!(example::in_transaction(&RULE, &[ADD, other]).is_empty());
    }
}
