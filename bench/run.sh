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
for b in core_json "core_append $B/bench/core_append_bare" core_verify core_redact core_redact_json core_rules; do
    # shellcheck disable=SC2086
    "$B/bench/"$b | tee "$out/${b%% *}.txt"
done
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
