#!/usr/bin/env bash
# demo.sh - both demos end well and name the row that was changed
#
# SPDX-License-Identifier: PostgreSQL
set -u
cd "$(dirname "$0")/.." || exit 2
bad=0 n=0
for demo in examples/demo.sh examples/demo-pg.sh; do
    n=$((n + 1))
    text=$(bash $demo 2>&1)
    rc=$?
    row=$(printf '%s\n' "$text" | sed -n 's/^Changed: lane \([0-9]*\), seq \([0-9]*\)\..*modified: \([0-9]*\)\.$/\1 \2 \3/p')
    read -r lane seq found <<<"$row"
    if [ $rc = 0 ] && [ "${found:-0}" = 1 ] && printf '%s\n' "$text" |
        grep 'modified' | grep -qE "\b$lane\b.*\b$seq\b"; then
        echo "ok $n - $demo names lane $lane, seq $seq and no other row"
    else
        echo "not ok $n - $demo: exit $rc, found '$row'"
        printf '%s\n' "$text" | tail -30 | sed 's/^/#  /'
        bad=1
    fi
done
echo "1..$n"
exit $bad
