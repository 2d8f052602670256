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
