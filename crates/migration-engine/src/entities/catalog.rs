//! What the database has, as far as entities can speak of it.

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use serde::Deserialize;

use super::definition::Name;

const QUERY: &str = include_str!("catalog.sql");

/// The tables and enumerations of a database.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Catalog {
    /// The schema in which a name without one is looked up.
    pub schema: String,
    pub(super) tables: Vec<LiveTable>,
    pub(super) enumerations: Vec<LiveEnumeration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LiveTable {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) partition: bool,
    pub(super) columns: Vec<LiveColumn>,
    pub(super) indexes: Vec<LiveIndex>,
    pub(super) foreign_keys: Vec<LiveForeignKey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LiveColumn {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: LiveType,
    pub(super) not_null: bool,
    pub(super) has_default: bool,
    /// Whether the database alone writes it.
    pub(super) always: bool,
}

/// A column's type; of an array the element's, and of a domain the one below it, because that is
/// what a client gets to see.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LiveType {
    pub(super) name: String,
    pub(super) schema: String,
    pub(super) array: bool,
    pub(super) enumeration: bool,
    pub(super) shown: String,
    pub(super) modifier: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LiveIndex {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) unique: bool,
    pub(super) primary: bool,
    /// Whether it is valid, covers every row and consists of columns alone.
    pub(super) usable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LiveForeignKey {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) references: Vec<String>,
    on_delete: char,
    on_update: char,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct LiveEnumeration {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) labels: Vec<String>,
}

impl Catalog {
    /// Reads the catalog of the database behind `db`. Reads only.
    pub async fn read(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let transaction = db.begin().await?;
        let schema = "SELECT coalesce(current_schema(), 'public')::text,
                             set_config('search_path', 'pg_catalog', true)";
        let schema = Statement::from_string(DbBackend::Postgres, schema);
        let schema: String = only(transaction.query_one_raw(schema).await?)?;
        let query = Statement::from_sql_and_values(DbBackend::Postgres, QUERY, [schema.into()]);
        let document: String = only(transaction.query_one_raw(query).await?)?;
        transaction.rollback().await?;
        serde_json::from_str(&document)
            .map_err(|error| DbErr::Custom(format!("the catalog has an unknown form: {error}")))
    }

    /// The name with its schema.
    pub(super) fn qualified(&self, name: &Name) -> Name {
        let schema = name.schema.clone().unwrap_or_else(|| self.schema.clone());
        Name { schema: Some(schema), name: name.name.clone() }
    }

    pub(super) fn table(&self, name: &Name) -> Option<&LiveTable> {
        let schema = name.schema.as_ref().unwrap_or(&self.schema);
        self.tables.iter().find(|table| table.schema == *schema && table.name == name.name)
    }

    pub(super) fn enumeration(&self, name: &Name) -> Option<&LiveEnumeration> {
        let schema = name.schema.as_ref().unwrap_or(&self.schema);
        self.enumerations.iter().find(|found| found.schema == *schema && found.name == name.name)
    }
}

fn only<T: sea_orm::TryGetable>(row: Option<sea_orm::QueryResult>) -> Result<T, DbErr> {
    row.ok_or_else(|| DbErr::RecordNotFound("a question had no answer".to_owned()))?
        .try_get_by_index(0)
}

impl LiveTable {
    pub(super) fn name(&self) -> Name {
        Name { schema: Some(self.schema.clone()), name: self.name.clone() }
    }

    pub(super) fn column(&self, name: &str) -> Option<&LiveColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether it has rows of its own; a view has not, and promises little.
    pub(super) fn is_table(&self) -> bool {
        ["r", "p"].contains(&self.kind.as_str())
    }
}

impl LiveForeignKey {
    pub(super) fn on_delete(&self) -> &'static str {
        action(self.on_delete)
    }

    pub(super) fn on_update(&self) -> &'static str {
        action(self.on_update)
    }
}

const fn action(code: char) -> &'static str {
    match code {
        'r' => "RESTRICT",
        'c' => "CASCADE",
        'n' => "SET NULL",
        'd' => "SET DEFAULT",
        _ => "NO ACTION",
    }
}
