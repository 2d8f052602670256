-- own detectors and profiles: put, in force at once, refused where they do not work
SELECT aigov.init('example.com/rules');
SELECT aigov.put('detector', 'acme-customers', '{"type":"dictionary","entity":"CUSTOMER","version":1,"terms":["Acme Holding","José Pérez"],"terms_count":2,"terms_sha256":"8034932f4adf61a346385c1deef23b4323bed0d022f00795ac7f5b17e69a6828","score":"0.8","positives":["Acme Holding called"],"negatives":["acme of perfection"]}');
SELECT aigov.redact('We met ACME  holding and Jose Perez; acme stays.');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","actor":{"id":"acme holding"},"input":"We met ACME holding. My SSN is 212-09-7654."}');
SELECT aigov.put('detector', 'claims', '{"type":"regex","entity":"CLAIM","version":1,"pattern":"CL-[0-9]{8}","literal":"CL-","score":"0.9","positives":["claim CL-20260301 is open"],"negatives":["CL-12"]}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000002","system":"desk","actor":{"id":"u_1"},"input":"Claim CL-20260301 of acme holding","attributes":{"CL-20260301":"CL-20260302"}}');
SELECT body FROM aigov.content WHERE lane > 0 ORDER BY seq;
SELECT actor FROM aigov.entry WHERE lane > 0 ORDER BY seq;
SELECT J_OBJ(body,'redaction') FROM aigov.entry WHERE lane > 0 ORDER BY seq;
SELECT detector, data_class, n, direction FROM aigov.redactions ORDER BY seq, direction, detector;
SELECT CASE WHEN CAST(aigov.explain_redaction('0199a000-0000-7000-8000-000000000001') AS text) LIKE '%"in_force":false%' THEN 'then' ELSE 'now' END, CASE WHEN CAST(aigov.explain_redaction('0199a000-0000-7000-8000-000000000002') AS text) LIKE '%"in_force":true%' THEN 'now' ELSE 'then' END;
SELECT count(DISTINCT J_TEXT(body,'rules')) FROM aigov.entry WHERE lane > 0;
SELECT detector, entity, class, description FROM aigov.detectors WHERE detector IN ('acme-customers', 'claims') ORDER BY detector;
SELECT entity, start, stop, detector, reason FROM aigov.findings('né: ACME holding, CL-20260301') ORDER BY start;
-- the same record again: other rules, so it cannot be compared
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","actor":{"id":"acme holding"},"input":"We met ACME holding. My SSN is 212-09-7654."}');
SELECT aigov.append_batch('[{"system":"desk","input":"CL-20260301"},{"system":"desk","input":"nothing"}]');
SELECT J_TEXT(body,'input') FROM aigov.content WHERE lane > 0 AND seq > 2 ORDER BY seq;
-- allow lists
SELECT aigov.put('detector', 'desk-mail', '{"type":"allow_list","entity":"EMAIL_ADDRESS","version":1,"match":"suffix","terms":["acme.example"],"terms_count":1,"terms_sha256":"fd159cd8bfee259303f4e7b54ffe0c3a41ed748aec66078cc68168bcc3f6cd1e","score":"1"}');
SELECT aigov.redact('help@acme.example, ann@acme.org');
SELECT aigov.put('detector', 'board-line', '{"type":"allow_list","entity":"CLAIM","version":1,"match":"exact","terms":["CL-00000000"],"terms_count":1,"terms_sha256":"3fc3417254b21f98cb3d5ef9133434f31a3d4b9d018cfb7e75e9ea40e259a9a5","score":"1"}');
SELECT aigov.redact('CL-00000000, CL-00000001');
SELECT aigov.put('detector', 'by-key', '{"type":"allow_list","entity":"CLAIM","version":1,"match":"fingerprint","terms_count":1,"terms_sha256":"3fc3417254b21f98cb3d5ef9133434f31a3d4b9d018cfb7e75e9ea40e259a9a5","score":"1"}');
-- profiles
SELECT aigov.put('redaction_profile', 'default/model', '{"version":1,"sink":"model","default_operator":"mask","operators":{"CUSTOMER":"drop","CLAIM":"pseudonym"},"threshold":"0.5"}');
SELECT aigov.redact('Acme Holding, CL-20260301, ann@acme.org, card 5242 3061 5708 3062', 'default/model');
SELECT aigov.redact(aigov.redact('Acme Holding, CL-20260301, ann@acme.org, card 5242 3061 5708 3062', 'default/model'), 'default/model');
SELECT aigov.redact_json('{"a":"Acme Holding","ann@acme.org":5242306157083062}', 'default/model');
SELECT aigov.redact('Acme Holding, ann@acme.org');
SELECT aigov.put('redaction_profile', 'claims/store', '{"version":1,"sink":"store","default_operator":"replace","operators":{"US_SSN":"drop"},"threshold":"0.5","detectors":["claims"],"systems":["claims"]}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000003","system":"claims","input":"CL-20260301 of Acme Holding, SSN 212-09-7654."}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000004","system":"desk","input":"CL-20260301 of Acme Holding, SSN 212-09-7654."}');
SELECT J_TEXT(body,'input') FROM aigov.content WHERE lane > 0 AND seq > 4 ORDER BY seq;
SELECT aigov.redact('Acme Holding', 'claims/store'), aigov.redact('Acme Holding', 'default/store');
SELECT aigov.redact('Acme Holding', 'nobody/store');
SELECT kind, subject, CASE WHEN in_force THEN 1 ELSE 0 END, detail FROM aigov.own_rules() ORDER BY kind, subject;
-- refused
SELECT aigov.put('detector', 'bad-pattern', '{"type":"regex","entity":"BAD","version":1,"pattern":"CL-(","literal":"CL-","score":"0.9","positives":["CL-1"],"negatives":["x"]}');
SELECT aigov.put('detector', 'no-literal', '{"type":"regex","entity":"BAD","version":1,"pattern":"CL-1","score":"0.9","positives":["CL-1"],"negatives":["x"]}');
SELECT aigov.put('detector', 'not-found', '{"type":"regex","entity":"BAD","version":1,"pattern":"CL-[0-9]","literal":"CL-","score":"0.9","positives":["CL-1","CL-x"],"negatives":["x"]}');
SELECT aigov.put('detector', 'is-found', '{"type":"regex","entity":"BAD","version":1,"pattern":"CL-[0-9]","literal":"CL-","score":"0.9","positives":["CL-1"],"negatives":["CL-2"]}');
SELECT aigov.put('detector', 'other-terms', '{"type":"dictionary","entity":"BAD","version":1,"terms":["x"],"terms_count":1,"terms_sha256":"8034932f4adf61a346385c1deef23b4323bed0d022f00795ac7f5b17e69a6828","score":"0.8","positives":["x"],"negatives":["y"]}');
SELECT aigov.put('detector', 'credit_card', '{"type":"regex","entity":"BAD","version":1,"pattern":"CL-[0-9]","literal":"CL-","score":"0.9","positives":["CL-1"],"negatives":["x"]}');
SELECT aigov.put('redaction_profile', 'leak/store', '{"version":1,"sink":"store","default_operator":"replace","operators":{"SECRET":"keep"},"keep_reason":"x","threshold":"0.5"}');
SELECT aigov.put('redaction_profile', 'keep/store', '{"version":1,"sink":"store","default_operator":"keep","operators":{},"threshold":"0.5"}');
-- a pattern that meets its limit: nothing is stored, nothing is answered
SELECT aigov.put('detector', 'slow', '{"type":"regex","entity":"SLOW","version":1,"pattern":"^(a+)+$","slow":true,"score":"0.9","positives":["aaa"],"negatives":["b"]}');
SELECT aigov.append('{"system":"desk","input":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}');
SELECT aigov.redact('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab');
SELECT aigov.append_batch('[{"system":"desk","input":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"},{"system":"desk","input":"b"}]');
SELECT count(*) FROM aigov.content WHERE J_TEXT(body,'input') LIKE 'aaa%';
SELECT aigov.put('detector', 'slow', '{"type":"regex","entity":"SLOW","version":2,"pattern":"^a+$","slow":true,"score":"0.9","positives":["aaa"],"negatives":["b"]}');
SELECT aigov.redact('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'), aigov.redact('aaaa');
-- a put that is rolled back is not in force
BEGIN;
SELECT aigov.put('detector', 'brief', '{"type":"regex","entity":"BRIEF","version":1,"pattern":"BR-[0-9]","literal":"BR-","score":"0.9","positives":["BR-1"],"negatives":["x"]}');
SELECT aigov.redact('BR-7');
ROLLBACK;
SELECT aigov.redact('BR-7');
-- terms are content: erased, the dictionary is not in force
SELECT aigov.erase((SELECT CAST(id AS text) FROM aigov.entry WHERE kind = 'detector' AND subject = 'acme-customers'), 'the list is no longer needed');
SELECT aigov.redact('We met ACME holding about CL-20260301');
SELECT subject, detail FROM aigov.own_rules() WHERE NOT in_force ORDER BY subject;
SELECT item, value FROM aigov.health WHERE item = 'own_rules';
SELECT status, content FROM aigov.verify() WHERE status <> 'unanchored';
