#!/usr/bin/env bash
# run.sh - every measurement, then bench/RESULTS.md
#
# SPDX-License-Identifier: PostgreSQL
#
#   make bench                     all, about half an hour
#   make bench BENCH_FLAGS=--quick a look, two minutes; not for publication
#   make bench-redact              redaction alone, printed and not written
set -eu
cd "$(dirname "$0")/.."
B="${B:-build}" out="$B/bench"
mkdir -p "$out"
# Where the labelled cases lie beside this tree.
if [ -d ../shared/redaction ] && [ -z "${AIGOV_SHARED:-}" ]; then
    AIGOV_SHARED=$(cd ../shared && pwd)
    export AIGOV_SHARED
fi
pg_config="${PG_CONFIG:-pg_config}"
if [ "${1:-}" = --redact ]; then
    shift
    "$B/bench/core_redact" >"$out/core_redact.txt"
    python3 bench/redact.py "$pg_config" "$B" "$out/redact.json" "$@"
    python3 bench/report_redact.py "$out/redact.json" "$out/core_redact.txt"
    exit
fi
echo "core"
for b in core_json "core_append $B/bench/core_append_bare" core_verify core_redact core_rules; do
    # shellcheck disable=SC2086
    "$B/bench/"$b | tee "$out/${b%% *}.txt"
done
echo "SQLite"
"$B/bench/sqlite_append" "$B/aigov" "$@" | tee "$out/sqlite.txt"
echo "PostgreSQL"
python3 bench/pg.py "$pg_config" "$B" "$out/pg.json" "$@"
echo "redaction"
python3 bench/redact.py "$pg_config" "$B" "$out/redact.json" "$@"
python3 bench/report.py "$out" >"$out/RESULTS.md"
case " $* " in
*" --quick "*) echo "quick run: bench/RESULTS.md is left as it was" ;;
*) cp "$out/RESULTS.md" bench/RESULTS.md ;;
esac
cat "$out/RESULTS.md"
