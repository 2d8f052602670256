-- what leaves and what comes back: numbered placeholders, values put back
SELECT aigov.init('example.com/send');
-- without a key: numbered all the same, nothing is put back
SELECT J_OBJ(answer,'send') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","input":"Mail ana@acme.example and bob@acme.example; Ana@acme.example again"}') AS answer) AS x;
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000001','{"id":"0199a000-0000-7000-8000-000000000002","output":"To [EMAIL_ADDRESS_1] and carl@acme.example"}') AS answer) AS x;
-- with one
--sqlite SELECT aigov.set('key_file', 'KEYFILE');
--pg ALTER SYSTEM SET aigov.key_file = 'KEYFILE';
--pg DO $$ BEGIN PERFORM pg_reload_conf(); PERFORM pg_sleep(0.5); END $$;
--pg SELECT 'KEYFILE';
SELECT J_OBJ(answer,'send') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000011","system":"desk","tenant":"acme","system_instructions":"Help ana@acme.example","input":"Mail bob@acme.example, SSN 212-09-7654; [EMAIL_ADDRESS_1] is a placeholder","documents":[{"id":"doc:1","text":"bob@acme.example wrote"}],"tools":[{"name":"mail","to":"ana@acme.example"}],"tool":{"name":"mail","arguments":{"ana@acme.example":"{\"to\":\"bob@acme.example\"}"}}}') AS answer) AS x;
SELECT J_TEXT(body,'input') FROM aigov.content WHERE lane > 0 AND seq = 3;
SELECT CASE WHEN CAST(body AS text) LIKE '%acme.example%' THEN 'a value' ELSE 'no value' END FROM aigov.content WHERE lane > 0;
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000011','{"id":"0199a000-0000-7000-8000-000000000012","output":"[EMAIL_ADDRESS_1] wrote to [EMAIL_ADDRESS_2] and [ email_address_3 ]; [EMAIL_ADDRESS_9] and [PERSON_1] are nobody; SSN [US_SSN_1]; new: carl@acme.example; said in plain: bob@acme.example"}') AS answer) AS x;
SELECT J_TEXT(body,'output') FROM aigov.content WHERE lane > 0 AND seq = 4;
-- JSON in the answer, and in a text of it; names stay
SELECT J_OBJ(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000011','{"id":"0199a000-0000-7000-8000-000000000013","output":{"[EMAIL_ADDRESS_2]":"{\"to\":\"[EMAIL_ADDRESS_3]\"}"}}') AS answer) AS x;
-- the next attempt: the same values the same numbers, a number in use is not taken
SELECT J_OBJ(answer,'send') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000014","interaction":"0199a000-0000-7000-8000-000000000011","attempt":2,"system":"desk","tenant":"acme","input":"carl@acme.example, bob@acme.example; [EMAIL_ADDRESS_3] is what the user typed"}') AS answer) AS x;
-- asked twice it is answered the same
SELECT J_OBJ(answer,'send') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000014","interaction":"0199a000-0000-7000-8000-000000000011","attempt":2,"system":"desk","tenant":"acme","input":"carl@acme.example, bob@acme.example; [EMAIL_ADDRESS_3] is what the user typed"}') AS answer) AS x;
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000011','{"id":"0199a000-0000-7000-8000-000000000015","attempt":2,"output":"[EMAIL_ADDRESS_2] [EMAIL_ADDRESS_3] [EMAIL_ADDRESS_4] [EMAIL_ADDRESS_5]"}') AS answer) AS x;
-- a secret has a number, and never comes back
SELECT J_OBJ(answer,'send') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000021","system":"desk","input":"password=hunter2secret99 and password=otherSecret77x"}') AS answer) AS x;
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000021','{"id":"0199a000-0000-7000-8000-000000000022","output":"It is [SECRET_1]"}') AS answer) AS x;
-- of another interaction nothing comes back
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000021','{"id":"0199a000-0000-7000-8000-000000000023","output":"[EMAIL_ADDRESS_2]"}') AS answer) AS x;
-- what was sent: the digest of what guard let go
SELECT J_OBJ(answer,'send') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000031","system":"desk","input":"hello"}') AS answer) AS x;
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000031','{"id":"0199a000-0000-7000-8000-000000000032","output":"hi","sent_digest":"402397da9d5fb35c9dd2bde9646e07b821eb8c53bac5362303a0e52a925c9caf"}') AS answer) AS x;
SELECT J_TEXT(body,'sent') FROM aigov.entry WHERE id = '0199a000-0000-7000-8000-000000000032';
SELECT system, sent, count(*) FROM aigov.redactions WHERE id IN ('0199a000-0000-7000-8000-000000000021', '0199a000-0000-7000-8000-000000000022') GROUP BY system, sent ORDER BY sent;
SELECT J_TEXT(answer,'send.input') FROM (SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000041","system":"confirmed","input":"to ana@acme.example"}') AS answer) AS x;
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000041','{"id":"0199a000-0000-7000-8000-000000000042","output":"hi","sent_digest":"3261f13299295cff5df4fb0b245976fd8a5e1cc61ea3d40f065c064e81e97bd4"}') AS answer) AS x;
SELECT system, detector, sent FROM aigov.redactions WHERE system = 'confirmed';
-- erased, nothing comes back
SELECT aigov.erase('0199a000-0000-7000-8000-000000000011', 'asked for');
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('0199a000-0000-7000-8000-000000000011','{"id":"0199a000-0000-7000-8000-000000000016","output":"[EMAIL_ADDRESS_2] and [EMAIL_ADDRESS_5]"}') AS answer) AS x;
SELECT status, content FROM aigov.verify() WHERE status <> 'unanchored';
--pg ALTER SYSTEM RESET aigov.key_file;
--pg DO $$ BEGIN PERFORM pg_reload_conf(); PERFORM pg_sleep(0.5); END $$;
