-- what outside detectors found, handed in with a record
SELECT aigov.init('example.com/outside');
SELECT aigov.put('detector', 'ner-person', '{"type":"outside","entity":"PERSON_NAME","version":1,"score":"0.85"}');
SELECT aigov.put('detector', 'ner-place', '{"type":"outside","entity":"PLACE","version":1,"score":"0.7"}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","input":"Ask Ann Lee of Kiel, ann@acme.org","findings":[{"detector":"ner-person","at":"input","entity":"PERSON_NAME","start":4,"stop":11,"score":0.93},{"detector":"ner-place","at":"input","start":15,"stop":19}]}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000002","findings":[{"detector":"ner-person","at":"/input/0/parts/1","start":2,"stop":5},{"detector":"ner-person","at":"/tool/arguments","start":7,"stop":16},{"detector":"ner-person","at":"/system_instructions","start":0,"stop":3},{"detector":"ner-person","at":"/output","start":0,"stop":3},{"detector":"ner-person","at":"/documents/0/text","start":0,"stop":3},{"detector":"ner-person","at":"/actor/id","start":0,"stop":3}],"system":"desk","system_instructions":"Ann is here","input":[{"role":"user","parts":["a","\ud83d\ude00 Ann"]}],"output":"Ann.","documents":[{"id":"d1","text":"Ann!"}],"tool":{"name":"find","arguments":"{\"who\":\"Ann\",\"n\":1}"},"actor":{"id":"Ann"}}');
SELECT body FROM aigov.content WHERE lane > 0 ORDER BY seq;
SELECT actor FROM aigov.entry WHERE lane > 0 ORDER BY seq;
SELECT J_OBJ(body,'redaction') FROM aigov.entry WHERE lane > 0 ORDER BY seq;
SELECT detector, data_class, n, direction FROM aigov.redactions ORDER BY seq, direction, detector;
-- the same again, and with what is found elsewhere
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","input":"Ask Ann Lee of Kiel, ann@acme.org","findings":[{"detector":"ner-person","at":"input","entity":"PERSON_NAME","start":4,"stop":11,"score":0.93},{"detector":"ner-place","at":"input","start":15,"stop":19}]}');
SELECT aigov.append('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","input":"Ask Ann Lee of Kiel, ann@acme.org","findings":[{"detector":"ner-person","at":"input","start":4,"stop":7}]}');
-- batch and inbox
SELECT aigov.append_batch('[{"system":"desk","input":"Ann","findings":[{"detector":"ner-person","at":"input","start":0,"stop":3}]},{"system":"desk","input":"Ann","findings":[{"detector":"ner-person","at":"input","start":0,"stop":4}]}]');
INSERT INTO aigov.inbox(record) VALUES ('{"system":"desk","input":"by Ann","findings":[{"detector":"ner-person","at":"input","start":3,"stop":6}]}');
SELECT J_TEXT(body,'input') FROM aigov.content WHERE lane > 0 AND seq > 2 ORDER BY seq;
-- refused: nothing is stored, and no value is shown
SELECT aigov.append('{"system":"desk","input":"Ann Lee","findings":[{"detector":"ner-person","at":"input","start":4,"stop":8}]}');
SELECT aigov.append('{"system":"desk","input":"Ann Lee","findings":[{"detector":"ner-none","at":"input","start":4,"stop":7}]}');
SELECT aigov.append('{"system":"desk","input":"Ann Lee","findings":[{"detector":"us_ssn","at":"input","start":4,"stop":7}]}');
SELECT aigov.append('{"system":"desk","input":"Ann Lee","findings":[{"detector":"ner-person","at":"input","entity":"PLACE","start":4,"stop":7}]}');
SELECT aigov.append('{"system":"desk","input":"Ann Lee","findings":[{"detector":"ner-person","at":"output","start":4,"stop":7}]}');
SELECT aigov.append('{"system":"desk","input":"Ann Lee","findings":[{"detector":"ner-person","at":"input","start":4,"stop":7,"text":"Lee"}]}');
-- profiles and allow lists hold for them as for own detectors
SELECT aigov.put('detector', 'known', '{"type":"allow_list","entity":"PERSON_NAME","version":1,"match":"exact","terms":["Goethe"],"terms_count":1,"terms_sha256":"cfa94bb57b83fd0bba3320c8b0daebe0d79e1377cb35fddbec28c3259c8f3f0c","score":"1"}');
SELECT aigov.put('redaction_profile', 'default/store', '{"version":1,"sink":"store","default_operator":"replace","operators":{"PLACE":"keep","PERSON_NAME":"mask"},"keep_reason":"places are needed","threshold":"0.5"}');
SELECT aigov.append('{"system":"desk","input":"Ann of Kiel, 12 Lee, Goethe","findings":[{"detector":"ner-person","at":"input","start":0,"stop":3},{"detector":"ner-place","at":"input","start":7,"stop":11},{"detector":"ner-person","at":"input","start":16,"stop":19,"score":0.2},{"detector":"ner-person","at":"input","start":21,"stop":27}]}');
SELECT J_TEXT(body,'input') FROM aigov.content WHERE lane > 0 AND seq > 4 ORDER BY seq;
SELECT count(*) FROM aigov.entry WHERE lane > 0;
SELECT status, content FROM aigov.verify() WHERE status <> 'unanchored';
