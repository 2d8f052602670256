-- append and its receipt, genesis, the leaf
SELECT aigov.append('{"system":"s"}');
SELECT aigov.init('example.com/shared');
SELECT count(*) FROM aigov.entry;
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"claims","input":"hello","output":"bye"}');
SELECT lane, seq, kind, subject FROM aigov.entry ORDER BY lane, seq;
SELECT J_TEXT(body,'fields.cause') FROM aigov.entry WHERE kind = 'genesis';
SELECT log, origin, continues FROM aigov.log;
SELECT system, status, decision FROM aigov.entry WHERE lane = 1;
SELECT body FROM aigov.content WHERE lane = 1;
SELECT J_TEXT(body,'evidence'), J_OBJ(body,'reasons') FROM aigov.entry WHERE lane = 1;
SELECT aigov.append('{"system":"claims","kind":"request","interaction":"01990000-0000-7000-8000-000000000010"}');
SELECT aigov.append('{"system":"claims","kind":"response","interaction":"01990000-0000-7000-8000-000000000010"}');
SELECT substr(aigov.leaf(0, 0, 1), 1, 6);
SELECT origin, lane, from_seq, to_seq, entries, status, content, detail FROM aigov.verify() ORDER BY lane, from_seq;
SELECT aigov.init('example.com/other');
SELECT aigov.init('example.com/shared');
