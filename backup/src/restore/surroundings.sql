-- What needs a table, its row type or a sequence of its columns, and is neither its own nor a foreign key.
WITH dropped AS (
    SELECT relation AS oid FROM unnest(ARRAY[/*tables*/]::oid[]) AS relation WHERE relation IS NOT NULL
), gone AS (
    SELECT 'pg_class'::regclass AS class, oid FROM dropped
    UNION SELECT 'pg_type'::regclass, t.oid FROM pg_type t JOIN dropped ON t.typrelid = dropped.oid
    UNION SELECT 'pg_type'::regclass, t.typarray FROM pg_type t JOIN dropped ON t.typrelid = dropped.oid
    UNION SELECT 'pg_class'::regclass, s.oid FROM pg_depend d JOIN pg_class s ON s.oid = d.objid
        JOIN dropped ON dropped.oid = d.refobjid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
            AND s.relkind = 'S' AND d.deptype IN ('a', 'i')
)
SELECT DISTINCT coalesce(
    pg_describe_object('pg_class'::regclass, (SELECT ev_class FROM pg_rewrite r
        WHERE d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid), 0),
    pg_describe_object(d.classid, d.objid, d.objsubid)
)
FROM pg_depend d JOIN gone ON gone.class = d.refclassid AND gone.oid = d.refobjid
WHERE (d.deptype = 'n' OR d.classid = 'pg_publication_rel'::regclass)
    AND NOT EXISTS (SELECT FROM gone own WHERE own.class = d.classid AND own.oid = d.objid)
    AND NOT EXISTS (SELECT FROM (
        SELECT 'pg_constraint'::regclass AS class, oid, conrelid AS owner FROM pg_constraint
            WHERE contype <> 'f'
        UNION ALL SELECT 'pg_attrdef'::regclass, oid, adrelid FROM pg_attrdef
        UNION ALL SELECT 'pg_trigger'::regclass, oid, tgrelid FROM pg_trigger
        UNION ALL SELECT 'pg_policy'::regclass, oid, polrelid FROM pg_policy
        UNION ALL SELECT 'pg_rewrite'::regclass, oid, ev_class FROM pg_rewrite
        UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxrelid FROM pg_statistic_ext
        UNION ALL SELECT 'pg_class'::regclass, indexrelid, indrelid FROM pg_index
    ) AS own JOIN dropped ON dropped.oid = own.owner
        WHERE own.class = d.classid AND own.oid = d.objid)
    AND NOT EXISTS (SELECT FROM pg_constraint f
        WHERE d.classid = 'pg_constraint'::regclass AND f.oid = d.objid AND f.contype = 'f')
ORDER BY 1
