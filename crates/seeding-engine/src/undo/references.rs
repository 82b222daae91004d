//! Rows of others that refer to rows that are to go.

use std::fmt;

use sea_orm::{DbBackend, DbErr, FromQueryResult, Statement};
use serde::Serialize;
use serde_json::Value as Json;

use super::doomed::Doomed;
use crate::{
    copy::Bulk,
    relations::{self, ForeignKey},
};

/// Rows of others that refer to rows that would go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Whose rows refer.
    pub table: String,
    /// The foreign key.
    pub constraint: String,
    /// To which table.
    pub to: String,
    /// How many rows refer.
    pub rows: u64,
    /// The keys of the first of them.
    pub first: Vec<Json>,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.rows == 1 { "" } else { "s" };
        write!(f, "{} row{plural} of {} to {}", self.rows, self.table, self.to)?;
        let first: Vec<_> = self.first.iter().map(ToString::to_string).collect();
        write!(f, " ({}: {})", self.constraint, first.join(", "))
    }
}

#[derive(FromQueryResult)]
struct Found {
    rows: i64,
    first: Option<Json>,
}

/// Finds the rows that are not to go and refer to rows that are. A foreign key that would delete them too, or
/// empty their column, is no better: they are somebody's.
pub(super) async fn find(db: &Bulk, doomed: &Doomed) -> Result<Vec<Reference>, DbErr> {
    let mut references = Vec::new();
    for parent in &doomed.tables {
        for key in relations::referring(db, &parent.name).await? {
            let question =
                question(db, doomed, &key, &parent.quoted(), &parent.condition("t")).await?;
            let statement = Statement::from_string(DbBackend::Postgres, question);
            let found = Found::find_by_statement(statement).one(db).await?;
            let Some(found) = found.filter(|found| found.rows > 0) else { continue };
            let first = found.first.and_then(|first| first.as_array().cloned());
            references.push(Reference {
                table: key.child,
                constraint: key.name,
                to: parent.name.clone(),
                rows: found.rows.unsigned_abs(),
                first: first.unwrap_or_default(),
            });
        }
    }
    Ok(references)
}

async fn question(
    db: &Bulk,
    doomed: &Doomed,
    key: &ForeignKey,
    parent: &str,
    goes: &str,
) -> Result<String, DbErr> {
    let child = doomed.tables.iter().find(|table| key.is_of(&table.name));
    let stays = child.map_or_else(String::new, |child| format!("AND NOT {}", child.condition("c")));
    let columns = match child {
        Some(child) => child.key.clone(),
        None => relations::primary_key_of(db, &key.child).await?,
    };
    let shown = if columns.is_empty() {
        "to_jsonb(c)".to_owned()
    } else {
        relations::key_of(&columns, "c")
    };
    Ok(format!(
        "WITH found AS (
             SELECT {shown} AS key FROM {} c JOIN {parent} t ON {} WHERE {goes} {stays}
         )
         SELECT count(*) AS rows,
                (SELECT jsonb_agg(key) FROM (SELECT key FROM found LIMIT 3) f) AS first
         FROM found",
        key.child, key.refers,
    ))
}
