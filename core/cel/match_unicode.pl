#!/usr/bin/perl
# match_unicode.pl - what patterns know of Unicode, as compact C tables
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl core/cel/match_unicode.pl /usr/share/unicode > core/cel/match_unicode.def
#
# The folder is the Unicode Character Database (Debian: unicode-data).  The
# result is committed and not made by a build: a pattern must mean the same on
# every host, whatever version of Unicode is there.  A new version of Unicode
# is a change of the language, to be told in the change log.
#
# A run is a first code point and a value, and ends where the next begins.
# Where capitals and small letters take turns, as in most of Latin Extended-A,
# they are one run of the value "turns".
use strict;
use warnings;

my ($dir) = @ARGV;
die "usage: match_unicode.pl FOLDER\n" unless defined $dir;

sub lines {
    my ($file) = @_;
    open my $fh, '<', "$dir/$file" or die "match_unicode.pl: $file: $!\n";
    return <$fh>;
}

my $none  = 255;
my $turns = 254;

# The names of all that is not "$none", and runs of values.
sub table {
    my ( $what, $pairs, @value ) = @_;
    my %seen = map { $_ => 1 } grep { defined } @value;
    my @name = sort keys %seen;
    my %index = map { $name[$_] => $_ } 0 .. $#name;
    die "too many values\n" if @name >= $turns;
    my @run;    # first, value
    for my $c ( 0 .. 0x10FFFF ) {
        my $v = defined $value[$c] ? $index{ $value[$c] } : $none;
        push @run, [ $c, $v ] if !@run || $run[-1][1] != $v;
    }
    push @run, [ 0x110000, $none ];
    my @packed;
    for ( my $i = 0 ; $i < @run ; $i++ ) {
        my $n = 0;
        if ($pairs) {
            my @turn = @index{qw(Lu Ll)};
            $n++
              while $i + $n + 1 < @run
              && $run[ $i + $n ][1] == $turn[ $n % 2 ]
              && $run[ $i + $n + 1 ][0] == $run[ $i + $n ][0] + 1;
        }
        push @packed, $n < 4 ? $run[$i][0] << 8 | $run[$i][1] : $run[$i][0] << 8 | $turns;
        $i += $n - 1 if $n >= 4;
    }
    printf "static const char %s_name[][24] = {%s};\n", $what, join ', ', map {"\"$_\""} @name;
    my $at = 0;
    printf "static const uint32_t %s_run[] = {\n", $what;
    while ( my @line = splice @packed, 0, 8 ) {
        print join( ' ', map { sprintf '0x%07x,', $_ } @line ), "\n";
    }
    print "};\n\n";
}

my @category;
my $first;
for ( lines('UnicodeData.txt') ) {
    my ( $code, $name, $gc ) = split /;/;
    my $c = hex $code;
    $first = $c unless $name =~ /, Last>$/;
    @category[ $first .. $c ] = ($gc) x ( $c - $first + 1 );
}

my @script;
my $version;
for ( lines('Scripts.txt') ) {
    $version = $1 if /^# Scripts-([0-9.]+)\.txt/;
    next unless /^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)/;
    my ( $lo, $hi ) = ( hex $1, hex( $2 // $1 ) );
    @script[ $lo .. $hi ] = ($3) x ( $hi - $lo + 1 );
}

# Simple folding (status C and S): those with one folded form take turns.
my %orbit;
for ( lines('CaseFolding.txt') ) {
    next unless /^([0-9A-F]+); [CS]; ([0-9A-F]+);/;
    push @{ $orbit{ hex $2 } }, hex $1;
}
my %next;
for my $form ( keys %orbit ) {
    my @all = sort { $a <=> $b } $form, @{ $orbit{$form} };
    $next{ $all[$_] } = $all[ ( $_ + 1 ) % @all ] for 0 .. $#all;
}
my @fold;    # lo, hi, delta; delta 0: neighbours, pair by pair
my @left = sort { $a <=> $b } keys %next;
while (@left) {
    my $lo = $left[0];
    my ( $paired, $shifted ) = ( 0, 0 );
    $paired += 2
      while ( $left[ $paired + 1 ] // -1 ) == $lo + $paired + 1
      && $left[$paired] == $lo + $paired
      && $next{ $lo + $paired } == $lo + $paired + 1
      && $next{ $lo + $paired + 1 } == $lo + $paired;
    my $delta = $next{$lo} - $lo;
    $shifted++
      while ( $left[$shifted] // -1 ) == $lo + $shifted && $next{ $lo + $shifted } == $lo + $shifted + $delta;
    my $n = $paired > $shifted ? $paired : $shifted;
    push @fold, [ $lo, $lo + $n - 1, $paired > $shifted ? 0 : $delta ];
    splice @left, 0, $n;
}

print <<"END";
/*
 * match_unicode.def - categories, scripts and case folding of Unicode
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Made by match_unicode.pl from the Unicode Character Database $version.
 * Do not edit.
 */
#define UNICODE_NONE $none
#define UNICODE_TURNS $turns

END
table( 'category', 1, @category );
table( 'script',   0, @script );
print "static const struct fold fold[] = {\n";
while ( my @line = splice @fold, 0, 4 ) {
    print join( ' ', map { sprintf '{0x%x, 0x%x, %d},', @$_ } @line ), "\n";
}
print "};\n";
