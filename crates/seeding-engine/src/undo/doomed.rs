//! The rows that are to go: conditions by which SQL knows them.

use std::collections::BTreeMap;

use dbkit::Literal;
use uuid::Uuid;

use super::{Scope, UndoError};
use crate::{
    copy::Bulk,
    history::{self, PartTable, RowAction, WrittenRow},
    relations::{self, KeyColumn},
    survey::{self, Survey},
};

/// The rows that are to go.
pub(super) struct Doomed {
    /// The runs that wrote them.
    pub(super) runs: Vec<Uuid>,
    /// The one seed that they are of, if it is one.
    pub(super) seed: Option<String>,
    /// The tables in the order of writing, each with what is to go from it.
    pub(super) tables: Vec<DoomedTable>,
    /// What is there of generated seeds.
    pub(super) generated: BTreeMap<String, Survey>,
    /// The rows of small seeds, in the order of writing.
    pub(super) small: Vec<WrittenRow>,
}

/// The rows that are to go from one table.
pub(super) struct DoomedTable {
    pub(super) name: String,
    pub(super) key: Vec<KeyColumn>,
    /// Ranges of generated rows, as conditions on row `t`.
    ranges: Vec<String>,
    /// The condition on a row `d` of `seaworthy.seed_rows` that it tells of a row that goes.
    small: Option<String>,
}

impl DoomedTable {
    /// The condition that the row `row` of the table is one of those that go.
    pub(super) fn condition(&self, row: &str) -> String {
        let mut conditions: Vec<String> =
            self.ranges.iter().map(|range| range.replace("@row@", row)).collect();
        if let Some(small) = &self.small {
            let same = relations::has_key(&self.key, row, "d.key");
            conditions.push(format!(
                "EXISTS (SELECT FROM seaworthy.seed_rows d WHERE {small} AND {same})"
            ));
        }
        let key = relations::key_of(&self.key, row);
        format!(
            "(({}) AND NOT EXISTS (SELECT FROM seaworthy_kept k
                WHERE k.table_name = {} AND k.key = {key}))",
            conditions.join(" OR "),
            Literal(&self.name),
        )
    }

    /// The table's name, quoted.
    pub(super) fn quoted(&self) -> String {
        relations::quoted(&self.name)
    }
}

/// Finds what `scope` means.
pub(super) async fn find(db: &Bulk, scope: &Scope) -> Result<Doomed, UndoError> {
    let parts = history::present_parts(db).await?;
    let rows = history::present_rows(db).await?;
    let asked = asked(scope, &parts, &rows);
    let nothing = || UndoError::Nothing {
        what: match scope {
            Scope::Run(run) => Some(format!("run {run}")),
            Scope::Seed(seed) => Some(format!("seed `{seed}`")),
            Scope::LastRun | Scope::Everything => None,
        },
    };
    let asked = asked.ok_or_else(nothing)?;
    let parts: Vec<PartTable> =
        parts.into_iter().filter(|part| asked.has(part.run, &part.seed)).collect();
    let rows: Vec<(Uuid, WrittenRow)> =
        rows.into_iter().filter(|(run, row)| asked.has(*run, &row.seed)).collect();
    let mut runs: Vec<Uuid> =
        parts.iter().map(|part| part.run).chain(rows.iter().map(|(run, _)| *run)).collect();
    runs.sort_unstable();
    runs.dedup();
    if runs.is_empty() {
        return Err(nothing());
    }
    let generated = survey::survey(db, &parts).await?;
    let tables = tables(db, &asked, &generated, &rows).await?;
    let small = rows.into_iter().map(|(_, row)| row).collect();
    Ok(Doomed { runs, seed: asked.seed, tables, generated, small })
}

/// Which runs and seeds are meant; all, where none is named.
struct Asked {
    run: Option<Uuid>,
    seed: Option<String>,
}

impl Asked {
    fn has(&self, run: Uuid, seed: &str) -> bool {
        self.run.is_none_or(|asked| asked == run)
            && self.seed.as_deref().is_none_or(|asked| asked == seed)
    }

    /// The condition that a row `d` of the history tells of a created row that is meant.
    fn condition(&self, table: &str) -> String {
        let run = self.run.map(|run| format!(" AND d.run_id = '{run}'")).unwrap_or_default();
        let seed = self.seed.as_deref().map(|seed| format!(" AND d.seed_id = {}", Literal(seed)));
        format!(
            "d.table_name = {} AND d.action = 'created' AND d.removed_by IS NULL{run}{}",
            Literal(table),
            seed.unwrap_or_default()
        )
    }
}

fn asked(scope: &Scope, parts: &[PartTable], rows: &[(Uuid, WrittenRow)]) -> Option<Asked> {
    // Identifiers of runs are time-ordered.
    let last = parts.iter().map(|part| part.run).chain(rows.iter().map(|(run, _)| *run)).max();
    match scope {
        Scope::LastRun => Some(Asked { run: Some(last?), seed: None }),
        Scope::Run(run) => Some(Asked { run: Some(*run), seed: None }),
        Scope::Seed(seed) => Some(Asked { run: None, seed: Some(seed.clone()) }),
        Scope::Everything => Some(Asked { run: None, seed: None }),
    }
}

async fn tables(
    db: &Bulk,
    asked: &Asked,
    generated: &BTreeMap<String, Survey>,
    rows: &[(Uuid, WrittenRow)],
) -> Result<Vec<DoomedTable>, UndoError> {
    let created = rows.iter().filter(|(_, row)| row.action == RowAction::Created);
    let mut tables: Vec<DoomedTable> = Vec::new();
    for (_, row) in created {
        let table = table(db, &mut tables, &row.table).await?;
        if let Some(table) = table {
            table.small.get_or_insert_with(|| asked.condition(&row.table));
        }
    }
    for (range, _) in generated.values().flat_map(|survey| &survey.ranges) {
        if let Some(table) = table(db, &mut tables, &range.table).await? {
            table.ranges.push(range.condition("@row@"));
        }
    }
    Ok(tables)
}

/// The entry for `name`, made where there is none; nothing where the table itself is gone.
async fn table<'a>(
    db: &Bulk,
    tables: &'a mut Vec<DoomedTable>,
    name: &str,
) -> Result<Option<&'a mut DoomedTable>, UndoError> {
    if let Some(at) = tables.iter().position(|table| table.name == name) {
        return Ok(tables.get_mut(at));
    }
    let key = relations::primary_key(db, name).await?;
    if key.is_empty() {
        return Ok(None);
    }
    tables.push(DoomedTable { name: name.to_owned(), key, ranges: Vec::new(), small: None });
    Ok(tables.last_mut())
}
