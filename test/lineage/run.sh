#!/usr/bin/env bash
# run.sh - lineage over SQLite, PostgreSQL and an export: the same answers
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/server.sh bash test/lineage/run.sh      B=build: where things were built
set -u
cd "$(dirname "$0")/../.." || exit 2
export B="${B:-build}"
bad=0
for t in small drawn imported; do
    /usr/bin/python3 "test/lineage/$t.py" || bad=1
done
exit $bad
