//! What the catalog says of tables that rows are to be taken from: their keys, and who refers to them.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

/// A table as a statement writes it: the history has its name with the schema before it where it is not found
/// without.
pub(crate) fn quoted(table: &str) -> String {
    match table.split_once('.') {
        Some((schema, name)) => format!("{}.{}", Identifier(schema), Identifier(name)),
        None => Identifier(table).to_string(),
    }
}

/// A column of a primary key with its type.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct KeyColumn {
    pub(crate) name: String,
    pub(crate) sql_type: String,
}

const PRIMARY_KEY: &str = "
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS sql_type
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(attnum, place)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
WHERE c.conrelid = to_regclass($1) AND c.contype = 'p'
ORDER BY k.place";

/// The columns of the primary key of `table`.
pub(crate) async fn primary_key(
    db: &impl ConnectionTrait,
    table: &str,
) -> Result<Vec<KeyColumn>, DbErr> {
    primary_key_of(db, &quoted(table)).await
}

/// The columns of the primary key of the table that is written as `quoted` in a statement.
pub(crate) async fn primary_key_of(
    db: &impl ConnectionTrait,
    quoted: &str,
) -> Result<Vec<KeyColumn>, DbErr> {
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, PRIMARY_KEY, [quoted.into()]);
    KeyColumn::find_by_statement(statement).all(db).await
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct ForeignKey {
    pub(crate) name: String,
    /// Whose rows refer, as a statement writes it.
    pub(crate) child: String,
    /// The same as the catalog has it; nothing for a table that is not found without its schema.
    pub(crate) child_name: Option<String>,
    /// The same with the schema before it.
    pub(crate) child_title: String,
    /// The condition that row `c` of the child refers to row `t` of the parent.
    pub(crate) refers: String,
}

impl ForeignKey {
    /// Whether it is rows of `table` that refer.
    pub(crate) fn is_of(&self, table: &str) -> bool {
        self.child_name.as_deref() == Some(table) || self.child_title == table
    }
}

const FOREIGN_KEYS: &str = "
SELECT c.conname::text AS name, c.conrelid::regclass::text AS child,
       (SELECT relname::text FROM pg_class
        WHERE oid = c.conrelid AND pg_table_is_visible(oid)) AS child_name,
       (SELECT nspname || '.' || relname FROM pg_class r JOIN pg_namespace n ON n.oid = relnamespace
        WHERE r.oid = c.conrelid) AS child_title,
       (SELECT string_agg(format('c.%I = t.%I', child.attname, parent.attname), ' AND ')
        FROM unnest(c.conkey, c.confkey) AS k(child, parent)
        JOIN pg_attribute child ON child.attrelid = c.conrelid AND child.attnum = k.child
        JOIN pg_attribute parent ON parent.attrelid = c.confrelid AND parent.attnum = k.parent
       ) AS refers
FROM pg_constraint c
WHERE c.confrelid = to_regclass($1) AND c.contype = 'f' AND c.conparentid = 0
ORDER BY c.conrelid::regclass::text COLLATE \"C\", c.conname COLLATE \"C\"";

/// The foreign keys that refer to `table`.
pub(crate) async fn referring(
    db: &impl ConnectionTrait,
    table: &str,
) -> Result<Vec<ForeignKey>, DbErr> {
    let values = [quoted(table).into()];
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, FOREIGN_KEYS, values);
    ForeignKey::find_by_statement(statement).all(db).await
}

/// The condition that the row `row` has the key `key`, an object of its columns' values.
pub(crate) fn has_key(columns: &[KeyColumn], row: &str, key: &str) -> String {
    let equal = |column: &KeyColumn| {
        let name = column.name.as_str();
        let (quoted, text) = (Identifier(name), dbkit::Literal(name));
        format!("{row}.{quoted} = ({key}->>{text})::{}", column.sql_type)
    };
    columns.iter().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// The key of the row `row`, as an object.
pub(crate) fn key_of(columns: &[KeyColumn], row: &str) -> String {
    let member = |column: &KeyColumn| {
        format!("{}, {row}.{}", dbkit::Literal(&column.name), Identifier(&column.name))
    };
    let members: Vec<_> = columns.iter().map(member).collect();
    format!("jsonb_build_object({})", members.join(", "))
}
