#!/usr/bin/env bash
# node.sh - the module inside node, which brings its own SQLite and OpenSSL
#
# SPDX-License-Identifier: PostgreSQL
#
# node exports OpenSSL symbols: the module must use the libcrypto linked into
# it and none other, and give the hashes that sha256sum gives.
set -u
cd "$(dirname "$0")/../.." || exit 2
B="${B:-build}"
case "$B" in /*) ;; *) B="$PWD/$B" ;; esac
node=$(bash test/sqlite/find_node.sh) || {
    echo "ok 1 - node # skip no node with node:sqlite, and none from npm"
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/t.js" <<'END'
const { DatabaseSync } = require('node:sqlite')
const { createHash } = require('node:crypto')
const [so, file] = process.argv.slice(2)
let n = 0, bad = 0
const ok = (v, name) => { n++; if (!v) bad++; console.log(`${v ? 'ok' : 'not ok'} ${n} - node: ${name}`) }
for (let round = 0; round < 2; round++) {
  const db = new DatabaseSync(file, { allowExtension: true, timeout: 5000 })
  db.loadExtension(so)
  if (round === 0) db.prepare("SELECT aigov_init('example.com/node') AS x").get()
  const r = JSON.parse(db.prepare('SELECT aigov_append(?) AS r').get(
    JSON.stringify({ system: 'node', input: 'Grüße, ' + round, output: '✓' })).r)
  const leaf = db.prepare('SELECT aigov_leaf(?, ?, ?) AS l').get(r.log, r.lane, r.seq).l
  const hash = createHash('sha256').update(Buffer.from([0])).update(leaf, 'utf8').digest('hex')
  ok(hash === r.hash, 'leaf hash by node:crypto is the receipt\'s hash')
  db.prepare('INSERT INTO aigov_inbox(record) VALUES (?)').run('{"system":"node"}')
  const range = db.prepare('SELECT * FROM aigov_verify WHERE status <> ?').all('unanchored')
  ok(range.length === 0, 'verify finds nothing')
  db.exec('BEGIN'); db.prepare('SELECT aigov_append(?) AS r').get('{"system":"gone"}'); db.exec('ROLLBACK')
  ok(db.prepare("SELECT count(*) AS n FROM aigov_entry WHERE system = 'gone'").get().n === 0, 'a rollback removes its entry')
  let refused = ''
  try { db.prepare('SELECT aigov_append(?) AS r').get('{"xsystem":"x"}') } catch (e) { refused = e.message }
  ok(/IG103/.test(refused) && /system/.test(refused), 'a bad record is refused with number and hint: ' + refused)
  db.close()
  ok(true, 'the connection closes')
}
console.log(`1..${n}`)
process.exit(bad ? 1 : 0)
END
"$node" --no-warnings "$work/t.js" "$B/aigov" "$work/node.db"
rc=$?
if nm -D --undefined-only "$B/aigov.so" | grep -qE ' (EVP|RAND|ERR|OPENSSL)_'; then
    echo "not ok - aigov.so imports OpenSSL symbols"
    rc=1
else
    echo "ok - aigov.so imports no OpenSSL symbol"
fi
exit $rc
