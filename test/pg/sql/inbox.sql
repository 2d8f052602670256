-- inbox: INSERT, executemany, COPY
\set VERBOSITY sqlstate
SELECT count(*) AS before FROM aigov.entry \gset
INSERT INTO aigov.inbox(record) VALUES ('{"system":"i1"}'), ('{"system":"i2"}');
INSERT INTO aigov.inbox SELECT format('{"system":"i%s"}', g) FROM generate_series(3, 5) g;
COPY aigov.inbox FROM stdin;
{"system":"i6"}
{"system":"i7"}
\.
COPY aigov.inbox(record) FROM stdin;
{"system":"i8"}
\.
INSERT INTO aigov.inbox(record) VALUES (NULL);
INSERT INTO aigov.inbox(record) VALUES ('nonsense');
INSERT INTO aigov.inbox(record) VALUES ('{"system":"i9"}') RETURNING record;
SELECT count(*) - :before AS appended FROM aigov.entry;
SELECT aigov.receipt()->>'duplicate' AS receipt;
SELECT count(*) FROM aigov.inbox;
SET SESSION AUTHORIZATION regress_aigov_writer;
INSERT INTO aigov.inbox(record) VALUES ('{"system":"by a writer"}');
INSERT INTO aigov.entry SELECT * FROM aigov.entry;
RESET SESSION AUTHORIZATION;
SELECT status, detail FROM aigov.verify() GROUP BY 1, 2;
