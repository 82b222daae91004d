-- Drops what the current schema holds, of any kind, and leaves the schema with its owner and
-- privileges, and what extensions own. Stock `fresh` leaves functions and sequences, and fails on
-- a view that depends on no table.
DO $$
DECLARE
    here oid := current_schema()::regnamespace;
    statement text;
BEGIN
    LOOP
        SELECT found.statement INTO statement FROM (
            SELECT format('DROP %s %s CASCADE',
                          CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                                       WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
                                       WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
                          oid::regclass) AS statement, 'pg_class'::regclass AS class, oid
            FROM pg_class WHERE relnamespace = here AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
            UNION ALL
            SELECT format('DROP %s %s CASCADE',
                          CASE prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE'
                                       ELSE 'FUNCTION' END,
                          oid::regprocedure), 'pg_proc'::regclass, oid
            FROM pg_proc WHERE pronamespace = here
            UNION ALL
            SELECT format('DROP %s %s CASCADE', CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
                          oid::regtype), 'pg_type'::regclass, oid
            FROM pg_type WHERE typnamespace = here AND typtype IN ('e', 'd', 'r')
        ) found
        -- What an extension owns stays; an identity's sequence and a range's constructor go with
        -- what they belong to. A partition key belongs to its own table, and of a composite type
        -- it is the relation that is listed.
        WHERE NOT EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = found.class AND d.objid = found.oid
                            AND (d.deptype = 'e'
                                 OR d.deptype = 'i' AND d.refobjid <> d.objid
                                    AND (d.classid, d.refclassid)
                                        <> ('pg_class'::regclass, 'pg_type'::regclass)))
        LIMIT 1;
        EXIT WHEN NOT FOUND;
        EXECUTE statement;
    END LOOP;
END $$
