//! The tables of a team, as their own database defines them.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, JsonValue, Statement};
use serde::Deserialize;

const DEFINITION: &str = include_str!("definition.sql");

/// Everything that the catalog says about the team's tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Definition {
    /// By schema and name.
    pub(super) tables: Vec<Table>,
    pub(super) types: BTreeMap<i64, Type>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// Everything that makes rows exclude each other; the primary key first.
    pub(super) keys: Vec<Key>,
    /// Those with the most columns first.
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) checks: Vec<Check>,
    /// Which rows each partition takes; empty for a table without any.
    pub(super) partitions: Vec<Option<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: i64,
    pub(super) modifier: i32,
    pub(super) shown: String,
    pub(super) not_null: bool,
    pub(super) has_default: bool,
    pub(super) identity: bool,
    pub(super) generated: Option<String>,
    pub(super) sequence: Option<String>,
}

/// A unique index, or an exclusion constraint.
#[expect(clippy::struct_excessive_bools, reason = "they are what the catalog has")]
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) primary: bool,
    pub(super) exclusion: bool,
    pub(super) partial: bool,
    pub(super) deferrable: bool,
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) columns: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    pub(super) expressions: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct ForeignKey {
    pub(super) name: String,
    pub(super) parent_schema: String,
    pub(super) parent: String,
    pub(super) columns: Vec<String>,
    pub(super) parent_columns: Vec<String>,
}

/// A condition that every row fulfils, as PostgreSQL words it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) expression: String,
}

/// A type; of a domain what is below it, with the checks of all its layers.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Type {
    oid: i64,
    pub(super) name: String,
    /// As in `pg_type.typtype`.
    pub(super) kind: String,
    pub(super) array: bool,
    pub(super) domain: bool,
    pub(super) shown: String,
    pub(super) modifier: i32,
    pub(super) not_null: bool,
    /// The type of an array's elements or of a range's bounds.
    pub(super) part: Option<i64>,
    pub(super) labels: Vec<String>,
    pub(super) checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Read {
    tables: Vec<Table>,
    types: Vec<Type>,
}

fn or_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads the definitions of all tables that are the team's own.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Definition, DbErr> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, DEFINITION)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("definition".to_owned()))?;
    let read: Read = serde_json::from_value(row.try_get::<JsonValue>("", "definition")?)
        .map_err(|error| DbErr::Json(error.to_string()))?;
    let types = read.types.into_iter().map(|one| (one.oid, one)).collect();
    Ok(Definition { tables: read.tables, types })
}

impl Table {
    /// Schema and name, as a person writes them.
    pub(super) fn title(&self) -> String {
        title(&self.schema, &self.name)
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub(super) fn primary_key(&self) -> &[String] {
        self.keys.iter().find(|key| key.primary).map_or(&[], |key| &key.columns)
    }
}

impl ForeignKey {
    pub(super) fn parent_title(&self) -> String {
        title(&self.parent_schema, &self.parent)
    }

    pub(super) fn is_to(&self, table: &Table) -> bool {
        self.parent_schema == table.schema && self.parent == table.name
    }
}

impl Definition {
    /// Whether a row may have nothing in `column`.
    pub(super) fn nullable(&self, column: &Column) -> bool {
        !column.not_null && !self.types.get(&column.kind).is_some_and(|kind| kind.not_null)
    }

    /// Whether rows of `table` may do without the parent that `key` names.
    pub(super) fn optional(&self, table: &Table, key: &ForeignKey) -> bool {
        let columns = key.columns.iter().filter_map(|name| table.column(name));
        columns.into_iter().any(|column| self.nullable(column))
    }
}

/// A table's name; the schema is left out where people do.
pub(super) fn title(schema: &str, name: &str) -> String {
    if schema == "public" { name.to_owned() } else { format!("{schema}.{name}") }
}
