/*
 * keys.c - the file of redaction keys that aigov.key_file names
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.redaction_keys()    ids and what each is for, never a key
 *
 * The setting is the server's or the database's, given by a superuser: no
 * session and no role can name another file, so a caller can neither have a
 * file read nor have values encrypted under a key of its choice (pg_aigov.c).
 * The file is read as the server's user, who alone may read it.  A backend asks
 * for its state at every use, which is one stat, and reads it again where that
 * changed.  An append never fails for it: what needs a key is then replaced,
 * and health says why.
 */
#include "pg_aigov.h"

#include <sys/stat.h>

#include "storage/fd.h"
#include "utils/tuplestore.h"

#ifdef __APPLE__
#define NANOSECONDS(s) ((s)->st_ctimespec.tv_nsec)
#elif defined(WIN32)
#define NANOSECONDS(s) 0
#else
#define NANOSECONDS(s) ((s)->st_ctim.tv_nsec)
#endif

static struct {
    bool known;
    char path[MAXPGPATH];
    bool there;
    struct stat file;
    aigov_keys *keys; /* in the core's context */
    bool failed;
    aigov_error problem;
    uint64 state;
} kept;

/* The time of change tells of a chmod too. */
static bool same_file(bool there, const struct stat *now)
{
    return there == kept.there &&
           (!there || (now->st_dev == kept.file.st_dev &&
                       now->st_ino == kept.file.st_ino &&
                       now->st_size == kept.file.st_size &&
                       now->st_ctime == kept.file.st_ctime &&
                       NANOSECONDS(now) == NANOSECONDS(&kept.file)));
}

static aigov_status refuse(const char *why, const char *hint)
{
    aigov_fail(&kept.problem, AIGOV_KEY, AIGOV_NO_POS, "%s", why);
    return hint ? aigov_hint(&kept.problem, "%s", hint) : AIGOV_KEY;
}

static aigov_status judge(const struct stat *s)
{
    if (!S_ISREG(s->st_mode))
        return refuse("the key file is no regular file", NULL);
    if (s->st_mode & (S_IRWXG | S_IRWXO))
        return refuse("the key file is open to its group or to others",
                      "chmod 600, and its owner the user of the server");
    if (s->st_size > AIGOV_MAX_KEY_FILE)
        return refuse("the key file is too large", NULL);
    return AIGOV_OK;
}

static aigov_status read_fd(int fd, struct stat *s)
{
    char *text;
    size_t got = 0;
    ssize_t some = 1;
    aigov_status st;

    if (fstat(fd, s) != 0)
        return refuse("the key file cannot be read", NULL);
    st = judge(s);
    if (st != AIGOV_OK)
        return st;
    text = palloc(AIGOV_MAX_KEY_FILE);
    while (some > 0 && got < AIGOV_MAX_KEY_FILE) {
        some = read(fd, text + got, AIGOV_MAX_KEY_FILE - got);
        got += some > 0 ? (size_t)some : 0;
    }
    st = some < 0 ? refuse("the key file cannot be read", NULL)
                  : aigov_keys_read(core()->ctx, (aigov_span){text, got},
                                    &kept.keys, &kept.problem);
    aigov_wipe(text, AIGOV_MAX_KEY_FILE);
    pfree(text);
    return st;
}

static void load(void)
{
    int fd;
    aigov_status st;

    kept.keys = NULL;
    kept.failed = false;
    kept.state++;
    if (!kept.path[0])
        return;
    fd = OpenTransientFile(kept.path, O_RDONLY | O_NONBLOCK | PG_BINARY);
    if (fd < 0) {
        st = refuse("the key file cannot be opened",
                    errno == ENOENT
                        ? "there is no file of this name"
                        : "its owner must be the user of the server");
    } else {
        st = read_fd(fd, &kept.file);
        CloseTransientFile(fd);
    }
    kept.failed = st != AIGOV_OK;
}

const aigov_keys *keys_now(void)
{
    const char *path = setting_key_file ? setting_key_file : "";
    struct stat file;
    bool there = path[0] && stat(path, &file) == 0;

    if (kept.known && strcmp(path, kept.path) == 0 && same_file(there, &file))
        return kept.keys;
    kept.known = false;
    aigov_keys_free(kept.keys);
    kept.keys = NULL;
    strlcpy(kept.path, path, sizeof kept.path);
    kept.there = there;
    if (there)
        kept.file = file;
    load();
    kept.known = true;
    return kept.keys;
}

uint64 keys_state(void)
{
    return kept.state;
}

const aigov_error *keys_problem(void)
{
    return kept.failed ? &kept.problem : NULL;
}

/* --- what there is ----------------------------------------------------------
 */

static void give(Tuplestorestate *out, TupleDesc desc, const char *id,
                 const char *state, const char *detail)
{
    Datum values[3] = {(Datum)0, CStringGetTextDatum(state), (Datum)0};
    bool nulls[3] = {id == NULL, false, detail == NULL};

    if (id)
        values[0] = CStringGetTextDatum(id);
    if (detail)
        values[2] = CStringGetTextDatum(detail);
    tuplestore_putvalues(out, desc, values, nulls);
}

PG_FUNCTION_INFO_V1(pg_aigov_redaction_keys);

Datum pg_aigov_redaction_keys(PG_FUNCTION_ARGS)
{
    TupleDesc desc;
    Tuplestorestate *out = srf_begin(fcinfo, &desc);
    const aigov_keys *keys = keys_now();
    const aigov_error *problem = keys_problem();
    const char *id;
    size_t i;

    for (i = 0; (id = aigov_key_id(keys, i)) != NULL; i++)
        give(out, desc, id, i == 0 ? "writing" : "restoring", NULL);
    if (problem)
        give(out, desc, NULL, "unusable", problem->text);
    return (Datum)0;
}
