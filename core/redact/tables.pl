#!/usr/bin/perl
# tables.pl - context words, shapes and the ruleset as const C tables
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl core/redact/tables.pl groups  context_*.def > context_groups.h
#   perl core/redact/tables.pl data    context_*.def > context_data.h
#   perl core/redact/tables.pl shapes  rules_*.def   > shape_data.h
#   perl core/redact/tables.pl tokens  tokens.def    > token_data.h
#   perl core/redact/tables.pl ruleset *.def         > ruleset_data.h
#   perl core/redact/tables.pl listing *.def | sha256sum
#
#   DETECTOR, ENGINE
#       as detectors.def and engine.def say.  The listing is all tables without
#       their comments; its SHA-256 is body.rules of an entry.
#   CONTEXT(group, "word|a phrase|beginn*")
#       Words are normalised as in context.c.  Words of four ASCII letters and
#       more stand for their plural in s too.  A group may have several lines.
#   RULE(detector, base, why, check, "shape|shape")
#       base  score in hundredths by form and check alone
#       why   VALIDATED or FORM
#       check aigov__check_<check>(window); `form` takes all
#       shape d a digit, L a letter, X either; ~ one of space - . (the same
#             throughout), ? the same or nothing; other signs are themselves;
#             #9 nine digits, @9 nine letters and digits, #8-12 a range
#   MORE(check, most, "why")
#       the most that a check adds to a base, where that is not nothing
#   TOKEN(detector, base, variety, check, "form")
#       see tokens.def
use strict;
use warnings;
use utf8;
use Digest::SHA qw(sha256);
use Encode qw(encode decode);

our @files;    # `local` in detectors()
( my $what, @files ) = @ARGV;
die "usage: tables.pl groups|data|shapes|tokens|ruleset|listing FILE...\n" unless @files;

# The items of all files: [file:line, name, arguments]
sub items {
    my ($macro) = @_;
    my @items;
    for my $file (@files) {
        open my $fh, '<:encoding(UTF-8)', $file or die "tables.pl: $file: $!\n";
        local $/;
        my $text = <$fh>;
        $text =~ s{/\*.*?\*/}{ "\n" x ( $& =~ tr/\n// ) }gse;
        while ( $text =~ /\b$macro\(([^"]*?)((?:"(?:[^"\\]|\\.)*"\s*)+)\)/g ) {
            my ( $args, $strings ) = ( $1, $2 );
            my $at = "$file:" . ( 1 + ( substr( $text, 0, $-[0] ) =~ tr/\n// ) );
            my $joined = join '', $strings =~ /"((?:[^"\\]|\\.)*)"/g;
            push @items,
                [ $at, ( grep {length} map { s{^\s+|\s+$}{}gr } split /,/, $args ), $joined ];
        }
    }
    return @items;
}

# --- words, as context.c reads them -----------------------------------------

my @latin = split //,
      'aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty'
    . 'aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll'
    . 'lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs';
my %tonos = (
    0x386 => 0x3B1, 0x3AC => 0x3B1, 0x388 => 0x3B5, 0x3AD => 0x3B5,
    0x389 => 0x3B7, 0x3AE => 0x3B7, 0x38A => 0x3B9, 0x3AF => 0x3B9,
    0x38C => 0x3BF, 0x3CC => 0x3BF, 0x38E => 0x3C5, 0x3CD => 0x3C5,
    0x38F => 0x3C9, 0x3CE => 0x3C9
);

sub is_alone {
    my ($u) = @_;
    return
           ( $u >= 0xE00  && $u < 0xE80 )
        || ( $u >= 0x1100 && $u < 0x1200 )
        || ( $u >= 0x2E80 && $u < 0xD7B0 )
        || ( $u >= 0xF900 && $u < 0xFB00 )
        || $u >= 0x20000;
}

# "Élève 身份" -> ('eleve', '身', '份'), each as UTF-8 bytes
sub words {
    my ($text) = @_;
    my ( @words, $word );
    for my $c ( split //, $text ) {
        my $u = ord $c;
        my $out = '';
        if    ( $u < 0x80 )                 { $out = $c =~ /[A-Za-z]/ ? lc $c : '' }
        elsif ( $u >= 0xC0 && $u < 0x180 )  { $out = $latin[ $u - 0xC0 ] }
        elsif ( $tonos{$u} )                { $out = chr $tonos{$u} }
        elsif ( $u >= 0x400 && $u <= 0x40F ) { $out = chr( $u + 0x50 ) }
        elsif (( $u >= 0x391 && $u <= 0x3A9 ) || ( $u >= 0x410 && $u <= 0x42F ) )
                                            { $out = chr( $u + 0x20 ) }
        elsif ( $u >= 0x250
            && !( $u >= 0x2000 && $u < 0x2E80 )
            && !( $u >= 0x3000 && $u < 0x3040 ) )
                                            { $out = $c }
        $out = '' if $out eq '*';
        if ( is_alone($u) ) {
            push @words, $word if defined $word;
            undef $word;
            push @words, $out;
        }
        elsif ( $out eq '' ) {
            push @words, $word if defined $word;
            undef $word;
        }
        else { $word = ( $word // '' ) . $out }
    }
    push @words, $word if defined $word;
    return map { encode( 'UTF-8', $_ ) } @words;
}

# FNV-1a, 64 bits, without bigint: two halves
sub fnv {
    my ($bytes) = @_;
    my ( $h, $l ) = ( 0xcbf29ce4, 0x84222325 );
    for my $c ( unpack 'C*', $bytes ) {
        $l ^= $c;
        # times 0x100000001b3
        my $low = $l * 0x1b3;
        my $carry = int( $low / 4294967296 );
        $h = ( $h * 0x1b3 + $carry + ( $l << 8 ) ) % 4294967296;
        $l = $low % 4294967296;
    }
    return sprintf '%08x%08x', $h, $l;
}

# The hash of the last two words of a phrase, as pair of context.c
sub pair {
    my ( $last, $before ) = map { fnv($_) } @_;
    return sprintf '%08x%08x',
        hex( substr $last, 0, 8 ) ^ hex( substr $before, 8 ),
        hex( substr $last, 8 ) ^ hex( substr $before, 0, 8 );
}

# A bit for each hash, as may_be_in of context.c reads it
my $filter_bits = 16384;

sub filter {
    my ( $name, @hashes ) = @_;
    my @bytes = (0) x ( $filter_bits / 8 );
    for my $hash (@hashes) {
        my $bit = hex( substr $hash, 0, 8 ) & ( $filter_bits - 1 );
        $bytes[ $bit / 8 ] |= 1 << ( $bit & 7 );
    }
    return "static const uint8_t $name\[CONTEXT_FILTER_BITS / 8] = {\n",
        rows(@bytes), "};\n\n";
}

sub plural { return $_[0] =~ /^[a-z]{4,}$/ && $_[0] !~ /s$/ ? ( $_[0] . 's' ) : () }

my @groups = ('NONE');
my %group;    # name -> number

sub read_groups {
    for my $item ( items('CONTEXT') ) {
        next if $group{ $item->[1] };
        $group{ $item->[1] } = @groups;
        push @groups, $item->[1];
    }
    die "tables.pl: more than 255 groups\n" if @groups > 255;
}

sub write_groups {
    print "enum {\n", ( map {"    AIGOV__C_$_,\n"} @groups ),
        "    AIGOV__GROUPS\n};\n";
}

sub write_context {
    my %entry;    # phrase -> { groups }
    for my $item ( items('CONTEXT') ) {
        my ( $at, $group, $list ) = @$item;
        for my $text ( split /\|/, $list ) {
            my $prefix = $text =~ s/\*$//;
            my @w      = words($text);
            die "$at: no word in \"$text\"\n" unless @w;
            die "$at: \"$text\" has more than five words\n" if @w > 5;
            die "$at: \"$text\" begins with under four bytes\n"
                if $prefix && ( @w > 1 || length $w[0] < 4 );
            my @last = ( $w[-1] . ( $prefix ? '*' : '' ) );
            push @last, plural( $w[-1] ) unless $prefix;
            for my $last (@last) {
                $entry{ join ' ', @w[ 0 .. $#w - 1 ], $last }{ $group{$group} } = 1;
            }
        }
    }
    my ( %by_last, %prefix, %start );
    for my $phrase ( sort keys %entry ) {
        my @w = split / /, $phrase;
        push @{ $by_last{ @w > 1 ? pair( @w[ -1, -2 ] ) : fnv( $w[0] ) } }, \@w;
        $prefix{$1} = 1 if $phrase =~ /^(.*)\*$/;
        my ( $x, $y ) = unpack 'CC', $w[-1] =~ s/[^a-z].*//sr . "\0\0";
        $start{$_}[ $x & 31 ] |= 1 << ( $y & 31 ) for keys %{ $entry{$phrase} };
    }
    my ( @before, @lists, %list, @rows, %slot ) = ();
    push @lists, 0;
    push @rows, '{0, 0, 0, 0}';
    for my $last ( sort keys %by_last ) {
        my @phrases = sort { @$b <=> @$a || "@$a" cmp "@$b" } @{ $by_last{$last} };
        $slot{$last} = scalar @rows;
        for my $k ( 0 .. $#phrases ) {
            my @w   = @{ $phrases[$k] };
            my $key = join ',', sort { $a <=> $b } keys %{ $entry{"@w"} };
            if ( !defined $list{$key} ) {
                $list{$key} = @lists;
                push @lists, split( /,/, $key ), 0;
            }
            push @rows, sprintf '{%d, %d, %d, %d}', $list{$key}, $#w,
                scalar @before, $k < $#phrases ? @rows + 1 : 0;
            push @before, map { '0x' . fnv($_) . 'u' } reverse @w[ 0 .. $#w - 1 ];
        }
    }
    my $slots = 64;
    $slots *= 2 while $slots < 2 * keys %slot;
    my @table = ('{0, 0}') x $slots;
    for my $hash ( sort keys %slot ) {
        my $i = hex( substr $hash, 8 ) & ( $slots - 1 );
        $i = ( $i + 1 ) & ( $slots - 1 ) while $table[$i] ne '{0, 0}';
        $table[$i] = "{0x${hash}u, $slot{$hash}}";
    }
    push @before, '0' unless @before;
    print "#define CONTEXT_SLOTS $slots\n",
        "#define CONTEXT_FILTER_BITS $filter_bits\n\n",
        "/* Words, and beginnings of words before their star. */\n",
        filter( 'context_filter', keys %slot ),
        filter( 'context_prefix', map { fnv($_) } keys %prefix ),
        "/* The first four bytes of the latter. */\n",
        filter( 'context_begin', map { fnv( substr $_, 0, 4 ) } keys %prefix ),
        "/* By group and first letter, bits of the second letters of words that end\n",
        " * a phrase; bit 0: none. */\n",
        "static const uint32_t context_starts[AIGOV__GROUPS][32] = {\n",
        ( map { "    {" . join( ', ', map { sprintf '0x%x', $_ // 0 }
                    @{ $start{$_} // [] }[ 0 .. 31 ] ) . "},\n" } 0 .. $#groups ),
        "};\n\n",
        "/* Of a word, or of the last two of a phrase (pair of context.c).\n",
        " * entry: its index below; words: how many must stand before, whose\n",
        " * hashes begin at before, the nearest first; next: another phrase with\n",
        " * the same last words; groups: where its list begins. */\n",
        "static const struct context_slot {\n    uint64_t hash;\n    uint16_t entry;\n",
        "} context_slots[CONTEXT_SLOTS] = {\n", rows(@table), "};\n\n",
        "static const struct context_entry {\n    uint16_t groups, words, before, next;\n",
        "} context_entries[] = {\n", rows(@rows), "};\n\n",
        "static const uint64_t context_words[] = {\n", rows(@before), "};\n\n",
        "static const uint8_t context_groups[] = {\n", rows(@lists), "};\n";
}

sub rows { return map {"    $_,\n"} @_ }

# --- shapes ------------------------------------------------------------------

sub expand {
    my ( $at, $shape ) = @_;
    if ( $shape =~ /^([#@])(\d+)-(\d+)$/ ) {
        return map {"$1$_"} $2 .. $3;
    }
    return ($shape) if $shape =~ /^[#@]\d+$/;
    my @all;
    if ( $shape =~ /[~?]/ ) {
        for my $sep ( ' ', '-', '.', $shape =~ /\?/ ? '' : () ) {
            ( my $one = $shape ) =~ s/[~?]/$sep/g;
            push @all, $one;
        }
    }
    else { @all = ($shape) }
    while ( grep {/X/} @all ) {
        @all = map {
            my $s = $_;
            $s =~ /X/ ? ( $s =~ s/X/d/r, $s =~ s/X/L/r ) : ($s)
        } @all;
    }
    for my $one (@all) {
        die "$at: shape \"$one\"\n" unless $one =~ m{^[dL]([-./_: (]?[dL])*$};
    }
    return @all;
}

sub hash_shape {
    my ($bytes) = @_;
    my $h = 0x811c9dc5;
    for my $c ( unpack 'C*', $bytes ) {
        $h ^= $c;
        $h = ( $h * 0x0193 + ( ( $h << 24 ) & 0xffffffff ) ) & 0xffffffff;
    }
    return $h;
}

sub write_shapes {
    my ( %check, @rules, %shape );
    my %more = map { $_->[1] => $_->[2] } items('MORE');
    for my $item ( items('RULE') ) {
        my ( $at, $detector, $base, $why, $check, $list ) = @$item;
        die "$at: base \"$base\"\n" unless $base =~ /^\d+$/ && $base <= 100;
        my $bits
            = $why eq 'VALIDATED' ? 'AIGOV_WHY_VALIDATED'
            : $why eq 'FORM'      ? '0'
            :                       die "$at: why \"$why\"\n";
        $check{$check} = 1;
        my %seen;
        for my $one ( map { expand( $at, $_ ) } split /\|/, $list ) {
            push @{ $shape{$one} }, scalar @rules unless $seen{$one}++;
        }
        push @rules, sprintf '{AIGOV__D_%s, %d, %d, %s, aigov__check_%s}',
            $detector, $base, $base + ( $more{$check} // 0 ), $bits, $check;
    }
    print map {"int aigov__check_$_(const aigov__window *w);\n"} sort keys %check;
    my ( @list, %counted );
    my $most_of = sub {
        my ($m) = sort { $b <=> $a } map { $rules[$_] =~ /, \d+, (\d+),/ ? $1 : 0 } @_;
        return $m;
    };
    for my $one ( grep {/^[#@]/} sort keys %shape ) {
        $counted{$one} = sprintf '{%d, %d, %d}', scalar @list,
            scalar @{ $shape{$one} }, $most_of->( @{ $shape{$one} } );
        push @list, @{ $shape{$one} };
    }
    my @shapes = grep { !/^[#@]/ } sort keys %shape;
    my $slots = 64;
    $slots *= 2 while $slots < 2 * @shapes;
    my ( @table, @filter );
    @table = ('{0, NULL, {0, 0, 0}}') x $slots;
    @filter = (0) x 1024;
    for my $one (@shapes) {
        my $h = hash_shape($one);
        $filter[ $h >> 22 ] |= 1 << ( $h >> 19 & 7 );
        my $i = $h & ( $slots - 1 );
        $i = ( $i + 1 ) & ( $slots - 1 ) while $table[$i] ne '{0, NULL, {0, 0, 0}}';
        $table[$i] = sprintf '{0x%08xu, "%s", {%d, %d, %d}}', $h, $one, scalar @list,
            scalar @{ $shape{$one} }, $most_of->( @{ $shape{$one} } );
        push @list, @{ $shape{$one} };
    }
    my @row = map {
        my $kind = $_;
        '{' . join( ', ', map { $counted{"$kind$_"} // '{0, 0, 0}' } 0 .. 40 ) . '}'
    } '#', '@';
    my ($most) = sort { $b <=> $a }
        map { /^[#@](\d+)$/ ? $1 : tr/dL// } keys %shape;
    my ($most_mixed) = sort { $b <=> $a }
        map { /^@(\d+)$/ ? $1 : /^#/ || !/L/ ? 0 : tr/dL// } keys %shape;
    print "\n#define SHAPE_SLOTS $slots\n",
        "/* letters and digits that a window can have, and one with letters */\n",
        "#define SHAPE_MOST $most\n#define SHAPE_MOST_MIXED $most_mixed\n\n",
        "/* Bit hash >> 19 says whether a shape may be there. */\n",
        "static const uint8_t shape_filter[1024] = {\n", rows(@filter), "};\n\n",
        "/* Rules of a shape, and the most that one of them gives. */\n",
        "struct shape_rules {\n    uint16_t first, n;\n    uint8_t most;\n};\n\n",
        "/* By count: digits alone, both kinds. */\n",
        "static const struct shape_rules shape_counted[2][AIGOV__WINDOW_BYTES + 1] = {\n", rows(@row), "};\n\n",
        "/* most: base and what the check may add. */\n",
        "static const struct shape_rule {\n    uint16_t detector;\n",
        "    uint8_t base, most, why;\n",
        "    aigov__check check;\n} shape_rules[] = {\n", rows(@rules), "};\n\n",
        "static const uint16_t shape_list[] = {\n", rows(@list), "};\n\n",
        "static const struct shape_slot {\n    uint32_t hash;\n    const char *shape;\n",
        "    struct shape_rules rules;\n} shape_slots[SHAPE_SLOTS] = {\n", rows(@table), "};\n";
}

# --- tokens ------------------------------------------------------------------

# Characters of a run, by the letter that names it in a form; a bit each.
my @runs = (
    [ d => '0-9' ],             [ h => '0-9a-f' ],
    [ H => '0-9a-fA-F' ],       [ l => '0-9a-z' ],
    [ U => '0-9A-Z' ],          [ a => 'a-zA-Z' ],
    [ A => '0-9a-zA-Z' ],       [ w => '0-9a-zA-Z_-' ],
    [ e => '0-9a-zA-Z_=-' ],    [ p => '0-9a-zA-Z_=.-' ],
    [ b => '0-9a-zA-Z+/' ],     [ B => '0-9a-zA-Z+/_-' ],
    [ t => 'A-Z2-7' ],          [ z => '02-9AC-HJ-NP-Z' ],
    [ '=' => '=' ],             [ c => '0-9a-zA-Z%' ],
    [ k => '0-9a-z!@#$%^&*(_=+)-' ]
);
my %run_bit = map { $runs[$_][0] => 1 << $_ } 0 .. $#runs;

# A form as steps: { characters, least, most }, most 0 without a limit, or
# { 0, a literal character, 0 }
sub steps {
    my ( $at, $form ) = @_;
    my @steps;
    $form =~ s/<uuid>/<h8>-<h4>-<h4>-<h4>-<h12>/g;
    while ( $form =~ /\G(?:<(.)(\d+)(?:-(\d+)|(\+))?>|([^<>]))/gc ) {
        if ( defined $5 ) { push @steps, sprintf '{0, %d, 0}', ord $5; next }
        my ( $run, $least, $most ) = ( $1, $2, $3 // ( $4 ? 0 : $2 ) );
        die "$at: run \"$run\" of \"$form\"\n"  unless $run_bit{$run};
        die "$at: counts of \"$form\"\n" if $most && $most < $least || $most > 65535;
        push @steps, sprintf '{0x%x, %d, %d}', $run_bit{$run}, $least, $most;
    }
    die "$at: form \"$form\"\n" if ( pos $form // 0 ) != length $form;
    return @steps;
}

# How many bytes of a body say whether it is uniform, before it is read: as many
# as it has at least, if they are enough, up to 64.
sub sample {
    my $least = 0;
    for my $step (@_) {
        my ( $run, $n ) = $step =~ /\{(\w+), (\d+)/;
        $least += $run eq '0' ? 1 : $n;
    }
    return $least < 32 ? 0 : $least > 64 ? 64 : $least;
}

# The forms are grouped by the first two characters of their prefix, in the
# order of the file; slots is a hash table of these pairs.
sub write_tokens {
    my ( %check, %pair, @order, @rows, @steps );
    for my $item ( items('TOKEN') ) {
        my ( $at, $detector, $base, $variety, $check, $form ) = @$item;
        my ($prefix) = $form =~ /^([^<]{2,23})</ or die "$at: prefix \"$form\"\n";
        my $pair = substr $prefix, 0, 2;
        die "$at: base \"$base\"\n" unless $base =~ /^\d+$/ && $base <= 100;
        $check{$check} = 1 if $check ne 'none';
        push @order, $pair unless $pair{$pair};
        push @{ $pair{$pair} },
            [ $prefix, $detector, $base, $variety, $check, $form =~ /<[bB]\d/ ? 1 : 0,
              steps( $at, substr $form, length $prefix ) ];
    }
    my $slots = 64;
    $slots *= 2 while $slots < 2 * @order;
    my @table = ('{0, 0, 0}') x $slots;
    for my $pair (@order) {
        my ( $x, $y ) = unpack 'CC', $pair;
        my $i = ( $x * 31 + $y ) & ( $slots - 1 );
        $i = ( $i + 1 ) & ( $slots - 1 ) while $table[$i] ne '{0, 0, 0}';
        $table[$i] = sprintf '{0x%04x, %d, %d}', $x << 8 | $y, scalar @rows,
            scalar @{ $pair{$pair} };
        for my $row ( @{ $pair{$pair} } ) {
            my ( $prefix, $detector, $base, $variety, $check, $base64, @form ) = @$row;
            push @rows, sprintf '{"%s", %d, AIGOV__D_%s, %d, %d, %d, %d, %d, %d, %s}',
                $prefix, length $prefix, $detector, $base, $variety, $base64,
                sample(@form), scalar @steps, scalar @form,
                $check eq 'none' ? 'NULL' : "aigov__token_$check";
            push @steps, @form;
        }
    }
    my @classes;
    for my $c ( 0 .. 255 ) {
        my $bits = 0;
        for my $run (@runs) {
            my ( $name, $set ) = @$run;
            $bits |= $run_bit{$name} if chr($c) =~ /[$set]/;
        }
        push @classes, sprintf '0x%x', $bits;
    }
    print "#define TOKEN_SLOTS $slots\n\n",
        "/* the runs that a byte may stand in */\n",
        "static const uint32_t token_runs[256] = {\n",
        ( map { '    ' . join( ', ', @classes[ $_ * 8 .. $_ * 8 + 7 ] ) . ",\n" } 0 .. 31 ),
        "};\n\n",
        "static const struct token_step {\n    uint32_t run;\n    uint16_t least, most;\n",
        "} token_steps[] = {\n", rows(@steps), "};\n\n",
        "static const struct token_form {\n    const char *prefix;\n    uint8_t prefix_n;\n",
        "    uint16_t detector;\n    uint8_t base, variety, base64, sample;\n",
        "    uint16_t step, steps;\n",
        "    aigov__token_check check;\n} token_forms[] = {\n", rows(@rows), "};\n\n",
        "static const struct token_slot {\n    uint16_t pair, form, forms;\n",
        "} token_slots[TOKEN_SLOTS] = {\n", rows(@table), "};\n";
}


# --- what is in force -------------------------------------------------------

# Detectors in the order of detectors.def, which is that of the C enum: it
# decides among hits that are equal otherwise.
sub detectors {
    my ($all) = grep {m{(^|/)detectors\.def$}} @files;
    die "tables.pl: no detectors.def\n" unless $all;
    ( my $dir = $all ) =~ s{[^/]*$}{};
    open my $fh, '<', $all or die "tables.pl: $all: $!\n";
    local @files = map { /^#include "(.*)"/ ? "$dir$1" : () } <$fh>;
    return items('DETECTOR');
}

# Every table without comments and layout, in the order of file names.
sub listing {
    my $text = "aigov rules 1\n";
    for my $file ( sort @files ) {
        open my $fh, '<', $file or die "tables.pl: $file: $!\n";
        local $/;
        my $table = <$fh>;
        $table =~ s{/\*.*?\*/}{}gs;
        $text .= "# " . ( $file =~ s{.*/}{}r ) . "\n";
        $text .= "$_\n" for grep {length} map { s{^\s+|\s+$}{}gr } split /\n/, $table;
    }
    return $text;
}

sub write_ruleset {
    my @all = detectors();
    my %entity = map { $_->[2] => 1 } @all;
    my @names  = sort keys %entity;
    my @order = sort { $a->[2] cmp $b->[2] || $a->[1] cmp $b->[1] } @all;
    @entity{@names} = 0 .. $#names;
    print "#define RULESET_ENTITIES ", scalar @names, "\n\n",
        "static const char *const ruleset_entities[] = {\n",
        rows( map {"\"$_\""} @names ), "};\n\n",
        "/* entity of a detector */\n",
        "static const uint16_t ruleset_entity_of[] = {\n",
        rows( map {"[AIGOV__D_$_->[1]] = $entity{$_->[2]}"} @all ), "};\n\n",
        "/* detectors by entity, then name */\n",
        "static const uint16_t ruleset_order[] = {\n",
        rows( map {"AIGOV__D_$_->[1]"} @order ), "};\n\n",
        "static const uint8_t ruleset_hash[32] = {\n",
        rows( map { join ', ', map { sprintf '0x%02x', $_ } @$_ } hash_rows() ),
        "};\n";
}

sub hash_rows {
    my @hash = unpack 'C*', sha256( listing() );
    return map { [ @hash[ 8 * $_ .. 8 * $_ + 7 ] ] } 0 .. 3;
}

if ( $what eq 'listing' ) {
    print listing();
    exit;
}
binmode STDOUT, ':utf8';
print "/* made by core/redact/tables.pl */\n";
if    ( $what eq 'groups' )  { read_groups(); write_groups() }
elsif ( $what eq 'data' )    { read_groups(); write_context() }
elsif ( $what eq 'shapes' )  { write_shapes() }
elsif ( $what eq 'tokens' )  { write_tokens() }
elsif ( $what eq 'ruleset' ) { write_ruleset() }
else                         { die "tables.pl: no $what\n" }
