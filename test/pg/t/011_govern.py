#!/usr/bin/env python3
"""011_govern - what the log has against a put of policies and approvals

SPDX-License-Identifier: PostgreSQL
"""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "lib"))
sys.path.insert(0, os.path.join(here, "..", "..", "govern"))
from cluster import Cluster, done, ok, same, skip  # noqa: E402
from libpq import Error as LibpqError  # noqa: E402
import refusals  # noqa: E402

main = Cluster("govern")
owner = main.createdb("govern", "example.com/govern")

LOGINS = {"ana": ["steward"], "ann": ["steward", "approver"], "cy": ["steward", "approver"],
          "ben": ["steward", "approver", "operator"], "dot": ["operator"], "app": ["writer"], "fin": ["reader"]}
for login, privileges in LOGINS.items():
    owner.rows('CREATE ROLE "%s" LOGIN' % login)
    for privilege in privileges:
        owner.rows("SELECT aigov.grant('%s', '%s')" % (privilege, login))


class Database:
    Error = LibpqError

    def run(self, login, function, arguments):
        marks = ",".join("$%d%s" % (i + 1, "::bigint" if isinstance(a, int) else "::text")
                         for i, a in enumerate(arguments))
        owner.rows("SET SESSION AUTHORIZATION %s" % login)
        try:
            return owner.one("SELECT aigov.%s(%s)" % (function, marks), *arguments)
        finally:
            self.back()

    def back(self):
        if owner.fails("RESET SESSION AUTHORIZATION"):
            owner.rows("ROLLBACK")
            owner.rows("RESET SESSION AUTHORIZATION")

    def count(self):
        return owner.one("SELECT count(*) FROM aigov.entry")

    def digests(self, what, interaction):
        member = {"facts": "facts_digest", "policy": "hash"}[what]
        return owner.one("SELECT body->'policy'->>$1 FROM aigov.entry WHERE interaction = $2::uuid"
                         " AND kind = 'request'", member, interaction) or "4" * 64

    def is_refusal(self, row, error, words):
        # who has none of the privileges that may put never gets to the function
        return words in error or (row["class"] == "authority" and error.startswith("42501"))

    def begin(self):
        owner.rows("BEGIN")

    def rollback(self):
        owner.rows("ROLLBACK")


if refusals.there():
    refusals.run(Database(), ok)
else:
    skip("the rows of refusals.csv", "the shared rows are not there")
done()
