//! Compares the database with what the entities need, and judges by consequence.
//!
//! A database may differ from its entities in a hundred ways that nobody notices and in a few that
//! fail in production. So each difference is named by what comes of it: rows cannot be read
//! ([`DECODE`]), rows cannot be written ([`INSERT`]), queries are slow ([`SLOWER`]), or nothing
//! ([`COSMETIC`]).
//!
//! The entities come in as a [`SchemaBuilder`](sea_orm::SchemaBuilder), so that this crate need not
//! know them. What SeaORM does not tell cannot be compared: the Rust type of a field whose column
//! type was written by hand, casts in `select_as` and `save_as`, and the text of a default.

mod catalog;
mod consequence;
mod cursor;
mod decode;
mod definition;
mod difference;
mod enumeration_use;
mod registry;
mod remedy;
mod statement;

use std::collections::BTreeSet;

use dbkit::Identifier;
use sea_orm::{DatabaseConnection, DbErr};

pub use catalog::Catalog;
pub use consequence::{COSMETIC, DECODE, INSERT, SLOWER};
pub use decode::Fit;
pub use definition::{Column, Definitions, Enumeration, ForeignKey, Name, Table};
pub use difference::{Difference, Kind, differences};
pub use registry::RegistryError;
pub use remedy::{Question, Remedy, remedy};

use crate::{
    Finding,
    bounded::{Bounded, Limits, Reply, sqlstate},
};

/// Rows without a value are counted up to this number.
const NULLS_AT_MOST: i64 = 1000;

/// Everything in which the database behind `db` is not what `definitions` say. Reads only.
///
/// `ledger` is the table of applied migrations, which needs no entity. Beside the comparison, each
/// table is really read with the columns of its entity, which also finds views that are broken and
/// tables that the role may not read.
pub async fn check(
    db: &DatabaseConnection,
    definitions: &Definitions,
    ledger: &str,
    limits: Limits,
) -> Result<Vec<Finding>, DbErr> {
    let catalog = Catalog::read(db).await?;
    let differences = differences(definitions, &catalog, ledger);
    let bounded = Bounded::new(db, limits);
    let mut findings = Vec::new();
    for difference in &differences {
        let mut finding = difference.finding();
        if let Kind::MayBeNull(column) = &difference.kind {
            finding.message += &nulls(&bounded, &difference.of, &column.name).await?;
        }
        findings.push(finding);
    }
    findings.extend(read_each(&bounded, definitions, &catalog, &differences).await?);
    Ok(findings)
}

/// How many rows have no value where the field wants one, as the end of a sentence.
async fn nulls(bounded: &Bounded<'_>, table: &Name, column: &str) -> Result<String, DbErr> {
    let (table, column) = (quoted(table), Identifier(column));
    let sql = format!(
        "SELECT count(*) FROM (SELECT FROM {table} WHERE {column} IS NULL LIMIT {NULLS_AT_MOST}) n"
    );
    let Reply::Rows(rows) = bounded.ask(&sql).await? else { return Ok(String::new()) };
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(match count {
        0 => "; there is none now".to_owned(),
        1 => "; there is one now".to_owned(),
        NULLS_AT_MOST => format!("; there are {count} or more now"),
        _ => format!("; there are {count} now"),
    })
}

/// Reads a row of every table that has all the columns of its entity.
async fn read_each(
    bounded: &Bounded<'_>,
    definitions: &Definitions,
    catalog: &Catalog,
    differences: &[Difference],
) -> Result<Vec<Finding>, DbErr> {
    let incomplete: BTreeSet<_> = differences
        .iter()
        .filter(|found| matches!(found.kind, Kind::TableMissing(_) | Kind::ColumnMissing(_)))
        .map(|found| &found.of)
        .collect();
    let mut findings = Vec::new();
    for table in &definitions.tables {
        let name = catalog.qualified(&table.name);
        if !incomplete.contains(&name) {
            findings.extend(read_one(bounded, &name, table).await?);
        }
    }
    Ok(findings)
}

async fn read_one(
    bounded: &Bounded<'_>,
    name: &Name,
    table: &Table,
) -> Result<Option<Finding>, DbErr> {
    let columns: Vec<_> =
        table.columns.iter().map(|column| Identifier(&column.name).to_string()).collect();
    let sql = format!("SELECT {} FROM {} LIMIT 1", columns.join(", "), quoted(name));
    let subject = format!("table {name}");
    Ok(match bounded.ask(&sql).await {
        Ok(Reply::Rows(_)) => None,
        Ok(Reply::NotNow(why)) => {
            Some(Finding::info(DECODE, subject, format!("no row of it was read: {why}")))
        }
        Err(error) if sqlstate(&error).is_some() => {
            Some(Finding::error(DECODE, subject, format!("it cannot be read: {error}")))
        }
        Err(error) => return Err(error),
    })
}

fn quoted(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", Identifier(schema), Identifier(&name.name)),
        None => Identifier(&name.name).to_string(),
    }
}
