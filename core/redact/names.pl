#!/usr/bin/perl
# names.pl - names that mean a secret as const C tables
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl core/redact/names.pl secret_names.def > names_data.h
#
# A name is the letters of its words, one after the other, hashed from the
# last byte to the first (FNV-1a, 64 bits): assign_name.c reads backwards from
# the sign of the assignment, and a suffix is then a hash on the way.
# Characters beyond ASCII are hashed as they are, so such a name is entered in
# lower case, with a capital, and in capitals.
use strict;
use warnings;
use utf8;
use Encode qw(encode);

my ($file) = @ARGV;
die "usage: names.pl FILE\n" unless defined $file;
open my $fh, '<:encoding(UTF-8)', $file or die "names.pl: $file: $!\n";
my $text = do { local $/; <$fh> };
$text =~ s{/\*.*?\*/}{ "\n" x ( $& =~ tr/\n// ) }gse;

sub fnv {
    my ($bytes) = @_;
    my ( $h, $l ) = ( 0xcbf29ce4, 0x84222325 );
    for my $c ( unpack 'C*', $bytes ) {
        $l ^= $c;
        my $low = $l * 0x1b3;    # times 0x100000001b3
        my $carry = int( $low / 4294967296 );
        $h = ( $h * 0x1b3 + $carry + ( $l << 8 ) ) % 4294967296;
        $l = $low % 4294967296;
    }
    return sprintf '%08x%08x', $h, $l;
}

my ( %entry, @shapes, @fillers, @twice );
# the ends of names that matter by themselves, of those that end longer words,
# of words like "is"
my ( @tails, @suffix_tails, @is_tails );
my $lengths = 0;    # bit n: a suffix of n bytes

sub add {
    my ( $at, $kind, $vendor, $words ) = @_;
    my $suffix = $words =~ s/^\*//;
    ( my $letters = $words ) =~ s/[^\p{L}\p{M}]//g;
    die "$at: no letters in \"$words\"\n" unless length $letters;
    my @cases = ($letters);
    push @cases, ucfirst $letters, uc $letters if $letters =~ /[^a-z]/;
    for my $case (@cases) {
        ( my $bytes = encode( 'UTF-8', $case ) ) =~ tr/A-Z/a-z/;
        die "$at: \"$words\" has more than 31 bytes\n" if length $bytes > 31;
        # whole values are entered apart from names
        my $hash = fnv( reverse($bytes) . ( $kind eq 'NOTHING' ? '=' : '' ) );
        my $tail = length $bytes > 3 ? substr $bytes, -3 : $bytes;
        push @is_tails, $tail if $kind eq 'IS';
        if ( $kind !~ /^(IS|ABOUT|OTHER|VENDOR|NOTHING)$/ ) {
            die "$at: \"$words\" has one letter\n" if length $bytes < 2;
            push @tails, $tail;
        }
        push @suffix_tails, $tail if $suffix;
        my $row = "{0x${hash}u, AIGOV__N_$kind, $vendor, %d}";
        if ( $entry{$hash} && $entry{$hash}[0] ne $row ) {
            push @twice, "$at: \"$words\" is there twice\n";
        }
        $entry{$hash} = [ $row, $suffix || ( $entry{$hash} // [ 0, 0 ] )->[1] ];
        $lengths |= 1 << length $bytes if $suffix;
    }
}

while ( $text =~ /\b(NAME|VENDOR|FILLER)\(\s*(?:(\w+),)?\s*((?:"[^"]*"[\s,]*)+)\)/g ) {
    my ( $macro, $kind, $strings ) = ( $1, $2, $3 );
    my $at = "$file:" . ( 1 + ( substr( $text, 0, $-[0] ) =~ tr/\n// ) );
    my @strings = $strings =~ /"([^"]*)"/g;
    if ( $macro eq 'VENDOR' ) {
        die "$at: VENDOR(words, shapes)\n" unless @strings == 2;
        push @shapes, $strings[1];
        add( $at, 'VENDOR', scalar @shapes, $_ ) for split /\|/, $strings[0];
    }
    elsif ( $macro eq 'NAME' ) {
        add( $at, $kind, 0, $_ ) for split /\|/, join '', @strings;
    }
    else { push @fillers, split /\|/, join '', @strings }
}
die @twice if @twice;
die "names.pl: more than 255 vendors\n" if @shapes > 255;

# fillers by their first byte
@fillers = sort @fillers;
my @at = ( scalar @fillers ) x 129;
for my $i ( reverse 0 .. $#fillers ) { $at[ ord $fillers[$i] ] = $i }
for my $c ( reverse 0 .. 127 ) {
    $at[$c] = $at[ $c + 1 ] unless ord( $fillers[ $at[$c] ] // "\0" ) == $c;
}

my $slots = 64;
$slots *= 2 while $slots < 2 * keys %entry;
my @table = ('{0, 0, 0, 0}') x $slots;
for my $hash ( sort keys %entry ) {
    my $i = hex( substr $hash, 8 ) & ( $slots - 1 );
    $i = ( $i + 1 ) & ( $slots - 1 ) while $table[$i] ne '{0, 0, 0, 0}';
    $table[$i] = sprintf $entry{$hash}[0], $entry{$hash}[1] ? 1 : 0;
}

# A bit for each hash, as may_be_in of assign_name.c reads it
my $filter_bits = 16384;

sub bitmap {
    my ( $name, $n, @bits ) = @_;
    my @bytes = (0) x ( $n / 8 );
    $bytes[ $_ / 8 ] |= 1 << ( $_ & 7 ) for @bits;
    return "static const uint8_t $name\[$n / 8] = {\n", rows(@bytes), "};\n\n";
}

sub filter {
    my ( $name, @hashes ) = @_;
    return bitmap( $name, $filter_bits,
        map { hex( substr $_, 0, 8 ) & ( $filter_bits - 1 ) } @hashes );
}

# A bit for each end, five bits of each of its last three bytes; of two bytes
# where a word has no more (its entry may have another word before).
sub tails {
    my ( $name, @tails ) = @_;
    my @bits;
    for my $tail (@tails) {
        my ( $z, $y, $x ) = map { $_ & 31 } reverse unpack 'C*', $tail;
        push @bits, $x << 10 | $y << 5 | $z if defined $x;
        push @bits, $y << 5 | $z if defined $y;
    }
    return bitmap( $name, 32768, @bits );
}

sub rows { return map {"    $_,\n"} @_ }

print "/* made by core/redact/names.pl */\n#define NAME_SLOTS $slots\n",
    "/* bit n: an entry of n bytes may be the end of a longer word */\n",
    sprintf( "#define NAME_SUFFIXES 0x%xu\n\n", $lengths ),
    "#define NAME_FILTER_BITS $filter_bits\n\n",
    "/* By the last bytes of an entry. */\n",
    tails( 'name_tails', @tails ), tails( 'suffix_tails', @suffix_tails ),
    tails( 'is_tails', @is_tails ),
    "/* By all of an entry. */\n", filter( 'name_filter', keys %entry ),
    "static const struct name_slot {\n    uint64_t hash;\n",
    "    uint8_t kind, vendor, suffix;\n} name_slots[NAME_SLOTS] = {\n",
    rows(@table), "};\n\n", "static const char *const vendor_shapes[] = {\n",
    rows( 'NULL', map {"\"$_\""} @shapes ), "};\n\n",
    "static const char *const fillers[] = {\n", rows( map {"\"$_\""} @fillers ),
    "};\n\n/* where those with a first byte begin */\n",
    "static const uint8_t filler_at[129] = {\n", rows(@at), "};\n";
