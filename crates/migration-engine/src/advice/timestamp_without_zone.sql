-- Columns that hold an instant and do not say in which zone.
SELECT format('column %I.%I.%I', n.nspname, t.relname, a.attname),
       'it is a timestamp without time zone: which instant it means depends on who reads it',
       'use timestamptz; the change rewrites the table'
FROM pg_attribute a
JOIN pg_class t ON t.oid = a.attrelid AND t.relkind IN ('r', 'p') AND NOT t.relispartition
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE a.atttypid IN ('timestamp'::regtype, 'timestamp[]'::regtype) AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')
  AND NOT EXISTS (
      SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e')
ORDER BY 1
