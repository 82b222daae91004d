//! Names of tables and columns, as people read them and as SQL does.

use std::fmt;

use dbkit::Identifier;
use serde::Serialize;

/// A table and the schema that it is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClassifiedTable {
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
}

impl ClassifiedTable {
    pub(super) fn new(schema: impl Into<String>, table: impl Into<String>) -> Self {
        Self { schema: schema.into(), table: table.into() }
    }

    /// Quoted for SQL, and just so for the patterns of `pg_dump`.
    pub(super) fn quoted(&self) -> String {
        format!("{}.{}", Identifier(&self.schema), Identifier(&self.table))
    }

    pub(super) fn column(&self, column: impl Into<String>) -> ColumnName {
        ColumnName { table: self.clone(), column: column.into() }
    }
}

impl fmt::Display for ClassifiedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// A column and the table that it is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ColumnName {
    /// The table.
    #[serde(flatten)]
    pub table: ClassifiedTable,
    /// The column.
    pub column: String,
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}
