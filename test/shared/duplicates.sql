-- the same id again
SELECT aigov.init('example.com/shared');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","input":"x"}');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","input":"x"}');
SELECT aigov.append('{"input":"x","system":"s","id":"01990000-0000-7000-8000-000000000001"}');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","input":"y"}');
SELECT aigov.erase('01990000-0000-7000-8000-000000000001', 'request 7');
SELECT aigov.append('{"id":"01990000-0000-7000-8000-000000000001","system":"s","input":"y"}');
SELECT count(*) FROM aigov.entry WHERE lane > 0;
SELECT lane, status, content FROM aigov.verify() ORDER BY lane, from_seq;
