#!/usr/bin/env bash
# run.sh - PostgreSQL tests on one server: regress, isolation, TAP
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/pg/run.sh [SUITE...]     suites: regress isolation tap
#
#   PG_CONFIG=pg_config   the server      B=build   where core was built
#   TAP_TESTS="001 004"   only these      KEEP=1    keep the working directory
#   STAGE=no              install into the server: pg_upgrade needs it so
#
# Builds the module in a copy, so that several majors can be tested at once;
# installs it into a staging directory where the server can load from one
# (Debian's, and 18 or newer), else into the server itself; starts a throw-away
# server as a user who is not root.  Prints TAP lines; the last line counts.
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
PG_CONFIG=${PG_CONFIG:-pg_config}
B=$(cd "${B:-build}" && pwd) || exit 2
bin=$("$PG_CONFIG" --bindir) pkglib=$("$PG_CONFIG" --pkglibdir)
share=$("$PG_CONFIG" --sharedir)
major=$("$PG_CONFIG" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
src=$pkglib/pgxs/src/test
work=$(mktemp -d "${TMPDIR:-/tmp}/aigov-pg$major.XXXXXX")
port=$((20000 + RANDOM % 20000))
n=0 passed=0 failed=0

as() { if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
else "$@"; fi; }
result() { # RC NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
        passed=$((passed + 1))
    else
        echo "not ok $n - $2"
        failed=$((failed + 1))
    fi
}
finish() {
    [ -f "$work/data/postmaster.pid" ] &&
        as "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap finish EXIT

# --- build and install --------------------------------------------------------
cp -r pg_aigov sql core "$work/"
rm -f "$work"/pg_aigov/*.o "$work"/pg_aigov/*.so
make -s -j2 -C "$work/pg_aigov" B="$B" CI=1 PG_CONFIG="$PG_CONFIG" \
    >"$work/build.log" 2>&1
rc=$?
result $rc "builds on PostgreSQL $major without a warning"
[ $rc = 0 ] || { tail -20 "$work/build.log"; echo "$passed passed, $failed failed"; exit 1; }
conf="$work/aigov.conf"
: >"$conf"
case "$share" in /usr/share/postgresql/*) staged=debian ;; *)
    staged=""
    [ "$major" -ge 18 ] && staged=path ;;
esac
[ "${STAGE:-}" != no ] || staged=""
make -s -C "$work/pg_aigov" B="$B" PG_CONFIG="$PG_CONFIG" install \
    ${staged:+DESTDIR="$work/stage"} >>"$work/build.log" 2>&1 || exit 1
[ -z "$staged" ] || echo "dynamic_library_path = '$work/stage$pkglib:\$libdir'" >>"$conf"
[ "$staged" != debian ] || echo "extension_destdir = '$work/stage'" >>"$conf"
[ "$staged" != path ] || echo "extension_control_path = '$work/stage$share:\$system'" >>"$conf"
cp -r test/pg "$work/tests"
mkdir -p "$work/out" "$work/tap"
chmod -R a+rX "$work"
[ "$(id -u)" != 0 ] || chown -R postgres "$work"

# --- a server -------------------------------------------------------------------
start() {
    as env LC_ALL=C.UTF-8 "$bin/initdb" -D "$work/data" -A trust -U postgres \
        -E UTF8 >"$work/initdb.log" 2>&1 || return 1
    { cat "$conf"
      echo "port = $port"
      echo "listen_addresses = ''"
      echo "unix_socket_directories = '$work'"
      echo "fsync = off"
      echo "max_prepared_transactions = 10"
    } | as tee -a "$work/data/postgresql.conf" >/dev/null
    as "$bin/pg_ctl" -w -D "$work/data" -l "$work/log" start >/dev/null
}
schedule() { # PROGRAM KIND EXTENSION
    local name names="" rc
    for name in "$top/test/pg/$2"/*."$3"; do
        name=$(basename "$name" ".$3")
        case "$name" in setup | privileges) continue ;; esac
        names="$names $name"
    done
    [ "$2" != sql ] || names="setup$names privileges"
    # shellcheck disable=SC2086
    (cd "$work/out" && as env PGHOST="$work" PGPORT="$port" PGUSER=postgres \
        PGOPTIONS="-c client_min_messages=warning" LC_ALL=C.UTF-8 "$1" \
        --inputdir="$work/tests" --outputdir="$work/out" --bindir="$bin" \
        --host="$work" --port="$port" --user=postgres \
        --dbname="aigov_$2" --max-connections=1 $names) \
        >"$work/out/$2.log" 2>&1
    rc=$?
    for name in $names; do
        if [ $rc != 0 ] && { [ ! -s "$work/out/regression.diffs" ] ||
            grep -q "/$name.out" "$work/out/regression.diffs"; }; then
            result 1 "$2 $name"
        else
            result 0 "$2 $name"
        fi
    done
    [ $rc = 0 ] || { head -80 "$work/out/regression.diffs" 2>/dev/null ||
        tail -5 "$work/out/$2.log"; cp "$work/out/regression.diffs" "$B/log/" 2>/dev/null; }
    mkdir -p "$B/results" && cp -r "$work"/out/results/* "$B/results/" 2>/dev/null
    rm -f "$work/out/regression.diffs"
}
# What has to run on every major is in Python, which needs no module of Perl.
python() {
    local t name rc bad
    for t in "$top"/test/pg/t/*.py; do
        name=$(basename "$t" .py)
        [ -z "${TAP_TESTS:-}" ] || case " $TAP_TESTS " in
            *" ${name%%_*} "*) ;; *) continue ;; esac
        B="$B" PG_CONFIG="$PG_CONFIG" AIGOV_CONF="$conf" AIGOV_TREE="$work" \
            PYTHONDONTWRITEBYTECODE=1 python3 "$t" >"$work/tap/$name.py.log" 2>&1
        rc=$?
        grep -E '^(not )?ok' "$work/tap/$name.py.log" | sed "s/ - / - $name: /"
        passed=$((passed + $(grep -E '^ok' "$work/tap/$name.py.log" | grep -vc '# SKIP')))
        bad=$(grep -cE '^not ok' "$work/tap/$name.py.log")
        [ $rc = 0 ] || [ "$bad" != 0 ] || {
            bad=1
            echo "not ok - $name: exit status $rc"
        }
        failed=$((failed + bad))
        [ $rc = 0 ] || grep -vE '^ok' "$work/tap/$name.py.log" | tail -25
    done
}
tap() {
    local t
    python
    if [ ! -f "$src/perl/PostgreSQL/Test/Cluster.pm" ] ||
        ! perl -MIPC::Run -e 1 2>/dev/null; then
        echo "ok $((n += 1)) - tap # skip no PostgreSQL::Test::Cluster here"
        return
    fi
    for t in "$work"/tests/t/*.pl; do
        local name
        name=$(basename "$t" .pl)
        [ -z "${TAP_TESTS:-}" ] || case " $TAP_TESTS " in
            *" ${name%%_*} "*) ;; *) continue ;; esac
        (cd "$work/tap" && as env PATH="$bin:$PATH" LC_ALL=C.UTF-8 TESTDIR="$work/tap" \
            TESTDATADIR="$work/tap/$name" TESTLOGDIR="$work/tap/log" \
            PG_REGRESS="$src/regress/pg_regress" \
            AIGOV_CONF="$conf" AIGOV_STAGE="$work/stage" \
            perl -I "$src/perl" -I "$work/tests/t" "$t") \
            >"$work/tap/$name.log" 2>&1
        rc=$?
        grep -E '^ *(not )?ok' "$work/tap/$name.log" | sed "s/^ *//; s/ - / - $name: /"
        passed=$((passed + $(grep -cE '^ok' "$work/tap/$name.log")))
        bad=$(grep -cE '^not ok' "$work/tap/$name.log")
        if [ $rc != 0 ] && [ "$bad" = 0 ]; then
            bad=1
            echo "not ok - $name: exit status $rc"
        fi
        failed=$((failed + bad))
        [ $rc = 0 ] || { grep -vE '^ *ok|^# (Running|Postmaster|Stopping|Starting)' "$work/tap/$name.log" | tail -25
            tail -5 "$work"/tap/log/*"$name"* 2>/dev/null; }
    done
}

[ $# -gt 0 ] || set -- regress isolation tap
for suite; do
    case $suite in
    regress)
        [ -f "$work/data/PG_VERSION" ] || start
        schedule "$src/regress/pg_regress" sql sql
        ;;
    isolation)
        [ -x "$src/isolation/pg_isolation_regress" ] || {
            echo "ok $((n += 1)) - isolation # skip no pg_isolation_regress here"
            continue
        }
        [ -f "$work/data/PG_VERSION" ] || start
        schedule "$src/isolation/pg_isolation_regress" specs spec
        ;;
    tap) tap ;;
    esac
done
if grep -nE 'TRAP|PANIC|terminated by signal|resource was not closed|leak' \
    "$work/log" 2>/dev/null | head -5 | grep .; then
    result 1 "the server's log is clean"
else
    result 0 "the server's log is clean"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
