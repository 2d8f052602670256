#!/usr/bin/perl
# person.pl - what announces a person's name as const C tables
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl core/redact/person.pl person.def > person_data.h
#
# Phrases are looked up by their last two bytes, of each the low five bits:
# phrase_first has the first phrase of such a key, plus one, and phrases of one
# key follow each other.  Words are in the order of their bytes.
use strict;
use warnings;

my ($file) = @ARGV;
die "usage: person.pl FILE\n" unless defined $file;
open my $fh, '<', $file or die "person.pl: $file: $!\n";
my $text = do { local $/; <$fh> };
$text =~ s{/\*.*?\*/}{}gs;

# The items of a call: strings put together, parted by bars.
sub items {
    my ($strings) = @_;
    return split /\|/, join '', $strings =~ /"([^"]*)"/g;
}

sub key {
    my ($phrase) = @_;
    my ( $b, $a ) = unpack 'CC', substr " $phrase", -2;
    return ( $a & 31 ) << 5 | ( $b & 31 );
}

my ( @phrases, @words, %seen );
while ( $text =~ /^PHRASES\((\w+),([^)]*)\)/mg ) {
    my $kind = $1;
    for my $phrase ( items($2) ) {
        die "person.pl: \"$phrase\" is there twice\n" if $seen{$phrase}++;
        push @phrases, [ key($phrase), $phrase, $kind ];
    }
}
while ( $text =~ /^WORDS\(([^)]*)\)/mg ) {
    push @words, items($1);
}
@phrases = sort { $a->[0] <=> $b->[0] || $a->[1] cmp $b->[1] } @phrases;
die "person.pl: more than 255 phrases\n" if @phrases > 255;
my @first = (0) x 1024;
$first[ $phrases[$_][0] ] ||= $_ + 1 for 0 .. $#phrases;
my %word = map { $_ => 1 } @words;

print "/* made by core/redact/person.pl */\n",
    "#define PHRASES ", scalar @phrases, "\n#define WORDS ", scalar keys %word, "\n\n",
    "static const struct phrase {\n    const char *text;\n    uint16_t key;\n",
    "    uint8_t n, kind;\n} phrases[PHRASES] = {\n",
    ( map { sprintf "    {\"%s\", %d, %d, %s},\n", $_->[1], $_->[0], length $_->[1], $_->[2] }
        @phrases ),
    "};\n\nstatic const uint8_t phrase_first[1024] = {\n",
    ( map { '    ' . join( ', ', @first[ $_ * 32 .. $_ * 32 + 31 ] ) . ",\n" } 0 .. 31 ),
    "};\n\nstatic const char *const words[WORDS] = {\n",
    ( map {"    \"$_\",\n"} sort keys %word ), "};\n";
