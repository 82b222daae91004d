WITH RECURSIVE base (type, at, modifier, required) AS (
    -- A domain, of a domain, of a type: in the end it holds what that type holds.
    SELECT oid, oid, -1, false FROM pg_type WHERE typtype <> 'd'
    UNION ALL
    SELECT d.oid, base.at, CASE WHEN d.typtypmod < 0 THEN base.modifier ELSE d.typtypmod END,
        d.typnotnull OR base.required
    FROM pg_type d JOIN base ON d.typbasetype = base.type
    WHERE d.typtype = 'd'
),
uses (indexrelid, indrelid, attnum, indisunique, indisprimary) AS (
    SELECT indexrelid, indrelid, unnest(indkey::int2[]), indisunique OR indisexclusion, indisprimary
    FROM pg_index
    UNION
    -- What an expression is made of, such as lower(email).
    SELECT indexrelid, indrelid, refobjsubid::int2, indisunique OR indisexclusion, indisprimary
    FROM pg_index JOIN pg_depend ON classid = 'pg_class'::regclass AND objid = indexrelid
        AND refclassid = 'pg_class'::regclass AND refobjid = indrelid
)
SELECT n.nspname::text AS "schema", c.relname::text AS "table", c.relkind = 'p' AS partitioned,
    a.attname::text AS "column", format_type(a.atttypid, a.atttypmod) AS type,
    leaf.typname::text AS leaf, leaf.typtype = 'e' AS enumeration, element.at IS NOT NULL AS "array",
    CASE WHEN a.atttypmod >= 0 THEN a.atttypmod ELSE coalesce(nullif(whole.modifier, -1), element.modifier) END AS modifier,
    a.attnotnull OR whole.required AS required, a.attgenerated <> '' AS generated,
    a.attidentity = 'a' AS always_identity,
    EXISTS (SELECT FROM uses u WHERE u.indrelid = c.oid AND u.attnum = a.attnum AND u.indisprimary) AS "primary",
    EXISTS (SELECT FROM uses u WHERE u.indrelid = c.oid AND u.attnum = a.attnum AND u.indisunique) AS "unique"
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN base whole ON whole.type = a.atttypid
LEFT JOIN pg_type held ON held.oid = whole.at
LEFT JOIN base element ON held.typcategory = 'A' AND element.type = held.typelem
LEFT JOIN pg_type leaf ON leaf.oid = coalesce(element.at, held.oid)
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
    AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'seaworthy')
    AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, c.relname, a.attnum
