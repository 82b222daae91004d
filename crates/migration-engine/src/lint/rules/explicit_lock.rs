//! `LOCK TABLE` keeps writers out, or everybody, until the migration ends.

use crate::lint::{Breach, File, Harm, Rule, Subject, statement::Kind};

pub(super) const RULE: Rule = Rule {
    name: "explicit-lock",
    harm: Harm::Blocks,
    instead: "\
-- the statement takes the lock that it needs; if a race must be kept out, let others read:
LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE;",
    check,
};

fn check(file: &File, _: &Subject) -> Vec<Breach> {
    let mut found = Vec::new();
    for statement in &file.statements {
        let Kind::Lock { tables, mode } = &statement.kind else { continue };
        // Without a mode it is the strongest one.
        if !mode.contains("ACCESS EXCLUSIVE") && !mode.contains("IN EXCLUSIVE") {
            continue;
        }
        for table in tables.iter().filter(|table| file.is_old(table)) {
            found.push(Breach::of(table, format!("LOCK TABLE keeps others out of {table}")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    #[test]
    fn bad_where_it_keeps_readers_out() {
        for sql in ["LOCK TABLE users", "LOCK users IN ACCESS EXCLUSIVE MODE"] {
            let said = example::in_transaction(&RULE, &[sql]);
            assert_eq!(said, ["LOCK TABLE keeps others out of public.users"], "{sql}");
        }
    }

    #[test]
    fn good_where_readers_go_on() {
        let lock = "LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE";
        assert!(example::in_transaction(&RULE, &[lock]).is_empty());
    }
}
