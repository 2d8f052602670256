#!/usr/bin/env bash
# run.sh - the tests of appender/: library, command, importers, kill -9
#
# SPDX-License-Identifier: PostgreSQL
#
#   B=build            library and command as they are shipped; the sanitized
#                      ones are built in $B/app-asan
#   AIGOV_TEST_PG      URI of a PostgreSQL database with a log; else the server
#                      of test/server.sh is tried, else that half is skipped
#   AIGOV_SHARED       folder of the recorded calls (samples/)
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}"
asan="$B/app-asan" n=0 bad=0
make -s -j2 B="$asan" \
    OPT="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all" \
    appender-tests "$asan/aigov" || exit 1

# A throw-away server where none is given: this script runs inside it.
if [ -z "${AIGOV_TEST_PG:-}" ] && [ -z "${AIGOV_NO_PG:-}" ] &&
    [ -f pg_aigov/aigov.so ] && command -v initdb pg_config >/dev/null 2>&1 ||
    [ -x "$(pg_config --bindir 2>/dev/null)/initdb" ] &&
    [ -z "${AIGOV_TEST_PG:-}${AIGOV_NO_PG:-}" ]; then
    AIGOV_PORT="${AIGOV_PORT:-54331}" B="$B" exec test/server.sh env \
        AIGOV_NO_PG=1 bash -c '
            psql -Xq -c "CREATE EXTENSION aigov" -c "SELECT aigov.init('"'example.com/test'"')" >/dev/null
            AIGOV_TEST_PG="postgresql:///postgres?host=$PGHOST&port=$PGPORT&user=$PGUSER" \
                exec bash test/appender/run.sh'
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/aigov-app-XXXXXX")
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
aigov="$asan/aigov"

ok() { # NAME STATUS [OUTPUT]
    n=$((n + 1))
    if [ "$2" = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "${3:-}" | head -20 | sed 's/^/#   /'
        bad=1
    fi
}
is() { # NAME EXPECTED GOT
    local rc=0
    [ "$2" = "$3" ] || rc=1
    ok "$1" $rc "expected: $2
got:      $3"
}
has() { # NAME PATTERN TEXT
    local rc=0
    grep -qE -- "$2" <<<"$3" || rc=1
    ok "$1" $rc "no $2 in: $3"
}
skip() {
    n=$((n + 1))
    echo "ok $n - $1 # skip $2"
}
# Times, ids and hashes differ from run to run.
steady() {
    sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g; s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g; s/[0-9a-f]{64}/HASH/g'
}
cut_trigger() { # FILE SQL: as somebody with write access, guards off and on
    local off on
    off=$(sqlite3 "$1" "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger'")
    on=$(sqlite3 "$1" "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger'")
    sqlite3 "$1" "$off $2; $on"
}

# --- programs in C ----------------------------------------------------------------
for t in test_appender test_oom test_import; do
    out=$("$asan/$t" 2>&1)
    rc=$?
    sed -E 's/^ok [0-9]+/ok/; s/^not ok [0-9]+/not ok/; /^1\.\.[0-9]+$/d' <<<"$out" |
        sed 's/^\(not ok\|ok\)/    \1/'
    ok "$t" $rc "$(tail -30 <<<"$out")"
done

# --- the command: usage ------------------------------------------------------------
"$aigov" >/dev/null 2>&1
is "no command is usage" 2 $?
for args in "fly x" "init x" "append" "verify a b" "verify --sinc x y" "tail x -n -1" \
    "import x" "import x --from bard" "export x --content d"; do
    # shellcheck disable=SC2086
    "$aigov" $args >"$work/out" 2>&1 </dev/null
    is "usage: aigov $args" 2 $?
done
has "help" "verify +DB" "$("$aigov" --help)"
has "version" "^aigov [0-9]+\.[0-9]+\.[0-9]+$" "$("$aigov" --version)"

# --- the command: a log ----------------------------------------------------------------
db="$work/a.db"
out=$("$aigov" verify "$db" 2>&1)
is "verify of no file is trouble" 3 $?
has "and says what to do" "IG011.*aigov init" "$out"
is "nothing was made" "" "$(ls "$work"/a.db* 2>/dev/null)"
"$aigov" init "$db" "not an origin" >/dev/null 2>&1
is "init refuses an origin with a space" 3 $?
rm -f "$db"*
is "init" "example.com/a: log 28729099 is ready; the first record writes its genesis" \
    "$("$aigov" init "$db" example.com/a)"
is "init makes a write-ahead log" wal "$(sqlite3 "$db" 'PRAGMA journal_mode')"
"$aigov" init "$db" example.com/a >/dev/null
is "init again is fine" 0 $?
is "verify of an empty log" "the log has no entries
0 entries in 0 lanes: whole" "$("$aigov" verify "$db")"

cat >"$work/in" <<'END'
{"system":"t","id":"0199aaaa-0000-7000-8000-000000000001","input":"a"}

{"system":"t","inpt":"a"}
{"system":"t",
{"system":"t","id":"0199aaaa-0000-7000-8000-000000000001","input":"a"}
END
out=$("$aigov" append "$db" "$work/in" 2>"$work/err")
is "append with refusals" 1 $?
is "append: a line each, in order" \
    '{"at":"TIME","decision":"allow","duplicate":false,"hash":"HASH","id":"ID","lane":1,"log":28729099,"seq":1}
{"error":{"code":"IG103","hint":"did you mean input?","message":"unknown member \"inpt\"","pos":14},"id":"ID","line":3,"state":"not persisted"}
{"error":{"code":"IG100","message":"unexpected end of the JSON text","pos":14},"line":4,"state":"not persisted"}
{"at":"TIME","decision":"allow","duplicate":true,"hash":"HASH","id":"ID","lane":1,"log":28729099,"seq":1}' \
    "$(steady <<<"$out" | sed 's/"message":"[^"\\]*","pos":14},"line":4/"message":"unexpected end of the JSON text","pos":14},"line":4/')"
is "append: nothing on stderr" "" "$(cat "$work/err")"
printf '{"system":"t"}' | "$aigov" append "$db" - >"$work/out"
is "append from a pipe, last line without end" "0 1" "$? $(grep -c '"seq":2' "$work/out")"
exec 7> >("$aigov" append "$db" >"$work/slow")
echo '{"system":"slow"}' >&7
for _ in $(seq 50); do
    [ -s "$work/slow" ] && break
    sleep 0.1
done
is "append answers before its input ends" 1 "$(grep -c '"seq":3' "$work/slow")"
exec 7>&-
wait
is "append to a full disk is trouble" 3 "$(echo '{"system":"t"}' |
    "$aigov" append "$db" 2>/dev/null >/dev/full; echo $?)"
is "tail" "TIME  1/3      interaction   slow  -  -  ok  allow  ID
TIME  1/4      interaction   t  -  -  ok  allow  ID" "$("$aigov" tail "$db" -n 2 | steady)"
is "tail -n 0" "" "$("$aigov" tail "$db" -n 0)"
(timeout 4 "$aigov" tail -f -n 1 "$db" >"$work/follow" 2>/dev/null &)
sleep 1
echo '{"system":"followed"}' | "$aigov" append "$db" >/dev/null
for _ in $(seq 30); do
    grep -q followed "$work/follow" && break
    sleep 0.1
done
is "tail -f shows what arrives" 2 "$(wc -l <"$work/follow")"

# --- export -------------------------------------------------------------------------------
"$aigov" export "$db" >"$work/export"
is "export: a line each" "$(sqlite3 "$db" 'SELECT count(*) FROM aigov_entry')" \
    "$(wc -l <"$work/export")"
is "export: every leaf has its hash" "" "$(python3 - "$work/export" <<'END'
import hashlib, json, sys
prev = {}
for line in open(sys.argv[1], 'rb'):
    v = json.loads(line)
    leaf = line[line.index(b'"leaf":') + 7:line.rindex(b',"log":')]
    if hashlib.sha256(b'\0' + leaf).hexdigest() != v['hash']:
        print('hash', v['leaf']['seq'])
    k = v['log'], v['leaf']['lane']
    if k in prev and prev[k] != v['leaf']['prev']:
        print('link', v['leaf']['seq'])
    prev[k] = v['hash']
END
)"
"$aigov" export "$db" --content "$work/c" --purpose "a test" >/dev/null 2>&1
is "export --content" "0 1" "$? $(grep -c '"content":{"input":"a"}' "$work/c/content.jsonl")"
is "each document opened leaves an access entry" \
    "$(wc -l <"$work/c/content.jsonl")" \
    "$(sqlite3 "$db" "SELECT count(*) FROM aigov_entry WHERE kind = 'access'")"

# --- verify --save, --since -------------------------------------------------------------------
v="$work/v.db"
"$aigov" init "$v" example.com/v >/dev/null
"$aigov" append "$v" examples/small-team-week.jsonl >/dev/null
out=$("$aigov" verify "$v" --save "$work/heads")
is "verify --save" 0 $?
is "verify: what it says" "log example.com/v
  lane 0  seq 1-3                   3  unanchored  content intact
  lane 1  seq 1-58                 58  unanchored  content intact
61 entries in 2 lanes: whole
lane 0, all entries: nothing outside this database vouches
lane 1, all entries: nothing outside this database vouches" "$(head -6 <<<"$out")"
is "heads file" "aigov heads 2 TIME
example.com/v 1205399026 0 3 HASH
example.com/v 1205399026 1 58 HASH
end 2 HASH" \
    "$(steady <"$work/heads" | sed 's/ [0-9]* \([01]\) / 1205399026 \1 /')"
echo '{"system":"later"}' | "$aigov" append "$v" >/dev/null
out=$("$aigov" verify "$v" --since "$work/heads")
is "verify --since of a longer log" 0 $?
has "and from where nothing vouches" "lane 1, entries after seq 58: nothing outside" "$out"

tampered() { # NAME SQL: a copy of v.db with SQL done to it, verified --since
    rm -f "$work"/t.db*
    sqlite3 "$v" "VACUUM INTO '$work/t.db'"
    cut_trigger "$work/t.db" "$2"
    plain=$("$aigov" verify "$work/t.db")
    plain_rc=$?
    out=$("$aigov" verify "$work/t.db" --since "$work/heads" --save "$work/heads2")
    rc=$?
}
both="DELETE FROM aigov_entry WHERE lane = 1 AND seq > 57; DELETE FROM aigov_content WHERE lane = 1 AND seq > 57"
tampered "a cut tail" "$both"
is "a cut tail: alone it is not seen, --since sees it" "0 1" "$plain_rc $rc"
has "named by lane and seq" "lane 1  seq 58: gone; the lane ends at 57 now" "$out"
is "nothing is saved where a check fails" "" "$(ls "$work/heads2" 2>/dev/null)"
tampered "a lane gone" "DELETE FROM aigov_entry WHERE lane = 1; DELETE FROM aigov_content WHERE lane = 1"
is "a lane removed whole: alone not seen, --since sees it" "0 1" "$plain_rc $rc"
has "named" "lane 1  seq 58: the whole lane is gone" "$out"
rm -f "$work"/t.db*
sqlite3 "$v" "VACUUM INTO '$work/t.db'"
cut_trigger "$work/t.db" "$both"
cut_trigger "$work/t.db" "UPDATE aigov_instance SET inode = NULL, birth = NULL"
"$aigov" append "$work/t.db" <<<'{"system":"forged"}' >/dev/null 2>&1
out=$("$aigov" verify "$work/t.db" --since "$work/heads" 2>&1)
is "a last row rewritten: --since sees it" 1 $?
has "named" "lane 1  seq 58: (another entry stands there|gone)" "$out"
tampered "a changed row" "UPDATE aigov_entry SET model = 'x' WHERE lane = 1 AND seq = 7"
is "a changed row" "1 1" "$plain_rc $rc"
has "named" "lane 1  seq 7-7 .* modified" "$plain"
echo "example.com/v 1 2" >>"$work/heads"
"$aigov" verify "$v" --since "$work/heads" >/dev/null 2>&1
is "a damaged heads file is trouble" 3 $?

# --- a server that lies ---------------------------------------------------------------
if [ -n "${AIGOV_TEST_PG:-}" ] && command -v psql >/dev/null; then
    name="aigov_app_$$"
    psql -Xqc "CREATE DATABASE $name" "$AIGOV_TEST_PG"
    case "$AIGOV_TEST_PG" in *\?*) sep='&' ;; *) sep='?' ;; esac
    pg="$AIGOV_TEST_PG${sep}dbname=$name"
    psql -Xq -c "CREATE EXTENSION aigov" -c "SELECT aigov.init('example.com/liar')" "$pg" >/dev/null
    "$aigov" append "$pg" examples/small-team-week.jsonl >/dev/null
    out=$("$aigov" verify "$pg")
    is "PostgreSQL: rows are checked here too" 0 $?
    has "PostgreSQL: all of them" "^61 hashes and links computed here: they hold" "$out"
    psql -Xq "$pg" >"$work/out" 2>&1 <<'END'
SET aigov.allow_drop = on;
ALTER TABLE aigov.entry DISABLE TRIGGER ALL;
UPDATE aigov.entry SET model = 'x' WHERE lane = 1 AND seq = 7;
DELETE FROM aigov.entry WHERE lane = 1 AND seq = 9;
ALTER FUNCTION aigov.verify(bigint, text) RENAME TO honest;
CREATE FUNCTION aigov.verify() RETURNS TABLE (origin text, log integer, lane integer, from_seq bigint,
    to_seq bigint, entries bigint, status text, content text, anchored_size bigint, detail text) LANGUAGE sql AS
  $$ SELECT 'example.com/liar', 1, 1, 1::bigint, 58::bigint, 58::bigint, 'verified', 'intact', 0::bigint, '' $$;
END
    "$aigov" verify "$pg" --trust-server >"$work/out" 2>&1
    is "PostgreSQL: a verify that was replaced says yes" "0 " "$? $(grep -c 'wrong' "$work/out" | grep -v 0)"
    out=$("$aigov" verify "$pg" 2>&1)
    is "PostgreSQL: the rows say no" 1 $?
    has "PostgreSQL: a changed row is named" "lane 1  seq 7: the columns do not have the stored hash" "$out"
    has "PostgreSQL: a deleted one too" "lane 1  seq 10: the entry before it is missing" "$out"
    psql -Xqc "DROP DATABASE $name" "$AIGOV_TEST_PG"
else
    skip "PostgreSQL: a server that lies" "no AIGOV_TEST_PG"
fi

# --- kill -9: what was acknowledged is there ---------------------------------------------------
killed() { # NAME DB ROUNDS: the shipped command, killed at odd moments
    local lost=0 acknowledged=0
    for i in $(seq "$3"); do
        python3 -c '
import sys
for i in range(20000):
    sys.stdout.write("{\"system\":\"k\",\"input\":\"%d %s\"}\n" % (i, "x" * (i % 700)))
' 2>/dev/null | "$B/aigov" append "$2" >"$work/receipts" 2>/dev/null &
        # not before it answers: how long that takes depends on the machine
        for _ in $(seq 200); do
            [ -s "$work/receipts" ] && break
            sleep 0.05
        done
        sleep "0.$((RANDOM % 25 + 5))"
        kill -9 $! 2>/dev/null
        wait $! 2>/dev/null
        grep -oE '"hash":"[0-9a-f]{64}"' "$work/receipts" | cut -c9-72 >>"$work/acknowledged"
    done
    sleep 0.3
    "$B/aigov" export "$2" | grep -oE '^."hash":"[0-9a-f]{64}"' | cut -c10-73 |
        sort >"$work/there"
    acknowledged=$(sort -u "$work/acknowledged" | wc -l)
    lost=$(sort -u "$work/acknowledged" | comm -23 - "$work/there" | wc -l)
    rm -f "$work/acknowledged"
    [ "$acknowledged" -gt 0 ] && [ "$lost" = 0 ]
    ok "$1: killed $3 times, $acknowledged acknowledged, $lost lost" $?
    "$B/aigov" verify "$2" >"$work/out"
    ok "$1: the log is whole" $? "$(tail -5 "$work/out")"
}
if [ -x "$B/aigov" ]; then
    k="$work/k.db"
    "$B/aigov" init "$k" example.com/k >/dev/null
    killed SQLite "$k" 10
    if [ -n "${AIGOV_TEST_PG:-}" ]; then
        killed PostgreSQL "$AIGOV_TEST_PG" 6
    else
        skip "PostgreSQL: killed" "no AIGOV_TEST_PG"
    fi
else
    skip "killed" "no $B/aigov"
fi

# --- files made to deceive the command ------------------------------------------------------
out=$(AIGOV_ASAN=1 AIGOV="$aigov" bash test/appender/command.sh)
ok "command.sh" $? "$(grep -A6 '^not ok' <<<"$out")"

# --- import ------------------------------------------------------------------------------------
compare() { # EXPECTED FILE
    local importer out rc
    for importer in openai anthropic; do
        "$aigov" import none --from $importer --dry-run "$2" >"$work/actual"
        out=$(python3 test/appender/expected.py --compare "test/appender/$1" \
            "$work/actual" --importer $importer --all)
        ok "import: $1 of $importer: $(tail -1 <<<"$out")" $? "$out"
        "$aigov" import none --from $importer --records "$2" >>"$work/records"
    done
    python3 test/appender/expected.py --records "$2" >"$work/expected" 2>/dev/null
    python3 - "$work/expected" "$work/records" >"$work/out" <<'END'
import json, sys
want, got = ({json.loads(x)['id']: json.loads(x) for x in open(f)} for f in sys.argv[1:])
for i in want:
    if want[i] != got.get(i):
        print(want[i]['attributes'].get('sample_id'), i)
END
    is "import: $1: whole records" "" "$(cat "$work/out")"
    rm -f "$work/records"
}
cat examples/openai-pairs.jsonl examples/anthropic-pairs.jsonl >"$work/examples.jsonl"
compare expected_examples.jsonl "$work/examples.jsonl"
compare expected_cut.jsonl test/appender/cut_pairs.jsonl
compare expected_documents.jsonl test/appender/document_pairs.jsonl
if [ -f "${AIGOV_SHARED:-/nowhere}/samples/http_pairs.jsonl" ]; then
    compare expected_pairs.jsonl "$AIGOV_SHARED/samples/http_pairs.jsonl"
    compare expected_pairs_large.jsonl "$AIGOV_SHARED/samples/http_pairs_large.jsonl"
else
    skip "import: recorded pairs" "no AIGOV_SHARED"
fi
i="$work/i.db"
"$aigov" init "$i" example.com/i >/dev/null
out=$("$aigov" import "$i" --from openai --system bot examples/openai-pairs.jsonl)
is "import with a refusal" "1 line 12 (ex-o12): refused: path
12 records: 11 accepted, 0 duplicates, 1 refused" "$? $out"
out=$("$aigov" import "$i" --from openai --system bot - <examples/openai-pairs.jsonl)
is "twice is once, from a pipe too" "12 records: 0 accepted, 11 duplicates, 1 refused" "$(tail -1 <<<"$out")"
is "the import entry" "openai|12|11|0|1|$(sha256sum <examples/openai-pairs.jsonl | cut -c1-64)" \
    "$(sqlite3 "$i" "SELECT body ->> '\$.fields.source', body ->> '\$.fields.records', body ->> '\$.fields.accepted',
       body ->> '\$.fields.duplicates', body ->> '\$.fields.refused', body ->> '\$.fields.file_sha256'
       FROM aigov_entry WHERE kind = 'import' ORDER BY seq LIMIT 1")"
out=$("$aigov" import "$i" --from openai --system other examples/openai-pairs.jsonl)
has "the same lines for another system are refused" "IG200: the id is taken" "$out"
printf '{"url":1}\n\n \n[]\n{"a":1,"a":2}\r\n' >"$work/odd"
is "refusals are counted by line" "line 1: refused: no_url
line 4: refused: not_an_object
line 5: refused: not_json at byte 7
3 records: 0 accepted, 0 duplicates, 3 refused" "$("$aigov" import "$i" --from openai "$work/odd")"
: >"$work/nothing"
is "an empty file" "0 records: 0 accepted, 0 duplicates, 0 refused" \
    "$("$aigov" import "$i" --from anthropic "$work/nothing")"
# --- the turns of imported conversations -----------------------------------------------------
turns() { # DB NAME: the file was imported without any refs
    local importer
    : >"$work/records"
    for importer in openai anthropic; do
        "$aigov" import "$1" --from $importer "$AIGOV_SHARED/samples/http_pairs.jsonl" >/dev/null
        "$aigov" import none --from $importer --records "$AIGOV_SHARED/samples/http_pairs.jsonl" >>"$work/records"
    done
    case "$1" in
    postgresql:*) psql -XqAt -F "$(printf '\t')" -c "SELECT id, body->'refs' FROM aigov.entry WHERE kind = 'interaction'" "$1" ;;
    *) sqlite3 -separator "$(printf '\t')" "$1" "SELECT id, body -> 'refs' FROM aigov_entry WHERE kind = 'interaction'" ;;
    esac >"$work/refs"
    out=$(python3 test/appender/turns.py "$work/records" "$work/refs")
    ok "$2: $(tail -1 <<<"$out")" $? "$out"
}
if [ -f "${AIGOV_SHARED:-/nowhere}/samples/http_pairs.jsonl" ]; then
    "$aigov" init "$work/turns.db" example.com/turns >/dev/null
    turns "$work/turns.db" SQLite
    if [ -n "${AIGOV_TEST_PG:-}" ] && command -v psql >/dev/null; then
        name="aigov_turns_$$"
        psql -Xqc "CREATE DATABASE $name" "$AIGOV_TEST_PG"
        case "$AIGOV_TEST_PG" in *\?*) sep='&' ;; *) sep='?' ;; esac
        psql -Xq -c "CREATE EXTENSION aigov" -c "SELECT aigov.init('example.com/turns')" "$AIGOV_TEST_PG${sep}dbname=$name" >/dev/null
        turns "$AIGOV_TEST_PG${sep}dbname=$name" PostgreSQL
        psql -Xqc "DROP DATABASE $name" "$AIGOV_TEST_PG"
    fi
else
    skip "turns of recorded pairs" "no AIGOV_SHARED"
fi

"$aigov" verify "$i" >"$work/out"
ok "the log with imports is whole" $? "$(cat "$work/out")"

echo "1..$n"
exit $bad
