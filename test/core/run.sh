#!/usr/bin/env bash
# run.sh - the tests of core/, under AddressSanitizer and UBSan
#
# SPDX-License-Identifier: PostgreSQL
#
# Every test/core/*.c is a program that prints TAP; $AIGOV_SHARED, where set,
# names the folder of the shared vectors.  test/cel/match.sh compares patterns.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}" bad=0
san="$B/core-asan"
mkdir -p "$san"
make -s B="$B" generated || exit 1
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" pg_aigov/aigov.control)
flags=(-std=c11 -g -O1 -D_GNU_SOURCE -DAIGOV_VERSION="\"$version\"" -Icore
    -I"$B" -Itest/core -Wall -Wextra -Werror "-fsanitize=address,undefined"
    -fno-sanitize-recover=all)
compile() { gcc "${flags[@]}" -c "$1" -o "$san/$(echo "$1" | tr / _).o"; }
objects=()
for src in core/*/*.c; do
    compile "$src" || exit 1
    objects+=("$san/$(echo "$src" | tr / _).o")
done
for src in test/core/*.c; do
    name=$(basename "$src" .c)
    gcc "${flags[@]}" "$src" "${objects[@]}" -lcrypto -lpcre2-8 -o "$san/$name" || exit 1
    "$san/$name" || { echo "# $name: exit $?"; bad=1; }
done
bash test/cel/match.sh || bad=1
exit $bad
