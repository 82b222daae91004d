//! How many rows every table has.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// One query for each table, since a table's name cannot be bound.
const QUERIES: &str = "
SELECT format('%I.%I', nspname, relname),
       format('SELECT %L, count(*) FROM %I.%I', format('%I.%I', nspname, relname), nspname, relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE relkind = 'r' AND nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'seaworthy')";

/// The rows of every table, by its qualified name.
pub(super) type Rows = BTreeMap<String, i64>;

/// Counts the rows of every table.
pub(super) async fn count(db: &impl ConnectionTrait) -> Result<Rows, DbErr> {
    let queries = db.query_all_raw(Statement::from_string(DbBackend::Postgres, QUERIES)).await?;
    let queries: Vec<String> =
        queries.iter().map(|row| row.try_get_by_index(1)).collect::<Result<_, _>>()?;
    if queries.is_empty() {
        return Ok(Rows::new());
    }
    let query = Statement::from_string(DbBackend::Postgres, queries.join(" UNION ALL "));
    let rows = db.query_all_raw(query).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
