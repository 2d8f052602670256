#!/usr/bin/perl
# match_differential.pl - patterns of core/cel beside RE2 and Perl
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl test/cel/match_differential.pl OURS [RE2] [CASES [SEED]]
#
# OURS and RE2 are the programs of match_tool.c and match_re2.cc; RE2 may be
# empty.  Patterns are made at random from all of the syntax, some of them bad;
# texts from the characters that the patterns speak of.  RE2 must give the same
# answer in every case, but for the differences of docs/policy-engine.md.  Perl
# is asked where its syntax means the same.
use strict;
use warnings;
use utf8;
use Encode qw(encode);

my ( $ours, $re2, $cases, $seed ) = @ARGV;
die "usage: match_differential.pl OURS [RE2] [CASES [SEED]]\n" unless defined $ours;
$cases ||= 20000;
srand( $seed ||= 1 );

sub pick { return $_[ rand @_ ] }
sub maybe { return rand() < $_[0] }

my @chars = ( qw(a b c k K s S ſ A _ 0 9 - é É ñ σ ς Σ И и 日 ǅ ﬀ), "\x{212A}", "\x{1F600}", "\x{1D400}", ' ', "\n", "\t", ':', '/', ',' );
my @classes = (
    qw(\d \D \s \S \w \W \pL \PL \p{Lu} \P{Lu} \p{^Lu} \p{Greek} \p{Han} \pN \p{Any} \p{Latin} \pS \p{Cyrillic} \p{Lt} \pC)
);
my @posix = map { "[:$_:]" } qw(alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit ^alpha ^space);
my @escapes = ( '\\n', '\\t', '\\.', '\\x41', '\\x{e9}', '\\x{1F600}', '\\101', '\\0', '\\a', '\\-', '\\]', '\\\\', '\\_', '\\/' );
my @odd = (
    '\\1', '\\C', '\\Z', '\\h', '(?=a)', '(?<=a)', '(?!a)', '**', '{2', '{,3}', '{2,1}', ')', '(', '[', ']', '[]a]', '[^]a]', '[a-]', '[b-a]', '\\p{Nope}', '[[:nope:]]', '[[:alpha]', '\\xg', '\\x{110000}', '(?z)', '(?-)', '(?P<n>a)', '(?P<1>a)', '(?P<n', '++', '{1001}', '\\8', '\\Qa.b\\E', '\\Q', '\\E', '(?i', '\\', '{0}', '(?i)', '(?U)', '(?s)', '(?m)', '(?-i)', '[a-\\d]', '\\Q*\\E+', '{02}', '(?:)', '()', '\\pLx', '[\\b]', '(?i-s)', '(?s-i:k)', '[--a]', '[a--]', '[[a]', '[]', '[^]'
);

sub class {
    my $s = maybe(0.3) ? '[^' : '[';
    for ( 0 .. int rand 4 ) {
        my $kind = rand;
        if    ( $kind < 0.4 ) { $s .= quotemeta_class( pick(@chars) ) }
        elsif ( $kind < 0.7 ) {
            my ( $a, $b ) = sort map { pick( grep { /[a-zA-Z0-9é-и]/ } @chars ) } 1, 2;
            $s .= "$a-$b";
        }
        elsif ( $kind < 0.85 ) { $s .= pick(@classes) }
        else                   { $s .= pick(@posix) }
    }
    return "$s]";
}
sub quotemeta_class { my ($c) = @_; return $c =~ /[-\]\\^\[]/ ? "\\$c" : $c }

sub expression {
    my ($depth) = @_;
    my $kind = rand;
    my $e;
    if    ( $depth <= 0 || $kind < 0.35 ) { $e = pick(@chars); }
    elsif ( $kind < 0.42 ) { $e = '.' }
    elsif ( $kind < 0.50 ) { $e = class() }
    elsif ( $kind < 0.55 ) { $e = pick(@classes) }
    elsif ( $kind < 0.60 ) { $e = pick( '^', '$', '\\b', '\\B', '\\A', '\\z' ) }
    elsif ( $kind < 0.64 ) { $e = pick(@escapes) }
    elsif ( $kind < 0.80 ) { $e = join '', map { expression( $depth - 1 ) } 0 .. int rand 4 }
    elsif ( $kind < 0.90 ) { $e = '(' . join( '|', map { maybe(0.1) ? '' : expression( $depth - 1 ) } 0 .. int rand 3 ) . ')' }
    elsif ( $kind < 0.97 ) { $e = pick( '(?i:', '(?s:', '(?m:', '(?-i:', '(?im:', '(?:', '(?U:' ) . expression( $depth - 1 ) . ')' }
    else                   { $e = pick('(?i)', '(?m)', '(?s)') . expression( $depth - 1 ) }
    if ( maybe(0.25) ) {
        $e = "(?:$e)" if length $e > 1 && maybe(0.7);
        $e .= pick( '*', '+', '?', '{2}', '{0,2}', '{1,}', '{3,5}', '*?', '+?', '{2,3}?' );
    }
    return $e;
}

sub text {
    return join '', map { pick(@chars) } 1 .. ( maybe(0.1) ? int rand 70 : int rand 8 );
}

# a literal of the pattern, so that more of the answers are yes
sub text_of {
    my ($pattern) = @_;
    ( my $t = $pattern ) =~ s/\\.\{?|[\[\]()*+?{}|^\$.]//g;
    return pick( '', text() ) . $t . pick( '', text() );
}

my @case;
while ( @case < $cases ) {
    my $p = expression( int rand 5 );
    $p = join pick(@odd), $p, pick( '', expression(1) ) if maybe(0.15);
    $p = "(?i)$p" if maybe(0.15);
    $p = "^$p" if maybe(0.1);
    $p = "$p\$" if maybe(0.1);
    $p = "(?:$p){" . pick( 20, 70 ) . "}|$p" if maybe(0.02);
    push @case, [ $p, maybe(0.5) ? text_of($p) : text() ];
}

sub hex_of { return unpack 'H*', encode( 'UTF-8', $_[0] ) }

sub answers {
    my ($program) = @_;
    my $file = "$ours.cases";
    open my $out, '>', $file or die "match_differential.pl: $file: $!\n";
    print $out hex_of( $_->[0] ), ' ', hex_of( $_->[1] ), "\n" for @case;
    close $out or die;
    open my $in, '-|', "$program < $file" or die;
    chomp( my @answer = <$in> );
    close $in or die "match_differential.pl: $program failed\n";
    return map { substr $_, 0, 1 } @answer;
}

sub shown {
    my ($s) = @_;
    $s =~ s/([^!-~])/sprintf '\\x{%X}', ord $1/ge;
    return $s;
}

# What the document says differs: \C, (?<n>a) of newer RE2, limits, and \B,
# which RE2 finds inside of characters beyond ASCII, too.
sub different_on_purpose {
    my ( $p, $mine, $theirs, $t ) = @_;
    return $mine eq 'T' || $theirs eq 'T' || $p =~ /\\C|\(\?</ || ( $p =~ /\\B/ && $t =~ /[^\0-\x7F]/ );
}

# Where Perl's syntax means something else: \s has \v, $ is before a last
# newline, (?i)\w is not folded, ^* and empty classes are refused, (?U) and {,3}
# differ...
sub same_in_perl {
    my ($p) = @_;
    return $p !~ /\\[sSCZhQEpP18vB0]|\[:|\$|\(\?U|\{,|\{\d*\}\?|\(\?[<P=!]|\[\]|\[\^\]|ﬀ|\{1001/ && $p !~ /[+*?}]\+|\(\?\w*i.*\\[wW]/s;
}

sub perl_answer {
    my ( $p, $t ) = @_;
    no warnings;
    my $r = eval { local $SIG{ALRM} = sub { die "slow\n" }; alarm 2; my $m = $t =~ /$p/a ? 1 : 0; alarm 0; $m };
    alarm 0;
    return $r // '?';
}

my @mine = answers($ours);
my %count;
$count{$_}++ for @mine;
print "# seed $seed: ", join( ', ', map { "$count{$_} x $_" } sort keys %count ), "\n";
my ( $n, $bad ) = ( 0, 0 );

sub compare {
    my ( $name, $answer, $skip ) = @_;
    my ( $compared, $wrong ) = ( 0, 0 );
    for my $i ( 0 .. $#case ) {
        my $theirs = $answer->($i);
        next if !defined $theirs || $skip->( $case[$i][0], $mine[$i], $theirs, $case[$i][1] );
        $compared++;
        next if $theirs eq $mine[$i];
        print "# ours $mine[$i], $name $theirs: ", shown( $case[$i][0] ), ' on ', shown( $case[$i][1] ), "\n"
          if ++$wrong <= 20;
    }
    $n++;
    $bad += $wrong != 0;
    print $wrong ? 'not ok' : 'ok', " $n - $name says the same, $compared cases\n";
}

if ($re2) {
    my @theirs = answers($re2);
    compare( 'RE2', sub { $theirs[ $_[0] ] }, \&different_on_purpose );
}
else {
    $n++;
    print "ok $n - RE2 says the same # skip libre2-dev is not installed\n";
}
compare(
    'Perl',
    sub { my ($i) = @_; same_in_perl( $case[$i][0] ) && $mine[$i] =~ /[01]/ ? perl_answer( @{ $case[$i] } ) : undef },
    sub { $_[2] eq '?' }
);
print "1..$n\n";
exit( $bad != 0 );
