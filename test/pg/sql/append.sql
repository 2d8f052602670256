-- append: overloads, ids, transactions
\set VERBOSITY sqlstate
SELECT aigov.append('{"system":"s"}'::text)->>'duplicate' AS text_,
       aigov.append('{"system":"s"}'::varchar)->>'duplicate' AS varchar_,
       aigov.append('{"system":"s"}'::json)->>'duplicate' AS json_,
       aigov.append('{"system":"s"}'::jsonb)->>'duplicate' AS jsonb_,
       aigov.append('{"system":"s"}'::bytea)->>'duplicate' AS bytea_;
PREPARE p AS SELECT aigov.append($1)->>'decision' AS decision;
EXECUTE p('{"system":"s"}');
SELECT aigov.append(NULL::text);
SELECT aigov.append(NULL::jsonb);
SELECT aigov.append('');
SELECT aigov.append('{');
SELECT aigov.append('[]');
SELECT aigov.append('{"system":"s","no_such_member":1}');
SELECT aigov.append('{"system":"s","kind":"risk"}');
SELECT aigov.append('{"system":"s","kind":"genesis"}');
\set VERBOSITY default
SELECT aigov.append('{"system":"s",}');
-- where it is: in the detail alone
SELECT aigov.append('{"system":"s","my secret":1}');
SELECT aigov.append('{"system":"s","actor":{"my secret":1}}');
SELECT aigov.append('{"system":"s","facts":{"in":{"my secret":1}}}');
SELECT aigov.append('{"system":"s","attributes":{"a":1e400}}');
SELECT aigov.put('hold', E'a\n', '{}');
\set VERBOSITY sqlstate
-- bytes that text cannot hold are kept
SELECT aigov.append('\x7b2273797374656d223a2273222c22696e707574223a22ff227d'::bytea)->>'seq' IS NOT NULL AS kept;
SELECT body->>'nonconforming' AS nonconforming FROM aigov.entry
 ORDER BY lane DESC, seq DESC LIMIT 1;
-- the receipt says where the entry is, and the hash is that of the leaf
SELECT aigov.append('{"system":"s","input":"q","output":"a"}') AS r \gset
SELECT r->>'hash' = encode(e.hash, 'hex') AS hash,
       encode(sha256('\x00'::bytea || convert_to(aigov.leaf(e.log, e.lane, e.seq), 'UTF8')), 'hex') = r->>'hash' AS leaf,
       aigov.leaf(0, e.lane, e.seq) = aigov.leaf(NULL, e.lane, e.seq) AS own,
       (SELECT array_agg(k ORDER BY k) FROM json_object_keys(r) k) AS members
  FROM (SELECT :'r'::json AS r) a
  JOIN aigov.entry e ON e.log = (r->>'log')::int AND e.lane = (r->>'lane')::int
   AND e.seq = (r->>'seq')::bigint;
SELECT aigov.leaf(0, 1, 999999), aigov.leaf(1, 1, 1), aigov.leaf(0, NULL, 1);
-- who wrote it is stamped
SELECT recorded_by->>'login' = session_user AS login,
       recorded_by->>'role' = current_user AS role,
       recorded_by->>'application' = current_setting('application_name') AS app,
       body->>'tx' IS NOT NULL AS tx, length(body->>'under') AS under
  FROM aigov.entry WHERE lane > 0 ORDER BY seq DESC LIMIT 1;
-- one id, one record
SELECT aigov.append('{"system":"s","id":"0199a0b2-0000-7000-8000-000000000001"}')->>'duplicate' AS first;
SELECT aigov.append('{"id":"0199a0b2-0000-7000-8000-000000000001","system":"s"}')->>'duplicate' AS again;
SELECT aigov.append('{"system":"t","id":"0199a0b2-0000-7000-8000-000000000001"}');
CREATE ROLE regress_aigov_writer;
SELECT aigov.grant('writer', 'regress_aigov_writer');
SET SESSION AUTHORIZATION regress_aigov_writer;
SELECT aigov.append('{"system":"s","id":"0199a0b2-0000-7000-8000-000000000001"}');
SELECT aigov.receipt() IS NULL AS no_receipt_of_another_login;
SELECT aigov.append('{"system":"w"}')->>'duplicate' AS writer;
SELECT count(*) FROM aigov.entry;
RESET SESSION AUTHORIZATION;
SELECT recorded_by->>'login' AS login, system FROM aigov.entry
 ORDER BY lane DESC, seq DESC LIMIT 1;
-- a rollback takes the entry and the receipt, and leaves no gap
SELECT aigov.append('{"system":"before"}')->>'system' AS r;
BEGIN;
SELECT aigov.append('{"system":"gone"}')->>'duplicate' AS gone;
ROLLBACK;
SELECT aigov.receipt() IS NULL AS receipt_gone;
BEGIN;
SELECT aigov.append('{"system":"stays"}')->>'duplicate' AS stays;
SAVEPOINT a;
SELECT aigov.append('{"system":"gone"}')->>'duplicate' AS gone;
ROLLBACK TO a;
SELECT aigov.receipt() IS NULL AS receipt_gone;
SELECT aigov.append('{"system":"stays too"}')->>'duplicate' AS stays;
COMMIT;
SELECT aigov.receipt()->>'duplicate' AS receipt;
DO $$
BEGIN
  FOR i IN 1..3 LOOP
    BEGIN
      PERFORM aigov.append('{"system":"in a block"}');
      IF i = 2 THEN RAISE division_by_zero; END IF;
    EXCEPTION WHEN division_by_zero THEN NULL;
    END;
  END LOOP;
END $$;
SELECT system, count(*) FROM aigov.entry
 WHERE system IN ('gone', 'stays', 'stays too', 'in a block') GROUP BY 1 ORDER BY 1;
-- many in one statement are one chain
SELECT count(*) FROM generate_series(1, 50) g WHERE aigov.append(format('{"system":"g%s"}', g)) IS NOT NULL;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT aigov.append('{"system":"serializable"}')->>'duplicate' AS a,
       aigov.append('{"system":"serializable"}')->>'duplicate' AS b;
COMMIT;
BEGIN READ ONLY;
SELECT aigov.append('{"system":"s"}');
ROLLBACK;
SELECT max(lane) AS lanes FROM aigov.entry;
SELECT lane, from_seq, to_seq = entries AS no_gap, status, content, detail FROM aigov.verify();
