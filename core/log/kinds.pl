#!/usr/bin/perl
# kinds.pl - the catalogue of kinds, fields and facts as const C tables
#
# SPDX-License-Identifier: PostgreSQL
#
#   perl core/log/kinds.pl kinds.csv fields.csv facts.csv > kinds_data.h
#
# Tables (types in core/log/internal.h), each row in file order but facts, which
# are sorted by path:
#
#   kind_rows[], kind_subjects[]   a kind, and what its subject is
#   kind_fields[]                  which of field_rows are its own; the rows of
#                                  kind `*` come first
#   field_rows[]                   with the limits read out of unit_or_format
#   need_terms[]                   the conditions of fields required `if`
#   fact_rows[]
#   catalogue_rows[]               rows and SHA-256 of kinds.csv, fields.csv
#
# A unit_or_format, type or source that is not known here stops the build.
use strict;
use warnings;

my ( $kinds_csv, $fields_csv, $facts_csv ) = @ARGV;
die "usage: kinds.pl kinds.csv fields.csv facts.csv\n" unless $facts_csv;

# RFC 4180 without line breaks inside fields: (rows as hashes by header)
sub csv {
    my ($file) = @_;
    open my $fh, '<:raw', $file or die "kinds.pl: $file: $!\n";
    my ( @head, @rows );
    while ( my $line = <$fh> ) {
        $line =~ s/\r?\n$//;
        my @cell;
        while ( $line =~ /\G(?:"((?:[^"]|"")*)"|([^,"]*))(,|$)/gc ) {
            my ( $v, $end ) = ( defined $1 ? $1 : $2, $3 );
            $v =~ s/""/"/g;
            push @cell, $v;
            last if $end eq '';
        }
        if ( !@head ) { @head = @cell; next }
        die "kinds.pl: $file:$.: $#cell cells\n" if @cell != @head;
        my %row;
        @row{@head} = @cell;
        push @rows, \%row;
    }
    return \@rows;
}

# perl-base has no Digest::SHA; coreutils has sha256sum
sub sha256_hex {
    my ($file) = @_;
    if ( eval { require Digest::SHA; 1 } ) {
        return Digest::SHA->new(256)->addfile( $file, 'b' )->hexdigest;
    }
    open my $fh, '-|', 'sha256sum', $file or die "kinds.pl: sha256sum: $!\n";
    my $out = <$fh>;
    return $out =~ /^([0-9a-f]{64})/ ? $1 : die "kinds.pl: $file: no hash\n";
}

sub c {
    my ($s) = @_;
    $s =~ s/(["\\])/\\$1/g;
    return "\"$s\"";
}

my $max_int = 9007199254740992;

# The limits of a text, in bytes
sub text_limits {
    my ($unit) = @_;
    return ( $1, 1000, 'PLAIN' )   if $unit =~ /^(\d+) bytes or more$/;
    return ( 0,  $1,   'PLAIN' )   if $unit =~ /up to (\d+) bytes$/;
    return ( $1, 1000, 'DIGITS' )  if $unit =~ /^(\d+) digits or more$/;
    return ( 0,  1000, 'ENTITY' )  if $unit eq 'A-Z, 0-9, _';
    return ( 3,  3,    'CURRENCY' ) if $unit eq 'ISO 4217';
    return ( 0,  1000, 'PLAIN' );
}

sub int_limits {
    my ($unit) = @_;
    return ( $1, $2,       'PLAIN' ) if $unit =~ /^(\d+) to (\d+)$/;
    return ( $1, $2,       'PLAIN' ) if $unit =~ /^(\d+) \w+ to (\d+) \w+$/;
    return ( $1, $max_int, 'PLAIN' ) if $unit =~ /^(\d+) (?:or more|to n)$/;
    return ( 0,  $max_int, 'PLAIN' ) if $unit eq 'revision number';
    return ( 0,  $max_int, 'PLAIN' )
      if $unit =~ /^(?:tree size|tree index|rows|days|producer seq|)$/;
    die "kinds.pl: unit of int: $unit\n";
}

sub decimal_limits {
    my ($unit) = @_;
    return ( 0, 1, 'RANGE' )    if $unit eq '0 to 1';
    return ( 0, 0, 'POSITIVE' ) if $unit eq 'amount';
    return ( 0, 0, 'PLAIN' );
}

sub json_limits {
    my ( $unit, $values ) = @_;
    return ( 0, 0, 'TEXTS' )    if $unit =~ /^array of (?:text|\w+ ids|key names)$/;
    return ( 0, 0, 'ROWS' )     if $unit =~ /^array of \{[a-z_, ]+\}$/;
    return ( 0, 0, 'KEYS' )     if $unit =~ /^object: input /;
    return ( 0, 0, 'VALUES' )   if $unit =~ /^object: .* to / && $values ne '';
    return ( 0, 0, 'OBJECT' )   if $unit =~ /^object(?::|$)/;
    die "kinds.pl: unit of json: $unit\n";
}

sub limits {
    my ($f) = @_;
    my ( $type, $unit ) = @$f{qw(type unit_or_format)};
    return text_limits($unit)    if $type eq 'text';
    return int_limits($unit)     if $type eq 'int';
    return decimal_limits($unit) if $type eq 'decimal';
    return json_limits( $unit, $f->{values_or_ref} ) if $type eq 'json';
    return ( 0, 0, 'PLAIN' )
      if $type =~ /^(?:date|time|bool|enum|hash|ref|refs)$/;
    die "kinds.pl: type $type\n";
}

# "if type == 'call' && outcome in ['a', 'b']": the terms of the condition, all
# of which must hold; a field that is absent has the value null
my @terms;

sub terms {
    my ($condition) = @_;
    my $first = @terms;
    for my $term ( split / && /, $condition ) {
        my ( $field, $op, $value ) = $term =~ /^(\w+) (==|!=|<|in) (.+)$/
          or die "kinds.pl: condition $condition\n";
        my $what = { '==' => 'IS', in => 'IS', '!=' => 'IS_NOT', '<' => 'BELOW' };
        $value =~ s/^\[(.*)\]$/$1/ if $op eq 'in';
        $value = join '|', map { /^'([a-z_]+)'$/ ? $1 : $_ } split /, /, $value;
        die "kinds.pl: condition $condition\n" unless $value =~ /^[a-z_|]+$/;
        push @terms, [ $field, $what->{$op}, $value ];
    }
    return ( $first, @terms - $first );
}

sub field_row {
    my ($f) = @_;
    my ( $min, $max, $form ) = limits($f);
    my $need =
        $f->{required} eq 'always' ? 'ALWAYS'
      : $f->{required} eq 'no'     ? 'NO'
      : $f->{required} =~ /^if /   ? 'IF'
      :                              die "kinds.pl: required $f->{required}\n";
    my ( $first, $count ) =
      $f->{required} =~ /^if (.+)$/ ? terms($1) : ( 0, 0 );
    my $content = "$f->{unit_or_format} $f->{meaning}" =~ /kept as content/;
    my $values = $f->{values_or_ref};
    ($values) = $f->{unit_or_format} =~ /\{([a-z_, ]+)\}/ if $form eq 'ROWS';
    $values =~ s/, /|/g;
    printf "    {%s, %s, AIGOV__NEED_%s, AIGOV__F_%s, AIGOV__FORM_%s, %s, "
      . "%d, %d, %d, %d},\n",
      c( $f->{field} ), c($values), $need, uc $f->{type}, $form,
      ( $content ? 'true' : 'false' ), $min, $max, $count, $first;
    return;
}

my $kinds  = csv($kinds_csv);
my $fields = csv($fields_csv);
my $facts  = csv($facts_csv);
my %of;
push @{ $of{ $_->{kind} } }, $_ for @$fields;

print "/* generated by core/log/kinds.pl; do not edit */\n\n";
print "static const aigov__field field_rows[] = {\n";
my ( %first, $n );
$n = 0;
for my $kind ( '*', map { $_->{kind} } @$kinds ) {
    die "kinds.pl: kind $kind has no field\n" unless $of{$kind};
    $first{$kind} = $n;
    field_row($_) for @{ $of{$kind} };
    $n += @{ delete $of{$kind} };
}
die "kinds.pl: fields of no kind: @{[ sort keys %of ]}\n" if %of;
print "};\n\nstatic const aigov__term need_terms[] = {\n";
printf "    {%s, AIGOV__TERM_%s, %s},\n", c( $_->[0] ), $_->[1], c( $_->[2] )
  for @terms;
print "};\n\nstatic const aigov_kind kind_rows[] = {\n";
for my $k (@$kinds) {
    printf "    {%s, %s, %s, %s, %s},\n", c( $k->{kind} ),
      c( $k->{written_by} ), c( $k->{through} ),
      ( $k->{lane} eq '0' ? 'true' : 'false' ),
      ( $k->{through} =~ /^put(?:;|$)/ ? 'true' : 'false' );
}
print "};\n\nstatic const char *const kind_subjects[] = {\n";
for my $k (@$kinds) {
    my ($example) = $k->{subject_is} =~ /e\.g\. (.+)$/;
    printf "    %s,\n",
      c( defined $example ? "an id such as $example" : $k->{subject_is} );
}
print "};\n\nstatic const uint16_t kind_fields[] = {\n    0,\n";
printf "    %d,\n", $first{ $_->{kind} } for @$kinds;
print "    $n,\n};\n\nstatic const aigov__fact fact_rows[] = {\n";
for my $f ( sort { $a->{path} cmp $b->{path} } @$facts ) {
    my $type =
        $f->{type} =~ /^(string|bool|int|double)$/ ? uc $1
      : $f->{type} eq 'list(string)'               ? 'LIST'
      :                                              'OTHER';
    my $given = $f->{source} =~ /^(?:caller|outside)$/;
    die "kinds.pl: fact $f->{path} has type $f->{type}\n"
      if $given && $type eq 'OTHER';
    printf "    {%s, %s, AIGOV__FACT_%s, %s},\n", c( $f->{path} ),
      c( $f->{source} ), $type, ( $given ? 'true' : 'false' );
}
print "};\n\nstatic const aigov__catalogue catalogue_rows[] = {\n";
for my $part ( [ 'kinds', $kinds_csv, $kinds ],
    [ 'fields', $fields_csv, $fields ] )
{
    my ( $name, $file, $rows ) = @$part;
    printf "    {%s, %d,\n     %s},\n", c($name), scalar(@$rows),
      c( sha256_hex($file) );
}
print "};\n";
