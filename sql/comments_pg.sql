-- comments_pg.sql - what \d+ says of tables and views; docs/sql.md repeats it
--
-- SPDX-License-Identifier: PostgreSQL

COMMENT ON TABLE aigov.log IS
  'One row per log: what its genesis entry says.';
COMMENT ON TABLE aigov.entry IS
  'The evidence: one chained row per governed fact. Append-only.';
COMMENT ON TABLE aigov.content IS
  'What was said, one row per entry, apart from the evidence and erasable.';
COMMENT ON TABLE aigov.turn IS
  'What a call is recognised by when its conversation goes on; it goes with the content of the entry.';
COMMENT ON VIEW aigov.inbox IS
  'INSERT INTO aigov.inbox(record) appends, for ORMs, executemany and COPY; it has no rows.';
COMMENT ON VIEW aigov.own_log IS
  'Numbers of the own log and those it continues: what the views read.';
COMMENT ON VIEW aigov.interaction IS
  'One row per interaction: the last attempt, with what all its events add up to.';
COMMENT ON VIEW aigov.open_interaction IS
  'Requests without a response.';
COMMENT ON VIEW aigov.health IS
  'Operation now: one row per check, with value, threshold and detail.';

COMMENT ON COLUMN aigov.entry.log IS
  'Number of the log: first 31 bits of SHA-256 of its origin.';
COMMENT ON COLUMN aigov.entry.lane IS
  '0: governance, one total order; 1 and up: interactions.';
COMMENT ON COLUMN aigov.entry.seq IS
  'Place in the lane, from 1, without gaps.';
COMMENT ON COLUMN aigov.entry.v IS
  'Version of the leaf: which columns the hash covers.';
COMMENT ON COLUMN aigov.entry.at IS
  'Server time when recorded, never decreasing in a lane.';
COMMENT ON COLUMN aigov.entry.kind IS
  'interaction, request, response, review, incident, note, or a governance kind.';
COMMENT ON COLUMN aigov.entry.id IS
  'UUID given by the producer, or made by the server.';
COMMENT ON COLUMN aigov.entry.interaction IS
  'Joins request, response and reviews of one call; NULL for one-shot records.';
COMMENT ON COLUMN aigov.entry.subject IS
  'What a governance entry is about.';
COMMENT ON COLUMN aigov.entry.actor IS
  'Who called, as the application names it (actor.id).';
COMMENT ON COLUMN aigov.entry.system IS
  'The AI system, as the application names it.';
COMMENT ON COLUMN aigov.entry.provider IS
  'Provider, in OpenTelemetry''s words where it has one.';
COMMENT ON COLUMN aigov.entry.model IS
  'Model asked for.';
COMMENT ON COLUMN aigov.entry.operation IS
  'chat, embeddings, execute_tool, retrieval ...';
COMMENT ON COLUMN aigov.entry.status IS
  'ok, error, denied, cancelled, incomplete, unknown.';
COMMENT ON COLUMN aigov.entry.decision IS
  'allow, flag, redact, require_approval, deny.';
COMMENT ON COLUMN aigov.entry.recorded_by IS
  'Who the server says wrote it: login, role, application, address.';
COMMENT ON COLUMN aigov.entry.digest IS
  'SHA-256(0x03, salt, record as handed in).';
COMMENT ON COLUMN aigov.entry.commitment IS
  'SHA-256(0x02, salt, content).';
COMMENT ON COLUMN aigov.entry.prev IS
  'Hash of the entry before it in the lane.';
COMMENT ON COLUMN aigov.entry.hash IS
  'SHA-256(0x00, leaf): RFC 6962 leaf hash.';
COMMENT ON COLUMN aigov.entry.body IS
  'Everything else of the record, and the server''s stamps: canonical JSON.';
COMMENT ON COLUMN aigov.content.at IS
  'As in the entry.';
COMMENT ON COLUMN aigov.content.salt IS
  '32 random bytes; gone with the content, nobody can confirm a guess.';
COMMENT ON COLUMN aigov.content.body IS
  'Canonical JSON of prompts, answers, documents, tool calls; null for none.';
