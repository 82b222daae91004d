//! Rows that are filled in the transaction that changed their table keep its lock until the last one
//! is written.

use crate::lint::{
    Breach, File, Harm, Rule, Subject,
    statement::{Kind, Statement},
};

pub(super) const RULE: Rule = Rule {
    name: "ddl-and-data-mixed",
    harm: Harm::Blocks,
    instead: "\
// one migration changes the schema; the next one fills it, with use_transaction() == Some(false):
const FILL_BATCH: &str = r\"
UPDATE t SET c = … WHERE id IN (SELECT id FROM t WHERE c IS NULL ORDER BY id LIMIT 5000 FOR UPDATE)
\";
while manager.get_connection().execute_unprepared(FILL_BATCH).await?.rows_affected() > 0 {}",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    if !subject.transactional {
        return Vec::new();
    }
    let is_changed = |statement: &&Statement| {
        statement.is_ddl() && statement.table().is_some_and(|table| file.is_old(table))
    };
    let Some(changed) = file.statements.iter().position(|statement| is_changed(&statement)) else {
        return Vec::new();
    };
    let locked = file.statements[changed].table().unwrap_or_default();
    file.statements[changed + 1..]
        .iter()
        .filter_map(|statement| match &statement.kind {
            Kind::Update { table, .. } | Kind::Delete { table, .. } if file.is_old(table) => {
                Some(table)
            }
            _ => None,
        })
        .map(|table| {
            let message = format!(
                "rows of {table} are written while the transaction still locks {locked}, which it \
                 changed before"
            );
            Breach::of(table, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    const ADD: &str = "ALTER TABLE users ADD COLUMN nick text";
    const FILL: &str = "UPDATE users SET nick = full_name WHERE nick IS NULL";

    #[test]
    fn bad_in_one_transaction() {
        assert_eq!(
            example::in_transaction(&RULE, &[ADD, FILL]),
            ["rows of public.users are written while the transaction still locks public.users, \
              which it changed before"]
        );
    }

    #[test]
    fn good_apart_and_in_new_tables() {
        assert!(example::in_transaction(&RULE, &[FILL]).is_empty());
        assert!(example::in_transaction(&RULE, &[FILL, ADD]).is_empty());
        assert!(example::without_transaction(&RULE, &[ADD, FILL]).is_empty());
        let new = ["CREATE TABLE t (id int)", "CREATE INDEX i ON t (id)", "UPDATE t SET id = 1"];
        assert!(example::in_transaction(&RULE, &new).is_empty());
    }
}
