//! The rows that small seeds wrote, as they are now.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::Literal;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use crate::{history, relations};

/// What has become of a small seed's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SmallRows {
    /// How many were written.
    pub(crate) written: u64,
    /// How many of them are there.
    pub(crate) found: u64,
    /// How many of these differ from what was written.
    pub(crate) edited: u64,
}

#[derive(FromQueryResult)]
struct Row {
    seed_id: String,
    written: i64,
    found: i64,
    edited: i64,
}

/// Looks at the rows of every small seed; nothing where no history was kept.
pub(crate) async fn look(db: &impl ConnectionTrait) -> Result<BTreeMap<String, SmallRows>, DbErr> {
    let mut found: BTreeMap<String, SmallRows> = BTreeMap::new();
    let rows = history::present_rows(db).await?;
    let tables: BTreeSet<&str> = rows.iter().map(|(_, row)| row.table.as_str()).collect();
    for table in tables {
        let key = relations::primary_key(db, table).await?;
        if key.is_empty() {
            continue;
        }
        let statement = Statement::from_string(DbBackend::Postgres, question(table, &key));
        for row in Row::find_by_statement(statement).all(db).await? {
            let seed = found.entry(row.seed_id).or_default();
            seed.written += row.written.unsigned_abs();
            seed.found += row.found.unsigned_abs();
            seed.edited += row.edited.unsigned_abs();
        }
    }
    Ok(found)
}

/// Of a row that was written several times, only the last time counts.
fn question(table: &str, key: &[relations::KeyColumn]) -> String {
    let (name, literal) = (relations::quoted(table), Literal(table));
    let same = relations::has_key(key, "t", "d.key");
    format!(
        "SELECT d.seed_id, count(*) AS written, count(t.*) AS found,
                count(*) FILTER (WHERE t.* IS NOT NULL AND NOT to_jsonb(t) @> d.after) AS edited
         FROM (SELECT DISTINCT ON (key) seed_id, key, after FROM seaworthy.seed_rows
               WHERE table_name = {literal} AND removed_by IS NULL
               ORDER BY key, id DESC) d
         LEFT JOIN {name} t ON {same}
         GROUP BY d.seed_id"
    )
}
