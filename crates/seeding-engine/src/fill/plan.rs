//! What a fill would do, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use serde::Serialize;

use super::{
    definition::{self, Definition, ForeignKey, Table},
    order::{Order, order},
    parents::MOST_PARENTS,
    recipe::Recipe,
    statement::qualified,
    summary::{Problem, TableProposal},
};
use crate::{Generated, Rows, Seed, World};

/// What a fill is asked for.
#[derive(Clone, Debug)]
pub struct FillOptions {
    /// How many rows each table has in the end; those that it has already count.
    pub rows: u64,
    /// The tables, with the schema unless that is `public`; empty for those that are not `seeded`.
    /// Tables without a row that they need are filled, too.
    pub tables: Vec<String>,
    /// The tables that seeds fill, with the names of these.
    pub seeded: BTreeMap<String, Vec<&'static str>>,
    /// The world that the rows are made for.
    pub world: World,
}

/// Why tables cannot be filled at all.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    /// A table was asked for that does not exist.
    #[error("there is no table `{table}`")]
    UnknownTable {
        /// The name that was given.
        table: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The definitions or the rows cannot be read.
    #[error("cannot read the tables")]
    Read(#[source] DbErr),
    /// The database cannot be stamped with its environment.
    #[error("cannot stamp the database")]
    Stamp(#[source] DbErr),
    /// It cannot be kept which rows were written.
    #[error("cannot write the history")]
    History(#[source] DbErr),
    /// The transaction cannot be opened or ended.
    #[error("the transaction failed")]
    Transaction(#[source] DbErr),
}

/// What a fill would do.
#[derive(Clone, Debug)]
pub struct FillPlan {
    /// The tables in the order of writing; those that cannot be filled come last.
    pub tables: Vec<TableProposal>,
    /// The tables that nobody asked for by name and that have seeds of their own.
    pub left_out: Vec<LeftOut>,
    pub(super) world: World,
    pub(super) definition: Definition,
    /// Where the tables are found in the definition.
    pub(super) positions: Vec<usize>,
    pub(super) order: Order,
}

/// A table that is left to its seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The table.
    pub table: String,
    /// The seeds that fill it.
    pub seeds: Vec<&'static str>,
}

/// The tables that `seeds` fill, with the names of these.
pub fn seeded(seeds: &[Seed], world: &World) -> BTreeMap<String, Vec<&'static str>> {
    let mut seeded: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for seed in seeds {
        let (rows, generated) = (seed.rows(world), seed.tables(world));
        let names = rows.iter().map(Rows::table).chain(generated.iter().map(Generated::table));
        for name in names {
            let of_table = seeded.entry(name.to_owned()).or_default();
            if !of_table.contains(&seed.id) {
                of_table.push(seed.id);
            }
        }
    }
    seeded
}

/// Reads the definitions of the tables and decides what they would be filled with.
pub async fn plan(db: &impl ConnectionTrait, options: &FillOptions) -> Result<FillPlan, FillError> {
    let definition = definition::read(db).await.map_err(FillError::Read)?;
    let mut existing = Vec::with_capacity(definition.tables.len());
    for table in &definition.tables {
        let most = options.rows.max(MOST_PARENTS);
        existing.push(count(db, table, most).await.map_err(FillError::Read)?);
    }
    let order = order(&definition);
    let selected = select(&definition, options, &existing)?;
    let mut planner =
        Planner { definition: &definition, options, existing, planned: BTreeMap::new() };
    let mut positions: Vec<usize> =
        order.tables.iter().copied().filter(|position| selected.contains(position)).collect();
    let mut tables: Vec<TableProposal> = positions
        .iter()
        .map(|position| planner.table(*position, late(&order, *position)))
        .collect();
    for path in &order.impossible {
        let in_path = |position: &usize| path.contains(&definition.tables[*position].title());
        for position in selected.iter().copied().filter(in_path) {
            positions.push(position);
            tables.push(planner.in_circle(position, path));
        }
    }
    let left_out = left_out(&definition, options, &selected);
    Ok(FillPlan { tables, left_out, world: options.world, definition, positions, order })
}

/// The foreign keys of a table that are filled at the end.
pub(super) fn late(order: &Order, position: usize) -> BTreeSet<String> {
    let late = order.late.iter().filter(|(table, _)| *table == position);
    late.map(|(_, key)| key.clone()).collect()
}

async fn count(db: &impl ConnectionTrait, table: &Table, most: u64) -> Result<u64, DbErr> {
    let name = qualified(&table.schema, &table.name);
    let sql = format!("SELECT count(*) FROM (SELECT FROM {name} LIMIT {most}) AS counted");
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let count: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

/// The tables that were asked for, and those without which they cannot be filled.
fn select(
    definition: &Definition,
    options: &FillOptions,
    existing: &[u64],
) -> Result<BTreeSet<usize>, FillError> {
    let titles: Vec<String> = definition.tables.iter().map(Table::title).collect();
    let unseeded = |position: &usize| !options.seeded.contains_key(&titles[*position]);
    let mut open: Vec<usize> = if options.tables.is_empty() {
        (0..titles.len()).filter(unseeded).collect()
    } else {
        Vec::new()
    };
    for name in &options.tables {
        let position = titles.iter().position(|title| title == name);
        open.push(position.ok_or_else(|| FillError::UnknownTable {
            table: name.clone(),
            known: titles.clone(),
        })?);
    }
    let mut selected = BTreeSet::new();
    while let Some(position) = open.pop() {
        if !selected.insert(position) {
            continue;
        }
        let table = &definition.tables[position];
        let needed = table.foreign_keys.iter().filter(|key| !definition.optional(table, key));
        let parents = needed
            .filter_map(|key| definition.tables.iter().position(|parent| key.is_to(parent)))
            .filter(|parent| existing[*parent] == 0);
        open.extend(parents);
    }
    Ok(selected)
}

/// The tables that are left to their seeds, where no table was asked for by name.
fn left_out(
    definition: &Definition,
    options: &FillOptions,
    selected: &BTreeSet<usize>,
) -> Vec<LeftOut> {
    if !options.tables.is_empty() {
        return Vec::new();
    }
    let tables = definition.tables.iter().enumerate();
    let left = tables.filter(|(position, _)| !selected.contains(position));
    left.map(|(_, table)| table.title())
        .filter_map(|table| Some((options.seeded.get(&table)?.clone(), table)))
        .map(|(seeds, table)| LeftOut { table, seeds })
        .collect()
}

struct Planner<'a> {
    definition: &'a Definition,
    options: &'a FillOptions,
    existing: Vec<u64>,
    /// How many rows are added to the tables that were looked at.
    planned: BTreeMap<usize, u64>,
}

impl Planner<'_> {
    fn table(&mut self, position: usize, late: BTreeSet<String>) -> TableProposal {
        let table = &self.definition.tables[position];
        let mut recipe = Recipe::new(self.definition, table, late, self.options.world);
        let (wanted, existing) = (self.options.rows, self.existing[position]);
        let mut rows = wanted.saturating_sub(existing);
        let impossible = recipe.impossible().or_else(|| self.orphaned(&recipe));
        let problem = if impossible.is_some() {
            rows = 0;
            impossible
        } else {
            let tight = recipe.keep_apart(existing + rows, &|key| self.available(key));
            if let Some(Problem::Capacity { possible, .. }) = &tight {
                rows = possible.saturating_sub(existing);
            }
            tight
        };
        // A table that has what was asked for has no problem.
        let problems = problem.filter(|_| wanted > existing).into_iter().collect();
        self.planned.insert(position, rows);
        let columns = recipe.proposals();
        TableProposal { table: table.title(), existing, rows, columns, problems }
    }

    fn in_circle(&self, position: usize, path: &[String]) -> TableProposal {
        let table = &self.definition.tables[position];
        let problem = Problem::Circle { path: path.to_vec() };
        TableProposal {
            table: table.title(),
            existing: self.existing[position],
            rows: 0,
            columns: Vec::new(),
            problems: vec![problem],
        }
    }

    /// How many rows a foreign key can refer to.
    fn available(&self, key: &ForeignKey) -> u64 {
        let tables = &self.definition.tables;
        let Some(parent) = tables.iter().position(|table| key.is_to(table)) else {
            return MOST_PARENTS;
        };
        self.existing[parent] + self.planned.get(&parent).copied().unwrap_or_default()
    }

    fn orphaned(&self, recipe: &Recipe<'_>) -> Option<Problem> {
        let mut needed = recipe
            .early()
            .map(|(_, key)| key)
            .filter(|key| !key.is_to(recipe.table) && !self.definition.optional(recipe.table, key));
        let key = needed.find(|key| self.available(key) == 0)?;
        Some(Problem::NoParent { parent: key.parent_title() })
    }
}
