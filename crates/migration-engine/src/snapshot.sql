-- One canonical row for each schema object: (kind, identity, definition). Ordering and text do not
-- depend on object ids, so that two equal databases give equal rows. Expects search_path = pg_catalog.
WITH ns AS (SELECT oid, nspname FROM pg_namespace
            WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'seaworthy')),
ext AS (SELECT classid, objid FROM pg_depend WHERE deptype='e'),
rel AS (SELECT c.*, n.nspname FROM pg_class c JOIN ns n ON n.oid=c.relnamespace
        WHERE NOT EXISTS (SELECT 1 FROM ext e WHERE e.classid='pg_class'::regclass AND e.objid=c.oid))
SELECT kind, ident, def FROM (
 SELECT 'schema' kind, quote_ident(nspname) ident, '' def FROM ns
 UNION ALL SELECT 'extension', extname, extversion FROM pg_extension
 UNION ALL
 SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned_table' WHEN 'f' THEN 'foreign_table' END,
   format('%I.%I', nspname, relname),
   concat_ws(' ', 'persistence='||relpersistence::text, 'rls='||relrowsecurity||'/'||relforcerowsecurity, 'replident='||relreplident::text,
     'opts='||array_to_string(reloptions,','), 'partkey='||pg_get_partkeydef(oid), 'bound='||pg_get_expr(relpartbound,oid),
     (SELECT 'inherits='||string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid=rel.oid))
 FROM rel WHERE relkind IN ('r','p','f')
 UNION ALL
 SELECT 'column', format('%I.%I.%I', nspname, relname, attname),
   concat_ws(' ', format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
    CASE WHEN attcollation<>0 AND attcollation<>t.typcollation THEN 'COLLATE '||(SELECT collname FROM pg_collation WHERE oid=attcollation) END,
    CASE attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' ELSE NULL END,
    CASE WHEN attgenerated<>'' THEN 'GENERATED '||attgenerated::text||' '||pg_get_expr(d.adbin,d.adrelid) WHEN d.adbin IS NOT NULL THEN 'DEFAULT '||pg_get_expr(d.adbin,d.adrelid) END,
    CASE WHEN attstorage<>t.typstorage THEN 'STORAGE '||attstorage::text END)
 FROM rel JOIN pg_attribute a ON a.attrelid=rel.oid AND attnum>0 AND NOT attisdropped JOIN pg_type t ON t.oid=atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid=a.attrelid AND d.adnum=a.attnum
 WHERE relkind IN ('r','p','f','c')
 UNION ALL
 SELECT 'column_order', format('%I.%I', nspname, relname), string_agg(quote_ident(attname), ',' ORDER BY attnum)
 FROM rel JOIN pg_attribute a ON a.attrelid=rel.oid AND attnum>0 AND NOT attisdropped WHERE relkind IN ('r','p','f') GROUP BY 2
 UNION ALL
 SELECT 'constraint', format('%I.%I.%I', nspname, relname, conname),
   concat_ws(' ', pg_get_constraintdef(con.oid), CASE WHEN connoinherit AND contype='c' THEN 'NO INHERIT' END, CASE WHEN NOT convalidated THEN 'NOT-VALIDATED' END)
 FROM pg_constraint con JOIN rel ON rel.oid=conrelid WHERE contype<>'n' AND contype<>'t'
 UNION ALL
 SELECT 'index', format('%I.%I', r.nspname, r.relname), concat_ws(' ', pg_get_indexdef(r.oid), CASE WHEN NOT indisvalid THEN 'INVALID' END, CASE WHEN indisclustered THEN 'CLUSTERED' END, CASE WHEN indisreplident THEN 'REPLIDENT' END)
 FROM pg_index i JOIN rel r ON r.oid=i.indexrelid
 UNION ALL
 SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'matview' END, format('%I.%I', nspname, relname), concat_ws(' ', 'opts='||array_to_string(reloptions,','), pg_get_viewdef(oid)) FROM rel WHERE relkind IN ('v','m')
 UNION ALL
 SELECT 'sequence', format('%I.%I', nspname, relname),
   concat_ws(' ', format_type(seqtypid,NULL), seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle,
     (SELECT 'owned_by='||d.refobjid::regclass::text||'.'||(SELECT attname FROM pg_attribute WHERE attrelid=d.refobjid AND attnum=d.refobjsubid)||'/'||d.deptype::text FROM pg_depend d WHERE d.classid='pg_class'::regclass AND d.objid=rel.oid AND d.deptype IN ('a','i') AND d.refclassid='pg_class'::regclass AND d.refobjsubid>0))
 FROM rel JOIN pg_sequence s ON s.seqrelid=rel.oid
 UNION ALL
 SELECT 'type', format('%I.%I', nspname, typname),
   CASE typtype WHEN 'e' THEN 'ENUM '||(SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid=t.oid)
                WHEN 'd' THEN concat_ws(' ','DOMAIN', format_type(typbasetype,typtypmod), CASE WHEN typnotnull THEN 'NOT NULL' END, 'DEFAULT '||typdefault, (SELECT string_agg(conname||' '||pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint WHERE contypid=t.oid AND contype='c'))
                WHEN 'r' THEN 'RANGE '||(SELECT format_type(rngsubtype,NULL) FROM pg_range WHERE rngtypid=t.oid)
                WHEN 'c' THEN 'COMPOSITE' ELSE typtype::text END
 FROM pg_type t JOIN ns ON ns.oid=typnamespace
 WHERE (typtype IN ('e','d','r') OR (typtype='c' AND EXISTS (SELECT 1 FROM pg_class c WHERE c.oid=typrelid AND c.relkind='c')))
   AND NOT EXISTS (SELECT 1 FROM ext e WHERE e.classid='pg_type'::regclass AND e.objid=t.oid)
 UNION ALL
 SELECT 'routine', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)), CASE WHEN prokind IN ('f','p') THEN pg_get_functiondef(p.oid) ELSE prokind::text END
 FROM pg_proc p JOIN ns ON ns.oid=pronamespace WHERE NOT EXISTS (SELECT 1 FROM ext e WHERE e.classid='pg_proc'::regclass AND e.objid=p.oid)
 UNION ALL
 SELECT 'trigger', format('%I.%I.%I', nspname, relname, tgname), pg_get_triggerdef(tg.oid)||' enabled='||tgenabled::text FROM pg_trigger tg JOIN rel ON rel.oid=tgrelid WHERE NOT tgisinternal
 UNION ALL
 SELECT 'rule', format('%I.%I.%I', nspname, relname, rulename), pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN rel ON rel.oid=ev_class WHERE rulename<>'_RETURN'
 UNION ALL
 SELECT 'policy', format('%I.%I.%I', nspname, relname, polname), concat_ws(' ', polcmd, polpermissive, (SELECT string_agg(CASE WHEN x=0 THEN 'public' ELSE x::regrole::text END, ',' ORDER BY 1) FROM unnest(polroles) x), 'USING '||pg_get_expr(polqual,polrelid), 'CHECK '||pg_get_expr(polwithcheck,polrelid)) FROM pg_policy JOIN rel ON rel.oid=polrelid
 UNION ALL
 SELECT 'statistics', format('%I.%I', nspname, stxname), pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN ns ON ns.oid=stxnamespace
 UNION ALL
 SELECT 'comment', pg_describe_object(classoid,objoid,objsubid), description FROM pg_description d WHERE classoid IN ('pg_class'::regclass,'pg_type'::regclass,'pg_proc'::regclass,'pg_constraint'::regclass,'pg_trigger'::regclass) AND objoid>=16384 AND pg_describe_object(classoid,objoid,objsubid) NOT LIKE '% seaworthy.%' AND NOT EXISTS (SELECT 1 FROM ext e WHERE e.classid=d.classoid AND e.objid=d.objoid)
 UNION ALL
 SELECT 'acl', format('%s %I.%I', relkind, nspname, relname), array_to_string(ARRAY(SELECT unnest(relacl)::text ORDER BY 1), ',') FROM rel WHERE relacl IS NOT NULL
 UNION ALL
 SELECT 'owner', format('%s %I.%I', relkind, nspname, relname), relowner::regrole::text FROM rel WHERE relkind IN ('r','p','v','m','S','f')
) s ORDER BY kind COLLATE "C", ident COLLATE "C", def COLLATE "C"
