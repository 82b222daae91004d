//! Putting back what was kept.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use serde::Serialize;
use uuid::Uuid;

use super::{
    SafekeepError, SafekeepKind,
    catalog::{self, Column},
    copy_name, doing, execute, is_installed, order, query, rows,
    triggers::SwitchedOff,
};
use crate::relation::{ColumnName, TableName};

/// What became of everything that was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PutBack {
    /// What is back.
    pub items: Vec<PutBackItem>,
    /// What stays where it is kept.
    pub left: Vec<Left>,
}

/// A copy whose rows or values are back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PutBackItem {
    /// Its number in the registry.
    pub id: i64,
    /// What it is a copy of.
    pub kind: SafekeepKind,
    /// The name of the table or column.
    pub name: String,
    /// How many rows were written.
    pub rows: u64,
    /// How many were not: rows that were there already, or values whose row is gone.
    pub skipped: u64,
    /// How many of the skipped rows are there with other values than were kept.
    pub differing: u64,
    /// Columns that were kept and that the table does not have any more.
    pub without: Vec<String>,
}

/// A copy that was not put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Its number in the registry; the copy is `seaworthy.safekept_<id>`.
    pub id: i64,
    /// The name of the table or column.
    pub name: String,
    /// Why.
    pub reason: &'static str,
}

/// A row of the registry.
struct Entry {
    id: i64,
    run_id: Uuid,
    table: TableName,
    column: Option<String>,
    key: Vec<String>,
    rows: u64,
}

/// Puts back what the last way down of `migration` kept.
///
/// `conn` is in the transaction of the way up, or in one of its own where that has none, and the
/// migration has done its work. Triggers that a team wrote do not see it. Where something of a copy
/// found no place, the copy stays, and a note in the registry says why.
pub async fn put_back(
    conn: &impl ConnectionTrait,
    migration: &str,
    now: DateTime<Utc>,
) -> Result<PutBack, SafekeepError> {
    let entries = entries(conn, migration).await.map_err(doing("read what was kept"))?;
    let mut back = PutBack::default();
    let Some(last_run) = entries.last().map(|entry| entry.run_id) else { return Ok(back) };
    let (entries, older): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|entry| entry.run_id == last_run);
    back.left.extend(older.iter().map(|entry| entry.left("a later run kept it again")));
    let restoring = Restoring { conn, now };
    let entries = restoring.in_order(entries).await.map_err(doing("read the foreign keys"))?;
    for entry in entries {
        let what = format!("put back {}", entry.name());
        match restoring.entry(&entry).await.map_err(doing(what))? {
            Ok(item) => back.items.push(item),
            Err(left) => back.left.push(left),
        }
    }
    Ok(back)
}

/// What is kept of `migration`, oldest first.
async fn entries(conn: &impl ConnectionTrait, migration: &str) -> Result<Vec<Entry>, DbErr> {
    const ENTRIES: &str = "
SELECT id, run_id, original_schema, original_table, original_column, key_columns, rows
FROM seaworthy.safekept
WHERE migration = $1 AND restored_at IS NULL AND abandoned_at IS NULL
ORDER BY id";
    if !is_installed(conn).await? {
        return Ok(Vec::new());
    }
    let rows = conn.query_all_raw(query(ENTRIES, [migration.into()])).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &QueryResult) -> Result<Entry, DbErr> {
    let key: serde_json::Value = row.try_get_by_index(5)?;
    Ok(Entry {
        id: row.try_get_by_index(0)?,
        run_id: row.try_get_by_index(1)?,
        table: TableName { schema: row.try_get_by_index(2)?, name: row.try_get_by_index(3)? },
        column: row.try_get_by_index(4)?,
        key: serde_json::from_value(key).map_err(|error| DbErr::Type(error.to_string()))?,
        rows: u64::try_from(row.try_get_by_index::<i64>(6)?).unwrap_or_default(),
    })
}

impl Entry {
    fn name(&self) -> String {
        let Some(column) = self.column.clone() else { return self.table.to_string() };
        ColumnName { table: self.table.clone(), column }.to_string()
    }

    fn left(&self, reason: &'static str) -> Left {
        Left { id: self.id, name: self.name(), reason }
    }
}

struct Restoring<'a, C> {
    conn: &'a C,
    now: DateTime<Utc>,
}

impl<C: ConnectionTrait> Restoring<'_, C> {
    /// Tables before columns, and tables as their foreign keys want it.
    async fn in_order(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, DbErr> {
        let (mut tables, columns): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.column.is_none());
        let names: Vec<_> = tables.iter().map(|entry| entry.table.quoted()).collect();
        let places = order::by_foreign_key(self.conn, &names).await?;
        tables.sort_by_cached_key(|entry| {
            let place = names.iter().position(|name| *name == entry.table.quoted());
            place.and_then(|place| places.iter().position(|other| *other == place))
        });
        tables.extend(columns);
        Ok(tables)
    }

    async fn entry(&self, entry: &Entry) -> Result<Result<PutBackItem, Left>, DbErr> {
        let table = catalog::columns(self.conn, &entry.table.quoted()).await?;
        let copy = catalog::columns(self.conn, &copy_name(entry.id)).await?;
        if copy.is_empty() {
            return Ok(Err(entry.left("the copy is gone")));
        }
        if table.is_empty() {
            return Ok(Err(entry.left("the table is not there again")));
        }
        let item = match &entry.column {
            None => Ok(self.table(entry, &table, &copy).await?),
            Some(column) => self.column(entry, column, &table, &copy).await?,
        };
        if let Ok(item) = &item {
            self.settle(item).await?;
        }
        Ok(item)
    }

    async fn table(
        &self,
        entry: &Entry,
        table: &[Column],
        copy: &[Column],
    ) -> Result<PutBackItem, DbErr> {
        let common = rows::common(table, copy);
        let (name, copy_name) = (entry.table.quoted(), copy_name(entry.id));
        let off = SwitchedOff::begin(self.conn, &name).await?;
        let filled = rows::fill(self.conn, (&name, &copy_name), &common, entry.rows).await?;
        off.end(self.conn).await?;
        rows::advance_sequences(self.conn, &name, &common).await?;
        let is_left = |kept: &&Column| !table.iter().any(|own| own.name == kept.name);
        Ok(PutBackItem {
            id: entry.id,
            kind: SafekeepKind::Table,
            name: entry.name(),
            rows: filled.written,
            skipped: entry.rows.saturating_sub(filled.written),
            differing: filled.differing,
            without: copy.iter().filter(is_left).map(|column| column.name.clone()).collect(),
        })
    }

    async fn column(
        &self,
        entry: &Entry,
        column: &str,
        table: &[Column],
        copy: &[Column],
    ) -> Result<Result<PutBackItem, Left>, DbErr> {
        let common = rows::common(table, copy);
        let find = |name: &str| common.iter().copied().find(|(own, _)| own.name == name);
        let Some(own) = find(column) else {
            return Ok(Err(entry.left("the column is not there again")));
        };
        if own.0.identity_always {
            return Ok(Err(entry.left("the database numbers the column itself")));
        }
        let key: Vec<_> = entry.key.iter().filter_map(|name| find(name)).collect();
        if key.is_empty() || key.len() < entry.key.len() {
            return Ok(Err(entry.left("the table has not the same key any more")));
        }
        let (name, copy_name) = (entry.table.quoted(), copy_name(entry.id));
        let off = SwitchedOff::begin(self.conn, &name).await?;
        let written = rows::set(self.conn, (&name, &copy_name), own, &key).await?;
        off.end(self.conn).await?;
        rows::advance_sequences(self.conn, &name, &[own]).await?;
        Ok(Ok(PutBackItem {
            id: entry.id,
            kind: SafekeepKind::Column,
            name: entry.name(),
            rows: written,
            skipped: entry.rows.saturating_sub(written),
            differing: 0,
            without: Vec::new(),
        }))
    }

    /// Writes down that it is back. The copy goes, unless it holds what is nowhere else.
    async fn settle(&self, item: &PutBackItem) -> Result<(), DbErr> {
        const RESTORED: &str =
            "UPDATE seaworthy.safekept SET restored_at = $2, note = $3 WHERE id = $1";
        let values = [item.id.into(), self.now.into(), item.note().into()];
        self.conn.execute_raw(query(RESTORED, values)).await?;
        if item.is_complete() {
            execute(self.conn, &format!("DROP TABLE {}", copy_name(item.id))).await?;
        }
        Ok(())
    }
}

impl PutBackItem {
    /// Whether the copy holds nothing that is nowhere else.
    pub fn is_complete(&self) -> bool {
        self.differing == 0 && self.without.is_empty()
    }

    /// What is to be known of it, if anything.
    pub fn note(&self) -> Option<String> {
        let mut notes = Vec::new();
        match (self.kind, self.skipped) {
            (_, 0) => {}
            (SafekeepKind::Table, n) => {
                notes.push(format!(
                    "{n} rows were there already, {} with other values",
                    self.differing
                ));
            }
            (SafekeepKind::Column, n) => notes.push(format!("the rows of {n} values are gone")),
        }
        if !self.without.is_empty() {
            notes.push(format!("not there any more: {}", self.without.join(", ")));
        }
        if !self.is_complete() {
            notes.push(format!("the copy stays in {}", copy_name(self.id)));
        }
        (!notes.is_empty()).then(|| notes.join("; "))
    }
}
