/*
 * blob.c - what is kept as digest and size instead of its bytes
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * Images, audio and files do not belong into a log of evidence, and what only
 * the provider can read (encrypted reasoning, signatures) says nothing to an
 * auditor.  The digest still ties the record to the bytes, wherever they are.
 */
#include "blob.h"

#include <string.h>

#include "provider.h"

/* --- base64 (RFC 4648 4) ------------------------------------------------- */

static int digit64(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(pool *p, aigov_span text, aigov_span *out)
{
    char *to = pool_alloc(p, text.n / 4 * 3 + 1);
    size_t n = 0, padding = 0;

    if (text.n % 4 != 0)
        return false;
    while (padding < 2 && padding < text.n &&
           text.p[text.n - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.n; i += 4) {
        uint32_t group = 0;

        for (size_t k = i; k < i + 4; k++) {
            int d = k >= text.n - padding ? 0 : digit64(text.p[k]);

            if (d < 0)
                return false;
            group = group << 6 | (uint32_t)d;
        }
        to[n++] = (char)(group >> 16);
        to[n++] = (char)(group >> 8);
        to[n++] = (char)group;
    }
    *out = (aigov_span){to, n - padding};
    return true;
}

/* --- parts --------------------------------------------------------------- */

static value *part(pool *p, const char *type, const char *modality)
{
    value *v = new_object(p);

    set_text(p, v, "type", aigov_str(type));
    set_text(p, v, "modality", aigov_str(modality));
    return v;
}

static void set_digest(pool *p, value *v, aigov_span bytes)
{
    set_text(p, v, "sha256", sha256_hex(p, bytes));
    set(p, v, "size", new_integer(p, (int64_t)bytes.n));
}

value *blob_part(pool *p, const char *modality, aigov_span mime,
                 aigov_span data)
{
    value *v = part(p, "blob", modality);
    aigov_span bytes;

    if (mime.n > 0)
        set_text(p, v, "mime_type", mime);
    if (!base64_decode(p, data, &bytes)) {
        bytes = data;
        set_text(p, v, "encoding", AIGOV_LIT("as sent"));
    }
    set_digest(p, v, bytes);
    return v;
}

/* data:[MIME][;PARAMETER...][;base64],DATA  (RFC 2397) */
value *uri_part(pool *p, const char *modality, aigov_span url)
{
    const char *comma = url.n == 0 ? NULL : memchr(url.p, ',', url.n);
    aigov_span head, data;
    value *v;
    size_t mime;

    if (!starts_with(url, "data:") || comma == NULL) {
        v = part(p, "uri", modality);
        set_text(p, v, "uri", url);
        return v;
    }
    head = (aigov_span){url.p + 5, (size_t)(comma - url.p) - 5};
    data = (aigov_span){comma + 1, url.n - (size_t)(comma - url.p) - 1};
    mime = head.n;
    for (size_t i = 0; i < head.n && mime == head.n; i++)
        mime = head.p[i] == ';' ? i : mime;
    if (ends_with(head, ";base64"))
        return blob_part(p, modality, (aigov_span){head.p, mime}, data);
    v = part(p, "blob", modality);
    set_digest(p, v, percent_decode(p, data));
    if (mime > 0)
        set_text(p, v, "mime_type", (aigov_span){head.p, mime});
    return v;
}

/* --- as sent ------------------------------------------------------------- */

/* data:...;base64, before any other comma */
static bool is_data_url(aigov_span s)
{
    const char *comma = s.n == 0 ? NULL : memchr(s.p, ',', s.n);

    return comma != NULL && starts_with(s, "data:") &&
           ends_with((aigov_span){s.p, (size_t)(comma - s.p)}, ";base64");
}

/* A text member that only the provider can read. */
static bool is_opaque(aigov_span name)
{
    return aigov_span_is(name, "encrypted_content") ||
           aigov_span_is(name, "encrypted_index") ||
           aigov_span_is(name, "signature");
}

static const value *compact_member(pool *p, const value *object, const value *m)
{
    if (is_text(m) && is_opaque(m->name))
        return digest_of(p, m->text);
    if (is_text(m) && aigov_span_is(m->name, "data") &&
        (type_is(object, "base64") || type_is(object, "redacted_thinking")))
        return blob_part(p, "file", text_of(get(object, "media_type")),
                         m->text);
    if (is_text(m) && aigov_span_is(m->name, "result") &&
        type_is(object, "image_generation_call")) {
        aigov_span format = text_of(get(object, "output_format"));

        if (format.p == NULL)
            format = AIGOV_LIT("png");
        return blob_part(p, "image", pool_join(p, AIGOV_LIT("image/"), format),
                         m->text);
    }
    return compact(p, m);
}

const value *compact(pool *p, const value *v)
{
    value *out;

    if (is_text(v))
        return is_data_url(v->text) ? uri_part(p, "file", v->text) : v;
    if (!is_object(v) && !is_array(v))
        return v;
    out = new_value(p, (aigov_json_type)v->type);
    EACH(m, v)
    {
        if (is_array(v))
            push(p, out, compact(p, m));
        else
            add(p, out, m->name, compact_member(p, v, m));
    }
    return out;
}
