#!/usr/bin/env bash
# match.sh - random patterns beside Perl, and beside RE2 where it is installed
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/cel/match.sh [CASES [SEED]]
#
# libre2-dev is no part of .ci/deps: its Unicode is that of the distribution.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}" out="${B:-build}/match" re2=""
mkdir -p "$out"
make -s B="$B" generated || exit 1
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" pg_aigov/aigov.control)
gcc -std=c11 -g -O1 -D_GNU_SOURCE -DAIGOV_VERSION="\"$version\"" -Icore -I"$B" \
    -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all \
    test/cel/match_tool.c core/cel/match*.c core/base/*.c core/crypto/*.c \
    -lcrypto -o "$out/match_tool" || exit 1
if [ -f /usr/include/re2/re2.h ] && command -v g++ >/dev/null; then
    g++ -O2 test/cel/match_re2.cc -lre2 -o "$out/match_re2" || exit 1
    re2="$out/match_re2"
fi
perl test/cel/match_differential.pl "$out/match_tool" "$re2" "${1:-10000}" \
    "${2:-1}"
