//! What guards tables, recorded and dropped.

use dbkit::Identifier;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, FromQueryResult, Statement};

use super::{BulkModeError, catalog};
use crate::copy::Bulk;

/// The foreign keys and indexes that can go, with the statements that drop and make them. The order
/// is that of dropping.
///
/// A foreign key stays if somebody has switched its triggers off, or if several unique indexes are
/// on the columns that it refers to, because it could come back with another of them. An index stays if anything else
/// depends on it: a foreign key of another table, a view that groups by the primary key, an
/// extension, replication; or if it would not be made again as it is: one that is invalid, or in a
/// tablespace of its own.
const PARTS: &str = r#"
    WITH given AS (
        SELECT to_regclass(name)::oid AS oid, to_regclass(name)::text AS "table"
        FROM unnest($1) AS name
    ), foreign_keys AS (
        SELECT c.oid, c.conname, g."table", pg_get_constraintdef(c.oid) AS definition
        FROM pg_constraint c JOIN given g ON g.oid = c.conrelid
        WHERE c.contype = 'f'
            AND NOT EXISTS (
                SELECT FROM pg_trigger t WHERE t.tgconstraint = c.oid AND t.tgenabled <> 'O'
            )
            AND NOT EXISTS (
                SELECT FROM pg_index x
                WHERE x.indrelid = c.confrelid AND x.indexrelid <> c.conindid AND x.indisunique
                    AND x.indnkeyatts = cardinality(c.confkey) AND x.indkey::int2[] @> c.confkey
            )
    ), indexes AS (
        SELECT
            i.oid, i.relname, i.oid::regclass::text AS "index", g."table", x.indisclustered,
            c.oid AS "constraint", c.conname, c.contype, c.condeferrable, c.condeferred
        FROM pg_index x
        JOIN given g ON g.oid = x.indrelid
        JOIN pg_class i ON i.oid = x.indexrelid
        LEFT JOIN pg_constraint c ON c.conindid = i.oid AND c.contype IN ('p', 'u', 'x')
        WHERE x.indisvalid AND NOT x.indisreplident AND i.reltablespace = 0
            AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE (
                        d.refclassid = 'pg_class'::regclass AND d.refobjid = i.oid
                        OR d.refclassid = 'pg_constraint'::regclass AND d.refobjid = c.oid
                    )
                    AND NOT (d.classid = 'pg_class'::regclass AND d.objid = i.oid)
                    AND NOT (
                        d.classid = 'pg_constraint'::regclass
                        AND d.objid IN (SELECT oid FROM foreign_keys)
                    )
                    -- What checks a deferrable constraint comes and goes with it.
                    AND NOT (
                        d.classid = 'pg_trigger'::regclass AND d.deptype = 'i'
                        AND d.objid IN (SELECT oid FROM pg_trigger WHERE tgenabled = 'O')
                    )
            )
            AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid AND d.deptype = 'x'
            )
    )
    SELECT * FROM (
        SELECT
            1 AS "turn",
            "table",
            conname::text AS "name",
            format('ALTER TABLE %s DROP CONSTRAINT %I', "table", conname) AS "drop",
            NULL AS "build",
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', "table", conname, definition) AS "attach",
            array_remove(ARRAY[
                CASE WHEN obj_description(oid, 'pg_constraint') IS NOT NULL THEN format(
                    'COMMENT ON CONSTRAINT %I ON %s IS %L',
                    conname, "table", obj_description(oid, 'pg_constraint')
                ) END
            ], NULL) AS "finish"
        FROM foreign_keys
        UNION ALL
        SELECT
            2,
            "table",
            relname::text,
            CASE WHEN "constraint" IS NULL
                THEN format('DROP INDEX %s', "index")
                ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', "table", conname)
            END,
            CASE WHEN contype IS DISTINCT FROM 'x'
                THEN pg_get_indexdef(oid)
                ELSE format(
                    'ALTER TABLE %s ADD CONSTRAINT %I %s',
                    "table", conname, pg_get_constraintdef("constraint")
                )
            END,
            CASE WHEN contype IN ('p', 'u') THEN format(
                'ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s',
                "table", conname, CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, relname,
                CASE WHEN condeferrable THEN ' DEFERRABLE' END,
                CASE WHEN condeferred THEN ' INITIALLY DEFERRED' END
            ) END,
            ARRAY(
                SELECT format(
                    'ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s',
                    "index", a.attnum, a.attstattarget
                )
                FROM pg_attribute a
                WHERE a.attrelid = indexes.oid AND a.attstattarget >= 0
            ) || array_remove(ARRAY[
                CASE WHEN indisclustered
                    THEN format('ALTER TABLE %s CLUSTER ON %I', "table", relname)
                END,
                CASE WHEN obj_description(oid, 'pg_class') IS NOT NULL THEN format(
                    'COMMENT ON INDEX %s IS %L', "index", obj_description(oid, 'pg_class')
                ) END,
                CASE WHEN obj_description("constraint", 'pg_constraint') IS NOT NULL THEN format(
                    'COMMENT ON CONSTRAINT %I ON %s IS %L',
                    conname, "table", obj_description("constraint", 'pg_constraint')
                ) END
            ], NULL)
        FROM indexes
    ) AS parts
    ORDER BY "turn", "table" COLLATE "C", "name" COLLATE "C"
"#;

/// Tables without what guards them, and how to make it again.
///
/// A transaction in which this is not [put together](super::put_together()) must not be committed.
#[must_use = "the tables lack their indexes and constraints"]
#[derive(Debug)]
pub struct TakenApart {
    /// The tables' quoted names.
    pub(super) tables: Vec<String>,
    pub(super) parts: Vec<Part>,
    pub(super) entries: Vec<String>,
}

/// An index or a constraint that has been dropped.
#[derive(Debug, FromQueryResult)]
pub(super) struct Part {
    /// 1 for foreign keys, which need the indexes; 2 for these.
    pub(super) turn: i32,
    pub(super) table: String,
    pub(super) drop: String,
    /// Makes the index.
    pub(super) build: Option<String>,
    /// Makes the constraint of it.
    pub(super) attach: Option<String>,
    /// Makes what belongs to it: comments, flags, targets of statistics.
    pub(super) finish: Vec<String>,
}

impl TakenApart {
    /// How many indexes and constraints are gone.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }
}

/// Drops the indexes and constraints of `tables` that can be made again, and remembers them.
pub async fn take_apart(db: &Bulk, tables: &[&str]) -> Result<TakenApart, BulkModeError> {
    let tables: Vec<_> = tables.iter().map(|table| Identifier(table).to_string()).collect();
    let entries = catalog::entries(db, &tables).await.map_err(BulkModeError::Database)?;
    let parts = parts(db, &tables).await.map_err(BulkModeError::Database)?;
    for part in &parts {
        db.execute_unprepared(&part.drop).await.map_err(BulkModeError::Database)?;
    }
    Ok(TakenApart { tables, parts, entries })
}

async fn parts(db: &Bulk, tables: &[String]) -> Result<Vec<Part>, DbErr> {
    let values = [tables.to_vec().into()];
    let question = Statement::from_sql_and_values(DbBackend::Postgres, PARTS, values);
    Part::find_by_statement(question).all(db).await
}
