//! Rows that stay: those that somebody has edited, and the rows that they refer to.

use dbkit::Literal;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, FromQueryResult, Statement};

use super::{TableRows, doomed::Doomed};
use crate::{copy::Bulk, relations};

/// For the time of one transaction.
const CREATE: &str = "CREATE TEMPORARY TABLE seaworthy_kept (
    table_name text NOT NULL, key jsonb NOT NULL, PRIMARY KEY (table_name, key)
) ON COMMIT DROP";

/// Makes room for the keys of rows that stay.
pub(super) async fn prepare(db: &Bulk) -> Result<(), DbErr> {
    db.execute_unprepared(CREATE).await.map(drop)
}

/// Keeps the rows of `table` for which `condition` on the row `t` holds; how many.
pub(super) async fn keep(
    db: &Bulk,
    table: &super::doomed::DoomedTable,
    condition: &str,
) -> Result<u64, DbErr> {
    let sql = format!(
        "INSERT INTO seaworthy_kept SELECT {}, {} FROM {} t WHERE {condition} ON CONFLICT DO NOTHING",
        Literal(&table.name),
        relations::key_of(&table.key, "t"),
        table.quoted(),
    );
    Ok(db.execute_unprepared(&sql).await?.rows_affected())
}

/// Keeps what rows that are kept refer to, until there is no more of it.
pub(super) async fn close(db: &Bulk, doomed: &Doomed) -> Result<(), DbErr> {
    if count(db).await?.is_empty() {
        return Ok(());
    }
    loop {
        let mut added = 0;
        for parent in &doomed.tables {
            for key in relations::referring(db, &parent.name).await? {
                let children = doomed.tables.iter().filter(|table| key.is_of(&table.name));
                for child in children {
                    let condition = format!(
                        "{} AND EXISTS (SELECT FROM {} c JOIN seaworthy_kept k
                             ON k.table_name = {} AND k.key = {} WHERE {})",
                        parent.condition("t"),
                        key.child,
                        Literal(&child.name),
                        relations::key_of(&child.key, "c"),
                        key.refers,
                    );
                    added += keep(db, parent, &condition).await?;
                }
            }
        }
        if added == 0 {
            return Ok(());
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    table_name: String,
    rows: i64,
}

/// How many rows stay, by table.
pub(super) async fn count(db: &Bulk) -> Result<Vec<TableRows>, DbErr> {
    let sql = "SELECT table_name, count(*) AS rows FROM seaworthy_kept GROUP BY 1 ORDER BY 1";
    let rows = Row::find_by_statement(Statement::from_string(DbBackend::Postgres, sql));
    let rows = rows.all(db).await?.into_iter();
    Ok(rows.map(|row| TableRows { table: row.table_name, rows: row.rows.unsigned_abs() }).collect())
}
