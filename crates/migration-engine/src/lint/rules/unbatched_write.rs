//! One statement that writes every row locks every row until it is done.

use crate::lint::{Breach, File, Harm, Rule, Subject, statement::Kind};

pub(super) const RULE: Rule = Rule {
    name: "unbatched-write",
    harm: Harm::Blocks,
    instead: "\
// with use_transaction() == Some(false), so that every batch is a transaction of its own:
const FILL_BATCH: &str = r\"
UPDATE t SET c = … WHERE id IN (SELECT id FROM t WHERE c IS NULL ORDER BY id LIMIT 5000 FOR UPDATE)
\";
while manager.get_connection().execute_unprepared(FILL_BATCH).await?.rows_affected() > 0 {}",
    check,
};

fn check(file: &File, _: &Subject) -> Vec<Breach> {
    let whole = file.statements.iter().filter_map(|statement| match &statement.kind {
        Kind::Update { table, filtered: false } => Some(("UPDATE", table)),
        Kind::Delete { table, filtered: false } => Some(("DELETE", table)),
        _ => None,
    });
    whole
        .filter(|(_, table)| file.is_old(table))
        .map(|(verb, table)| {
            let message =
                format!("{verb} without WHERE locks every row of {table} until it is done");
            Breach::of(table, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    #[test]
    fn bad_without_where() {
        assert_eq!(
            example::in_transaction(&RULE, &["UPDATE users SET a = 1", "DELETE FROM app.notes"]),
            [
                "UPDATE without WHERE locks every row of public.users until it is done",
                "DELETE without WHERE locks every row of app.notes until it is done"
            ]
        );
    }

    #[test]
    fn good_with_where_and_in_new_tables() {
        let up =
            ["UPDATE users SET a = 1 WHERE id = 2", "CREATE TABLE t (a int)", "UPDATE t SET a = 1"];
        assert!(example::in_transaction(&RULE, &up).is_empty());
    }
}
