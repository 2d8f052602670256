# 001_restore.pl - dump and restore keep bytes, receipts and what users added
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use Aigov;

my $node = node('restore');
my $dir  = PostgreSQL::Test::Utils::tempdir;

my $bytes = <<'SQL';
SELECT md5(string_agg(e::text, E'\n' ORDER BY log, lane, seq)) FROM aigov.entry e
UNION ALL
SELECT md5(string_agg(c::text, E'\n' ORDER BY log, lane, seq)) FROM aigov.content c
UNION ALL
SELECT md5(string_agg(l::text, E'\n' ORDER BY log)) FROM aigov.log l
SQL

# copy(from, to, dump options, restore options): true where both went well
sub copy {
    my ( $from, $to, $dump, $restore ) = @_;
    $node->safe_psql( 'postgres', "CREATE DATABASE $to" );
    return
      run_log( [ 'pg_dump', '-Fc', @$dump, '-f', "$dir/$to", '-d',
            $node->connstr($from) ] )
      && run_log( [ 'pg_restore', '-e', @{ $restore // [] }, '-d',
            $node->connstr($to), "$dir/$to" ] );
}

sub refused {
    my ( $db, $sql, $like, $name ) = @_;
    my ( $rc, $out, $err ) = $node->psql( $db, $sql );
    ok( $rc != 0 && $err =~ $like, $name ) or diag "$rc $out $err";
}

# --- init without a record --------------------------------------------------
$node->safe_psql( 'postgres', 'CREATE DATABASE fresh' );
$node->safe_psql( 'fresh',
    "CREATE EXTENSION aigov; SELECT aigov.init('example.com/fresh')" );
ok( copy( 'fresh', 'fresh2', [] ), 'an empty log restores' );
refused( 'fresh2', q{SELECT aigov.append('{"system":"s"}')},
    qr/no log/, 'it has no origin: append asks for init' );
$node->safe_psql( 'fresh2', "SELECT aigov.init('example.com/fresh2')" );
is( $node->safe_psql( 'fresh2', q{SELECT aigov.append('{"system":"s"}')->>'seq'} ),
    '1', 'init, and it goes on' );
is( bad_ranges( $node, 'fresh2' ), '', 'verify' );

# --- a used log, with what users add -----------------------------------------
$node->safe_psql( 'postgres', 'CREATE DATABASE used' );
my $receipt = $node->safe_psql( 'used', <<'SQL');
CREATE EXTENSION aigov;
SELECT aigov.init('example.com/used') \g /dev/null
CREATE ROLE app; CREATE ROLE auditor;
SELECT aigov.grant('writer', 'app') \g /dev/null
SELECT aigov.grant('reader', 'auditor') \g /dev/null
SELECT aigov.append(format('{"system":"s%s","input":"i"}', g)) FROM generate_series(1, 20) g \g /dev/null
SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided"}') \g /dev/null
SELECT aigov.erase((SELECT id FROM aigov.entry WHERE lane = 1 AND seq = 2), 'asked') \g /dev/null
CREATE INDEX mine ON aigov.entry (actor);
CREATE POLICY p ON aigov.entry FOR SELECT TO auditor USING (true);
ALTER TABLE aigov.entry ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION pub FOR TABLE aigov.entry, aigov.content, aigov.log;
SELECT aigov.append('{"system":"last","id":"0199a0b2-0000-7000-8000-000000000001"}');
SQL
ok( copy( 'used', 'used2', [] ), 'a used log restores' );
is( $node->safe_psql( 'used2', $bytes ), $node->safe_psql( 'used', $bytes ),
    'byte for byte' );
is( bad_ranges( $node, 'used2' ), '', 'verify finds nothing, schema included' );
is( $node->safe_psql( 'used2', <<'SQL'), 't|1|3|1|1', 'index, policy, publication, guards' );
SELECT (SELECT relrowsecurity FROM pg_class WHERE oid = 'aigov.entry'::regclass),
       (SELECT count(*) FROM pg_policy), (SELECT count(*) FROM pg_publication_rel),
       (SELECT count(*) FROM pg_class WHERE relname = 'mine'),
       (SELECT count(*) FROM pg_event_trigger)
SQL
is( $node->safe_psql( 'used2', q{SELECT has_function_privilege('app', 'aigov.append(text)', 'execute')} ),
    't', 'privileges' );
is( $node->safe_psql( 'used2', q{SELECT hash = decode(} . "'$receipt'::json->>'hash', 'hex')" .
      q{ FROM aigov.entry WHERE id = '0199a0b2-0000-7000-8000-000000000001'} ),
    't', 'a receipt holds' );
refused( 'used2', q{SELECT aigov.append('{"system":"s"}')}, qr/restored copy/,
    'the first append asks for new_epoch' );
refused( 'used2', q{SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided"}')},
    qr/restored copy/, 'so does a put' );
refused( 'used2', q{SELECT aigov.init('example.com/used')}, qr/restored copy/,
    'init does not help' );
refused( 'used2', q{SELECT aigov.new_epoch('example.com/used', 'restore')},
    qr/that of a log/, 'nor the old origin' );
is( $node->safe_psql( 'used2', q{SELECT detail FROM aigov.health WHERE item = 'epoch'} ), 'restored', 'health says so' );
$node->safe_psql( 'used2', q{SELECT aigov.new_epoch('example.com/used-2', 'tape 7')} );
is( $node->safe_psql( 'used2', <<'SQL'), 'restore|example.com/used|0|tape 7', 'genesis names the old log' );
SELECT f->>'cause', f->>'continues', f->>'continues_size', f->>'note'
  FROM (SELECT body->'fields' AS f FROM aigov.entry WHERE kind = 'genesis' AND subject = 'example.com/used-2') g
SQL
is( $node->safe_psql( 'used2', q{SELECT aigov.append('{"system":"s"}')->>'seq'} ), '1', 'it goes on' );
is( $node->safe_psql( 'used2',
        q{SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided","replaces":1}') IS NULL} ),
    'f', 'revisions count on' );
is( $node->safe_psql( 'used2', q{SELECT string_agg(revision::text, ',') FROM aigov.history('scope_decision', 'tool:x')} ),
    '1,2', 'history reads through genesis' );
is( $node->safe_psql( 'used2', q{SELECT count(*) FROM aigov.interaction} ), '22', 'so do views' );
is( bad_ranges( $node, 'used2' ), '', 'verify' );
is( $node->safe_psql( 'used', q{SELECT aigov.append('{"system":"s"}')->>'lane'} ), '1', 'the first log goes on too' );

# --- data only, into a database where init was called --------------------------
$node->safe_psql( 'postgres', 'CREATE DATABASE dataonly' );
$node->safe_psql( 'dataonly', "CREATE EXTENSION aigov; SELECT aigov.init('example.com/else')" );
ok( run_log( [ 'pg_dump', '-Fc', '--data-only', '-f', "$dir/data", '-d', $node->connstr('used') ] )
      && run_log( [ 'pg_restore', '-e', '--data-only', '-d', $node->connstr('dataonly'), "$dir/data" ] ),
    '--data-only restores through the guards' );
is( $node->safe_psql( 'dataonly', $bytes ), $node->safe_psql( 'used', $bytes ), 'byte for byte' );
is( bad_ranges( $node, 'dataonly' ), '', 'verify' );

# --- a damaged log restores, and verify still says so ---------------------------
$node->safe_psql( 'used', <<'SQL');
ALTER TABLE aigov.entry DISABLE TRIGGER ALL;
UPDATE aigov.entry SET model = 'forged' WHERE lane = 1 AND seq = 5;
DELETE FROM aigov.entry WHERE lane = 1 AND seq = 9;
ALTER TABLE aigov.entry ENABLE TRIGGER ALL;
ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER guard_insert;
ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER guard_change;
ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER guard_truncate;
SQL
my $damage = bad_ranges( $node, 'used' );
like( $damage, qr/\|1\|5\|5\|1\|modified.*\|1\|9\|9\|0\|missing/s, 'damage is seen' );
ok( copy( 'used', 'damaged', [] ), 'a damaged log restores' );
is( bad_ranges( $node, 'damaged' ), $damage, 'with the same damage' );

# --- a copy made by TEMPLATE ------------------------------------------------------
$node->safe_psql( 'postgres', 'CREATE DATABASE clone TEMPLATE fresh2' );
refused( 'clone', q{SELECT aigov.append('{"system":"s"}')}, qr/restored copy/,
    'a clone asks for new_epoch' );
$node->safe_psql( 'clone', q{SELECT aigov.new_epoch('example.com/clone', 'restore')} );
is( $node->safe_psql( 'clone', q{SELECT aigov.append('{"system":"s"}')->>'seq'} ), '1', 'and goes on' );

# --- CREATE EXTENSION where it must not work ------------------------------------
$node->safe_psql( 'postgres', "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0" );
refused( 'latin', 'CREATE EXTENSION aigov', qr/UTF8/, 'UTF8 only' );
$node->safe_psql( 'postgres', 'CREATE DATABASE taken' );
$node->safe_psql( 'taken', 'CREATE ROLE mallory; CREATE SCHEMA aigov AUTHORIZATION mallory' );
refused( 'taken', 'CREATE EXTENSION aigov', qr/already exists/, 'a schema made first is not adopted' );

$node->stop;
done_testing();
