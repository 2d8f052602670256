#!/usr/bin/env bash
# majors.sh - the PostgreSQL tests on every major given, or found
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/pg/majors.sh [PG_CONFIG...]      B=build: where core was built
#
# Without arguments: the servers of /usr/lib/postgresql, of PG_PREFIX/*, and the
# pg_config of PATH.  Each gets its own throw-away server (run.sh).  A server
# that cannot load from a staging directory is installed into.  Where 14 and 18
# are there, pg_upgrade goes from one to the other.
set -u
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
export B
if [ $# = 0 ]; then
    for c in /usr/lib/postgresql/*/bin/pg_config \
        ${PG_PREFIX:+"$PG_PREFIX"/*/bin/pg_config}; do
        [ -x "$c" ] && [ -d "$("$c" --includedir-server)" ] && set -- "$@" "$c"
    done
    [ $# -gt 0 ] || set -- pg_config
fi
[ -f "$B/libaigov.a" ] || make -s B="$B" "$B/libaigov.a" "$B/schema_pg.h" || exit 1
major() { "$1" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/'; }
old="" passed=0 failed=0
for c; do
    [ "$(major "$c")" != 14 ] || old=$c
done
# The old server of pg_upgrade must have run first: it is installed then.
sorted=$(for s; do echo "$(major "$s") $s"; done | sort -n | cut -d' ' -f2)
for c in $sorted; do
    v=$(major "$c")
    log="$B/log/majors-$v.log"
    mkdir -p "$B/log"
    start=$SECONDS
    from="" stage=""
    [ "$v" != 18 ] || [ -z "$old" ] || from=$old stage=no
    AIGOV_OLD_PG_CONFIG=$from STAGE=$stage PG_CONFIG=$c \
        bash test/pg/run.sh >"$log" 2>&1
    rc=$?
    last=$(tail -1 "$log")
    echo "PostgreSQL $v: $last ($((SECONDS - start)) s)"
    [ $rc = 0 ] || grep -A5 '^not ok' "$log" | head -40
    passed=$((passed + ${last%% passed*}))
    last=${last#* passed, }
    failed=$((failed + ${last%% failed*}))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
