# 004_settings.pl - aigov.lanes: recorded, and a limit where it is set
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use Test::More;
use Aigov;

my $node = node('settings');
$node->safe_psql( 'postgres', <<'SQL');
CREATE EXTENSION aigov;
SELECT aigov.init('example.com/settings');
SELECT aigov.append('{"system":"s"}');
SQL
my $last = q{SELECT body->'fields'->>'was', body->'fields'->>'value' FROM aigov.entry WHERE kind = 'setting' ORDER BY seq DESC LIMIT 1};
is( $node->safe_psql( 'postgres', $last ), '', 'the default needs no entry' );

$node->append_conf( 'postgresql.conf', 'aigov.lanes = 1' );
$node->reload;
$node->poll_query_until( 'postgres', q{SELECT current_setting('aigov.lanes') = '1'} );
$node->safe_psql( 'postgres', q{BEGIN; SELECT aigov.append('{"system":"s"}'); ROLLBACK;} );
$node->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"s"}')} );
is( $node->safe_psql( 'postgres', $last ), '0|1', 'a change is recorded by the next append' );
$node->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"s"}')} );
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.entry WHERE kind = 'setting'} ), '1', 'once' );

# the only lane is held: the next waits, then says why
my $holder = $node->background_psql('postgres') if $node->can('background_psql');
SKIP: {
    skip 'no background_psql', 2 unless $holder && $holder->can('query_safe');
    $holder->query_safe(q{BEGIN});
    $holder->query_safe(q{SELECT aigov.append('{"system":"s"}')});
    my ( $rc, $out, $err ) = $node->psql( 'postgres',
        q{SET aigov.lane0_timeout = '100ms'; SELECT aigov.append('{"system":"s"}')} );
    like( $err, qr/all 1 lanes of the log are held/, 'all lanes held' );
    like( $node->safe_psql( 'postgres', q{SELECT detail FROM aigov.health WHERE item = 'lanes_held'} ), qr/lane 1: process \d+/, 'health names the lane' );
    $holder->query_safe(q{COMMIT});
    $holder->quit;
}
is( $node->safe_psql( 'postgres', q{SELECT max(lane) FROM aigov.entry} ), '1', 'one lane' );

# a lane whose head is ahead of the clock is passed over
$node->safe_psql( 'postgres', q{ALTER SYSTEM RESET ALL} );
$node->append_conf( 'postgresql.conf', 'aigov.lanes = 0' );
$node->reload;
$node->poll_query_until( 'postgres', q{SELECT current_setting('aigov.lanes') = '0'} );
$node->safe_psql( 'postgres', <<'SQL');
INSERT INTO aigov.entry SELECT log, lane, seq + 1, v, at + interval '1 hour', kind, gen_random_uuid(), interaction, subject, actor, system, provider, model, operation, status, decision, recorded_by, digest, commitment, hash, hash, body FROM aigov.entry WHERE lane = 1 ORDER BY seq DESC LIMIT 1;
SQL
is( $node->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"s"}')->>'lane'} ), '2', 'a lane ahead of the clock is passed over' );
is( $node->safe_psql( 'postgres', q{SELECT value > 3000, ok FROM aigov.health WHERE item = 'clock_ahead'} ), 't|f', 'health shows it' );

# aigov.profile: the redaction profile of records by default
my $fields = q{SELECT string_agg(body->'fields'->>'was' || '>' || (body->'fields'->>'value'), ',' ORDER BY seq) FROM aigov.entry WHERE kind = 'setting' AND subject = 'profile'};
my $put = q{SELECT aigov.put('redaction_profile', 'desk/store', '{"version":1,"sink":"store","default_operator":"drop","operators":{},"threshold":"0.5"}')};
my $write = q{SELECT aigov.append('{"system":"s","input":"mail ann@acme.org"}')};
my $stored = q{SELECT body->>'input' FROM aigov.content WHERE lane > 0 ORDER BY at DESC, seq DESC LIMIT 1};
$node->append_conf( 'postgresql.conf', "aigov.profile = 'desk'" );
$node->reload;
$node->poll_query_until( 'postgres', q{SELECT current_setting('aigov.profile') = 'desk'} );
my ( undef, undef, $said ) = $node->psql( 'postgres', $write );
like( $said, qr/setting profile names desk.*default/s, 'a profile that is not there: the record is withheld' );
$node->safe_psql( 'postgres', $put );
$node->safe_psql( 'postgres', $write );
is( $node->safe_psql( 'postgres', $stored ), 'mail ', 'put, it acts' );
is( $node->safe_psql( 'postgres', $fields ), 'default>desk', 'and is recorded once' );
( undef, undef, $said ) = $node->psql( 'postgres', q{SELECT aigov.receipt(); SET aigov.profile = 'default'} );
like( $said, qr/cannot be changed now/, 'no session sets it' );
$node->append_conf( 'postgresql.conf', "aigov.profile = ''" );
$node->reload;
$node->poll_query_until( 'postgres', q{SELECT current_setting('aigov.profile') = ''} );
$node->safe_psql( 'postgres', q{SELECT aigov.put('redaction_profile', 'own/store', '{"version":1,"sink":"store","default_operator":"replace","operators":{},"threshold":"0.5"}')} );
$node->safe_psql( 'postgres', $write );
is( $node->safe_psql( 'postgres', $stored ), 'mail [EMAIL_ADDRESS]', 'no name: the newest profile' );
is( $node->safe_psql( 'postgres', $fields ), 'default>desk,desk>default', 'that too is recorded' );
$node->append_conf( 'postgresql.conf', "aigov.profile = 'ann\@acme.org'" );
$node->reload;
$node->poll_query_until( 'postgres', q{SELECT current_setting('aigov.profile') <> ''} );
$node->safe_psql( 'postgres', $put =~ s/desk/ann\@acme.org/r );
$node->safe_psql( 'postgres', $write ) for 1 .. 3;
is( $node->safe_psql( 'postgres', $fields ), 'default>desk,desk>default,default>[EMAIL_ADDRESS]', 'a value is recorded as entries keep it, once' );
$node->append_conf( 'postgresql.conf', "aigov.profile = ''" );
$node->reload;

# two-phase commit: the lane stays with the prepared transaction
$node->append_conf( 'postgresql.conf', 'max_prepared_transactions = 5' );
$node->restart;
$node->safe_psql( 'postgres', q{BEGIN; SELECT aigov.append('{"system":"2pc"}'); PREPARE TRANSACTION 'x'} );
$node->restart;
is( $node->safe_psql( 'postgres', q{SELECT aigov.append('{"system":"s"}')->>'lane'} ), '3', 'others take another lane' );
$node->safe_psql( 'postgres', q{COMMIT PREPARED 'x'} );
is( $node->safe_psql( 'postgres', q{SELECT count(*) FROM aigov.verify() WHERE status IN ('link_broken', 'missing')} ), '0', 'and the chain holds' );
$node->stop;
done_testing();
