//! What is there of the generated rows that the history knows of.

use std::collections::BTreeMap;

use dbkit::{Identifier, Literal};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use serde::Serialize;

use crate::{
    Cells,
    copy::{Fingerprint, KeyRange},
    history::PartTable,
    relations,
};

/// How much of what was written is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Every row.
    Whole,
    /// Some rows were deleted.
    Partly,
    /// None: somebody emptied the tables.
    Gone,
}

/// A range of keys of one table that generated rows were written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyedRows {
    /// The table.
    pub table: String,
    /// The column.
    pub key_column: String,
    /// The first key.
    pub key_from: String,
    /// The first key after the range.
    pub key_before: String,
    /// How many rows were written.
    pub rows: u64,
    /// What they were like.
    pub fingerprint: Fingerprint,
}

/// A generated seed as the history and the tables have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The version of the seed that wrote the rows.
    pub version: u32,
    /// The cells that were written.
    pub cells: Cells,
    /// The ranges, in the order of writing, each with how many rows are there now.
    pub ranges: Vec<(KeyedRows, u64)>,
}

impl Survey {
    /// How many rows were written.
    pub fn written(&self) -> u64 {
        self.ranges.iter().map(|(range, _)| range.rows).sum()
    }

    /// How many rows are there.
    pub fn found(&self) -> u64 {
        self.ranges.iter().map(|(_, found)| *found).sum()
    }

    /// How much of it is there.
    pub fn presence(&self) -> Presence {
        if self.ranges.iter().all(|(range, found)| *found >= range.rows) {
            Presence::Whole
        } else if self.found() == 0 {
            Presence::Gone
        } else {
            Presence::Partly
        }
    }

    /// What the rows of all tables were like.
    pub fn fingerprint(&self) -> Fingerprint {
        self.ranges.iter().map(|(range, _)| range.fingerprint).sum()
    }
}

/// Counts the rows that are there of every generated seed in `parts`.
pub(crate) async fn survey(
    db: &impl ConnectionTrait,
    parts: &[PartTable],
) -> Result<BTreeMap<String, Survey>, DbErr> {
    let mut surveys = BTreeMap::new();
    for part in parts {
        let survey = surveys.entry(part.seed.clone()).or_insert_with(|| Survey {
            version: part.version,
            cells: Cells::default(),
            ranges: Vec::new(),
        });
        // A seed's newest version is what it is compared with; a run never mixes two.
        survey.version = survey.version.max(part.version);
    }
    for (seed, survey) in &mut surveys {
        let own: Vec<_> = parts.iter().filter(|part| part.seed == *seed).collect();
        survey.cells = Cells::of(own.iter().map(|part| part.cells.clone()));
        for range in joined(&own) {
            let found = count(db, &range).await?;
            survey.ranges.push((range, found));
        }
    }
    Ok(surveys)
}

/// The parts with those joined whose keys follow each other, in the order of first writing.
fn joined(parts: &[&PartTable]) -> Vec<KeyedRows> {
    let mut ranges: Vec<KeyedRows> = Vec::new();
    let mut sorted: Vec<_> = parts.iter().enumerate().collect();
    sorted.sort_by(|(_, one), (_, other)| {
        (&one.table, &one.key_column, &one.key_from).cmp(&(
            &other.table,
            &other.key_column,
            &other.key_from,
        ))
    });
    let mut firsts: Vec<usize> = Vec::new();
    for (at, part) in sorted {
        match ranges.last_mut() {
            Some(last) if follows(last, part) => {
                last.key_before.clone_from(&part.key_before);
                last.rows += part.rows;
                last.fingerprint += part.fingerprint;
                if let Some(first) = firsts.last_mut() {
                    *first = at.min(*first);
                }
            }
            _ => {
                ranges.push(keyed(part));
                firsts.push(at);
            }
        }
    }
    let mut ordered: Vec<_> = firsts.into_iter().zip(ranges).collect();
    ordered.sort_by_key(|(first, _)| *first);
    ordered.into_iter().map(|(_, range)| range).collect()
}

fn follows(range: &KeyedRows, part: &PartTable) -> bool {
    range.table == part.table
        && range.key_column == part.key_column
        && range.key_before == part.key_from
}

fn keyed(part: &PartTable) -> KeyedRows {
    KeyedRows {
        table: part.table.clone(),
        key_column: part.key_column.clone(),
        key_from: part.key_from.clone(),
        key_before: part.key_before.clone(),
        rows: part.rows,
        fingerprint: part.fingerprint,
    }
}

impl KeyedRows {
    /// The condition that a row of the table, under the name `alias`, is one of them.
    pub(crate) fn condition(&self, alias: &str) -> String {
        let column = format!("{alias}.{}", Identifier(&self.key_column));
        format!(
            "({column} >= {} AND {column} < {})",
            Literal(&self.key_from),
            Literal(&self.key_before)
        )
    }
}

/// Whether `table` has a row within `keys`.
pub(crate) async fn any(
    db: &impl ConnectionTrait,
    table: &str,
    keys: &KeyRange,
) -> Result<bool, DbErr> {
    let (table, column) = (Identifier(table), Identifier(keys.column));
    let sql = format!("SELECT EXISTS (SELECT FROM {table} WHERE {column} >= $1 AND {column} < $2)");
    let values = [keys.from.into(), keys.to.into()];
    let row =
        db.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// How many rows are in `range`; none where the table or the column of its key is gone.
async fn count(db: &impl ConnectionTrait, range: &KeyedRows) -> Result<u64, DbErr> {
    if !has_column(db, &range.table, &range.key_column).await? {
        return Ok(0);
    }
    let sql = format!(
        "SELECT count(*) FROM {} t WHERE {}",
        relations::quoted(&range.table),
        range.condition("t")
    );
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(count.unsigned_abs())
}

async fn has_column(db: &impl ConnectionTrait, table: &str, column: &str) -> Result<bool, DbErr> {
    let sql =
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2
                              AND NOT attisdropped)";
    let values = [relations::quoted(table).into(), column.into()];
    let row =
        db.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

/// Whether there is a table called `table`.
pub(crate) async fn exists(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = "SELECT to_regclass($1) IS NOT NULL";
    let values = [Identifier(table).to_string().into()];
    let row =
        db.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use uuid::Uuid;

    use super::*;

    fn part(table: &str, cells: Range<u64>, keys: (&str, &str)) -> PartTable {
        PartTable {
            run: Uuid::nil(),
            seed: "volume".to_owned(),
            version: 1,
            table: table.to_owned(),
            cells,
            key_column: "id".to_owned(),
            key_from: keys.0.to_owned(),
            key_before: keys.1.to_owned(),
            rows: 10,
            bytes: 100,
            fingerprint: Fingerprint::default(),
            duration_ms: 1,
        }
    }

    #[test]
    fn ranges_that_follow_each_other_are_one_and_keep_the_order_of_writing() {
        let parts = [
            part("users", 0..1, ("a0", "a1")),
            part("posts", 0..1, ("b0", "b1")),
            part("users", 2..3, ("a2", "a3")),
            part("posts", 1..2, ("b1", "b2")),
            part("users", 1..2, ("a1", "a2")),
        ];
        let ranges = joined(&parts.iter().collect::<Vec<_>>());
        let ranges: Vec<_> = ranges
            .iter()
            .map(|range| {
                (
                    range.table.as_str(),
                    range.key_from.as_str(),
                    range.key_before.as_str(),
                    range.rows,
                )
            })
            .collect();
        assert_eq!(ranges, [("users", "a0", "a3", 30), ("posts", "b0", "b2", 20)]);
    }
}
