#!/usr/bin/env bash
# server.sh - a throw-away PostgreSQL with aigov installed for it alone
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/server.sh COMMAND [ARGS...]
#
# makes a cluster in a temporary folder, runs COMMAND with PGHOST, PGPORT,
# PGUSER (a superuser named aigov_test) and PGDATABASE set, stops the server and removes
# all.  Its exit status is that of COMMAND.
#
#   PG_CONFIG    which server (pg_config)      B    where core was built
#   PGCONF       more lines for postgresql.conf
#
# Run by root, the server runs as user postgres.  Nothing is installed into the
# system: the files lie in a stage that the server is pointed to (Debian's
# extension_destdir up to 17, extension_control_path from 18); other builds
# below 18 have no such setting, so there the files go where PG_CONFIG says.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
PG_CONFIG="${PG_CONFIG:-pg_config}" B="${B:-$top/build}"
case "$B" in /*) ;; *) B="$top/$B" ;; esac
bin=$("$PG_CONFIG" --bindir)
lib=$("$PG_CONFIG" --pkglibdir)
share=$("$PG_CONFIG" --sharedir)
major=$("$PG_CONFIG" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')

dir=$(mktemp -d "${TMPDIR:-/tmp}/aigov-pg-XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || { echo "server.sh: no user postgres" >&2; exit 3; }
    chown postgres: "$dir"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
chmod 755 "$dir"
stop() {
    if [ -f "$dir/data/postmaster.pid" ]; then
        "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop \
            >/dev/null 2>&1 || true
    fi
    rm -rf "$dir"
}
trap stop EXIT

conf=""
quiet=(make -s -C "$top/pg_aigov" "PG_CONFIG=$PG_CONFIG" "B=$B" with_llvm=no)
if [ "$major" -ge 18 ]; then
    "${quiet[@]}" install "DESTDIR=$dir/stage" >"$dir/install.log" 2>&1 ||
        { cat "$dir/install.log" >&2; exit 3; }
    conf="extension_control_path = '$dir/stage$share:\$system'
dynamic_library_path = '$dir/stage$lib:\$libdir'"
elif "${as[@]}" "$bin/postgres" --describe-config 2>/dev/null |
    grep -q '^extension_destdir'; then
    "${quiet[@]}" install "DESTDIR=$dir/stage" >"$dir/install.log" 2>&1 ||
        { cat "$dir/install.log" >&2; exit 3; }
    conf="extension_destdir = '$dir/stage'
dynamic_library_path = '$dir/stage$lib:\$libdir'"
else
    "${quiet[@]}" install >"$dir/install.log" 2>&1 ||
        { cat "$dir/install.log" >&2; exit 3; }
fi

cd "$dir"
"${as[@]}" env LC_ALL=C.UTF-8 "$bin/initdb" -D "$dir/data" -A trust \
    -U aigov_test -E UTF8 >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; exit 3; }
port="${AIGOV_PORT:-54329}"
"${as[@]}" tee -a "$dir/data/postgresql.conf" >/dev/null <<END
listen_addresses = ''
unix_socket_directories = '$dir'
port = $port
max_prepared_transactions = 20
log_statement = 'none'
$conf
${PGCONF:-}
END
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start >/dev/null ||
    { cat "$dir/log" >&2; exit 3; }
cd "$top"
export PGHOST="$dir" PGPORT="$port" PGUSER=aigov_test PGDATABASE=postgres
export PATH="$bin:$PATH" AIGOV_SERVER_DIR="$dir"
rc=0
"$@" || rc=$?
if [ $rc != 0 ] && grep -qE 'TRAP|PANIC|signal [0-9]+' "$dir/log"; then
    grep -E 'TRAP|PANIC|signal' "$dir/log" >&2
fi
exit $rc
