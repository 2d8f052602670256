# Aigov.pm - what the TAP tests share
#
# SPDX-License-Identifier: PostgreSQL
package Aigov;
use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(node conf bad_ranges fork_psql);

# What a server needs to find the module where it is staged.
sub conf {
    my $file = $ENV{AIGOV_CONF} // return '';
    open my $fh, '<', $file or die "$file: $!";
    local $/;
    return <$fh> // '';
}

sub node {
    my ( $name, %o ) = @_;
    my $node = PostgreSQL::Test::Cluster->new($name);
    $node->init(
        allows_streaming => $o{streaming} // 0,
        extra            => [ '-E', 'UTF8', '--locale=C' ],
    );
    $node->append_conf( 'postgresql.conf', conf() );
    $node->append_conf( 'postgresql.conf', $o{conf} ) if $o{conf};
    $node->start;
    return $node;
}

# Ranges that make the check fail.
sub bad_ranges {
    my ( $node, $db ) = @_;
    return $node->safe_psql( $db // 'postgres', <<'SQL');
SELECT * FROM aigov.verify()
 WHERE status NOT IN ('unanchored', 'verified', 'pruned')
    OR content IN ('modified', 'missing')
SQL
}

# A psql in the background; returns its pid.
sub fork_psql {
    my ( $node, $file, $out ) = @_;
    my $pid = fork;
    die "fork: $!" unless defined $pid;
    if ( $pid == 0 ) {
        open STDOUT, '>', $out;
        open STDERR, '>&', \*STDOUT;
        exec 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $file;
    }
    return $pid;
}

1;
