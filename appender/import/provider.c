/*
 * provider.c - host to provider, path to operation (docs/import.md)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "provider.h"

#include <string.h>

/* --- the URL ------------------------------------------------------------- */

static aigov_span lower(pool *p, aigov_span s)
{
    aigov_span copy = pool_copy(p, s);
    char *at = (char *)(uintptr_t)copy.p;

    for (size_t i = 0; i < copy.n; i++)
        if (at[i] >= 'A' && at[i] <= 'Z')
            at[i] = (char)(at[i] | 0x20);
    return copy;
}

static int port_of(aigov_span s)
{
    int port = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || port > 65535)
            return 0;
        port = port * 10 + (s.p[i] - '0');
    }
    return port;
}

static size_t span_until(aigov_span s, const char *stop)
{
    size_t n = 0;

    while (n < s.n && strchr(stop, s.p[n]) == NULL)
        n++;
    return n;
}

static aigov_span skip(aigov_span s, size_t n)
{
    return (aigov_span){s.p + n, s.n - n};
}

void url_split(pool *p, aigov_span url, url_parts *out)
{
    aigov_span rest, place, host;
    size_t n = span_until(url, ":/?#");
    const char *at;

    *out = (url_parts){.host = AIGOV_ABSENT, .path = AIGOV_LIT("")};
    if (n == 0 || !starts_with(skip(url, n), "://"))
        return;
    rest = skip(url, n + 3);
    place = (aigov_span){rest.p, span_until(rest, "/?#")};
    rest = skip(rest, place.n);
    out->path = (aigov_span){rest.p, span_until(rest, "?#")};
    at = place.n == 0 ? NULL : memrchr(place.p, '@', place.n);
    host = at == NULL ? place : skip(place, (size_t)(at - place.p) + 1);
    if (host.n > 0 && host.p[0] == '[') {
        host = skip(host, 1);
        n = span_until(host, "]");
        rest = skip(host, n < host.n ? n + 1 : n);
    } else {
        n = span_until(host, ":");
        rest = skip(host, n);
    }
    host.n = n;
    if (rest.n > 1)
        out->port = port_of(skip(rest, 1));
    if (host.n > 0)
        out->host = lower(p, host);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

aigov_span percent_decode(pool *p, aigov_span s)
{
    char *out = pool_alloc(p, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
            hex_digit(s.p[i + 2]) >= 0) {
            out[n++] =
                (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
            i += 2;
        } else {
            out[n++] = s.p[i];
        }
    }
    return (aigov_span){out, n};
}

/* --- the path ------------------------------------------------------------ */

bool shape_of(aigov_span path, shape *out)
{
    static const struct {
        const char *end;
        shape shape;
    } table[] = {
        {"/chat/completions", {OPENAI, CHAT, "chat"}},
        {"/responses", {OPENAI, RESPONSES, "chat"}},
        {"/embeddings", {OPENAI, EMBEDDINGS, "embeddings"}},
        {"/completions", {OPENAI, COMPLETIONS, "text_completion"}},
        {"/v1/messages/count_tokens", {ANTHROPIC, COUNT_TOKENS, "chat"}},
        {"/v1/messages", {ANTHROPIC, MESSAGES, "chat"}},
    };

    while (path.n > 0 && path.p[path.n - 1] == '/')
        path.n--;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!ends_with(path, table[i].end))
            continue;
        *out = table[i].shape;
        return true;
    }
    return false;
}

aigov_span deployment_of(pool *p, aigov_span path)
{
    static const char mark[] = "/deployments/";
    const char *at = memmem(path.p, path.n, mark, sizeof mark - 1);
    aigov_span name;
    size_t n;

    while (at != NULL) {
        name = skip(path, (size_t)(at - path.p) + sizeof mark - 1);
        n = span_until(name, "/");
        if (n > 0 && n < name.n) {
            name = percent_decode(p, (aigov_span){name.p, n});
            return aigov_utf8_valid(name) == name.n ? name : AIGOV_ABSENT;
        }
        at = memmem(name.p, name.n, mark, sizeof mark - 1);
    }
    return AIGOV_ABSENT;
}

/* --- the host ------------------------------------------------------------ */

/* A pattern that begins with * stands for one character or more and the rest.
 */
static const struct {
    const char *host, *provider;
} hosts[] = {
    {"api.openai.com", "openai"},
    {"eu.api.openai.com", "openai"},
    {"us.api.openai.com", "openai"},
    {"api.anthropic.com", "anthropic"},
    {"*.openai.azure.com", "azure.ai.openai"},
    {"*.cognitiveservices.azure.com", "azure.ai.openai"},
    {"models.inference.ai.azure.com", "azure.ai.inference"},
    {"*.services.ai.azure.com", "azure.ai.inference"},
    {"*.inference.ai.azure.com", "azure.ai.inference"},
    {"generativelanguage.googleapis.com", "gcp.gemini"},
    {"aiplatform.googleapis.com", "gcp.vertex_ai"},
    {"*-aiplatform.googleapis.com", "gcp.vertex_ai"},
    {"*.aiplatform.googleapis.com", "gcp.vertex_ai"},
    {"*.mistral.ai", "mistral_ai"},
    {"*.groq.com", "groq"},
    {"api.deepseek.com", "deepseek"},
    {"api.x.ai", "x_ai"},
    {"api.perplexity.ai", "perplexity"},
    {"api.cohere.com", "cohere"},
    {"api.cohere.ai", "cohere"},
    {"*.ml.cloud.ibm.com", "ibm.watsonx.ai"},
    /* OpenTelemetry has no word for these */
    {"openrouter.ai", "openrouter"},
    {"api.together.ai", "together"},
    {"api.together.xyz", "together"},
    {"api.cerebras.ai", "cerebras"},
    {"router.huggingface.co", "huggingface"},
    {"api-inference.huggingface.co", "huggingface"},
    {"*.endpoints.huggingface.cloud", "huggingface"},
    {"api.voyageai.com", "voyageai"},
    {"ai.mongodb.com", "voyageai"},
    {"*.fireworks.ai", "fireworks"},
    {"api.studio.nebius.ai", "nebius"},
    {"*.nebius.com", "nebius"},
    {"api.sambanova.ai", "sambanova"},
    {"api.novita.ai", "novita"},
    {"api.deepinfra.com", "deepinfra"},
    {"api.replicate.com", "replicate"},
    {"integrate.api.nvidia.com", "nvidia"},
    {"api.moonshot.ai", "moonshot"},
    {"api.moonshot.cn", "moonshot"},
    {"api.minimax.io", "minimax"},
    {"api.z.ai", "z_ai"},
    {"*.dashscope.aliyuncs.com", "alibaba"},
    {"models.github.ai", "github"},
    {"api.githubcopilot.com", "github"},
    {"*.databricks.com", "databricks"},
    {"*.azuredatabricks.net", "databricks"},
    {"api.jina.ai", "jina"},
    {"api.ai21.com", "ai21"},
    {"api.aleph-alpha.com", "aleph_alpha"},
    {"api.scaleway.ai", "scaleway"},
    {"ai-gateway.vercel.sh", "vercel"},
    {"gateway.ai.cloudflare.com", "cloudflare"},
    {"api.cloudflare.com", "cloudflare"},
    {"api.portkey.ai", "portkey"},
    {"ollama.com", "ollama"},
};

static bool matches(aigov_span host, const char *pattern)
{
    if (pattern[0] == '*')
        return ends_with(host, pattern + 1) && host.n > strlen(pattern + 1);
    return aigov_span_is(host, pattern);
}

/* One label: letters, digits and hyphens. */
static size_t label(aigov_span s)
{
    size_t n = 0;

    while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') ||
                       (s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '-'))
        n++;
    return n;
}

/* bedrock-NAME[.REGION].api.aws or .amazonaws.com, either with .cn. */
static bool is_bedrock(aigov_span host)
{
    static const char *const ends[] = {".api.aws", ".amazonaws.com"};
    size_t n;

    if (!starts_with(host, "bedrock-"))
        return false;
    if (ends_with(host, ".cn"))
        host.n -= 3;
    for (int i = 0; i < 2; i++) {
        aigov_span name = host;

        if (!ends_with(host, ends[i]))
            continue;
        name.n -= strlen(ends[i]);
        name = skip(name, name.n < 8 ? name.n : 8);
        n = label(name);
        if (n == 0)
            return false;
        name = skip(name, n);
        return name.n == 0 || (name.n > 1 && name.p[0] == '.' &&
                               label(skip(name, 1)) == name.n - 1);
    }
    return false;
}

aigov_span provider_of(const url_parts *url)
{
    aigov_span host = url->host;

    while (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (matches(host, hosts[i].host))
            return aigov_str(hosts[i].provider);
    if (is_bedrock(host))
        return AIGOV_LIT("aws.bedrock");
    return url->port == 11434 ? AIGOV_LIT("ollama") : host;
}
