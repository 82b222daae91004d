//! `SET` outlives the transaction and changes what later migrations, and stock tools, see.

use crate::lint::{Breach, File, Harm, Rule, Subject, statement::Kind};

pub(super) const RULE: Rule = Rule {
    name: "set-without-local",
    harm: Harm::Careless,
    instead: "SET LOCAL search_path TO app, public;",
    check,
};

fn check(file: &File, _: &Subject) -> Vec<Breach> {
    file.statements
        .iter()
        .filter(|statement| matches!(statement.kind, Kind::Set { local: false }))
        .map(|statement| {
            let text = statement.text.trim_end_matches(';').trim();
            Breach::general(format!("`{text}` stays in force after the migration"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    #[test]
    fn bad_without_local() {
        assert_eq!(
            example::in_transaction(&RULE, &["SET search_path TO app"]),
            ["`SET search_path TO app` stays in force after the migration"]
        );
    }

    #[test]
    fn good_with_local() {
        let up = ["SET LOCAL search_path TO app", "SET CONSTRAINTS ALL DEFERRED"];
        assert!(example::in_transaction(&RULE, &up).is_empty());
    }
}
