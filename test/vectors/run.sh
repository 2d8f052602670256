#!/usr/bin/env bash
# run.sh - the same records in core and in a database give the same bytes
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/vectors/run.sh             both, PostgreSQL on a throw-away server
#   test/vectors/run.sh sqlite      test/vectors/run.sh pg (PGHOST ... set)
#
# records/*.jsonl are appended one by one, read back with SQL, and sealed again
# by reseal.c from record and stamps; and the batch form must store the same.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}" host="${1:-both}"
if [ "$host" = both ]; then
    rc=0
    bash test/vectors/run.sh sqlite || rc=1
    test/server.sh bash test/vectors/run.sh pg || rc=1
    exit $rc
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -s B="$B" "$B/libaigov.a" || exit 1
gcc -std=c11 -O1 -g -Wall -Wextra -Icore -D_GNU_SOURCE test/vectors/reseal.c \
    "$B/libaigov.a" -lcrypto -lpcre2-8 -o "$work/reseal" || exit 1
cat test/vectors/records/*.jsonl |
    python3 -c '
import sys
for line in sys.stdin.buffer:
    # the lines are {"name":...,"record":{...}}: cut the record out verbatim
    at = line.index(b"\"record\":") + 9
    sys.stdout.buffer.write(line.rstrip(b"\n")[at:-1] + b"\n")' \
        >"$work/records.jsonl"

row_pg="SELECT json_build_object('id', e.id, 'log', e.log, 'lane', e.lane,
  'seq', e.seq, 'at', to_char(e.at AT TIME ZONE 'UTC',
  'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), 'prev', encode(e.prev, 'hex'),
  'salt', encode(c.salt, 'hex'), 'hash', encode(e.hash, 'hex'),
  'recorded_by', e.recorded_by::text, 'body', e.body::text,
  'content', c.body::text, 'decision', e.decision,
  'leaf', aigov.leaf(e.log, e.lane, e.seq)::text)
  FROM aigov.entry e JOIN aigov.content c USING (log, lane, seq)
 WHERE e.lane > 0 ORDER BY e.lane, e.seq"
row_sqlite="SELECT json_object('id', e.id, 'log', e.log, 'lane', e.lane,
  'seq', e.seq, 'at', e.at, 'prev', lower(hex(e.prev)),
  'salt', lower(hex(c.salt)), 'hash', lower(hex(e.hash)),
  'recorded_by', e.recorded_by, 'body', e.body, 'content', c.body,
  'decision', e.decision, 'leaf', aigov_leaf(e.log, e.lane, e.seq) || '')
  FROM aigov_entry e JOIN aigov_content c USING (log, lane, seq)
 WHERE e.lane > 0 ORDER BY e.lane, e.seq"

# SQL literals by hex, so that no quoting can change a byte
literal() { od -An -v -tx1 | tr -d ' \n'; }

store_sqlite() { # FORM FILE
    local db="$work/$1.db"
    {
        echo ".load $B/aigov"
        echo "SELECT aigov_init('example.com/vectors');"
        if [ "$1" = one ]; then
            while IFS= read -r line; do
                printf "SELECT aigov_append(CAST(x'%s' AS TEXT));\n" \
                    "$(printf '%s' "$line" | literal)"
            done <"$work/records.jsonl"
        else
            printf "SELECT aigov_append_batch(CAST(x'%s' AS TEXT));\n" \
                "$(paste -sd, "$work/records.jsonl" | sed 's/^/[/; s/$/]/' | literal)"
        fi
    } >"$work/in.sql"
    sqlite3 -bail "$db" <"$work/in.sql" >"$work/out" 2>&1 ||
        { echo "not ok - $host, $1: append"; tail -3 "$work/out"; }
    sqlite3 "$db" -cmd ".load $B/aigov" "$row_sqlite" >"$work/rows.jsonl"
}
store_pg() {
    local db="vectors_$1"
    createdb "$db"
    {
        echo "CREATE EXTENSION aigov; SELECT aigov.init('example.com/vectors');"
        if [ "$1" = one ]; then
            while IFS= read -r line; do
                printf "SELECT aigov.append('\\\\x%s'::bytea);\n" \
                    "$(printf '%s' "$line" | literal)"
            done <"$work/records.jsonl"
        else
            printf "SELECT aigov.append_batch(convert_from('\\\\x%s'::bytea, 'UTF8'));\n" \
                "$(paste -sd, "$work/records.jsonl" | sed 's/^/[/; s/$/]/' | literal)"
        fi
    } >"$work/in.sql"
    psql -XAtq -v ON_ERROR_STOP=1 "$db" -f "$work/in.sql" >"$work/out" 2>&1 ||
        { echo "not ok - $host, $1: append"; tail -3 "$work/out"; }
    psql -XAtq "$db" -c "$row_pg" >"$work/rows.jsonl"
}
bad=0
for form in one batch; do
    store_"$host" $form
    echo "# $host, $form"
    "$work/reseal" "$work/records.jsonl" "$work/rows.jsonl" || bad=1
done
exit $bad
