-- the previous turn and results of tools are found, whatever way a record comes
SELECT aigov.init('example.com/shared');
-- one after the other
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"chat","input":[{"role":"user","content":"hi"}],"output":[{"role":"assistant","parts":[{"type":"text","content":"hello"}],"finish_reason":"stop"}]}'));
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000002","system":"chat","refs":[{"relation":"used","cause":"doc:handbook@2"}],"input":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"},{"role":"user","content":"how?"}],"output":"well"}'));
-- by the inbox, as a batch whose records follow one another, as ids are given and not
INSERT INTO aigov.inbox(record) VALUES ('{"id":"01990000-0000-7000-8000-000000000003","system":"chat","input":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"},{"role":"user","content":"how?"},{"role":"assistant","content":"well"},{"role":"user","content":"so?"}],"output":"so"}');
SELECT count(aigov.append_batch('[{"id":"01990000-0000-7000-8000-000000000011","system":"batch","input":[{"role":"user","content":"one"}],"output":[{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"add","arguments":{"a":1}}]}]},{"id":"01990000-0000-7000-8000-000000000012","system":"batch","input":[{"role":"user","content":"one"},{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"add","arguments":{"a":1}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"2"}]}],"output":"two"},{"id":"01990000-0000-7000-8000-000000000013","system":"batch","input":[{"role":"user","content":"one"},{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"add","arguments":{"a":1}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"2"}]},{"role":"assistant","content":"two"},{"role":"user","content":"more"}]}]'));
SELECT count(aigov.append_batch('[{"system":"plain","input":[{"role":"user","content":"two"}],"output":"2"},{"system":"plain","input":[{"role":"user","content":"two"},{"role":"assistant","content":"2"},{"role":"user","content":"three"}]}]'));
-- asked before and told after
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000021","system":"claims","input":[{"role":"user","content":"first"}]}'));
SELECT count(aigov.complete('01990000-0000-7000-8000-000000000021', '{"id":"01990000-0000-7000-8000-000000000022","output":"answer"}'));
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000023","system":"claims","input":[{"role":"user","content":"first"},{"role":"assistant","content":"answer"},{"role":"user","content":"second"}]}'));
-- by the provider's id; by the last answer in a conversation
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000031","system":"chat","provider_response_id":"resp_1","input":"a","output":"b"}'));
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000032","system":"chat","params":{"previous_response_id":"resp_1"},"conversation":"c-9","input":"c","output":"d"}'));
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000033","system":"chat","conversation":"c-9","input":[{"role":"assistant","content":"d"},{"role":"user","content":"e"}]}'));
SELECT system, CASE WHEN system = 'plain' THEN 'one of ' || seq ELSE J_OBJ(body,'refs') END FROM aigov.entry WHERE system <> 'plain' AND body IS NOT NULL AND J_OBJ(body,'refs') IS NOT NULL ORDER BY seq;
SELECT count(*) FROM aigov.entry WHERE system = 'plain' AND J_TEXT(body,'refs.0.role') = 'history';
-- nobody can say that aigov knows it
SELECT aigov.append('{"system":"chat","refs":[{"relation":"used","cause":"doc:x","source":"recorded"}]}');
SELECT aigov.append('{"system":"chat","refs_left_out":3}');
SELECT aigov.append('{"system":"chat","refs":[{"relation":"used","cause":"handbook"}]}');
SELECT aigov.append('{"system":"chat","refs":[{"relation":"is part of","cause":"doc:x"}]}');
SELECT aigov.put('hold', 'H-1', '{"matter":"IN-1","state":"released","placed_by":"u","source":"recorded"}');
-- what another login said is no history of ours
--pg DROP ROLE IF EXISTS history_eve; CREATE ROLE history_eve SUPERUSER;
--pg SET SESSION AUTHORIZATION history_eve; SELECT 1;
--sqlite SELECT aigov_set('login', 'history_eve') <> '';
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000041","system":"eve","input":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"},{"role":"user","content":"mine?"}]}'));
SELECT count(aigov.append('{"id":"01990000-0000-7000-8000-000000000042","system":"eve","params":{"previous_response_id":"resp_1"},"input":"c"}'));
SELECT count(*) FROM aigov.entry WHERE system = 'eve' AND J_OBJ(body,'refs') IS NOT NULL;
--pg RESET SESSION AUTHORIZATION; DROP ROLE history_eve;
-- an erased call is recognised no more; what was found stays
SELECT count(*) FROM aigov.turn t JOIN aigov.entry e ON e.log = t.log AND e.lane = t.lane AND e.seq = t.seq WHERE e.id = '01990000-0000-7000-8000-000000000001';
SELECT count(aigov.erase('["01990000-0000-7000-8000-000000000001","01990000-0000-7000-8000-000000000021"]', 'request 7'));
SELECT count(*) FROM aigov.turn t JOIN aigov.entry e ON e.log = t.log AND e.lane = t.lane AND e.seq = t.seq WHERE e.id IN ('01990000-0000-7000-8000-000000000001','01990000-0000-7000-8000-000000000021');
SELECT count(*) FROM aigov.turn WHERE interaction IN ('01990000-0000-7000-8000-000000000001', '01990000-0000-7000-8000-000000000021');
SELECT J_TEXT(body,'refs.1.cause') FROM aigov.entry WHERE id = '01990000-0000-7000-8000-000000000002';
SELECT lane, from_seq, to_seq, status, content FROM aigov.verify() ORDER BY lane, from_seq;
