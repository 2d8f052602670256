#!/usr/bin/env bash
# run.sh - expressions in C, SQLite and PostgreSQL: conformance.py
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/cel/run.sh [--list] [c | sqlite | pg]...
#
# B=build names where things were built; AIGOV_SHARED, where set, the folder of
# the conformance cases.
set -u
cd "$(dirname "$0")/../.." || exit 2
export B="${B:-build}" PYTHONDONTWRITEBYTECODE=1
case "$B" in /*) ;; *) B="$PWD/$B" ;; esac
python=/usr/bin/python3 # Debian's can load extensions
[ -x $python ] || python=python3
make -s B="$B" "$B/test/cel_tool" || exit 1
list=()
if [ "${1:-}" = --list ]; then
    list=(--list)
    shift
fi
[ $# -gt 0 ] || set -- c sqlite pg
command=("$python" test/cel/conformance.py "${list[@]}" "$B/test/cel_tool" "$B/aigov" "$@")
case " $* " in
*" pg "*) [ -n "${PGHOST:-}" ] || command=(bash test/server.sh "${command[@]}") ;;
esac
exec "${command[@]}"
