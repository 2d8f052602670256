"""bodies.py - recorded calls with a marked value in one place

SPDX-License-Identifier: PostgreSQL

What the canaries of both databases import.  The calls are those of
$AIGOV_SHARED/samples (http_pairs*.jsonl), or the examples where there are none.
A place is a text, a name or a number of the request, of the reply, or of an
event of a reply that is a stream; each marked call has the mark in one.  Where
there are too many every n-th is taken, the same each time.
"""
import copy
import glob
import json
import os

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def files():
    shared = os.environ.get('AIGOV_SHARED') or os.path.join(TOP, '..', 'shared')
    found = sorted(glob.glob(os.path.join(shared, 'samples', 'http_pairs*.jsonl')))
    return found or sorted(glob.glob(os.path.join(TOP, 'examples', '*-pairs.jsonl')))


def places(v, path=()):
    """Paths to every text, number and name below v."""
    if isinstance(v, dict):
        for k, x in v.items():
            yield path + (k,), True
            yield from places(x, path + (k,))
    elif isinstance(v, list):
        for i, x in enumerate(v):
            yield from places(x, path + (i,))
    elif isinstance(v, (str, int, float)) and not isinstance(v, bool):
        yield path, False


def put(v, path, is_name, text, number):
    at = v
    for p in path[:-1]:
        at = at[p]
    if is_name:
        at[text] = at.pop(path[-1])
    else:
        at[path[-1]] = text if isinstance(at[path[-1]], str) else number
    return v


def events(text):
    """(number of the line, its JSON) of the events in a reply that is a stream."""
    for n, line in enumerate(text.split('\n')):
        start = line[6:] if line.startswith('data: ') else line
        try:
            v = json.loads(start)
        except ValueError:
            continue
        if isinstance(v, dict):
            yield n, v


def all_places(call):
    for name in ('request', 'response'):
        for path, is_name in places(call.get(name)):
            if path:
                yield name, None, path, is_name
    for n, v in events(call.get('response_text') or ''):
        for path, is_name in places(v):
            yield 'response_text', n, path, is_name


def marked(call, place, text, number):
    name, n, path, is_name = place
    call = copy.deepcopy(call)
    if n is None:
        put(call[name], path, is_name, text, number)
        return call
    lines = call[name].split('\n')
    head = 'data: ' if lines[n].startswith('data: ') else ''
    event = json.loads(lines[n][len(head):])
    lines[n] = head + json.dumps(put(event, path, is_name, text, number))
    call[name] = '\n'.join(lines)
    return call


def marked_calls(text, number, most):
    """Lines to import, and how many places there are."""
    calls = []
    for name in files():
        with open(name, encoding='utf-8') as f:
            calls += [json.loads(line) for line in f if line.strip()]
    where = [(i, p) for i, call in enumerate(calls) for p in all_places(call)]
    step = max(1, -(-len(where) // most))
    return [json.dumps(marked(calls[i], p, text, number))
            for i, p in where[::step]], len(where)
