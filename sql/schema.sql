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
