#!/usr/bin/env bash
# check.sh - run the test suites and add up what they say
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/check.sh [SUITE...]      B=build: where things were built
#
# A suite is a command that prints TAP lines ("ok ...", "not ok ..."), or
# nothing of the kind: then its exit status is its one result.  Output goes to
# $B/log/SUITE.log; what failed is shown.  The last line is the verdict.
set -u
cd "$(dirname "$0")/.." || exit 2
export B="${B:-build}"
if [ -d ../shared/json ] && [ -z "${AIGOV_SHARED:-}" ]; then
    AIGOV_SHARED=$(cd ../shared && pwd)
    export AIGOV_SHARED
fi
mkdir -p "$B/log"

suites="lint core redact fuzz vectors sqlite cel shared policy lineage appender install node docs demo pg"
command_of() {
    case "$1" in
    lint) echo "test/lint.sh" ;;
    core) echo "test/core/run.sh" ;;
    redact) echo "test/redact/run.sh" ;;
    fuzz) echo "test/fuzz/run.sh replay" ;;
    sqlite) echo "test/sqlite/run.sh" ;;
    cel) echo "test/cel/run.sh" ;;
    appender) echo "test/appender/run.sh" ;;
    install) echo "test/install.sh" ;;
    node) echo "test/sqlite/node.sh" ;;
    docs) echo "test/docs.sh" ;;
    pg) echo "test/pg/run.sh" ;;
    vectors) echo "test/vectors/run.sh" ;;
    shared) echo "test/server.sh bash test/run_shared.sh" ;;
    lineage) echo "test/server.sh bash test/lineage/run.sh" ;;
    policy) echo "test/server.sh bash test/policy/run.sh" ;;
    demo) echo "test/demo.sh" ;;
    *) return 1 ;;
    esac
}

passed=0 failed=0 skipped=0
[ $# -gt 0 ] || set -- $suites
for suite; do
    cmd=$(command_of "$suite") || {
        echo "check.sh: no suite $suite; there are: $suites" >&2
        exit 2
    }
    log="$B/log/$suite.log"
    start=$SECONDS
    # shellcheck disable=SC2086
    bash $cmd >"$log" 2>&1 </dev/null
    rc=$?
    ok=$(grep -cE '^[[:space:]]*ok\b' "$log")
    bad=$(grep -cE '^[[:space:]]*not ok\b' "$log")
    skip=$(grep -cE '^[[:space:]]*ok\b.*# *skip' -i "$log")
    ok=$((ok - skip))
    [ $((ok + bad + skip)) -gt 0 ] || { [ $rc = 0 ] && ok=1; }
    [ $rc = 0 ] || [ "$bad" -gt 0 ] || bad=1
    printf '%-9s %4d passed %3d failed %3d skipped  %4d s\n' \
        "$suite" "$ok" "$bad" "$skip" $((SECONDS - start))
    if [ "$bad" -gt 0 ]; then
        grep -nE -A6 '^[[:space:]]*not ok\b' "$log" | head -60
        echo "--- end of $log:"
        tail -25 "$log"
    fi
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
done
if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed = 0 ]
