//! How large the tables of a live database are, as far as that can be known without waiting.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait as _,
};
use serde::Serialize;

/// How large a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TableSize {
    /// How many rows the planner believes in; none where nobody has counted yet.
    pub rows_estimate: Option<u64>,
    /// The bytes on disk, indexes and TOAST not counted; none where they cannot be known now.
    pub bytes: Option<u64>,
}

/// Measuring a file waits while somebody holds the table exclusively; then the last estimate does.
const SOON: &str = "SET LOCAL lock_timeout = '1s'";

const MEASURED: &str = r"
SELECT n.nspname || '.' || c.relname AS name, size.rows, size.bytes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT CASE WHEN bool_and(part.reltuples >= 0) THEN sum(part.reltuples)::bigint END AS rows,
           coalesce(sum(pg_relation_size(part.oid)), 0)::bigint AS bytes
    FROM pg_class part
    WHERE part.relkind IN ('r', 'm')
      AND (part.oid = c.oid OR part.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))
) AS size
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
";

/// Of a table that was never analysed nothing is known; its zeros would make it look empty.
const ESTIMATED: &str = r"
SELECT n.nspname || '.' || c.relname AS name,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows,
       CASE WHEN c.reltuples >= 0
            THEN c.relpages::bigint * current_setting('block_size')::bigint END AS bytes
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
";

impl TableSize {
    /// The sizes of all tables, by `schema.table`; a partitioned table is as large as its partitions.
    pub async fn of_all(db: &DatabaseConnection) -> Result<BTreeMap<String, Self>, DbErr> {
        match measured(db).await {
            Ok(sizes) => Ok(sizes),
            Err(_) => read(db, ESTIMATED).await,
        }
    }
}

async fn measured(db: &DatabaseConnection) -> Result<BTreeMap<String, TableSize>, DbErr> {
    let transaction = db.begin().await?;
    transaction.execute_unprepared(SOON).await?;
    let sizes = read(&transaction, MEASURED).await?;
    transaction.commit().await?;
    Ok(sizes)
}

async fn read(db: &impl ConnectionTrait, sql: &str) -> Result<BTreeMap<String, TableSize>, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter()
        .map(|row| {
            let number = |column| -> Result<Option<u64>, DbErr> {
                let value: Option<i64> = row.try_get("", column)?;
                Ok(value.and_then(|value| u64::try_from(value).ok()))
            };
            let size = TableSize { rows_estimate: number("rows")?, bytes: number("bytes")? };
            Ok((row.try_get("", "name")?, size))
        })
        .collect()
}
