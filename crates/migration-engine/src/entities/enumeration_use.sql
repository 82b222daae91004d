-- What uses the enumeration $2 in schema $1, as one JSON document: what must be taken down and put back to make the
-- type anew, and how much there is that nobody can put back blindly.
WITH enumeration AS (
    SELECT t.oid, t.typarray FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = $1 AND t.typname = $2
),
columns AS (
    SELECT c.oid AS relation, format('%I.%I', n.nspname, c.relname) AS table_name, a.attnum, a.attname,
           a.atttypid = e.typarray AS is_array, a.attgenerated, c.relkind, d.adbin, d.adrelid, d.oid AS default_id
    FROM enumeration e
    JOIN pg_attribute a ON a.atttypid IN (e.oid, e.typarray) AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind <> 'i' AND c.relkind <> 'I'
),
dependents AS (
    SELECT DISTINCT d.classid, d.objid, columns.table_name
    FROM columns
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = columns.relation
         AND d.refobjsubid = columns.attnum
    WHERE NOT (d.classid = 'pg_attrdef'::regclass AND d.objid IS NOT DISTINCT FROM columns.default_id)
),
checks AS (
    SELECT con.oid, dependents.table_name, con.conname FROM dependents
    JOIN pg_constraint con ON dependents.classid = 'pg_constraint'::regclass AND con.oid = dependents.objid
    WHERE con.contype = 'c'
),
indexes AS (
    SELECT i.indexrelid AS oid, dependents.table_name, format('%I.%I', n.nspname, c.relname) AS name FROM dependents
    JOIN pg_index i ON dependents.classid = 'pg_class'::regclass AND i.indexrelid = dependents.objid
    JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indpred IS NOT NULL OR i.indexprs IS NOT NULL
)
SELECT json_build_object(
    'comment', (SELECT obj_description(oid, 'pg_type') FROM enumeration),
    'columns', (
        SELECT coalesce(json_agg(json_build_object(
            'table', table_name, 'name', quote_ident(attname), 'array', is_array,
            'default', CASE WHEN attgenerated = '' THEN pg_get_expr(adbin, adrelid) END)
            ORDER BY table_name COLLATE "C", attnum), '[]')
        FROM columns),
    'rules', (
        SELECT coalesce(json_agg(json_build_object(
            'drop', drop_it, 'create', create_it, 'comment', comment_it) ORDER BY drop_it COLLATE "C"), '[]')
        FROM (
            SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', table_name, conname) AS drop_it,
                   format('ALTER TABLE %s ADD CONSTRAINT %I %s', table_name, conname, pg_get_constraintdef(oid)) AS create_it,
                   format('COMMENT ON CONSTRAINT %I ON %s IS %L', conname, table_name,
                          obj_description(oid, 'pg_constraint')) AS comment_it
            FROM checks
            UNION ALL
            SELECT format('DROP INDEX %s', name), pg_get_indexdef(oid),
                   format('COMMENT ON INDEX %s IS %L', name, obj_description(oid, 'pg_class'))
            FROM indexes
        ) rules),
    'others', (
        SELECT count(*) FROM dependents d
        WHERE NOT (d.classid = 'pg_constraint'::regclass AND d.objid IN (SELECT oid FROM checks))
          AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT indexrelid FROM pg_index))
          AND NOT (d.classid = 'pg_constraint'::regclass
                   AND d.objid IN (SELECT oid FROM pg_constraint WHERE contype IN ('p', 'u', 'n')))
    ) + (
        SELECT count(*) FROM columns WHERE relkind NOT IN ('r', 'p') OR attgenerated <> ''
    ) + (
        SELECT count(*) FROM pg_depend d JOIN enumeration e
            ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (e.oid, e.typarray)
        WHERE d.deptype = 'n' AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_cast'::regclass)
    )
)::text
