# t_lineage.py - lineage in SQLite: what is refused, who may say what, old files
#
# SPDX-License-Identifier: PostgreSQL
import xml.dom.minidom

from tap import append, connect, done, new, ok, one, path_of, refused, same

CALL = '01990000-0000-7000-8000-000000000010'
db = new()


def refs(*refs, **more):
    return append(db, system='s', kind='note', interaction=CALL, refs=list(refs), **more)


def edges(node):
    return {tuple(r) for r in db.execute(
        'SELECT relation, cause, source FROM aigov_lineage_edges(?)', (node,)).fetchall()}


# --- what a caller may say
for ref, want in (({'relation': 'used', 'cause': 'doc:x', 'source': 'recorded'}, 'unknown member "refs.source"'),
                  ({'relation': 'used', 'cause': 'nokind'}, 'not the name of a node'),
                  ({'relation': 'used', 'cause': 'doc:a\nb'}, 'not the name of a node'),
                  ({'relation': 'used', 'cause': 'doc:'}, 'not the name of a node')):
    try:
        refs(ref)
        ok(False, want)
    except Exception as e:
        ok(want in str(e) and 'nokind' not in str(e), 'refused: ' + want, e)

# --- another login than the call's owner asserts, whatever it writes
db.execute("SELECT aigov_set('login', 'alice')")
append(db, id=CALL, system='s', kind='request', input='q', actor={'id': 'u1'})
db.execute("SELECT aigov_set('login', 'mallory')")
append(db, system='s', interaction=CALL, documents=[{'id': 'doc:evil@1'}], input='x', output='y', actor={'id': 'victim'})
got = edges('ia:' + CALL)
ok(('used', 'doc:evil@1', 'asserted') in got and ('used', 'doc:evil@1', 'recorded') not in got, 'a foreign document')
ok(('wasAssociatedWith', 'person:u1', 'recorded') in got, "the owner's person")
ok(('wasAssociatedWith', 'person:victim', 'asserted') in got, 'a foreign person')
same(db.execute("SELECT person, source FROM aigov_recipients('doc:evil')").fetchall(), [('person:victim', 'asserted')],
     'whom it reached is asserted too')

# --- arguments
for sql, want in (("aigov_downstream('')", 'named kind:name'), ('aigov_downstream(NULL)', 'start is NULL'),
                  ('aigov_downstream(5)', 'not text'), ("aigov_downstream('doc:evil@1', 'loud')", 'no such strength'),
                  ("aigov_downstream('doc:evil@1', NULL, -1)", 'negative'),
                  ("aigov_downstream('doc:evil@1', NULL, NULL, 'yesterday')", 'not a time'),
                  ("aigov_downstream('doc:evil@1', NULL, NULL, NULL, NULL, -3)", 'row_limit is negative'),
                  ("aigov_path('doc:evil@1')", 'cause is NULL'), ("aigov_downstream('doc:evul@1')", 'did you mean'),
                  ("aigov_openlineage(NULL, NULL, 'week')", 'per is'),
                  ("(SELECT aigov_svg('doc:evil@1', 'sideways'))", 'no such direction')):
    refused(db, 'SELECT count(*) FROM ' + sql, want=want)
same(db.execute("SELECT kind FROM aigov_downstream('doc:evil@1', NULL, NULL, NULL, NULL, 1)").fetchall(),
     [('ia',), ('truncated',)], 'a limit is said')
for heads in ('x', '[]', '{"0":"a"}', '{"99999999999":1}'):
    db.execute("SELECT aigov_set('as_of', ?)", (heads,))
    refused(db, 'SELECT * FROM aigov_lineage_edges', want='as_of is an object', name='as_of ' + heads)
db.execute("SELECT aigov_set('as_of', '{}')")
same(one(db, 'SELECT count(*) FROM aigov_lineage_edges'), 0, 'before the log there was nothing')
db.execute("SELECT aigov_set('as_of', '')")

# --- names in pictures
refs({'effect': 'artifact:"><script>alert(1)</script>\\', 'relation': 'wasDerivedFrom', 'cause': 'msg:%s.out' % CALL})
svg = one(db, 'SELECT aigov_svg()')
ok('<script' not in svg and xml.dom.minidom.parseString(svg.encode()), 'SVG is XML, and a name stays one')
ok('<script' not in one(db, 'SELECT aigov_mermaid()'), 'Mermaid too')
ok('label="artifact:\\"><script>alert(1)</script>\\\\"' in one(db, 'SELECT aigov_dot()'), 'DOT too')

# --- an index that another hand wrote
bad = new()
append(bad, system='s', actor={'id': 'u'}, provider='p', model='m', documents=[{'id': 'doc:h'}], input='a', output='b')
one(bad, 'SELECT aigov_maintain()')
for kind in (14, 15):
    bad.execute('UPDATE aigov_ref SET effect = (effect & ~60) | ?1 << 2, how = how | 0xf7f0', (kind,))
    for question in ('svg', 'mermaid', 'dot', 'prov_json'):
        ok(one(bad, 'SELECT aigov_%s()' % question), '%s with kind %d' % (question, kind))
    for question in ('downstream', 'recipients', 'blast_radius', 'side_effects', 'erasure_scope'):
        ok(bad.execute("SELECT * FROM aigov_%s('doc:h')" % question).fetchall() is not None,
           '%s with kind %d' % (question, kind))
    same(one(bad, "SELECT ok FROM aigov_lineage_check WHERE check_name = 'index'"), 0, 'lineage_check sees kind %d' % kind)

# --- a file that init made before these tables were there
old = new()
path = path_of(old)
RECORD = dict(system='s', conversation='c', input=[{'role': 'user', 'content': 'a'}],
              output=[{'role': 'assistant', 'content': 'b'}])
append(old, **RECORD)
for table in ('node', 'ref', 'call', 'lineage_head', 'turn'):
    old.execute('DROP TABLE aigov_' + table)
old.close()
old = connect(path)
gone = append(old, **RECORD)['id']
ok(one(old, 'SELECT count(*) FROM aigov_lineage_edges') > 0, 'appends and answers')
ok(one(old, 'SELECT aigov_erase(?, ?)', gone, 'test'), 'erases')
ok(one(old, 'SELECT aigov_maintain()'), 'maintain makes the index')
one(old, "SELECT aigov_init('example.com/test')")
append(old, **RECORD)
ok(one(old, 'SELECT count(*) FROM aigov_turn') > 0, 'init makes the rest')
done()
