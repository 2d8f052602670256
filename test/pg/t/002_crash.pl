# 002_crash.pl - kill -9 under load: no fork, no gap, nothing acknowledged lost
#
# SPDX-License-Identifier: PostgreSQL
#
#   AIGOV_CRASH_ROUNDS (3)
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(sleep);
use Aigov;

my $node = node( 'crash', conf => "fsync = on\nrestart_after_crash = on\n" );
my $dir  = PostgreSQL::Test::Utils::tempdir;
$node->safe_psql( 'postgres',
    "CREATE EXTENSION aigov; SELECT aigov.init('example.com/crash')" );

# Each client prints a receipt after its transaction has committed.
open my $fh, '>', "$dir/load.sql";
print $fh <<'SQL' x 4000;
SELECT aigov.append('{"system":"load","input":"i"}')->>'hash';
BEGIN; SELECT aigov.append('{"system":"gone"}') \g /dev/null
ROLLBACK;
SELECT (aigov.append_batch('[{"system":"b"},{"system":"c"}]')->1->'receipt'->>'hash');
SQL
close $fh;

my @receipts;
for my $round ( 1 .. $ENV{AIGOV_CRASH_ROUNDS} // 3 ) {
    my %child = map { fork_psql( $node, "$dir/load.sql", "$dir/out.$round.$_" ) => $_ } 1 .. 8;
    sleep 1.2;
    if ( $round == 2 ) {
        # one backend: the postmaster restarts all
        my $pid = $node->safe_psql( 'postgres',
            q{SELECT pid FROM pg_stat_activity WHERE query LIKE '%append%' AND pid <> pg_backend_pid() LIMIT 1} );
        kill 9, $pid if $pid;
        sleep 0.5;
    }
    $node->stop('immediate');
    kill 9, keys %child;
    waitpid $_, 0 for keys %child;
    for my $n ( values %child ) {
        open my $out, '<', "$dir/out.$round.$n" or next;
        push @receipts, grep { /^[0-9a-f]{64}$/ } map { chomp; $_ } <$out>;
    }
    $node->start;
    is( bad_ranges($node), '', "round $round: no fork, no gap" );
}
open my $list, '>', "$dir/receipts";
print $list "$_\n" for @receipts;
close $list;
cmp_ok( scalar @receipts, '>', 100, scalar(@receipts) . ' acknowledged' );
is( $node->safe_psql( 'postgres', <<"SQL"), '0', 'none of them lost' );
CREATE TEMP TABLE r (hash text);
\\copy r FROM '$dir/receipts'
SELECT count(*) FROM r WHERE NOT EXISTS (SELECT 1 FROM aigov.entry e WHERE e.hash = decode(r.hash, 'hex'));
SQL
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.entry WHERE system = 'gone'} ),
    '0', 'nothing rolled back is there' );
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.entry e FULL JOIN aigov.content c USING (log, lane, seq) WHERE e.v IS NULL OR c.salt IS NULL} ),
    '0', 'every entry has its content' );
$node->stop;
done_testing();
