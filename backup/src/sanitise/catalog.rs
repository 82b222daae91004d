//! What there is to be classified, as the server's catalog has it.

use std::collections::BTreeMap;

use sqlx::{FromRow, Row as _, postgres::PgRow};

use super::name::{ClassifiedTable, ColumnName};
use crate::snapshot::{Snapshot, SnapshotError};

const COLUMNS: &str = include_str!("catalog.sql");

/// Pairs of a column and one that it refers to; a key of two columns has two. What a partition
/// inherited from its parent is said of the parent already.
const REFERENCES: &str = "
SELECT cn.nspname::text, c.relname::text, ca.attname::text,
    pn.nspname::text, p.relname::text, pa.attname::text
FROM pg_constraint k
CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS pair (child, parent)
JOIN pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = pair.child
JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = pair.parent
JOIN pg_class c ON c.oid = coalesce(pg_partition_root(k.conrelid), k.conrelid)
JOIN pg_namespace cn ON cn.oid = c.relnamespace AND cn.nspname <> 'seaworthy'
JOIN pg_class p ON p.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid)
JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY 1, 2, 3, 4, 5, 6";

/// Partitions, and of which table.
const PARTITIONS: &str = "
SELECT n.nspname::text, c.relname::text, rn.nspname::text, r.relname::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class r ON r.oid = pg_partition_root(c.oid)
JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE c.relispartition AND c.relkind IN ('r', 'p')
ORDER BY 1, 2";

/// Tables whose rows `pg_dump` would take along, and which no team has classified: ours but for the
/// list of what is installed, and those in which extensions keep their settings, such as the jobs of
/// `pg_cron`.
const OTHERS: &str = "
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm')
    AND (n.nspname = 'seaworthy' AND c.relname <> 'installed'
        OR c.oid IN (SELECT unnest(extconfig) FROM pg_extension))
ORDER BY 1, 2";

const LARGE_OBJECTS: &str = "SELECT count(*) FROM pg_largeobject_metadata";

/// Schema, table and column, twice.
type Pair = (String, String, String, String, String, String);

/// Schema and table, twice.
type Part = (String, String, String, String);

/// The tables of a database with their columns, and what belongs together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Catalog {
    pub(super) tables: BTreeMap<ClassifiedTable, Table>,
    pub(super) references: Vec<Reference>,
    pub(super) partitions: Vec<Partition>,
    pub(super) others: Vec<ClassifiedTable>,
    pub(super) large_objects: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    /// Whether its rows are in its partitions.
    pub(super) partitioned: bool,
    pub(super) columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own in the server's catalog"
)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its type, as SQL has it.
    pub(super) sql_type: String,
    /// What it holds in the end, through domains and arrays.
    pub(super) holds: Holds,
    /// How many characters a value may have.
    pub(super) limit: Option<usize>,
    /// Whether it holds many of them.
    pub(super) is_array: bool,
    /// Whether it cannot be null.
    pub(super) required: bool,
    /// Whether the server computes it from other columns.
    pub(super) generated: bool,
    /// Whether the server gives its values, and nobody else may.
    pub(super) always_identity: bool,
    /// Whether it is of the primary key.
    pub(super) primary: bool,
    /// Whether a unique index looks at it.
    pub(super) unique: bool,
}

/// What a type holds, as far as it matters for pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    /// Text whose case does not matter.
    CaselessText,
    Uuid,
    /// A whole number up to this one.
    Integer(i64),
    Date,
    Timestamp,
    Inet,
    Cidr,
    Json,
    Bytes,
    Enumeration,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) from: ColumnName,
    pub(super) to: ColumnName,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) name: ClassifiedTable,
    pub(super) of: ClassifiedTable,
}

/// A row of [`COLUMNS`]; a table without columns has one in which the column is missing.
struct Found {
    table: ClassifiedTable,
    partitioned: bool,
    column: Option<Column>,
}

impl FromRow<'_, PgRow> for Found {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let schema: String = row.try_get("schema")?;
        let table: String = row.try_get("table")?;
        let table = ClassifiedTable::new(schema, table);
        let partitioned = row.try_get("partitioned")?;
        let Some(name) = row.try_get("column")? else {
            return Ok(Self { table, partitioned, column: None });
        };
        let leaf: String = row.try_get("leaf")?;
        let column = Column {
            name,
            sql_type: row.try_get("type")?,
            holds: Holds::of(&leaf, row.try_get("enumeration")?),
            limit: limit(&leaf, row.try_get("modifier")?),
            is_array: row.try_get("array")?,
            required: row.try_get("required")?,
            generated: row.try_get("generated")?,
            always_identity: row.try_get("always_identity")?,
            primary: row.try_get("primary")?,
            unique: row.try_get("unique")?,
        };
        Ok(Self { table, partitioned, column: Some(column) })
    }
}

impl Holds {
    fn of(type_name: &str, is_enumeration: bool) -> Self {
        match type_name {
            _ if is_enumeration => Self::Enumeration,
            "text" | "varchar" | "bpchar" => Self::Text,
            "citext" => Self::CaselessText,
            "uuid" => Self::Uuid,
            "int2" => Self::Integer(i16::MAX.into()),
            "int4" => Self::Integer(i32::MAX.into()),
            // Sixty bits are drawn.
            "int8" => Self::Integer(1 << 60),
            "date" => Self::Date,
            "timestamp" | "timestamptz" => Self::Timestamp,
            "inet" => Self::Inet,
            "cidr" => Self::Cidr,
            "json" | "jsonb" => Self::Json,
            "bytea" => Self::Bytes,
            _ => Self::Other,
        }
    }

    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::CaselessText)
    }
}

/// The type modifier of a text with a limit is that limit and four.
fn limit(type_name: &str, modifier: Option<i32>) -> Option<usize> {
    let characters = usize::try_from(modifier? - 4).ok()?;
    matches!(type_name, "varchar" | "bpchar").then_some(characters)
}

impl Catalog {
    /// What the snapshot sees.
    pub(super) async fn read(snapshot: &mut Snapshot) -> Result<Self, SnapshotError> {
        let mut catalog = Self::default();
        for found in snapshot.rows::<Found>("the columns", COLUMNS).await? {
            let table = catalog.tables.entry(found.table).or_default();
            table.partitioned = found.partitioned;
            table.columns.extend(found.column);
        }
        for (a, b, c, d, e, f) in snapshot.rows::<Pair>("the foreign keys", REFERENCES).await? {
            let from = ClassifiedTable::new(a, b).column(c);
            catalog.references.push(Reference { from, to: ClassifiedTable::new(d, e).column(f) });
        }
        for (a, b, c, d) in snapshot.rows::<Part>("the partitions", PARTITIONS).await? {
            let (name, of) = (ClassifiedTable::new(a, b), ClassifiedTable::new(c, d));
            catalog.partitions.push(Partition { name, of });
        }
        let others: Vec<(String, String)> = snapshot.rows("the tables of tools", OTHERS).await?;
        catalog.others = others.into_iter().map(|(a, b)| ClassifiedTable::new(a, b)).collect();
        catalog.large_objects = snapshot.scalar("the large objects", LARGE_OBJECTS).await?;
        Ok(catalog)
    }

    /// Every column with its full name.
    pub(super) fn columns(&self) -> impl Iterator<Item = (ColumnName, &Column)> {
        self.tables.iter().flat_map(|(name, table)| {
            table.columns.iter().map(|column| (name.column(&column.name), column))
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A nullable column that is in no key.
    pub(in crate::sanitise) fn column(name: &str, sql_type: &str, holds: Holds) -> Column {
        Column {
            name: name.to_owned(),
            sql_type: sql_type.to_owned(),
            holds,
            limit: None,
            is_array: false,
            required: false,
            generated: false,
            always_identity: false,
            primary: false,
            unique: false,
        }
    }

    #[test]
    fn a_limit_is_that_of_a_text() {
        assert_eq!(limit("varchar", Some(24)), Some(20));
        assert_eq!(limit("varchar", Some(-1)), None);
        assert_eq!(limit("text", None), None);
        assert_eq!(limit("numeric", Some(327_686)), None);
    }
}
