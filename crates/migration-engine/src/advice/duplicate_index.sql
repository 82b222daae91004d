-- Indexes that are equal but for their names; of two, the one that no constraint needs is named.
SELECT DISTINCT ON (1) format('index %I.%I', n.nspname, c.relname),
       format('it is the same as %I', other.relname),
       format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_index o ON o.indrelid = i.indrelid AND o.indexrelid <> i.indexrelid
JOIN pg_class other ON other.oid = o.indexrelid AND other.relam = c.relam
WHERE (i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text, i.indnkeyatts)
    = (o.indkey::text, o.indclass::text, o.indcollation::text, o.indoption::text, o.indnkeyatts)
  AND pg_get_expr(i.indexprs, i.indrelid) IS NOT DISTINCT FROM pg_get_expr(o.indexprs, o.indrelid)
  AND pg_get_expr(i.indpred, i.indrelid) IS NOT DISTINCT FROM pg_get_expr(o.indpred, o.indrelid)
  AND i.indisvalid AND o.indisvalid
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')
  AND NOT EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = i.indexrelid AND con.contype <> 'f')
  AND (
      (NOT i.indisunique AND o.indisunique)
      OR (i.indisunique = o.indisunique AND (
          EXISTS (SELECT FROM pg_constraint con WHERE con.conindid = o.indexrelid AND con.contype <> 'f')
          OR i.indexrelid > o.indexrelid)))
ORDER BY 1, 2
