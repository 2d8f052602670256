-- with a redaction key a conversation is recognised by what was said, not by what is stored
SELECT aigov.init('example.com/shared');
--sqlite SELECT aigov.set('key_file', 'KEYFILE');
--pg ALTER SYSTEM SET aigov.key_file = 'KEYFILE';
--pg DO $$ BEGIN PERFORM pg_reload_conf(); PERFORM pg_sleep(0.5); END $$;
--pg SELECT 'KEYFILE';
-- the answer comes back with the values that complete has put into it
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000001","system":"desk","tenant":"acme","input":[{"role":"user","content":"Mail bob@acme.example"}]}'));
SELECT J_TEXT(answer,'output') FROM (SELECT aigov.complete('01990000-0000-7000-8000-000000000001','{"id":"01990000-0000-7000-8000-000000000002","tenant":"acme","output":"Sent to [EMAIL_ADDRESS_1]"}') AS answer) AS x;
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000003","system":"desk","tenant":"acme","input":[{"role":"user","content":"Mail bob@acme.example"},{"role":"assistant","content":"Sent to bob@acme.example"},{"role":"user","content":"Thanks"}]}'));
-- another value in the same place, and another tenant, are other conversations
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000004","system":"desk","tenant":"acme","input":[{"role":"user","content":"Mail ann@acme.example"},{"role":"assistant","content":"Sent to ann@acme.example"},{"role":"user","content":"Thanks"}]}'));
SELECT count(aigov.guard('{"id":"01990000-0000-7000-8000-000000000005","system":"desk","tenant":"other","input":[{"role":"user","content":"Mail bob@acme.example"},{"role":"assistant","content":"Sent to bob@acme.example"},{"role":"user","content":"Thanks"}]}'));
SELECT id, J_TEXT(body,'refs.0.cause') FROM aigov.entry WHERE kind = 'request' ORDER BY id;
SELECT count(*) FROM aigov.turn;
--pg ALTER SYSTEM RESET aigov.key_file;
--pg DO $$ BEGIN PERFORM pg_reload_conf(); PERFORM pg_sleep(0.5); END $$;
