-- Columns of a small integer type that are filled from a sequence, and past half of what fits.
SELECT format('column %I.%I.%I', n.nspname, t.relname, a.attname),
       format('%s %% of its numbers are used: %s of %s', round(100.0 * used.last / used.most), used.last, used.most),
       format('ALTER TABLE %I.%I ALTER COLUMN %I TYPE bigint, which rewrites the table', n.nspname, t.relname, a.attname)
FROM (
    SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS attnum
    FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    UNION
    SELECT d.refobjid, def.adrelid, def.adnum
    FROM pg_depend d JOIN pg_attrdef def ON def.oid = d.objid
    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
) filled
JOIN pg_class s ON s.oid = filled.sequence AND s.relkind = 'S'
JOIN pg_sequence seq ON seq.seqrelid = s.oid AND seq.seqincrement > 0
JOIN pg_class t ON t.oid = filled.relation AND t.relkind IN ('r', 'p')
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = filled.attnum
CROSS JOIN LATERAL (
    SELECT CASE WHEN has_sequence_privilege(s.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(s.oid::regclass) END AS last,
           least(seq.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 ELSE 2147483647 END) AS most
) used
WHERE a.atttypid IN ('int2'::regtype, 'int4'::regtype) AND used.last > used.most / 2
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'seaworthy')
ORDER BY 1
