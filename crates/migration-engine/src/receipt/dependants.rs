//! What hangs on a live database's tables although no migration says so.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use serde_json::{Value, json};

use crate::{losses::Losses, snapshot::Object};

/// The views on what is given, and on those again, and the foreign keys that point to it. Read from
/// the catalog alone, which nobody locks.
const DEPENDANTS: &str = "
WITH RECURSIVE gone (oid, attnum) AS (
    SELECT to_regclass(given ->> 0)::oid, coalesce(a.attnum, 0::int2)
    FROM jsonb_array_elements($1) AS given
    LEFT JOIN pg_attribute a
        ON a.attrelid = to_regclass(given ->> 0) AND a.attname = given ->> 1 AND NOT a.attisdropped
    WHERE to_regclass(given ->> 0) IS NOT NULL AND (given ->> 1 IS NULL OR a.attnum IS NOT NULL)
    UNION
    SELECT r.ev_class, 0::int2
    FROM gone
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = gone.oid
        AND (gone.attnum = 0 OR d.refobjsubid = gone.attnum)
    JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    WHERE r.ev_class <> gone.oid
)
SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'matview' END, format('%I.%I', n.nspname, c.relname)
FROM gone JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm')
UNION
SELECT 'constraint', format('%I.%I.%I', n.nspname, c.relname, f.conname)
FROM gone
JOIN pg_constraint f ON f.confrelid = gone.oid AND f.contype = 'f' AND f.conparentid = 0
    AND (gone.attnum = 0 OR gone.attnum = ANY (f.confkey))
JOIN pg_class c ON c.oid = f.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM gone g WHERE g.oid = f.conrelid AND g.attnum = 0)
ORDER BY 1, 2";

/// What depends on `losses` in this database and is not among them.
pub(super) async fn find(db: &impl ConnectionTrait, losses: &Losses) -> Result<Vec<Object>, DbErr> {
    let tables = losses.tables.iter().map(|gone| json!([gone.table.quoted(), null]));
    let columns = losses.columns.iter().map(|lost| json!([lost.table.quoted(), lost.column]));
    let given: Value = tables.chain(columns).collect();
    let query = Statement::from_sql_and_values(DbBackend::Postgres, DEPENDANTS, [given.into()]);
    let rows = db.query_all_raw(query).await?;
    let object = |row: &sea_orm::QueryResult| {
        Ok(Object { kind: row.try_get_by_index(0)?, name: row.try_get_by_index(1)? })
    };
    let mut found = rows.iter().map(object).collect::<Result<Vec<_>, DbErr>>()?;
    found.retain(|object| !losses.others.contains(object));
    Ok(found)
}
