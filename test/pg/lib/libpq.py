"""libpq.py - just enough of libpq, by ctypes, for tests that need many
connections at once: no driver has to be installed.

SPDX-License-Identifier: PostgreSQL
"""
import ctypes
import ctypes.util
import json
import os

_lib = None


def _load():
    global _lib
    if _lib is None:
        name = os.environ.get("AIGOV_LIBPQ") or ctypes.util.find_library("pq")
        lib = ctypes.CDLL(name or "libpq.so.5")
        p, s, i = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        for fn, res, args in (
            ("PQconnectdb", p, [s]), ("PQstatus", i, [p]), ("PQfinish", None, [p]),
            ("PQerrorMessage", s, [p]), ("PQexec", p, [p, s]),
            ("PQresultStatus", i, [p]), ("PQclear", None, [p]),
            ("PQresultErrorField", s, [p, i]), ("PQntuples", i, [p]),
            ("PQnfields", i, [p]), ("PQgetvalue", s, [p, i, i]),
            ("PQgetisnull", i, [p, i, i]), ("PQbackendPID", i, [p]),
            ("PQputCopyData", i, [p, s, i]), ("PQputCopyEnd", i, [p, s]),
            ("PQgetResult", p, [p]), ("PQsetNoticeProcessor", p, [p, p, p]),
            ("PQtransactionStatus", i, [p]),
            ("PQexecParams", p, [p, s, i, p, ctypes.POINTER(s), p, p, i]),
        ):
            f = getattr(lib, fn)
            f.restype, f.argtypes = res, args
        _lib = lib
    return _lib


NOTICE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
_quiet = NOTICE(lambda arg, message: None)


class Error(Exception):
    """What the server said; state is the SQLSTATE, "" when it is gone; more has
    detail and context."""

    def __init__(self, state, message, hint="", more=""):
        super().__init__("%s: %s" % (state or "lost", message))
        self.state, self.message, self.hint, self.more = state, message, hint, more


class Conn:
    def __init__(self, conninfo):
        self.p = None
        self.lib = _load()
        self.p = self.lib.PQconnectdb(conninfo.encode())
        if self.lib.PQstatus(self.p) != 0:
            text = self.lib.PQerrorMessage(self.p).decode(errors="replace")
            self.close()
            raise Error("", text.strip())
        self.lib.PQsetNoticeProcessor(self.p, ctypes.cast(_quiet, ctypes.c_void_p), None)
        self.pid = self.lib.PQbackendPID(self.p)

    def close(self):
        if self.p:
            self.lib.PQfinish(self.p)
            self.p = None

    def __del__(self):
        self.close()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def _rows(self, res):
        lib = self.lib
        status = lib.PQresultStatus(res)
        if status in (1, 2, 3, 4):          # command, tuples, copy out, copy in
            rows = []
            if status == 2:
                n = lib.PQnfields(res)
                for r in range(lib.PQntuples(res)):
                    rows.append(tuple(
                        None if lib.PQgetisnull(res, r, c)
                        else lib.PQgetvalue(res, r, c).decode()
                        for c in range(n)))
            lib.PQclear(res)
            return rows
        field = lambda f: (lib.PQresultErrorField(res, ord(f)) or b"").decode(errors="replace") if res else ""
        e = Error(field("C"), field("M") or
                  lib.PQerrorMessage(self.p).decode(errors="replace").strip(), field("H"),
                  field("D") + field("W"))
        if res:
            lib.PQclear(res)
        raise e

    def rows(self, sql, *params):
        """Rows as tuples of str or None.  With parameters: one statement."""
        if not params:
            return self._rows(self.lib.PQexec(self.p, sql.encode()))
        values = (ctypes.c_char_p * len(params))(
            *[None if v is None else str(v).encode() for v in params])
        return self._rows(self.lib.PQexecParams(
            self.p, sql.encode(), len(params), None, values, None, None, 0))

    def one(self, sql, *params):
        rows = self.rows(sql, *params)
        return rows[0][0] if rows else None

    def json(self, sql, *params):
        return json.loads(self.one(sql, *params))

    def copy(self, sql, data):
        self._rows(self.lib.PQexec(self.p, sql.encode()))
        raw = data.encode()
        self.lib.PQputCopyData(self.p, raw, len(raw))
        self.lib.PQputCopyEnd(self.p, None)
        error = None
        while True:
            res = self.lib.PQgetResult(self.p)
            if not res:
                break
            try:
                self._rows(res)
            except Error as e:
                error = e
        if error:
            raise error

    def fails(self, sql, *params):
        """The error that this must give, or None where it gives none."""
        try:
            self.rows(sql, *params)
        except Error as e:
            return e
        return None

    @property
    def alive(self):
        return bool(self.p) and self.lib.PQstatus(self.p) == 0
