//! The columns of a table, as a copy of it must know them.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbErr};

use super::query;

/// A column of a table that is there.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are the catalog's own, and independent")]
pub(super) struct Column {
    pub(super) name: String,
    /// Its type, with what is in parentheses.
    pub(super) data_type: String,
    /// Whether the type is PostgreSQL's own, which no migration drops.
    pub(super) built_in: bool,
    /// Whether it is computed from other columns.
    pub(super) generated: bool,
    /// Whether only `INSERT … OVERRIDING SYSTEM VALUE` may write it.
    pub(super) identity_always: bool,
    /// Whether it is part of the primary key.
    pub(super) key: bool,
}

/// The columns of `table`, which is quoted; nothing where there is no such table.
pub(super) async fn columns(
    conn: &impl ConnectionTrait,
    table: &str,
) -> Result<Vec<Column>, DbErr> {
    const COLUMNS: &str = "
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod),
    t.typnamespace = 'pg_catalog'::regnamespace, a.attgenerated <> '', a.attidentity = 'a',
    coalesce(a.attnum = ANY (i.indkey), false)
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";
    let rows = conn.query_all_raw(query(COLUMNS, [table.into()])).await?;
    let column = |row: &sea_orm::QueryResult| {
        Ok(Column {
            name: row.try_get_by_index(0)?,
            data_type: row.try_get_by_index(1)?,
            built_in: row.try_get_by_index(2)?,
            generated: row.try_get_by_index(3)?,
            identity_always: row.try_get_by_index(4)?,
            key: row.try_get_by_index(5)?,
        })
    };
    rows.iter().map(column).collect()
}

impl Column {
    /// How it goes into a copy.
    pub(super) fn kept(&self) -> String {
        let name = Identifier(&self.name);
        if self.built_in { name.to_string() } else { format!("{name}::text AS {name}") }
    }

    /// How it comes out of a copy, where it is `copy`.
    pub(super) fn restored(&self, copy: &Column) -> String {
        let name = Identifier(&self.name);
        if self.data_type == copy.data_type {
            format!("kept.{name}")
        } else {
            format!("kept.{name}::text::{}", self.data_type)
        }
    }
}

/// Names, quoted and with commas between them.
pub(super) fn list<'a>(columns: impl IntoIterator<Item = &'a Column>) -> String {
    let names = columns.into_iter().map(|column| Identifier(&column.name).to_string());
    names.collect::<Vec<_>>().join(", ")
}
