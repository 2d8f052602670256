#!/usr/bin/env bash
# demo.sh - the main job on SQLite: append, read as an auditor, tamper, verify
#
# SPDX-License-Identifier: PostgreSQL
#
#   make demo          builds and runs this; the log stays in $B/demo/audit.db
set -eu
cd "$(dirname "$0")/.."
B="${B:-build}"
dir="$B/demo" db="$B/demo/audit.db"
rm -rf "$dir"
mkdir -p "$dir"

if [ -t 1 ]; then bold=$'\e[1m' off=$'\e[0m'; else bold="" off=""; fi
say() { printf '\n%s== %s%s\n' "$bold" "$*" "$off"; }
run() {
    printf '%s$ %s%s\n' "$bold" "$*" "$off"
    "$@"
}
sql() { # auditor's SQL: no extension is loaded, any SQLite browser would do
    printf '%ssqlite> %s%s\n' "$bold" "$1" "$off"
    sqlite3 -header -column "$db" "$1"
}

say "A log for an insurer and its small team, in one SQLite file"
run "$B/aigov" init "$db" example.com/audit

say "A week of AI use: chats, tool calls, retrieval, failures, a stream cut off"
for week in insurer-week small-team-week; do
    printf '%s$ aigov append %s examples/%s.jsonl%s\n' "$bold" "$db" "$week" "$off"
    "$B/aigov" append "$db" "examples/$week.jsonl" >"$dir/$week.receipts"
    echo "$(grep -c '"hash"' "$dir/$week.receipts") receipts; the first:"
    head -n 1 "$dir/$week.receipts"
done

say "Calls logged before aigov was there, from an HTTP log"
run "$B/aigov" import "$db" --from openai --system support-bot examples/openai-pairs.jsonl ||
    echo "(exit $?: one line is no call to a model, and is refused)"
run "$B/aigov" import "$db" --from anthropic --system support-bot examples/anthropic-pairs.jsonl

say "What an auditor asks, in plain SQL"
sql "SELECT system, provider, model, count(*) AS calls,
       sum(status = 'error') AS failed, sum(status = 'cancelled') AS cut_off,
       sum(input_tokens) AS tokens_in, sum(reviewed) AS reviewed
  FROM aigov_interaction GROUP BY 1, 2, 3 ORDER BY calls DESC LIMIT 8"
sql "SELECT substr(requested_at, 1, 19) AS requested_at, system, actor, model, status
  FROM aigov_interaction WHERE status <> 'ok' ORDER BY requested_at LIMIT 8"
sql "SELECT interaction, system, requested_at FROM aigov_open_interaction"
sql "SELECT system, data_class AS replaced, direction, sum(n) AS times
  FROM aigov_redactions GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT 8"
sql "SELECT json_extract(c.body, '\$.input') AS stored_as
  FROM aigov_redactions r JOIN aigov_content c USING (log, lane, seq)
 WHERE r.data_class = 'SECRET'"

say "Is the log whole? (exit 0: yes) The heads go into a file kept elsewhere"
run "$B/aigov" verify "$db" --save "$dir/heads.txt"

say "Now somebody with write access changes one answer's model, behind aigov's back"
victim=$(sqlite3 "$db" "SELECT seq FROM aigov_entry WHERE lane = 1 AND model <> 'gpt-4o-mini' ORDER BY seq LIMIT 1 OFFSET 41")
guards=$(sqlite3 "$db" "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'aigov_entry'")
rebuilt=$(sqlite3 "$db" "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'aigov_entry'")
printf '%ssqlite> (triggers dropped) UPDATE aigov_entry SET model = '"'gpt-4o-mini'"' WHERE lane = 1 AND seq = %s; (triggers made again)%s\n' \
    "$bold" "$victim" "$off"
sqlite3 "$db" "$guards UPDATE aigov_entry SET model = 'gpt-4o-mini' WHERE lane = 1 AND seq = $victim; $rebuilt"

say "verify names exactly that row (exit 1)"
rc=0
run "$B/aigov" verify "$db" --since "$dir/heads.txt" || rc=$?
[ "$rc" = 1 ] || { echo "demo: verify answered $rc, 1 was due" >&2; exit 1; }
found=$("$B/aigov" verify "$db" | grep -c 'modified') || true
echo
echo "Changed: lane 1, seq $victim. Ranges that verify calls modified: $found."

cat <<END

What to type next

  sqlite3 $db "SELECT * FROM aigov_interaction LIMIT 5"   look around
  $B/aigov tail $db                                       the last entries
  sqlite3                                                      your own log:
    .load $B/aigov
    SELECT aigov_init('example.org/log');
    SELECT aigov_append('{"system":"my-app","model":"gpt-4o","input":"Hi","output":"Hello"}');
    SELECT * FROM aigov_verify;
  make demo-pg                                                 the same in PostgreSQL
  README.md                                                    what it proves, and what not
END
