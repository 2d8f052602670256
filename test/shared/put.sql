-- governance records and their revisions
SELECT aigov.init('example.com/shared');
SELECT aigov.put('hold', 'H-1', '{"matter":"IN-1","state":"on","placed_by":"u_ana","systems":["claims"]}');
SELECT aigov.put('hold', 'H-1', '{"matter":"IN-1","state":"released","placed_by":"u_ana","systems":["claims"],"released_reason":"settled"}');
SELECT aigov.put('hold', 'H-2', '{"matter":"IN-2","state":"on","placed_by":"u_ana","systems":["other"]}');
SELECT revision, lane, seq, body FROM aigov.history('hold', 'H-1') ORDER BY revision;
SELECT count(*) FROM aigov.history('hold', 'H-9');
SELECT aigov.record_import('{"subject":"calls.jsonl","source":"openai","file_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","records":3,"accepted":2,"duplicates":0,"refused":1}');
SELECT lane, seq, kind, subject FROM aigov.entry ORDER BY lane, seq;
SELECT J_INT(body,'revision'), J_TEXT(body,'fields.state') FROM aigov.entry WHERE kind = 'hold' ORDER BY seq;
SELECT lane, status, content FROM aigov.verify() ORDER BY lane;
