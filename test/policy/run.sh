#!/usr/bin/env bash
# run.sh - decisions in both databases
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/server.sh test/policy/run.sh     B=build: where things were built
#
# Each Python file prints TAP lines.  Without PGHOST only SQLite is tested.
set -u
cd "$(dirname "$0")/../.." || exit 2
rc=0
for t in scenarios budgets durable; do
    /usr/bin/python3 "test/policy/$t.py" || rc=1
done
exit $rc
