#!/usr/bin/env bash
# run.sh - the tests of core/redact, under AddressSanitizer and UBSan
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/redact/run.sh             every test/redact/test_*.c
#   test/redact/run.sh cases       test_cases.c alone
#   test/redact/run.sh cases FILE  the cases of FILE alone
#
# Each is a program that prints TAP.  Objects are kept and made again only
# where a source or header is newer.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}" bad=0
make -s B="$B" generated || exit 1
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" pg_aigov/aigov.control)
flags=(-std=c11 -g -O1 -D_GNU_SOURCE -DAIGOV_VERSION="\"$version\"" -Icore
    -I"$B" -Itest/core -Wall -Wextra -Werror "-fsanitize=address,undefined"
    -fno-sanitize-recover=all)

# objects DIRECTORY FLAGS...: core compiled into it; sets $objects
objects() {
    local dir=$1 src o
    shift
    mkdir -p "$dir"
    objects=()
    for src in core/*/*.c; do
        o="$dir/$(echo "$src" | tr / _).o"
        objects+=("$o")
        if [ ! -e "$o" ] || [ -n "$(find "$src" core "$B"/*.h \
            \( -name '*.h' -o -name '*.def' -o -path "$src" \) -newer "$o" \
            -print -quit)" ]; then
            gcc "${flags[@]}" "$@" -c "$src" -o "$o" || exit 1
        fi
    done
}

only="${1:-*}"
[ $# -eq 0 ] || shift
san="$B/redact-asan"
objects "$san"
for src in test/redact/test_$only.c; do
    name=$(basename "$src" .c)
    gcc "${flags[@]}" "$src" "${objects[@]}" -lcrypto -lpcre2-8 -o "$san/$name" || exit 1
    "$san/$name" "$@" || { echo "# $name: exit $?"; bad=1; }
done

# labelled texts of others, where they are
labelled="${AIGOV_SHARED:-../shared}/policy/injection.jsonl"
if [ -e "$san/test_injection" ] && [ -e "$labelled" ]; then
    python3 test/redact/injection.py "$san/test_injection" "$labelled" || bad=1
fi

# the code without SSE2 finds the same
if [ "$only" = "*" ] || [ "$only" = portable ]; then
    objects "$B/redact-portable" -DAIGOV_NO_SIMD
    gcc "${flags[@]}" test/redact/test_properties.c "${objects[@]}" -lcrypto -lpcre2-8 \
        -o "$B/redact-portable/properties" || exit 1
    with=$("$san/test_properties" digest)
    without=$("$B/redact-portable/properties" digest)
    if [ "$with" = "$without" ] && [ -n "$with" ]; then
        echo "ok - SSE2 and portable code find the same ($with)"
    else
        echo "not ok - SSE2 finds $with, portable code $without"
        bad=1
    fi
fi
exit $bad
