#!/usr/bin/env python3
"""011_govern - what the log has against a put of policies and approvals

SPDX-License-Identifier: PostgreSQL
"""
import json
import os
import sys
import threading

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "lib"))
sys.path.insert(0, os.path.join(here, "..", "..", "govern"))
from cluster import Cluster, done, ok, same, skip  # noqa: E402
from libpq import Error as LibpqError  # noqa: E402
import refusals  # noqa: E402

main = Cluster("govern")
LOGINS = {"ana": ["steward"], "ann": ["steward", "approver"], "cy": ["steward", "approver"],
          "ben": ["steward", "approver", "operator"], "dot": ["operator"], "app": ["writer"], "fin": ["reader"]}
for login in LOGINS:
    main.connect().rows('CREATE ROLE "%s" LOGIN' % login)


class Database:
    Error = LibpqError

    def __init__(self, name):
        self.owner = main.createdb(name, "example.com/" + name)
        for login, privileges in LOGINS.items():
            for privilege in privileges:
                self.owner.rows("SELECT aigov.grant('%s', '%s')" % (privilege, login))

    def run(self, login, function, arguments):
        marks = ",".join("$%d%s" % (i + 1, "::bigint" if isinstance(a, int) else "::text")
                         for i, a in enumerate(arguments))
        self.owner.rows("SET SESSION AUTHORIZATION %s" % login)
        try:
            return self.owner.one("SELECT aigov.%s(%s)" % (function, marks), *arguments)
        finally:
            self.back()

    def back(self):
        if self.owner.fails("RESET SESSION AUTHORIZATION"):
            self.owner.rows("ROLLBACK")
            self.owner.rows("RESET SESSION AUTHORIZATION")

    def count(self):
        return self.owner.one("SELECT count(*) FROM aigov.entry")

    def digests(self, what, interaction):
        member = {"facts": "facts_digest", "policy": "hash"}[what]
        return self.owner.one("SELECT body->'policy'->>$1 FROM aigov.entry WHERE interaction = $2::uuid"
                         " AND kind = 'request'", member, interaction) or "4" * 64

    def is_refusal(self, row, error, words):
        # who has none of the privileges that may put never gets to the function
        return words in error or (row["class"] == "authority" and error.startswith("42501"))

    def begin(self):
        self.owner.rows("BEGIN")

    def rollback(self):
        self.owner.rows("ROLLBACK")


def uses():
    """32 connections ask a held call again; an approval for three uses releases three."""
    db = Database("uses")
    people = [main.connect("uses") for _ in range(32)]
    role = {"role": "Release", "person": "u_ben", "login": "ben", "authority": "approve",
            "held_from": "2026-01-05", "appointed_by": "u_ceo", "accepted_on": "2026-01-06"}
    policy = {"type": "runtime", "title": "Pay", "version": 1, "state": "draft", "default_effect": "allow",
              "owner": "u_ana", "review_due": "2027-01-31", "systems": ["payer"]}
    rule = {"policy": "pay", "version": 1, "phase": "pre", "effect": "require_approval", "mode": "enforce",
            "cond": "req.purpose == 'payment'", "reason": "r", "controls": ["iso42001:A.9.2"],
            "obligations": [{"kind": "approve", "target": "payer-finance"}]}
    request = json.dumps({"interaction": "01990000-0000-7000-8000-0000000000d1", "system": "payer",
                          "purpose": "payment", "actor": {"id": "u_x"}, "input": "pay"})
    db.run("ana", "put", ("role", "payer-finance", json.dumps(role)))
    db.run("ana", "put", ("policy", "pay", json.dumps(policy)))
    db.run("ana", "put", ("rule", "pay/1/pay", json.dumps(rule)))
    db.run("ben", "policy_publish", ("pay", 1, "enforce"))
    db.run("app", "guard", (request,))
    db.owner.rows("SET SESSION AUTHORIZATION ben")
    db.owner.rows("SELECT aigov.approve('01990000-0000-7000-8000-0000000000d1', 'approved', 'three',"
                  " '{\"max_uses\":3}')")
    db.back()
    answers, errors = [], []

    def ask(c):
        try:
            c.rows("SET SESSION AUTHORIZATION app")
            answers.append(json.loads(c.one("SELECT aigov.guard($1::text)", request))["decision"])
        except LibpqError as e:
            errors.append(str(e))

    threads = [threading.Thread(target=ask, args=(c,)) for c in people]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(errors, [], "nobody fails")
    same(sorted(answers), ["allow"] * 3 + ["require_approval"] * 29, "three of 32 are released")


if refusals.there():
    refusals.run(Database("govern"), ok)
else:
    skip("the rows of refusals.csv", "the shared rows are not there")
uses()
done()
