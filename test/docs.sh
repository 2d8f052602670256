#!/usr/bin/env bash
# docs.sh - what README.md and docs/ show is run
#
# SPDX-License-Identifier: PostgreSQL
#
# A fenced block after the line  <!-- run: HOST -->  is run as it stands, in a
# folder where ./build is the build and ./examples the examples:
#
#   sqlite     by the sqlite3 shell on audit.db     sqlite-sh  by bash, beside it
#   psql       by psql on a fresh database          psql-sh    by bash, against it
#   sh, python, node
#
# It must end well.  A comment line in it  -- prints: TEXT  (or #, //) names
# text that the output must contain.  psql-sh and sqlite-sh blocks that end in
# sha256sum and a query must print the same hash twice.
set -u
cd "$(dirname "$0")/.." || exit 2
top=$PWD B="${B:-build}"
case "$B" in /*) ;; *) B="$top/$B" ;; esac

if [ "${1:-}" != inside ]; then
    B="$B" exec test/server.sh bash test/docs.sh inside
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$B" "$work/build"
ln -s "$top/examples" "$work/examples"
python=python3
[ -x /usr/bin/python3 ] && python=/usr/bin/python3 # Debian's can load modules
node=$(bash test/sqlite/find_node.sh 2>/dev/null || true)

blocks() { # FILE: writes $work/block.N.HOST
    awk -v work="$work" -v base="$2" '
        /^<!-- run: [a-z-]+ -->$/ { host = $3; next }
        /^```/ && host != "" && !open { open = 1; n++;
            file = sprintf("%s/block.%s.%02d.%s", work, base, n, host); next }
        /^```/ && open { open = 0; host = ""; close(file); next }
        open { print > file }' "$1"
}
for f in README.md docs/*.md; do
    blocks "$f" "$(basename "$f" .md)"
done

n=0 bad=0
for block in "$work"/block.*; do
    name=$(basename "$block")
    host=${name##*.} doc=$(echo "$name" | cut -d. -f2)
    n=$((n + 1))
    dir="$work/$doc"
    mkdir -p "$dir"
    [ -e "$dir/build" ] || { ln -s "$B" "$dir/build"; ln -s "$top/examples" "$dir/examples"; }
    db="docs_$(echo "$doc" | tr 'A-Z-' 'a-z_')"
    psql -Xqc "SELECT 1" -d "$db" >/dev/null 2>&1 || createdb "$db"
    case $host in
    sqlite) cmd="sqlite3 -bail audit.db <$block" ;;
    psql) cmd="PGDATABASE=$db psql -X -v ON_ERROR_STOP=1 <$block" ;;
    psql-sh) cmd="PGDATABASE=$db bash -eu -o pipefail $block" ;;
    sh | sqlite-sh) cmd="bash -eu -o pipefail $block" ;;
    python) cmd="$python $block" ;;
    node)
        if [ -z "$node" ]; then
            echo "ok $n - $name # skip no node with node:sqlite"
            continue
        fi
        cp "$block" "$dir/example.js"
        cmd="$node --no-warnings example.js"
        ;;
    c) cmd="gcc -x c -Wall -Werror -I$top/appender $block -x none -o example $B/libaigov_appender.so.0 -Wl,-rpath,$B && ./example" ;;
    *) cmd="echo unknown host $host; false" ;;
    esac
    out=$(cd "$dir" && eval "$cmd" 2>&1)
    rc=$?
    case $host in *-sh)
        # hash by hand, then the stored one
        hashes=$(printf '%s\n' "$out" | grep -oE '\b[0-9a-f]{64}\b' | sort -u | wc -l)
        [ "$(grep -c sha256sum "$block")" = 0 ] || [ "$hashes" = 1 ] || rc="hashes differ" ;;
    esac
    while read -r want; do
        printf '%s' "$out" | grep -qF -- "$want" || rc="does not print: $want"
    done < <(sed -n 's/^ *\(--\|#\|\/\/\) prints: //p' "$block")
    if [ "$rc" = 0 ]; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name: $rc"
        printf '%s\n' "$out" | tail -15 | sed 's/^/#  /'
        bad=1
    fi
done
# docs/sql.md places every function, as the catalogue does.
createdb matrix
catalogue=$(psql -XAtq -F' ' -v ON_ERROR_STOP=1 -d matrix <<'END'
CREATE EXTENSION aigov;
DO $$ BEGIN PERFORM aigov.init('example.com/matrix'); END $$;
CREATE ROLE m_writer; CREATE ROLE m_reader; CREATE ROLE m_content_reader;
CREATE ROLE m_steward; CREATE ROLE m_approver; CREATE ROLE m_operator;
DO $$ DECLARE p text; BEGIN
  FOREACH p IN ARRAY ARRAY['writer','reader','content_reader','steward','approver','operator']
  LOOP PERFORM aigov.grant(p, 'm_' || p); END LOOP; END $$;
SELECT p.proname, coalesce(string_agg(DISTINCT substr(r.rolname, 3), ',' ORDER BY substr(r.rolname, 3)), 'owner')
  FROM pg_proc p LEFT JOIN pg_roles r
    ON r.rolname LIKE 'm\_%' AND has_function_privilege(r.rolname, p.oid, 'EXECUTE')
 WHERE p.pronamespace = 'aigov'::regnamespace
 GROUP BY p.proname ORDER BY p.proname COLLATE "C";
END
)
placed=$(perl -ne 'next unless /^\| `(\w+)\(.*?\| ([a-z_, ]+) \| `/; my ($f, $w) = ($1, $2);
    $w = $w eq "the owner" ? "owner" : join ",", sort split /, /, $w; print "$f $w\n"' docs/sql.md | LC_ALL=C sort)
n=$((n + 1))
if [ -n "$catalogue" ] && [ "$catalogue" = "$placed" ]; then
    echo "ok $n - docs/sql.md places the $(echo "$placed" | wc -l) functions as the catalogue does"
else
    echo "not ok $n - docs/sql.md and the catalogue differ"
    diff <(echo "$catalogue") <(echo "$placed") | sed 's/^/#  /'
    bad=1
fi
echo "1..$n"
exit $bad
