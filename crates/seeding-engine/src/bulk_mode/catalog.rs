//! What the catalog says of the indexes and constraints of tables, for a comparison.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// One line for each index and constraint of the tables, for each foreign key to them, and for each
/// column that must have a value.
const ENTRIES: &str = r#"
    SELECT entry FROM (
        SELECT format(
            'index %s: %s; valid %s, ready %s, immediate %s, clustered %s, replica identity %s, '
                'tablespace %s, owner %s, statistics %s, comment %L',
            i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready,
            i.indimmediate, i.indisclustered, i.indisreplident, c.reltablespace, c.relowner,
            (
                SELECT string_agg(format('%s %s', a.attnum, a.attstattarget), ',' ORDER BY a.attnum)
                FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0
            ),
            obj_description(i.indexrelid, 'pg_class')
        ) AS entry
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = ANY (ARRAY(SELECT to_regclass(given) FROM unnest($1) AS given))
        UNION ALL
        SELECT format(
            'constraint %I of %s: %s; valid %s, deferrable %s, deferred %s, index %s, triggers %s, '
                'comment %L',
            c.conname, c.conrelid::regclass, pg_get_constraintdef(c.oid), c.convalidated,
            c.condeferrable, c.condeferred, c.conindid::regclass,
            (
                SELECT string_agg(
                    format('%s %s %s', t.tgrelid::regclass, t.tgfoid::regproc, t.tgenabled),
                    ',' ORDER BY t.tgrelid, t.tgfoid
                )
                FROM pg_trigger t WHERE t.tgconstraint = c.oid
            ),
            obj_description(c.oid, 'pg_constraint')
        )
        FROM pg_constraint c
        WHERE c.conrelid = ANY (ARRAY(SELECT to_regclass(given) FROM unnest($1) AS given))
            OR c.confrelid = ANY (ARRAY(SELECT to_regclass(given) FROM unnest($1) AS given))
        UNION ALL
        SELECT format('column %I of %s: not null', a.attname, a.attrelid::regclass)
        FROM pg_attribute a
        WHERE a.attrelid = ANY (ARRAY(SELECT to_regclass(given) FROM unnest($1) AS given))
            AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
    ) AS entries
    ORDER BY entry COLLATE "C"
"#;

/// What the catalog says, in order.
pub(super) async fn entries(
    db: &impl ConnectionTrait,
    tables: &[String],
) -> Result<Vec<String>, DbErr> {
    let tables = tables.to_vec();
    let question = Statement::from_sql_and_values(DbBackend::Postgres, ENTRIES, [tables.into()]);
    let rows = db.query_all_raw(question).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
