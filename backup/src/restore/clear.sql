-- Removes what is in a database, as far as an archive brings it back: the place of a whole database is
-- taken without the right to create one. What an extension owns that stays is left alone, and `public`
-- stays as well, because an archive expects it: only what is in it goes, and who may do what.
DO $seaworthy$
DECLARE
    -- Those that the archive would make again just so. One with a configuration of its own is made again.
    kept CONSTANT oid[] := ARRAY(
        SELECT oid FROM pg_extension
        WHERE extname = 'plpgsql' OR (extconfig IS NULL AND ARRAY[extname::text, extversion] IN (/*kept*/))
    );
    is_owner CONSTANT text := CASE WHEN current_setting('server_version_num')::int >= 150000
        THEN 'pg_database_owner' END;
    thing record;
    part record;
BEGIN
    FOR thing IN SELECT extname FROM pg_extension WHERE oid <> ALL (kept) LOOP
        EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', thing.extname);
    END LOOP;

    FOR thing IN
        SELECT kind, name FROM (
            SELECT 'EVENT TRIGGER', evtname, 'pg_event_trigger'::regclass, oid FROM pg_event_trigger
            UNION ALL SELECT 'PUBLICATION', pubname, 'pg_publication'::regclass, oid FROM pg_publication
            UNION ALL SELECT 'SERVER', srvname, 'pg_foreign_server'::regclass, oid FROM pg_foreign_server
            UNION ALL SELECT 'FOREIGN DATA WRAPPER', fdwname, 'pg_foreign_data_wrapper'::regclass, oid
                FROM pg_foreign_data_wrapper
            UNION ALL SELECT 'LANGUAGE', lanname, 'pg_language'::regclass, oid FROM pg_language
                WHERE oid >= 16384
            UNION ALL SELECT 'ACCESS METHOD', amname, 'pg_am'::regclass, oid FROM pg_am WHERE oid >= 16384
        ) AS found (kind, name, class, oid)
        WHERE NOT EXISTS (SELECT FROM pg_depend d
            WHERE d.classid = class AND d.objid = found.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP %s IF EXISTS %I CASCADE', thing.kind, thing.name);
    END LOOP;

    FOR thing IN SELECT format_type(castsource, NULL) AS source, format_type(casttarget, NULL) AS target
        FROM pg_cast c WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d
            WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
    LOOP
        EXECUTE format('DROP CAST IF EXISTS (%s AS %s) CASCADE', thing.source, thing.target);
    END LOOP;

    PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;

    FOR thing IN SELECT pg_get_userbyid(defaclrole) AS role, nspname, CASE defaclobjtype
            WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
            WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' END AS kind, defaclobjtype, defaclacl
        FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace
    LOOP
        FOR part IN SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC'
                ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee FROM aclexplode(thing.defaclacl)
        LOOP
            EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s REVOKE ALL ON %s FROM %s', thing.role,
                'IN SCHEMA ' || quote_ident(thing.nspname), thing.kind, part.grantee);
        END LOOP;
        IF thing.nspname IS NULL THEN
            EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT ALL ON %s TO %I', thing.role,
                thing.kind, thing.role);
            IF thing.defaclobjtype IN ('f', 'T') THEN
                EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I GRANT ALL ON %s TO PUBLIC',
                    thing.role, thing.kind);
            END IF;
        END IF;
    END LOOP;

    FOR thing IN
        SELECT n.oid, nspname, nspname = 'public' OR EXISTS (
            SELECT FROM pg_depend d JOIN pg_depend member USING (classid, objid)
            WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND member.deptype = 'e'
        ) AS stays
        FROM pg_namespace n
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
    LOOP
        IF NOT thing.stays THEN
            EXECUTE format('DROP SCHEMA %I CASCADE', thing.nspname);
            CONTINUE;
        END IF;
        LOOP
            SELECT o.type, o.identity INTO part
            FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) o
            WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = thing.oid
                AND d.deptype = 'n' AND o.type NOT IN ('default acl', 'extension')
                AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i')
                        -- A partitioned table needs the columns of its own key in just this way.
                        AND (e.refclassid, e.refobjid) <> (d.classid, d.objid))
            LIMIT 1;
            EXIT WHEN NOT FOUND;
            EXECUTE format('DROP %s %s CASCADE', CASE part.type WHEN 'composite type' THEN 'TYPE'
                WHEN 'statistics object' THEN 'STATISTICS' ELSE part.type END, part.identity);
        END LOOP;
    END LOOP;

    -- An archive takes `public` for what it is in a new database, and says only what is different.
    IF to_regnamespace('public') IS NULL THEN
        CREATE SCHEMA public;
    END IF;
    SELECT nspacl, pg_get_userbyid(nspowner) AS owner, obj_description(oid, 'pg_namespace') AS comment
        INTO thing FROM pg_namespace WHERE nspname = 'public';
    IF thing.comment IS DISTINCT FROM 'standard public schema' THEN
        COMMENT ON SCHEMA public IS 'standard public schema';
    END IF;
    IF is_owner IS NOT NULL AND (thing.owner <> is_owner
        OR thing.nspacl IS DISTINCT FROM '{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}')
    THEN
        FOR part IN SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC'
                ELSE quote_ident(pg_get_userbyid(grantee)) END AS grantee FROM aclexplode(thing.nspacl)
        LOOP
            EXECUTE format('REVOKE ALL ON SCHEMA public FROM %s', part.grantee);
        END LOOP;
        EXECUTE format('ALTER SCHEMA public OWNER TO %I', is_owner);
        EXECUTE format('GRANT ALL ON SCHEMA public TO %I', is_owner);
        GRANT USAGE ON SCHEMA public TO PUBLIC;
    END IF;
END
$seaworthy$
