#!/usr/bin/env bash
# command.sh - the command `aigov` against files made to deceive it
#
# SPDX-License-Identifier: PostgreSQL
#
#   AIGOV    the command under test; $B/aigov
set -u
cd "$(dirname "$0")/../.." || exit 2
aigov="${AIGOV:-${B:-build}/aigov}" n=0 bad=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/aigov-cmd-XXXXXX")
trap 'rm -rf "$dir"' EXIT

ok() { # NAME STATUS [OUTPUT]
    n=$((n + 1))
    [ "$2" = 0 ] && echo "ok $n - $1" && return
    echo "not ok $n - $1"
    printf '%s\n' "${3:-}" | head -20 | sed 's/^/#   /'
    bad=1
}
is() { # NAME EXPECTED GOT
    [ "$2" = "$3" ]
    ok "$1" $? "expected: $2
got:      $3"
}
has() { # NAME PATTERN TEXT
    grep -qE -- "$2" <<<"$3"
    ok "$1" $? "no $2 in: $3"
}
unguarded() { # FILE SQL: guards off and on
    local off on
    off=$(sqlite3 "$1" "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger'")
    on=$(sqlite3 "$1" "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger'")
    sqlite3 "$1" "$off $2; $on"
}
copy() { # FILE: a copy of v.db
    rm -f "$1"*
    sqlite3 "$dir/v.db" "VACUUM INTO '$1'"
}

# --- usage ----------------------------------------------------------------------
for c in init append import tail verify export; do
    out=$("$aigov" $c --help)
    is "$c --help" "0 usage: aigov $c" "$? $(cut -d' ' -f1-3 <<<"$out")"
done
out=$("$aigov" init "$dir/o.db" "a b" 2>&1)
is "init with a bad origin leaves no file" "3 " "$? $(ls "$dir")"
sqlite3 "$dir/empty.db" "CREATE TABLE x(y)"
has "the hint is a command" "no log; aigov init DB ORIGIN" "$("$aigov" verify "$dir/empty.db" 2>&1)"
"$aigov" init "$dir/v.db" example.com/v >/dev/null
"$aigov" append "$dir/v.db" examples/small-team-week.jsonl >/dev/null
is "tail -n2" 2 "$("$aigov" tail -n2 "$dir/v.db" | wc -l)"

# --- what a file says in the module's place ------------------------------------------
t="$dir/t.db"
for sql in "CREATE TABLE aigov_verify(origin, log, lane, from_seq, to_seq, entries, status, content, anchored_size, detail)" \
    "CREATE VIEW AIGOV_Verify AS SELECT 1 AS origin" "CREATE TABLE aigov_state(x)"; do
    copy "$t"
    sqlite3 "$t" "$sql"
    out=$("$aigov" verify "$t" 2>&1)
    rc=$?
    is "refused: $(cut -d"(" -f1 <<<"$sql")" 3 $rc
    has "and named" "(table aigov_verify|view AIGOV_Verify|table aigov_state|aigov_)" "$out"
done

# --- control characters ------------------------------------------------------------
"$aigov" init "$dir/c.db" example.com/c >/dev/null
printf '{"system":"x\\u001b[2Jy\\u009bz"}\n' | "$aigov" append "$dir/c.db" >/dev/null
out=$("$aigov" tail "$dir/c.db" -n 1)
if grep -q '"x' <<<"$(sqlite3 "$dir/c.db" "SELECT json_quote(system) FROM aigov_entry ORDER BY seq DESC LIMIT 1")"; then
    unguarded "$dir/c.db" "UPDATE aigov_entry SET system = 'x' || char(27) || '[2J' || char(10) || char(155), log = log WHERE lane = 1"
    out=$("$aigov" tail "$dir/c.db" -n 1)
fi
has "tail escapes control characters" 'x.u001B\[2J' "$out"
is "none goes to the terminal raw" 0 "$(tr -d '\n' <<<"$out" | LC_ALL=C grep -c "$(printf '\033')")"
#MORE
echo "1..$n"
exit $bad
