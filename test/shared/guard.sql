-- calls asked for and told of: decided, held, released once, numbered
SELECT aigov.init('example.com/shared');
--pg DROP ROLE IF EXISTS guard_ana; CREATE ROLE guard_ana SUPERUSER;
--pg DROP ROLE IF EXISTS guard_bob; CREATE ROLE guard_bob SUPERUSER;
--pg SET SESSION AUTHORIZATION guard_bob; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_bob') <> '';
SELECT count(aigov.put('role', 'lead', '{"role":"lead","person":"u_ana","login":"guard_ana","authority":"approve","held_from":"2026-01-01","appointed_by":"u_bob"}'));
SELECT count(aigov.put('policy', 'main', '{"type":"runtime","title":"t","version":1,"state":"draft","default_effect":"allow","owner":"u_bob","review_due":"2099-01-01"}'));
SELECT count(aigov.put('rule', 'main/1/no-cards', '{"policy":"main","version":1,"phase":"pre","effect":"deny","cond":"data.classes.exists(c, c.startsWith(''pci.''))","mode":"enforce","reason":"no cards","controls":["iso42001:A.9.2"],"obligations":[{"kind":"notify","target":"secops"},{"kind":"quarantine"}]}'));
SELECT count(aigov.put('rule', 'main/1/refund', '{"policy":"main","version":1,"phase":"tool","effect":"require_approval","cond":"tool.name == ''refund''","mode":"enforce","reason":"a person signs","controls":["iso42001:A.9.2"],"obligations":[{"kind":"approve","target":"lead"}]}'));
SELECT count(aigov.put('rule', 'main/1/bulk', '{"policy":"main","version":1,"phase":"post","effect":"deny","cond":"data.counts.exists(k, k == ''pii.email'' && data.counts[k] > 2)","mode":"enforce","reason":"too many","controls":["iso42001:A.9.2"]}'));
SELECT count(aigov.put('rule', 'main/1/origin', '{"policy":"main","version":1,"phase":"post","effect":"flag","cond":"content.origin != ''user'' || data.level > 0","mode":"enforce","reason":"of the answer","controls":["iso42001:A.9.2"]}'));
SELECT count(aigov.put('rule', 'main/1/purpose', '{"policy":"main","version":1,"phase":"post","effect":"flag","cond":"req.purpose == ''audit'' && actor.team == ''claims''","mode":"enforce","reason":"of the request","controls":["iso42001:A.9.2"]}'));
-- a draft decides nothing
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000001","system":"claims","operation":"chat","input":"hello"}');
--pg SET SESSION AUTHORIZATION guard_ana; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_ana') <> '';
SELECT count(aigov.policy_publish('main', 1, 'enforce'));
--pg SET SESSION AUTHORIZATION guard_bob; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_bob') <> '';
-- allowed, redacted on its way; denied, and nothing goes out
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000002","system":"claims","operation":"chat","purpose":"audit","input":"write to ana@mail.example.org","facts":{"actor":{"team":"claims"},"content":{"origin":"retrieved"}},"data":{"classification":"restricted"}}');
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000003","system":"claims","operation":"chat","input":"card 4111 1111 1111 1111"}');
-- the same id again is answered as the first was
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000003","system":"claims","operation":"chat","input":"card 4111 1111 1111 1111"}');
-- an answer: data and content are its own, what else it does not say its request's
SELECT aigov.complete('00000000-0000-7000-8000-000000000002', '{"id":"00000000-0000-7000-8000-000000000004","output":"done"}');
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000005","system":"claims","operation":"chat","input":"all of them"}');
SELECT aigov.complete('00000000-0000-7000-8000-000000000005', '{"id":"00000000-0000-7000-8000-000000000006","output":"a@mail.example.org b@mail.example.org c@mail.example.org"}');
-- held; the person who signs is another login
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000007","system":"claims","operation":"execute_tool","actor":{"id":"u_bob"},"tool":{"name":"refund","arguments":{"amount":20}}}');
--pg SET SESSION AUTHORIZATION guard_ana; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_ana') <> '';
SELECT count(aigov.approve('00000000-0000-7000-8000-000000000007', 'approved', 'seen', '{"role":"lead"}'));
--pg SET SESSION AUTHORIZATION guard_bob; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_bob') <> '';
-- another amount is another call; the call itself is released, and once
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000008","interaction":"00000000-0000-7000-8000-000000000007","system":"claims","operation":"execute_tool","actor":{"id":"u_bob"},"tool":{"name":"refund","arguments":{"amount":2000}}}');
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-000000000009","interaction":"00000000-0000-7000-8000-000000000007","system":"claims","operation":"execute_tool","actor":{"id":"u_bob"},"tool":{"name":"refund","arguments":{"amount":20}}}');
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-00000000000a","interaction":"00000000-0000-7000-8000-000000000007","system":"claims","operation":"execute_tool","actor":{"id":"u_bob"},"tool":{"name":"refund","arguments":{"amount":20}}}');
SELECT aigov.complete('00000000-0000-7000-8000-000000000007', '{"id":"00000000-0000-7000-8000-00000000000b","attempt":3,"output":"paid"}');
SELECT J_INT(body,'attempt'), kind, decision, J_TEXT(body,'policy.phase') FROM aigov.entry WHERE interaction = '00000000-0000-7000-8000-000000000007' ORDER BY seq;
SELECT attempts, events FROM aigov.interaction WHERE interaction = '00000000-0000-7000-8000-000000000007';
-- under another policy an approval releases nothing
SELECT count(aigov.put('policy', 'main', '{"type":"runtime","title":"t","version":2,"state":"draft","default_effect":"allow","owner":"u_bob","review_due":"2099-01-01"}'));
SELECT count(aigov.put('rule', 'main/2/refund', '{"policy":"main","version":2,"phase":"tool","effect":"require_approval","cond":"tool.name == ''refund''","mode":"enforce","reason":"a person signs still","controls":["iso42001:A.9.2"],"obligations":[{"kind":"approve","target":"lead"}]}'));
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-00000000000c","system":"claims","operation":"execute_tool","actor":{"id":"u_bob"},"tool":{"name":"refund","arguments":{"amount":21}}}');
--pg SET SESSION AUTHORIZATION guard_ana; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_ana') <> '';
SELECT count(aigov.approve('00000000-0000-7000-8000-00000000000c', 'approved', 'seen', '{"role":"lead"}'));
SELECT count(aigov.policy_publish('main', 2, 'enforce'));
--pg SET SESSION AUTHORIZATION guard_bob; SELECT 1;
--sqlite SELECT aigov_set('login', 'guard_bob') <> '';
SELECT aigov.guard('{"id":"00000000-0000-7000-8000-00000000000d","interaction":"00000000-0000-7000-8000-00000000000c","system":"claims","operation":"execute_tool","actor":{"id":"u_bob"},"tool":{"name":"refund","arguments":{"amount":21}}}');
-- each of these decisions follows from its entry, a completion's too
SELECT count(*) FROM aigov.reproduce();
-- what a caller may not state
SELECT aigov.guard('{"system":"claims","facts":{"sys":{"registered":true}}}');
-- a subject that rules could not be hashed with
--pg SELECT aigov.put('hold', U&'H-\FFFE', '{"matter":"IN-1","state":"on","placed_by":"u_ana"}');
--sqlite SELECT aigov_put('hold', 'H-' || char(65534), '{"matter":"IN-1","state":"on","placed_by":"u_ana"}');
-- rolled back: nothing is left
BEGIN;
SELECT count(aigov.guard('{"id":"00000000-0000-7000-8000-00000000000e","system":"claims","operation":"chat"}'));
ROLLBACK;
SELECT count(*) FROM aigov.entry WHERE id = '00000000-0000-7000-8000-00000000000e';
SELECT lane, status, content FROM aigov.verify() ORDER BY lane;
--pg RESET SESSION AUTHORIZATION; DROP ROLE guard_ana, guard_bob;
