-- functions_pg.sql - what CREATE EXTENSION aigov brings: functions, no data
--
-- SPDX-License-Identifier: PostgreSQL
--
-- The schema is made here, by plain CREATE: a schema that somebody made first
-- is not adopted.  Tables, views and guards come with aigov.init, so that they
-- are the user's data and dumps carry them (sql/schema.sql, guards_pg.sql,
-- views.sql, views_pg.sql).  The module carries this text too, and verify
-- compares the functions of the database with it.  Every statement ends with a
-- semicolon at the end of a line.

CREATE SCHEMA aigov;

CREATE FUNCTION aigov.require_utf8() RETURNS void
  AS 'MODULE_PATHNAME', 'pg_aigov_require_utf8' LANGUAGE C STRICT;
COMMENT ON FUNCTION aigov.require_utf8() IS
  'Fails in a database whose encoding is not UTF8.';
SELECT aigov.require_utf8();

COMMENT ON SCHEMA aigov IS
  'Evidence of AI governance: an append-only, hash-chained log.';

-- This copy of the log.  A member of the extension, never dumped: a restored
-- database has no row here, and asks for new_epoch.
CREATE TABLE aigov.instance (
  origin text NOT NULL,
  log integer NOT NULL,
  used boolean NOT NULL,
  database oid NOT NULL
);
COMMENT ON TABLE aigov.instance IS
  'Which log this database writes; one row, never dumped.';

-- Privileges ----------------------------------------------------------------

CREATE FUNCTION aigov.is_writer() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_holds' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.is_writer() IS
  'True; who may call it has the privilege writer.';
CREATE FUNCTION aigov.is_reader() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_holds' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.is_reader() IS
  'True; who may call it has the privilege reader.';
CREATE FUNCTION aigov.is_content_reader() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_holds' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.is_content_reader() IS
  'True; who may call it has the privilege content_reader.';
CREATE FUNCTION aigov.is_steward() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_holds' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.is_steward() IS
  'True; who may call it has the privilege steward.';
CREATE FUNCTION aigov.is_approver() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_holds' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.is_approver() IS
  'True; who may call it has the privilege approver.';
CREATE FUNCTION aigov.is_operator() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_holds' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.is_operator() IS
  'True; who may call it has the privilege operator.';

CREATE FUNCTION aigov.grant(privilege text, to_role text) RETURNS void
  AS 'MODULE_PATHNAME', 'pg_aigov_grant' LANGUAGE C;
COMMENT ON FUNCTION aigov.grant(text, text) IS
  'Gives a role a privilege (writer, reader, content_reader, steward, approver, operator): ACLs on functions and views. The owner''s alone.';
CREATE FUNCTION aigov.revoke(privilege text, from_role text) RETURNS void
  AS 'MODULE_PATHNAME', 'pg_aigov_revoke' LANGUAGE C;
COMMENT ON FUNCTION aigov.revoke(text, text) IS
  'Takes a privilege back; what another privilege of the role needs stays. The owner''s alone.';

-- The log ---------------------------------------------------------------------

CREATE FUNCTION aigov.init(origin text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_init' LANGUAGE C;
COMMENT ON FUNCTION aigov.init(text) IS
  'Makes tables, views and guards of a log of this origin (a URL without scheme, such as example.com/audit), or brings them to the installed version. The owner''s alone.';
CREATE FUNCTION aigov.new_epoch(origin text, reason text, continues text DEFAULT NULL) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_new_epoch' LANGUAGE C;
COMMENT ON FUNCTION aigov.new_epoch(text, text, text) IS
  'After a restore, or a failover that lost commits: goes on under a new origin, whose genesis names the log that it continues. The reason is restore, failover, or words that are kept as a note. Gives the receipt of genesis. The owner''s alone.';
CREATE FUNCTION aigov.version() RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_version' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.version() IS
  'Version of the loaded module.';

-- Writing -----------------------------------------------------------------------

CREATE FUNCTION aigov.append(record text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append' LANGUAGE C;
COMMENT ON FUNCTION aigov.append(text) IS
  'Appends one record (docs/records.md) and gives its receipt: id, log, lane, seq, at, hash, decision, duplicate.';
CREATE FUNCTION aigov.append(record json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append' LANGUAGE C;
COMMENT ON FUNCTION aigov.append(json) IS
  'Appends one record and gives its receipt.';
CREATE FUNCTION aigov.append(record jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.append(jsonb) IS
  'Appends one record and gives its receipt.';
CREATE FUNCTION aigov.append(record bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append' LANGUAGE C;
COMMENT ON FUNCTION aigov.append(bytea) IS
  'Appends one record whose bytes text cannot hold (not UTF-8, U+0000) and gives its receipt.';

CREATE FUNCTION aigov.append_batch(records text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append_batch' LANGUAGE C;
COMMENT ON FUNCTION aigov.append_batch(text) IS
  'Appends a JSON array of records in one transaction, one lane; gives an array of n, result (appended, duplicate, refused), receipt, error. A bad record never fails the others.';
CREATE FUNCTION aigov.append_batch(records json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append_batch' LANGUAGE C;
COMMENT ON FUNCTION aigov.append_batch(json) IS
  'Appends a JSON array of records.';
CREATE FUNCTION aigov.append_batch(records jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append_batch_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.append_batch(jsonb) IS
  'Appends a JSON array of records.';
CREATE FUNCTION aigov.append_batch(records bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append_batch' LANGUAGE C;
COMMENT ON FUNCTION aigov.append_batch(bytea) IS
  'Appends a JSON array of records whose bytes text cannot hold.';
CREATE FUNCTION aigov.append_batch(records text[]) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_append_batch_array' LANGUAGE C;
COMMENT ON FUNCTION aigov.append_batch(text[]) IS
  'Appends an array of records.';

CREATE FUNCTION aigov.guard(request text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_guard' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard(text) IS
  'Asks before a call: decides by the policies in force, redacts and records the request in one transaction. Gives the receipt and interaction, decision, send (the request as it may leave; null where it is denied or held), obligations, reasons, rules. A held call is asked again with the same interaction and a new id (docs/policy.md).';
CREATE FUNCTION aigov.guard(request json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_guard' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard(json) IS
  'Asks before a call.';
CREATE FUNCTION aigov.guard(request jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_guard_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard(jsonb) IS
  'Asks before a call.';
CREATE FUNCTION aigov.guard(request bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_guard' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard(bytea) IS
  'Asks before a call.';
CREATE FUNCTION aigov.complete(interaction uuid, response text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_complete' LANGUAGE C;
COMMENT ON FUNCTION aigov.complete(uuid, text) IS
  'Tells how a call ended: decides on the answer, redacts and records it. Gives the receipt and interaction, decision, output (what may be seen; null where it is denied or held), obligations, reasons, rules. What the response does not say is taken from its request.';
CREATE FUNCTION aigov.complete(interaction uuid, response json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_complete' LANGUAGE C;
COMMENT ON FUNCTION aigov.complete(uuid, json) IS
  'Tells how a call ended.';
CREATE FUNCTION aigov.complete(interaction uuid, response jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_complete_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.complete(uuid, jsonb) IS
  'Tells how a call ended.';
CREATE FUNCTION aigov.complete(interaction uuid, response bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_complete' LANGUAGE C;
COMMENT ON FUNCTION aigov.complete(uuid, bytea) IS
  'Tells how a call ended.';

CREATE FUNCTION aigov.receipt() RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_receipt' LANGUAGE C;
COMMENT ON FUNCTION aigov.receipt() IS
  'The receipt of this connection''s last append; NULL where there was none, or it was rolled back.';

CREATE FUNCTION aigov.record_import(import text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_record_import' LANGUAGE C;
COMMENT ON FUNCTION aigov.record_import(text) IS
  'Writes the import entry of a finished import: source, file_sha256, records, accepted, duplicates, refused, and subject (file name or origin).';
CREATE FUNCTION aigov.record_import(import json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_record_import' LANGUAGE C;
COMMENT ON FUNCTION aigov.record_import(json) IS
  'Writes the import entry of a finished import.';
CREATE FUNCTION aigov.record_import(import jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_record_import_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.record_import(jsonb) IS
  'Writes the import entry of a finished import.';

-- Governance ----------------------------------------------------------------------

CREATE FUNCTION aigov.put(kind text, subject text, body text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_put' LANGUAGE C;
COMMENT ON FUNCTION aigov.put(text, text, text) IS
  'Writes the next revision of a governance record and gives its receipt. Who may put a kind: its written_by (steward, approver, operator).';
CREATE FUNCTION aigov.put(kind text, subject text, body json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_put' LANGUAGE C;
COMMENT ON FUNCTION aigov.put(text, text, json) IS
  'Writes the next revision of a governance record.';
CREATE FUNCTION aigov.put(kind text, subject text, body jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_put_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.put(text, text, jsonb) IS
  'Writes the next revision of a governance record.';
CREATE FUNCTION aigov.put(kind text, subject text, body bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_put' LANGUAGE C;
COMMENT ON FUNCTION aigov.put(text, text, bytea) IS
  'Writes the next revision of a governance record.';

CREATE FUNCTION aigov.policy_publish(policy text, version bigint, mode text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_policy_publish' LANGUAGE C;
COMMENT ON FUNCTION aigov.policy_publish(text, bigint, text) IS
  'Brings a version of a policy into force (mode enforce) or beside what is in force (shadow), and gives the receipt. By a login that wrote neither the version nor one of its rules; every condition compiles, and every policy_case of the policy gives what it expects.';
CREATE FUNCTION aigov.approve(interaction uuid, outcome text, reason text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_approve' LANGUAGE C;
COMMENT ON FUNCTION aigov.approve(uuid, text, text) IS
  'Releases (approved) or refuses (rejected) a held call, and gives the receipt: an approval of the facts and the policy of the held attempt, by default for an hour and one use. Options, a JSON object: about, role, facts_digest, expires_at, max_uses. By the one person of a login that did not ask, and not by the actor.';
CREATE FUNCTION aigov.approve(interaction uuid, outcome text, reason text, options text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_approve' LANGUAGE C;
COMMENT ON FUNCTION aigov.approve(uuid, text, text, text) IS
  'Releases or refuses a held call.';
CREATE FUNCTION aigov.approve(interaction uuid, outcome text, reason text, options json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_approve' LANGUAGE C;
COMMENT ON FUNCTION aigov.approve(uuid, text, text, json) IS
  'Releases or refuses a held call.';
CREATE FUNCTION aigov.approve(interaction uuid, outcome text, reason text, options jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_approve_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.approve(uuid, text, text, jsonb) IS
  'Releases or refuses a held call.';
CREATE FUNCTION aigov.exception(subject text, outcome text, reason text, role text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_exception' LANGUAGE C;
COMMENT ON FUNCTION aigov.exception(text, text, text, text) IS
  'Signs (approved) or refuses (rejected) the latest revision of an exception that another login put, under a role of this login; gives the receipt of the approval.';
CREATE FUNCTION aigov.suspend(system text, reason text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_suspend' LANGUAGE C;
COMMENT ON FUNCTION aigov.suspend(text, text) IS
  'Stops a system: the fact sys.suspended is true from now on. Released by a put of kind suspension with state resumed, by another login.';

CREATE FUNCTION aigov.install_pack(name text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_install_pack' LANGUAGE C;
COMMENT ON FUNCTION aigov.install_pack(text) IS
  'Writes a pack of rules, the budgets they read and their cases as a draft, the next free version of the policy of its name: starter, small-team, eu-high-risk, agents. Gives policy, puts, version. Budgets and cases that are there stay as they are.';

CREATE FUNCTION aigov.history(kind text, subject text)
  RETURNS TABLE (revision bigint, at timestamptz, login text, id uuid,
                 log integer, lane integer, seq bigint, hash text, body json)
  AS 'MODULE_PATHNAME', 'pg_aigov_history' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.history(text, text) IS
  'All revisions of a governance record, oldest first, of the own log and those it continues.';

CREATE FUNCTION aigov.erase(target text, reason text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_erase' LANGUAGE C;
COMMENT ON FUNCTION aigov.erase(text, text) IS
  'Deletes the content of an entry (its id, or a JSON array of ids) and writes an erasure entry for each; gives its receipt, or an array of them. Refused under a hold.';
CREATE FUNCTION aigov.erase(target uuid, reason text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_erase_uuid' LANGUAGE C;
COMMENT ON FUNCTION aigov.erase(uuid, text) IS
  'Deletes the content of an entry and writes an erasure entry.';
CREATE FUNCTION aigov.erase(target json, reason text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_erase' LANGUAGE C;
COMMENT ON FUNCTION aigov.erase(json, text) IS
  'Deletes the content of entries and writes an erasure entry for each.';
CREATE FUNCTION aigov.erase(target jsonb, reason text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_erase_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.erase(jsonb, text) IS
  'Deletes the content of entries and writes an erasure entry for each.';

CREATE FUNCTION aigov.open_content(id text, purpose text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_open_content' LANGUAGE C;
COMMENT ON FUNCTION aigov.open_content(text, text) IS
  'The content of an entry, for a purpose; leaves an access entry.';
CREATE FUNCTION aigov.open_content(id uuid, purpose text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_open_content_uuid' LANGUAGE C;
COMMENT ON FUNCTION aigov.open_content(uuid, text) IS
  'The content of an entry, for a purpose; leaves an access entry.';

CREATE FUNCTION aigov.restore(text text, interaction text, purpose text)
  RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_restore' LANGUAGE C;
COMMENT ON FUNCTION aigov.restore(text, text, text) IS
  'The text with the values that redaction put into the vault in this interaction in place of their tokens, for a purpose; leaves an access entry. Tokens of another interaction, and of content that was erased, stay. Refused without the key file.';
CREATE FUNCTION aigov.restore(text text, interaction uuid, purpose text)
  RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_restore_uuid' LANGUAGE C;
COMMENT ON FUNCTION aigov.restore(text, uuid, text) IS
  'The text with the values of its tokens, for a purpose; leaves an access entry.';

-- Reading -----------------------------------------------------------------------------

CREATE FUNCTION aigov.leaf(log bigint, lane bigint, seq bigint) RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_leaf' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.leaf(bigint, bigint, bigint) IS
  'The canonical JSON of an entry, whose SHA-256 after a zero byte is its hash; log 0 is the own log. NULL where there is no such entry.';

CREATE FUNCTION aigov.verify(log bigint DEFAULT NULL, vkeys text DEFAULT NULL)
  RETURNS TABLE (origin text, log integer, lane integer, from_seq bigint,
                 to_seq bigint, entries bigint, status text, content text,
                 anchored_size bigint, detail text)
  AS 'MODULE_PATHNAME', 'pg_aigov_verify' LANGUAGE C;
COMMENT ON FUNCTION aigov.verify(bigint, text) IS
  'Recomputes every hash, link and commitment, from a snapshot of its own, and compares tables, views, guards and functions with what aigov makes. Without a log: every log in the database; 0: the own log; both judge rows that belong to no log. It writes nothing.';
CREATE FUNCTION aigov.verify(log bigint, vkeys json)
  RETURNS TABLE (origin text, log integer, lane integer, from_seq bigint,
                 to_seq bigint, entries bigint, status text, content text,
                 anchored_size bigint, detail text)
  AS 'MODULE_PATHNAME', 'pg_aigov_verify' LANGUAGE C;
COMMENT ON FUNCTION aigov.verify(bigint, json) IS
  'Verifies; vkeys is a JSON array of verifier keys.';
CREATE FUNCTION aigov.verify(log bigint, vkeys jsonb)
  RETURNS TABLE (origin text, log integer, lane integer, from_seq bigint,
                 to_seq bigint, entries bigint, status text, content text,
                 anchored_size bigint, detail text)
  AS 'MODULE_PATHNAME', 'pg_aigov_verify_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.verify(bigint, jsonb) IS
  'Verifies; vkeys is a JSON array of verifier keys.';

-- Policies -----------------------------------------------------------------------------

CREATE FUNCTION aigov.check(request text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_check' LANGUAGE C;
COMMENT ON FUNCTION aigov.check(text) IS
  'What guard would answer now: decision, obligations, reasons, rules, send. Nothing is recorded; for stewards, not for applications.';
CREATE FUNCTION aigov.check(request json) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_check' LANGUAGE C;
COMMENT ON FUNCTION aigov.check(json) IS
  'What guard would answer now.';
CREATE FUNCTION aigov.check(request jsonb) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_check_jsonb' LANGUAGE C;
COMMENT ON FUNCTION aigov.check(jsonb) IS
  'What guard would answer now.';
CREATE FUNCTION aigov.check(request bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_check' LANGUAGE C;
COMMENT ON FUNCTION aigov.check(bytea) IS
  'What guard would answer now.';

CREATE FUNCTION aigov.policy_test(policy text, version bigint)
  RETURNS TABLE (case_id text, expected text, got text, expected_rules json,
                 rules json, passed boolean, detail text)
  AS 'MODULE_PATHNAME', 'pg_aigov_policy_test' LANGUAGE C STRICT;
COMMENT ON FUNCTION aigov.policy_test(text, bigint) IS
  'The cases of a policy (kind policy_case) decided by one of its versions, whatever its state; leaves an access entry.';
CREATE FUNCTION aigov.policy_lint(policy text, version bigint)
  RETURNS TABLE (severity text, rule text, code text, message text,
                 "position" bigint)
  AS 'MODULE_PATHNAME', 'pg_aigov_policy_lint' LANGUAGE C STRICT;
COMMENT ON FUNCTION aigov.policy_lint(text, bigint) IS
  'What is wrong with a version of a policy before it acts: errors and warnings, the rule, and the byte in its condition.';
CREATE FUNCTION aigov.reproduce(since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL)
  RETURNS TABLE (id uuid, log integer, lane integer, seq bigint,
                 at timestamptz, differs boolean, why text, decision text,
                 retaken text)
  AS 'MODULE_PATHNAME', 'pg_aigov_reproduce' LANGUAGE C;
COMMENT ON FUNCTION aigov.reproduce(timestamptz, timestamptz) IS
  'Takes every recorded decision again, from its entry and the policies and registers as they stood then. No row: each follows. A row: it differs, and in what; or (differs is false) what it was made of is gone. since counts, until does not.';
CREATE FUNCTION aigov.replay(policy text, version bigint, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, mode text DEFAULT 'frozen')
  RETURNS TABLE (id uuid, log integer, lane integer, seq bigint,
                 at timestamptz, system text, old_decision text,
                 new_decision text, differs boolean, undecidable text,
                 tokens bigint)
  AS 'MODULE_PATHNAME', 'pg_aigov_replay' LANGUAGE C;
COMMENT ON FUNCTION aigov.replay(text, bigint, timestamptz, timestamptz, text) IS
  'What this version would have decided in place of the one in force, a row a decision; undecidable names a fact that nobody kept. Frozen: sums of budgets are those recorded. Leaves an access entry.';
CREATE FUNCTION aigov.explain_decision(id uuid) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_explain_decision' LANGUAGE C STRICT;
COMMENT ON FUNCTION aigov.explain_decision(uuid) IS
  'Why a recorded decision is what it is: the rules that matched with their conditions, the facts they read, exceptions and approvals, and what would have let the call go.';

-- Redaction ----------------------------------------------------------------------------

CREATE FUNCTION aigov.redact(text text, profile text DEFAULT NULL)
  RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_redact' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redact(text, text) IS
  'The text with personal data and secrets replaced by [ENTITY], as every append does before it stores; dates, URLs and UUIDs stay. It reads and stores nothing. NULL for NULL.';
CREATE FUNCTION aigov.redact(text bytea, profile text DEFAULT NULL)
  RETURNS bytea
  AS 'MODULE_PATHNAME', 'pg_aigov_redact' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redact(bytea, text) IS
  'The same for bytes that text cannot hold.';

CREATE FUNCTION aigov.redact_json(document text, profile text DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_redact_json' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redact_json(text, text) IS
  'The JSON document with every string, number and name in it redacted, with the names around it as context; a string that holds JSON is entered, three deep. A number in which something is found becomes a string.';
CREATE FUNCTION aigov.redact_json(document json, profile text DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_redact_json' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redact_json(json, text) IS
  'The JSON document with every string, number and name in it redacted.';
CREATE FUNCTION aigov.redact_json(document jsonb, profile text DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_redact_jsonb' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redact_json(jsonb, text) IS
  'The JSON document with every string, number and name in it redacted.';
CREATE FUNCTION aigov.redact_json(document bytea, profile text DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_redact_json' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redact_json(bytea, text) IS
  'The JSON document with every string, number and name in it redacted.';

CREATE FUNCTION aigov.findings(text text, profile text DEFAULT NULL)
  RETURNS TABLE (entity text, start integer, stop integer,
                 score double precision, detector text, reason text)
  AS 'MODULE_PATHNAME', 'pg_aigov_findings' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.findings(text, text) IS
  'What the detectors find in a text that one may see: entity, place in code points (from 0, stop exclusive), score from 0.5 to 1, detector, and the arithmetic of the score. It reads and stores nothing.';
CREATE FUNCTION aigov.findings(text bytea, profile text DEFAULT NULL)
  RETURNS TABLE (entity text, start integer, stop integer,
                 score double precision, detector text, reason text)
  AS 'MODULE_PATHNAME', 'pg_aigov_findings' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.findings(bytea, text) IS
  'What the detectors find in bytes that text cannot hold; a byte that is not UTF-8 counts as a code point.';

CREATE FUNCTION aigov.detectors()
  RETURNS TABLE (detector text, entity text, class text, description text)
  AS 'MODULE_PATHNAME', 'pg_aigov_detectors' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.detectors() IS
  'The detectors, built in and own ones in force: name, entity, class (pii, secret, or soft: found and not acted on), what each finds and how it checks.';
CREATE FUNCTION aigov.own_rules()
  RETURNS TABLE (kind text, subject text, in_force boolean, detail text)
  AS 'MODULE_PATHNAME', 'pg_aigov_own_rules' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.own_rules() IS
  'Own detectors and redaction profiles, as of the head of lane 0: whether each is in force, and why not (its terms were erased) or what acts as another (an operator that needs a key, where there is none).';
CREATE FUNCTION aigov.redaction_keys()
  RETURNS TABLE (id text, state text, detail text)
  AS 'MODULE_PATHNAME', 'pg_aigov_redaction_keys' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.redaction_keys() IS
  'The keys of the key file by their ids, never themselves: the newest is writing, others are restoring. One row without id, state unusable, where the file that key_file names cannot be used, and why; no row where it names none.';
CREATE FUNCTION aigov.explain_redaction(id text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_explain_redaction' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.explain_redaction(text) IS
  'What an entry says of its redaction: counts by detector and direction, the highest score, the rules that were in force (their hash) and whether they still are. No value and no place in the text is kept anywhere.';
CREATE FUNCTION aigov.explain_redaction(id uuid) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_explain_redaction_uuid' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.explain_redaction(uuid) IS
  'What an entry says of its redaction.';

-- Policy -------------------------------------------------------------------------------

CREATE FUNCTION aigov.injection(text text) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_injection' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION aigov.injection(text) IS
  'How much a text looks like a prompt injection or jailbreak, as content.injection has it: {"reasons":[{"group":"override","says":"...","weight":0.6}],"score":0.6}. The score is the sum of the weights, at most 1. A hint, never proof; nothing of the text is in the answer, and nothing is stored.';
CREATE FUNCTION aigov.injection(text bytea) RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_injection' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION aigov.injection(bytea) IS
  'How much bytes that text cannot hold look like a prompt injection or jailbreak.';

CREATE FUNCTION aigov.cel(expr text, bindings text,
                          declarations text DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_cel' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION aigov.cel(text, text, text) IS
  'The value of an expression of the Common Expression Language, {"t":"int","v":"3"}, or what is wrong with it, {"error":"no_such_key","at":4}. bindings: a JSON object of variables, each a typed value of that form. declarations: a JSON object of their types, "map(string, int)"; without it no type is checked before it runs. It reads and stores nothing. NULL for NULL.';
CREATE FUNCTION aigov.cel(expr text, bindings json,
                          declarations json DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_cel' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION aigov.cel(text, json, json) IS
  'The value of an expression of the Common Expression Language.';
CREATE FUNCTION aigov.cel(expr text, bindings jsonb,
                          declarations jsonb DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_cel_jsonb' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION aigov.cel(text, jsonb, jsonb) IS
  'The value of an expression of the Common Expression Language.';

-- Lineage -------------------------------------------------------------------------------

CREATE FUNCTION aigov.downstream(start text, strength text DEFAULT NULL, max_distance bigint DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (ref text, kind text, distance integer, via text, strength text, id uuid, log integer, lane integer, seq bigint, at timestamptz, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 1000;
COMMENT ON FUNCTION aigov.downstream(text, text, bigint, timestamptz, timestamptz, bigint) IS
  'What a node led to, at any distance: each node once, with the least distance, how it was reached (via: direct, conversation, agent, artifact, training), the strength of the best such path (its weakest edge) and the entry that states the last edge. strength (cited, context, history, retrieved; context by default) is asked of the first edge alone. since and until are of that entry. An unknown start is an error.';
CREATE FUNCTION aigov.upstream(start text, max_distance bigint DEFAULT NULL, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (ref text, kind text, distance integer, via text, strength text, id uuid, log integer, lane integer, seq bigint, at timestamptz, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 100;
COMMENT ON FUNCTION aigov.upstream(text, bigint, bigint) IS
  'What a node came from, in the columns of downstream.';
CREATE FUNCTION aigov.explain(output text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (step integer, relation text, role text, ref text, version text, sha256 text, by text, at timestamptz, id uuid, log integer, lane integer, seq bigint, decision text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 50;
COMMENT ON FUNCTION aigov.explain(text, bigint) IS
  'What led to one output: persons, template, model, documents, tools, earlier turns, the decision of the policies, and what was erased since, nearest first.';
CREATE FUNCTION aigov.path(effect text, cause text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (step integer, ref text, relation text, id uuid, log integer, lane integer, seq bigint, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 10;
COMMENT ON FUNCTION aigov.path(text, text, bigint) IS
  'The shortest way from an effect back to a cause, a row a node; no row where there is none.';
CREATE FUNCTION aigov.outputs_influenced_by(cause text, strength text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (output text, id uuid, log integer, lane integer, seq bigint, at timestamptz, system_id text, person text, distance integer, via text, strength text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 500;
COMMENT ON FUNCTION aigov.outputs_influenced_by(text, text, timestamptz, timestamptz, bigint) IS
  'Messages that a cause led to, with the persons they were delivered to.';
CREATE FUNCTION aigov.recipients(cause text, strength text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (person text, outputs bigint, first_at timestamptz, last_at timestamptz, nearest integer, strongest text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 100;
COMMENT ON FUNCTION aigov.recipients(text, text, timestamptz, timestamptz, bigint) IS
  'Persons to whom something that a cause led to, or the cause itself, was delivered: how much, when, how near.';
CREATE FUNCTION aigov.blast_radius(cause text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (kind text, via text, n bigint, systems bigint, people bigint, first_at timestamptz, last_at timestamptz, still_in_use boolean, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 20;
COMMENT ON FUNCTION aigov.blast_radius(text, bigint) IS
  'How much a cause led to: a row a kind of node, way and source; still_in_use is false where all of them were invalidated.';
CREATE FUNCTION aigov.side_effects(cause text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (tool text, id uuid, log integer, lane integer, seq bigint, at timestamptz, action text, target text, approved_by text, reversible boolean, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 50;
COMMENT ON FUNCTION aigov.side_effects(text, bigint) IS
  'Tool calls that a cause led to, and who approved them.';
CREATE FUNCTION aigov.erasure_scope(ref text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (ref text, kind text, distance integer, store text, action text, done_id uuid, reason_kept text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 500;
COMMENT ON FUNCTION aigov.erasure_scope(text, bigint) IS
  'What derives from a text, or from the texts of a person, where it lies, and what erasure did, or has still to do.';
CREATE FUNCTION aigov.compare(output_a text, output_b text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (relation text, role text, only_in text, ref text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 20;
COMMENT ON FUNCTION aigov.compare(text, text, bigint) IS
  'What only one of two outputs came from.';
CREATE FUNCTION aigov.orphans(row_limit bigint DEFAULT NULL)
  RETURNS TABLE (ref text, kind text, first_used uuid, uses bigint, missing text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 100;
COMMENT ON FUNCTION aigov.orphans(bigint) IS
  'Nodes that were used and whose own origin is not known: documents without a version, templates and models without one, data sets without members.';
CREATE FUNCTION aigov.coverage_of_lineage(row_limit bigint DEFAULT NULL)
  RETURNS TABLE (system text, outputs bigint, model bigint, template bigint, person bigint, context bigint, complete bigint)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 20;
COMMENT ON FUNCTION aigov.coverage_of_lineage(bigint) IS
  'Of each system, how many outputs have a known model, template, person and context.';
CREATE FUNCTION aigov.lineage_check(row_limit bigint DEFAULT NULL)
  RETURNS TABLE (check_name text, ok boolean, n bigint, first_bad_id uuid)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 5;
COMMENT ON FUNCTION aigov.lineage_check(bigint) IS
  'Whether the index is what the entries say, causes come before effects, versions are known, and hashes of refs agree; first_bad_id is the entry of the first that is not.';
CREATE FUNCTION aigov.lineage_edges(start text DEFAULT NULL, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (effect text, relation text, role text, strength text, cause text, id uuid, log integer, lane integer, seq bigint, at timestamptz, entry_hash text, source text)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 10000;
COMMENT ON FUNCTION aigov.lineage_edges(text, bigint) IS
  'Every edge, or those of one node, once for each entry that states it, with the hash of that entry: for a recursive query of ones own. What follows from a name alone has no entry.';
CREATE FUNCTION aigov.find_node(pattern text, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (ref text, kind text, uses bigint)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 20;
COMMENT ON FUNCTION aigov.find_node(text, bigint) IS
  'Nodes whose names have a part, in any case, and how often they were used.';
CREATE FUNCTION aigov.prov_json(start text DEFAULT NULL, direction text DEFAULT NULL, max_distance bigint DEFAULT NULL)
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage_value' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.prov_json(text, text, bigint) IS
  'The graph as PROV-JSON: what led to start (direction up, the default), what it led to (down) or both; without start all of it.';
CREATE FUNCTION aigov.mermaid(start text DEFAULT NULL, direction text DEFAULT NULL, max_distance bigint DEFAULT NULL)
  RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage_value' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.mermaid(text, text, bigint) IS
  'The same as a Mermaid flowchart of at most 60 nodes; what is alike is folded.';
CREATE FUNCTION aigov.dot(start text DEFAULT NULL, direction text DEFAULT NULL, max_distance bigint DEFAULT NULL)
  RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage_value' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.dot(text, text, bigint) IS
  'The same for Graphviz.';
CREATE FUNCTION aigov.svg(start text DEFAULT NULL, direction text DEFAULT NULL, max_distance bigint DEFAULT NULL)
  RETURNS text
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage_value' LANGUAGE C STABLE;
COMMENT ON FUNCTION aigov.svg(text, text, bigint) IS
  'The same as a picture, laid out here.';
CREATE FUNCTION aigov.openlineage(from_time timestamptz DEFAULT NULL, to_time timestamptz DEFAULT NULL, per text DEFAULT NULL, row_limit bigint DEFAULT NULL)
  RETURNS TABLE (event json)
  AS 'MODULE_PATHNAME', 'pg_aigov_lineage' LANGUAGE C STABLE ROWS 100;
COMMENT ON FUNCTION aigov.openlineage(timestamptz, timestamptz, text, bigint) IS
  'Calls as OpenLineage run events, a START and an end of each: one run a day, system, model and template (per day), or a call (per call).';
CREATE FUNCTION aigov.maintain()
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_maintain' LANGUAGE C;
COMMENT ON FUNCTION aigov.maintain() IS
  'Upkeep, to be run now and then (every hour, say): takes the index of lineage on by the entries that came since, and gives how many nodes, edges and calls were added. Without it answers are the same, and slower. Appends go on meanwhile.';
CREATE FUNCTION aigov.rebuild_lineage()
  RETURNS json
  AS 'MODULE_PATHNAME', 'pg_aigov_rebuild_lineage' LANGUAGE C;
COMMENT ON FUNCTION aigov.rebuild_lineage() IS
  'Makes the index of lineage anew out of the entries, its tables too; gives how many nodes, edges and calls it has. Appends go on meanwhile.';

-- Guards --------------------------------------------------------------------------------

CREATE FUNCTION aigov.guard_insert() RETURNS trigger
  AS 'MODULE_PATHNAME', 'pg_aigov_guard_insert' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard_insert() IS
  'Trigger: a row comes from aigov''s functions, or chained, from the owner or a replication worker.';
CREATE FUNCTION aigov.guard_change() RETURNS trigger
  AS 'MODULE_PATHNAME', 'pg_aigov_guard_change' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard_change() IS
  'Trigger: refuses UPDATE, DELETE and TRUNCATE.';
CREATE FUNCTION aigov.inbox_insert() RETURNS trigger
  AS 'MODULE_PATHNAME', 'pg_aigov_inbox_insert' LANGUAGE C;
COMMENT ON FUNCTION aigov.inbox_insert() IS
  'Trigger: appends what is inserted into aigov.inbox.';
CREATE FUNCTION aigov.guard_ddl() RETURNS event_trigger
  AS 'MODULE_PATHNAME', 'pg_aigov_guard_ddl' LANGUAGE C;
COMMENT ON FUNCTION aigov.guard_ddl() IS
  'Event trigger: stops DDL on aigov''s tables and views by accident.';
CREATE FUNCTION aigov.needs_epoch() RETURNS boolean
  AS 'MODULE_PATHNAME', 'pg_aigov_needs_epoch' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION aigov.needs_epoch() IS
  'Whether this database is a restored copy that asks for new_epoch.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA aigov FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA aigov FROM PUBLIC;
REVOKE ALL ON SCHEMA aigov FROM PUBLIC;
