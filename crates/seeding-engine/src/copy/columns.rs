//! The columns of a table as the live catalog has them.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::wire::{CatalogType, Wire};

/// One row for each column; the type is that below any domains.
const COLUMNS: &str = r#"
    WITH RECURSIVE base (attnum, type, modifier) AS (
        SELECT attnum, atttypid, atttypmod FROM pg_attribute
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT base.attnum, typbasetype, typtypmod
        FROM base JOIN pg_type ON pg_type.oid = base.type
        WHERE typtype = 'd'
    )
    SELECT
        a.attname::text AS "name",
        format_type(a.atttypid, a.atttypmod) AS "sql_type",
        a.attgenerated <> '' AS "generated",
        a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
            AND own.typdefault IS NULL AS "required",
        EXISTS (
            SELECT FROM pg_constraint c
            WHERE c.conrelid = a.attrelid AND c.contype = 'p' AND a.attnum = ANY (c.conkey)
        ) AS "in_primary_key",
        t.typname::text AS "type_name",
        t.typtype::text AS "type_kind",
        base.modifier AS "modifier",
        e.typname::text AS "element_name",
        e.typtype::text AS "element_kind",
        e.oid AS "element_oid"
    FROM base
    JOIN pg_attribute a ON a.attrelid = to_regclass($1) AND a.attnum = base.attnum
    JOIN pg_type own ON own.oid = a.atttypid
    JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd'
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    ORDER BY a.attnum
"#;

/// The columns of a table into which rows are written, in the order of the rows' values.
#[derive(Clone, Debug)]
pub struct Columns {
    table: String,
    columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the server writes it.
    pub sql_type: String,
    /// Whether it belongs to the primary key.
    pub in_primary_key: bool,
    pub(super) wire: Wire,
}

/// Why rows do not fit a table.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// The catalog cannot be read.
    #[error("cannot read the columns of `{table}`")]
    Read {
        /// The table.
        table: String,
        /// What the database said.
        #[source]
        source: DbErr,
    },
    /// The table is not there.
    #[error("there is no table `{table}`")]
    NoTable {
        /// The table.
        table: String,
    },
    /// The rows have a column that the table lacks.
    #[error("`{table}` has no column `{column}`")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The rows have a column whose values the server computes.
    #[error("the server computes the values of `{column}` of `{table}`")]
    Generated {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The rows lack columns that need a value.
    #[error("the rows of `{table}` have no value for {}, which needs one", names(columns))]
    Required {
        /// The table.
        table: String,
        /// The columns: `NOT NULL`, without a default.
        columns: Vec<String>,
    },
    /// A column has a type that we cannot write.
    #[error("`{column}` of `{table}` is {sql_type}, which cannot be written")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        sql_type: String,
    },
}

fn names(columns: &[String]) -> String {
    columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[derive(FromQueryResult)]
struct Row {
    name: String,
    sql_type: String,
    generated: bool,
    required: bool,
    in_primary_key: bool,
    type_name: String,
    type_kind: String,
    modifier: i32,
    element_name: Option<String>,
    element_kind: Option<String>,
    element_oid: Option<u32>,
}

impl Columns {
    /// The columns `names` of `table`, which is found as any statement would find it.
    pub async fn read(
        db: &impl ConnectionTrait,
        table: &str,
        names: &[&str],
    ) -> Result<Self, ColumnsError> {
        let rows = rows(db, table).await?;
        if rows.is_empty() {
            return Err(ColumnsError::NoTable { table: table.to_owned() });
        }
        let columns =
            names.iter().map(|name| choose(table, &rows, name)).collect::<Result<_, _>>()?;
        let missing = |row: &&Row| row.required && !names.contains(&row.name.as_str());
        let missing: Vec<_> = rows.iter().filter(missing).map(|row| row.name.clone()).collect();
        if !missing.is_empty() {
            return Err(ColumnsError::Required { table: table.to_owned(), columns: missing });
        }
        Ok(Self { table: table.to_owned(), columns })
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The columns.
    pub fn all(&self) -> &[Column] {
        &self.columns
    }

    /// How many there are, which the server limits to 1 600.
    pub(super) fn count(&self) -> i16 {
        i16::try_from(self.columns.len()).unwrap_or(i16::MAX)
    }

    /// The names, quoted and separated by commas.
    pub(super) fn list(&self) -> String {
        let names = self.columns.iter().map(|column| Identifier(&column.name).to_string());
        names.collect::<Vec<_>>().join(", ")
    }
}

async fn rows(db: &impl ConnectionTrait, table: &str) -> Result<Vec<Row>, ColumnsError> {
    let quoted = Identifier(table).to_string();
    let question = Statement::from_sql_and_values(DbBackend::Postgres, COLUMNS, [quoted.into()]);
    let rows = Row::find_by_statement(question).all(db).await;
    rows.map_err(|source| ColumnsError::Read { table: table.to_owned(), source })
}

fn choose(table: &str, rows: &[Row], name: &str) -> Result<Column, ColumnsError> {
    let (table, column) = (table.to_owned(), name.to_owned());
    let Some(row) = rows.iter().find(|row| row.name == name) else {
        return Err(ColumnsError::NoColumn { table, column });
    };
    if row.generated {
        return Err(ColumnsError::Generated { table, column });
    }
    let sql_type = row.sql_type.clone();
    match wire(row) {
        None => Err(ColumnsError::Type { table, column, sql_type }),
        Some(wire) => {
            Ok(Column { name: column, sql_type, in_primary_key: row.in_primary_key, wire })
        }
    }
}

fn wire(row: &Row) -> Option<Wire> {
    let modifier = row.modifier;
    match (&row.element_name, &row.element_kind, row.element_oid) {
        (Some(name), Some(kind), Some(oid)) => {
            Wire::array(&CatalogType { name, kind, modifier }, oid)
        }
        _ => Wire::scalar(&CatalogType { name: &row.type_name, kind: &row.type_kind, modifier }),
    }
}
