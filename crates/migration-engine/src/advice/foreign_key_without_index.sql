-- Foreign keys of which no index starts with all the columns. A partial index serves if it only leaves out nulls.
SELECT format('constraint %I.%I.%I', n.nspname, t.relname, con.conname),
       format('no index on %s (%s): to delete a row of %s reads all of it',
              format('%I.%I', n.nspname, t.relname), columns.list, con.confrelid::regclass),
       format('CREATE INDEX CONCURRENTLY ON %I.%I (%s)', n.nspname, t.relname, columns.list)
FROM pg_constraint con
JOIN pg_class t ON t.oid = con.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.place) AS list,
           string_agg(format('(%I IS NOT NULL)', a.attname), ' AND ' ORDER BY k.place) AS filled
    FROM unnest(con.conkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum
) columns
WHERE con.contype = 'f' AND con.conparentid = 0
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')
  AND NOT EXISTS (
      SELECT FROM pg_index i
      WHERE i.indrelid = con.conrelid AND i.indisvalid
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) IN (columns.filled, '(' || columns.filled || ')'))
        AND (i.indkey::int2[])[0:cardinality(con.conkey) - 1] @> con.conkey
        AND (i.indkey::int2[])[0:cardinality(con.conkey) - 1] <@ con.conkey)
ORDER BY 1
