#!/usr/bin/env bash
# demo-pg.sh - the main job on a throw-away PostgreSQL
#
# SPDX-License-Identifier: PostgreSQL
#
#   make demo-pg       builds and runs this; the server is removed at the end
set -eu
cd "$(dirname "$0")/.."
B="${B:-build}"
if [ -z "${AIGOV_SERVER_DIR:-}" ]; then
    exec env B="$B" test/server.sh bash examples/demo-pg.sh
fi
dir="$B/demo-pg"
rm -rf "$dir"
mkdir -p "$dir"
createdb demo

if [ -t 1 ]; then bold=$'\e[1m' off=$'\e[0m'; else bold="" off=""; fi
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$off"; }
sql() { # USER SQL
    printf '%s%s=> %s%s\n' "$bold" "$1" "$2" "$off"
    psql -X -q -v ON_ERROR_STOP=1 -U "$1" demo -c "$2"
}
run() {
    printf '%s$ aigov %s%s\n' "$bold" "$(printf '%s' "$*" | sed "s|postgresql://[^ ]*|postgresql://.../demo|")" "$off"
    "$B/aigov" "$@"
}

say "A log, an application that may only write, an auditor who may only read"
sql "$PGUSER" "CREATE EXTENSION aigov"
sql "$PGUSER" "SELECT aigov.init('example.com/audit')"
sql "$PGUSER" "CREATE ROLE app LOGIN; CREATE ROLE auditor LOGIN;
 SELECT aigov.grant('writer', 'app'); SELECT aigov.grant('reader', 'auditor');"

say "A week of AI use, written by the application's login"
app="postgresql:///demo?host=$PGHOST&port=$PGPORT&user=app"
for week in insurer-week small-team-week; do
    printf '%s$ aigov append postgresql://.../demo examples/%s.jsonl%s\n' "$bold" "$week" "$off"
    "$B/aigov" append "$app" "examples/$week.jsonl" >"$dir/$week.receipts"
    echo "$(grep -c '"hash"' "$dir/$week.receipts") receipts; the first:"
    head -n 1 "$dir/$week.receipts"
done
run import "$app" --from openai --system support-bot examples/openai-pairs.jsonl || true

say "The application cannot read, nor write governance; the auditor reads"
printf '%sapp=> SELECT * FROM aigov.entry%s\n' "$bold" "$off"
psql -X -q -U app demo -c "SELECT * FROM aigov.entry" || true
sql auditor "SELECT system, provider, model, count(*) AS calls,
       count(*) FILTER (WHERE status = 'error') AS failed,
       count(*) FILTER (WHERE status = 'cancelled') AS cut_off,
       sum(input_tokens) AS tokens_in, sum(reviewed) AS reviewed
  FROM aigov.interaction GROUP BY 1, 2, 3 ORDER BY calls DESC LIMIT 8"
sql auditor "SELECT system, data_class AS replaced, direction, sum(n) AS times
  FROM aigov.redactions GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT 8"

say "Is the log whole? The heads go into a file kept elsewhere"
audit="postgresql:///demo?host=$PGHOST&port=$PGPORT&user=auditor"
run verify "$audit" --save "$dir/heads.txt"

say "The owner tries to change a row, then does it as a superuser can"
printf '%s%s=> UPDATE aigov.entry SET ...%s\n' "$bold" "$PGUSER" "$off"
psql -X -q demo -c "UPDATE aigov.entry SET model = 'gpt-4o-mini'" || true
read -r lane seq <<<"$(psql -X -AtF' ' demo -c "SELECT lane, seq FROM aigov.entry
   WHERE lane > 0 AND model <> 'gpt-4o-mini' ORDER BY lane, seq OFFSET 41 LIMIT 1")"
psql -X -q -v ON_ERROR_STOP=1 demo <<END
SET aigov.allow_drop = on;
ALTER TABLE aigov.entry DISABLE TRIGGER ALL;
UPDATE aigov.entry SET model = 'gpt-4o-mini' WHERE lane = $lane AND seq = $seq;
SELECT format('ALTER TABLE aigov.entry ENABLE ALWAYS TRIGGER %I', tgname)
  FROM pg_trigger WHERE tgrelid = 'aigov.entry'::regclass AND NOT tgisinternal \gexec
END

say "verify names exactly that row (exit 1)"
rc=0
run verify "$audit" --since "$dir/heads.txt" || rc=$?
[ "$rc" = 1 ] || { echo "demo-pg: verify answered $rc, 1 was due" >&2; exit 1; }
found=$("$B/aigov" verify "$audit" | grep -c 'modified') || true
echo
echo "Changed: lane $lane, seq $seq. Ranges that verify calls modified: $found."

cat <<END

What to type next

  make install                        into the server of pg_config, then in your database:
  CREATE EXTENSION aigov;
  SELECT aigov.init('example.org/log');
  SELECT aigov.append('{"system":"my-app","model":"gpt-4o","input":"Hi","output":"Hello"}');
  SELECT * FROM aigov.verify();
  docs/postgresql.md                  privileges, lanes, dump and restore
END
