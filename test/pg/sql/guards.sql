-- guards: DML, verbatim rows, DDL
\set VERBOSITY terse
UPDATE aigov.entry SET model = 'x';
DELETE FROM aigov.entry;
TRUNCATE aigov.entry;
UPDATE aigov.content SET body = '{}';
DELETE FROM aigov.content;
TRUNCATE aigov.content CASCADE;
UPDATE aigov.log SET origin = 'x';
DELETE FROM aigov.log;
TRUNCATE aigov.log, aigov.entry;
SET session_replication_role = replica;
UPDATE aigov.entry SET model = 'x';
DELETE FROM aigov.content;
RESET session_replication_role;
INSERT INTO aigov.entry(log, lane, seq) VALUES (1, 1, 1);
-- a chained row is kept byte for byte, whatever it says
CREATE TEMP TABLE kept AS SELECT * FROM aigov.entry WHERE lane = 1 AND seq = 1;
UPDATE kept SET log = 77, id = '0199a0b2-0000-7000-8000-000000000077', hash = '\x00';
BEGIN;
INSERT INTO aigov.entry SELECT * FROM kept;
SELECT log, status, detail FROM aigov.verify() WHERE status <> 'unanchored';
ROLLBACK;
-- who may
GRANT INSERT ON aigov.entry TO regress_aigov_writer;
GRANT SELECT ON kept TO regress_aigov_writer;
SET SESSION AUTHORIZATION regress_aigov_writer;
INSERT INTO aigov.entry SELECT * FROM kept;
RESET SESSION AUTHORIZATION;
REVOKE INSERT ON aigov.entry FROM regress_aigov_writer;
-- DDL by accident
ALTER TABLE aigov.entry ADD COLUMN x int;
ALTER TABLE aigov.entry ALTER COLUMN body TYPE text USING '{"forged":1}';
ALTER TABLE aigov.content RENAME TO c;
ALTER TABLE aigov.content RENAME COLUMN body TO b;
ALTER TABLE aigov.log SET SCHEMA public;
ALTER TABLE aigov.log OWNER TO regress_aigov_writer;
DROP TABLE aigov.content;
DROP VIEW aigov.interaction;
DROP TRIGGER guard_change ON aigov.entry;
DROP SCHEMA aigov CASCADE;
DROP EXTENSION aigov CASCADE;
CREATE TABLE kid () INHERITS (aigov.entry);
CREATE RULE r AS ON INSERT TO aigov.entry DO INSTEAD NOTHING;
CREATE TRIGGER t BEFORE INSERT ON aigov.entry FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE OR REPLACE VIEW aigov.own_log AS SELECT 1 AS log;
-- what is the user's
CREATE INDEX regress_mine ON aigov.entry (actor);
DROP INDEX aigov.regress_mine;
CREATE POLICY p ON aigov.entry FOR SELECT USING (true);
ALTER TABLE aigov.entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE aigov.entry DISABLE ROW LEVEL SECURITY;
DROP POLICY p ON aigov.entry;
COMMENT ON TABLE aigov.entry IS 'evidence';
ANALYZE aigov.entry;
CREATE TABLE mine (a int);
ALTER TABLE mine ADD b int;
DROP TABLE mine;
-- the documented way round
SET aigov.allow_drop = on;
BEGIN;
ALTER TABLE aigov.entry ADD COLUMN x int;
SELECT aigov.append('{"system":"with a column more"}')->>'duplicate' AS appended;
SELECT status, detail FROM aigov.verify() WHERE status <> 'unanchored';
ROLLBACK;
RESET aigov.allow_drop;
SET SESSION AUTHORIZATION regress_aigov_writer;
SET aigov.allow_drop = on;
RESET SESSION AUTHORIZATION;
SELECT status, detail FROM aigov.verify() GROUP BY 1, 2;
