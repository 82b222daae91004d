-- One object that a database holds although it should be empty, in words; NULL where it is empty.
SELECT min(found) FROM (
    SELECT format('schema %I', nspname) AS found FROM pg_catalog.pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'public')
    UNION ALL
    SELECT format('relation %I', relname) FROM pg_catalog.pg_class c
    WHERE relnamespace = to_regnamespace('public')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('routine %I', proname) FROM pg_catalog.pg_proc p
    WHERE pronamespace = to_regnamespace('public')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT format('type %I', typname) FROM pg_catalog.pg_type t
    WHERE typnamespace = to_regnamespace('public')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype IN ('e', 'i'))
    UNION ALL SELECT format('publication %I', pubname) FROM pg_catalog.pg_publication
    UNION ALL SELECT format('event trigger %I', evtname) FROM pg_catalog.pg_event_trigger
    UNION ALL SELECT format('server %I', srvname) FROM pg_catalog.pg_foreign_server
    UNION ALL SELECT format('%s large objects', count(*)) FROM pg_catalog.pg_largeobject_metadata HAVING count(*) > 0
) everything
