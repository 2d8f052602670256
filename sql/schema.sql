-- schema.sql - the tables of a log, written once for both databases
--
-- SPDX-License-Identifier: PostgreSQL
--
-- PostgreSQL spelling; sql/to_sqlite.sed renders it for SQLite (aigov.x
-- becomes aigov_x, types become SQLite's).  init() runs it; the extension
-- script does not, so that the tables are the user's data: dump and restore
-- keep them, and PostgreSQL refuses DROP EXTENSION while they are there.
-- Every statement ends with a semicolon at the end of a line.
-- No IF NOT EXISTS, no OR REPLACE: a name that is taken is an error.

-- One row per log: what its genesis entry says, so that functions find it.
CREATE TABLE aigov.log (
  log integer NOT NULL,
  origin text NOT NULL,
  at timestamptz NOT NULL,
  continues integer,
  PRIMARY KEY (log)
);

-- The evidence.  body last: long bodies do not slow the columns before it.
CREATE TABLE aigov.entry (
  log integer NOT NULL,
  lane integer NOT NULL,
  seq bigint NOT NULL,
  v integer NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  id uuid NOT NULL,
  interaction uuid,
  subject text,
  actor text,
  system text,
  provider text,
  model text,
  operation text,
  status text,
  decision text,
  recorded_by json NOT NULL,
  digest bytea,
  commitment bytea,
  prev bytea NOT NULL,
  hash bytea NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (log, lane, seq),
  UNIQUE (id, log)
);

-- One-shot records have no interaction: they cost this index nothing.
CREATE INDEX entry_interaction ON aigov.entry (interaction)
  WHERE interaction IS NOT NULL;

-- Governance entries alone have a subject: history, puts, erasures.
CREATE INDEX entry_subject ON aigov.entry (kind, subject)
  WHERE subject IS NOT NULL;

-- What was said: erasable, apart from the evidence.
CREATE TABLE aigov.content (
  log integer NOT NULL,
  lane integer NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  salt bytea NOT NULL,
  body json NOT NULL,
  PRIMARY KEY (log, lane, seq)
);

-- What a call is recognised by when its conversation goes on: it goes with the
-- content of the entry.  Not part of the evidence: what was found stands there.
CREATE TABLE aigov.turn (
  log integer NOT NULL,
  lane integer NOT NULL,
  seq bigint NOT NULL,
  fingerprint bigint NOT NULL,
  interaction uuid NOT NULL,
  attempt integer NOT NULL,
  state bigint,
  PRIMARY KEY (log, lane, seq, fingerprint)
);

-- Not unique: no writer waits for another.
CREATE INDEX turn_fingerprint ON aigov.turn (fingerprint);

-- The index of lineage: derived from entry, thrown away and made again by
-- rebuild_lineage() (docs/lineage.md).  Ids are numbers instead of names.
CREATE TABLE aigov.node (
  id bigint NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (id)
);

CREATE INDEX node_name ON aigov.node (name);

-- An edge that an entry states; place is lane << 40 | seq.
CREATE TABLE aigov.ref (
  cause bigint NOT NULL,
  effect bigint NOT NULL,
  place bigint NOT NULL,
  log integer NOT NULL,
  how integer NOT NULL
);

CREATE INDEX ref_cause ON aigov.ref (cause);

CREATE INDEX ref_effect ON aigov.ref (effect);

-- What one entry of a call says of it: up to seven edges.
CREATE TABLE aigov.call (
  ia bigint NOT NULL,
  model bigint NOT NULL,
  template bigint NOT NULL,
  person bigint NOT NULL,
  place bigint NOT NULL,
  log integer NOT NULL,
  part integer NOT NULL
);

CREATE INDEX call_ia ON aigov.call (ia);

CREATE INDEX call_model ON aigov.call (model);

CREATE INDEX call_template ON aigov.call (template);

CREATE INDEX call_person ON aigov.call (person);

-- How far of each lane the index goes; lane -1 has the last serial.
CREATE TABLE aigov.lineage_head (
  log integer NOT NULL,
  lane integer NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (log, lane)
);
