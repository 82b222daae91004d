//! What a way down takes with it, told from what it did to a shadow database.

mod rename;

use serde::Serialize;

use self::rename::{is_part, is_renamed_column, is_renamed_table};
use crate::{
    relation::{ColumnName, TableName},
    snapshot::{Change, Object},
    statements::{self, Sql},
};

/// What goes, without how much of it there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Losses {
    /// Tables with rows of their own; the partitions of a table that goes are part of it.
    pub tables: Vec<GoneTable>,
    /// Columns of tables that stay.
    pub columns: Vec<ColumnName>,
    /// Columns that stay and get another type.
    pub retyped: Vec<Retyped>,
    /// Everything else that goes, such as views, functions and the constraints of tables that stay.
    /// What belongs to a table that goes is not listed.
    pub others: Vec<Object>,
    /// Statements that change rows.
    pub data: Vec<String>,
}

/// A table that goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GoneTable {
    /// Its name.
    #[serde(flatten)]
    pub table: TableName,
    /// Whether its rows are in partitions.
    pub partitioned: bool,
}

/// A column that gets another type, which may lose a part of its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retyped {
    /// The column.
    #[serde(flatten)]
    pub column: ColumnName,
    /// Its type now.
    pub from: String,
    /// Its type afterwards.
    pub to: String,
}

/// Statements that change rows, or may do so out of sight.
const DATA: [&str; 8] = ["update", "delete", "truncate", "insert", "merge", "copy", "do", "call"];

impl Losses {
    /// Reads them from the changes and the statements of the way down on a shadow database.
    ///
    /// A table or column that was renamed is no loss, if one of the statements says so and the
    /// definition is the same under the new name.
    pub fn of(changes: &[Change], sent: &[String]) -> Self {
        let statements: Vec<_> = sent.iter().flat_map(|text| statements::split(text)).collect();
        let gone = Gone::of(changes, &statements);
        Self {
            tables: gone.tables(),
            columns: gone.columns.iter().map(|(_, column)| column.clone()).collect(),
            retyped: changes.iter().filter_map(retyped).collect(),
            others: gone.others(changes),
            data: statements.into_iter().filter(changes_rows).map(|sql| sql.text).collect(),
        }
    }

    /// Adds what a second migration loses after this one; the columns of a table that goes are not listed.
    pub fn extend(&mut self, other: &Self) {
        self.tables.extend(other.tables.iter().cloned());
        self.columns.extend(other.columns.iter().cloned());
        self.retyped.extend(other.retyped.iter().cloned());
        self.others.extend(other.others.iter().cloned());
        self.data.extend(other.data.iter().cloned());
        let gone = |table: &TableName| self.tables.iter().any(|lost| lost.table == *table);
        self.columns.retain(|column| !gone(&column.table));
        self.retyped.retain(|retyped| !gone(&retyped.column.table));
    }

    /// Whether rows or values go, or may go.
    pub fn has_data(&self) -> bool {
        let Self { tables, columns, retyped, data, .. } = self;
        !(tables.is_empty() && columns.is_empty() && retyped.is_empty() && data.is_empty())
    }
}

fn changes_rows(sql: &Sql) -> bool {
    sql.begins_with(&DATA)
        || (sql.begins_with(&["with", "explain"])
            && sql.has(&["insert", "update", "delete", "merge"]))
}

fn retyped(change: &Change) -> Option<Retyped> {
    let (from, to) = (type_of(change.before.as_ref()?), type_of(change.after.as_ref()?));
    if change.object.kind != "column" || from == to {
        return None;
    }
    let column = ColumnName::parse(&change.object.name)?;
    Some(Retyped { column, from: from.to_owned(), to: to.to_owned() })
}

/// The type at the beginning of a column's definition.
fn type_of(definition: &str) -> &str {
    let ends = [" NOT NULL", " COLLATE ", " IDENTITY ", " DEFAULT ", " GENERATED ", " STORAGE "];
    let end = ends.iter().filter_map(|end| definition.find(end)).min();
    &definition[..end.unwrap_or(definition.len())]
}

/// What is not there any more, under the names of a snapshot.
#[derive(Default)]
struct Gone<'a> {
    relations: Vec<&'a Change>,
    renamed: Vec<&'a str>,
    columns: Vec<(&'a str, ColumnName)>,
    renamed_columns: Vec<&'a str>,
    objects: Vec<&'a Object>,
}

impl<'a> Gone<'a> {
    fn of(changes: &'a [Change], statements: &[Sql]) -> Self {
        let mut gone = Self::default();
        let lost = || changes.iter().filter(|change| change.after.is_none());
        for change in lost().filter(|change| is_table(change)) {
            if is_renamed_table(change, changes, statements) {
                gone.renamed.push(&change.object.name);
            } else {
                gone.relations.push(change);
            }
        }
        for change in lost().filter(|change| change.object.kind == "column") {
            if gone.has_table_of(&change.object.name) {
                continue;
            }
            if is_renamed_column(change, changes, statements) {
                gone.renamed_columns.push(&change.object.name);
            } else if let Some(column) = ColumnName::parse(&change.object.name) {
                gone.columns.push((&change.object.name, column));
            }
        }
        gone.objects = lost().map(|change| &change.object).collect();
        gone
    }

    /// The names of tables under which nothing is any more.
    fn table_names(&self) -> impl Iterator<Item = &str> {
        let lost = self.relations.iter().map(|change| change.object.name.as_str());
        lost.chain(self.renamed.iter().copied())
    }

    fn has_table_of(&self, name: &str) -> bool {
        self.table_names().any(|table| is_part(name, table))
    }

    fn tables(&self) -> Vec<GoneTable> {
        let own = self.relations.iter().filter(|change| !self.is_partition(change));
        let table = |change: &&Change| {
            let partitioned = change.object.kind == "partitioned_table";
            TableName::parse(&change.object.name).map(|table| GoneTable { table, partitioned })
        };
        own.filter_map(table).collect()
    }

    /// Whether its rows are those of a partitioned table that goes as well.
    fn is_partition(&self, change: &Change) -> bool {
        let parents = change.before.as_deref().and_then(|text| text.split_once("inherits="));
        let is_gone = |parent: &str| {
            self.relations.iter().any(|other| {
                other.object.kind == "partitioned_table" && other.object.name == parent
            })
        };
        parents.is_some_and(|(_, parents)| parents.split(',').any(is_gone))
    }

    fn others(&self, changes: &[Change]) -> Vec<Object> {
        let lost = changes.iter().filter(|change| change.after.is_none());
        lost.filter(|change| self.is_other(change)).map(|change| change.object.clone()).collect()
    }

    fn is_other(&self, change: &Change) -> bool {
        let Object { kind, name } = &change.object;
        let definition = change.before.as_deref().unwrap_or_default();
        match kind.as_str() {
            "table" | "partitioned_table" | "column" | "column_order" => false,
            "constraint" | "trigger" | "rule" | "policy" => !self.has_table_of(name),
            "index" => !self.indexes_gone(definition) && !self.backs_a_constraint(name),
            "sequence" => !self.owns_sequence(definition),
            "statistics" => {
                !self.table_names().any(|t| definition.ends_with(&format!(" FROM {t}")))
            }
            "acl" | "owner" => !self.is_gone(name.split_once(' ').map_or("", |(_, name)| name)),
            "comment" => !self.is_described(name),
            _ => true,
        }
    }

    fn indexes_gone(&self, definition: &str) -> bool {
        let on = |table| [format!(" ON {table} USING "), format!(" ON ONLY {table} USING ")];
        self.table_names().any(|table| on(table).iter().any(|on| definition.contains(on)))
    }

    /// A constraint that is listed has an index of the same name, which says nothing more.
    fn backs_a_constraint(&self, index: &str) -> bool {
        let Some(index) = TableName::parse(index) else { return false };
        let constraints = self.objects.iter().filter(|object| object.kind == "constraint");
        constraints.filter_map(|object| ColumnName::parse(&object.name)).any(|constraint| {
            constraint.table.schema == index.schema && constraint.column == index.name
        })
    }

    fn owns_sequence(&self, definition: &str) -> bool {
        let owned = |owner: &str| definition.contains(&format!("owned_by={owner}"));
        self.table_names().any(|table| owned(&format!("{table}.")))
            || self.columns.iter().any(|(name, _)| owned(&format!("{name}/")))
    }

    fn is_gone(&self, name: &str) -> bool {
        self.objects.iter().any(|object| object.name == name)
    }

    /// Whether a comment's text, such as `column a of table public.t`, speaks of what is gone.
    fn is_described(&self, comment: &str) -> bool {
        let of_column = |name: &str| {
            ColumnName::parse(name).is_some_and(|column| {
                let table =
                    name.strip_suffix(&column.column).map(|name| name.trim_end_matches('.'));
                table.is_some_and(|t| comment == format!("column {} of table {t}", column.column))
            })
        };
        self.objects.iter().any(|object| comment.ends_with(&format!(" {}", object.name)))
            || self.columns.iter().any(|(name, _)| of_column(name))
            || self.renamed_columns.iter().any(|name| of_column(name))
    }
}

fn is_table(change: &Change) -> bool {
    matches!(change.object.kind.as_str(), "table" | "partitioned_table")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: &str, name: &str, before: Option<&str>, after: Option<&str>) -> Change {
        let object = Object { kind: kind.to_owned(), name: name.to_owned() };
        Change { object, before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    fn rename_of_a_table(new_column: &str) -> Vec<Change> {
        vec![
            change("table", "public.a", Some("p"), None),
            change("column", "public.a.id", Some("bigint"), None),
            change("table", "public.b", None, Some("p")),
            change("column", new_column, None, Some("bigint")),
        ]
    }

    #[test]
    fn what_was_renamed_is_not_lost_if_a_statement_says_so() {
        let sent = ["ALTER TABLE a RENAME TO b".to_owned()];
        let changes = rename_of_a_table("public.b.id");
        assert!(!Losses::of(&changes, &sent).has_data());
        assert_eq!(Losses::of(&changes, &[]).tables.len(), 1);
        let columns = [
            change("column", "public.t.a", Some("text"), None),
            change("column", "public.t.b", None, Some("text")),
        ];
        let sent = ["ALTER TABLE t RENAME COLUMN a TO b".to_owned()];
        assert!(!Losses::of(&columns, &sent).has_data());
        assert_eq!(Losses::of(&columns, &[]).columns.len(), 1);
    }

    #[test]
    fn a_table_that_lost_a_column_on_the_way_counts_as_lost() {
        let sent = ["ALTER TABLE a RENAME TO b".to_owned()];
        let losses = Losses::of(&rename_of_a_table("public.b.other"), &sent);
        assert_eq!(losses.tables.len(), 1);
    }

    #[test]
    fn another_default_is_no_other_type() {
        let with = |before, after| change("column", "public.t.a", Some(before), Some(after));
        let losses = Losses::of(&[with("text", "text NOT NULL DEFAULT ''::text")], &[]);
        assert_eq!(losses.retyped, []);
        let losses = Losses::of(&[with("numeric(8,2) NOT NULL", "double precision")], &[]);
        let [retyped] = &losses.retyped[..] else { panic!("{losses:?}") };
        assert_eq!((&*retyped.from, &*retyped.to), ("numeric(8,2)", "double precision"));
    }

    #[test]
    fn statements_that_change_rows_are_quoted() {
        let sent = [
            "CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE ON UPDATE CASCADE)".to_owned(),
            "DELETE FROM a; COMMENT ON TABLE a IS 'delete; update'".to_owned(),
            "WITH x AS (DELETE FROM b RETURNING 1) SELECT * FROM x".to_owned(),
            "WITH x AS (SELECT 'delete') SELECT * FROM x".to_owned(),
            "DO $$ BEGIN NULL; END $$".to_owned(),
        ];
        assert_eq!(Losses::of(&[], &sent).data, ["DELETE FROM a", &*sent[2], &*sent[4]]);
    }
}
