#!/usr/bin/env python3
# report.py - bench/RESULTS.md from what bench/run.sh measured
#
# SPDX-License-Identifier: PostgreSQL
import json
import os
import platform
import re
import subprocess
import sys

import report_redact

out = sys.argv[1]


def text(name):
    with open(os.path.join(out, name)) as f:
        return f.read().rstrip()


def cpu():
    with open('/proc/cpuinfo') as f:
        info = f.read()
    model = re.search(r'model name\s*: (.*)', info)
    sha = 'with' if ' sha_ni' in info else 'without'
    return '%s, %d cores, %s SHA instructions' % (
        model.group(1) if model else platform.machine(), os.cpu_count(), sha)


pg = json.loads(text('pg.json'))
version = subprocess.run(['sqlite3', '--version'], text=True,
                         stdout=subprocess.PIPE).stdout.split()[0]
print('<!-- SPDX-License-Identifier: PostgreSQL -->')
print('<!-- written by make bench -->')
print('# Measured\n')
print('%s. PostgreSQL %s, SQLite %s. fsync on. Medians of %d interleaved '
      'rounds of %d s in one run; a ratio is the median of the rounds\' '
      'ratios. Figures of another machine differ; ratios differ less.\n'
      % (cpu(), pg['server'].split()[0], version, pg['rounds'],
         pg['seconds']))
print('## PostgreSQL: appends\n')
print('plain: INSERT of the same entry and content rows into unchained tables '
      'with the same indexes (500 in a transaction: one multi-row INSERT). '
      'chain: the usual PL/pgSQL audit trigger, one chain under an advisory '
      'lock. CPU: server CPU an append takes beyond the plain INSERT, without '
      'the start of the connection. Rounds with 20 ms in the transaction take '
      '%d s.\n' % (3 * pg['seconds']))
print('| case | entries/s | of plain | x chain | CPU over plain |')
print('|---|---|---|---|---|')
for r in pg['results']:
    if 'append' not in r:
        continue
    chain = '%.1f' % r['to_chain'] if 'to_chain' in r else ''
    print('| %s | %.0f | %.2f | %s | %+.1f us |' % (
        r['name'], r['append'], r['to_plain'], chain, r['cpu_over_plain_us']))
print('\n## PostgreSQL: verification\n')
for r in pg['results']:
    if 'to_hashing' in r:
        print('%s: %.0f entries/s, %.2f of a sequential query that hashes the '
              'same leaf and content bytes with the built-in sha256().'
              % (r['name'], r['rate'], r['to_hashing']))
print('\n## SQLite\n\n```\n%s\n```' % text('sqlite.txt'))
print('\n## Lineage\n\nBeside each question the recursive SQL that counts the same nodes '
      '(bench/lineage.py).\n\n```\n%s\n```' % text('lineage.txt'))
print('\n## Core alone\n\n```')
for name in ('core_json', 'core_append', 'core_verify', 'core_redact',
             'core_redact_json', 'core_injection', 'core_rules', 'core_match',
             'core_cel'):
    print(text(name + '.txt'))
print('```')
report_redact.section(json.loads(text('redact.json')),
                      text('core_redact.txt'))
