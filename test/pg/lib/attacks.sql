-- attacks.sql - change a log in every way, ask verify, take it back
--
-- SPDX-License-Identifier: PostgreSQL
--
-- Each attack runs in a subtransaction that ends in an error, so the log is as
-- before; what verify said is kept in variables, which no rollback undoes.

CREATE SCHEMA attack;

-- Verify's findings, a row for each place.
CREATE VIEW attack.found AS
SELECT v.log, v.lane, s.seq, v.from_seq, v.to_seq, v.status, v.content, v.detail
  FROM aigov.verify() v
  LEFT JOIN LATERAL generate_series(
         v.from_seq, v.from_seq + least(v.to_seq::numeric - v.from_seq, 1000)::bigint) s(seq) ON true
 WHERE v.status NOT IN ('unanchored', 'verified', 'pruned', 'schema_changed')
    OR v.content IN ('modified', 'missing');

CREATE FUNCTION attack.hash(p_log int, p_lane int, p_seq bigint) RETURNS bytea
LANGUAGE sql AS $$
  SELECT sha256('\x00'::bytea || convert_to(aigov.leaf(p_log, p_lane, p_seq), 'UTF8')) $$;

-- How many places a value has that flip can change, and the value with one
-- changed: +1, -1 of numbers and times, a bit of each hex digit, a character
-- of a text.  NULL: nothing to change there, or no JSON afterwards.
CREATE FUNCTION attack.places(v text, type text) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN v IS NULL THEN 0
              WHEN type IN ('integer', 'bigint', 'timestamp with time zone') THEN 2
              ELSE length(v) + (type IN ('text', 'json'))::int END $$;

CREATE FUNCTION attack.flip(v text, type text, p int) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  c text := substr(v, p, 1);
  r text;
BEGIN
  IF p > attack.places(v, type) OR v IS NULL THEN
    RETURN NULL;
  ELSIF type IN ('integer', 'bigint') THEN
    r := v::bigint + CASE p WHEN 1 THEN 1 ELSE -1 END;
    RETURN CASE WHEN r::bigint > 2147483647 AND type = 'integer' THEN NULL ELSE r END;
  ELSIF type = 'timestamp with time zone' THEN
    RETURN v::timestamptz + CASE p WHEN 1 THEN 1 ELSE -1 END * interval '1 microsecond';
  ELSIF type IN ('uuid', 'bytea') THEN
    IF c = '-' OR (type = 'bytea' AND p < 3) THEN
      RETURN NULL;
    END IF;
    RETURN overlay(v PLACING translate(c, '0123456789abcdef', '1032547698badcfe') FROM p FOR 1);
  END IF;
  IF p > length(v) THEN
    r := v || ' ';                      -- a blank at the end
  ELSE
    r := overlay(v PLACING CASE WHEN c ~ '[0-9]' THEN translate(c, '0123456789', '1234567899')
                                WHEN c = 'x' THEN 'y' ELSE 'x' END FROM p FOR 1);
    r := CASE WHEN c = '9' THEN overlay(v PLACING '8' FROM p FOR 1) ELSE r END;
  END IF;
  IF type = 'json' THEN
    PERFORM r::json;
  END IF;
  RETURN r;
EXCEPTION WHEN invalid_text_representation OR untranslatable_character THEN
  RETURN NULL;
END $$;

-- One value of one row, by a statement; the answer: NULL where verify names
-- the row as said, else what it said.  want: a condition on attack.found.
CREATE FUNCTION attack.one(change text, want text, alarms text DEFAULT 'false') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  good boolean;
  n bigint;
  others text;
  said text;
BEGIN
  BEGIN
    EXECUTE change;
    GET DIAGNOSTICS n = ROW_COUNT;
    CREATE TEMP TABLE said AS SELECT * FROM attack.found;
    EXECUTE 'SELECT ' || want INTO good;
    EXECUTE 'SELECT string_agg(f::text, '' '') FROM said f WHERE ' || alarms INTO others;
    SELECT COALESCE(string_agg(f::text, ' '), 'nothing') INTO said FROM said f;
    RAISE EXCEPTION SQLSTATE 'AT000';
  EXCEPTION
    WHEN SQLSTATE 'AT000' THEN NULL;
    WHEN unique_violation THEN RETURN NULL;       -- the key itself refuses
  END;
  RETURN CASE WHEN NOT COALESCE(good, false) THEN 'missed: ' || change || ': ' || said
              WHEN others IS NOT NULL THEN 'false alarm: ' || change || ': ' || others END;
END $$;

-- The p-th place of one column in every row of one parity at once: verify must
-- name exactly those.  Rows of the other parity stand between and stay good.
CREATE FUNCTION attack.many(tab text, col text, type text, p int, parity int,
                            OUT changed bigint, OUT wrong text)
LANGUAGE plpgsql AS $$
DECLARE
  which text := CASE tab WHEN 'entry' THEN 'status = ''modified''' ELSE 'content = ''modified''' END;
BEGIN
  BEGIN
    CREATE TEMP TABLE hit (lane int, seq bigint);
    IF col = 'id' THEN
      ALTER TABLE aigov.entry DROP CONSTRAINT entry_id_log_key;
    END IF;
    EXECUTE format(
      'WITH f AS (SELECT t.ctid AS at, attack.flip(t.%1$I::text, %2$L, %3$s) AS v
                    FROM aigov.%4$I t WHERE t.seq %% 2 = %5$s),
            u AS (UPDATE aigov.%4$I t SET %1$I = f.v::%6$s FROM f
                   WHERE t.ctid = f.at AND f.v IS NOT NULL RETURNING t.lane, t.seq)
       INSERT INTO hit SELECT * FROM u', col, type, p, tab, parity, type);
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed > 0 THEN
      EXECUTE format(
        'SELECT string_agg(w || '' '' || lane || '','' || seq, '' '') FROM (
           WITH f AS (SELECT lane, seq FROM attack.found WHERE %s)
           SELECT ''missed'' AS w, * FROM (SELECT * FROM hit EXCEPT SELECT * FROM f) a
            UNION ALL
           SELECT ''alarm'', * FROM (SELECT * FROM f EXCEPT SELECT * FROM hit) b) x', which)
        INTO wrong;
    END IF;
    RAISE EXCEPTION SQLSTATE 'AT000';
  EXCEPTION WHEN SQLSTATE 'AT000' THEN NULL;
  END;
END $$;
