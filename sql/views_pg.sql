-- views_pg.sql - views that only PostgreSQL can answer
--
-- SPDX-License-Identifier: PostgreSQL

-- What aigov.detectors() gives, for who reads views.
CREATE VIEW aigov.detectors AS
SELECT d.detector AS detector, d.entity AS entity, d.class AS class,
       d.description AS description
  FROM aigov.detectors() d;

-- Operation now, one row a check with its threshold (iso42001/views.csv):
--
--   epoch            1 where the log was restored and the next append asks for
--                    new_epoch; the detail says ready, waiting (for its first
--                    record), restored, or absent (no init here)
--   unanchored_age   seconds since the oldest entry that no checkpoint covers
--   lanes_held       lanes that a transaction holds, with who holds them;
--                    not ok where one has held lane 0 longer than
--                    lane0_timeout
--   clock_ahead      seconds by which the newest entry is ahead of the clock
--   refused_records  records known to be lost, as `loss` entries count them
--   guards           guards that are missing or not ENABLE ALWAYS
--   own_rules        own detectors that are not in force, and profiles with an
--                    operator that needs a key (aigov.own_rules())
--   redaction_keys   1 where key_file names a file that cannot be used; the
--                    detail says why, or what is there (aigov.redaction_keys())
--   synchronous      2 where a receipt survives a power failure, 0 where not
CREATE VIEW aigov.health AS
WITH RECURSIVE own AS (
  SELECT i.log, i.used FROM aigov.instance i),
head(lane, seq, at) AS (
  (SELECT e.lane, e.seq, e.at
     FROM aigov.entry e
    WHERE e.log = (SELECT o.log FROM own o)
    ORDER BY e.log DESC, e.lane DESC, e.seq DESC
    LIMIT 1)
   UNION ALL
  (SELECT n.lane, n.seq, n.at
     FROM head
     CROSS JOIN LATERAL (
       SELECT e.lane, e.seq, e.at
         FROM aigov.entry e
        WHERE e.log = (SELECT o.log FROM own o) AND e.lane < head.lane
        ORDER BY e.log DESC, e.lane DESC, e.seq DESC
        LIMIT 1) n)),
held AS (
  SELECT k.objsubid AS lane, k.pid, a.usename, a.xact_start
    FROM pg_catalog.pg_locks k
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = k.pid
   WHERE k.locktype = 'object'
     AND k.granted
     AND k.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = current_database())
     AND k.classid = CAST('pg_catalog.pg_class' AS regclass)
     AND k.objid = CAST('aigov.entry' AS regclass)),
guards AS (
  SELECT 9 - count(*) AS missing
    FROM pg_catalog.pg_trigger g
   WHERE g.tgrelid IN (CAST('aigov.log' AS regclass),
                       CAST('aigov.entry' AS regclass),
                       CAST('aigov.content' AS regclass))
     AND g.tgname LIKE 'guard%'
     AND g.tgenabled = 'A'),
ddl AS (
  SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END AS missing
    FROM pg_catalog.pg_event_trigger t
   WHERE t.evtname = 'aigov_guard' AND t.evtenabled <> 'D')
SELECT c.item AS item, c.value AS value, c.unit AS unit,
       c.threshold AS threshold,
       CASE WHEN c.unit = 'level' THEN c.value >= c.threshold
            ELSE c.value <= c.threshold END AS ok,
       c.detail AS detail
  FROM (
    SELECT 1 AS place, 'epoch' AS item,
           CASE WHEN aigov.needs_epoch()
                THEN CAST(1 AS numeric) ELSE 0 END AS value,
           'count' AS unit, CAST(0 AS numeric) AS threshold,
           CASE WHEN aigov.needs_epoch() THEN 'restored'
                WHEN NOT EXISTS (SELECT 1 FROM own) THEN 'absent'
                WHEN (SELECT o.used FROM own o) THEN 'ready'
                ELSE 'waiting' END AS detail
     UNION ALL
    SELECT 2, 'unanchored_age',
           COALESCE((SELECT round(CAST(EXTRACT(epoch FROM
                       statement_timestamp() - e.at) AS numeric))
                       FROM aigov.entry e
                      WHERE e.log = (SELECT o.log FROM own o)
                        AND e.lane = 0 AND e.seq = 1), 0),
           'seconds', 86400,
           'no checkpoint covers this log yet: '
             || COALESCE((SELECT sum(h.seq) FROM head h), 0) || ' entries in '
             || (SELECT count(*) FROM head h) || ' lanes'
     UNION ALL
    SELECT 3, 'lanes_held',
           (SELECT count(*) FROM held),
           'count',
           (SELECT CASE WHEN count(*) = 0 THEN 65535 ELSE 0 END FROM held h
             WHERE h.lane = 0 AND h.xact_start < statement_timestamp()
               - CAST(current_setting('aigov.lane0_timeout', true)
                        AS interval)),
           (SELECT string_agg('lane ' || h.lane || ': process '
                     || COALESCE(CAST(h.pid AS text), 'none (prepared)')
                     || COALESCE(', ' || h.usename || ', since '
                                 || h.xact_start, ''), '; ' ORDER BY h.lane)
              FROM held h)
     UNION ALL
    SELECT 4, 'clock_ahead',
           GREATEST(COALESCE((SELECT round(CAST(EXTRACT(epoch FROM
             max(h.at) - statement_timestamp()) AS numeric)) FROM head h), 0),
             0),
           'seconds', 60, NULL
     UNION ALL
    SELECT 5, 'refused_records',
           COALESCE((SELECT sum(CAST(e.body->'fields'->>'count' AS numeric))
                       FROM aigov.entry e
                      WHERE e.kind = 'loss' AND e.subject IS NOT NULL), 0),
           'count', 0,
           (SELECT string_agg(DISTINCT e.subject, ', ') FROM aigov.entry e
             WHERE e.kind = 'loss' AND e.subject IS NOT NULL)
     UNION ALL
    SELECT 6, 'guards',
           (SELECT g.missing FROM guards g) + (SELECT d.missing FROM ddl d),
           'count', 0,
           CASE WHEN (SELECT d.missing FROM ddl d) = 1
                THEN 'event trigger aigov_guard is missing or disabled' END
     UNION ALL
    SELECT 7, 'synchronous',
           CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN 0 ELSE 2 END,
           'level', 2,
           'synchronous_commit is ' || current_setting('synchronous_commit')
     UNION ALL
    SELECT 8, 'own_rules', r.n, 'count', 0, r.detail
      FROM (SELECT count(*) AS n,
                   string_agg(o.kind || ' ' || o.subject || ': ' || o.detail,
                              '; ' ORDER BY o.kind, o.subject) AS detail
              FROM aigov.own_rules() o
             WHERE o.detail IS NOT NULL) r
     UNION ALL
    SELECT 9, 'redaction_keys', k.unusable, 'count', 0,
           COALESCE(k.detail, 'key_file names none: an id in which something '
             || 'is found becomes [ENTITY], nothing can be restored')
      FROM (SELECT count(*) FILTER (WHERE y.state = 'unusable') AS unusable,
                   string_agg(COALESCE(y.id || ' ' || y.state, y.detail),
                              ', ' ORDER BY y.state DESC, y.id) AS detail
              FROM aigov.redaction_keys() y) k
  ) c
 ORDER BY c.place;
