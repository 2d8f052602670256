-- erase, holds, open_content, record_import
\set VERBOSITY terse
SELECT aigov.append('{"system":"e1","input":"secret","id":"0199a0b2-0000-7000-8000-000000000021"}')->>'lane' AS lane;
SELECT aigov.append('{"system":"e2","input":"secret","id":"0199a0b2-0000-7000-8000-000000000022"}')->>'lane' AS lane;
SELECT aigov.append('{"system":"e3","input":"secret","id":"0199a0b2-0000-7000-8000-000000000023"}')->>'lane' AS lane;
SELECT aigov.open_content('0199a0b2-0000-7000-8000-000000000021', 'look');
SELECT kind, subject, lane > 0 AS not_lane_0, body->'fields'->>'purpose' AS purpose FROM aigov.entry WHERE kind = 'access';
SELECT aigov.put('hold', 'H-1', '{"matter":"m","state":"on","placed_by":"p","systems":["e1"]}')->>'lane' AS hold;
SELECT aigov.erase('0199a0b2-0000-7000-8000-000000000021', 'request 17');
SELECT aigov.erase('["0199a0b2-0000-7000-8000-000000000022","0199a0b2-0000-7000-8000-000000000021"]', 'request 17');
SELECT count(*) AS content_still_there FROM aigov.entry JOIN aigov.content c USING (log, lane, seq) WHERE system IN ('e1', 'e2', 'e3');
SELECT aigov.put('hold', 'H-1', '{"matter":"m","state":"released","placed_by":"p","systems":["e1"],"released_reason":"closed"}')->>'lane' AS released;
SELECT aigov.erase('0199a0b2-0000-7000-8000-000000000021', 'request 17')->>'lane' AS erased;
SELECT json_array_length(aigov.erase('["0199a0b2-0000-7000-8000-000000000022","0199a0b2-0000-7000-8000-000000000023"]'::jsonb, 'request 17')) AS erased;
SELECT aigov.erase('0199a0b2-0000-7000-8000-000000000021', 'again');
SELECT aigov.erase('0199a0b2-0000-7000-8000-0000000000ff', 'who');
SELECT aigov.erase('nonsense', 'who');
SELECT aigov.erase('0199a0b2-0000-7000-8000-000000000021', '');
SELECT aigov.erase(NULL::text, 'x');
SELECT aigov.open_content('0199a0b2-0000-7000-8000-000000000021'::uuid, 'look');
SELECT subject, body->'fields'->>'reason' AS reason, body->'fields'->>'commitment' = encode((SELECT commitment FROM aigov.entry x WHERE x.id::text = e.subject), 'hex') AS commitment
  FROM aigov.entry e WHERE kind = 'erasure' ORDER BY seq;
-- an erased id: the first receipt again, unchecked
SELECT aigov.append('{"system":"other","id":"0199a0b2-0000-7000-8000-000000000021"}')->>'duplicate' AS duplicate;
SELECT aigov.record_import('{"subject":"f.jsonl","source":"openai","file_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","records":1,"accepted":1,"duplicates":0,"refused":0}')->>'lane' AS import;
SELECT aigov.record_import('{"source":"openai"}');
SELECT lane, status, content, sum(entries) FROM aigov.verify() GROUP BY 1, 2, 3 HAVING lane = 1 ORDER BY 3;
