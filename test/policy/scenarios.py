# scenarios.py - the scenarios of ../shared through guard and complete
#
# SPDX-License-Identifier: PostgreSQL
#
#   B=build AIGOV_SHARED=../shared python3 test/policy/scenarios.py
#
# Each rule has a case that it must match and one that it must not: the rule's
# id is, or is not, in `rules` of the answer.  All rules stand in one policy, in
# force together.  What a caller states goes into the record or its `facts`;
# what the server knows is put into the registers, or appended before, so that
# the facts take the way they take in earnest.  The clock cannot be set from
# SQL: where `now` is in the case, the register's date moves instead; S35 is
# tested in core (test/vectors/policy/clock.tsv).
import copy
import json
import os
import sys
import time

from hosts import done, hosts, ok

FAR, PAST = '2099-01-01T00:00:00.000000Z', '2020-01-01T00:00:00.000000Z'
CALLER = {'req': ('channel', 'automated_decision', 'legal_effect',
                  'ai_disclosed', 'synthetic_media', 'watermark',
                  'break_glass', 'depth', 'canary'),
          'actor': ('team', 'region', 'age_band', 'clearance', 'mfa'),
          'data': ('residency', 'subjects', 'special', 'sources',
                   'lawful_basis'),
          'content': ('tokens_in', 'cost_est', 'injection', 'toxicity', 'lang',
                      'grounding', 'origin')}
LEVELS = ('public', 'internal', 'confidential', 'restricted')
IN_CORE = ('S35',)


def merge(base, patch):
    out = copy.deepcopy(base)
    for k, v in patch.items():
        if isinstance(v, dict) and isinstance(out.get(k), dict) and '$ts' not in v:
            out[k] = merge(out[k], v)
        else:
            out[k] = v
    return out


def rules(host, scenarios):
    host.put('policy', 'main', {
        'type': 'runtime', 'title': 'Scenarios', 'version': 1, 'state': 'draft',
        'default_effect': 'deny', 'owner': 'u_sam', 'review_due': '2099-01-01'})
    limits = scenarios['base']['limits']
    host.put('budget', 'team_month', {
        'by': 'team', 'window': 'month', 'owner': 'u_sam', 'currency': 'EUR',
        'limit_tokens': limits['team_month_tokens'],
        'limit_cost': str(limits['team_month_cost'])})
    host.put('budget', 'actor_minute', {
        'by': 'actor', 'window': 'minute', 'owner': 'u_sam',
        'limit_requests': 30})
    for s in scenarios['rules']:
        post = "req.phase == 'post'" in s['expr']
        fields = {'policy': 'main', 'version': 1, 'effect': s['effect'],
                  'phase': 'post' if post else 'pre', 'cond': s['expr'],
                  'mode': 'enforce', 'reason': s['title'],
                  'controls': ['iso42001:A.9.2'], 'ref': s['ref']}
        if s['obligation']:
            kind, _, rest = s['obligation'].partition(':')
            target, _, value = (rest or 'content').partition('=')
            fields['obligations'] = [{k: v for k, v in (
                ('kind', kind), ('target', target), ('value', value)) if v}]
        host.put('rule', 'main/1/%s' % s['id'], fields)
    host.publish()


class Case:
    """One set of facts under names of its own, so that no other case is seen."""

    def __init__(self, host, rule, base, patch, name):
        self.host, self.rule, self.patch = host, rule, patch
        self.b = merge(base, patch)
        self.system, self.actor = 'sys-' + name, 'u-' + name
        self.team = self.b['actor']['team'] + '-' + name
        self.provider = self.b['model']['provider'] + '-' + name

    def moved(self, path):
        """A date of the register: in the future, unless the case says else."""
        group, name = path.split('.')
        late = name in self.patch.get(group, {}) or (
            'now' in self.patch and path in self.rule['expr'])
        return PAST if late else FAR

    # --- what the server knows --------------------------------------------

    def put_system(self):
        h, s = self.host, self.b['sys']
        if not s['registered']:
            return
        model = lambda m: '%s/%s' % (self.provider, m)
        h.put('system', self.system, {
            'name': 'Case', 'intended_use': 'tests', 'purposes': s['purposes'],
            'org_role': 'deployer', 'stage': 'production',
            'environment': s['env'], 'risk_class': s['risk'],
            'annex3': s['annex3'], 'status': s['status'], 'owner': s['owner'],
            'version': '1', 'approved_until': self.moved('sys.approved_until'),
            'models': [model(m) for m in s['models']], 'tools': s['tools'],
            'oversight': 'people' if s['oversight'] else ''})
        h.sign('system', self.system)
        h.put('impact', 'I-' + self.system, {
            'system': self.system, 'system_version': '1', 'trigger': 'new',
            'individuals': 'few', 'groups': 'few', 'society': 'few',
            'severity': 'low', 'dpia': s['dpia'], 'fria': s['fria'],
            'done_on': '2026-01-01', 'done_by': 'u_sam',
            'next_due': '2099-01-01'})
        h.sign('impact', 'I-' + self.system)
        if s['suspended']:
            h.put('suspension', self.system, {'state': 'suspended',
                                              'reason': 'stop'})
        if s['incident_open']:
            h.put('incident_case', 'IC-' + self.system, {
                'system': self.system, 'description': 'wrong answers',
                'detected_at': PAST, 'aware_at': PAST, 'severity': 'high',
                'serious': False, 'owner': 'u_sam', 'status': 'open'})

    def put_model(self):
        h, m = self.host, self.b['model']
        subject = '%s/%s' % (self.provider, m['id'])
        late = self.moved('model.eval_at') == PAST
        day = '2020-01-01' if late else time.strftime('%Y-%m-%d', time.gmtime())
        h.put('measurement', 'M-' + self.system, {
            'objective': 'O-1', 'value': '1', 'measured_on': day,
            'measured_by': 'u_sam', 'method': 'tests'})
        h.put('resource', subject, {
            'type': 'model', 'name': m['id'], 'version': m['version'],
            'owner': 'u_sam', 'supplier': 'SUP-1', 'hosting': m['hosting'],
            'region': m['region'], 'provider': self.provider,
            'trains_on_data': m['trains_on_data'], 'max_level': m['max_level'],
            'approved_until': self.moved('model.approved_until'),
            'evaluation': 'M-' + self.system, 'card': 'D-1'})
        h.sign('resource', subject)

    def put_tool(self):
        t = self.b['tool']
        self.tool = t['name'] or ('tool-' + self.system
                                  if self.b['req']['kind'] == 'tool_call' else '')
        if self.tool and (t['host'] or t['risk'] != 'low'):
            self.tool += '-' + self.system
            self.host.put('resource', self.tool, {
                'type': 'tool', 'name': self.tool, 'owner': 'u_sam',
                'hosting': 'internal', 'tool_risk': t['risk'],
                'host': t['host']})
            self.host.sign('resource', self.tool)

    def put_person(self):
        day = self.moved('actor.literacy_until')[:10]
        self.host.put('competence', 'CP-' + self.system, {
            'person': self.actor, 'role': 'operator', 'topic': 'ai_literacy',
            'needed': 'course', 'status': 'held', 'held': 'course',
            'evidence_sha256': '0' * 64, 'obtained_on': '2019-01-01',
            'valid_to': day})

    def use(self):
        """What was used before: one answered call, or many in this minute."""
        used = self.patch.get('usage', {})
        month = used.get('team_month', {})
        if month:
            self.host.call('append', dict(self.record('', True), usage={
                'input_tokens': month.get('tokens', 0)}, cost={
                'amount': str(month.get('cost', 0)), 'currency': 'EUR'}))
        n = used.get('actor_minute', {}).get('requests', 0)
        if n > 0 and time.time() % 60 > 45:
            time.sleep(61 - time.time() % 60)
        for _ in range(n):
            self.host.call('append', self.record('', True))

    # --- what the caller says ----------------------------------------------

    def text(self):
        d = self.b['data']
        out = 'please help'
        if 'pii.email' in d['classes'] or self.b['req']['phase'] == 'post':
            out += ''.join(', u%d@mail.example.org' % i
                           for i in range(d['counts'].get('pii.email', 0)))
        if 'pci.pan' in d['classes']:
            out += ', card 4111 1111 1111 ' + '1111'
        if self.b['content']['secrets']:
            out += ', key AKIA' + 'Z7Q3X5L2M4N6P2RT'
        return out

    def record(self, text, whole=False):
        b = self.b
        facts = {g: {n: b[g][n] for n in names if n in b[g]}
                 for g, names in CALLER.items()}
        facts['actor']['team'] = self.team
        r = {'system': self.system, 'provider': self.provider,
             'model': b['model']['id'], 'purpose': b['req']['purpose'],
             'operation': 'execute_tool' if self.tool else b['req']['kind'],
             'actor': {'id': self.actor, 'type': b['actor']['type'],
                       'roles': b['actor']['roles']},
             'data': {'classification': LEVELS[b['data']['level']]},
             'params': {'max_tokens': b['content']['tokens_max']},
             'input': text, 'facts': facts}
        if self.tool:
            r['tool'] = {'name': self.tool, 'arguments': b['tool']['args']}
        return r

    def signed(self, held):
        """Approvals of the case, of the call as it was held."""
        entry = json.loads(self.host.one(
            "SELECT body FROM aigov.entry WHERE hash = (SELECT hash FROM"
            " aigov.entry WHERE lane > 0 ORDER BY at DESC, lane DESC, seq DESC"
            " LIMIT 1)"))['policy']
        for i, a in enumerate(self.b['approvals']):
            self.host.login(('bob', 'cleo')[i])
            fields = {
                'type': 'call', 'outcome': 'approved', 'reason': 'seen',
                'interaction': held['interaction'], 'about': a['kind'],
                'facts_digest': entry['facts_digest'],
                'policy_hash': entry['hash'], 'expires_at': FAR,
                'max_uses': 1}
            if 'role' in a:
                fields['role'] = a['role']
            self.host.put('approval', 'AP-%s-%d' % (self.system, i), fields)
        self.host.login('sam')

    # --- the answer --------------------------------------------------------

    def ask(self):
        h = self.host
        for put in (self.put_system, self.put_model, self.put_tool,
                    self.put_person, self.use):
            put()
        if self.b['req']['phase'] == 'post':
            answer = h.call('guard', self.record('please help'))
            # of the request these are known: only the answer's facts are given
            return h.call('complete', answer['interaction'], {
                'output': self.text(),
                'facts': {'content': {
                    'grounding': self.b['content']['grounding']}}})
        answer = h.call('guard', self.record(self.text()))
        if self.b['approvals']:
            self.signed(answer)
            answer = h.call('guard', dict(self.record(self.text()),
                                          interaction=answer['interaction']))
        return answer


def run(make, scenarios):
    host = make()
    host.people()
    host.put('role', 'hr-lead', {
        'role': 'HR lead', 'person': 'u_bob', 'login': 'bob',
        'authority': 'approve', 'held_from': '2026-01-01',
        'appointed_by': 'u_sam'})
    rules(host, scenarios)
    for rule in scenarios['rules']:
        if rule['id'] in IN_CORE:
            continue
        for want in ('match', 'no_match'):
            name = '%s-%s' % (rule['id'].lower(), want[0])
            case = Case(host, rule, scenarios['base'], rule[want], name)
            answer = case.ask()
            got = 'main/1/' + rule['id'] in [
                r['rule'] if isinstance(r, dict) else r for r in answer['rules']]
            ok(got == (want == 'match'), '%s: %s %s, %s' % (
                make.name, rule['id'], want, rule['title']), answer)
    rows = host.value_rows('SELECT id, why FROM aigov.reproduce()')
    ok(not rows, make.name + ': every decision follows from its entry', rows)


def main():
    path = os.path.join(os.environ.get('AIGOV_SHARED', '../shared'), 'policy',
                        'scenarios.json')
    if not os.path.exists(path):
        ok(True, 'scenarios # skip: no %s' % path)
        done()
    with open(path) as f:
        scenarios = json.load(f)
    for make in hosts():
        run(make, scenarios)
    done()


if __name__ == '__main__':
    sys.exit(main())
