//! Tables as the catalog has them, for both directions.

use super::{
    header::{Column, Table},
    session::Session,
};
use dbkit::Identifier;

/// What stands where a table could.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub(super) oid: i64,
    pub(super) schema: String,
    pub(super) name: String,
    /// `r` is an ordinary table, `p` a partitioned one.
    pub(super) kind: String,
    pub(super) is_partition: bool,
}

const RELATIONS: &str = "
SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname";

/// Lists everything that could be meant by the name of a table.
pub(super) async fn all(session: &mut Session) -> Result<Vec<Relation>, sqlx::Error> {
    let rows: Vec<(i64, String, String, String, bool)> = session.rows(RELATIONS).await?;
    let relation = |(oid, schema, name, kind, is_partition)| Relation {
        oid,
        schema,
        name,
        kind,
        is_partition,
    };
    Ok(rows.into_iter().map(relation).collect())
}

impl Relation {
    /// Its name with the schema, for people.
    pub(super) fn title(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// Its name, quoted for SQL.
    pub(super) fn quoted(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }

    /// The same for a statement about its rows: those of a table alone and of none that inherits from
    /// it, but those of all its partitions.
    pub(super) fn only(&self) -> String {
        let only = if self.kind == "p" { "" } else { "ONLY " };
        format!("{only}{}", self.quoted())
    }

    /// What it is, where it is no table.
    pub(super) fn other_kind(&self) -> Option<&'static str> {
        match self.kind.as_str() {
            "v" => Some("a view"),
            "m" => Some("a materialised view"),
            "f" => Some("a foreign table"),
            _ => None,
        }
    }
}

/// A column as the catalog has it.
#[expect(clippy::struct_excessive_bools, reason = "they are independent columns of one query")]
#[derive(Clone, Debug)]
pub(super) struct CatalogColumn {
    pub(super) name: String,
    pub(super) sql_type: String,
    pub(super) is_generated: bool,
    /// Whether `GENERATED ALWAYS AS IDENTITY`.
    pub(super) is_always_identity: bool,
    /// Whether a row needs a value for it, and nothing but the row could give one.
    pub(super) is_required: bool,
    pub(super) is_of_key: bool,
}

/// Lists the columns of `relation` in their order.
pub(super) async fn columns(
    session: &mut Session,
    relation: &Relation,
) -> Result<Vec<CatalogColumn>, sqlx::Error> {
    let sql = format!(
        "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
             a.attidentity = 'a',
             (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND a.attidentity = ''
                 AND t.typdefault IS NULL,
             EXISTS (
                 SELECT FROM pg_index i
                 WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)
             )
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attnum",
        relation.oid,
    );
    let rows: Vec<(String, String, bool, bool, bool, bool)> = session.rows(&sql).await?;
    let column = |(name, sql_type, is_generated, is_always_identity, is_required, is_of_key)| {
        CatalogColumn { name, sql_type, is_generated, is_always_identity, is_required, is_of_key }
    };
    Ok(rows.into_iter().map(column).collect())
}

/// The table as a file describes it.
pub(super) fn described(relation: &Relation, columns: &[CatalogColumn]) -> Table {
    let kept = columns.iter().filter(|column| !column.is_generated);
    Table {
        schema: relation.schema.clone(),
        name: relation.name.clone(),
        columns: kept
            .map(|column| Column { name: column.name.clone(), r#type: column.sql_type.clone() })
            .collect(),
        primary_key: columns.iter().filter(|c| c.is_of_key).map(|c| c.name.clone()).collect(),
    }
}

/// A sequence that belongs to a column.
#[derive(Clone, Debug)]
pub(super) struct OwnedSequence {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) column: String,
    pub(super) increment: i64,
}

impl OwnedSequence {
    /// Its name, quoted for SQL.
    pub(super) fn quoted(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.name))
    }
}

/// Lists the sequences of serial and identity columns of `relation`.
pub(super) async fn sequences(
    session: &mut Session,
    relation: &Relation,
) -> Result<Vec<OwnedSequence>, sqlx::Error> {
    let sql = format!(
        "SELECT n.nspname::text, s.relname::text, a.attname::text, q.seqincrement
         FROM pg_depend d
         JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
         JOIN pg_sequence q ON q.seqrelid = s.oid
         JOIN pg_namespace n ON n.oid = s.relnamespace
         JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
             AND d.refobjid = {} AND d.deptype IN ('a', 'i')
         ORDER BY a.attnum, s.relname",
        relation.oid,
    );
    let rows: Vec<(String, String, String, i64)> = session.rows(&sql).await?;
    let sequence =
        |(schema, name, column, increment)| OwnedSequence { schema, name, column, increment };
    Ok(rows.into_iter().map(sequence).collect())
}

/// Columns as SQL lists them, each behind `prefix`.
pub(super) fn list(prefix: &str, columns: &[Column]) -> String {
    let quoted = columns.iter().map(|column| format!("{prefix}{}", Identifier(&column.name)));
    quoted.collect::<Vec<_>>().join(", ")
}

/// The statement that writes the rows of `table`, which is `relation`.
pub(super) fn copy_out(relation: &Relation, table: &Table) -> String {
    format!("COPY (SELECT {} FROM {} AS t) TO STDOUT", list("t.", &table.columns), relation.only())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_names() {
        let relation = Relation {
            oid: 1,
            schema: "a\"b".to_owned(),
            name: "t; --".to_owned(),
            kind: "r".to_owned(),
            is_partition: false,
        };
        let table = Table {
            schema: String::new(),
            name: String::new(),
            columns: vec![Column { name: "x\"".to_owned(), r#type: "integer".to_owned() }],
            primary_key: Vec::new(),
        };
        assert_eq!(
            copy_out(&relation, &table),
            "COPY (SELECT t.\"x\"\"\" FROM ONLY \"a\"\"b\".\"t; --\" AS t) TO STDOUT"
        );
    }
}
