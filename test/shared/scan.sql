-- what is found is replaced before anything is stored, and counted
SELECT aigov.init('example.com/shared');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","session":"of 4012888888881881","input":"pay with 4012 8888 8888 1881.","output":["ok"],"tool":{"name":"pay","arguments":"{\"number\":4012888888881881}"},"attributes":{"4012888888881881":true}}');
SELECT J_TEXT(body,'session'), J_OBJ(body,'attributes'), J_OBJ(body,'redaction.entities') FROM aigov.entry WHERE lane > 0;
SELECT body FROM aigov.content WHERE lane > 0;
-- the same again: the same answer, and the same where another card stood
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","session":"of 4012888888881881","input":"pay with 4012 8888 8888 1881.","output":["ok"],"tool":{"name":"pay","arguments":"{\"number\":4012888888881881}"},"attributes":{"4012888888881881":true}}');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","session":"of 5105105105105100","input":"pay with 5105-1051-0510-5100.","output":["ok"],"tool":{"name":"pay","arguments":"{\"number\":5105105105105100}"},"attributes":{"5105105105105100":true}}');
-- nothing found
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000002","system":"s","input":"x"}');
SELECT length(J_TEXT(body,'rules')), J_OBJ(body,'redaction.found') FROM aigov.entry WHERE lane > 0 ORDER BY seq;
-- under other rules the same record is not compared
--pg SET aigov.allow_drop = on;
--pg ALTER TABLE aigov.entry DISABLE TRIGGER ALL;
--pg UPDATE aigov.entry SET body = regexp_replace(body::text, '"rules":"..', '"rules":"zz')::json WHERE lane = 1;
--sqlite DROP TRIGGER aigov_entry_no_update;
--sqlite UPDATE aigov_entry SET body = replace(body, '"rules":"' || substr(json_extract(body, '$.rules'), 1, 2), '"rules":"zz') WHERE lane = 1;
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000002","system":"s","input":"x"}');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000002","system":"s","input":"another"}');
-- a register is stored as given
SELECT aigov.put('hold', 'H-1', '{"matter":"card 4012888888881881","state":"on","placed_by":"p"}');
SELECT J_TEXT(body,'fields.matter') FROM aigov.entry WHERE kind = 'hold';
