#!/usr/bin/env bash
# lint.sh - what can be judged without running: cheapest first
#
# SPDX-License-Identifier: PostgreSQL
set -u
cd "$(dirname "$0")/.." || exit 2
B="${B:-build}"
n=0 bad=0
# check NAME OUTPUT: passes where OUTPUT is empty
check() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "$2" | head -20 | sed 's/^/#   /'
        bad=$((bad + 1))
    fi
}
files() { git ls-files -- "$@"; }

c_files=$(files '*.c' '*.h' | grep -v '^test/fuzz/corpus')
fmt=$(command -v clang-format-14)
if [ -n "$fmt" ]; then
    # shellcheck disable=SC2086
    check "clang-format 14 changes nothing" \
        "$(for f in $c_files; do $fmt "$f" | cmp -s - "$f" || echo "$f"; done)"
fi
# shellcheck disable=SC2086
check "no banned calls" "$(grep -nE \
    '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|alloca|rand)\(' \
    $c_files)"
# (the words of R-106 of iso42001/refusals.csv are fixed, and the offset is one
# within the condition)
check "no message of core says where: a host adds err->pos" "$(files \
    'core/*.c' | xargs grep -nE '"[^"]*(offset|byte) %' | grep -v '"cond reads ')"
check "no malloc or free in core but in the default allocator" "$(files \
    'core/*.c' | grep -v base/ctx.c | xargs grep -nE '\b(malloc|calloc|realloc|free)\(')"
check "core reaches for no host" "$(files 'core/*' | xargs grep -nE \
    '#include *[<"](postgres|sqlite3|libpq|fmgr|utils/)')"
check "OpenSSL is included in core/crypto alone" "$(files core pg_aigov \
    sqlite_aigov appender | grep -E '\.[ch]$' | grep -v '^core/crypto/' |
    xargs grep -nE '#include *<openssl/')"
check "PG_VERSION_NUM in pg_aigov/compat.h alone" "$(files '*.c' '*.h' |
    grep -v '^pg_aigov/compat.h$' | xargs grep -n PG_VERSION_NUM)"
check "files stay under 900 lines" "$(printf '%s\n' "$c_files" | xargs wc -l |
    awk '$2 != "total" && $1 > 900')"
check "functions stay under 61 lines" "$(printf '%s\n' "$c_files" |
    xargs awk 'FNR==1{s=0} /^\{/{s=FNR} /^\}/{if(s&&FNR-s>60)
      printf "%s:%d: %d lines\n",FILENAME,s,FNR-s;s=0}')"
check "every source names its licence" "$(files '*.c' '*.h' '*.sql' '*.sh' \
    '*.pl' '*.py' '*.mk' Makefile '*/Makefile' '*.pm' '*.t' '*.spec' '*.def' |
    grep -vE '^test/(shared|pg/sql|fuzz/corpus)/' |
    xargs grep -L 'SPDX-License-Identifier')"
check "nothing left to do in comments" "$(printf '%s\n' "$c_files" |
    xargs grep -nE '\b(TODO|FIXME|XXX)\b|not (yet )?implemented')"
check "no paths of a machine" "$(git grep -nE '(/work/|/root/)' -- . \
    ':!test/lint.sh')"
check "install scripts adopt nothing (no OR REPLACE, no IF NOT EXISTS)" \
    "$(grep -nE '^[^-]*(OR REPLACE|IF NOT EXISTS)' sql/*.sql)"
if command -v shellcheck >/dev/null; then
    check "shellcheck" "$(files '*.sh' .ci | xargs shellcheck -S warning -x 2>&1)"
fi
if command -v codespell >/dev/null; then
    check "spelling" "$(files '*.md' '*.c' '*.h' '*.sql' '*.sh' |
        xargs codespell -L ot,te,fo,als,ist,oder,wil,nd,ue,mis,januar,februar,nam,mot,calle 2>&1)"
fi
for h in core/aigov.h core/aigov_keys.h core/aigov_lineage.h core/aigov_policy.h appender/aigov_appender.h; do
    [ -f $h ] || continue
    check "$h compiles alone, C and C++" "$(
        { gcc -std=c11 -Wall -Wextra -fsyntax-only -x c $h &&
            clang-14 -std=c11 -Wall -Wextra -fsyntax-only -x c $h &&
            { ! command -v g++ >/dev/null ||
                g++ -std=c++11 -Wall -fsyntax-only -x c++ $h; }; } 2>&1)"
done
symbols() { nm -D --defined-only "$1" | awk '{print $3}' | sed 's/@@.*//' |
    sort; }
for pair in "$B/aigov.so:sqlite" "$B/libaigov_appender.so.0:appender" \
    "pg_aigov/aigov.so:pg"; do
    so=${pair%%:*} list=test/symbols-${pair##*:}.txt
    [ -f "$so" ] && [ -f "$list" ] || continue
    check "$so exports what $list says" \
        "$(symbols "$so" | diff "$list" - 2>&1)"
done
if [ -f docs/errors.md ]; then
    check "docs/errors.md is that of core/status.def" \
        "$(perl core/errors.pl | diff docs/errors.md - 2>&1)"
fi
unicode=/usr/share/unicode # of unicode-data, where it is the version used
if grep -qs 'Scripts-15.0.0' $unicode/Scripts.txt; then
    check "core/cel/match_unicode.def is that of Unicode 15.0.0" \
        "$(perl core/cel/match_unicode.pl $unicode |
            diff core/cel/match_unicode.def - 2>&1)"
fi
if [ -f docs/sql.md ]; then
    check "docs/sql.md is that of the COMMENTs" \
        "$(perl sql/docs.pl | diff docs/sql.md - 2>&1)"
fi
if [ -f docs/detectors.md ]; then
    check "docs/detectors.md has the detectors of the tables" \
        "$(python3 test/redact/detectors.py --check 2>&1 || echo differs)"
fi
if [ -f test/status-numbers.txt ]; then
    check "status numbers are never changed or used again" "$(
        grep -oE '^AIGOV_STATUS\([0-9]+, [A-Z]+' core/status.def |
        sed 's/.*(//' | comm -23 <(sort test/status-numbers.txt) <(sort))"
fi
echo "1..$n"
[ $bad = 0 ]
