#!/usr/bin/env bash
# command.sh - the command `aigov` against files made to deceive it
#
# SPDX-License-Identifier: PostgreSQL
#
#   AIGOV    the command under test; $B/aigov
set -u
cd "$(dirname "$0")/../.." || exit 2
aigov="${AIGOV:-${B:-build}/aigov}" n=0 bad=0
dir=$(mktemp -d "${TMPDIR:-/tmp}/aigov-cmd-XXXXXX")
trap 'rm -rf "$dir"' EXIT

ok() { # NAME STATUS [OUTPUT]
    n=$((n + 1))
    [ "$2" = 0 ] && echo "ok $n - $1" && return
    echo "not ok $n - $1"
    printf '%s\n' "${3:-}" | head -20 | sed 's/^/#   /'
    bad=1
}
is() { # NAME EXPECTED GOT
    [ "$2" = "$3" ]
    ok "$1" $? "expected: $2
got:      $3"
}
has() { # NAME PATTERN TEXT
    grep -qE -- "$2" <<<"$3"
    ok "$1" $? "no $2 in: $3"
}
unguarded() { # FILE SQL: guards off and on
    local off on
    off=$(sqlite3 "$1" "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger'")
    on=$(sqlite3 "$1" "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger'")
    sqlite3 "$1" "$off $2; $on"
}
copy() { # FILE: a copy of v.db
    rm -f "$1"*
    sqlite3 "$dir/v.db" "VACUUM INTO '$1'"
}

# --- usage ----------------------------------------------------------------------
for c in init append import tail verify export redact keygen; do
    out=$("$aigov" $c --help)
    is "$c --help" "0 usage: aigov $c" "$? $(cut -d' ' -f1-3 <<<"$out")"
done
out=$("$aigov" init "$dir/o.db" "a b" 2>&1)
is "init with a bad origin leaves no file" "3 " "$? $(ls "$dir")"
sqlite3 "$dir/empty.db" "CREATE TABLE x(y)"
has "the hint is a command" "no log; aigov init DB ORIGIN" "$("$aigov" verify "$dir/empty.db" 2>&1)"
"$aigov" init "$dir/v.db" example.com/v >/dev/null
"$aigov" append "$dir/v.db" examples/small-team-week.jsonl >/dev/null
is "tail -n2" 2 "$("$aigov" tail -n2 "$dir/v.db" | wc -l)"

# --- import --from terms -----------------------------------------------------------
terms() { # WHERE DB PUT: PUT runs SQL in the database
    local sum put out
    put='{"type":"dictionary","entity":"CUSTOMER","version":1,"score":"0.8","positives":["acme holding called"],"negatives":["acme"]'
    printf 'Acme Holding\r\n\nJos\303\251 P\303\251rez\nZorro' >"$dir/terms"
    sum=$(printf 'Acme Holding\nJos\303\251 P\303\251rez\nZorro\n' | sha256sum | cut -d' ' -f1)
    out=$("$aigov" import "$2" --from terms acme "$dir/terms" 2>&1)
    is "$1: terms of no detector say what to put" "1 terms_count 3, terms_sha256 $sum" "$? $(head -1 <<<"$out")"
    "$3" "aigov.put('detector', 'acme', '$put,\"terms_count\":3,\"terms_sha256\":\"$sum\"}')" >/dev/null
    is "$1: a detector without its terms finds nothing" "of ZORRO" "$("$3" "aigov.redact('of ZORRO')")"
    out=$("$aigov" import "$2" --from terms --dry-run acme "$dir/terms" 2>&1)
    is "$1: dry run" "0 terms_count 3, terms_sha256 $sum" "$? $out"
    is "$1: which writes nothing" "of ZORRO" "$("$3" "aigov.redact('of ZORRO')")"
    sed 's/Zorro/Zorra/' "$dir/terms" | "$aigov" import "$2" --from terms acme >"$dir/out" 2>&1
    is "$1: other terms are refused" 1 $?
    has "$1: and why is said" "another count or hash" "$(cat "$dir/out")"
    { printf 'a\n\377\n%0201d\n' 7; printf 'pass'; printf 'word = "Tr0ub4dor&3x9"\n'; } >"$dir/bad"
    out=$("$aigov" import "$2" --from terms acme "$dir/bad" 2>/dev/null)
    is "$1: a line for each refusal" "1 line 2: refused
line 3: refused
line 4: refused" "$? $(grep -oE '^line [0-9]+: refused' <<<"$out")"
    is "$1: which holds no term" 0 "$(grep -cE 'Tr0ub|0007' <<<"$out")"
    is "$1: nothing was written" "of ZORRO" "$("$3" "aigov.redact('of ZORRO')")"
    out=$("$aigov" import "$2" --from terms acme - <"$dir/terms")
    is "$1: terms" "0 detector acme: 3 terms, revision 2" "$? $(tail -1 <<<"$out")"
    is "$1: are in force" "of [CUSTOMER], [CUSTOMER]" "$("$3" "aigov.redact('of ZORRO, jose perez')")"
    put='{"type":"allow_list","entity":"CUSTOMER","version":1,"score":"1","match":"regex"'
    sum=$(printf 'Z[a-z]+\n' | sha256sum | cut -d' ' -f1)
    "$3" "aigov.put('detector', 'pass', '$put,\"terms_count\":1,\"terms_sha256\":\"$sum\"}')" >/dev/null
    has "$1: patterns of an allow list that do not compile" "^line 2: refused" "$(printf 'Z[a-z]+\nZ(\n' | "$aigov" import "$2" --from terms pass 2>/dev/null)"
    printf 'Z[a-z]+\n' | "$aigov" import "$2" --from terms pass >/dev/null
    is "$1: and those that do" "0 of Zorro, [CUSTOMER]" "$? $("$3" "aigov.redact('of Zorro, Acme Holding')")"
}
# --- redact --db -------------------------------------------------------------------
by_db() { # WHERE DB: after terms
    is "$1: redact --db" "ask [CUSTOMER], [EMAIL_ADDRESS]" "$(printf 'ask acme holding, ann@acme.org' | "$aigov" redact --db "$2")"
    is "$1: --json" '{"a":"[CUSTOMER]"}' "$(echo '{"a":"Acme Holding"}' | "$aigov" redact --db "$2" --json)"
    is "$1: --check" '1 {"detector":"acme","entity":"CUSTOMER","line":2,"score":0.80,"start":4,"stop":16}' \
        "$(printf 'x\n\303\251: acme holding, https://acme.org\n' | "$aigov" redact --db "$2" --check >"$dir/out"; echo "$? $(cat "$dir/out")")"
    is "$1: no such profile" 3 "$(echo x | "$aigov" redact --db "$2" --profile no/store >/dev/null 2>&1; echo $?)"
    is "$1: a profile" "x" "$(echo x | "$aigov" redact --db "$2" --profile default/model)"
    is "$1: a NUL byte is refused, not cut" "3 " "$(printf 'a\0b' | "$aigov" redact --db "$2" 2>/dev/null >"$dir/out"; echo "$? $(cat "$dir/out")")"
}
in_sqlite() { sqlite3 "$dir/terms.db" ".load ${B:-build}/aigov" "SELECT ${1//aigov./aigov_}"; }
in_pg() { psql -XAtq "$AIGOV_TEST_PG" -c "SELECT $1"; }
"$aigov" init "$dir/terms.db" example.com/terms >/dev/null
terms SQLite "$dir/terms.db" in_sqlite
by_db SQLite "$dir/terms.db"
if [ -n "${AIGOV_TEST_PG:-}" ]; then
    terms PostgreSQL "$AIGOV_TEST_PG" in_pg
    by_db PostgreSQL "$AIGOV_TEST_PG"
fi
is "--profile without --db" 2 "$(echo x | "$aigov" redact --profile a/b 2>/dev/null; echo $?)"
is "keys of a file and of a database" 2 "$(echo x | "$aigov" redact --db a --key-file b 2>/dev/null; echo $?)"
is "terms without the name of a detector" 2 "$("$aigov" import "$dir/terms.db" --from terms 2>/dev/null; echo $?)"
seq -f 'https://example.com/of/%.0f' 1000000 >"$dir/many"
sum=$(sha256sum <"$dir/many" | cut -d' ' -f1)
in_sqlite "aigov.put('detector', 'many', '{\"type\":\"allow_list\",\"entity\":\"URL\",\"match\":\"exact\",\"version\":1,\"score\":\"1\",\"terms_count\":1000000,\"terms_sha256\":\"$sum\"}')" >/dev/null
is "a million terms" "detector many: 1000000 terms, revision 2" "$("$aigov" import "$dir/terms.db" --from terms many "$dir/many" | tail -1)"

# --- redact: no database, no value in what is said --------------------------------
is "redact in a pipe" "card [CREDIT_CARD], ok" "$(printf 'card 5242 3061 5708 3062, ok' | "$aigov" redact)"
head -c 300000 /dev/zero | tr '\0' 'x' >"$dir/long"
printf ' ssn 212-09-7654' >>"$dir/long"
is "a long text is a stream" "[US_SSN]" "$("$aigov" redact "$dir/long" | tail -c 8)"
is "bytes that are no text pass" "ff00" "$(printf '\377\0' | "$aigov" redact | od -An -tx1 | tr -d ' ')"
is "redact --json" '{"ssn":"[US_SSN]"}' "$(echo '{"ssn":"212-09-7654"}' | "$aigov" redact --json)"
out=$(printf '{"ssn":"212-09-7654"}\n{"ssn":"212-09-7654"\n' | "$aigov" redact --json 2>&1)
is "what is no JSON is withheld" "1 0" "$? $(grep -c 7654 <<<"$out")"
out=$(printf 'a\nssn 212-09-7654\n' | "$aigov" redact --check)
is "redact --check" "1 {\"detector\":\"us_ssn\",\"entity\":\"US_SSN\",\"line\":2,\"score\":0.90,\"start\":4,\"stop\":15}" "$? $out"
echo "nothing here" | "$aigov" redact --check
ok "redact --check of a clean text" $?

# --- keygen -------------------------------------------------------------------------
id=$("$aigov" keygen --redaction "$dir/k.keys")
is "keygen" "600 1" "$(stat -c %a "$dir/k.keys") $(grep -c "^$id [0-9a-f]\{64\}\$" "$dir/k.keys")"
"$aigov" keygen --redaction "$dir/k.keys" 2>/dev/null
is "no key file is written over" "3 2" "$? $(wc -l <"$dir/k.keys")"
id=$("$aigov" keygen --redaction "$dir/k.keys" --add)
is "keygen --add" "$id" "$(tail -n1 "$dir/k.keys" | cut -d' ' -f1)"
is "keygen without a file" 2 "$("$aigov" keygen 2>/dev/null; echo $?)"
(umask 077; printf 'aigov redaction keys 1\nk5bcc17a1 %s%s\n' \
    000102030405060708090a0b0c0d0e0f 101112131415161718191a1b1c1d1e1f >"$dir/test.keys")
is "redact with a key" "mail [EMAIL_ADDRESS:k5bcc17a1:95031bb6011b879e]" \
    "$(printf 'mail ana@acme.example' | "$aigov" redact --key-file "$dir/test.keys")"
is "of a tenant" '{"ssn":"[US_SSN:k5bcc17a1:70cbe8605c860c5a]"}' \
    "$(echo '{"ssn":"212-09-7654"}' | "$aigov" redact --json --key-file "$dir/test.keys" --tenant acme)"
is "a form with a key stays" "mail [EMAIL_ADDRESS:k5bcc17a1:95031bb6011b879e]" \
    "$(printf 'mail ana@acme.example' | "$aigov" redact --key-file "$dir/test.keys" | "$aigov" redact --key-file "$dir/k.keys")"
"$aigov" redact --key-file "$dir/none.keys" </dev/null 2>/dev/null
is "a key file that is not there" 3 $?
chmod 640 "$dir/k.keys"
has "a key file that others may read is refused" "chmod 600" "$("$aigov" keygen --redaction "$dir/k.keys" --add 2>&1)"

# --- what a file says in the module's place ------------------------------------------
t="$dir/t.db"
for sql in "CREATE VIRTUAL TABLE aigov_verify USING fts5(origin, log, lane, from_seq, to_seq, entries, status, content, anchored_size, detail)" \
    "CREATE TABLE aigov_verify(origin, log, lane, from_seq, to_seq, entries, status, content, anchored_size, detail)" \
    "CREATE VIEW AIGOV_Verify AS SELECT 1 AS origin" "CREATE TABLE aigov_state(x)"; do
    copy "$t"
    sqlite3 "$t" "$sql"
    out=$("$aigov" verify "$t" 2>&1)
    rc=$?
    is "refused: $(cut -d"(" -f1 <<<"$sql")" 3 $rc
    has "and named" "(table aigov_verify|view AIGOV_Verify|table aigov_state|aigov_)" "$out"
done

# --- control characters ------------------------------------------------------------
"$aigov" init "$dir/c.db" example.com/c >/dev/null
printf '{"system":"x\\u001b[2Jy\\u009bz"}\n' | "$aigov" append "$dir/c.db" >/dev/null
out=$("$aigov" tail "$dir/c.db" -n 1)
if grep -q '"x' <<<"$(sqlite3 "$dir/c.db" "SELECT json_quote(system) FROM aigov_entry ORDER BY seq DESC LIMIT 1")"; then
    unguarded "$dir/c.db" "UPDATE aigov_entry SET system = 'x' || char(27) || '[2J' || char(10) || char(155), log = log WHERE lane = 1"
    out=$("$aigov" tail "$dir/c.db" -n 1)
fi
has "tail escapes control characters" 'x.u001B\[2J' "$out"
is "none goes to the terminal raw" 0 "$(tr -d '\n' <<<"$out" | LC_ALL=C grep -c "$(printf '\033')")"

# --- verify --since and --save ---------------------------------------------------------
h="$dir/heads"
out=$("$aigov" verify "$dir/v.db" --save "$h")
is "--save" 0 $?
is "the file ends with a count and a hash" "end 2 $(head -n -1 "$h" | sha256sum | cut -c1-64)" "$(tail -1 "$h")"
is "mode 600, nothing beside it" "600 1" "$(stat -c %a "$h") $(ls "$h"* | wc -l)"
"$aigov" verify "$dir/v.db" --since "$h" >/dev/null
is "--since" 0 $?
for edit in '$d' '2d' 's/ 58 / 57 /' 's/^end 2/end 1/' '1s/Z$/ZZ/'; do
    sed "$edit" "$h" >"$dir/edited"
    out=$("$aigov" verify "$dir/v.db" --since "$dir/edited" 2>&1)
    rc=$?
    is "a heads file with sed '$edit' is refused" 3 $rc
    has "and why" "(cut or edited|not one of a heads file)" "$out"
done
head -c 60 "$h" >"$dir/edited"
"$aigov" verify "$dir/v.db" --since "$dir/edited" >/dev/null 2>&1
is "a cut one too" 3 $?
signed() { # the trailer of a forged file
    { cat; } >"$dir/body"
    { cat "$dir/body"; echo "end $(($(wc -l <"$dir/body") - 1)) $(sha256sum <"$dir/body" | cut -c1-64)"; } >"$dir/edited"
}
head -n -1 "$h" | sed 's,example.com/v,example.com/w,' | signed
out=$("$aigov" verify "$dir/v.db" --since "$dir/edited" 2>&1)
is "another origin" 1 $?
has "is named" "another origin" "$out"
head -n -1 "$h" | sed '/ 1 58 /d' | sed '1s/ 2 .*/ 2 2099-01-01T00:00:00.000000Z/' | signed
out=$("$aigov" verify "$dir/v.db" --since "$dir/edited" 2>&1)
is "a lane the file does not know, older than it" 1 $?
has "is named" "lane 1: not in the file, .*backdated" "$out"

copy "$t"
"$aigov" append "$t" <<<'{"system":"own"}' >/dev/null 2>&1
"$aigov" init "$dir/w.db" example.com/w >/dev/null
"$aigov" append "$dir/w.db" <<<'{"system":"own"}' >/dev/null
cols=$(sqlite3 "$t" "SELECT group_concat(name) FROM pragma_table_info('aigov_log')")
unguarded "$t" "ATTACH '$dir/w.db' AS w; INSERT INTO aigov_log($cols) SELECT $cols FROM w.aigov_log;
    UPDATE aigov_instance SET log = (SELECT log FROM w.aigov_log)" 2>"$dir/err"
out=$("$aigov" verify "$t" --since "$h" 2>&1)
is "an instance that points to another log" 1 $?
has "is named, and hides nothing" "schema_changed .*aigov_instance" "$out"
is "and it is not whole" 0 "$(grep -c ': whole' <<<"$out")"

ln -s "$dir/victim" "$dir/h2.tmp"
"$aigov" verify "$dir/v.db" --save "$dir/h2" >/dev/null
is "--save follows no link" "0 no" "$? $([ -e "$dir/victim" ] && echo yes || echo no)"
mkdir "$dir/folder"
mkdir "$dir/folder/x"
"$aigov" verify "$dir/v.db" --save "$dir/folder" >/dev/null 2>&1
is "--save that fails leaves nothing behind" "3 1" "$? $(ls -d "$dir"/folder* | wc -l)"

# --- the file itself ------------------------------------------------------------------
copy "$t"
index=$(sqlite3 "$t" "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'aigov_entry' AND sql IS NOT NULL LIMIT 1")
root=$(sqlite3 "$t" "SELECT rootpage FROM sqlite_schema WHERE name = '$index'")
page=$(sqlite3 "$t" "PRAGMA page_size")
printf '\012\000\000\000\000\020\000\000' | dd of="$t" bs=1 seek=$(((root - 1) * page)) conv=notrunc 2>/dev/null
out=$("$aigov" verify "$t" 2>&1)
is "an index that was emptied" 1 $?
has "is named" "(missing from index|wrong # of entries in index) " "$out"
out=$("$aigov" verify --quick "$t" 2>&1)
is "--quick does not look" 0 "$(grep -c integrity_check <<<"$out")"

# --- append: output that fails, lines that are too long ---------------------------------
"$aigov" init "$dir/f.db" example.com/f >/dev/null
# shellcheck disable=SC2034
for i in $(seq 1200); do echo '{"system":"f"}'; done >"$dir/many"
"$aigov" append "$dir/f.db" "$dir/many" >/dev/full 2>"$dir/err"
is "append to a full disk" 3 $?
has "says so" "output cannot be written" "$(cat "$dir/err")"
left=$(sqlite3 "$dir/f.db" "SELECT count(*) FROM aigov_entry WHERE lane = 1")
[ "$left" -le 512 ]
ok "nothing is sent after the batch whose receipts were lost" $? "$left entries"
echo '{"system":"one"}' >"$dir/long"
head -c 80000000 /dev/zero | tr '\0' ' ' >>"$dir/long"
printf '\n{"system":"three"}\n' >>"$dir/long"
out=$([ "${AIGOV_ASAN:-}" = 1 ] || ulimit -v 400000; "$aigov" append "$dir/f.db" - <"$dir/long")
is "a line of 80 MB is refused" 1 $?
is "between the others, by its number" '1 2 1' "$(sed -E 's/.*"seq":.*/1/; s/.*IG[0-9]+".*has 80000000 bytes.*"line":2,.*/2/' <<<"$out" | tr '\n' ' ' | sed 's/ $//')"
{ printf '{"system":"f","input":"'; head -c 16777191 /dev/zero | tr '\0' 'x'; printf '"}\n'; } >"$dir/exact"
has "a record of 16 MiB without id says what is too much" "16777216 bytes and no id" "$("$aigov" append "$dir/f.db" "$dir/exact")"

# --- a file that can only be read, in a folder that can only be read ----------------------
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    dir2="$dir"
    dir=$(mktemp -d /tmp/aigov-ro-XXXXXX)
    trap 'rm -rf "$dir" "$dir2"' EXIT
    mkdir "$dir/ro"
    cp "$dir2/v.db" "$dir/v.db"
    copy "$dir/ro/r%41?.db"
    sqlite3 "$dir/ro/r%41?.db" "PRAGMA journal_mode = WAL" >/dev/null
    rm -f "$dir"/ro/*-wal "$dir"/ro/*-shm
    cp "$aigov" "$dir/aigov"
    chmod 755 "$dir" "$dir/ro" "$dir/aigov"
    chmod 444 "$dir"/ro/*
    out=$(setpriv --reuid=65534 --clear-groups "$dir/aigov" verify "$dir/ro/r%41?.db" 2>&1)
    is "verify of a read-only file in a read-only folder" 0 $?
    has "says how it was read" "immutable" "$out"
    echo x >"$dir/ro/r%41?.db-wal"
    out=$(setpriv --reuid=65534 --clear-groups "$dir/aigov" verify "$dir/ro/r%41?.db" 2>&1)
    is "not where there is a write-ahead log beside it" 3 $?
fi
echo "1..$n"
exit $bad
