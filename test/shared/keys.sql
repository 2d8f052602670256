-- redaction keys: pseudonyms, the vault, restore; and what happens without
SELECT aigov.init('example.com/keys');
SELECT aigov.put('redaction_profile', 'default/store', '{"version":1,"sink":"store","default_operator":"vault","operators":{"IP_ADDRESS":"hash","EMAIL_ADDRESS":"pseudonym"},"threshold":"0.5"}');
-- without a key
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","tenant":"acme","actor":{"id":"ana@acme.example"},"input":"My SSN is 212-09-7654."}');
SELECT actor FROM aigov.entry WHERE lane > 0;
SELECT J_TEXT(body,'input') FROM aigov.content WHERE lane > 0;
SELECT kind, subject, detail FROM aigov.own_rules() ORDER BY kind, subject;
SELECT item, value, detail FROM aigov.health WHERE item = 'redaction_keys';
SELECT count(*) FROM aigov.redaction_keys();
SELECT aigov.restore('[US_SSN]', '0199a000-0000-7000-8000-000000000001', 'a complaint');
-- with one
--sqlite SELECT aigov.set('key_file', 'KEYFILE');
--pg ALTER SYSTEM SET aigov.key_file = 'KEYFILE';
--pg DO $$ BEGIN PERFORM pg_reload_conf(); PERFORM pg_sleep(0.5); END $$;
--pg SELECT 'KEYFILE';
SELECT id, state, detail FROM aigov.redaction_keys();
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000002","system":"desk","tenant":"acme","session":"ana@acme.example","actor":{"id":"ana@acme.example"},"attributes":{"mail":"Ana@acme.example","note":"x"},"documents":[{"id":"doc:ana@acme.example"}],"template":{"id":"ana@acme.example"},"refs":[{"relation":"used","cause":"doc:ana@acme.example"}],"facts":{"req":{"channel":"ana@acme.example"}},"input":"My SSN is 212-09-7654, mail ana@acme.example, from 198.51.100.23.","output":"SSN 212 09 7654 noted."}');
SELECT actor, J_TEXT(body,'session') FROM aigov.entry WHERE lane > 0 AND seq = 2;
SELECT J_OBJ(body,'attributes') FROM aigov.entry WHERE lane > 0 AND seq = 2;
SELECT J_OBJ(body,'documents'), J_OBJ(body,'refs') FROM aigov.entry WHERE lane > 0 AND seq = 2;
SELECT J_OBJ(body,'facts'), J_OBJ(body,'template') FROM aigov.entry WHERE lane > 0 AND seq = 2;
SELECT J_TEXT(body,'redaction.fingerprint') FROM aigov.entry WHERE lane > 0 AND seq = 2;
SELECT J_TEXT(body,'input'), J_TEXT(body,'output') FROM aigov.content WHERE lane > 0 AND seq = 2;
SELECT CASE WHEN CAST(body AS text) LIKE '%09-7654%' THEN 'a value' ELSE 'no value' END FROM aigov.content WHERE lane > 0 AND seq = 2;
SELECT subject, J_TEXT(body,'fields.was'), J_TEXT(body,'fields.value') FROM aigov.entry WHERE kind = 'setting' ORDER BY seq;
SELECT kind, subject, detail FROM aigov.own_rules() ORDER BY kind, subject;
SELECT item, value, detail FROM aigov.health WHERE item IN ('redaction_keys', 'own_rules') ORDER BY item;
-- the same record, and another under its id: neither confirms a guess
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000003","system":"desk","input":"SSN 212-09-7654"}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000003","system":"desk","input":"SSN 212-09-7653"}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","tenant":"acme","actor":{"id":"ana@acme.example"},"input":"My SSN is 212-09-7654."}');
-- redact: the same forms, without a tenant; once more changes nothing
SELECT aigov.redact('SSN 212-09-7654, mail ana@acme.example');
SELECT aigov.redact(aigov.redact('SSN 212-09-7654, mail ana@acme.example'));
SELECT aigov.redact_json('{"ssn":212097654,"ana@acme.example":"ana@acme.example"}');
SELECT aigov.redact('mail ana@acme.example', 'default/model');
-- restore
SELECT aigov.restore('SSN [US_SSN:k5bcc17a1:70cbe8605c860c5a] of [EMAIL_ADDRESS:k5bcc17a1:8994aabce2b75471], [US_SSN]', '0199a000-0000-7000-8000-000000000002', 'a complaint of ana@acme.example');
SELECT aigov.restore('[US_SSN:k5bcc17a1:f2b229fe553d90ac]', '0199a000-0000-7000-8000-000000000003', 'a complaint');
SELECT aigov.restore('[US_SSN:k5bcc17a1:70cbe8605c860c5a]', '0199a000-0000-7000-8000-000000000003', 'another interaction');
SELECT aigov.restore('nothing', '0199a000-0000-7000-8000-000000000002', 'none');
SELECT aigov.restore('x', '0199a000-0000-7000-8000-00000000000f', 'no such interaction');
SELECT aigov.restore('x', 'ana', 'no UUID');
SELECT aigov.restore('x', '0199a000-0000-7000-8000-000000000002', '');
SELECT aigov.restore(NULL, '0199a000-0000-7000-8000-000000000002', 'x');
SELECT subject, J_TEXT(body,'fields.type'), J_TEXT(body,'fields.target'), J_INT(body,'fields.rows'), J_TEXT(body,'fields.parameters.interaction'), J_TEXT(body,'fields.purpose') FROM aigov.entry WHERE kind = 'access' ORDER BY seq;
-- several entries of one interaction
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000010","kind":"request","system":"desk","input":"SSN 212-09-7654"}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000011","kind":"response","interaction":"0199a000-0000-7000-8000-000000000010","system":"desk","output":"card 5242 3061 5708 3062"}');
SELECT J_TEXT(body,'output') FROM aigov.content WHERE CAST(body AS text) LIKE '%CREDIT_CARD%';
SELECT aigov.restore('[ us_ssn:k5bcc17a1:F2B229FE553D90AC ] ' || (SELECT J_TEXT(body,'output') FROM aigov.content WHERE CAST(body AS text) LIKE '%CREDIT_CARD%'), '0199a000-0000-7000-8000-000000000010', 'both');
-- erased, there is nothing to restore
SELECT aigov.erase('0199a000-0000-7000-8000-000000000010', 'asked for');
SELECT aigov.restore('[US_SSN:k5bcc17a1:f2b229fe553d90ac]', '0199a000-0000-7000-8000-000000000010', 'too late');
-- an allow list of fingerprints
SELECT aigov.put('detector', 'switchboard', '{"type":"allow_list","entity":"EMAIL_ADDRESS","version":1,"match":"fingerprint","terms":["[EMAIL_ADDRESS:k5bcc17a1:95031bb6011b879e]"],"terms_count":1,"terms_sha256":"ad979fc357490d7bd7005f13a1b7781498c4fa5dc38afc067700324a10fc7a43","score":"1"}');
SELECT aigov.redact('ANA@acme.example, bob@acme.example', 'default/model');
SELECT aigov.put('detector', 'no-token', '{"type":"allow_list","entity":"EMAIL_ADDRESS","version":1,"match":"fingerprint","terms":["ana@acme.example"],"terms_count":1,"terms_sha256":"8de8c362ede2be162ac3eb3ee273f6dff274273dcbe32ebe9822a7540e7c8d22","score":"1"}');
SELECT status, content FROM aigov.verify() WHERE status <> 'unanchored';
-- and without again
--sqlite SELECT aigov.set('key_file', 'none');
--pg ALTER SYSTEM RESET aigov.key_file;
--pg DO $$ BEGIN PERFORM pg_reload_conf(); PERFORM pg_sleep(0.5); END $$;
--pg SELECT 'none';
SELECT aigov.redact('SSN 212-09-7654');
SELECT aigov.restore('[US_SSN:k5bcc17a1:70cbe8605c860c5a]', '0199a000-0000-7000-8000-000000000002', 'no key');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000020","system":"desk","actor":{"id":"ana@acme.example"}}');
SELECT subject, J_TEXT(body,'fields.was'), J_TEXT(body,'fields.value') FROM aigov.entry WHERE kind = 'setting' ORDER BY seq;
