#!/usr/bin/env bash
# install.sh - make install into a DESTDIR, and a program built against it
#
# SPDX-License-Identifier: PostgreSQL
#
# What a packager does: PREFIX is where it will be, DESTDIR where it lies now;
# pkg-config is told so by PKG_CONFIG_SYSROOT_DIR.
set -u
cd "$(dirname "$0")/.." || exit 2
B="${B:-build}" PG_CONFIG="${PG_CONFIG:-pg_config}"
n=0 bad=0
ok() { # NAME STATUS OUTPUT
    n=$((n + 1))
    if [ "$2" = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "$3" | tail -20 | sed 's/^/#   /'
        bad=1
    fi
}
is() { # NAME EXPECTED GOT
    [ "$2" = "$3" ]
    ok "$1" $? "expected: $2
got:      $3"
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dest="$work/dest" prefix=/opt/aigov-test
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" pg_aigov/aigov.control)

out=$(make -s B="$B" PG_CONFIG="$PG_CONFIG" DESTDIR="$dest" PREFIX=$prefix install 2>&1)
ok "make install" $? "$out"
is "what it puts under PREFIX" "bin/aigov
include/aigov_appender.h
lib/libaigov_appender.a
lib/libaigov_appender.so
lib/libaigov_appender.so.0
lib/pkgconfig/aigov_appender.pc
lib/sqlite3/aigov.so" \
    "$(cd "$dest$prefix" && find . ! -type d | sed 's,^\./,,' | LC_ALL=C sort)"
for f in "$("$PG_CONFIG" --pkglibdir)/aigov.so" \
    "$("$PG_CONFIG" --sharedir)/extension/aigov.control" \
    "$("$PG_CONFIG" --sharedir)/extension/aigov--$version.sql"; do
    ok "for the server: $(basename "$f")" "$([ -f "$dest$f" ]; echo $?)" "no $dest$f"
done
is "nothing outside of DESTDIR" "" "$(ls -d $prefix 2>/dev/null)"

cat >"$work/app.c" <<'END'
#include <aigov_appender.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    aigov_appender_receipt r;
    aigov_appender *a;

    if (argc != 2 || aigov_appender_open(argv[1], NULL, &a, NULL) != 0)
        return 2;
    aigov_appender_append(a, "{\"system\":\"s\"}", 14, &r);
    aigov_appender_free(r.json);
    printf("%s %d\n", aigov_appender_version(), r.state == AIGOV_PERSISTED);
    return aigov_appender_close(&a, NULL);
}
END
export PKG_CONFIG_PATH="$dest$prefix/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$dest"
is "pkg-config knows the version" "$version" "$(pkg-config --modversion aigov_appender)"
is "where it will be" "$prefix" "$(pkg-config --variable=prefix aigov_appender | sed "s,^$dest,,")"

"$dest$prefix/bin/aigov" init "$work/app.db" example.com/app >/dev/null
ok "the command makes a log" $? ""
# shellcheck disable=SC2046
out=$(cd "$work" && gcc -Wall -Wextra -Werror app.c -o shared \
    $(pkg-config --cflags --libs aigov_appender) 2>&1)
ok "a program is built with --cflags --libs" $? "$out"
is "it appends" "$version 1" \
    "$(LD_LIBRARY_PATH="$dest$prefix/lib" "$work/shared" "$work/app.db" 2>&1)"
# The linker takes the archive where a folder has no shared library.
mkdir "$work/lib"
cp "$dest$prefix/lib/libaigov_appender.a" "$work/lib/"
# shellcheck disable=SC2046
out=$(cd "$work" && gcc -Wall -Wextra -Werror app.c -o static -Llib \
    $(pkg-config --cflags --static --libs aigov_appender) 2>&1)
ok "another with --static" $? "$out"
is "it appends, and needs no file of ours" "$version 1" "$("$work/static" "$work/app.db" 2>&1)"
out=$(sqlite3 "$work/app.db" ".load $dest$prefix/lib/sqlite3/aigov" \
    "SELECT status, entries FROM aigov_verify WHERE lane = 1" 2>&1)
is "the module is loaded and verifies both" "unanchored|2" "$out"
echo "1..$n"
exit $bad
