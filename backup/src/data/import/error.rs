//! Why an import did nothing.

use std::fmt;

use dbkit::ConnectError;
use serde::Serialize;
use sqlx::postgres::PgDatabaseError;

use crate::data::FileError;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not what it was when it was checked.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The permission is for another database.
    #[error("the permission is for database `{permitted}`, and the connection is to `{connected}`")]
    WrongPermit {
        /// The database that may be changed.
        permitted: String,
        /// The one that would be.
        connected: String,
    },
    /// The tables cannot take the rows.
    #[error("the tables do not fit the file: {}", listed(.0))]
    Mismatch(Vec<Problem>),
    /// Others changed the tables.
    #[error("the tables are not what they are expected to be: {}", listed(.0))]
    Unexpected(Vec<Change>),
    /// Rows of other tables refer to rows that would go.
    #[error("rows would be deleted that others refer to: {}", listed(.0))]
    Referenced(Vec<Reference>),
    /// A value is none of its type.
    #[error("{place} of {table} cannot be read")]
    Value {
        /// The table.
        table: String,
        /// Which row of the file's table, from 1, and which column.
        place: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// A constraint is against a row.
    #[error("table {table} refuses a row by {rule}: {detail}")]
    Constraint {
        /// The table.
        table: String,
        /// The constraint.
        rule: String,
        /// The row, as the server describes it.
        detail: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Rows did not arrive, and no error said why: a trigger or a rule.
    #[error(
        "only {inserted} of {rows} rows came into {table}: a trigger or a rule holds the others back"
    )]
    HeldBack {
        /// The table.
        table: String,
        /// How many rows the file has.
        rows: u64,
        /// How many came.
        inserted: u64,
    },
    /// The tables are not what the file says, although every statement succeeded.
    #[error("the tables would not be what was exported: {}", listed(.0))]
    Differs(Vec<Change>),
    /// Somebody holds a table.
    #[error("another session holds a table of the import")]
    Locked(#[source] sqlx::Error),
    /// The server refused.
    #[error("cannot {what}")]
    Database {
        /// What was to be done.
        what: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The connection was lost at the one moment at which nobody knows.
    #[error("the connection was lost at COMMIT: whether the import happened is not known")]
    Commit(#[source] sqlx::Error),
}

fn listed(items: &[impl fmt::Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// One reason why a table cannot take the rows of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is no such table.
    #[error("there is no table {0}")]
    NoTable(String),
    /// It is something else.
    #[error("{table} is {kind}")]
    NotATable {
        /// What should be a table.
        table: String,
        /// What it is.
        kind: &'static str,
    },
    /// There is no such column.
    #[error("{table} has no column `{column}`")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The column makes its own values.
    #[error("column `{column}` of {table} is generated")]
    Generated {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The column has another type.
    #[error("column `{column}` of {table} is {found}, not {recorded}")]
    OtherType {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type in the file.
        recorded: String,
        /// Its type in the database.
        found: String,
    },
    /// The file has no value for a column that needs one.
    #[error("column `{column}` of {table} is not in the file, and has no default")]
    Required {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Its rows cannot be told apart, so that all would be deleted, and others with them.
    #[error("{table} has no key, and `{constraint}` would change rows of {by} with those of it")]
    NoKey {
        /// The table.
        table: String,
        /// The foreign key.
        constraint: String,
        /// The table that it is of.
        by: String,
    },
}

/// A table that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The table with its schema.
    pub table: String,
    /// How many rows it should have.
    pub expected_rows: u64,
    /// How many it has. With as many as expected, some are others.
    pub found_rows: u64,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, expected_rows, found_rows } = self;
        if expected_rows == found_rows {
            write!(f, "{table} has other rows, as many as expected ({expected_rows})")
        } else {
            write!(f, "{table} has {found_rows} rows, not {expected_rows}")
        }
    }
}

/// Rows of a table that is not in the file, which refer to rows that would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The table that they are of.
    pub table: String,
    /// Their foreign key.
    pub constraint: String,
    /// The table that they refer to.
    pub to: String,
    /// How many they are.
    pub rows: u64,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, constraint, to, rows } = self;
        write!(f, "{rows} of {table} to {to} (`{constraint}`)")
    }
}

/// What an error of the server means while `what` is done.
pub(super) fn failed(what: &str) -> impl FnOnce(sqlx::Error) -> ImportError + use<> {
    let what = what.to_owned();
    move |source| {
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        match of_server(&source).map(PgDatabaseError::code) {
            Some("55P03" | "40P01") => ImportError::Locked(source),
            Some(code) if code.starts_with("23") => constraint(source),
            _ => ImportError::Database { what, source },
        }
    }
}

/// What an error of the server means while rows of `table` are read.
pub(super) fn unreadable(table: &str, source: sqlx::Error) -> ImportError {
    // `COPY name, line 5, column age: "x"`: the name is that of a temporary table, and says nothing.
    let place = of_server(&source)
        .and_then(PgDatabaseError::r#where)
        .and_then(|context| context.lines().next()?.split_once(", "))
        .map(|(_, place)| place.to_owned());
    match place {
        Some(place) => ImportError::Value { table: table.to_owned(), place, source },
        None => failed(&format!("send the rows of {table}"))(source),
    }
}

fn of_server(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

fn constraint(source: sqlx::Error) -> ImportError {
    let (mut table, mut rule, mut detail) = (String::new(), String::new(), String::new());
    if let Some(error) = of_server(&source) {
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        table = format!("{}.{}", text(error.schema()), text(error.table()));
        rule = match (error.constraint(), error.column()) {
            (Some(constraint), _) => format!("constraint `{constraint}`"),
            (None, Some(column)) => format!("NOT NULL of column `{column}`"),
            (None, None) => "a constraint".to_owned(),
        };
        detail = text(Some(error.detail().unwrap_or(error.message()).trim_end_matches('.')));
    }
    ImportError::Constraint { table, rule, detail, source }
}
