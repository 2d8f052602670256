-- views_pg.sql - views that only PostgreSQL can answer
--
-- SPDX-License-Identifier: PostgreSQL

-- One row: where the log stands.  state: ready, waiting (for its first
-- record), restored (asks for new_epoch), absent (no init here).  ahead: by how
-- much the newest entry is ahead of the clock.  unanchored counts every entry
-- for as long as there are no checkpoints.
CREATE VIEW aigov.health AS
SELECT i.origin AS origin,
       i.log AS log,
       CASE WHEN aigov.needs_epoch() THEN 'restored'
            WHEN i.log IS NULL THEN 'absent'
            WHEN i.used THEN 'ready'
            ELSE 'waiting' END AS state,
       aigov.version() AS version,
       (SELECT x.extversion FROM pg_catalog.pg_extension x
         WHERE x.extname = 'aigov') AS extension_version,
       h.lanes AS lanes,
       h.entries AS entries,
       h.entries AS unanchored,
       h.last_at AS last_at,
       GREATEST(h.last_at - statement_timestamp(), interval '0') AS ahead,
       (SELECT json_agg(json_build_object(
                 'lane', k.objsubid, 'pid', k.pid, 'login', a.usename,
                 'application', a.application_name, 'since', a.xact_start,
                 'state', a.state, 'granted', k.granted)
                 ORDER BY k.objsubid, k.granted DESC)
          FROM pg_catalog.pg_locks k
          LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = k.pid
         WHERE k.locktype = 'object'
           AND k.database = (SELECT d.oid FROM pg_catalog.pg_database d
                              WHERE d.datname = current_database())
           AND k.classid = CAST('pg_catalog.pg_class' AS regclass)
           AND k.objid = CAST('aigov.entry' AS regclass)) AS held,
       EXISTS (SELECT 1 FROM pg_catalog.pg_event_trigger t
                WHERE t.evtname = 'aigov_guard'
                  AND t.evtenabled <> 'D') AS ddl_guard,
       (SELECT count(*) = 9 FROM pg_catalog.pg_trigger g
         WHERE g.tgrelid IN (CAST('aigov.log' AS regclass),
                             CAST('aigov.entry' AS regclass),
                             CAST('aigov.content' AS regclass))
           AND g.tgname LIKE 'guard%'
           AND g.tgenabled = 'A') AS row_guards,
       current_setting('aigov.lanes', true) AS lanes_setting,
       current_setting('aigov.lane0_timeout', true) AS lane0_timeout
  FROM (SELECT 1 AS one) u
  LEFT JOIN aigov.instance i ON true
  LEFT JOIN LATERAL (
    WITH RECURSIVE head(lane, seq, at) AS (
      (SELECT e.lane, e.seq, e.at
         FROM aigov.entry e
        WHERE e.log = i.log
        ORDER BY e.log DESC, e.lane DESC, e.seq DESC
        LIMIT 1)
       UNION ALL
      (SELECT n.lane, n.seq, n.at
         FROM head
         CROSS JOIN LATERAL (
           SELECT e.lane, e.seq, e.at
             FROM aigov.entry e
            WHERE e.log = i.log AND e.lane < head.lane
            ORDER BY e.log DESC, e.lane DESC, e.seq DESC
            LIMIT 1) n))
    SELECT count(*) AS lanes, CAST(COALESCE(sum(seq), 0) AS bigint) AS entries,
           max(at) AS last_at
      FROM head) h ON true;
