//! Every delete in the table that a foreign key points to reads the whole table that has the key,
//! unless its columns are indexed.

use crate::lint::{
    Breach, File, Harm, Rule, Subject,
    statement::{Action, Kind},
};

pub(super) const RULE: Rule = Rule {
    name: "foreign-key-without-index",
    harm: Harm::Careless,
    instead: "\
CREATE INDEX t_parent_id_idx ON t (parent_id);
-- on a table in use, in a migration without a transaction:
CREATE INDEX CONCURRENTLY t_parent_id_idx ON t (parent_id);",
    check,
};

type Columns<'a> = (&'a str, &'a [String]);

fn check(file: &File, _: &Subject) -> Vec<Breach> {
    let indexed: Vec<_> = file.statements.iter().flat_map(|it| indexed(&it.kind)).collect();
    let bare =
        file.statements.iter().flat_map(|it| foreign(&it.kind)).filter(|(table, columns)| {
            // An older column may have an older index, which cannot be seen from here.
            let is_new = |column: &String| is_new(file, table, column);
            columns.iter().any(is_new)
                && !indexed.iter().any(|index| serves(*index, (table, columns)))
        });
    bare.map(|(table, columns)| {
        let columns = columns.join(", ");
        Breach::of(table, format!("no index serves the foreign key ({columns}) of {table}"))
    })
    .collect()
}

/// Whether an index starts with the columns of the key, in any order.
fn serves(index: Columns, key: Columns) -> bool {
    let start = index.1.get(..key.1.len());
    index.0 == key.0 && start.is_some_and(|start| key.1.iter().all(|column| start.contains(column)))
}

fn indexed(kind: &Kind) -> Vec<Columns<'_>> {
    match kind {
        Kind::CreateTable { table, keys, .. } => {
            keys.iter().map(|key| (table.as_str(), key.as_slice())).collect()
        }
        Kind::CreateIndex { table, columns, .. } => vec![(table, columns)],
        Kind::AlterTable { table, actions } => {
            let keys = actions.iter().filter_map(|action| match action {
                Action::AddKey { columns } => Some((table.as_str(), columns.as_slice())),
                _ => None,
            });
            keys.collect()
        }
        _ => Vec::new(),
    }
}

fn foreign(kind: &Kind) -> Vec<Columns<'_>> {
    match kind {
        Kind::CreateTable { table, foreign_keys, .. } => {
            foreign_keys.iter().map(|key| (table.as_str(), key.as_slice())).collect()
        }
        Kind::AlterTable { table, actions } => {
            let keys = actions.iter().filter_map(|action| match action {
                Action::AddForeignKey { columns } => Some((table.as_str(), columns.as_slice())),
                Action::AddColumn { column, references: true } => {
                    Some((table.as_str(), std::slice::from_ref(column)))
                }
                _ => None,
            });
            keys.collect()
        }
        _ => Vec::new(),
    }
}

fn is_new(file: &File, of: &str, wanted: &String) -> bool {
    let adds =
        |action: &Action| matches!(action, Action::AddColumn { column, .. } if column == wanted);
    !file.is_old(of)
        || file.statements.iter().any(|statement| {
            matches!(&statement.kind, Kind::AlterTable { table, actions } if table == of && actions.iter().any(adds))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    #[test]
    fn bad_in_a_new_table_and_for_a_new_column() {
        let create = "CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES x, b int,
            FOREIGN KEY (b, id) REFERENCES y)";
        assert_eq!(
            example::in_transaction(&RULE, &[create]),
            [
                "no index serves the foreign key (a) of public.t",
                "no index serves the foreign key (b, id) of public.t"
            ]
        );
        let add = "ALTER TABLE users ADD COLUMN boss uuid REFERENCES users";
        assert_eq!(example::in_transaction(&RULE, &[add]).len(), 1);
    }

    #[test]
    fn good_with_an_index_a_key_or_an_old_column() {
        let keyed = "CREATE TABLE t (a int REFERENCES x, b int REFERENCES y, PRIMARY KEY (a, b))";
        assert!(example::in_transaction(&RULE, &[keyed, "CREATE INDEX i ON t (b)"]).is_empty());
        let pair = "CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES y, UNIQUE (b, a))";
        assert!(example::in_transaction(&RULE, &[pair]).is_empty());
        let old =
            "ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (boss) REFERENCES users NOT VALID";
        assert!(example::in_transaction(&RULE, &[old]).is_empty());
    }
}
