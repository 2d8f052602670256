#!/usr/bin/env bash
# run.sh - every measurement, then bench/RESULTS.md
#
# SPDX-License-Identifier: PostgreSQL
#
#   make bench                     all, about half an hour
#   make bench BENCH_FLAGS=--quick a look, two minutes; not for publication
set -eu
cd "$(dirname "$0")/.."
B="${B:-build}" out="$B/bench"
mkdir -p "$out"
echo "core"
for b in core_json "core_append $B/bench/core_append_bare" core_verify core_redact core_rules core_match core_cel; do
    # shellcheck disable=SC2086
    "$B/bench/"$b | tee "$out/${b%% *}.txt"
done
if command -v valgrind >/dev/null; then # linear: each twice the one before
    for n in 2048 4096 8192; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null \
            --toggle-collect=aigov__regex_matches "$B/bench/core_match" $n 2>&1 |
            sed -n "s/.*Collected : /core_match, instructions for $n bytes: /p"
    done | tee -a "$out/core_match.txt"
fi
bash bench/peers/cel.sh | tee -a "$out/core_cel.txt"
echo "SQLite"
"$B/bench/sqlite_append" "$B/aigov" "$@" | tee "$out/sqlite.txt"
echo "PostgreSQL"
python3 bench/pg.py "${PG_CONFIG:-pg_config}" "$B" "$out/pg.json" "$@"
python3 bench/report.py "$out" >"$out/RESULTS.md"
case " $* " in
*" --quick "*) echo "quick run: bench/RESULTS.md is left as it was" ;;
*) cp "$out/RESULTS.md" bench/RESULTS.md ;;
esac
cat "$out/RESULTS.md"
