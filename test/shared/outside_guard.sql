-- what outside detectors found: a fact for policies, and nothing of it is sent
SELECT aigov.init('example.com/outside');
SELECT aigov.put('detector', 'ner-person', '{"type":"outside","entity":"PERSON","version":1,"score":"0.85"}');
SELECT aigov.put('detector', 'ner-part', '{"type":"outside","entity":"PART_NUMBER","version":1,"score":"0.85"}');
SELECT aigov.put('policy', 'main', '{"type":"runtime","title":"t","version":1,"state":"draft","default_effect":"allow","owner":"u","review_due":"2027-01-01"}');
SELECT aigov.put('rule', 'main/1/part', '{"policy":"main","version":1,"phase":"pre","effect":"deny","cond":"''custom.part_number'' in data.classes","mode":"enforce","reason":"parts","controls":["iso42001:A.9.2"]}');
SELECT aigov.put('rule', 'main/1/name', '{"policy":"main","version":1,"phase":"pre","effect":"flag","cond":"''pii.name'' in data.classes && data.counts[''pii.name''] > 1","mode":"enforce","reason":"names","controls":["iso42001:A.9.2"]}');
SELECT aigov.put('rule', 'main/1/answer', '{"policy":"main","version":1,"phase":"post","effect":"deny","cond":"''custom.part_number'' in data.classes","mode":"enforce","reason":"parts","controls":["iso42001:A.9.2"]}');
SELECT aigov.put('policy', 'main', '{"type":"runtime","title":"t","version":1,"state":"active","default_effect":"allow","owner":"u","review_due":"2027-01-01"}');
SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000001","system":"desk","input":"Ask Ann Lee of Kiel"}');
SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000002","system":"desk","input":"Ask Ann Lee and Bob Fox","findings":[{"detector":"ner-person","at":"input","start":4,"stop":11},{"detector":"ner-person","at":"input","start":16,"stop":23}]}');
SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000003","system":"desk","input":[{"role":"user","content":"where is QX7?"}],"findings":[{"detector":"ner-part","at":"/input/0/content","start":9,"stop":12}]}');
SELECT aigov.guard('{"id":"0199a000-0000-7000-8000-000000000004","system":"desk","input":"QX7","findings":[{"detector":"ner-none","at":"input","start":0,"stop":3}]}');
SELECT aigov.complete('0199a000-0000-7000-8000-000000000002', '{"id":"0199a000-0000-7000-8000-000000000005","output":"Ann Lee has QX7","findings":[{"detector":"ner-part","at":"output","start":12,"stop":15}]}');
SELECT kind, decision, J_OBJ(body,'redaction') FROM aigov.entry WHERE lane > 0 ORDER BY seq;
SELECT body FROM aigov.content WHERE lane > 0 ORDER BY seq;
