-- What the entities can be compared with, as one JSON document. Expects search_path = pg_catalog, and $1: the
-- schema in which names without one are looked up.
WITH ns AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'seaworthy')
),
rel AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
    FROM pg_class c JOIN ns n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
),
columns AS (
    SELECT a.attrelid, json_agg(json_build_object(
        'name', a.attname,
        'type', json_build_object(
            'name', coalesce(element.typname, base.typname),
            'schema', (SELECT nspname FROM pg_namespace WHERE oid = coalesce(element.typnamespace, base.typnamespace)),
            'array', element.oid IS NOT NULL,
            'enumeration', coalesce(element.typtype, base.typtype) = 'e',
            'shown', format_type(a.atttypid, a.atttypmod),
            'modifier', CASE WHEN declared.typtype = 'd' THEN declared.typtypmod ELSE a.atttypmod END),
        'not_null', a.attnotnull OR (declared.typtype = 'd' AND declared.typnotnull),
        'has_default', a.atthasdef OR a.attidentity <> '' OR declared.typdefault IS NOT NULL,
        'always', a.attidentity = 'a' OR a.attgenerated <> '') ORDER BY a.attnum) AS list
    FROM pg_attribute a
    JOIN rel ON rel.oid = a.attrelid
    JOIN pg_type declared ON declared.oid = a.atttypid
    JOIN pg_type base ON base.oid = CASE WHEN declared.typtype = 'd' THEN declared.typbasetype ELSE declared.oid END
    LEFT JOIN pg_type element ON element.oid = base.typelem AND base.typcategory = 'A'
    WHERE a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid
),
indexes AS (
    SELECT i.indrelid, json_agg(json_build_object(
        'name', c.relname,
        'columns', (
            SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]')
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE k.place <= i.indnkeyatts),
        'unique', i.indisunique,
        'primary', i.indisprimary,
        'usable', i.indisvalid AND i.indisready AND i.indpred IS NULL AND i.indexprs IS NULL) ORDER BY c.relname) AS list
    FROM pg_index i JOIN rel ON rel.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
    GROUP BY i.indrelid
),
foreign_keys AS (
    SELECT con.conrelid, json_agg(json_build_object(
        'name', con.conname,
        'columns', (
            SELECT json_agg(a.attname ORDER BY k.place)
            FROM unnest(con.conkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum),
        'schema', (SELECT nspname FROM pg_namespace WHERE oid = other.relnamespace),
        'table', other.relname,
        'references', (
            SELECT json_agg(a.attname ORDER BY k.place)
            FROM unnest(con.confkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum),
        'on_delete', con.confdeltype,
        'on_update', con.confupdtype) ORDER BY con.conname) AS list
    FROM pg_constraint con JOIN rel ON rel.oid = con.conrelid JOIN pg_class other ON other.oid = con.confrelid
    WHERE con.contype = 'f'
    GROUP BY con.conrelid
)
SELECT json_build_object(
    'schema', $1::text,
    'tables', (
        SELECT coalesce(json_agg(json_build_object(
            'schema', nspname,
            'name', relname,
            'kind', relkind,
            'partition', relispartition,
            'columns', coalesce(columns.list, '[]'),
            'indexes', coalesce(indexes.list, '[]'),
            'foreign_keys', coalesce(foreign_keys.list, '[]'))
            ORDER BY nspname COLLATE "C", relname COLLATE "C"), '[]')
        FROM rel
        LEFT JOIN columns ON columns.attrelid = rel.oid
        LEFT JOIN indexes ON indexes.indrelid = rel.oid
        LEFT JOIN foreign_keys ON foreign_keys.conrelid = rel.oid),
    'enumerations', (
        SELECT coalesce(json_agg(json_build_object(
            'schema', ns.nspname,
            'name', t.typname,
            'labels', (
                SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
                FROM pg_enum e WHERE e.enumtypid = t.oid))
            ORDER BY ns.nspname COLLATE "C", t.typname COLLATE "C"), '[]')
        FROM pg_type t JOIN ns ON ns.oid = t.typnamespace
        WHERE t.typtype = 'e')
)::text
