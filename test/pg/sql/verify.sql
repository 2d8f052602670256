-- verify: rows and schema that were changed
\set VERBOSITY terse
SET aigov.allow_drop = on;
CREATE FUNCTION pg_temp.bad() RETURNS TABLE (lane int, status text, content text, detail text)
LANGUAGE sql AS $$ SELECT v.lane, v.status, v.content, v.detail FROM aigov.verify() v
 WHERE v.status <> 'unanchored' OR v.content NOT IN ('intact', 'erased') $$;
SELECT * FROM pg_temp.bad();
-- rows
BEGIN;
ALTER TABLE aigov.entry DISABLE TRIGGER USER; ALTER TABLE aigov.content DISABLE TRIGGER USER; ALTER TABLE aigov.log DISABLE TRIGGER USER;
SAVEPOINT a;
UPDATE aigov.entry SET model = 'gpt-3.5' WHERE lane = 1 AND seq = 3;
SELECT * FROM pg_temp.bad() WHERE status <> 'schema_changed';
ROLLBACK TO a;
DELETE FROM aigov.entry WHERE lane = 1 AND seq = 3;
SELECT * FROM pg_temp.bad() WHERE status <> 'schema_changed';
ROLLBACK TO a;
DELETE FROM aigov.content WHERE lane = 1 AND seq = 3;
SELECT * FROM pg_temp.bad() WHERE status <> 'schema_changed';
ROLLBACK TO a;
UPDATE aigov.content SET body = '{"input":"forged"}' WHERE lane = 1 AND seq = 3;
SELECT * FROM pg_temp.bad() WHERE status <> 'schema_changed';
ROLLBACK TO a;
UPDATE aigov.entry SET log = 4711 WHERE lane = 1 AND seq = (SELECT max(seq) FROM aigov.entry WHERE lane = 1);
SELECT * FROM pg_temp.bad() WHERE status <> 'schema_changed';
ROLLBACK TO a;
UPDATE aigov.log SET origin = 'example.com/forged';
SELECT DISTINCT detail FROM pg_temp.bad() WHERE lane IS NULL AND status = 'modified';
ROLLBACK TO a;
DELETE FROM aigov.log;
SELECT DISTINCT status, detail FROM pg_temp.bad() WHERE status <> 'schema_changed';
ROLLBACK TO a;
-- a row twice: the key must go first
ALTER TABLE aigov.entry DROP CONSTRAINT entry_pkey;
ALTER TABLE aigov.entry DROP CONSTRAINT entry_id_log_key;
INSERT INTO aigov.entry SELECT * FROM aigov.entry WHERE lane = 1 AND seq = 3;
SELECT * FROM pg_temp.bad() WHERE detail NOT LIKE 'trigger%';
SELECT aigov.append('{"system":"s"}');
ROLLBACK;
-- schema
BEGIN;
ALTER TABLE aigov.entry DISABLE TRIGGER guard_change;
ALTER TABLE aigov.entry ENABLE TRIGGER guard_insert;
CREATE TRIGGER evil BEFORE INSERT ON aigov.content FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
DROP TRIGGER guard_truncate ON aigov.log;
CREATE TABLE kid () INHERITS (aigov.content);
CREATE RULE r AS ON INSERT TO aigov.log DO INSTEAD NOTHING;
ALTER TABLE aigov.entry ADD COLUMN more int, ALTER COLUMN status DROP NOT NULL, ALTER COLUMN hash DROP NOT NULL;
CREATE OR REPLACE VIEW aigov.own_log AS SELECT l.log FROM aigov.log l;
CREATE FUNCTION aigov.append(character varying) RETURNS json LANGUAGE sql AS 'SELECT NULL::json';
ALTER FUNCTION aigov.leaf(bigint, bigint, bigint) SECURITY DEFINER;
SELECT detail FROM aigov.verify() WHERE status = 'schema_changed';
ROLLBACK;
-- init puts back what is missing
DROP TRIGGER guard_truncate ON aigov.log;
CREATE OR REPLACE VIEW aigov.own_log AS SELECT l.log FROM aigov.log l;
ALTER TABLE aigov.content DISABLE TRIGGER guard_change;
SELECT detail FROM aigov.verify() WHERE status = 'schema_changed';
SELECT aigov.init('example.com/regress')->>'origin' AS origin;
SELECT * FROM pg_temp.bad();
-- its own snapshot, read-only, vkeys
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT * FROM pg_temp.bad();
COMMIT;
SELECT count(*) > 0 AS own FROM aigov.verify(0);
SELECT count(*) > 0 AS own FROM aigov.verify(0, '["example.com/k+00000000+AAAA"]');
SELECT count(*) FROM aigov.verify(4711, '[]'::jsonb);
SELECT count(*) FROM aigov.verify(0, '{}');
BEGIN;
ALTER TABLE aigov.entry DISABLE TRIGGER USER;
UPDATE aigov.entry SET log = 4711 WHERE lane = 1 AND seq = (SELECT max(seq) FROM aigov.entry WHERE lane = 1);
SELECT count(*) AS seen FROM aigov.verify(0) WHERE log = 4711 AND status = 'modified';
ROLLBACK;
-- an erasure counts in lane 0 of the entry's log or of one that continues it
CREATE FUNCTION pg_temp.forge(p_log int, p_lane int, p_subject text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO aigov.entry SELECT (jsonb_populate_record(e, jsonb_build_object('log', p_log, 'lane', p_lane,
    'seq', 1000000, 'kind', 'erasure', 'subject', p_subject, 'id', gen_random_uuid()))).* FROM aigov.entry e LIMIT 1 $$;
CREATE FUNCTION pg_temp.told(p_system text) RETURNS text LANGUAGE sql AS $$
  SELECT v.content FROM aigov.verify() v JOIN aigov.entry e ON (v.log, v.lane) = (e.log, e.lane)
     AND e.seq BETWEEN v.from_seq AND v.to_seq WHERE e.system = p_system $$;
BEGIN;
SELECT aigov.append('{"system":"victim","input":"x","id":"0199a0b2-0000-7000-8000-000000000091"}')->>'duplicate' AS duplicate;
SELECT aigov.new_epoch('example.com/regress-2', 'failover')->>'seq' AS seq;
SELECT aigov.append('{"system":"later","input":"x","id":"0199a0b2-0000-7000-8000-000000000092"}')->>'duplicate' AS duplicate;
SELECT min(log) FILTER (WHERE system = 'victim') AS old, min(log) FILTER (WHERE system = 'later') AS new FROM aigov.entry \gset
ALTER TABLE aigov.entry DISABLE TRIGGER USER; ALTER TABLE aigov.content DISABLE TRIGGER USER; ALTER TABLE aigov.log DISABLE TRIGGER USER;
DELETE FROM aigov.content c USING aigov.entry e
 WHERE (c.log, c.lane, c.seq) = (e.log, e.lane, e.seq) AND e.system IN ('victim', 'later');
SELECT pg_temp.told('victim') AS victim, pg_temp.told('later') AS later;
SAVEPOINT a;
SELECT pg_temp.forge(:old, 0, '0199a0b2-0000-7000-8000-000000000091');
SELECT pg_temp.told('victim') AS in_its_log;
ROLLBACK TO a;
SELECT pg_temp.forge(:new, 0, '0199a0b2-0000-7000-8000-000000000091');
SELECT pg_temp.told('victim') AS in_a_log_that_continues_it;
ROLLBACK TO a;
SELECT pg_temp.forge(:old, 0, '0199a0b2-0000-7000-8000-000000000092');
SELECT pg_temp.told('later') AS in_the_log_before;
ROLLBACK TO a;
SELECT pg_temp.forge(:old, 1, '0199a0b2-0000-7000-8000-000000000091');
SELECT pg_temp.told('victim') AS in_lane_1;
ROLLBACK TO a;
SELECT pg_temp.forge(4711, 0, '0199a0b2-0000-7000-8000-000000000091');
SELECT pg_temp.told('victim') AS in_no_log;
ROLLBACK TO a;
SELECT pg_temp.forge(:old, 0, NULL);
SELECT pg_temp.told('victim') AS of_nobody;
ROLLBACK TO a;
-- logs that continue each other end
INSERT INTO aigov.log VALUES (4711, 'example.com/circle', now(), 4712), (4712, 'example.com/circle2', now(), 4711);
SELECT pg_temp.forge(4711, 0, '0199a0b2-0000-7000-8000-000000000091');
SELECT pg_temp.told('victim') AS in_a_circle;
ROLLBACK;
