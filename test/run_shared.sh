#!/usr/bin/env bash
# run_shared.sh - the same SQL, the same answers, both databases
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/run_shared.sh               both
#   test/run_shared.sh sqlite        SQLite alone
#   test/run_shared.sh pg            PostgreSQL: the server of PGHOST, PGPORT ...
#   AIGOV_ACCEPT=1                   write the .out files from SQLite's answers
#
# test/shared/X.sql is in PostgreSQL spelling; sql/embed.pl renders it for
# SQLite.  A line "--pg SQL" or "--sqlite SQL" belongs to one database.  Each
# file gets a database of its own.  What differs from run to run (times, ids,
# hashes, versions) and from database to database (how an error is shown) is
# made the same by normalise().  Files print text and integers, and sort.
# KEYFILE in them is a file with one redaction key, that of test/core/keys_test.h.
set -u
cd "$(dirname "$0")/.." || exit 2
B="${B:-build}"
case "$B" in /*) ;; *) B="$PWD/$B" ;; esac
export B
[ $# -gt 0 ] || set -- sqlite pg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# IG103 -> the SQLSTATE of status.def, which psql shows
codes=$(sed -nE 's/^AIGOV_STATUS\(([0-9]+), [A-Z]+, "([0-9A-Z]+)".*/\1 \2/p' \
    core/status.def | awk '{printf "s/^.*\\bIG%03d:.*/! %s/;", $1, $2}')
# The server reads its own copy, which belongs to its user.
keyfile() { # HOST
    local file=$work/keys
    [ "$1" = sqlite ] || file="${AIGOV_SERVER_DIR:-$work}/keys"
    if [ ! -e "$file" ]; then
        (umask 077 && printf 'aigov redaction keys 1\nk5bcc17a1 %s%s\n' \
            000102030405060708090a0b0c0d0e0f \
            101112131415161718191a1b1c1d1e1f >"$file")
        chown --reference="$(dirname "$file")" "$file" 2>/dev/null
    fi
    echo "$file"
}
normalise() { # KEYFILE
    sed -E "s|$1|KEYFILE|g
        /^(.*[Ee]rror.*)?IG[0-9]{3}:/{$codes}
        s/^(psql:[^ ]* )?ERROR:  ([0-9A-Z]{5}).*/! \2/
        s/^.*[Ee]rror.*(append-only|kept by the module).*/! IG201/
        s/\"at\":\"[^\"]*\"/\"at\":\"T\"/g
        s/\"(hash|facts_digest)\":\"[0-9a-f]{64}\"/\"\1\":\"H\"/g
        s/\"id\":\"01a[^\"]*\"/\"id\":\"I\"/g
        s/,\"(warning|todo|version)\":\"[^\"]*\"//g" | sed '/^$/d'
}

only() { # keep the lines of one database, drop those of the other
    sed -E "s/^--$1 //; /^--(pg|sqlite) /d; s|KEYFILE|$3|g" "$2"
}

run_sqlite() {
    local key
    key=$(keyfile sqlite)
    only sqlite "$1" "$key" >"$work/in.sql"
    {
        echo ".load $B/aigov"
        perl sql/embed.pl --text sqlite "$work/in.sql"
    } >"$work/sqlite.sql"
    rm -f "$work/s.db"
    stdbuf -oL sqlite3 -batch "$work/s.db" <"$work/sqlite.sql" 2>&1 | normalise "$key"
}

run_pg() {
    local key
    key=$(keyfile pg)
    only pg "$1" "$key" >"$work/in.sql"
    perl sql/embed.pl --text pg "$work/in.sql" >"$work/pg.sql"
    psql -XAtqc 'DROP DATABASE IF EXISTS aigov_shared' \
        -c "CREATE DATABASE aigov_shared TEMPLATE template0 ENCODING 'UTF8'" \
        2>/dev/null
    { echo "SET client_min_messages = error; CREATE EXTENSION aigov;"
      cat "$work/pg.sql"; } |
        psql -XAtq -v VERBOSITY=sqlstate -d aigov_shared 2>&1 | normalise "$key"
    psql -XAtqc 'DROP DATABASE IF EXISTS aigov_shared' 2>/dev/null
}

n=0
for host; do
    if [ "$host" = pg ] && [ -z "${PGHOST:-}" ]; then
        bash test/server.sh bash "$0" pg || bad=1
        continue
    fi
    for sql in test/shared/*.sql; do
        n=$((n + 1))
        name=$(basename "$sql" .sql)
        "run_$host" "$sql" >"$work/out"
        if [ -n "${AIGOV_ACCEPT:-}" ] && [ "$host" = sqlite ]; then
            cp "$work/out" "${sql%.sql}.out"
        fi
        if diff -u "${sql%.sql}.out" "$work/out" >"$work/diff"; then
            echo "ok $n - $name on $host"
        else
            echo "not ok $n - $name on $host"
            sed 's/^/# /' "$work/diff" | head -40
            bad=1
        fi
    done
done
exit $bad
