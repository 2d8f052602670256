# 003_standby.pl - a standby verifies; a subscriber keeps origin and erasures
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Aigov;

my $primary = node( 'primary', streaming => 'logical' );
$primary->safe_psql( 'postgres', <<'SQL');
CREATE EXTENSION aigov;
SELECT aigov.init('example.com/primary');
SELECT aigov.append(format('{"system":"s%s","input":"i"}', g)) FROM generate_series(1, 50) g;
SQL
$primary->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup( $primary, 'b', has_streaming => 1 );
$standby->start;
$primary->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"after"}')} );
$primary->wait_for_catchup( $standby, 'replay', $primary->lsn('insert') );

is( bad_ranges($standby), '', 'verify on a standby' );
is( $standby->safe_psql( 'postgres', 'SELECT sum(entries) FROM aigov.verify()' ),
    $primary->safe_psql( 'postgres', 'SELECT count(*) FROM aigov.entry' ),
    'all entries' );
is( $standby->safe_psql( 'postgres', 'SELECT count(*) FROM aigov.interaction' ), '51', 'views' );
is( $standby->safe_psql( 'postgres', q{SELECT detail FROM aigov.health WHERE item = 'epoch'} ), 'ready', 'health' );
for my $sql (
    q{aigov.append('{"system":"s"}')},
    q{aigov.append_batch('[{"system":"s"}]')},
    q{aigov.put('scope_decision', 'x', '{"decision":"undecided"}')},
    q{aigov.erase('0199a0b2-0000-7000-8000-000000000001', 'r')},
    q{aigov.init('example.com/primary')},
    q{aigov.new_epoch('example.com/p2', 'failover')} )
{
    my ( $rc, $out, $err ) = $standby->psql( 'postgres', "SELECT $sql", on_error_stop => 1,
        extra_params => [ '-v', 'VERBOSITY=sqlstate' ] );
    like( $err, qr/25006/, "$sql is refused kindly" );
}

# --- failover: the promoted server goes on ---------------------------------------
$standby->promote;
is( $standby->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"promoted"}')->>'seq'} ),
    '52', 'a failover that lost nothing just goes on' );
is( bad_ranges($standby), '', 'verify after promotion' );
$standby->stop;

# --- logical replication into an auditors' database ------------------------------
my $auditor = node('auditor');
$auditor->safe_psql( 'postgres', <<'SQL');
CREATE EXTENSION aigov;
SELECT aigov.init('example.com/auditor');
SELECT aigov.append('{"system":"own"}');
SQL
$primary->safe_psql( 'postgres',
    q{CREATE PUBLICATION aigov FOR TABLE aigov.log, aigov.entry, aigov.content WITH (publish = 'insert, delete')} );
my $conn = 'dbname=postgres host=' . $primary->host . ' port=' . $primary->port;
$auditor->safe_psql( 'postgres', "CREATE SUBSCRIPTION s CONNECTION '$conn' PUBLICATION aigov" );
$auditor->wait_for_subscription_sync( $primary, 's' ) if $auditor->can('wait_for_subscription_sync');
$auditor->poll_query_until( 'postgres',
    q{SELECT count(*) = 3 FROM pg_subscription_rel WHERE srsubstate IN ('r', 's')} );
$primary->safe_psql( 'postgres',
    q{SELECT aigov.erase((SELECT id FROM aigov.entry WHERE lane = 1 AND seq = 7), 'asked')} );
$primary->wait_for_catchup('s');
is( bad_ranges($auditor), '', 'the copy verifies beside the own log' );
is( $auditor->safe_psql( 'postgres', <<'SQL'), "example.com/auditor|intact\nexample.com/primary|erased\nexample.com/primary|intact", 'origins are kept, the erasure arrived' );
SELECT DISTINCT origin, content FROM aigov.verify() ORDER BY 1, 2
SQL
is( $auditor->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"own"}')->>'seq'} ), '2', 'the own log goes on' );
$auditor->safe_psql( 'postgres', 'DROP SUBSCRIPTION s' );
$auditor->stop;
$primary->stop;
done_testing();
