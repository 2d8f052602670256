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
-- before its completion; else post.
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
         WHEN max(CASE WHEN J_TEXT(body,'evidence') = 'imported'
                       THEN 1 ELSE 0 END) = 1 THEN 'imported'
         WHEN max(CASE WHEN kind = 'request' THEN 1 ELSE 0 END) = 0
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
       sum(J_INT(body,'usage.input_tokens')) AS input_tokens,
       sum(J_INT(body,'usage.output_tokens')) AS output_tokens,
       sum(J_NUM(body,'cost.amount')) AS cost,
       max(CASE WHEN call = 1 THEN COALESCE(J_INT(body,'attempt'), 1) END)
         AS attempts,
       count(*) AS events,
       max(CASE WHEN kind = 'review' THEN 1 ELSE 0 END) AS reviewed
  FROM (
    SELECT e.interaction AS interaction, e.log AS log, e.kind AS kind,
           e.system AS system, e.actor AS actor, e.provider AS provider,
           e.model AS model, e.operation AS operation, e.status AS status,
           e.decision AS decision, e.at AS at, e.body AS body,
           CASE WHEN e.kind IN ('request', 'interaction')
                THEN 1 ELSE 0 END AS call,
           CASE WHEN e.kind IN ('response', 'interaction')
                THEN 1 ELSE 0 END AS answer,
           row_number() OVER (
             PARTITION BY e.interaction
             ORDER BY CASE WHEN e.kind IN ('request', 'interaction') THEN 0
                           WHEN e.kind = 'response' THEN 1 ELSE 2 END,
                      COALESCE(J_INT(e.body,'attempt'), 1) DESC,
                      e.at DESC, e.lane DESC, e.seq DESC) AS q,
           row_number() OVER (
             PARTITION BY e.interaction
             ORDER BY CASE WHEN e.kind IN ('response', 'interaction')
                           THEN 0 ELSE 1 END,
                      COALESCE(J_INT(e.body,'attempt'), 1) DESC,
                      e.at DESC, e.lane DESC, e.seq DESC) AS a
      FROM (
        SELECT COALESCE(x.interaction, x.id) AS interaction, x.log, x.lane,
               x.seq, x.kind, x.system, x.actor, x.provider, x.model,
               x.operation, x.status, x.decision, x.at, x.body
          FROM aigov.entry x
         WHERE x.kind IN ('interaction', 'request', 'response', 'review',
                          'incident', 'note')
           AND x.log IN (SELECT o.log FROM aigov.own_log o)) e
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
            AND COALESCE(J_INT(r.body,'attempt'), 1)
              = COALESCE(J_INT(e.body,'attempt'), 1));
