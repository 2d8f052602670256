#!/usr/bin/env bash
# run.sh - the tests of the SQLite module
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/sqlite/run.sh [NAME...]     conn functions settings transactions guards
#                                    files canary keys flips busy govern reproduce lineage asan
#   B=build         where aigov.so was built
#   AIGOV_FLIPS     all: every byte of every row (a minute)
#   AIGOV_APPENDS   appends of each of the four processes of busy (1500)
#
# Prints TAP and, last, "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2
export B="${B:-build}" PYTHONDONTWRITEBYTECODE=1
case "$B" in /*) ;; *) B="$PWD/$B" ;; esac
python=/usr/bin/python3 # Debian's can load extensions
[ -x $python ] || python=python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log="$work/log"

if ! $python -c 'import sqlite3
sqlite3.connect(":memory:").enable_load_extension(True)' 2>/dev/null; then
    echo "not ok - $python has a sqlite3 that loads extensions"
    echo "0 passed, 1 failed"
    exit 1
fi

conn() {
    "${CC:-cc}" -O1 -g -Wall -Wextra test/sqlite/conn.c -lsqlite3 -ldl \
        -o "$work/conn" && "$work/conn" "$B/aigov" "$work"
}

# The whole module and the core again with AddressSanitizer, in the stock
# interpreter.  Leaks are looked for by conn, which ends clean.
asan() {
    local flags="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover"
    local b="$B-asan" lib
    make -s "B=$b" "OPT=$flags" sqlite >"$work/make.log" 2>&1 || {
        tail -5 "$work/make.log"
        echo "not ok - asan: the module compiles"
        return
    }
    lib="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
    for t in functions settings transactions guards files keys lineage; do
        if ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD="$lib" B="$b" \
            $python "test/sqlite/t_$t.py" >"$work/asan.log" 2>&1; then
            echo "ok - asan: $t"
        else
            grep -E '^not ok|ERROR|runtime error' -A8 "$work/asan.log" | head -30
            echo "not ok - asan: $t"
        fi
    done
    gcc -O1 -g -fsanitize=address,undefined test/sqlite/conn.c -lsqlite3 -ldl \
        -o "$work/conn-asan"
    if "$work/conn-asan" "$b/aigov" "$work" >"$work/asan.log" 2>&1; then
        echo "ok - asan: conn, without leaks"
    else
        grep -E '^not ok|ERROR|runtime error' -A8 "$work/asan.log" | head -30
        echo "not ok - asan: conn, without leaks"
    fi
}

[ $# -gt 0 ] || set -- conn functions settings transactions guards files canary keys flips busy govern reproduce lineage asan
for name; do
    echo "# $name"
    case $name in
    conn) conn 2>&1 ;;
    asan) asan 2>&1 ;;
    *)
        $python "test/sqlite/t_$name.py" 2>&1 ||
            echo "# t_$name.py ended with $?"
        ;;
    esac
    rc=$?
    [ $rc = 0 ] || echo "# $name ended with $rc"
done | sed 's/^1\.\.[0-9]*$/#&/' | tee "$log"
# A script that died says so: its plan line is missing.
for name; do
    case $name in asan) continue ;; esac
    awk -v n="# $name" '$0==n{on=1;next} /^# [a-z]+$/{on=0} on' "$log" |
        grep -q '^#1\.\.' || echo "not ok - $name ran to its end" | tee -a "$log"
done
ok=$(grep -c '^ok' "$log")
bad=$(grep -c '^not ok' "$log")
echo "$ok passed, $bad failed"
[ "$bad" = 0 ]
