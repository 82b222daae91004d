//! The lines of a file that are not rows.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::archive::Tally;

/// What the first line calls the format.
pub(super) const FORMAT: &str = "seaworthy/data";

/// Changes when a file is to be read in another way.
pub(super) const VERSION: u32 = 1;

/// The first line: what is in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What kind of file this is.
    pub format: String,
    /// How it is to be read.
    pub version: u32,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// How the rows of a table are hashed.
    pub algorithm: String,
    /// Where the rows come from.
    pub source: DataSource,
    /// The settings that the text of the values depends on.
    pub settings: BTreeMap<String, String>,
    /// The tables, in the order of the file.
    pub tables: Vec<Table>,
    /// The sequences that belong to columns of the tables.
    pub sequences: Vec<Sequence>,
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSource {
    /// The server's host name or socket folder.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The server's version, such as 150018.
    pub server_version: i32,
}

/// A table of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The columns whose values are in the file, in the order of each row.
    pub columns: Vec<Column>,
    /// The columns of its primary key; none where it has none.
    pub primary_key: Vec<String>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// A column whose values are in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as SQL writes it, with the schema where that is not `pg_catalog`.
    pub r#type: String,
}

/// A sequence that belongs to a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The table's schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The sequence's own name with its schema, for people.
    pub name: String,
    /// Where it stood.
    pub last_value: i64,
    /// Whether that value was given out already.
    pub is_called: bool,
}

/// Which table the next rows are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Begin {
    pub(super) schema: String,
    pub(super) name: String,
}

/// What the rows of a table come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) rows: u64,
    pub(super) hash: String,
}

impl End {
    pub(super) fn of(tally: &Tally) -> Self {
        Self { rows: tally.rows, hash: tally.hash.to_string() }
    }
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailer {
    /// How many tables there are.
    pub tables: usize,
    /// How many rows they have together.
    pub rows: u64,
    /// The SHA-256 of all lines before this one.
    pub sha256: String,
}

/// How many rows a table has, and their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableTally {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: u64,
    /// Their hash, which does not depend on their order.
    pub hash: String,
}

/// A line that is not a row, by its one key.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mark {
    Header(Header),
    Table(Begin),
    End(End),
    Trailer(Trailer),
}
