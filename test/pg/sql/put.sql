-- put, history, approvals, revisions
\set VERBOSITY terse
CREATE ROLE regress_aigov_steward;
CREATE ROLE regress_aigov_approver;
CREATE ROLE regress_aigov_operator;
SELECT aigov.grant('steward', 'regress_aigov_steward');
SELECT aigov.grant('approver', 'regress_aigov_approver');
SELECT aigov.grant('operator', 'regress_aigov_operator');
SET SESSION AUTHORIZATION regress_aigov_steward;
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided"}')->>'lane' AS lane;
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided","replaces":1}'::json)->>'lane' AS a,
       aigov.put('scope_decision', 'tool:x', '{"decision":"undecided","replaces":2}'::jsonb)->>'lane' AS b;
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided","replaces":1}');
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided"}'::bytea)->>'lane' AS lane;
\set VERBOSITY sqlstate
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"perhaps"}');
SELECT aigov.put('no_such_kind', 'x', '{}');
SELECT aigov.put('genesis', 'x', '{}');
SELECT aigov.put(NULL, 'x', '{}'::text);
SELECT aigov.put('scope_decision', '', '{"decision":"undecided"}');
\set VERBOSITY terse
-- written_by decides who may put a kind
SELECT aigov.put('hold', 'H-1', '{"matter":"m","state":"on","placed_by":"p"}');
SELECT aigov.put('approval', 'AP-1', '{"type":"record","outcome":"approved","reason":"r","record":"scope_decision/tool:x","rev":1,"role":"RO-1"}');
SELECT aigov.put('role', 'RO-1', '{"role":"Approver","person":"u_1","login":"regress_aigov_approver","authority":"approve","held_from":"2026-01-05","appointed_by":"u_ceo","accepted_on":"2026-01-06"}')->>'lane' AS role;
SET SESSION AUTHORIZATION regress_aigov_approver;
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided"}');
SELECT aigov.put('approval', 'AP-1', '{"type":"record","outcome":"approved","reason":"r","record":"scope_decision/tool:x","rev":1,"role":"RO-1"}')->>'lane' AS signed;
SELECT aigov.put('approval', 'AP-2', '{"type":"record","outcome":"approved","reason":"r","record":"scope_decision/tool:x","rev":99,"role":"RO-1"}');
RESET SESSION AUTHORIZATION;
-- never what the same login wrote
SELECT aigov.put('scope_decision', 'tool:y', '{"decision":"undecided"}')->>'lane' AS lane;
SELECT aigov.put('approval', 'AP-3', '{"type":"record","outcome":"approved","reason":"r","record":"scope_decision/tool:y","rev":1,"role":"RO-1"}');
SELECT revision, login, lane, length(hash) AS hash, body FROM aigov.history('scope_decision', 'tool:x');
SELECT * FROM aigov.history('scope_decision', 'none');
SELECT lane, to_seq = entries AS no_gap, status, content, detail FROM aigov.verify();
