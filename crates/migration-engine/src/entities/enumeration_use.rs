//! Takes labels away from an enumeration, which PostgreSQL cannot.
//!
//! The type is made anew: what speaks of it is taken down, its columns are turned over, and
//! everything is put back as it was.

use dbkit::{Identifier, Literal};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement};
use serde::Deserialize;

use super::{definition::Name, quoted};

const QUERY: &str = include_str!("enumeration_use.sql");

/// What uses an enumeration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct EnumerationUse {
    comment: Option<String>,
    columns: Vec<UsingColumn>,
    rules: Vec<Rule>,
    /// How many views, functions and the like there are, which nobody can put back blindly.
    pub(super) others: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct UsingColumn {
    table: String,
    name: String,
    array: bool,
    default: Option<String>,
}

/// A check or an index that has an expression with the type in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Rule {
    drop: String,
    create: String,
    comment: String,
}

impl EnumerationUse {
    pub(super) async fn read(db: &DatabaseConnection, name: &Name) -> Result<Self, DbErr> {
        let schema = name.schema.clone().unwrap_or_default();
        let values = [schema.into(), name.name.clone().into()];
        let query = Statement::from_sql_and_values(DbBackend::Postgres, QUERY, values);
        let Some(row) = db.query_one_raw(query).await? else { return Ok(Self::default()) };
        let document: String = row.try_get_by_index(0)?;
        serde_json::from_str(&document)
            .map_err(|error| DbErr::Custom(format!("the catalog has an unknown form: {error}")))
    }

    /// The statements that leave the enumeration with `labels` alone. They fail, and change nothing,
    /// while a row has another one.
    pub(super) fn reduce(&self, name: &Name, labels: &[String]) -> Vec<String> {
        let old = format!("{}_before", name.name);
        let old_name = Name { schema: name.schema.clone(), name: old.clone() };
        let (type_name, old_name) = (quoted(name), quoted(&old_name));
        let mut statements = vec![
            format!("ALTER TYPE {type_name} RENAME TO {}", Identifier(&old)),
            format!("CREATE TYPE {type_name} AS ENUM ({})", list(labels)),
        ];
        if let Some(comment) = &self.comment {
            statements.push(format!("COMMENT ON TYPE {type_name} IS {}", Literal(comment)));
        }
        statements.extend(self.rules.iter().map(|rule| rule.drop.clone()));
        statements.extend(self.columns.iter().flat_map(|column| column.retype(&type_name)));
        for rule in &self.rules {
            statements.push(rule.create.clone());
            if !rule.comment.ends_with(" NULL") {
                statements.push(rule.comment.clone());
            }
        }
        statements.push(format!("DROP TYPE {old_name}"));
        statements
    }
}

impl UsingColumn {
    fn retype(&self, type_name: &str) -> Vec<String> {
        let Self { table, name, array, default } = self;
        let brackets = if *array { "[]" } else { "" };
        let alter = format!("ALTER TABLE {table} ALTER COLUMN {name}");
        let change = format!(
            "{alter} TYPE {type_name}{brackets} USING {name}::text{brackets}::{type_name}{brackets}"
        );
        match default {
            Some(default) => vec![
                format!("{alter} DROP DEFAULT"),
                change,
                format!("{alter} SET DEFAULT {default}"),
            ],
            None => vec![change],
        }
    }
}

/// Labels as SQL.
pub(super) fn list(labels: &[String]) -> String {
    labels.iter().map(|label| Literal(label).to_string()).collect::<Vec<_>>().join(", ")
}
