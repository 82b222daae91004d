-- Indexes that no query has used. It takes two weeks of statistics to say so, and a table of some size: a small one is
-- read whole, whatever its indexes. One that is the only index of a foreign key serves deletes in the other table.
SELECT format('index %I.%I', u.schemaname, u.indexrelname),
       format('no query has used it since %s, and it takes %s',
              to_char(statistics.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'),
              pg_size_pretty(pg_relation_size(u.indexrelid))),
       format('see whether a replica uses it, then DROP INDEX CONCURRENTLY %I.%I', u.schemaname, u.indexrelname)
FROM pg_stat_user_indexes u
JOIN pg_index i ON i.indexrelid = u.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
CROSS JOIN LATERAL (
    SELECT coalesce(stats_reset, pg_postmaster_start_time()) AS since
    FROM pg_stat_database WHERE datname = current_database()
) statistics
WHERE u.idx_scan = 0 AND NOT i.indisunique AND NOT i.indisexclusion AND i.indisvalid AND t.relpages > 100
  AND statistics.since < now() - interval '14 days'
  AND u.schemaname <> 'seaworthy'
  AND NOT EXISTS (
      SELECT FROM pg_constraint con
      WHERE con.contype = 'f' AND con.conrelid = i.indrelid
        AND (i.indkey::int2[])[0:cardinality(con.conkey) - 1] @> con.conkey)
ORDER BY 1
