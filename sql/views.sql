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

-- Policies: documents and runtime policies, the newest revision of every
-- version (iso42001/views.csv).  approved_by: who put the newest revision that
-- is active or in shadow.  sha256 of a runtime policy is what its publication
-- recorded; aigov.policy_test and reproduce compute the hash of its rules.
CREATE VIEW aigov.policies AS
SELECT v.policy_id AS policy_id, v.version AS version, v.type AS type,
       v.title AS title, v.state AS state, v.sha256 AS sha256,
       v.approved_by AS approved_by, v.approved_on AS approved_on,
       v.review_due AS review_due, v.review_due < CURRENT_DATE AS overdue,
       CASE WHEN v.holders > 0
            THEN round(100.0 * v.acknowledged / v.holders, 2)
       END AS pct_acknowledged,
       (SELECT count(*)
          FROM aigov.entry r
         WHERE r.kind = 'rule'
           AND r.subject IS NOT NULL
           AND r.log IN (SELECT o.log FROM aigov.own_log o)
           AND J_TEXT(r.body,'fields.policy') = v.policy_id
           AND J_INT(r.body,'fields.version') = v.version
           AND J_TEXT(r.body,'fields.mode') = 'enforce'
           AND NOT EXISTS (
                 SELECT 1
                   FROM aigov.entry n
                  WHERE n.kind = 'rule'
                    AND n.subject = r.subject
                    AND n.log IN (SELECT o.log FROM aigov.own_log o)
                    AND J_INT(n.body,'revision') > J_INT(r.body,'revision')))
         AS rules_enforced
  FROM (
    SELECT p.subject AS policy_id, J_INT(p.body,'fields.version') AS version,
           J_TEXT(p.body,'fields.type') AS type,
           J_TEXT(p.body,'fields.title') AS title,
           J_TEXT(p.body,'fields.state') AS state,
           J_TEXT(p.body,'fields.sha256') AS sha256,
           J_DATE(p.body,'fields.review_due') AS review_due,
           row_number() OVER (
             PARTITION BY p.subject, J_INT(p.body,'fields.version')
             ORDER BY J_INT(p.body,'revision') DESC) AS place,
           first_value(CASE WHEN J_TEXT(p.body,'fields.state')
                                 IN ('active', 'shadow')
                            THEN J_TEXT(p.recorded_by,'login') END) OVER (
             PARTITION BY p.subject, J_INT(p.body,'fields.version')
             ORDER BY CASE WHEN J_TEXT(p.body,'fields.state')
                                IN ('active', 'shadow') THEN 0 ELSE 1 END,
                      J_INT(p.body,'revision') DESC) AS approved_by,
           first_value(CASE WHEN J_TEXT(p.body,'fields.state')
                                 IN ('active', 'shadow')
                            THEN T_DAY(p.at) END) OVER (
             PARTITION BY p.subject, J_INT(p.body,'fields.version')
             ORDER BY CASE WHEN J_TEXT(p.body,'fields.state')
                                IN ('active', 'shadow') THEN 0 ELSE 1 END,
                      J_INT(p.body,'revision') DESC) AS approved_on,
           (SELECT count(DISTINCT J_TEXT(h.body,'fields.person'))
              FROM aigov.entry h
             WHERE h.kind = 'role'
               AND h.subject IS NOT NULL
               AND h.log IN (SELECT o.log FROM aigov.own_log o)) AS holders,
           (SELECT count(DISTINCT J_TEXT(h.body,'fields.person'))
              FROM aigov.entry h
              JOIN aigov.entry a
                ON a.kind = 'acknowledgement'
               AND J_TEXT(a.body,'fields.person')
                 = J_TEXT(h.body,'fields.person')
             WHERE h.kind = 'role'
               AND h.subject IS NOT NULL
               AND a.subject IS NOT NULL
               AND h.log IN (SELECT o.log FROM aigov.own_log o)
               AND a.log IN (SELECT o.log FROM aigov.own_log o)
               AND J_TEXT(a.body,'fields.policy') = p.subject
               AND J_INT(a.body,'fields.version')
                 = J_INT(p.body,'fields.version')) AS acknowledged
      FROM aigov.entry p
     WHERE p.kind = 'policy'
       AND p.subject IS NOT NULL
       AND p.log IN (SELECT o.log FROM aigov.own_log o)
  ) v
 WHERE v.place = 1;

-- One row for each answer of guard.  rule_id: the first rule of the reasons,
-- null where a default decided; overridden_by: who released a held call.
CREATE VIEW aigov.policy_decisions AS
SELECT d.id AS id, d.log AS log, d.lane AS lane, d.seq AS seq, d.at AS at,
       d.system AS system, d.actor AS actor, d.rule_id AS rule_id,
       COALESCE(
         (SELECT max(J_INT(r.body,'fields.version'))
            FROM aigov.entry r
           WHERE r.kind = 'rule'
             AND r.subject = d.rule_id
             AND r.log IN (SELECT o.log FROM aigov.own_log o)),
         (SELECT max(J_INT(p.body,'fields.version'))
            FROM aigov.entry p
           WHERE p.kind = 'policy'
             AND p.subject IS NOT NULL
             AND p.log IN (SELECT o.log FROM aigov.own_log o)
             AND p.subject || '/'
                 || CAST(J_INT(p.body,'fields.version') AS text) = d.policy))
         AS policy_version,
       d.decision AS decision, d.reason AS reason,
       J_TEXT(a.recorded_by,'login') AS overridden_by,
       J_TEXT(a.body,'fields.reason') AS override_reason
  FROM (
    SELECT e.id AS id, e.log AS log, e.lane AS lane, e.seq AS seq, e.at AS at,
           e.system AS system, e.actor AS actor, e.decision AS decision,
           J_TEXT(e.body,'policy.reasons.0.rule') AS rule_id,
           COALESCE(J_TEXT(e.body,'policy.reasons.0.reason'), 'no_policy')
             AS reason,
           J_TEXT(e.body,'policy.policies.0') AS policy,
           J_TEXT(e.body,'policy.approvals.0') AS approval
      FROM aigov.entry e
     WHERE e.kind = 'request'
       AND e.decision IS NOT NULL
       AND e.log IN (SELECT o.log FROM aigov.own_log o)
  ) d
  LEFT JOIN aigov.entry a
    ON a.kind = 'approval'
   AND a.subject = d.approval
   AND a.log IN (SELECT o.log FROM aigov.own_log o)
   AND J_INT(a.body,'revision') = 1;

-- Each control that a rule puts into effect, by day: how many decisions
-- evaluated the rule, and what came of it.
CREATE VIEW aigov.control_tests AS
WITH rule(rule_id, body, policy, version, phase, effect, system, provider) AS (
  SELECT r.subject, r.body, J_TEXT(r.body,'fields.policy'),
         J_INT(r.body,'fields.version'), J_TEXT(r.body,'fields.phase'),
         J_TEXT(r.body,'fields.effect'), J_TEXT(r.body,'fields.system'),
         J_TEXT(r.body,'fields.provider')
    FROM aigov.entry r
   WHERE r.kind = 'rule'
     AND r.subject IS NOT NULL
     AND r.log IN (SELECT o.log FROM aigov.own_log o)
     AND J_TEXT(r.body,'fields.mode') <> 'off'
     AND NOT EXISTS (
           SELECT 1
             FROM aigov.entry n
            WHERE n.kind = 'rule'
              AND n.subject = r.subject
              AND n.log IN (SELECT o.log FROM aigov.own_log o)
              AND J_INT(n.body,'revision') > J_INT(r.body,'revision'))),
decided(id, day, kind, system, provider, operation, decision, body, tool,
        breach) AS (
  SELECT e.id, T_DAY(e.at), e.kind, e.system, e.provider, e.operation,
         e.decision, e.body, J_TEXT(e.body,'tool.name'),
         (SELECT max(CAST(x.id AS text))
            FROM aigov.entry x
           WHERE e.kind = 'request'
             AND e.decision IN ('deny', 'require_approval')
             AND x.interaction = e.interaction
             AND x.log = e.log
             AND x.kind = 'response'
             AND x.status = 'ok'
             AND COALESCE(J_INT(x.body,'attempt'), 1)
               = COALESCE(J_INT(e.body,'attempt'), 1))
    FROM aigov.entry e
   WHERE e.kind IN ('request', 'response', 'interaction')
     AND e.decision IS NOT NULL
     AND e.log IN (SELECT o.log FROM aigov.own_log o)),
looked(rule_id, body, version, day, matched, acted, waived, failed, breach) AS (
  SELECT r.rule_id, r.body, r.version, d.day,
         (SELECT count(*) FROM aigov.entry y J_EACH(y.body,'policy.rules') f
           WHERE y.id = d.id AND J_SELF(f.value) = r.rule_id),
         (SELECT count(*) FROM aigov.entry y J_EACH(y.body,'policy.reasons') f
           WHERE y.id = d.id AND J_TEXT(f.value,'rule') = r.rule_id
             AND r.effect = d.decision),
         (SELECT count(*) FROM aigov.entry y J_EACH(y.body,'policy.waived') f
           WHERE y.id = d.id AND J_TEXT(f.value,'rule') = r.rule_id),
         (SELECT count(*) FROM aigov.entry y J_EACH(y.body,'policy.errors') f
           WHERE y.id = d.id AND J_TEXT(f.value,'rule') = r.rule_id),
         d.breach
    FROM decided d J_EACH(d.body,'policy.policies') p
    JOIN rule r ON r.policy || '/' || CAST(r.version AS text) = J_SELF(p.value)
   WHERE (r.system IS NULL OR r.system = d.system)
     AND (r.provider IS NULL OR r.provider = d.provider)
     AND CASE r.phase
           WHEN 'pre' THEN d.kind <> 'response'
           WHEN 'post' THEN d.kind <> 'request'
           WHEN 'tool' THEN d.kind <> 'response'
                        AND (d.tool IS NOT NULL
                             OR d.operation = 'execute_tool')
           ELSE d.kind <> 'response' AND d.operation = 'retrieval'
         END)
SELECT J_SELF(c.value) AS control_id, l.rule_id AS rule_id,
       l.version AS policy_version, l.day AS day, count(*) AS evaluated,
       sum(CASE WHEN l.matched > 0 THEN 1 ELSE 0 END) AS matched,
       sum(CASE WHEN l.acted > 0 THEN 1 ELSE 0 END) AS acted,
       sum(CASE WHEN l.waived > 0 THEN 1 ELSE 0 END) AS waived,
       sum(CASE WHEN l.failed > 0 THEN 1 ELSE 0 END) AS errors,
       sum(CASE WHEN l.acted > 0 AND l.breach IS NOT NULL THEN 1 ELSE 0 END)
         AS breached,
       max(CASE WHEN l.acted > 0 THEN l.breach END) AS last_breach_id
  FROM looked l J_EACH(l.body,'fields.controls') c
 GROUP BY J_SELF(c.value), l.rule_id, l.version, l.day;

-- Waivers of rules: the newest revision, who approved it, how often it was
-- used, and what that makes of it now.
CREATE VIEW aigov.exceptions AS
SELECT x.exception_id AS exception_id, x.rule_id AS rule_id, x.cond AS cond,
       x.ticket AS ticket, x.reason AS reason,
       x.requested_by AS requested_by, x.approved_by AS approved_by,
       x.approved_on AS approved_on, x.not_before AS not_before,
       x.expires_at AS expires_at, x.max_uses AS max_uses, x.used AS used,
       CASE WHEN T_PAST(x.revoked_at) THEN 'revoked'
            WHEN x.approved_by IS NULL THEN 'proposed'
            WHEN T_PAST(x.expires_at) THEN 'expired'
            WHEN x.used >= x.max_uses THEN 'used_up'
            ELSE 'active' END AS status
  FROM (
    SELECT e.subject AS exception_id, J_TEXT(e.body,'fields.rule') AS rule_id,
           J_TEXT(e.body,'fields.cond') AS cond,
           J_TEXT(e.body,'fields.ticket') AS ticket,
           J_TEXT(e.body,'fields.reason') AS reason,
           J_TEXT(e.body,'fields.requested_by') AS requested_by,
           J_TIME(e.body,'fields.not_before') AS not_before,
           J_TIME(e.body,'fields.expires_at') AS expires_at,
           J_INT(e.body,'fields.max_uses') AS max_uses,
           J_TIME(e.body,'fields.revoked_at') AS revoked_at,
           J_TEXT(a.recorded_by,'login') AS approved_by,
           T_DAY(a.at) AS approved_on,
           (SELECT count(*)
              FROM aigov.entry d J_EACH(d.body,'policy.waived') w
             WHERE d.kind IN ('request', 'response', 'interaction')
               AND d.log IN (SELECT o.log FROM aigov.own_log o)
               AND J_TEXT(w.value,'exception') = e.subject) AS used,
           row_number() OVER (
             PARTITION BY e.subject
             ORDER BY J_INT(e.body,'revision') DESC, a.at DESC) AS place
      FROM aigov.entry e
      LEFT JOIN aigov.entry a
        ON a.kind = 'approval'
       AND a.subject IS NOT NULL
       AND a.log IN (SELECT o.log FROM aigov.own_log o)
       AND J_TEXT(a.body,'fields.type') = 'record'
       AND J_TEXT(a.body,'fields.outcome') = 'approved'
       AND J_TEXT(a.body,'fields.record') = 'exception/' || e.subject
       AND J_INT(a.body,'fields.rev') = J_INT(e.body,'revision')
       AND J_TEXT(a.recorded_by,'login') <> J_TEXT(e.recorded_by,'login')
     WHERE e.kind = 'exception'
       AND e.subject IS NOT NULL
       AND e.log IN (SELECT o.log FROM aigov.own_log o)
  ) x
 WHERE x.place = 1;

-- Every sign-off of a record and every release of a held call.  Who wrote what
-- was signed: of a call, the login that asked.  independent needs two logins
-- that somebody verified: SQLite knows none.
CREATE VIEW aigov.approvals AS
SELECT a.id AS id, a.log AS log, a.lane AS lane, a.seq AS seq, a.at AS at,
       a.subject AS approval_id, J_TEXT(a.body,'fields.type') AS type,
       J_TEXT(a.body,'fields.record') AS record,
       J_INT(a.body,'fields.rev') AS rev,
       J_TEXT(a.body,'fields.interaction') AS interaction,
       J_TEXT(a.body,'fields.outcome') AS outcome,
       J_TEXT(a.recorded_by,'login') AS login,
       J_TEXT(w.recorded_by,'login') AS author_login,
       J_TEXT(a.recorded_by,'login') <> J_TEXT(w.recorded_by,'login')
         AND J_TEXT(a.recorded_by,'verified') IS NULL
         AND J_TEXT(w.recorded_by,'verified') IS NULL AS independent,
       J_TEXT(a.body,'fields.role') AS role_id,
       J_TEXT(a.body,'fields.reason') AS reason,
       J_TIME(a.body,'fields.expires_at') AS expires_at,
       J_INT(a.body,'fields.max_uses')
         - (SELECT count(*)
              FROM aigov.entry d J_EACH(d.body,'policy.approvals') u
             WHERE d.kind = 'request'
               AND d.log IN (SELECT o.log FROM aigov.own_log o)
               AND CAST(d.interaction AS text)
                 = J_TEXT(a.body,'fields.interaction')
               AND J_SELF(u.value) = a.subject) AS uses_left
  FROM aigov.entry a
  LEFT JOIN aigov.entry w
    ON w.log IN (SELECT o.log FROM aigov.own_log o)
   AND ((w.lane = 0
         AND w.kind || '/' || w.subject = J_TEXT(a.body,'fields.record')
         AND J_INT(w.body,'revision') = J_INT(a.body,'fields.rev'))
        OR (w.kind = 'request'
            AND CAST(w.interaction AS text)
              = J_TEXT(a.body,'fields.interaction')
            AND J_TEXT(w.body,'policy.facts_digest')
              = J_TEXT(a.body,'fields.facts_digest')))
 WHERE a.kind = 'approval'
   AND a.subject IS NOT NULL
   AND a.log IN (SELECT o.log FROM aigov.own_log o);

-- Held calls that wait for an approval: the last attempt of a call without an
-- answer, one row an obligation approve (about: its target; null: any person).
CREATE VIEW aigov.open_approvals AS
SELECT e.id AS id, e.log AS log, e.lane AS lane, e.seq AS seq, e.at AS at,
       e.interaction AS interaction, e.system AS system, e.actor AS actor,
       o.rule_id AS rule_id, o.about AS about,
       J_TEXT(e.body,'policy.reasons.0.reason') AS reason,
       J_TEXT(e.body,'policy.facts_digest') AS facts_digest,
       J_TEXT(e.body,'policy.hash') AS policy_hash
  FROM aigov.entry e
  LEFT JOIN (
    SELECT y.log AS log, y.lane AS lane, y.seq AS seq,
           J_TEXT(f.value,'rule') AS rule_id, J_TEXT(f.value,'target') AS about
      FROM aigov.entry y J_EACH(y.body,'policy.obligations') f
     WHERE y.kind = 'request'
       AND y.decision = 'require_approval'
       AND J_TEXT(f.value,'kind') = 'approve') o
    ON o.log = e.log AND o.lane = e.lane AND o.seq = e.seq
 WHERE e.kind = 'request'
   AND e.decision = 'require_approval'
   AND e.log IN (SELECT w.log FROM aigov.own_log w)
   AND NOT EXISTS (
         SELECT 1
           FROM aigov.entry n
          WHERE n.interaction = e.interaction
            AND n.log = e.log
            AND (n.kind = 'response'
                 OR (n.kind = 'request'
                     AND COALESCE(J_INT(n.body,'attempt'), 1)
                       > COALESCE(J_INT(e.body,'attempt'), 1))));

-- Obligations of decisions that no later record of the call says were met
-- (member obligations of a record).  Approvals are in open_approvals.
CREATE VIEW aigov.open_obligations AS
SELECT e.id AS id, e.log AS log, e.lane AS lane, e.seq AS seq, e.at AS at,
       e.interaction AS interaction, e.system AS system, e.decision AS decision,
       J_TEXT(f.value,'rule') AS rule_id, J_TEXT(f.value,'kind') AS kind,
       J_TEXT(f.value,'target') AS target, J_TEXT(f.value,'value') AS value
  FROM aigov.entry e J_EACH(e.body,'policy.obligations') f
 WHERE e.kind IN ('request', 'response', 'interaction')
   AND e.log IN (SELECT o.log FROM aigov.own_log o)
   AND J_TEXT(f.value,'kind') <> 'approve'
   AND NOT EXISTS (
         SELECT 1
           FROM aigov.entry n J_EACH(n.body,'obligations') m
          WHERE n.interaction = COALESCE(e.interaction, e.id)
            AND n.log = e.log
            AND n.at >= e.at
            AND J_TEXT(m.value,'rule') = J_TEXT(f.value,'rule')
            AND J_TEXT(m.value,'kind') = J_TEXT(f.value,'kind')
            AND COALESCE(J_TEXT(m.value,'target'), '')
              = COALESCE(J_TEXT(f.value,'target'), ''));
