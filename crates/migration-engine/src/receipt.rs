//! What a way down will lose, counted on the live database before anybody is asked.
//!
//! It only reads, and it does not hang: a table that somebody has locked, or that takes too long,
//! gets the planner's estimate and the reason.

mod dependants;

use std::time::Duration;

use dbkit::Identifier;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement,
    TransactionTrait as _,
};
use serde::Serialize;

use crate::{
    losses::{GoneTable, Losses, Retyped},
    relation::{ColumnName, TableName},
    snapshot::Object,
};

/// How closely to count, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptLimits {
    /// Where counting stops: rows of a table, or values of a column.
    pub cap: u64,
    /// For one count.
    pub statement: Duration,
    /// For a table that somebody has locked.
    pub lock: Duration,
}

impl Default for ReceiptLimits {
    fn default() -> Self {
        Self { cap: 1_000_000, statement: Duration::from_secs(5), lock: Duration::from_millis(500) }
    }
}

/// What a way down will lose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Tables.
    pub tables: Vec<LostTable>,
    /// Columns of tables that stay.
    pub columns: Vec<LostColumn>,
    /// Columns that get another type.
    pub changed: Vec<Retyped>,
    /// What else goes.
    pub others: Vec<Object>,
    /// Views and foreign keys of the live database alone that depend on what goes. CASCADE takes them
    /// too; without it, they are why the way down fails.
    pub dependants: Vec<Object>,
    /// Statements that change rows, as they were sent.
    pub data: Vec<String>,
}

/// A table that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostTable {
    /// Its name.
    #[serde(flatten)]
    pub table: TableName,
    /// How many rows it has.
    pub rows: Count,
}

/// A column that goes from a table that stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LostColumn {
    /// Its name.
    #[serde(flatten)]
    pub column: ColumnName,
    /// How many rows have a value in it.
    pub non_null: Count,
}

/// How many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "count", rename_all = "kebab-case")]
pub enum Count {
    /// That many.
    Exact {
        /// The number.
        n: u64,
    },
    /// More than were counted.
    AtLeast {
        /// Where counting stopped.
        n: u64,
    },
    /// They were not counted.
    Unknown {
        /// What the planner believes, where it was ever told.
        estimate: Option<u64>,
        /// Why they were not counted.
        reason: String,
    },
}

/// Why there is no receipt.
#[derive(Debug, thiserror::Error)]
#[error("cannot count what {name} holds")]
pub struct ReceiptError {
    /// The table or column.
    pub name: String,
    /// What the database said.
    #[source]
    pub source: DbErr,
}

/// Counts what is about to be lost.
pub async fn take(
    db: &DatabaseConnection,
    losses: &Losses,
    limits: &ReceiptLimits,
) -> Result<Receipt, ReceiptError> {
    let Losses { retyped, others, data, .. } = losses.clone();
    let mut receipt = Receipt { changed: retyped, others, data, ..Receipt::default() };
    let counting = Counting { db, limits };
    for gone in &losses.tables {
        let rows = counting.rows(gone).await?;
        receipt.tables.push(LostTable { table: gone.table.clone(), rows });
    }
    for column in &losses.columns {
        let non_null = counting.values(column).await?;
        receipt.columns.push(LostColumn { column: column.clone(), non_null });
    }
    let failed = |source| ReceiptError { name: "the schema".to_owned(), source };
    receipt.dependants = dependants::find(db, losses).await.map_err(failed)?;
    Ok(receipt)
}

struct Counting<'a> {
    db: &'a DatabaseConnection,
    limits: &'a ReceiptLimits,
}

impl Counting<'_> {
    async fn rows(&self, gone: &GoneTable) -> Result<Count, ReceiptError> {
        // `pg_partition_tree` would wait for the lock that the count did not wait for.
        const ESTIMATE: &str = "
WITH RECURSIVE tree (oid) AS (
    SELECT to_regclass($1)::oid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_class c USING (oid) JOIN pg_inherits i ON i.inhparent = c.oid
    WHERE c.relkind = 'p'
)
SELECT sum(c.reltuples)::bigint
FROM tree JOIN pg_class c USING (oid)
WHERE c.relkind <> 'p' AND c.reltuples >= 0";
        // Rows in tables that inherit from this one are theirs.
        let only = if gone.partitioned { "" } else { "ONLY " };
        let table = gone.table.quoted();
        let failed = |source| ReceiptError { name: gone.table.to_string(), source };
        let count = match self.count(&format!("{only}{table}")).await {
            Ok(n) => self.capped(n),
            Err(error) => {
                let reason = reason(error).map_err(failed)?;
                let estimate = self.estimate(ESTIMATE, [table.into()]).await.map_err(failed)?;
                Count::Unknown { estimate, reason }
            }
        };
        Ok(count)
    }

    async fn values(&self, column: &ColumnName) -> Result<Count, ReceiptError> {
        const ESTIMATE: &str = "
SELECT (c.reltuples * (1 - s.null_frac))::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = $2
WHERE c.oid = to_regclass($1) AND c.reltuples >= 0";
        let table = column.table.quoted();
        let filled = format!("{table} WHERE {} IS NOT NULL", Identifier(&column.column));
        let failed = |source| ReceiptError { name: column.to_string(), source };
        let count = match self.count(&filled).await {
            Ok(n) => self.capped(n),
            Err(error) => {
                let reason = reason(error).map_err(failed)?;
                let values = [table.into(), column.column.clone().into()];
                let estimate = self.estimate(ESTIMATE, values).await.map_err(failed)?;
                Count::Unknown { estimate, reason }
            }
        };
        Ok(count)
    }

    fn capped(&self, n: u64) -> Count {
        let cap = self.limits.cap;
        if n > cap { Count::AtLeast { n: cap } } else { Count::Exact { n } }
    }

    /// Counts to one more than the cap. A policy that would hide rows is an error.
    async fn count(&self, source: &str) -> Result<u64, DbErr> {
        let Self { db, limits } = self;
        let settings = format!(
            "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; SET LOCAL row_security = off",
            limits.statement.as_millis(),
            limits.lock.as_millis(),
        );
        let query = format!(
            "SELECT count(*) FROM (SELECT FROM {source} LIMIT {}) AS counted",
            limits.cap.saturating_add(1)
        );
        let transaction = db.begin_with_config(None, Some(AccessMode::ReadOnly)).await?;
        transaction.execute_unprepared(&settings).await?;
        let row =
            transaction.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await;
        transaction.rollback().await?;
        let n: i64 = row?.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(n).unwrap_or_default())
    }

    /// Asks the catalog, which nobody locks.
    async fn estimate<const N: usize>(
        &self,
        sql: &str,
        values: [sea_orm::Value; N],
    ) -> Result<Option<u64>, DbErr> {
        let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let Some(row) = self.db.query_one_raw(query).await? else { return Ok(None) };
        Ok(row.try_get_by_index::<Option<i64>>(0)?.and_then(|n| u64::try_from(n).ok()))
    }
}

/// Why the server did not count; that it was not reached at all is an error.
fn reason(error: DbErr) -> Result<String, DbErr> {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) =
        &error
    else {
        return Err(error);
    };
    let Some(said) = source.as_database_error() else { return Err(error) };
    Ok(match said.code().as_deref() {
        Some("55P03") => "somebody has locked it".to_owned(),
        Some("57014") => "counting took too long".to_owned(),
        Some("42P01" | "42703" | "3F000") => "it is not there".to_owned(),
        _ => said.message().to_owned(),
    })
}

impl Receipt {
    /// Whether rows or values go, or may go.
    pub fn has_data(&self) -> bool {
        let Self { tables, columns, changed, data, .. } = self;
        !(tables.is_empty() && columns.is_empty() && changed.is_empty() && data.is_empty())
    }

    /// Lines for people: what it is, its name, and how much goes with it.
    pub fn rows(&self) -> Vec<[String; 3]> {
        let tables = self
            .tables
            .iter()
            .map(|lost| ["table".to_owned(), lost.table.to_string(), lost.rows.of("rows")]);
        let columns = self
            .columns
            .iter()
            .map(|lost| ["column".to_owned(), lost.column.to_string(), lost.non_null.of("values")]);
        let changed = self.changed.iter().map(|retyped| {
            let Retyped { column, from, to } = retyped;
            ["column".to_owned(), column.to_string(), format!("{from} becomes {to}")]
        });
        let object = |object: &Object, remark: &str| {
            [object.kind.replace('_', " "), object.name.clone(), remark.to_owned()]
        };
        let others = self.others.iter().map(|other| object(other, ""));
        let dependants = self.dependants.iter().map(|other| object(other, "depends on it here"));
        let data = self
            .data
            .iter()
            .map(|sql| ["statement".to_owned(), first_words(sql), "may change rows".to_owned()]);
        tables.chain(columns).chain(changed).chain(others).chain(dependants).chain(data).collect()
    }
}

/// The beginning of a statement, on one line.
fn first_words(sql: &str) -> String {
    const SHOWN: usize = 60;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Count {
    /// For people: `12 rows`.
    pub fn of(&self, noun: &str) -> String {
        match self {
            Self::Exact { n: 1 } => format!("1 {}", noun.trim_end_matches('s')),
            Self::Exact { n } => format!("{n} {noun}"),
            Self::AtLeast { n } => format!("more than {n} {noun}"),
            Self::Unknown { estimate: Some(n), reason } => format!("about {n} {noun}: {reason}"),
            Self::Unknown { estimate: None, reason } => format!("unknown: {reason}"),
        }
    }
}
