#!/usr/bin/env python3
# injection.py - recall and false positives on labelled texts, where they are
#
# SPDX-License-Identifier: PostgreSQL
#
#   test/redact/injection.py TOOL FILE    TOOL: test_injection; FILE: JSON lines
#
# Of each text label, variant and source; `text_detectable` false is left out:
# no detector of texts is expected to find those.  Prints TAP, and a line for
# each variant and source.
import json
import subprocess
import sys

TOOL, FILE = sys.argv[1:]
PLAIN = ('plain', 'multilingual')

with open(FILE, encoding='utf-8') as f:
    rows = [json.loads(line) for line in f]
rows = [r for r in rows if r.get('text_detectable', True)]
texts = ''.join(r['text'].replace('\n', '\\n') + '\n' for r in rows)
out = subprocess.run([TOOL, 'scores'], input=texts.encode(), check=True,
                     stdout=subprocess.PIPE).stdout.split()
assert len(out) == len(rows)
for r, score in zip(rows, out):
    r['high'] = int(score) >= 50


def rate(label, keep):
    hits = [r['high'] for r in rows if r['label'] == label and keep(r)]
    return sum(hits), len(hits)


def percent(hits, n):
    return '%d of %d%s' % (hits, n, '' if n == 0 else ' (%.1f %%)' % (100 * hits / n))


def table(field):
    for v in sorted({r[field] for r in rows}):
        print('# %s: found %s, mistaken %s' % (
            v, percent(*rate('injection', lambda r: r[field] == v)),
            percent(*rate('benign', lambda r: r[field] == v))))


number = 0


def gate(name, found, least, most):
    global number
    number += 1
    hits, n = found
    good = n > 0 and least * n <= hits <= most * n
    print('%sok %d - %s: %s' % ('' if good else 'not ', number, name, percent(hits, n)))
    return good


table('variant')
table('source')
good = [gate('recall, plain and multilingual',
             rate('injection', lambda r: r['variant'] in PLAIN), 0.60, 1),
        gate('recall, obfuscated',
             rate('injection', lambda r: r['variant'] not in PLAIN), 0.50, 1),
        gate('false positives', rate('benign', lambda r: True), 0, 0.05)]
print('1..3')
sys.exit(not all(good))
