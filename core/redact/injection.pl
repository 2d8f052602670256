#!/usr/bin/perl
# injection.pl - terms and rules of injection.def as const C tables
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl core/redact/injection.pl injection.def > injection_data.h
#
# Terms become a tree of bytes: the children of a node follow each other in the
# order of their bytes.  A space is an edge of its own.  Accents are gone, as
# aigov__plain_letter makes it.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use Unicode::Normalize;

my ($file) = @ARGV;
die "usage: injection.pl FILE\n" unless defined $file;
open my $fh, '<', $file or die "injection.pl: $file: $!\n";
my $text = do { local $/; <$fh> };
$text =~ s{/\*.*?\*/}{}gs;

my ( @concepts, %concept, @groups, %group, @rules );

sub concept {
    my ($name) = @_;
    push @concepts, $name unless exists $concept{$name};
    $concept{$name} = $#concepts unless exists $concept{$name};
    return $concept{$name};
}

# Latin letters lose their accents; what else NFD would take apart stays.
sub plain {
    my ($term) = @_;
    $term =~ s{([\x{C0}-\x{17F}])}{ substr NFD($1), 0, 1 }ge;
    return $term;
}

# A node: byte => node; '*' masks of terms that end so, '.' of whole terms.
my $root = {};

sub add {
    my ( $term, $mask ) = @_;
    my $kind = $term =~ s/\*$// ? 'open' : 'whole';
    my $node = $root;
    utf8::encode($term);
    for my $byte ( unpack 'C*', $term ) {
        $node = $node->{next}{$byte} //= {};
    }
    $node->{$kind} = ( $node->{$kind} // 0 ) | $mask;
}

while ( $text =~ /^TERMS\((\w+),([^)]*)\)/mg ) {
    my $mask = 1 << concept($1);
    for my $term ( split /\|/, join '', $2 =~ /"([^"]*)"/g ) {
        $term = plain($term);
        $term =~ tr/_/ /;
        add( $term, $mask );
        next if $term =~ /[^a-z *]/ || ( $term =~ tr/a-z// ) < 4;
        ( my $turned = $term ) =~ tr/a-z/n-za-m/;
        add( $turned, $mask );
    }
}
while ( $text =~ /^GROUP\((\w+), "([^"]*)"\)/mg ) {
    $group{$1} = @groups;
    push @groups, [ $1, $2 ];
}
while ( $text =~ /^RULE\((\w+), (\d+), (\d+), ([^)]*)\)/mg ) {
    my ( $name, $weight, $span, $parts ) = ( $1, $2, $3, $4 );
    my @part = map {
        my $mask = 0;
        $mask |= 1 << concept($_) for split /\|/;
        $mask;
    } split /, */, $parts;
    die "injection.pl: no group $name\n" unless exists $group{$name};
    die "injection.pl: more than 3 parts\n" if @part > 3;
    push @rules, [ $name, $weight, $span, \@part ];
}
die "injection.pl: more than 64 concepts\n" if @concepts > 64;
die "injection.pl: more than 32 groups\n" if @groups > 32;

# Breadth first, so that children follow each other.
my @nodes = ($root);
my ( @masks, %mask );
@masks = (0);
$mask{0} = 0;
sub mask {
    my ($m) = @_;
    push @masks, $m unless exists $mask{$m};
    $mask{$m} = $#masks unless exists $mask{$m};
    return $mask{$m};
}
for ( my $i = 0; $i < @nodes; $i++ ) {
    my $n = $nodes[$i];
    $n->{first} = @nodes;
    $n->{n} = keys %{ $n->{next} // {} };
    for my $byte ( sort { $a <=> $b } keys %{ $n->{next} // {} } ) {
        $n->{next}{$byte}{byte} = $byte;
        push @nodes, $n->{next}{$byte};
    }
}
die "injection.pl: more than 65535 nodes\n" if @nodes > 65535;

print "/* made by core/redact/injection.pl */\n\nenum {\n",
    ( map {"    C_$concepts[$_] = $_,\n"} 0 .. $#concepts ), "    CONCEPTS\n};\n\nenum {\n",
    ( map {"    G_$groups[$_][0] = $_,\n"} 0 .. $#groups ), "    GROUPS\n};\n\n",
    "static const struct {\n    const char *name, *reason;\n} groups[GROUPS] = {\n",
    ( map {"    {\"$_->[0]\", \"$_->[1]\"},\n"} @groups ), "};\n\n#define RULES ", scalar @rules,
    "\n\nstatic const rule rules[RULES] = {\n",
    (
    map {
        sprintf "    {G_%s, %d, %d, %d, {%s}},\n", $_->[0], $_->[1], scalar @{ $_->[3] }, $_->[2],
            join ', ',
            map { sprintf '0x%xu', $_ } @{ $_->[3] }
    } @rules
    ),
    "};\n\n";
my @first = (0) x 256;
for my $i ( 1 .. $root->{n} ) {
    $first[ $nodes[$i]{byte} ] = $i;
}
print "static const uint16_t first[256] = {\n",
    ( map { '    ' . join( ', ', @first[ $_ * 16 .. $_ * 16 + 15 ] ) . ",\n" } 0 .. 15 ), "};\n\n";
printf "static const node nodes[%d] = {\n", scalar @nodes;
printf "    {%d, %d, %d, %d, %d},\n", $_->{first}, mask( $_->{whole} // 0 ),
    mask( $_->{open} // 0 ), $_->{n}, $_->{byte} // 0
    for @nodes;
printf "};\n\nstatic const uint64_t masks[%d] = {\n", scalar @masks;
printf "    0x%xu,\n", $_ for @masks;
print "};\n";
