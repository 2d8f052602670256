# 005_torture.pl - 32 clients, everything at once
#
# SPDX-License-Identifier: PostgreSQL
#
#   AIGOV_TORTURE_SECONDS (10)
use strict;
use warnings;
use POSIX ();
use Test::More;
use PostgreSQL::Test::Utils;
use Aigov;

my $seconds = $ENV{AIGOV_TORTURE_SECONDS} // 10;
my $node    = node( 'torture', conf => "max_connections = 60\nmax_prepared_transactions = 40\nfsync = off\n" );
my $dir     = PostgreSQL::Test::Utils::tempdir;
$node->safe_psql( 'postgres', "CREATE EXTENSION aigov; SELECT aigov.init('example.com/torture')" );

sub script {
    my ( $name, $sql ) = @_;
    open my $fh, '>', "$dir/$name.sql" or die;
    print $fh $sql;
    close $fh;
    return ( '-f', "$dir/$name.sql" );
}

# 32 clients start on an empty log: all must succeed.
my @start = ( 'pgbench', '-n', '-c', 32, '-j', 2, '-t', 1,
    script( 'start', q{SELECT aigov.append('{"system":"start"}');} ), $node->connstr('postgres') );
my ( $out, $err );
IPC::Run::run( \@start, '>', \$out, '2>', \$err );
like( $out, qr/processed: 32\/32/, 'all 32 start on an empty log' ) or diag $err;
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.entry WHERE kind = 'genesis'} ), '1', 'one genesis' );

my @mix = (
    script( 'one', q{SELECT aigov.append('{"system":"one","input":"i"}');} ),
    script( 'many', q{SELECT count(aigov.append('{"system":"many"}')::text) FROM generate_series(1, 10);} ),
    script( 'same', q{\set n random(1, 300)
SELECT aigov.append(format('{"system":"same","id":"0199a0b2-0000-7000-8000-%s"}', lpad(:n::text, 12, '0')));} ),
    script( 'batch', q{\set n random(1, 300)
\set m random(1, 300)
SELECT length(aigov.append_batch(format('[{"system":"b"},{"system":"same","id":"0199a0b2-0000-7000-8000-%s"},{"x":1},{"system":"same","id":"0199a0b2-0000-7000-8000-%s"},{"system":"c"}]', lpad(:n::text, 12, '0'), lpad(:m::text, 12, '0')))::text);} ),
    script( 'undo', q{BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT aigov.append('{"system":"undo"}');
SAVEPOINT a;
SELECT aigov.append('{"system":"gone"}');
ROLLBACK TO a;
SELECT aigov.append('{"system":"undo"}');
COMMIT;} ),
    script( 'abort', q{BEGIN;
SELECT aigov.append('{"system":"gone"}');
SELECT aigov.append_batch('[{"system":"gone"},{"system":"gone"}]');
ROLLBACK;} ),
    script( 'block', q{DO $$ BEGIN FOR i IN 1..3 LOOP BEGIN PERFORM aigov.append('{"system":"block"}'); IF i = 2 THEN RAISE division_by_zero; END IF; EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$;} ),
    script( 'inbox', q{INSERT INTO aigov.inbox(record) VALUES ('{"system":"inbox"}'), ('{"system":"inbox"}');} ),
    script( 'put', q{SELECT aigov.put('scope_decision', 'tool:x', '{"decision":"undecided"}');} ),
    script( 'erase', q{SELECT aigov.erase(id::text, 'asked') FROM (SELECT e.id FROM aigov.entry e JOIN aigov.content c USING (log, lane, seq) WHERE e.system = 'one' AND e.lane = 1 + :client_id LIMIT 1) t WHERE random() < 0.1;} ),
    script( 'verify', q{SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) FROM aigov.verify() WHERE random() < 0.05 AND (status <> 'unanchored' OR content IN ('modified', 'missing'));} ),
    script( 'twophase', q{\set g random(1, 1000000000)
BEGIN;
SELECT aigov.append('{"system":"2pc"}');
PREPARE TRANSACTION 'p:g.:client_id';
COMMIT PREPARED 'p:g.:client_id';} ),
);
# verify is dear: one in fifty
s{/verify\.sql$}{/verify.sql\@1} for @mix;
s{/(\w+)\.sql$}{/$1.sql\@5} for @mix;
my @load = ( 'pgbench', '-n', '-c', 32, '-j', 2, '-T', $seconds, @mix, $node->connstr('postgres') );
my $reindexer = fork;
if ( !$reindexer ) {
    for ( 1 .. $seconds ) {
        system 'psql', '-Xq', '-d', $node->connstr('postgres'), '-c', 'REINDEX INDEX CONCURRENTLY aigov.entry_id_log_key';
        select undef, undef, undef, 1;
    }
    POSIX::_exit(0);
}
IPC::Run::run( \@load, '>', \$out, '2>', \$err );
waitpid $reindexer, 0;
unlike( $err, qr/aborted|ERROR/, 'no client saw an error' ) or diag substr( $err, 0, 2000 );
my ($n) = $out =~ /actually processed: (\d+)/;
cmp_ok( $n, '>', 100, "$n transactions" );
is( bad_ranges($node), '', 'no fork, no gap, nothing modified' );
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.entry WHERE system = 'gone'} ), '0', 'nothing rolled back is there' );
is( $node->safe_psql( 'postgres', q{SELECT count(*) - count(DISTINCT id) FROM aigov.entry} ), '0', 'one entry an id' );
is( $node->safe_psql( 'postgres', q{SELECT count(*) - max(revision) FROM aigov.history('scope_decision', 'tool:x')} ), '0', 'revisions without a gap' );
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.entry e WHERE e.lane > 0 AND NOT EXISTS (SELECT 1 FROM aigov.entry z WHERE z.lane = 0 AND encode(z.hash, 'hex') = e.body->>'under')} ), '0', 'every under is an entry of lane 0' );
note $node->safe_psql( 'postgres', q{SELECT count(*) || ' entries in ' || count(DISTINCT lane) || ' lanes' FROM aigov.entry} );
$node->stop;
done_testing();
