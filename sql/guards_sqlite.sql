-- guards_sqlite.sql - what keeps the log append-only in SQLite
--
-- SPDX-License-Identifier: PostgreSQL
--
-- SQLite's own spelling, but for the dot that sql/embed.pl makes an
-- underscore.  Hygiene, not proof: whoever may write the file can drop a
-- trigger; `verify` finds both that and what was changed meanwhile.
--
-- No function is called here.  A trigger that calls one, whichever it is,
-- makes SQLite keep a statement journal, which costs an append a third of its
-- speed; and a browser of databases without the module could not run it.
-- For the same reason the guards of INSERT say RAISE(FAIL): the module inserts
-- one row at a time, with INSERT OR FAIL.
--
-- The collation aigov_not_loaded exists only where the module is loaded.
-- Elsewhere an INSERT is refused when it is prepared, with the collation's
-- name as the message, while SELECT, VACUUM, ALTER, REINDEX, integrity_check
-- and the reload of a dump (rows first, triggers last) go on.

-- This copy of the log: origin, whether it has been written to, and which file
-- it was then (inode, birth in nanoseconds; NULL in memory).
CREATE TABLE aigov.instance (
  origin text NOT NULL,
  log integer NOT NULL,
  used integer NOT NULL,
  inode integer,
  birth integer
);

-- One row, ever.
CREATE TRIGGER aigov.instance_insert BEFORE INSERT ON aigov.instance
WHEN EXISTS (SELECT 1 FROM aigov.instance)
  OR NEW.origin <= '' COLLATE aigov_not_loaded
BEGIN
  SELECT RAISE(FAIL, 'aigov_instance has its one row; aigov_new_epoch() starts a new log');
END;

-- What may change: anything before the first entry; used, with it; after that
-- the whole row, to a log whose genesis continues this one.
CREATE TRIGGER aigov.instance_update BEFORE UPDATE ON aigov.instance
WHEN NEW.origin <= '' COLLATE aigov_not_loaded
  OR (EXISTS (SELECT 1 FROM aigov.entry e WHERE e.log = OLD.log)
      AND NOT (OLD.used = 0 AND NEW.used = 1
               AND NEW.origin = OLD.origin AND NEW.log = OLD.log
               AND NEW.inode IS OLD.inode AND NEW.birth IS OLD.birth)
      AND NOT EXISTS (SELECT 1
                        FROM aigov.log l
                        JOIN aigov.entry e
                          ON e.log = l.log AND e.lane = 0 AND e.seq = 1
                       WHERE l.log = NEW.log AND l.origin = NEW.origin
                         AND l.log <> OLD.log))
BEGIN
  SELECT RAISE(ABORT, 'aigov_instance is kept by the module; aigov_new_epoch() starts a new log');
END;

CREATE TRIGGER aigov.instance_no_delete BEFORE DELETE ON aigov.instance
BEGIN
  SELECT RAISE(ABORT, 'aigov_instance is kept by the module');
END;

CREATE TRIGGER aigov.log_insert BEFORE INSERT ON aigov.log
WHEN EXISTS (SELECT 1 FROM aigov.log WHERE log = NEW.log)
  OR NEW.origin <= '' COLLATE aigov_not_loaded
BEGIN
  SELECT RAISE(FAIL, 'aigov_log is append-only');
END;

CREATE TRIGGER aigov.log_no_update BEFORE UPDATE ON aigov.log
BEGIN
  SELECT RAISE(ABORT, 'aigov_log is append-only');
END;

CREATE TRIGGER aigov.log_no_delete BEFORE DELETE ON aigov.log
BEGIN
  SELECT RAISE(ABORT, 'aigov_log is append-only');
END;

-- All three keys: INSERT OR REPLACE deletes by any of them without asking a
-- DELETE trigger.  NEW.rowid is -1 where the INSERT names no rowid, and an
-- entry needs none.
CREATE TRIGGER aigov.entry_insert BEFORE INSERT ON aigov.entry
WHEN EXISTS (SELECT 1 FROM aigov.entry
              WHERE log = NEW.log AND lane = NEW.lane AND seq >= NEW.seq)
  OR EXISTS (SELECT 1 FROM aigov.entry WHERE id = NEW.id AND log = NEW.log)
  OR NEW.rowid <> -1
  OR NEW.id <= '' COLLATE aigov_not_loaded
BEGIN
  SELECT RAISE(FAIL, 'aigov_entry is append-only; a row follows the last of its lane');
END;

CREATE TRIGGER aigov.entry_no_update BEFORE UPDATE ON aigov.entry
BEGIN
  SELECT RAISE(ABORT, 'aigov_entry is append-only');
END;

CREATE TRIGGER aigov.entry_no_delete BEFORE DELETE ON aigov.entry
BEGIN
  SELECT RAISE(ABORT, 'aigov_entry is append-only');
END;

CREATE TRIGGER aigov.content_insert BEFORE INSERT ON aigov.content
WHEN EXISTS (SELECT 1 FROM aigov.content
              WHERE log = NEW.log AND lane = NEW.lane AND seq = NEW.seq)
  OR NEW.rowid <> -1
  OR NEW.at <= '' COLLATE aigov_not_loaded
BEGIN
  SELECT RAISE(FAIL, 'aigov_content is append-only');
END;

CREATE TRIGGER aigov.content_no_update BEFORE UPDATE ON aigov.content
BEGIN
  SELECT RAISE(ABORT, 'aigov_content is append-only');
END;

-- A row goes when an erasure names its entry, or when it has no entry (an
-- append that failed half way).
CREATE TRIGGER aigov.content_delete BEFORE DELETE ON aigov.content
WHEN EXISTS (SELECT 1 FROM aigov.entry e
              WHERE e.log = OLD.log AND e.lane = OLD.lane AND e.seq = OLD.seq
                AND NOT EXISTS (SELECT 1 FROM aigov.entry x
                                 WHERE x.kind = 'erasure'
                                   AND x.subject = e.id))
BEGIN
  SELECT RAISE(ABORT, 'aigov_content is append-only; aigov_erase() removes content');
END;
