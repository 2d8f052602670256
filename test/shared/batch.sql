-- a batch: one answer per record, in order; one bad record fails no other
SELECT aigov.init('example.com/shared');
SELECT aigov.append_batch('[{"id":"01990000-0000-7000-8000-000000000001","system":"a"},{"outputs":"b"},17,{"id":"01990000-0000-7000-8000-000000000001","system":"a"},{"id":"01990000-0000-7000-8000-000000000001","system":"c"}]');
SELECT aigov.append_batch('[]');
SELECT aigov.append_batch('[{"system":"a"}');
SELECT aigov.append_batch('{"system":"a"}');
SELECT count(*) FROM aigov.entry WHERE lane > 0;
SELECT status, content FROM aigov.verify() ORDER BY lane;
