-- Plain indexes whose columns are the first ones of a larger index.
SELECT format('index %I.%I', n.nspname, c.relname),
       format('%I starts with the same columns and serves the same queries, from a larger index', other.relname),
       NULL::text
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_index o ON o.indrelid = i.indrelid AND o.indnkeyatts > i.indnkeyatts
JOIN pg_class other ON other.oid = o.indexrelid AND other.relam = c.relam
JOIN pg_am am ON am.oid = c.relam AND am.amname = 'btree'
WHERE NOT i.indisunique AND i.indisvalid AND o.indisvalid
  AND i.indnatts = i.indnkeyatts AND i.indexprs IS NULL AND o.indexprs IS NULL
  AND pg_get_expr(i.indpred, i.indrelid) IS NOT DISTINCT FROM pg_get_expr(o.indpred, o.indrelid)
  AND (o.indkey::int2[])[0:i.indnkeyatts - 1] = (i.indkey::int2[])[0:i.indnkeyatts - 1]
  AND (o.indclass::oid[])[0:i.indnkeyatts - 1] = (i.indclass::oid[])[0:i.indnkeyatts - 1]
  AND (o.indoption::int2[])[0:i.indnkeyatts - 1] = (i.indoption::int2[])[0:i.indnkeyatts - 1]
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')
ORDER BY 1, 2
