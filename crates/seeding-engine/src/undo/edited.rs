//! Rows that somebody has edited since they were written.

use std::{fmt, sync::Arc};

use dbkit::Literal;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use serde_json::Value as Json;

use super::{
    EditedRows, UndoError,
    doomed::{Doomed, DoomedTable},
    kept,
};
use crate::{
    Database, GENERATOR_VERSION, Seed,
    copy::{self, Bulk, RowKey, Source},
    fill, history,
    relations::{self, KeyColumn},
    survey::Survey,
};

/// So many are named.
const NAMED: usize = 5;

/// Finds the rows among `doomed` that were edited, and does with them what `edited` says.
pub(super) async fn settle(
    db: &Bulk,
    database: Database<'_>,
    seeds: &[Seed],
    doomed: &Doomed,
    edited: EditedRows,
) -> Result<(), UndoError> {
    if edited == EditedRows::Discard {
        return Ok(());
    }
    let mut found = small(db, doomed).await?;
    found.extend(generated(database, seeds, doomed).await?);
    if found.is_empty() {
        return Ok(());
    }
    if edited == EditedRows::Refuse {
        let first = found.iter().take(NAMED).map(ToString::to_string).collect();
        return Err(UndoError::Edited { total: found.len() as u64, first });
    }
    for row in &found {
        let Some(table) = doomed.tables.iter().find(|table| table.name == row.table) else {
            continue;
        };
        let key = row.key.to_string();
        let same = relations::has_key(&table.key, "t", &format!("{}::jsonb", Literal(&key)));
        kept::keep(db, table, &same).await?;
    }
    Ok(())
}

/// A row that was edited.
struct Edited {
    table: String,
    key: Json,
}

impl fmt::Display for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.key)
    }
}

#[derive(FromQueryResult)]
struct Row {
    key: Json,
}

/// The rows of small seeds that differ from what was written last.
async fn small(db: &Bulk, doomed: &Doomed) -> Result<Vec<Edited>, UndoError> {
    let mut edited = Vec::new();
    for table in &doomed.tables {
        let statement = Statement::from_string(DbBackend::Postgres, question(table));
        let rows = Row::find_by_statement(statement).all(db).await?;
        edited
            .extend(rows.into_iter().map(|row| Edited { table: table.name.clone(), key: row.key }));
    }
    Ok(edited)
}

fn question(table: &DoomedTable) -> String {
    format!(
        "SELECT d.key FROM (
             SELECT DISTINCT ON (key) key, after FROM seaworthy.seed_rows
             WHERE table_name = {} AND removed_by IS NULL ORDER BY key, id DESC
         ) d
         JOIN {} t ON {}
         WHERE {} AND NOT to_jsonb(t) @> d.after ORDER BY d.key",
        Literal(&table.name),
        table.quoted(),
        relations::has_key(&table.key, "t", "d.key"),
        table.condition("t"),
    )
}

/// The generated rows that differ from what is generated for them.
async fn generated(
    database: Database<'_>,
    seeds: &[Seed],
    doomed: &Doomed,
) -> Result<Vec<Edited>, UndoError> {
    let recorded = history::read(database.pool).await?;
    let mut edited = Vec::new();
    // What fills tables takes what is there into account, so no row can be made again for comparison.
    for (id, survey) in doomed.generated.iter().filter(|(id, _)| *id != fill::SEED) {
        let seed = seeds.iter().find(|seed| seed.id == *id && seed.version == survey.version);
        let recorded = recorded.get(id).filter(|run| run.generator_version == GENERATOR_VERSION);
        let (Some(seed), Some(recorded)) = (seed, recorded) else {
            return Err(UndoError::Unknowable { seed: id.clone() });
        };
        for table in seed.tables(&recorded.world) {
            edited.extend(of_table(database, table, survey, doomed).await?);
        }
    }
    Ok(edited)
}

async fn of_table(
    database: Database<'_>,
    table: crate::Generated,
    survey: &Survey,
    doomed: &Doomed,
) -> Result<Vec<Edited>, UndoError> {
    let name = table.table();
    let Some(target) = doomed.tables.iter().find(|table| table.name == name) else {
        return Ok(Vec::new());
    };
    let look = Bulk::look(database.url, database.connect).await?;
    let (table, mut edited): (Arc<dyn Source>, _) = (Arc::new(table), Vec::new());
    for cells in survey.cells.ranges() {
        let table = Arc::clone(&table);
        let difference = copy::compare(&look, table, cells.clone(), usize::MAX).await?;
        let keys = difference.edited.first.into_iter();
        edited.extend(
            keys.map(|key| Edited { table: name.to_owned(), key: object(&target.key, &key) }),
        );
    }
    look.rollback().await?;
    Ok(edited)
}

/// The key as an object of its columns' values.
fn object(columns: &[KeyColumn], key: &RowKey) -> Json {
    let values = key.values().iter().map(ToString::to_string);
    columns.iter().map(|column| column.name.clone()).zip(values.map(Json::from)).collect()
}
