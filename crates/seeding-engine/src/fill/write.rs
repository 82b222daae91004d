//! Fills one table: makes rows in batches until enough of them have passed.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, JsonValue, QueryResult, Statement,
};

use super::{
    keys::{Keys, keys},
    maker::{Maker, Row, Style},
    parents::{missing, parents},
    recipe::{Filling, Recipe},
    statement,
    summary::{FilledTable, Problem},
};

/// Rows of a statement.
const BATCH: u64 = 1_000;

/// A table is given up after so many batches in a row of which nothing was let in.
const PATIENCE: usize = 9;

/// How rows are made, one style after the other where nothing is let in.
const STYLES: [Style; 3] = [Style::Usual, Style::Full, Style::Lean];

/// Adds `rows` rows to a table that has `existing`.
pub(super) async fn fill(
    db: &DatabaseTransaction,
    recipe: &Recipe<'_>,
    existing: u64,
    rows: u64,
) -> Result<FilledTable, DbErr> {
    let (title, mut problems) = (recipe.table.title(), Vec::new());
    let parents = parents(db, recipe).await?;
    if let Some(parent) = missing(recipe, &parents) {
        problems.push(Problem::NoParent { parent });
        return Ok(FilledTable { table: title, existing, written: 0, keys: Keys::None, problems });
    }
    let starts = starts(db, recipe).await?;
    let mut maker = Maker::new(recipe, parents, starts, existing);
    let filled = batches(db, recipe, &mut maker, existing, rows).await?;
    if filled.count < rows {
        let constraints = refusing(db, recipe, filled.last).await?;
        problems.push(Problem::Refused { constraints });
    }
    let (written, keys) = (filled.count, keys(recipe, existing..filled.end, filled.keys));
    Ok(FilledTable { table: title, existing, written, keys, problems })
}

struct Filled {
    count: u64,
    keys: Vec<Vec<String>>,
    /// The first number of which no row was made.
    end: u64,
    /// The batch that came last.
    last: JsonValue,
}

async fn batches(
    db: &DatabaseTransaction,
    recipe: &Recipe<'_>,
    maker: &mut Maker<'_>,
    first: u64,
    rows: u64,
) -> Result<Filled, DbErr> {
    let sql = statement::insert(recipe);
    let width = recipe.table.primary_key().len();
    let mut filled =
        Filled { count: 0, keys: Vec::new(), end: first, last: JsonValue::Array(Vec::new()) };
    let (mut style, mut fruitless) = (0, 0);
    while filled.count < rows && fruitless < PATIENCE {
        let missing = rows - filled.count;
        // A small rest is looked for among more rows, so that the end comes soon.
        let size = missing.clamp(100, BATCH);
        let made = (filled.end..filled.end + size).filter_map(|number| {
            Some(document(number, maker.row(number, STYLES[style % STYLES.len()])?))
        });
        filled.last = JsonValue::Array(made.collect());
        filled.end += size;
        let added = add(db, &sql, &filled.last, size, missing).await?;
        if (added.len() as u64) * 2 < size.min(missing) {
            style += 1;
        }
        fruitless = if added.is_empty() { fruitless + 1 } else { 0 };
        filled.count += added.len() as u64;
        for row in &added {
            filled.keys.push(texts(row, width)?);
        }
    }
    Ok(filled)
}

/// Adds at most `missing` of the `size` rows of `batch`; rows that are in the way of others do not
/// count, so several attempts may be needed.
async fn add(
    db: &DatabaseTransaction,
    sql: &str,
    batch: &JsonValue,
    size: u64,
    missing: u64,
) -> Result<Vec<QueryResult>, DbErr> {
    let (mut added, mut offset) = (Vec::new(), 0);
    while offset < size && (added.len() as u64) < missing {
        let limit = missing - added.len() as u64;
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).into();
        let values = [batch.clone().into(), number(limit), number(offset)];
        let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        added.extend(db.query_all_raw(query).await?);
        offset += limit;
    }
    Ok(added)
}

fn document(number: u64, row: Row) -> JsonValue {
    let field = |(name, value): (String, Option<String>)| {
        (name, value.map_or(JsonValue::Null, JsonValue::String))
    };
    let mut fields: serde_json::Map<String, JsonValue> = row.into_iter().map(field).collect();
    fields.insert("#".to_owned(), number.into());
    JsonValue::Object(fields)
}

pub(super) fn texts(row: &QueryResult, width: usize) -> Result<Vec<String>, DbErr> {
    (0..width).map(|position| row.try_get_by_index(position)).collect()
}

/// The first number for each column that is counted.
async fn starts(
    db: &DatabaseTransaction,
    recipe: &Recipe<'_>,
) -> Result<BTreeMap<String, i128>, DbErr> {
    let mut starts = BTreeMap::new();
    for (column, filling) in &recipe.fillings {
        if *filling != Filling::Number {
            continue;
        }
        let table = statement::qualified(&recipe.table.schema, &recipe.table.name);
        let column = (*column).to_owned();
        let name = statement::list([&column]);
        let sql = format!("SELECT CAST(greatest(max({name}), 0) + 1 AS bigint) FROM {table}");
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        let start: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        starts.insert(column, start.unwrap_or(1).into());
    }
    Ok(starts)
}

/// The constraints that have turned most of `batch` down.
async fn refusing(
    db: &DatabaseTransaction,
    recipe: &Recipe<'_>,
    batch: JsonValue,
) -> Result<Vec<String>, DbErr> {
    let keys = || recipe.table.keys.iter().map(|key| key.name.clone()).collect();
    let Some((names, sql)) = statement::refusals(recipe) else { return Ok(keys()) };
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [batch.into()]);
    let Some(row) = db.query_one_raw(query).await? else { return Ok(keys()) };
    let mut refused = Vec::new();
    for (position, name) in names.into_iter().enumerate() {
        let count: i64 = row.try_get_by_index(position)?;
        if count > 0 {
            refused.push((std::cmp::Reverse(count), name));
        }
    }
    refused.sort();
    let names: Vec<String> = refused.into_iter().map(|(_, name)| name).collect();
    Ok(if names.is_empty() { keys() } else { names })
}
