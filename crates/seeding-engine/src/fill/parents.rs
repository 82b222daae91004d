//! The rows that a foreign key can refer to.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, Statement};

use super::{definition::ForeignKey, recipe::Recipe, source::Source, statement, write::texts};

/// So many rows of a parent are enough to choose from.
pub(super) const MOST_PARENTS: u64 = 10_000;

/// The rows that a foreign key can refer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Parents {
    /// The referenced columns of each row, in the order of the foreign key.
    rows: Vec<Vec<String>>,
    /// Positions of rows by the values of some of those columns.
    by_shared: BTreeMap<Vec<usize>, BTreeMap<Vec<String>, Vec<usize>>>,
}

impl Parents {
    pub(super) fn new(rows: Vec<Vec<String>>) -> Self {
        Self { rows, by_shared: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Chooses a row that has `known` where that is known.
    pub(super) fn pick(
        &mut self,
        known: &[Option<String>],
        source: &mut Source,
    ) -> Option<Vec<String>> {
        let shared: Vec<usize> =
            (0..known.len()).filter(|position| known[*position].is_some()).collect();
        if shared.is_empty() {
            return self.rows.get(source.index(self.rows.len())).cloned();
        }
        let rows = &self.rows;
        let index = self.by_shared.entry(shared).or_insert_with_key(|shared| {
            let mut index: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
            for (position, row) in rows.iter().enumerate() {
                let values = shared.iter().map(|column| row[*column].clone()).collect();
                index.entry(values).or_default().push(position);
            }
            index
        });
        let values: Vec<String> = known.iter().flatten().cloned().collect();
        let positions = index.get(&values)?;
        self.rows.get(positions[source.index(positions.len())]).cloned()
    }
}

/// The rows that each foreign key of the recipe can refer to.
pub(super) async fn parents(
    db: &DatabaseTransaction,
    recipe: &Recipe<'_>,
) -> Result<BTreeMap<usize, Parents>, DbErr> {
    let mut parents = BTreeMap::new();
    for (position, key) in recipe.early() {
        let rows = if key.is_to(recipe.table) { Vec::new() } else { referable(db, key).await? };
        parents.insert(position, Parents::new(rows));
    }
    Ok(parents)
}

async fn referable(db: &DatabaseTransaction, key: &ForeignKey) -> Result<Vec<Vec<String>>, DbErr> {
    let columns = statement::list(&key.parent_columns);
    let sql = format!(
        "SELECT {} FROM {} WHERE ROW({columns}) IS NOT NULL ORDER BY {columns} LIMIT {MOST_PARENTS}",
        statement::texts(&key.parent_columns),
        statement::qualified(&key.parent_schema, &key.parent),
    );
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(|row| texts(row, key.parent_columns.len())).collect()
}

/// A table that every row needs, and that has none.
pub(super) fn missing(recipe: &Recipe<'_>, parents: &BTreeMap<usize, Parents>) -> Option<String> {
    let mut needed = recipe.early().filter(|(_, key)| {
        !key.is_to(recipe.table) && !recipe.definition.optional(recipe.table, key)
    });
    let (_, key) = needed.find(|(position, _)| parents[position].is_empty())?;
    Some(key.parent_title())
}
