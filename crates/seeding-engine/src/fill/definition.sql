WITH RECURSIVE tables AS (
    SELECT c.oid, n.nspname AS schema, c.relname AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p')
      AND NOT c.relispartition
      AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('information_schema', 'seaworthy')
      AND n.nspname !~ '^(pg_|seaworthy_)'
      AND c.relname <> 'seaql_migrations'
      AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
      )
),
attributes AS (
    SELECT a.*, t.schema, t.name AS table_name, d.oid AS default_oid,
           pg_get_expr(d.adbin, d.adrelid) AS expression
    FROM tables t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
),
-- Every type that a column has, with what it is made of.
used AS (
    SELECT atttypid AS oid FROM attributes
    UNION
    SELECT part.oid
    FROM used u
    JOIN pg_type t ON t.oid = u.oid
    LEFT JOIN pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
    CROSS JOIN LATERAL (
        VALUES (t.typbasetype), (CASE WHEN t.typcategory = 'A' THEN t.typelem END), (r.rngsubtype)
    ) AS part (oid)
    WHERE part.oid <> 0
),
-- For each type the types that it is a domain over, down to the one that is none.
layers AS (
    SELECT u.oid AS root, t.oid, t.typtype, t.typbasetype, -1 AS modifier, t.typnotnull AS not_null
    FROM used u
    JOIN pg_type t ON t.oid = u.oid
    UNION ALL
    SELECT l.root, t.oid, t.typtype, t.typbasetype, up.typtypmod, t.typnotnull
    FROM layers l
    JOIN pg_type up ON up.oid = l.oid
    JOIN pg_type t ON t.oid = l.typbasetype
    WHERE l.typtype = 'd'
)
SELECT jsonb_build_object(
    'types', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'oid', l.root::int8,
            'name', t.typname,
            'kind', t.typtype,
            'array', t.typcategory = 'A' AND t.typelem <> 0,
            'domain', l.root <> l.oid,
            'shown', format_type(t.oid, l.modifier),
            'modifier', l.modifier,
            'not_null', (SELECT bool_or(o.not_null) FROM layers o WHERE o.root = l.root),
            'part', CASE WHEN t.typtype IN ('r', 'm') THEN r.rngsubtype::int8
                         WHEN t.typcategory = 'A' THEN nullif(t.typelem::int8, 0) END,
            'labels', (SELECT coalesce(jsonb_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
                       FROM pg_enum e WHERE e.enumtypid = t.oid),
            'checks', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                           'name', c.conname, 'expression', pg_get_expr(c.conbin, 0)
                       ) ORDER BY c.conname), '[]')
                       FROM pg_constraint c JOIN layers o ON o.oid = c.contypid
                       WHERE o.root = l.root AND c.contype = 'c')
        ) ORDER BY l.root), '[]')
        FROM layers l
        JOIN pg_type t ON t.oid = l.oid
        LEFT JOIN pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
        WHERE l.typtype <> 'd'
    ),
    'tables', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'schema', t.schema,
            'name', t.name,
            'columns', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', a.attname,
                    'type', a.atttypid::int8,
                    'modifier', a.atttypmod,
                    'shown', format_type(a.atttypid, a.atttypmod),
                    'not_null', a.attnotnull,
                    'has_default', a.expression IS NOT NULL AND a.attgenerated = '',
                    'identity', a.attidentity <> '',
                    'generated', CASE WHEN a.attgenerated <> '' THEN a.expression END,
                    'sequence', coalesce(
                        pg_get_serial_sequence(
                            quote_ident(a.schema) || '.' || quote_ident(a.table_name), a.attname),
                        (SELECT min(d.refobjid::regclass::text)
                         FROM pg_depend d JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                         WHERE d.classid = 'pg_attrdef'::regclass AND d.objid = a.default_oid
                           AND d.refclassid = 'pg_class'::regclass))
                ) ORDER BY a.attnum), '[]')
                FROM attributes a WHERE a.attrelid = t.oid
            ),
            'keys', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', i.indexrelid::regclass,
                    'primary', i.indisprimary,
                    'exclusion', i.indisexclusion,
                    'partial', i.indpred IS NOT NULL,
                    'deferrable', NOT i.indimmediate,
                    'columns', (
                        SELECT jsonb_agg(a.attname ORDER BY k.position)
                        FROM unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
                        WHERE k.position <= i.indnkeyatts
                    ),
                    'expressions', (
                        SELECT jsonb_agg(pg_get_indexdef(i.indexrelid, k.position::int, false))
                        FROM unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                        WHERE k.position <= i.indnkeyatts AND k.number = 0
                    )
                ) ORDER BY i.indisprimary DESC, i.indexrelid::regclass::text), '[]')
                FROM pg_index i
                WHERE i.indrelid = t.oid AND (i.indisunique OR i.indisexclusion) AND i.indislive
            ),
            'foreign_keys', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', c.conname,
                    'parent_schema', n.nspname,
                    'parent', p.relname,
                    'columns', (
                        SELECT jsonb_agg(a.attname ORDER BY k.position)
                        FROM unnest(c.conkey) WITH ORDINALITY AS k (number, position)
                        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
                    ),
                    'parent_columns', (
                        SELECT jsonb_agg(a.attname ORDER BY k.position)
                        FROM unnest(c.confkey) WITH ORDINALITY AS k (number, position)
                        JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number
                    )
                ) ORDER BY cardinality(c.conkey) DESC, c.conname), '[]')
                FROM pg_constraint c
                JOIN pg_class p ON p.oid = c.confrelid
                JOIN pg_namespace n ON n.oid = p.relnamespace
                WHERE c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0
            ),
            'checks', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', c.conname, 'expression', pg_get_expr(c.conbin, c.conrelid)
                ) ORDER BY c.conname), '[]')
                FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'c'
            ),
            'partitions', (
                SELECT coalesce(jsonb_agg(pg_get_partition_constraintdef(p.relid)
                                          ORDER BY p.relid::text), '[]')
                FROM pg_partition_tree(t.oid) p WHERE p.isleaf AND p.relid <> t.oid
            )
        ) ORDER BY t.schema, t.name), '[]')
        FROM tables t
    )
) AS definition
