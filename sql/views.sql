-- views.sql - what auditors read, written once for both databases
--
-- SPDX-License-Identifier: PostgreSQL
--
-- PostgreSQL spelling with the macros of sql/embed.pl.  What SQLite stores is
-- 3.34 grammar and calls no aigov function, so that any browser of databases
-- opens the file.  Views read the own log and, through genesis, the logs it
-- continues.

-- The own log and those it continues.
CREATE VIEW aigov.own_log AS
WITH RECURSIVE own(log) AS (
  SELECT l.log
    FROM aigov.log l
   WHERE l.log IN (SELECT i.log FROM aigov.instance i)
      OR (NOT EXISTS (SELECT 1 FROM aigov.instance i)
          AND NOT EXISTS (SELECT 1 FROM aigov.log c WHERE c.continues = l.log))
   UNION
  SELECT l.continues
    FROM own o
    JOIN aigov.log l ON l.log = o.log
   WHERE l.continues IS NOT NULL)
SELECT log FROM own;

-- One row per interaction: the last attempt's request and answer, with what
-- all its events add up to.  A one-shot record without interaction stands
-- under its own id.  evidence: imported; pre, where the request was committed
-- before its completion; else post.  A call belongs to the login that recorded
-- its first event: events by other logins (a review, say) are counted in events
-- and reviewed, and change nothing else, so that no writer can restate another
-- one's call.
CREATE VIEW aigov.interaction AS
SELECT interaction,
       max(CASE WHEN q = 1 THEN system END) AS system,
       max(CASE WHEN q = 1 THEN J_TEXT(body,'use_case') END) AS use_case,
       max(CASE WHEN q = 1 THEN J_TEXT(body,'purpose') END) AS purpose,
       max(CASE WHEN q = 1 THEN actor END) AS actor,
       max(CASE WHEN q = 1 THEN J_TEXT(body,'conversation') END)
         AS conversation,
       max(CASE WHEN q = 1 THEN provider END) AS provider,
       max(CASE WHEN q = 1 THEN model END) AS model,
       max(CASE WHEN q = 1 THEN operation END) AS operation,
       CASE max(CASE decision WHEN 'deny' THEN 5
                              WHEN 'require_approval' THEN 4
                              WHEN 'redact' THEN 3
                              WHEN 'flag' THEN 2
                              WHEN 'allow' THEN 1 END)
         WHEN 5 THEN 'deny' WHEN 4 THEN 'require_approval'
         WHEN 3 THEN 'redact' WHEN 2 THEN 'flag' WHEN 1 THEN 'allow'
       END AS decision,
       COALESCE(max(CASE WHEN a = 1 AND answer = 1 THEN status END), 'unknown')
         AS status,
       CASE
         WHEN max(CASE WHEN call + answer > 0
                        AND J_TEXT(body,'evidence') = 'imported'
                       THEN 1 ELSE 0 END) = 1 THEN 'imported'
         WHEN max(CASE WHEN kind = 'request' AND call = 1
                       THEN 1 ELSE 0 END) = 0
           THEN 'post'
         WHEN max(CASE WHEN q = 1 THEN J_TEXT(body,'tx') END)
            = max(CASE WHEN a = 1 AND kind = 'response'
                       THEN J_TEXT(body,'tx') END) THEN 'post'
         ELSE 'pre'
       END AS evidence,
       min(CASE WHEN call = 1 THEN COALESCE(J_TIME(body,'occurred_at'), at) END)
         AS requested_at,
       max(CASE WHEN answer = 1
                THEN COALESCE(J_TIME(body,'occurred_at'), at) END)
         AS answered_at,
       sum(CASE WHEN call + answer > 0
                THEN J_INT(body,'usage.input_tokens') END) AS input_tokens,
       sum(CASE WHEN call + answer > 0
                THEN J_INT(body,'usage.output_tokens') END) AS output_tokens,
       sum(CASE WHEN call + answer > 0
                THEN J_NUM(body,'cost.amount') END) AS cost,
       max(CASE WHEN call = 1 THEN COALESCE(J_INT(body,'attempt'), 1) END)
         AS attempts,
       count(*) AS events,
       max(CASE WHEN kind = 'review' THEN 1 ELSE 0 END) AS reviewed
  FROM (
    SELECT e.interaction AS interaction, e.log AS log, e.kind AS kind,
           e.system AS system, e.actor AS actor, e.provider AS provider,
           e.model AS model, e.operation AS operation, e.status AS status,
           CASE WHEN e.call + e.answer > 0 THEN e.decision END AS decision,
           e.at AS at, e.body AS body, e.call AS call, e.answer AS answer,
           row_number() OVER (
             PARTITION BY e.interaction
             ORDER BY e.call DESC, e.answer DESC,
                      COALESCE(J_INT(e.body,'attempt'), 1) DESC,
                      e.at DESC, e.lane DESC, e.seq DESC) AS q,
           row_number() OVER (
             PARTITION BY e.interaction
             ORDER BY e.answer DESC,
                      COALESCE(J_INT(e.body,'attempt'), 1) DESC,
                      e.at DESC, e.lane DESC, e.seq DESC) AS a
      FROM (
        SELECT f.interaction AS interaction, f.log AS log, f.lane AS lane,
               f.seq AS seq, f.kind AS kind, f.system AS system,
               f.actor AS actor, f.provider AS provider, f.model AS model,
               f.operation AS operation, f.status AS status,
               f.decision AS decision, f.at AS at, f.body AS body,
               CASE WHEN f.kind IN ('request', 'interaction')
                     AND f.login = f.owner THEN 1 ELSE 0 END AS call,
               CASE WHEN f.kind IN ('response', 'interaction')
                     AND f.login = f.owner THEN 1 ELSE 0 END AS answer
          FROM (
            SELECT COALESCE(x.interaction, x.id) AS interaction, x.log AS log,
                   x.lane AS lane, x.seq AS seq, x.kind AS kind,
                   x.system AS system, x.actor AS actor,
                   x.provider AS provider, x.model AS model,
                   x.operation AS operation, x.status AS status,
                   x.decision AS decision, x.at AS at, x.body AS body,
                   J_TEXT(x.recorded_by,'login') AS login,
                   first_value(J_TEXT(x.recorded_by,'login')) OVER (
                     PARTITION BY COALESCE(x.interaction, x.id)
                     ORDER BY CASE WHEN x.kind IN ('request', 'interaction',
                                                   'response')
                                   THEN 0 ELSE 1 END,
                              x.at, x.lane, x.seq) AS owner
              FROM aigov.entry x
             WHERE x.kind IN ('interaction', 'request', 'response', 'review',
                              'incident', 'note')
               AND x.log IN (SELECT o.log FROM aigov.own_log o)) f
      ) e
  ) events
 GROUP BY interaction
HAVING max(call) = 1 OR max(answer) = 1;

-- Requests without a response, newest first by the reader's ORDER BY.
CREATE VIEW aigov.open_interaction AS
SELECT e.interaction AS interaction, e.id AS id, e.log AS log, e.lane AS lane,
       e.seq AS seq,
       COALESCE(J_TIME(e.body,'occurred_at'), e.at) AS requested_at,
       e.system AS system,
       e.actor AS actor, e.provider AS provider, e.model AS model,
       e.operation AS operation, e.decision AS decision,
       COALESCE(J_INT(e.body,'attempt'), 1) AS attempt
  FROM aigov.entry e
 WHERE e.kind = 'request'
   AND e.log IN (SELECT o.log FROM aigov.own_log o)
   AND NOT EXISTS (
         SELECT 1
           FROM aigov.entry r
          WHERE r.interaction = e.interaction
            AND r.kind = 'response'
            AND J_TEXT(r.recorded_by,'login') = J_TEXT(e.recorded_by,'login')
            AND COALESCE(J_INT(r.body,'attempt'), 1)
              = COALESCE(J_INT(e.body,'attempt'), 1));

-- What was taken out before an entry was stored, one row a detector and
-- direction (input, output, tool or retrieval).  sent is what is known of the
-- text that went to the model: decided where guard let it go, confirmed where
-- the completion's digest is that of what guard let go, else unknown.
CREATE VIEW aigov.redactions AS
SELECT e.id AS id, e.log AS log, e.lane AS lane, e.seq AS seq, e.at AS at,
       e.system AS system, e.actor AS actor,
       J_TEXT(f.value,'detector') AS detector,
       J_TEXT(f.value,'entity') AS data_class, J_INT(f.value,'n') AS n,
       J_TEXT(f.value,'direction') AS direction,
       CASE WHEN J_TEXT(e.body,'sent') IS NULL OR e.kind <> 'request'
            THEN 'unknown'
            WHEN EXISTS (
         SELECT 1
           FROM aigov.entry r
          WHERE r.interaction = e.interaction
            AND r.kind = 'response'
            AND J_TEXT(r.body,'sent') = 'confirmed'
            AND J_TEXT(r.recorded_by,'login') = J_TEXT(e.recorded_by,'login')
            AND COALESCE(J_INT(r.body,'attempt'), 1)
              = COALESCE(J_INT(e.body,'attempt'), 1))
            THEN 'confirmed'
            ELSE 'decided' END AS sent,
       (SELECT min(x.at)
          FROM aigov.entry x
         WHERE x.kind = 'erasure'
           AND x.subject = CAST(e.id AS text)
           AND x.log IN (SELECT o.log FROM aigov.own_log o)) AS raw_erased_at
  FROM aigov.entry e J_EACH(e.body,'redaction.found') f
 WHERE e.log IN (SELECT o.log FROM aigov.own_log o);
