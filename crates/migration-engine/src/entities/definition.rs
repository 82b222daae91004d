//! What the entities say of the schema.

use std::fmt;

/// Everything that the entities say of the schema: the enumerations, and the tables in an order in
/// which they can be created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// The enumerations, each once.
    pub enumerations: Vec<Enumeration>,
    /// The tables; one that refers to another comes after it, unless they refer to each other.
    pub tables: Vec<Table>,
}

/// The name of a table or a type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The schema; nothing where the entity leaves it to the connection.
    pub schema: Option<String>,
    /// The name in that schema.
    pub name: String,
}

/// An enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// Its name.
    pub name: Name,
    /// Its labels, in the order of the variants.
    pub labels: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// Its columns, in the order of the fields.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub primary_key: Vec<String>,
    /// The columns of each further unique key.
    pub unique: Vec<Vec<String>>,
    /// The columns of each index that is not unique.
    pub indexes: Vec<Vec<String>>,
    /// What its rows refer to.
    pub foreign_keys: Vec<ForeignKey>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as SeaORM writes it, such as `timestamp with time zone`.
    pub type_name: String,
    /// Whether the field is an `Option`.
    pub nullable: bool,
    /// The default that the database is expected to have, as SQL.
    pub default: Option<String>,
    /// Whether the database is expected to number the rows.
    pub identity: bool,
    /// Further clauses, such as a check, as SQL.
    pub clauses: String,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub table: Name,
    /// The columns there, in the same order.
    pub references: Vec<String>,
    /// What happens when the other row is deleted, such as `CASCADE`; nothing where it is not said.
    pub on_delete: Option<String>,
    /// What happens when the other key changes.
    pub on_update: Option<String>,
}

impl Table {
    /// An empty table of that name.
    pub(super) const fn new(name: Name) -> Self {
        Self {
            name,
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}
