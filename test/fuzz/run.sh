#!/usr/bin/env bash
# run.sh - fuzz every target, or replay its corpus
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/fuzz/run.sh SECONDS    libFuzzer, that long a target
#   test/fuzz/run.sh replay     each corpus once, under ASan and UBSan (CI)
#
# fuzz_NAME.c is a libFuzzer target; its corpus is corpus/NAME.  A crash is
# minimised by hand and becomes a file of the corpus.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}" what="${1:-60}" n=0 bad=0
out="$B/fuzz"
mkdir -p "$out"
make -s B="$B" generated || exit 1
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" pg_aigov/aigov.control)
# Core once for all targets, as many files at a time as there are processors.
flags=(-g -O1 -std=c11 -D_GNU_SOURCE -DAIGOV_VERSION='"'"$version"'"'
    -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -Icore -Iappender
    -I"$B")
core="$out/core"
rm -rf "$core"
mkdir "$core"
for c in core/*/*.c; do
    printf '%s\0%s\0' "$c" "$core/$(echo "$c" | tr / _).o"
done | xargs -0 -n 2 -P "$(nproc)" bash -c \
    'exec clang-14 "${@:1:$#-2}" -fsanitize=fuzzer-no-link -c "${@: -2:1}" -o "${@: -1}"' \
    bash "${flags[@]}" || exit 1
for src in test/fuzz/fuzz_*.c; do
    name=$(basename "$src" .c)
    corpus=test/fuzz/corpus/${name#fuzz_}
    extra=$(sed -n 's,^ \* sources: *,,p' "$src")
    # shellcheck disable=SC2086
    clang-14 "${flags[@]}" -fsanitize=fuzzer "$src" $extra "$core"/*.o -lcrypto -lpcre2-8 \
        -o "$out/$name" || exit 1
    n=$((n + 1))
    if [ "$what" = replay ]; then
        cmd=("$out/$name" -runs=0 "$corpus")
        extra_time=$("${cmd[@]}" 2>&1) && rc=0 || rc=$?
        rm -rf "$out/new-$name"
        mkdir "$out/new-$name"
        "$out/$name" -seed=1 -max_total_time=3 -max_len=4096 \
            "$out/new-$name" "$corpus" >"$out/$name.log" 2>&1 || rc=1
    else
        mkdir -p "$out/corpus-$name"
        "$out/$name" -max_total_time="$what" -max_len=65536 \
            "$out/corpus-$name" "$corpus" && rc=0 || rc=$?
        extra_time=""
    fi
    if [ $rc = 0 ]; then
        echo "ok $n - $name ($(find "$corpus" -type f | wc -l) files)"
    else
        echo "not ok $n - $name"
        printf '%s\n' "$extra_time" | tail -20
        tail -20 "$out/$name.log" 2>/dev/null
        bad=1
    fi
done
echo "1..$n"
exit $bad
