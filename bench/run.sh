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
for b in core_json "core_append $B/bench/core_append_bare" core_verify core_redact core_redact_json core_injection core_rules core_match core_cel; do
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
python3 bench/pg.py "$pg_config" "$B" "$out/pg.json" "$@"
echo "redaction"
python3 bench/redact.py "$pg_config" "$B" "$out/redact.json" "$@"
echo "lineage"
case " $* " in
*" --quick "*) interactions=20000 ;;
*) interactions=1000000 ;;
esac
python=python3
[ -x /usr/bin/python3 ] && python=/usr/bin/python3 # Debian's can load modules
{
    $python bench/lineage.py sqlite "$B/aigov.so" $interactions
    PGCONF="shared_buffers=2GB" PG_CONFIG=$pg_config B=$B test/server.sh \
        $python bench/lineage.py pg - $interactions
} | tee "$out/lineage.txt"
python3 bench/report.py "$out" >"$out/RESULTS.md"
case " $* " in
*" --quick "*) echo "quick run: bench/RESULTS.md is left as it was" ;;
*) cp "$out/RESULTS.md" bench/RESULTS.md ;;
esac
cat "$out/RESULTS.md"
