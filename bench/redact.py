#!/usr/bin/env python3
# redact.py - redaction beside what one would use instead
#
# SPDX-License-Identifier: PostgreSQL
#
#   bench/redact.py PG_CONFIG BUILD RESULT.json [--quick]
#
# Speed: core, PCRE2, Vectorscan and npm packages in one run over the texts of
# bench/texts.h.  What each finds: over the labelled cases of
# $AIGOV_SHARED/redaction, scored by the score.py beside them, which maps the
# tools' names of entities; where that is missing over test/redact/cases_*.tsv,
# which were written with the detectors and favour them, by whether the place is
# touched under any name.  Then what an
# append with redaction takes in both databases.
import gzip
import json
import os
import re
import shutil
import subprocess
import sys

PG_CONFIG, BUILD, RESULT = sys.argv[1:4]
QUICK = sys.argv[4:5] == ['--quick'] and ['--quick'] or []
BIN = os.path.abspath(os.path.join(BUILD, 'bench'))
TEXTS, NPM = os.path.join(BIN, 'texts'), os.path.join(BIN, 'npm')
SCRIPT = os.path.abspath('bench/peer_npm.mjs')
SHARED = os.path.join(os.environ.get('AIGOV_SHARED', '../shared'), 'redaction')


def out(cmd, **kw):
    return subprocess.run(cmd, check=True, text=True, stdout=subprocess.PIPE,
                          **kw).stdout


def npm_packages():
    """Installed into the build folder; none without a network."""
    os.makedirs(NPM, exist_ok=True)
    shutil.copy('bench/peer_npm.json', os.path.join(NPM, 'package.json'))
    done = subprocess.run(['npm', 'install', '--no-audit', '--no-fund',
                           '--ignore-scripts', '--silent'], cwd=NPM)
    if done.returncode:
        print('npm packages: not installed, left out', flush=True)
        return []
    return out(['node', SCRIPT, 'list'], cwd=NPM).split()


def core_speeds():
    for line in out([BIN + '/core_redact', '--speeds']).splitlines():
        m = re.match(r'(\w+) +(clean|dirty) +2048 B +([\d.]+) MB/s +65536 B '
                     r'+([\d.]+) MB/s +(\d+)', line)
        for size, rate in ((2048, m.group(3)), (65536, m.group(4))):
            yield {'tool': 'aigov', 'text': m.group(1), 'size': size,
                   'dirty': m.group(2) == 'dirty', 'mb_s': float(rate),
                   'found': int(m.group(5)) if size == 65536 else None}


def speeds(packages):
    rows = list(core_speeds())
    lines = out([BIN + '/peer_engines']).splitlines()
    for p in packages:
        lines += out(['node', SCRIPT, 'speed', p, TEXTS,
                      '200' if QUICK else '1000'],
                     cwd=NPM).splitlines()
    return rows + [json.loads(x) for x in lines]


def unescaped(s):
    """As cases.h has it; what is no UTF-8 becomes U+FFFD."""
    kinds = {'n': b'\n', 't': b'\t', '\\': b'\\', '+': b''}
    return re.sub(rb'\\(x[0-9a-fA-F]{2}|.)', lambda m: kinds.get(
        m.group(1).decode('utf-8', 'replace'),
        bytes.fromhex(m.group(1)[1:].decode()) if len(m.group(1)) == 3
        else m.group(1)), s.encode()).decode('utf-8', 'replace')


def from_tables():
    """Texts of test/redact (cases.h): its mark, its text, its places."""
    for name in sorted(os.listdir('test/redact')):
        if not re.match(r'cases_\w+\.tsv$', name):
            continue
        with open('test/redact/' + name, encoding='utf-8') as f:
            for n, line in enumerate(f):
                part = line.rstrip('\n').split('\t')
                if line.startswith('#') or len(part) < 3:
                    continue
                pieces, spans, at = re.split('[«»]', part[2]), [], 0
                pieces = [unescaped(x) for x in pieces]
                for i, piece in enumerate(pieces):
                    if i % 2:
                        spans.append([at, at + len(piece)])
                    at += len(piece)
                yield {'id': '%s:%d' % (name, n), 'text': ''.join(pieces),
                       'spans': spans, 'positive': part[1] == '+'}


def labelled():
    path = os.path.join(SHARED, 'cases.jsonl.gz')
    if os.path.exists(path):
        with gzip.open(path, 'rt', encoding='utf-8') as f:
            return path, f.read()
    return None, ''.join(json.dumps(c) + '\n' for c in from_tables())


def score_tables(cases, answers, unit):
    """How many of the places are touched, how many near misses are."""
    got = {}
    for x in map(json.loads, answers.splitlines()):
        got[x['id']] = x['findings']
    res = {'places': 0, 'hit': 0, 'near_misses': 0, 'alarm': 0}
    for c in map(json.loads, cases.splitlines()):
        size = (lambda i: len(c['text'][:i].encode())) \
            if unit == 'bytes' else (lambda i: i)
        for a, b in c['spans'] if c['positive'] else ():
            res['places'] += 1
            res['hit'] += any(f['start'] < size(b) and f['end'] > size(a)
                              for f in got[c['id']])
        if not c['positive']:
            res['near_misses'] += 1
            res['alarm'] += bool(got[c['id']])
    return res


def score(path, cases, answers):
    """Precision, recall and false alarm."""
    if path is None:
        return score_tables(cases, *answers)
    file = os.path.join(BIN, 'predictions.jsonl')
    with open(file, 'w', encoding='utf-8') as f:
        f.write(answers[0])
    s = json.loads(out([sys.executable, os.path.join(SHARED, 'score.py'), path,
                        file, '--json', '--unit', answers[1]]))
    res = {'micro': {k: s['micro'][k] for k in ('p', 'r', 'f1', 'masked')},
           'none_alarm': s['none_alarm']}
    for g in s['groups']:
        res[g['entity'].replace('group ', '')] = {k: g[k]
                                                  for k in ('p', 'r', 'f1')}
    return res


def finds(packages):
    path, cases = labelled()
    tools = [('aigov', [BIN + '/findings'], None, 'bytes'),
             ('PCRE2-JIT loop', [BIN + '/peer_engines', '--find', 'pcre2'],
              None, 'bytes'),
             ('Vectorscan with starts',
              [BIN + '/peer_engines', '--find', 'vectorscan'], None, 'bytes')]
    tools += [(p, ['node', SCRIPT, 'find', p], NPM, 'chars')
              for p in packages]
    rows = []
    for name, cmd, cwd, unit in tools:
        done = subprocess.run(cmd, cwd=cwd, input=cases, encoding='utf-8',
                              stdout=subprocess.PIPE)
        if done.returncode == 0:
            rows.append(dict(score(path, cases, (done.stdout, unit)),
                             tool=name))
    return rows


def write_record():
    """That of core_append, without the producer whose seq would repeat."""
    r = json.loads(out([BIN + '/core_append', '--record']))
    r.pop('producer')
    path = os.path.join(BIN, 'record.json')
    with open(path, 'w') as f:
        json.dump({'id': r.pop('id'), **r}, f, separators=(',', ':'))
    return path


def engines():
    """How many patterns each took and how long it compiled."""
    done = subprocess.run([BIN + '/peer_engines', '--find', 'pcre2'], input='',
                          text=True, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    return done.stderr.splitlines()


def main():
    os.makedirs(TEXTS, exist_ok=True)
    out([BIN + '/core_redact', '--texts', TEXTS])
    packages = npm_packages()
    res = {'engines': engines(), 'speed': speeds(packages),
           'finds': finds(packages)}
    record = write_record()
    res['sqlite'] = json.loads(out(
        [BIN + '/sqlite_append', BUILD + '/aigov', '--redact',
         BIN + '/bare/aigov', record] + QUICK))
    pg = os.path.join(BIN, 'pg_redact.json')
    out([sys.executable, 'bench/pg_redact.py', PG_CONFIG, BUILD, pg] + QUICK)
    with open(pg) as f:
        res['pg'] = json.load(f)
    with open(RESULT, 'w') as f:
        json.dump(res, f, indent=1)


main()
