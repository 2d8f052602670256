#!/usr/bin/env python3
"""009_first - a commit of genesis that others see before they are told

SPDX-License-Identifier: PostgreSQL

PostgreSQL makes a commit visible first and sends its invalidations then.  A
client that read `not used` before must not take the entries it sees after that
for those of a restored copy.
"""
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from cluster import Cluster, clean, done, folder, ok, same  # noqa: E402

APPEND = "SELECT aigov.append('{\"system\":\"s\"}')"
main = Cluster("first")
db = main.createdb("first", "example.com/first")
first, second, blocker = (main.connect("first") for _ in range(3))


def until(c, sql):
    for _ in range(500):
        if c.one(sql) == "t":
            return True
        time.sleep(0.02)
    return False


# the module for the first client's session
here = folder("late")
stop = here + "/stop"
open(stop, "w").close()
include = subprocess.check_output([main.pg.pg_config, "--includedir-server"], text=True).strip()
subprocess.check_call(["gcc", "-shared", "-fPIC", "-Wall", "-I" + include, "-o", here + "/late_word.so",
                       "-DFILE_TO_LEAVE=\"%s\"" % stop,
                       os.path.join(os.path.dirname(__file__), "../lib/late_word.c")])
first.rows("BEGIN")
first.rows(APPEND)
first.rows("LOAD '%s/late_word.so'" % here)

# the second client has read instance and waits for the key of entry
blocker.rows("SET aigov.allow_drop = on")
blocker.rows("BEGIN")
blocker.rows("ALTER INDEX aigov.entry_pkey SET TABLESPACE pg_default")
pid = second.one("SELECT pg_backend_pid()")
errors = {}
late = threading.Thread(target=lambda: errors.update(second=second.fails(APPEND)))
late.start()
ok(until(db, "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted "
             "AND relation = 'aigov.entry_pkey'::regclass)" % pid), "the second client has read `not used`")

# genesis is committed, and nobody is told
commit = threading.Thread(target=lambda: errors.update(first=first.fails("COMMIT")))
commit.start()
ok(until(db, "SELECT EXISTS (SELECT FROM aigov.log)"), "genesis is seen")
blocker.rows("ROLLBACK")
late.join(10)
ok(not late.is_alive() and errors.get("second") is None, "the second client goes on", errors)
os.remove(stop)
commit.join(10)
late.join(10)
same(errors, {"first": None, "second": None}, "both succeed")
clean(db, "both")
done()
