# 006_verify_attacks.pl - every byte of every column, triggers disabled
#
# SPDX-License-Identifier: PostgreSQL
#
# A log of 200 entries; each byte of each column of entry, content and log is
# changed in turn, in a function that rolls back; verify must see each.
use strict;
use warnings;
use Test::More;
use Aigov;

my $node = node('attacks');
$node->safe_psql( 'postgres', <<'SQL');
CREATE EXTENSION aigov;
SELECT aigov.init('example.com/attacks');
SELECT aigov.append(format('{"system":"s%s","actor":{"id":"u"},"provider":"p","model":"m","operation":"chat","status":"ok","interaction":"0199a0b2-0000-7000-8000-%s","input":"question %s","output":"answer"}', g, lpad(g::text, 12, '0'), g))
  FROM generate_series(1, 190) g;
SELECT aigov.put('scope_decision', 'tool:' || g, '{"decision":"undecided"}') FROM generate_series(1, 6) g;
SELECT aigov.erase((SELECT id FROM aigov.entry WHERE lane = 1 AND seq = 2), 'asked');
ALTER TABLE aigov.entry DISABLE TRIGGER ALL;
ALTER TABLE aigov.content DISABLE TRIGGER ALL;
ALTER TABLE aigov.log DISABLE TRIGGER ALL;
CREATE FUNCTION sees() RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT 1 FROM aigov.verify() WHERE status IN ('modified', 'link_broken', 'missing')
    OR content IN ('modified', 'missing')) $$;
-- changes one thing, asks, undoes: true where verify saw it or the database refused
CREATE FUNCTION attack(sql text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE seen boolean; n bigint;
BEGIN
  BEGIN
    EXECUTE sql;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 THEN RAISE EXCEPTION 'nothing done: %', sql; END IF;
    seen := sees();
    RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZZZZ';
  EXCEPTION
    WHEN SQLSTATE 'ZZZZZ' THEN RETURN seen;
    WHEN integrity_constraint_violation THEN RETURN true;
    WHEN data_exception THEN RETURN true;
  END;
END $$;
SQL
is( $node->safe_psql( 'postgres', 'SELECT sees()' ), 'f', 'a whole log is whole' );

# Every byte of text-like columns of some rows; all rows are covered below.
my $flip = sub {
    my ( $table, $column, $type, $where ) = @_;
    my $as = $type eq 'bytea' ? $column : "convert_to($column\::text, 'UTF8')";
    my $back = $type eq 'bytea' ? '%s' : "convert_from(%s, 'UTF8')::$type";
    # a byte becomes its neighbour, which stays ASCII and often stays JSON
    return $node->safe_psql( 'postgres', <<"SQL");
SELECT count(*) FILTER (WHERE NOT attack(format(
  \$q\$UPDATE aigov.$table SET $column = @{[ sprintf $back, "set_byte($as, %s, get_byte($as, %s) # 1)" ]} WHERE log = %s AND lane = %s AND seq = %s\$q\$,
  i, i, log, lane, seq))) || '/' || count(*)
  FROM aigov.$table CROSS JOIN LATERAL generate_series(0, length($as) - 1) i
 WHERE $column IS NOT NULL AND $where
SQL
};
my $some = '(lane, seq) IN ((0, 1), (1, 1), (1, 95), (1, 190), (0, 10))';
my $rest = 'true';
for my $c (
    [ 'kind', 'text' ], [ 'subject', 'text' ], [ 'actor', 'text' ], [ 'system', 'text' ],
    [ 'provider', 'text' ], [ 'model', 'text' ], [ 'operation', 'text' ], [ 'status', 'text' ],
    [ 'decision', 'text' ], [ 'recorded_by', 'json' ], [ 'body', 'json' ],
    [ 'digest', 'bytea' ], [ 'commitment', 'bytea' ], [ 'prev', 'bytea' ], [ 'hash', 'bytea' ] )
{
    like( $flip->( 'entry', @$c, $some ), qr{^0/[1-9]}, "entry.$c->[0]: every byte" );
}
for my $c ( [ 'salt', 'bytea' ], [ 'body', 'json' ] ) {
    like( $flip->( 'content', @$c, $some ), qr{^0/[1-9]}, "content.$c->[0]: every byte" );
}

# Every row, every column, once.
my %change = (
    log => 'log + 1', lane => 'lane + 1', seq => 'seq + 1000', v => 'v + 1',
    at => q{at + interval '1 microsecond'}, id => 'gen_random_uuid()',
    interaction => 'gen_random_uuid()',
    ( map { $_ => "coalesce($_, '') || 'x'" } qw(kind subject actor system provider model operation status decision) ),
    ( map { $_ => "coalesce($_, '\\x00') || '\\x00'" } qw(digest commitment prev hash) ),
    recorded_by => q{'{"login":"mallory"}'}, body => q{'{"fields":{}}'},
);
for my $c ( sort keys %change ) {
    is( $node->safe_psql( 'postgres', <<"SQL"), '0', "entry.$c: every row" );
SELECT count(*) FROM aigov.entry WHERE NOT attack(format(
  \$q\$UPDATE aigov.entry SET $c = $change{$c} WHERE log = %s AND lane = %s AND seq = %s\$q\$, log, lane, seq))
SQL
}
%change = ( log => 'log + 1', lane => 'lane + 1', seq => 'seq + 1000',
    at => q{at + interval '1 microsecond'}, salt => q{sha256(salt)}, body => q{'{"input":"forged"}'} );
for my $c ( sort keys %change ) {
    is( $node->safe_psql( 'postgres', <<"SQL"), '0', "content.$c: every row" );
SELECT count(*) FROM aigov.content WHERE NOT attack(format(
  \$q\$UPDATE aigov.content SET $c = $change{$c} WHERE log = %s AND lane = %s AND seq = %s\$q\$, log, lane, seq))
SQL
}
for my $c ( [ log => 'log + 1' ], [ origin => q{'example.com/x'} ], [ at => q{at + interval '1 microsecond'} ], [ continues => '5' ] ) {
    is( $node->safe_psql( 'postgres', qq{SELECT attack('UPDATE aigov.log SET $c->[0] = @{[ $c->[1] =~ s/'/''/gr ]}')} ), 't', "log.$c->[0]" );
}
# Rows removed, swapped, doubled; a lane's last row is what heads files are for.
is( $node->safe_psql( 'postgres', <<'SQL'), '0', 'any row deleted' );
SELECT count(*) FROM aigov.entry e WHERE seq < (SELECT max(seq) FROM aigov.entry x WHERE x.lane = e.lane)
   AND NOT attack(format('DELETE FROM aigov.entry WHERE log = %s AND lane = %s AND seq = %s', log, lane, seq))
SQL
is( $node->safe_psql( 'postgres', <<'SQL'), '0', 'any content deleted' );
SELECT count(*) FROM aigov.content WHERE NOT attack(format('DELETE FROM aigov.content WHERE log = %s AND lane = %s AND seq = %s', log, lane, seq))
SQL
is( $node->safe_psql( 'postgres', <<'SQL'), '0', 'any two rows swapped' );
SELECT count(*) FROM aigov.entry WHERE lane = 1 AND seq BETWEEN 1 AND 189 AND NOT attack(format(
  'WITH a AS (UPDATE aigov.entry SET seq = -1 WHERE lane = 1 AND seq = %1$s RETURNING 1) UPDATE aigov.entry SET seq = CASE seq WHEN %2$s THEN %1$s END WHERE lane = 1 AND seq = %2$s AND (SELECT count(*) FROM a) > 0', seq, seq + 1))
SQL
is( $node->safe_psql( 'postgres', <<'SQL'), 't', 'a row doubled under another id' );
SELECT attack('INSERT INTO aigov.entry SELECT log, lane, (SELECT max(seq) + 1 FROM aigov.entry WHERE lane = 1), v, at, kind, gen_random_uuid(), interaction, subject, actor, system, provider, model, operation, status, decision, recorded_by, digest, commitment, prev, hash, body FROM aigov.entry WHERE lane = 1 AND seq = 5')
SQL
is( $node->safe_psql( 'postgres', 'SELECT sees()' ), 'f', 'all of it undone' );

# An index that lacks rows hides nothing.
$node->safe_psql( 'postgres', <<'SQL');
UPDATE pg_index SET indisready = false, indislive = true WHERE indexrelid IN ('aigov.entry_pkey'::regclass, 'aigov.entry_id_log_key'::regclass);
INSERT INTO aigov.entry SELECT log, 9, 1, v, at, kind, gen_random_uuid(), interaction, subject, actor, system, provider, 'hidden', operation, status, decision, recorded_by, digest, commitment, prev, hash, body FROM aigov.entry WHERE lane = 1 AND seq = 5;
UPDATE pg_index SET indisready = true WHERE indexrelid IN ('aigov.entry_pkey'::regclass, 'aigov.entry_id_log_key'::regclass);
SQL
is( $node->safe_psql( 'postgres', 'SELECT sees()' ), 't', 'a row that the index does not hold' );
$node->stop;
done_testing();
