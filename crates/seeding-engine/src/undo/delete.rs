//! The rows go, children first; what a seed has changed is again as it was.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement};

use super::{
    TableRows,
    delete_order::children_first,
    doomed::{Doomed, DoomedTable},
};
use crate::{copy::Bulk, history::RowAction, relations};

/// Deletes what is to go; children before their parents, whatever the order of writing was. Tables
/// that refer to each other in a circle are dealt with in one statement, at whose end the server checks
/// the references.
pub(super) async fn delete(db: &Bulk, doomed: &Doomed) -> Result<Vec<TableRows>, DbErr> {
    let mut deleted = Vec::new();
    for tables in children_first(db, doomed).await? {
        let counts = match *tables {
            [table] => vec![db.execute_unprepared(&deletion(table)).await?.rows_affected()],
            _ => at_once(db, &tables).await?,
        };
        let counted = tables.into_iter().zip(counts).filter(|(_, rows)| *rows > 0);
        deleted.extend(counted.map(|(table, rows)| TableRows { table: table.name.clone(), rows }));
    }
    Ok(deleted)
}

fn deletion(table: &DoomedTable) -> String {
    format!("DELETE FROM {} t WHERE {}", table.quoted(), table.condition("t"))
}

/// Deletes from all of `tables` with one statement; how many rows from each.
async fn at_once(db: &Bulk, tables: &[&DoomedTable]) -> Result<Vec<u64>, DbErr> {
    let places = 0..tables.len();
    let deletions: Vec<_> = places
        .clone()
        .map(|at| format!("gone_{at} AS ({} RETURNING 1)", deletion(tables[at])))
        .collect();
    let counts: Vec<_> =
        places.clone().map(|at| format!("(SELECT count(*) FROM gone_{at})")).collect();
    let sql = format!("WITH {} SELECT {}", deletions.join(", "), counts.join(", "));
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let count = |row: &QueryResult, at| row.try_get_by_index(at).map(i64::unsigned_abs);
    row.map_or(Ok(Vec::new()), |row| places.map(|at| count(&row, at)).collect())
}

/// Gives rows that a seed has changed the values back that they had, newest change first.
pub(super) async fn restore(db: &Bulk, doomed: &Doomed) -> Result<Vec<TableRows>, DbErr> {
    let mut restored: Vec<TableRows> = Vec::new();
    let changed = doomed.small.iter().rev().filter(|row| row.action == RowAction::Updated);
    for row in changed {
        let Some(before) = row.before.as_ref().and_then(|before| before.as_object()) else {
            continue;
        };
        let key = relations::primary_key(db, &row.table).await?;
        if key.is_empty() || before.is_empty() {
            continue;
        }
        let columns: Vec<_> = before.keys().map(|name| Identifier(name).to_string()).collect();
        let name = relations::quoted(&row.table);
        let sql = format!(
            "UPDATE {name} t SET ({}) = ROW({}) FROM jsonb_populate_record(NULL::{name}, $1) b
             WHERE {}",
            columns.join(", "),
            columns.iter().map(|name| format!("b.{name}")).collect::<Vec<_>>().join(", "),
            relations::has_key(&key, "t", "$2::jsonb"),
        );
        let before = serde_json::Value::Object(before.clone());
        let values = [before.into(), row.key.clone().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let rows = db.execute_raw(statement).await?.rows_affected();
        match restored.iter_mut().find(|other| other.table == row.table) {
            Some(other) => other.rows += rows,
            None => restored.push(TableRows { table: row.table.clone(), rows }),
        }
    }
    Ok(restored)
}
