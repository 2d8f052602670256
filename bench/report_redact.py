# report_redact.py - the section "Redaction" of bench/RESULTS.md
#
# SPDX-License-Identifier: PostgreSQL
#
#   bench/report_redact.py redact.json core_redact.txt   or from report.py
import json
import re
import sys


def gate(name, value, bound, at_least=True, form='%.2f'):
    ok = value >= bound if at_least else value <= bound
    return '| %s | %s %s | %s | %s |' % (
        name, '>=' if at_least else '<=', bound, form % value,
        'reached' if ok else '**missed**')


def speed_table(rows):
    tools = list(dict.fromkeys(r['tool'] for r in rows))
    print('Megabytes a second, one core; 64 KB of the mixed dirty text, '
          'findings in the last column.\n')
    head = [(t, d, s) for t in ('mixed', 'prose', 'source', 'JSON')
            for d in (False, True) for s in (2048, 65536)]
    print('| tool | ' + ' | '.join(
        '%s %s %d KB' % (t, 'dirty' if d else 'clean', s // 1024)
        for t, d, s in head) + ' | found |')
    print('|---' * (len(head) + 2) + '|')
    for tool in tools:
        at = {(r['text'], r['dirty'], r['size']): r for r in rows
              if r['tool'] == tool}
        print('| %s | %s | %s |' % (
            tool, ' | '.join('%.*f' % (0 if at[k]['mb_s'] >= 20 else 2,
                                       at[k]['mb_s']) for k in head),
            at['mixed', True, 65536]['found']))


def number(x):
    return '' if x is None else '%.3f' % x


def finds_table(rows):
    if 'hit' in rows[0]:
        print('Without the labelled cases: places of test/redact/cases_*.tsv '
              'that a finding touches, and near misses with a finding. They '
              'were written with the detectors and favour them.\n')
        print('| tool | places | touched | near misses | with a finding |')
        print('|---|---|---|---|---|')
        for r in rows:
            print('| %s | %d | %d | %d | %d |' % (
                r['tool'], r['places'], r['hit'], r['near_misses'],
                r['alarm']))
        return
    print('Precision / recall over the labelled cases, names of entities '
          'mapped by their scorer. Masked: of the labelled places, covered by '
          'a finding of any name. Alarm: texts with nothing to hide in which '
          'something was found.\n')
    groups = ('global-pii', 'national-ids', 'secrets')
    print('| tool | micro F1 | micro P / R | %s | masked | alarm |'
          % ' | '.join(groups))
    print('|---' * 8 + '|')
    for r in rows:
        pair = ['%s / %s' % (number(g.get('p')), number(g.get('r')))
                for g in [r['micro']] + [r.get(x, {}) for x in groups]]
        print('| %s | %s | %s | %s | %s |' % (
            r['tool'], number(r['micro']['f1']), ' | '.join(pair),
            number(r['micro']['masked']), number(r['none_alarm'])))


def starts(res):
    print('| first call | first | later | private memory added |')
    print('|---|---|---|---|')
    for name, r in (('redact() of 2 KB, PostgreSQL', res['pg']['redact']),
                    ('append, PostgreSQL', res['pg']['append']),
                    ('append without detectors, PostgreSQL',
                     res['pg']['append_bare']),
                    ('aigov_redact() of 2 KB, SQLite', res['sqlite'])):
        print('| %s | %.0f us | %.0f us | %d KiB |' % (
            name, r['first_us'], r['later_us'], r['private_kib']))


def appends(res):
    print('A record of a prompt and an answer of 2 KB each, of the rate of a '
          'module of the same core that looks for nothing, interleaved: '
          'medians of %d rounds of %d s.\n'
          % (res['pg']['rounds'], res['pg']['seconds']))
    print('| case | with | without | ratio |\n|---|---|---|---|')
    for r in res['pg']['appends']:
        print('| PostgreSQL, 1/tx, %d clients | %.0f/s | %.0f/s | %.2f |' % (
            r['clients'], r['with'], r['without'], r['ratio']))
    s = res['sqlite']
    print('| SQLite, 500/tx | %.1f us | | %.2f; %.2f of the plain INSERT |' % (
        s['append_us'], s['of_bare'], s['of_plain']))


def gates(res, core):
    slow = [float(x) for x in re.findall(r'^  .{18} +([\d.]+)  \d+ findings',
                                         core, re.M)]
    pg, sqlite = res['pg'], res['sqlite']
    print('| gate | bound | measured | |\n|---|---|---|---|')
    for size in (2048, 65536):
        for dirty in (False, True):
            print(gate('slowest kind of %s text, %d KB, MB/s' % (
                'dirty' if dirty else 'clean', size // 1024),
                min(r['mb_s'] for r in res['speed'] if r['tool'] == 'aigov' and
                    r['size'] == size and r['dirty'] == dirty), 150,
                form='%.0f'))
    if slow:
        print(gate('what is made to be slow, multiple of clean time',
                   max(slow), 5, False, '%.1f'))
    print(gate('first redact() of a backend, us over a later one',
               pg['redact']['first_us'] - pg['redact']['later_us'], 1000,
               False, '%.0f'))
    print(gate('private memory of a backend, KiB: first append, over that '
               'without detectors', pg['append']['private_kib'] -
               pg['append_bare']['private_kib'], 64, False, '%d'))
    for r in pg['appends']:
        print(gate('PostgreSQL, of the rate without, %d clients'
                   % r['clients'], r['ratio'], 0.85))
    print(gate('SQLite batched, of the plain INSERT', sqlite['of_plain'], 0.4))


def section(res, core):
    print('\n## Redaction\n')
    print('The texts (bench/texts.h) are made: prose, source text and JSON, or '
          'the three in turns; dirty text has personal data or a secret in a '
          'quarter of its lines. PCRE2 and Vectorscan run the patterns of '
          'bench/peer_patterns.h without check digits, context or '
          'replacement; npm packages run as their README calls them, versions '
          'pinned in bench/peer_npm.json.\n')
    for line in res['engines']:
        print('- ' + line)
    print('\n### Gates\n')
    gates(res, core)
    print('\n### Speed\n')
    speed_table(res['speed'])
    print('\n### What each finds\n')
    finds_table(res['finds'])
    print('\n### Start\n')
    starts(res)
    print('\n### Appends\n')
    appends(res)


if __name__ == '__main__':
    with open(sys.argv[1]) as a, open(sys.argv[2]) as b:
        section(json.load(a), b.read())
