-- who may call what, from the catalogue
CREATE ROLE regress_aigov_reader;
CREATE ROLE regress_aigov_content;
CREATE ROLE regress_aigov_nobody;
SELECT aigov.grant('reader', 'regress_aigov_reader');
SELECT aigov.grant('content_reader', 'regress_aigov_content');
\set VERBOSITY terse
SELECT aigov.grant('king', 'regress_aigov_reader');
SELECT aigov.grant('reader', 'no_such_role');
SELECT aigov.grant(NULL, 'regress_aigov_reader');
SELECT p.proname AS function, count(*) AS overloads,
       string_agg(DISTINCT CASE WHEN has_function_privilege(r.rolname, p.oid, 'execute') THEN substr(r.rolname, 15) END, ' ') AS may
  FROM pg_proc p, pg_roles r
 WHERE p.pronamespace = 'aigov'::regnamespace AND r.rolname LIKE 'regress\_aigov\_%'
 GROUP BY p.proname ORDER BY p.proname COLLATE "C";
SELECT c.relname AS relation,
       string_agg(substr(r.rolname, 15) || ':' || x, ' ' ORDER BY r.rolname COLLATE "C", x) AS may
  FROM pg_class c
  CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) x
  LEFT JOIN pg_roles r ON r.rolname LIKE 'regress\_aigov\_%' AND has_table_privilege(r.rolname, c.oid, x)
 WHERE c.relnamespace = 'aigov'::regnamespace AND c.relkind IN ('r', 'v')
 GROUP BY c.relname ORDER BY c.relname COLLATE "C";
-- what is shared stays when one privilege goes
SELECT aigov.grant('writer', 'regress_aigov_steward');
SELECT aigov.revoke('steward', 'regress_aigov_steward');
SELECT has_function_privilege('regress_aigov_steward', 'aigov.record_import(text)', 'execute') AS import,
       has_function_privilege('regress_aigov_steward', 'aigov.put(text,text,text)', 'execute') AS put;
SELECT aigov.revoke('writer', 'regress_aigov_steward');
SELECT has_function_privilege('regress_aigov_steward', 'aigov.record_import(text)', 'execute') AS import,
       has_schema_privilege('regress_aigov_steward', 'aigov', 'usage') AS usage;
-- the owner's alone, even with EXECUTE
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA aigov TO regress_aigov_reader;
SET SESSION AUTHORIZATION regress_aigov_reader;
SELECT aigov.init('example.com/x');
SELECT aigov.new_epoch('example.com/x', 'restore');
SELECT aigov.grant('steward', 'regress_aigov_reader');
SELECT aigov.revoke('reader', 'regress_aigov_writer');
CREATE TABLE aigov.x (a int);
SELECT count(*) > 0 AS reads FROM aigov.interaction;
SELECT detail FROM aigov.health WHERE item = 'epoch';
SELECT count(*) FROM aigov.content;
RESET SESSION AUTHORIZATION;
SET aigov.allow_drop = on;
DROP EXTENSION aigov CASCADE;
DROP ROLE regress_aigov_reader, regress_aigov_content, regress_aigov_nobody,
  regress_aigov_writer, regress_aigov_steward, regress_aigov_approver, regress_aigov_operator;
