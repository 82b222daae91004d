//! What there is around tables of the live database that are about to be dropped and made again.

use std::{collections::BTreeSet, fmt::Write as _};

use dbkit::{DatabaseUrl, Literal};

use super::{
    RestoreError,
    selection::{Selection, TableName},
    some::quoted,
    work::TABLE_LOCK,
};
use crate::{TocEntry, snapshot::Snapshot};

const DEPENDENTS: &str = include_str!("surroundings.sql");

/// Where the numbers of the tables stand in it.
const TABLES: &str = "/*tables*/";

/// What there is around some tables.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// What would be lost with them, as PostgreSQL describes it.
    pub(crate) dependents: Vec<String>,
    /// The numbers of the entries that they need and that are not there.
    pub(super) missing: BTreeSet<u32>,
    /// The foreign keys of other tables that refer to them.
    keys: Vec<ForeignKey>,
}

/// A foreign key of another table, in SQL.
#[derive(Debug)]
struct ForeignKey {
    table: String,
    name: String,
    definition: String,
    comment: Option<String>,
}

/// Looks around the tables of `selection` in the database at `url`.
pub(crate) async fn of(
    url: &DatabaseUrl,
    selection: &Selection,
    toc: &[TocEntry],
) -> Result<Surroundings, RestoreError> {
    let mut snapshot = Snapshot::open(url, TABLE_LOCK).await?;
    let tables = oids(&selection.tables);
    let dependents = DEPENDENTS.replace(TABLES, &tables);
    let dependents: Vec<(String,)> = snapshot.rows("what needs the tables", &dependents).await?;
    let keys = keys(&mut snapshot, &tables).await?;
    let missing = missing(&mut snapshot, selection, toc).await?;
    snapshot.close().await;
    let dependents = dependents.into_iter().map(|(name,)| name).collect();
    Ok(Surroundings { dependents, missing, keys })
}

/// The numbers of the tables that are there, as elements of an array.
fn oids(tables: &BTreeSet<TableName>) -> String {
    let oid = |table: &TableName| format!("to_regclass({})", Literal(&quoted(table)));
    tables.iter().map(oid).collect::<Vec<_>>().join(", ")
}

async fn keys(snapshot: &mut Snapshot, tables: &str) -> Result<Vec<ForeignKey>, RestoreError> {
    let sql = format!(
        "SELECT format('%I.%I', n.nspname, c.relname), quote_ident(k.conname),
             pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE k.contype = 'f' AND k.conparentid = 0
             AND k.confrelid = ANY (ARRAY[{tables}]::oid[])
             AND NOT coalesce(k.conrelid = ANY (ARRAY[{tables}]::oid[]), false)
         ORDER BY 1, 2"
    );
    let rows: Vec<(String, String, String, Option<String>)> =
        snapshot.rows("the foreign keys of other tables", &sql).await?;
    let key = |(table, name, definition, comment)| ForeignKey { table, name, definition, comment };
    Ok(rows.into_iter().map(key).collect())
}

/// Which entries that are needed are not there; what cannot be looked up is taken to be there, and PostgreSQL
/// will say if it is not.
async fn missing(
    snapshot: &mut Snapshot,
    selection: &Selection,
    toc: &[TocEntry],
) -> Result<BTreeSet<u32>, RestoreError> {
    let needed = toc.iter().filter(|entry| selection.needed.contains(&entry.id));
    let row = |entry: &TocEntry| {
        let schema = entry.schema.as_deref().unwrap_or_default();
        let texts = [&entry.kind, schema, &entry.name].map(|text| Literal(text).to_string());
        format!("({}, {})", entry.id, texts.join(", "))
    };
    let rows: Vec<_> = needed.map(row).collect();
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT id::int8 FROM (VALUES {}) AS needed (id, kind, schema, name)
         WHERE CASE
             WHEN kind = 'SCHEMA' THEN to_regnamespace(quote_ident(name)) IS NULL
             WHEN kind = 'EXTENSION' THEN NOT EXISTS (SELECT FROM pg_extension WHERE extname = name)
             WHEN kind IN ('TYPE', 'SHELL TYPE', 'DOMAIN')
                 THEN to_regtype(format('%I.%I', schema, name)) IS NULL
             WHEN kind = 'SEQUENCE' THEN to_regclass(format('%I.%I', schema, name)) IS NULL
             WHEN kind IN ('FUNCTION', 'PROCEDURE', 'AGGREGATE') THEN to_regprocedure(format('%I.%I%s',
                 schema, split_part(name, '(', 1), substr(name, strpos(name, '(')))) IS NULL
             ELSE false END",
        rows.join(", ")
    );
    let ids: Vec<(i64,)> = snapshot.rows("what the tables need", &sql).await?;
    let mut missing: BTreeSet<u32> =
        ids.into_iter().filter_map(|(id,)| u32::try_from(id).ok()).collect();
    // What belongs to something that is missing is missing too.
    let with = |entry: &&TocEntry| {
        matches!(entry.kind.as_str(), "SEQUENCE SET" | "COMMENT" | "ACL")
            && entry.needs.iter().any(|need| missing.contains(need))
    };
    let more: Vec<_> = toc.iter().filter(with).map(|entry| entry.id).collect();
    missing.extend(more.into_iter().filter(|id| selection.needed.contains(id)));
    Ok(missing)
}

impl Surroundings {
    /// What makes room for the tables; it fails if something else needs one of them.
    pub(super) fn drop_sql(&self, tables: &BTreeSet<TableName>) -> String {
        let mut sql = String::new();
        for ForeignKey { table, name, .. } in &self.keys {
            // Writing to a `String` cannot fail.
            let _ = writeln!(sql, "ALTER TABLE {table} DROP CONSTRAINT {name};");
        }
        let tables: Vec<_> = tables.iter().map(quoted).collect();
        sql + &format!("DROP TABLE IF EXISTS {}", tables.join(", "))
    }

    /// What gives other tables their foreign keys back, and checks them.
    pub(super) fn add_sql(&self) -> String {
        let mut sql = String::from("SELECT 1");
        for ForeignKey { table, name, definition, comment } in &self.keys {
            let _ = write!(sql, ";\nALTER TABLE {table} ADD CONSTRAINT {name} {definition}");
            if let Some(comment) = comment {
                let comment = Literal(comment);
                let _ = write!(sql, ";\nCOMMENT ON CONSTRAINT {name} ON {table} IS {comment}");
            }
        }
        sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_keys_of_others_go_first_and_come_back_last() {
        let around = Surroundings {
            dependents: Vec::new(),
            missing: BTreeSet::new(),
            keys: vec![ForeignKey {
                table: "s.\"T\"".to_owned(),
                name: "fk".to_owned(),
                definition: "FOREIGN KEY (a) REFERENCES public.b(id)".to_owned(),
                comment: Some("it's".to_owned()),
            }],
        };
        let tables = ["b", "s.\"x.y\""].map(|table| table.parse().unwrap());
        assert_eq!(
            around.drop_sql(&tables.into()),
            "ALTER TABLE s.\"T\" DROP CONSTRAINT fk;\n\
             DROP TABLE IF EXISTS \"public\".\"b\", \"s\".\"x.y\""
        );
        assert_eq!(
            around.add_sql(),
            "SELECT 1;\nALTER TABLE s.\"T\" ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES public.b(id);\n\
             COMMENT ON CONSTRAINT fk ON s.\"T\" IS E'it''s'"
        );
    }
}
