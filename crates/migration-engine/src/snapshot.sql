-- One canonical row for each schema object: (kind, identity, definition). Ordering and text do not
-- depend on object ids, so that two equal databases give equal rows. Expects search_path = pg_catalog.
-- Everybody may read what is asked here. PostgreSQL 14 to 18: where a catalog's columns differ
-- between them, the row is taken as JSON.
WITH ns AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'seaworthy')
),
ext AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
rel AS (
    SELECT c.*, n.nspname, format('%I.%I', n.nspname, c.relname) AS ident,
        CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' WHEN 'f' THEN 'foreign_table'
                       WHEN 'v' THEN 'view' WHEN 'm' THEN 'matview' WHEN 'S' THEN 'sequence'
                       WHEN 'c' THEN 'type' ELSE 'index' END AS word
    FROM pg_class c JOIN ns n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
),
att AS (
    SELECT a.*, r.nspname, r.relname, r.relkind, r.ident AS rel_ident, format('%s.%I', r.ident, a.attname) AS ident
    FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE r.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')
),
typ AS (
    SELECT t.*, format('%I.%I', n.nspname, t.typname) AS ident
    FROM pg_type t JOIN ns n ON n.oid = t.typnamespace
    WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'b' AND t.typelem = 0
           OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
      AND NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
),
proc AS (
    SELECT p.*, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS ident
    FROM pg_proc p JOIN ns n ON n.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
)
SELECT kind, ident, def FROM (
    SELECT 'schema' AS kind, quote_ident(nspname) AS ident, '' AS def FROM ns
    UNION ALL
    SELECT 'extension', quote_ident(extname), concat_ws(' ', extversion, (SELECT 'schema='||quote_ident(nspname) FROM pg_namespace n WHERE n.oid = extnamespace))
    FROM pg_extension
    UNION ALL
    -- tables and their columns
    SELECT word, ident,
        concat_ws(' ', 'persistence='||relpersistence::text, 'rls='||relrowsecurity||'/'||relforcerowsecurity,
            'replident='||relreplident::text, 'opts='||array_to_string(reloptions, ','),
            (SELECT 'toast='||array_to_string(t.reloptions, ',') FROM pg_class t WHERE t.oid = rel.reltoastrelid),
            'partkey='||pg_get_partkeydef(oid), 'bound='||pg_get_expr(relpartbound, oid),
            (SELECT 'inherits='||string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = rel.oid),
            (SELECT 'of='||reloftype::regtype WHERE reloftype <> 0),
            (SELECT 'tablespace='||spcname FROM pg_tablespace s WHERE s.oid = reltablespace),
            (SELECT 'method='||amname FROM pg_am a WHERE a.oid = relam AND amname <> 'heap'),
            (SELECT concat_ws(' ', 'server='||srvname, 'options='||array_to_string(ftoptions, ',')) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = ftserver WHERE ftrelid = rel.oid))
    FROM rel WHERE relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 'column', a.ident,
        concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
            CASE WHEN attcollation <> 0 AND attcollation <> t.typcollation THEN 'COLLATE '||attcollation::regcollation END,
            CASE attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END,
            CASE WHEN attgenerated <> '' THEN 'GENERATED '||attgenerated::text||' '||pg_get_expr(d.adbin, d.adrelid)
                 WHEN d.adbin IS NOT NULL THEN 'DEFAULT '||pg_get_expr(d.adbin, d.adrelid) END,
            CASE WHEN attstorage <> t.typstorage THEN 'STORAGE '||attstorage::text END,
            CASE WHEN attcompression <> '' THEN 'COMPRESSION '||attcompression::text END,
            'OPTIONS '||array_to_string(attoptions, ','), 'FDW OPTIONS '||array_to_string(attfdwoptions, ','))
    FROM att a JOIN pg_type t ON t.oid = atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relkind IN ('r', 'p', 'f', 'c') OR relkind = 'v' AND d.adbin IS NOT NULL
    UNION ALL
    -- -1 until PostgreSQL 16, NULL since 17
    SELECT 'column_statistics', ident, attstattarget::text FROM att WHERE attstattarget <> -1
    UNION ALL
    SELECT 'column_order', rel_ident, string_agg(quote_ident(attname), ',' ORDER BY attnum)
    FROM att WHERE relkind IN ('r', 'p', 'f', 'c') GROUP BY 2
    UNION ALL
    -- Since PostgreSQL 18 NOT NULL is a constraint too; the column says it.
    SELECT 'constraint', format('%s.%I', rel.ident, conname),
        concat_ws(' ', pg_get_constraintdef(con.oid), CASE WHEN connoinherit AND contype = 'c' THEN 'NO INHERIT' END)
    FROM pg_constraint con JOIN rel ON rel.oid = conrelid WHERE contype NOT IN ('n', 't')
    UNION ALL
    -- ALTER TABLE … DISABLE TRIGGER ALL switches foreign keys off.
    SELECT 'constraint_trigger', format('%s.%I', rel.ident, con.conname),
        string_agg(DISTINCT p.proname::text||' enabled='||tgenabled::text, ' ' ORDER BY p.proname::text||' enabled='||tgenabled::text)
    FROM pg_trigger tg JOIN rel ON rel.oid = tgrelid JOIN pg_constraint con ON con.oid = tgconstraint JOIN pg_proc p ON p.oid = tgfoid
    WHERE tgisinternal AND tgenabled <> 'O' GROUP BY 2
    UNION ALL
    SELECT 'index', r.ident,
        concat_ws(' ', pg_get_indexdef(r.oid), CASE WHEN NOT indisvalid THEN 'INVALID' END, CASE WHEN indisclustered THEN 'CLUSTERED' END,
            CASE WHEN indisreplident THEN 'REPLIDENT' END, (SELECT 'TABLESPACE '||spcname FROM pg_tablespace s WHERE s.oid = r.reltablespace))
    FROM pg_index i JOIN rel r ON r.oid = i.indexrelid
    UNION ALL
    SELECT word, ident, concat_ws(' ', 'opts='||array_to_string(reloptions, ','), CASE WHEN relkind = 'm' AND NOT relispopulated THEN 'NO DATA' END, pg_get_viewdef(oid))
    FROM rel WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'sequence', ident,
        concat_ws(' ', format_type(seqtypid, NULL), seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle, 'persistence='||relpersistence::text,
            (SELECT 'owned_by='||d.refobjid::regclass::text||'.'||(SELECT attname FROM pg_attribute WHERE attrelid = d.refobjid AND attnum = d.refobjsubid)||'/'||d.deptype::text
             FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0))
    FROM rel JOIN pg_sequence s ON s.seqrelid = rel.oid
    UNION ALL
    -- types and routines
    SELECT 'type', ident,
        CASE typtype WHEN 'e' THEN concat('ENUM ', (SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
            WHEN 'd' THEN concat_ws(' ', 'DOMAIN', format_type(typbasetype, typtypmod), CASE WHEN typnotnull THEN 'NOT NULL' END, 'DEFAULT '||typdefault,
                CASE WHEN typcollation NOT IN (0, 100) THEN 'COLLATE '||typcollation::regcollation END)
            WHEN 'r' THEN (SELECT concat_ws(' ', 'RANGE', format_type(rngsubtype, NULL), CASE WHEN rngcollation NOT IN (0, 100) THEN 'COLLATE '||rngcollation::regcollation END,
                'canonical='||rngcanonical, 'diff='||rngsubdiff) FROM pg_range WHERE rngtypid = t.oid)
            WHEN 'c' THEN 'COMPOSITE'
            ELSE concat_ws(' ', 'BASE', typinput, typoutput, typreceive, typsend, typlen, typbyval, typalign, typstorage, typcategory) END
    FROM typ t
    UNION ALL
    SELECT 'domain_constraint', format('%s.%I', ident, conname), pg_get_constraintdef(con.oid)
    FROM pg_constraint con JOIN typ t ON t.oid = contypid WHERE contype = 'c'
    UNION ALL
    SELECT 'routine', ident,
        CASE WHEN prokind <> 'a' THEN pg_get_functiondef(proc.oid)
            ELSE (SELECT concat_ws(' ', 'AGGREGATE', aggkind, aggtransfn, format_type(aggtranstype, NULL), aggfinalfn, aggcombinefn, agginitval,
                'sort='||NULLIF(aggsortop, 0)::regoperator, proparallel, pg_get_function_result(proc.oid)) FROM pg_aggregate WHERE aggfnoid = proc.oid) END
    FROM proc
    UNION ALL
    SELECT 'trigger', format('%s.%I', rel.ident, tgname), pg_get_triggerdef(tg.oid)||' enabled='||tgenabled::text
    FROM pg_trigger tg JOIN rel ON rel.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'rule', format('%s.%I', rel.ident, rulename), pg_get_ruledef(r.oid)||' enabled='||ev_enabled::text
    FROM pg_rewrite r JOIN rel ON rel.oid = ev_class WHERE rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', format('%s.%I', rel.ident, polname),
        concat_ws(' ', polcmd, CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
            (SELECT 'TO '||string_agg(CASE WHEN x = 0 THEN 'public' ELSE x::regrole::text END, ',' ORDER BY CASE WHEN x = 0 THEN 'public' ELSE x::regrole::text END) FROM unnest(polroles) x),
            'USING '||pg_get_expr(polqual, polrelid), 'CHECK '||pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy JOIN rel ON rel.oid = polrelid
    UNION ALL
    SELECT 'statistics', format('%I.%I', n.nspname, stxname), concat_ws(' ', pg_get_statisticsobjdef(s.oid), 'TARGET '||NULLIF(stxstattarget, -1))
    FROM pg_statistic_ext s JOIN ns n ON n.oid = stxnamespace
    WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid)
    UNION ALL
    -- operators and what is made of them
    SELECT 'operator', format('%I.%s(%s,%s)', n.nspname, oprname, format_type(NULLIF(oprleft, 0), NULL), format_type(NULLIF(oprright, 0), NULL)),
        concat_ws(' ', oprcode, format_type(oprresult, NULL), 'commutator='||NULLIF(oprcom, 0)::regoperator, 'negator='||NULLIF(oprnegate, 0)::regoperator, oprrest, oprjoin, oprcanmerge, oprcanhash)
    FROM pg_operator o JOIN ns n ON n.oid = oprnamespace WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid)
    UNION ALL
    SELECT 'operator_class', format('%I.%I/%s', n.nspname, opcname, amname), concat_ws(' ', format_type(opcintype, NULL), CASE WHEN opcdefault THEN 'DEFAULT' END, 'family='||opfname, 'storage='||format_type(NULLIF(opckeytype, 0), NULL))
    FROM pg_opclass o JOIN ns n ON n.oid = opcnamespace JOIN pg_am a ON a.oid = opcmethod JOIN pg_opfamily f ON f.oid = opcfamily
    WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_opclass'::regclass AND e.objid = o.oid)
    UNION ALL
    SELECT 'operator_family', format('%I.%I/%s', n.nspname, opfname, amname),
        concat_ws(' ', (SELECT string_agg(amopstrategy||' '||amopopr::regoperator, ', ' ORDER BY amopstrategy, amopopr::regoperator::text) FROM pg_amop WHERE amopfamily = f.oid),
            (SELECT string_agg(amprocnum||' '||amproc::regprocedure, ', ' ORDER BY amprocnum, amproc::regprocedure::text) FROM pg_amproc WHERE amprocfamily = f.oid))
    FROM pg_opfamily f JOIN ns n ON n.oid = opfnamespace JOIN pg_am a ON a.oid = opfmethod
    WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid)
    UNION ALL
    SELECT 'cast', format('%s AS %s', format_type(castsource, NULL), format_type(casttarget, NULL)), concat_ws(' ', castcontext, castmethod, NULLIF(castfunc, 0)::regprocedure)
    FROM pg_cast c WHERE c.oid >= 16384 AND NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT 'conversion', format('%I.%I', n.nspname, conname), concat_ws(' ', pg_encoding_to_char(conforencoding), pg_encoding_to_char(contoencoding), conproc, condefault)
    FROM pg_conversion c JOIN ns n ON n.oid = connamespace WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_conversion'::regclass AND e.objid = c.oid)
    UNION ALL
    -- text
    SELECT 'collation', format('%I.%I', n.nspname, collname), (to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'::text[])::text
    FROM pg_collation c JOIN ns n ON n.oid = collnamespace WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_collation'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT 'text_search_configuration', format('%I.%I', n.nspname, cfgname),
        concat_ws(' ', 'parser='||prsname, (SELECT string_agg(maptokentype||'='||mapdict::regdictionary, ' ' ORDER BY maptokentype, mapseqno) FROM pg_ts_config_map WHERE mapcfg = c.oid))
    FROM pg_ts_config c JOIN ns n ON n.oid = cfgnamespace JOIN pg_ts_parser p ON p.oid = cfgparser WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT 'text_search_dictionary', format('%I.%I', n.nspname, dictname), concat_ws(' ', tmplname, dictinitoption)
    FROM pg_ts_dict d JOIN ns n ON n.oid = dictnamespace JOIN pg_ts_template t ON t.oid = dicttemplate WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = d.oid)
    UNION ALL
    -- the database's own
    SELECT 'setting', concat_ws(' ', split_part(c, '=', 1), 'of '||NULLIF(setrole, 0)::regrole), substr(c, strpos(c, '=') + 1)
    FROM pg_db_role_setting s, unnest(setconfig) c WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT 'language', quote_ident(lanname), concat_ws(' ', lanpltrusted, NULLIF(lanplcallfoid, 0)::regproc)
    FROM pg_language l WHERE l.oid >= 16384 AND NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid)
    UNION ALL
    SELECT 'event_trigger', quote_ident(evtname), concat_ws(' ', evtevent, evtfoid::regprocedure, 'enabled='||evtenabled::text, array_to_string(evttags, ','))
    FROM pg_event_trigger t WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid)
    UNION ALL
    SELECT 'publication', quote_ident(pubname), (to_jsonb(p) - '{oid,pubname,pubowner}'::text[])::text
    FROM pg_publication p
    UNION ALL
    -- The view has row filters and column lists since PostgreSQL 15.
    SELECT 'publication_table', format('%I %I.%I', t.pubname, t.schemaname, t.tablename), concat_ws(' ', 'WHERE '||(to_jsonb(t)->>'rowfilter'),
            (SELECT '('||string_agg(a, ', ' ORDER BY a COLLATE "C")||')' FROM jsonb_array_elements_text(to_jsonb(t)->'attnames') a))
    FROM pg_publication_tables t JOIN pg_publication p USING (pubname) WHERE NOT puballtables
    UNION ALL
    SELECT 'subscription', quote_ident(subname), concat_ws(' ', 'enabled='||subenabled, 'slot='||subslotname, array_to_string(subpublications, ','))
    FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL
    SELECT 'foreign_data_wrapper', quote_ident(fdwname), concat_ws(' ', NULLIF(fdwhandler, 0)::regproc, NULLIF(fdwvalidator, 0)::regproc, array_to_string(fdwoptions, ','))
    FROM pg_foreign_data_wrapper w WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_foreign_data_wrapper'::regclass AND e.objid = w.oid)
    UNION ALL
    SELECT 'server', quote_ident(srvname), concat_ws(' ', fdwname, srvtype, srvversion, array_to_string(srvoptions, ','))
    FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = srvfdw WHERE NOT EXISTS (SELECT FROM ext e WHERE e.classid = 'pg_foreign_server'::regclass AND e.objid = s.oid)
    UNION ALL
    -- without the options, which hold passwords
    SELECT 'user_mapping', format('%I for %I', srvname, usename), '' FROM pg_user_mappings
    UNION ALL
    -- what is said about objects, and whose they are
    SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description
    FROM pg_description d
    WHERE (objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid = to_regnamespace('public'))
      AND NOT EXISTS (SELECT FROM ext e WHERE e.classid = d.classoid AND e.objid = d.objoid)
      AND pg_describe_object(classoid, objoid, objsubid) !~ ' seaworthy(\.|$)'
    UNION ALL
    SELECT 'security_label', concat_ws(' ', pg_describe_object(classoid, objoid, objsubid), 'by '||provider), label
    FROM pg_seclabel l WHERE pg_describe_object(classoid, objoid, objsubid) !~ ' seaworthy(\.|$)'
    UNION ALL
    SELECT 'acl', what, array_to_string(ARRAY(SELECT a::text FROM unnest(acl) a ORDER BY a::text COLLATE "C"), ',')
    FROM (SELECT word||' '||ident AS what, relacl AS acl FROM rel
          UNION ALL SELECT 'column '||ident, attacl FROM att
          UNION ALL SELECT 'schema '||quote_ident(nspname), nspacl FROM ns
          UNION ALL SELECT 'routine '||ident, proacl FROM proc
          UNION ALL SELECT 'type '||ident, typacl FROM typ
          UNION ALL SELECT 'server '||quote_ident(srvname), srvacl FROM pg_foreign_server
          UNION ALL SELECT 'foreign_data_wrapper '||quote_ident(fdwname), fdwacl FROM pg_foreign_data_wrapper
          UNION ALL SELECT 'language '||quote_ident(lanname), lanacl FROM pg_language) owned WHERE acl IS NOT NULL
    UNION ALL
    SELECT 'owner', what, owner::regrole::text
    FROM (SELECT word||' '||ident AS what, relowner AS owner FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          UNION ALL SELECT 'schema '||quote_ident(nspname), nspowner FROM ns
          UNION ALL SELECT 'routine '||ident, proowner FROM proc
          UNION ALL SELECT 'type '||ident, typowner FROM typ) owned
    UNION ALL
    SELECT 'default_acl', concat_ws(' ', CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'routines' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE defaclobjtype::text END,
            'of '||defaclrole::regrole, 'in '||NULLIF(defaclnamespace, 0)::regnamespace),
        array_to_string(ARRAY(SELECT a::text FROM unnest(defaclacl) a ORDER BY a::text COLLATE "C"), ',')
    FROM pg_default_acl
) objects ORDER BY kind COLLATE "C", ident COLLATE "C", def COLLATE "C"
