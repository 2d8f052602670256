-- append_batch: order, refusals, duplicates, chunks
\set VERBOSITY sqlstate
CREATE FUNCTION pg_temp.show(j json) RETURNS TABLE (n text, result text, dup text, code text)
LANGUAGE sql AS $$
  SELECT x->>'n', x->>'result', x->'receipt'->>'duplicate', x->'error'->>'code'
    FROM json_array_elements(j) x $$;
SELECT * FROM pg_temp.show(aigov.append_batch('[{"system":"a"},{"nonsense":1},7,
  {"system":"b","id":"0199a0b2-0000-7000-8000-000000000011"},
  {"system":"b","id":"0199a0b2-0000-7000-8000-000000000011"},
  {"system":"c","id":"0199a0b2-0000-7000-8000-000000000011"},
  {"system":"s","id":"0199a0b2-0000-7000-8000-000000000001"},
  {"system":"d","id":"0199a0b2-0000-7000-8000-000000000012"}]'));
SELECT * FROM pg_temp.show(aigov.append_batch('[{"system":"a"}]'::json));
SELECT * FROM pg_temp.show(aigov.append_batch('[{"system":"a"}]'::jsonb));
SELECT * FROM pg_temp.show(aigov.append_batch(ARRAY['{"system":"a"}', NULL, '{"system":"b"}']));
SELECT * FROM pg_temp.show(aigov.append_batch('[{"system":"x","kind":"loss"},{"kind":"genesis"},{"system":"y"}]'));
SELECT aigov.append_batch('[]');
SELECT aigov.append_batch('{}');
SELECT aigov.append_batch('[{"system":"a"}');
SELECT aigov.append_batch(NULL::text);
-- receipts are those of the rows; more than one pass
SELECT aigov.append_batch((SELECT json_agg(json_build_object('system', 'batch', 'conversation', g::text)) FROM generate_series(1, 1100) g)) AS r \gset
SELECT count(*) AS same FROM json_array_elements(:'r') x
  JOIN aigov.entry e ON e.lane = (x->'receipt'->>'lane')::int AND e.seq = (x->'receipt'->>'seq')::bigint
 WHERE encode(e.hash, 'hex') = x->'receipt'->>'hash' AND e.body->>'conversation' = x->>'n';
SELECT aigov.receipt()->>'duplicate' AS last;
SELECT lane, to_seq = entries AS no_gap, status, content, detail FROM aigov.verify();
