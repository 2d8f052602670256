-- guards_pg.sql - what keeps the log append-only in PostgreSQL
--
-- SPDX-License-Identifier: PostgreSQL
--
-- init() runs it after schema.sql.  Hygiene, not proof: a superuser passes it,
-- and verify finds what was done.  Row triggers, since the apply worker of a
-- subscription fires no others; ENABLE ALWAYS, so that a replica role does not
-- pass them.  aigov's own functions write beneath triggers.

CREATE TRIGGER guard_insert BEFORE INSERT ON aigov.log
  FOR EACH ROW EXECUTE FUNCTION aigov.guard_insert();
CREATE TRIGGER guard_change BEFORE UPDATE OR DELETE ON aigov.log
  FOR EACH ROW EXECUTE FUNCTION aigov.guard_change();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON aigov.log
  FOR EACH STATEMENT EXECUTE FUNCTION aigov.guard_change();
CREATE TRIGGER guard_insert BEFORE INSERT ON aigov.entry
  FOR EACH ROW EXECUTE FUNCTION aigov.guard_insert();
CREATE TRIGGER guard_change BEFORE UPDATE OR DELETE ON aigov.entry
  FOR EACH ROW EXECUTE FUNCTION aigov.guard_change();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON aigov.entry
  FOR EACH STATEMENT EXECUTE FUNCTION aigov.guard_change();
CREATE TRIGGER guard_insert BEFORE INSERT ON aigov.content
  FOR EACH ROW EXECUTE FUNCTION aigov.guard_insert();
CREATE TRIGGER guard_change BEFORE UPDATE OR DELETE ON aigov.content
  FOR EACH ROW EXECUTE FUNCTION aigov.guard_change();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON aigov.content
  FOR EACH STATEMENT EXECUTE FUNCTION aigov.guard_change();

ALTER TABLE aigov.log ENABLE ALWAYS TRIGGER guard_insert;
ALTER TABLE aigov.log ENABLE ALWAYS TRIGGER guard_change;
ALTER TABLE aigov.log ENABLE ALWAYS TRIGGER guard_truncate;
ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER guard_insert;
ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER guard_change;
ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER guard_truncate;
ALTER TABLE aigov.content ENABLE ALWAYS TRIGGER guard_insert;
ALTER TABLE aigov.content ENABLE ALWAYS TRIGGER guard_change;
ALTER TABLE aigov.content ENABLE ALWAYS TRIGGER guard_truncate;

-- For ORMs, executemany, COPY: a row inserted here is a record appended.
CREATE VIEW aigov.inbox AS
SELECT CAST(NULL AS text) AS record
 WHERE false;
CREATE TRIGGER inbox_insert INSTEAD OF INSERT ON aigov.inbox
  FOR EACH ROW EXECUTE FUNCTION aigov.inbox_insert();

-- Stops accidents (migrations, ORMs); SET aigov.allow_drop = on lets DDL pass.
CREATE EVENT TRIGGER aigov_guard ON ddl_command_start
  EXECUTE FUNCTION aigov.guard_ddl();
