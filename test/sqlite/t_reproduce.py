# t_reproduce.py - decisions taken again, and what tampering does to them
#
# SPDX-License-Identifier: PostgreSQL
#
# A log with every kind of decision: released by an approval, waived, in
# shadow, by arguments of a tool, by what detectors found, over several versions
# of the policy.  Untouched it reproduces; then one thing at a time is changed.
# verify finds a byte that was changed; what a decision followed from is found
# here even where somebody made the chain anew, so `hash` is left out of what is
# compared where the test says so.
import json

from tap import done, drop_guards, new, ok, one, refused, same

db = new()


def put(kind, subject, login='ana', **fields):
    one(db, 'SELECT aigov_set(?, ?)', 'login', login)
    return one(db, 'SELECT aigov_put(?, ?, ?)', kind, subject,
               json.dumps(fields))


def policy(version, state):
    put('policy', 'main', type='runtime', title='Main', version=version,
        state=state, default_effect='deny', owner='u_o',
        review_due='2027-01-01')


drafted = set()


def publish(version):
    one(db, 'SELECT aigov_set(?, ?)', 'login', 'ben')
    one(db, 'SELECT aigov_policy_publish(?, ?, ?)', 'main', version, 'enforce')


def rule(name, version, effect, cond, **more):
    if version not in drafted:
        policy(version, 'draft')
        drafted.add(version)
    fields = dict(policy='main', version=version, phase='pre', effect=effect,
                  cond=cond, mode='enforce', reason=name,
                  controls=['iso42001:A.9.2'])
    fields.update(more)
    put('rule', 'main/%d/%s' % (version, name), **fields)


def guard(n, **request):
    request.setdefault('system', 'claims')
    request['id'] = '01990000-0000-7000-8000-%012d' % n
    one(db, 'SELECT aigov_set(?, ?)', 'login', 'app')
    return json.loads(one(db, 'SELECT aigov_guard(?)', json.dumps(request)))


def complete(n, **response):
    one(db, 'SELECT aigov_set(?, ?)', 'login', 'app')
    return json.loads(one(db, 'SELECT aigov_complete(?, ?)',
                          '01990000-0000-7000-8000-%012d' % n,
                          json.dumps(response)))


def rows(sql, *args):
    return db.execute(sql, args).fetchall()


def reproduced():
    return rows('SELECT id, differs, why FROM aigov_reproduce() ORDER BY seq')


# --- a log ------------------------------------------------------------------

same(guard(1, purpose='early')['decision'], 'allow', 'no policy yet')
rule('known', 1, 'allow', "req.purpose != ''")
rule('email', 1, 'redact', "data.classes.exists(c, c == 'pii.email')",
     obligations=[{'kind': 'redact', 'target': 'pii.email', 'value': 'mask'}])
rule('pay', 1, 'require_approval',
     "tool.name == 'pay' && double(tool.args.amount) > 10.0", phase='tool',
     obligations=[{'kind': 'approve', 'target': 'finance'}])
rule('web', 1, 'deny', "req.channel == 'web'")
rule('late', 1, 'flag', 'now > timestamp("2020-01-01T00:00:00Z")', phase='post')
rule('try', 1, 'deny', "req.purpose == 'triage'", mode='shadow')
rule('bad', 1, 'flag', "[1][size(req.purpose)] == 1", on_error='skip',
     on_error_reason='a test')
rule('vendor', 1, 'flag', 'true', provider='openai')
put('policy_case', 'main/1', policy='main', expect='deny',
    facts={'now': '2026-01-01T00:00:00Z', 'sys': {'id': 'x'},
           'model': {'id': 'a/b'}})
publish(1)

same(guard(2, purpose='triage', provider='openai', model='m',
           input='ask bob@example.com')['decision'], 'redact', 'redacted')
complete(2, output='ok', status='ok', usage={'input_tokens': 5,
                                             'output_tokens': 7})
same(guard(3, purpose='x', facts={'req': {'channel': 'web'}})['decision'],
     'deny', 'denied by a fact of the caller')
same(guard(4, purpose='x', operation='execute_tool',
           tool={'name': 'pay', 'arguments': {'amount': 20}})['decision'],
     'require_approval', 'held by an argument of a tool')
same(guard(5, operation='chat')['decision'], 'deny', 'denied by default')
one(db, 'SELECT aigov_append(?)', json.dumps(
    {'kind': 'interaction', 'system': 'claims', 'purpose': 'x',
     'input': 'from bob@example.com', 'output': 'to eve@example.com'}))
put('exception', 'EX-1', rule='main/1/web', cond="req.purpose == 'x'",
    ticket='T-1', reason='needed', requested_by='u_r',
    not_before='2020-01-01T00:00:00Z', expires_at='2020-12-31T00:00:00Z',
    max_uses=1)
guard(6, purpose='x', facts={'req': {'channel': 'web'}})
rule('known', 2, 'allow', "req.purpose != ''")
rule('strict', 2, 'deny', "req.purpose == 'x'")
publish(2)
put('policy_case', 'main/2', policy='main', expect='flag',
    facts={'now': '2026-01-01T00:00:00Z', 'sys': {'id': 'x'},
           'req': {'purpose': 'p'}, 'model': {'provider': 'openai',
                                              'id': 'openai/b'}},
    expect_rules=['vendor', 'main/1/known'])
put('policy_case', 'main/3', policy='main', expect='allow',
    facts={'now': '2026-01-01T00:00:00Z', 'sys': {'id': 'x'},
           'model': {'id': 'a/b'}})
same(guard(7, purpose='x')['decision'], 'deny', 'by version 2')
same(guard(8, purpose='y')['decision'], 'allow', 'by version 2')

# --- untouched --------------------------------------------------------------

same(reproduced(), [], 'an untouched log reproduces')
n = one(db, 'SELECT count(*) FROM aigov_entry WHERE decision IS NOT NULL')
same(one(db, 'SELECT count(*) FROM aigov_replay(?, 2)', 'main'), n,
     'a replay has a row a decision')
same(rows("SELECT count(*) FROM aigov_replay('main', 1) WHERE differs"
          " AND at < (SELECT min(at) FROM aigov_entry WHERE kind = 'policy'"
          " AND json_extract(body, '$.fields.version') = 2)"
          " AND at > (SELECT min(at) FROM aigov_entry WHERE kind = 'policy')"),
     [(0,)], 'the policy in force over its own history changes nothing')
same(rows("SELECT old_decision, new_decision, count(*), sum(tokens)"
          " FROM aigov_replay('main', 2) WHERE undecidable IS NULL"
          " AND new_decision = 'deny' GROUP BY 1, 2 ORDER BY 1"),
     [('deny', 'deny', 5, 12), ('redact', 'deny', 1, 0),
      ('require_approval', 'deny', 1, 0)], 'what version 2 would have denied')
same(rows("SELECT case_id, got, passed FROM aigov_policy_test('main', 1)"),
     [('main/1', 'deny', 1), ('main/2', 'flag', 1), ('main/3', 'deny', 0)],
     'cases')
same(rows("SELECT severity, rule, code FROM aigov_policy_lint('main', 1)"),
     [('warning', 'main/1/bad', 'on_error_skip')], 'lint')
refused(db, "SELECT * FROM aigov_replay('main', 9)", (), 'no such version',
        'a version that nobody put')
refused(db, "SELECT aigov_explain_decision(?)",
        ('01990000-0000-7000-8000-999999999999',), 'no decision',
        'explain an id that nobody has')
why = json.loads(one(db, 'SELECT aigov_explain_decision(?)',
                     '01990000-0000-7000-8000-000000000003'))
same((why['reproduced'], why['needed'], why['rules'][0]['facts']),
     (True, [{'exception': True, 'rule': 'main/1/web'}],
      {'req': {'channel': 'web'}}), 'a denied call, explained')
same(json.loads(one(db, 'SELECT aigov_check(?)', json.dumps(
    {'system': 'claims', 'purpose': 'x'})))['decision'], 'deny', 'check')
same(one(db, 'SELECT count(*) FROM aigov_entry WHERE decision IS NOT NULL'), n,
     'check records nothing')

# --- changed ----------------------------------------------------------------

drop_guards(db)


def changed(name, sql, want):
    """After the statement the entries of these calls, by number, differ."""
    db.execute('SAVEPOINT c')
    db.execute(sql)
    got = sorted({(int(i[-12:]) if i.startswith('01990000') else 0, d)
                  for i, d, w in reproduced()})
    db.execute('ROLLBACK TO c')
    db.execute('RELEASE c')
    same(got, want, name)


BODY = ("UPDATE aigov_entry SET body = replace(body, '%s', '%s')"
        " WHERE kind = '%s' AND %s")
changed('a condition', BODY % ('pii.email', 'pii.emaik', 'rule', 'true'),
        [(0, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)])
# The response of 2 has no id of its own.
changed('a rule that only observes',
        BODY % ('"try"', '"tri"', 'rule', 'true'),
        [(0, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)])
changed('a rule of version 2', BODY % ('strict', 'strikt', 'rule', 'true'),
        [(7, 1), (8, 1)])
changed('a fact', BODY % ('"channel":"web"', '"channel":"wec"', 'request',
                          "id LIKE '%000003'"), [(3, 1)])
changed('a decision', "UPDATE aigov_entry SET decision = 'allow'"
        " WHERE id LIKE '01990000%000003'", [(3, 1)])
changed('a reason', BODY % ('"reason":"web"', '"reason":"wec"', 'request',
                            "id LIKE '%000003'"), [(3, 1)])
changed('the entry of lane 0 that it was taken under',
        "UPDATE aigov_entry SET hash = zeroblob(32) WHERE lane = 0 AND"
        " seq = (SELECT max(seq) FROM aigov_entry WHERE lane = 0)",
        [(7, 1), (8, 1)])
changed('the arguments of a tool, erased',
        "DELETE FROM aigov_content WHERE (log, lane, seq) = (SELECT log, lane,"
        " seq FROM aigov_entry WHERE id LIKE '01990000%000004')", [(4, 0)])
changed('the arguments of a tool',
        "UPDATE aigov_content SET body = replace(body, '20', '02')"
        " WHERE (log, lane, seq) = (SELECT log, lane, seq FROM aigov_entry"
        " WHERE id LIKE '01990000%000004')", [(4, 1)])
ok(one(db, "SELECT why FROM aigov_reproduce() LIMIT 1") is None,
   'set back, it reproduces')
done()
