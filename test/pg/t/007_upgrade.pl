# 007_upgrade.pl - pg_upgrade to this server's major
#
# SPDX-License-Identifier: PostgreSQL
#
#   AIGOV_OLD_PG_CONFIG   pg_config of an older major that has aigov installed
use strict;
use warnings;
use Test::More;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Aigov;

my $old_config = $ENV{AIGOV_OLD_PG_CONFIG};
plan skip_all => 'AIGOV_OLD_PG_CONFIG is not set' unless $old_config;
chomp( my $old_bin = `$old_config --bindir` );
chomp( my $version = `$old_config --version` );
my $old = PostgreSQL::Test::Cluster->new( 'old', install_path => $old_bin =~ s{/bin$}{}r );
my @init = ( '-E', 'UTF8', '--locale=C' );
$old->init( extra => [@init] );
$old->start;
$old->safe_psql( 'postgres', <<'SQL');
CREATE EXTENSION aigov;
SELECT aigov.init('example.com/upgrade');
SELECT aigov.append(format('{"system":"s%s","input":"i"}', g)) FROM generate_series(1, 50) g;
CREATE INDEX mine ON aigov.entry (actor);
SQL
my $bytes = q{SELECT md5(string_agg(e::text, E'\n' ORDER BY log, lane, seq)) FROM aigov.entry e};
my $before = $old->safe_psql( 'postgres', $bytes );
$old->stop;

my $new = PostgreSQL::Test::Cluster->new('new');
push @init, '--no-data-checksums' if $new->pg_version >= 18;
$new->init( extra => [@init] );
$new->append_conf( 'postgresql.conf', conf() );
chomp( my $new_bin = `pg_config --bindir` );
chdir PostgreSQL::Test::Utils::tempdir;
command_ok(
    [ 'pg_upgrade', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $old_bin,
        '-B', $ENV{AIGOV_BINDIR} // $new_bin, '-s', $new->host, '-p', $old->port, '-P', $new->port ],
    "pg_upgrade from $version" );
$new->start;
is( $new->safe_psql( 'postgres', $bytes ), $before, 'byte for byte' );
is( bad_ranges($new), '', 'verify, schema included' );
my ( $rc, $out, $err ) = $new->psql( 'postgres', q{SELECT aigov.append('{"system":"s"}')->>'seq'} );
is( $out, '51', 'it goes on' ) or diag $err;
$new->stop;
done_testing();
