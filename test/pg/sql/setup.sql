-- CREATE EXTENSION, init, and what stands before the first record
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE SCHEMA aigov;
CREATE EXTENSION aigov;
DROP SCHEMA aigov;
CREATE EXTENSION aigov;
SELECT aigov.append('{"system":"s"}');
SELECT aigov.leaf(0, 0, 1);
SELECT aigov.init(NULL);
SELECT aigov.init('no spaces please');
SELECT aigov.init('https://example.com/a');
SELECT aigov.init('example.com/regress');
SELECT aigov.init('example.com/regress');
SELECT item, value, ok, detail FROM aigov.health WHERE item IN ('epoch', 'guards', 'lanes_held');
-- nothing is written that a dump would carry
SELECT (SELECT count(*) FROM aigov.log) AS logs,
       (SELECT count(*) FROM aigov.entry) AS entries;
-- the first record brings genesis and the catalogue
SELECT aigov.append('{"system":"s"}')->>'seq' AS seq;
SELECT lane, seq, kind, subject FROM aigov.entry ORDER BY lane, seq;
SELECT origin, continues FROM aigov.log;
SELECT item, value, ok, detail FROM aigov.health WHERE item IN ('epoch', 'guards', 'lanes_held');
SELECT lane, from_seq, to_seq, status, content, detail FROM aigov.verify();
-- another origin comes with new_epoch only
SELECT aigov.init('example.com/other');
SELECT aigov.init('example.com/regress')->>'origin' AS origin;
-- every function has a comment, none is SECURITY DEFINER, PUBLIC has nothing
SELECT p.oid::regprocedure FROM pg_proc p
 WHERE p.pronamespace = 'aigov'::regnamespace
   AND (obj_description(p.oid, 'pg_proc') IS NULL OR p.prosecdef
        OR p.proacl IS NULL OR p.proacl::text LIKE '%{=%'
        OR p.proacl::text LIKE '%,=%');
SELECT c.oid::regclass FROM pg_class c
 WHERE c.relnamespace = 'aigov'::regnamespace AND c.relkind IN ('r', 'v')
   AND c.relacl IS NOT NULL
   AND (c.relacl::text LIKE '%{=%' OR c.relacl::text LIKE '%,=%');
SELECT has_schema_privilege('public', 'aigov', 'usage');
-- the log keeps the extension
DROP EXTENSION aigov;
DROP EXTENSION aigov CASCADE;
