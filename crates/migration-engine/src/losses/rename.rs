//! Telling a new name from a loss: a statement must say so, and the definition must be the same.

use crate::{
    relation::{ColumnName, TableName},
    snapshot::Change,
    statements::Sql,
};

/// Whether the table that `lost` speaks of is there under another name, with all of its columns.
pub(super) fn is_renamed_table(lost: &Change, changes: &[Change], statements: &[Sql]) -> bool {
    let Some(old) = TableName::parse(&lost.object.name) else { return false };
    let new = changes.iter().find(|change| {
        change.before.is_none()
            && change.after == lost.before
            && change.object.kind == lost.object.kind
            && TableName::parse(&change.object.name).is_some_and(|new| {
                new.schema == old.schema
                    && says(statements, &old.name, &["rename", "to", &new.name])
            })
    });
    new.is_some_and(|new| have_same_columns(&lost.object.name, &new.object.name, changes))
}

/// Whether every column that went with the old name came with the new one.
fn have_same_columns(old: &str, new: &str, changes: &[Change]) -> bool {
    let columns = || changes.iter().filter(|change| change.object.kind == "column");
    columns().filter(|change| is_part(&change.object.name, old)).all(|lost| {
        let name = format!("{new}{}", &lost.object.name[old.len()..]);
        columns().any(|added| added.object.name == name && added.after == lost.before)
    })
}

/// Whether the column that `lost` speaks of is there under another name.
pub(super) fn is_renamed_column(lost: &Change, changes: &[Change], statements: &[Sql]) -> bool {
    let Some(old) = ColumnName::parse(&lost.object.name) else { return false };
    changes.iter().any(|change| {
        change.before.is_none()
            && change.after == lost.before
            && change.object.kind == "column"
            && ColumnName::parse(&change.object.name).is_some_and(|new| {
                new.table == old.table
                    && says(statements, &old.table.name, &[&old.column, "to", &new.column])
            })
    })
}

/// Whether an ALTER TABLE of `table` that renames has these words in a row.
fn says(statements: &[Sql], table: &str, words: &[&str]) -> bool {
    statements.iter().any(|sql| {
        sql.begins_with(&["alter"])
            && sql.has(&["rename"])
            && sql.has(&[table])
            && sql.words.windows(words.len()).any(|window| window == words)
    })
}

/// Whether `name` is `table` with something more.
pub(super) fn is_part(name: &str, table: &str) -> bool {
    name.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}
