//! Copying what is about to be lost.

use chrono::{DateTime, Utc};
use dbkit::Identifier;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    SafekeepError, SafekeepKind,
    catalog::{self, Column},
    copy_name, doing, execute, query,
};
use crate::{
    losses::{GoneTable, Losses},
    relation::ColumnName,
};

/// What was kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// One entry for each copy.
    pub items: Vec<KeptItem>,
}

/// One copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptItem {
    /// Its number in the registry; the copy is `seaworthy.safekept_<id>`.
    pub id: i64,
    /// What it is a copy of.
    pub kind: SafekeepKind,
    /// The name of the table or column.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
}

/// What the registry is told of a copy before it is made.
struct Entry<'a> {
    kind: SafekeepKind,
    schema: &'a str,
    table: &'a str,
    column: Option<&'a str>,
    key: Vec<&'a str>,
}

/// Refuses what cannot be kept, before anything is changed.
pub async fn check(conn: &impl ConnectionTrait, losses: &Losses) -> Result<(), SafekeepError> {
    for lost in &losses.columns {
        let columns = columns_of(conn, lost).await?;
        let is_kept = columns.iter().any(|column| column.name == lost.column && !column.generated);
        let is_lost = |key: &Column| {
            let same = |other: &ColumnName| other.table == lost.table && other.column == key.name;
            losses.columns.iter().any(same)
        };
        let mut key = columns.iter().filter(|column| column.key).peekable();
        if is_kept && (key.peek().is_none() || key.any(is_lost)) {
            return Err(SafekeepError::NoKey { column: lost.clone() });
        }
    }
    Ok(())
}

/// Copies the tables and columns of `losses`, for [`super::put_back`] to find them again.
///
/// `conn` is in the transaction of the way down, or in one of its own where that has none, and
/// [`super::install`] has run before. From here on nobody else can write to these tables: what was
/// written between the copy and the drop would be in neither. Readers go on.
pub async fn keep(
    conn: &impl ConnectionTrait,
    losses: &Losses,
    run_id: Uuid,
    migration: &str,
    now: DateTime<Utc>,
) -> Result<Kept, SafekeepError> {
    check(conn, losses).await?;
    let keeping = Keeping { conn, run_id, migration, now };
    keeping.lock(losses).await.map_err(doing("lock what is to be kept"))?;
    let mut kept = Kept::default();
    for gone in &losses.tables {
        let what = format!("keep {}", gone.table);
        kept.items.extend(keeping.table(gone).await.map_err(doing(what))?);
    }
    for lost in &losses.columns {
        let what = format!("keep {lost}");
        kept.items.extend(keeping.column(lost).await.map_err(doing(what))?);
    }
    execute(conn, "SET LOCAL row_security TO DEFAULT").await.map_err(doing("end the copying"))?;
    Ok(kept)
}

async fn columns_of(
    conn: &impl ConnectionTrait,
    lost: &ColumnName,
) -> Result<Vec<Column>, SafekeepError> {
    let columns = catalog::columns(conn, &lost.table.quoted()).await;
    columns.map_err(doing(format!("look at {}", lost.table)))
}

struct Keeping<'a, C> {
    conn: &'a C,
    run_id: Uuid,
    migration: &'a str,
    now: DateTime<Utc>,
}

impl<C: ConnectionTrait> Keeping<'_, C> {
    /// A policy that would hide rows is an error from here on.
    async fn lock(&self, losses: &Losses) -> Result<(), DbErr> {
        let tables = losses.tables.iter().map(|gone| &gone.table);
        let mut tables: Vec<_> =
            tables.chain(losses.columns.iter().map(|lost| &lost.table)).collect();
        tables.sort();
        tables.dedup();
        execute(self.conn, "SET LOCAL row_security = off").await?;
        for table in tables {
            let table = table.quoted();
            if !catalog::columns(self.conn, &table).await?.is_empty() {
                let lock = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
                execute(self.conn, &lock).await?;
            }
        }
        Ok(())
    }

    /// Nothing where the live database has no such table, or one without columns.
    async fn table(&self, gone: &GoneTable) -> Result<Option<KeptItem>, DbErr> {
        let table = gone.table.quoted();
        let mut columns = catalog::columns(self.conn, &table).await?;
        columns.retain(|column| !column.generated);
        if columns.is_empty() {
            return Ok(None);
        }
        let selected: Vec<_> = columns.iter().map(Column::kept).collect();
        let only = if gone.partitioned { "" } else { "ONLY " };
        let entry = Entry {
            kind: SafekeepKind::Table,
            schema: &gone.table.schema,
            table: &gone.table.name,
            column: None,
            key: Vec::new(),
        };
        let source = format!("SELECT {} FROM {only}{table}", selected.join(", "));
        self.copy(&entry, &source, gone.table.to_string()).await.map(Some)
    }

    /// Nothing where the live database has no such column, or computes it.
    async fn column(&self, lost: &ColumnName) -> Result<Option<KeptItem>, DbErr> {
        let table = lost.table.quoted();
        let columns = catalog::columns(self.conn, &table).await?;
        let own = columns.iter().find(|column| column.name == lost.column && !column.generated);
        let Some(own) = own else { return Ok(None) };
        let key: Vec<_> = columns.iter().filter(|column| column.key).collect();
        let selected: Vec<_> = key.iter().copied().chain([own]).map(Column::kept).collect();
        let entry = Entry {
            kind: SafekeepKind::Column,
            schema: &lost.table.schema,
            table: &lost.table.name,
            column: Some(&lost.column),
            key: key.iter().map(|column| column.name.as_str()).collect(),
        };
        let source = format!(
            "SELECT {} FROM {table} WHERE {} IS NOT NULL",
            selected.join(", "),
            Identifier(&lost.column)
        );
        self.copy(&entry, &source, lost.to_string()).await.map(Some)
    }

    async fn copy(&self, entry: &Entry<'_>, source: &str, name: String) -> Result<KeptItem, DbErr> {
        const ROWS: &str = "UPDATE seaworthy.safekept SET rows = $2 WHERE id = $1";
        let id = self.register(entry).await?;
        let rows =
            execute(self.conn, &format!("CREATE TABLE {} AS {source}", copy_name(id))).await?;
        let number = i64::try_from(rows).unwrap_or(i64::MAX);
        self.conn.execute_raw(query(ROWS, [id.into(), number.into()])).await?;
        Ok(KeptItem { id, kind: entry.kind, name, rows })
    }

    async fn register(&self, entry: &Entry<'_>) -> Result<i64, DbErr> {
        const REGISTER: &str = "
INSERT INTO seaworthy.safekept
    (run_id, migration, kind, original_schema, original_table, original_column, key_columns, kept_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id";
        let kind = match entry.kind {
            SafekeepKind::Table => "table",
            SafekeepKind::Column => "column",
        };
        let values = [
            self.run_id.into(),
            self.migration.into(),
            kind.into(),
            entry.schema.into(),
            entry.table.into(),
            entry.column.map(str::to_owned).into(),
            json!(entry.key).into(),
            self.now.into(),
        ];
        let row = self.conn.query_one_raw(query(REGISTER, values)).await?;
        row.ok_or_else(|| DbErr::RecordNotFound("an INSERT returned no row".to_owned()))?
            .try_get_by_index(0)
    }
}
