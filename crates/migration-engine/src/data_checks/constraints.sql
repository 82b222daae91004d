-- Constraints whose rows are worth a look, each with the condition under which row r breaks it. That of a table's
-- check is left out: pg_get_expr waits for whoever has locked the table, and would keep all others waiting.
WITH own AS (
    SELECT oid FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'seaworthy')
),
tables AS (
    SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS name,
           -- The rows of a table that inherits are no business of its parent's constraints.
           CASE c.relkind WHEN 'r' THEN 'ONLY ' ELSE '' END || format('%I.%I', n.nspname, c.relname) AS source,
           greatest(c.reltuples, 0)::bigint AS rows
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN (SELECT oid FROM own)
),
-- Before PostgreSQL 18 every constraint is enforced, and there is no such column.
enforced AS (
    SELECT con.* FROM pg_constraint con
    WHERE coalesce((to_jsonb(con) ->> 'conenforced')::boolean, true)
)
SELECT subject, source, name, is_foreign_key, is_valid, breaks, rows, validate, id
FROM (
    SELECT format('constraint %s.%I', t.name, con.conname) AS subject, t.source, t.name,
           true AS is_foreign_key, con.convalidated AS is_valid,
           format('%s AND NOT EXISTS (SELECT FROM %s o WHERE %s)',
                  columns.filled, other.source, columns.equal) AS breaks,
           t.rows,
           format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.name, con.conname) AS validate,
           con.oid::bigint AS id
    FROM enforced con
    JOIN tables t ON t.oid = con.conrelid
    JOIN tables other ON other.oid = con.confrelid
    CROSS JOIN LATERAL (
        SELECT string_agg(format('r.%I IS NOT NULL', a.attname), ' AND ') AS filled,
               string_agg(format('o.%I = r.%I', b.attname, a.attname), ' AND ') AS equal
        FROM unnest(con.conkey, con.confkey) AS k (here, there)
        JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.here
        JOIN pg_attribute b ON b.attrelid = con.confrelid AND b.attnum = k.there
    ) columns
    WHERE con.contype = 'f' AND con.conparentid = 0
    UNION ALL
    SELECT format('constraint %s.%I', t.name, con.conname), t.source, t.name, false, false,
           NULL, t.rows,
           format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.name, con.conname), con.oid::bigint
    FROM enforced con JOIN tables t ON t.oid = con.conrelid
    WHERE con.contype = 'c' AND NOT con.convalidated
    UNION ALL
    SELECT format('constraint %s.%I', t.name, con.conname), t.source, t.name, false, false,
           format('r.%I IS NULL', a.attname), t.rows,
           format('ALTER TABLE %s VALIDATE CONSTRAINT %I', t.name, con.conname), con.oid::bigint
    FROM enforced con
    JOIN tables t ON t.oid = con.conrelid
    JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = con.conkey[1]
    WHERE con.contype = 'n' AND NOT con.convalidated
    UNION ALL
    -- In the check of a domain, VALUE stands for the value, and is also the name of a column here.
    SELECT format('domain %I.%I in column %s.%I', n.nspname, d.typname, t.name, a.attname),
           format('(SELECT %I::%s AS value FROM %s)', a.attname, format_type(d.typbasetype, d.typtypmod), t.source),
           t.name, false, false, format('NOT (%s)', pg_get_expr(con.conbin, 0)), t.rows,
           format('ALTER DOMAIN %I.%I VALIDATE CONSTRAINT %I', n.nspname, d.typname, con.conname),
           con.oid::bigint
    FROM enforced con
    JOIN pg_type d ON d.oid = con.contypid
    JOIN pg_namespace n ON n.oid = d.typnamespace
    JOIN pg_attribute a ON a.atttypid = d.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN tables t ON t.oid = a.attrelid
    WHERE con.contype = 'c' AND NOT con.convalidated AND n.oid IN (SELECT oid FROM own)
) found
ORDER BY subject COLLATE "C"
