#!/usr/bin/env python3
# SPDX-License-Identifier: PostgreSQL
"""Expected values of `aigov import --from openai|anthropic`, computed apart from the importer.

    expected.py SAMPLES.jsonl > expected.jsonl     one row a sample; a summary on stderr
    expected.py --records SAMPLES.jsonl            the aigov records that docs/import.md describes
    expected.py --cut SAMPLES.jsonl ...            writes cut_pairs.jsonl and expected_cut.jsonl here
    expected.py --compare EXPECTED ACTUAL [--importer NAME] [--all]   differences per sample, exit 1

The rules are those of docs/import.md; section names below refer to it.  `provider` and `operation` of a
sample are never read by the extraction.  Where a file has them they are compared afterwards, and a
difference ends the run.  Standard library only.
"""
import base64
import collections
import decimal
import email.utils
import datetime
import hashlib
import json
import os
import re
import sys
from urllib.parse import unquote, urlsplit

sys.dont_write_bytecode = True
from documents import documents  # noqa: E402
from pairs import (  # noqa: E402
    anthropic_parts, anthropic_stream, chat_message, chat_stream, digest, first,
    item_parts, jcs, openai_parts, responses_stream, string)

HERE = os.path.dirname(os.path.abspath(__file__))

# ---------------------------------------------------------------- "Provider"

HOSTS = {
    "api.openai.com": "openai", "eu.api.openai.com": "openai", "us.api.openai.com": "openai",
    "api.anthropic.com": "anthropic", "api.deepseek.com": "deepseek", "api.groq.com": "groq",
    "api.mistral.ai": "mistral_ai", "codestral.mistral.ai": "mistral_ai", "api.x.ai": "x_ai",
    "api.perplexity.ai": "perplexity", "api.cohere.com": "cohere", "api.cohere.ai": "cohere",
    "generativelanguage.googleapis.com": "gcp.gemini", "aiplatform.googleapis.com": "gcp.vertex_ai",
    "models.inference.ai.azure.com": "azure.ai.inference",
    # no OpenTelemetry word yet: aigov's own
    "openrouter.ai": "openrouter", "api.together.ai": "together", "api.together.xyz": "together",
    "api.cerebras.ai": "cerebras", "router.huggingface.co": "huggingface",
    "api-inference.huggingface.co": "huggingface", "api.voyageai.com": "voyageai",
    "ai.mongodb.com": "voyageai", "api.fireworks.ai": "fireworks", "api.studio.nebius.com": "nebius",
    "api.studio.nebius.ai": "nebius", "api.tokenfactory.nebius.com": "nebius",
    "api.sambanova.ai": "sambanova", "api.novita.ai": "novita", "api.deepinfra.com": "deepinfra",
    "api.replicate.com": "replicate", "integrate.api.nvidia.com": "nvidia",
    "api.moonshot.ai": "moonshot", "api.moonshot.cn": "moonshot", "api.minimax.io": "minimax",
    "api.z.ai": "z_ai", "models.github.ai": "github", "api.githubcopilot.com": "github",
    "api.jina.ai": "jina", "api.ai21.com": "ai21", "api.aleph-alpha.com": "aleph_alpha",
    "api.scaleway.ai": "scaleway", "ollama.com": "ollama",
    "ai-gateway.vercel.sh": "vercel", "gateway.ai.cloudflare.com": "cloudflare",
    "api.cloudflare.com": "cloudflare", "api.portkey.ai": "portkey",
}
SUFFIXES = (  # the host ends with it, and has at least one character before it
    (".openai.azure.com", "azure.ai.openai"), (".cognitiveservices.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"), (".inference.ai.azure.com", "azure.ai.inference"),
    ("-aiplatform.googleapis.com", "gcp.vertex_ai"), (".aiplatform.googleapis.com", "gcp.vertex_ai"),
    (".ml.cloud.ibm.com", "ibm.watsonx.ai"), (".endpoints.huggingface.cloud", "huggingface"),
    (".groq.com", "groq"), (".mistral.ai", "mistral_ai"), (".fireworks.ai", "fireworks"),
    (".nebius.com", "nebius"), (".dashscope.aliyuncs.com", "alibaba"), (".databricks.com", "databricks"),
    (".azuredatabricks.net", "databricks"),
)


def provider_of(url):
    u = urlsplit(url)
    host = (u.hostname or "").lower().rstrip(".")
    if host in HOSTS:
        return HOSTS[host]
    for s, p in SUFFIXES:
        if host.endswith(s) and len(host) > len(s):
            return p
    if re.fullmatch(r"bedrock-[a-z0-9-]+(\.[a-z0-9-]+)?\.(api\.aws|amazonaws\.com)(\.cn)?", host):
        return "aws.bedrock"
    try:
        port = u.port
    except ValueError:
        port = None
    if port == 11434:
        return "ollama"
    return host


# ---------------------------------------------------------------- "What is read", "What is refused"

OPENAI = (("/chat/completions", "chat", "chat"), ("/responses", "chat", "responses"),
          ("/embeddings", "embeddings", "embeddings"), ("/completions", "text_completion", "completions"))
ANTHROPIC = (("/v1/messages/count_tokens", "chat", "count_tokens"), ("/v1/messages", "chat", "messages"))


class Refused(Exception):
    pass


def shape(line):
    """(importer, operation, dialect) of a parsed line, from method and path alone."""
    if not isinstance(line, dict):
        raise Refused("not_an_object")
    url = line.get("url")
    if not isinstance(url, str) or not urlsplit(url).hostname:
        raise Refused("no_url")
    if not isinstance(line.get("method", "POST"), str) or line.get("method", "POST").upper() != "POST":
        raise Refused("method")
    path = urlsplit(url).path.rstrip("/")
    for importer, table in (("openai", OPENAI), ("anthropic", ANTHROPIC)):
        for end, op, dialect in table:
            if path.endswith(end):
                if not isinstance(line.get("request"), dict):
                    raise Refused("no_request")
                return importer, op, dialect
    raise Refused("path")


# ---------------------------------------------------------------- "Usage"


def usage_of(u, operation):
    out = {}

    def flat(d, p):
        for k, v in d.items():
            if k in ("cost", "cost_details") or k.endswith("_time"):
                continue
            if isinstance(v, dict):
                flat(v, p + k + ".")
            elif isinstance(v, (int, float)) and not isinstance(v, bool) and 0 <= v <= 2 ** 53 and v == int(v):
                out[p + k] = int(v)
    if not isinstance(u, dict):
        return out
    flat(u, "")
    given = dict(out)

    def add(name, *words):
        for w in words:
            if name not in out and w in given:
                out[name] = given[w]
    add("input_tokens", "prompt_tokens", *(["total_tokens"] if operation == "embeddings" else []))
    add("output_tokens", "completion_tokens")
    add("cache_read.input_tokens", "cache_read_input_tokens", "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens", "cached_tokens", "num_cached_tokens", "prompt_cache_hit_tokens")
    add("cache_creation.input_tokens", "cache_creation_input_tokens", "prompt_tokens_details.cache_write_tokens",
        "input_tokens_details.cache_write_tokens")
    add("reasoning.output_tokens", "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens", "output_tokens_details.thinking_tokens", "reasoning_tokens")
    return out


# ---------------------------------------------------------------- "Errors"


def error_of(body, http):
    """{type, message} of an error body (a parsed value, or text)."""
    typ = msg = code = None
    if isinstance(body, list) and body and isinstance(body[0], dict):
        body = body[0]
    if isinstance(body, dict):
        e = body.get("error")
        src = e if isinstance(e, dict) else body
        for w in (src.get("type") if src.get("type") != "error" else None, src.get("code")):
            if typ is None and (string(w) or isinstance(w, int) and not isinstance(w, bool)):
                typ = str(w)
        if string(src.get("code")) or isinstance(src.get("code"), int) and not isinstance(src.get("code"), bool):
            code = str(src["code"])
        if isinstance(e, str):
            msg = e
        for w in ("message", "detail", "msg"):
            if msg is None and src.get(w) is not None:
                msg = src[w] if isinstance(src[w], str) else jcs(src[w])
    elif isinstance(body, str) and body:
        msg = body[:2000]
    out = {"type": typ or (str(http) if isinstance(http, int) and http >= 400 else "error")}
    if msg is not None:
        out["message"] = msg
    return out, code


# ---------------------------------------------------------------- one line -> one record

NOT_PARAMS = {"model", "models", "messages", "input", "prompt", "system", "instructions", "tools", "functions", "stream",
              "user", "safety_identifier", "metadata", "conversation"}
CUT = {"length", "max_tokens", "max_output_tokens", "model_context_window_exceeded", "content_filter", "refusal",
       "pause_turn", "model_length"}


def record_id(raw):
    h = bytearray(hashlib.sha256(b"aigov/import/v1\n" + raw).digest()[:16])
    h[6] = h[6] & 0x0F | 0x80
    h[8] = h[8] & 0x3F | 0x80
    x = h.hex()
    return "-".join((x[:8], x[8:12], x[12:16], x[16:20], x[20:]))


def rfc3339(t):
    return t.strftime("%Y-%m-%dT%H:%M:%S") + ".000000Z"


def token_input(v):
    """Messages of prompt / embeddings input."""
    if isinstance(v, str):
        v = [v]
    if not isinstance(v, list):
        return []
    if v and all(isinstance(x, int) and not isinstance(x, bool) for x in v):
        return [{"role": "user", "parts": [{"type": "tokens", "count": len(v)}]}]
    out = []
    for x in v:
        if isinstance(x, list) and all(isinstance(y, int) for y in x):
            p = [{"type": "tokens", "count": len(x)}]
        else:
            p = openai_parts([x]) if isinstance(x, (str, dict)) else []
        out.append({"role": "user", "parts": p})
    return out


def build(line, raw, system="imported"):
    importer, op, dialect = shape(line)
    req, http = line["request"], line.get("status")
    url = urlsplit(line["url"])
    rec = {"v": 1, "id": record_id(raw), "kind": "interaction", "system": string(line.get("system")) or system,
           "provider": provider_of(line["url"]), "operation": op, "evidence": "imported"}
    att = {"server.address": url.hostname.lower()}
    if isinstance(http, int):
        att["http.response.status_code"] = http
    for k in ("sample_id",):
        if string(line.get(k)):
            att[k] = line[k]
    head = {k.lower(): v for k, v in (line.get("response_headers") or {}).items() if isinstance(v, str)}
    if string(head.get("x-request-id")) or string(head.get("request-id")):
        att["provider_request_id"] = string(head.get("x-request-id")) or head["request-id"]

    # request
    m = re.search(r"/deployments/([^/]+)/", url.path)
    model = string(req.get("model")) or (unquote(m.group(1)) if m else None)
    if model:
        rec["model"] = model
    rec["stream"] = req.get("stream") is True
    par = {}
    for k, v in req.items():
        if k in NOT_PARAMS or v is None:
            continue
        c = jcs(v).encode("utf-8", "surrogatepass")
        par[k] = v if len(c) <= 1024 else {"sha256": digest(c), "size": len(c)}
    if par:
        rec["params"] = par
    tools = list(req.get("tools") or []) + [{"type": "function", "function": f} for f in req.get("functions") or []]
    if tools:
        rec["tools"] = tools
    meta = req.get("metadata") if isinstance(req.get("metadata"), dict) else {}
    who = string(req.get("safety_identifier")) or string(req.get("user")) or \
        (string(meta.get("user_id")) if importer == "anthropic" else None)
    if who:
        rec["actor"] = {"id": who}
    conv = req.get("conversation")
    conv = conv.get("id") if isinstance(conv, dict) else conv
    if string(conv):
        rec["conversation"] = conv
    sysin = req.get("system") if importer == "anthropic" else req.get("instructions") if dialect == "responses" else None
    if isinstance(sysin, list):
        sysin = "\n".join(x["text"] for x in sysin if isinstance(x, dict) and isinstance(x.get("text"), str))
    if string(sysin):
        rec["system_instructions"] = sysin
    if dialect == "chat":
        rec["input"] = [chat_message(x) for x in req.get("messages") or [] if isinstance(x, dict)]
    elif dialect == "responses":
        i = req.get("input")
        if isinstance(i, str):
            i = [{"role": "user", "content": i}]
        rec["input"] = [{"role": r, "parts": p} for r, p in (item_parts(x) for x in i or [] if isinstance(x, dict))]
    elif dialect in ("embeddings", "completions"):
        rec["input"] = token_input(req.get("input" if dialect == "embeddings" else "prompt"))
    else:
        rec["input"] = [{"role": x.get("role") or "", "parts": anthropic_parts(x.get("content"))}
                        for x in req.get("messages") or [] if isinstance(x, dict)]

    # reply: one JSON value, an event stream, or text
    body, text, st = line.get("response"), line.get("response_text"), None
    if body is None and isinstance(text, str) and text:
        try:
            body = json.loads(text)
            body = body if isinstance(body, (dict, list)) else None
        except ValueError:
            body = None
    failed = isinstance(http, int) and http >= 400
    n = req["n"] if isinstance(req.get("n"), int) and req["n"] > 0 else 1
    if body is None and not failed and (rec["stream"] or isinstance(text, str) and
                                        re.search(r"^(data|event|id|retry)?:", text, re.M)):
        t = text or ""
        st = responses_stream(t) if dialect == "responses" else anthropic_stream(t) if importer == "anthropic" \
            else chat_stream(t, n)
        body = st["reply"]
        if st["skipped"]:
            att["stream_events_skipped"] = st["skipped"]
    reply = body if isinstance(body, dict) else {}
    if string(reply.get("model")):
        rec["model_served"] = reply["model"]
    if string(reply.get("id")) and dialect != "embeddings":
        rec["provider_response_id"] = reply["id"]
    out, fin = [], []
    if dialect in ("chat", "completions"):
        cs = [c for c in reply.get("choices") or [] if isinstance(c, dict)]
        for c in sorted(cs, key=lambda c: c["index"] if isinstance(c.get("index"), int) else 0):
            if dialect == "completions":
                msg = {"role": "assistant", "parts": openai_parts(c.get("text"))}
            else:
                msg = chat_message(c.get("message") or {})
                msg["role"] = msg["role"] or "assistant"
            if string(c.get("finish_reason")):
                msg["finish_reason"] = c["finish_reason"]
                fin.append(c["finish_reason"])
            out.append(msg)
    elif dialect == "responses":
        parts = [p for i in reply.get("output") or [] if isinstance(i, dict) for p in item_parts(i)[1]]
        if string(reply.get("status")) and (st is None or st["whole"]):
            fin.append(reply["status"])
        if parts:
            out.append({"role": "assistant", "parts": parts})
            if fin:
                out[0]["finish_reason"] = fin[0]
    elif dialect == "messages" and not failed:
        if string(reply.get("stop_reason")):
            fin.append(reply["stop_reason"])
        parts = anthropic_parts(reply.get("content"))
        if parts:
            out.append({"role": "assistant", "parts": parts})
            if fin:
                out[0]["finish_reason"] = fin[0]
    elif dialect == "embeddings" and isinstance(reply.get("data"), list):
        att["embeddings_count"] = len(reply["data"])
        d = first(*(req.get(k) for k in ("dimensions", "output_dimension")))
        if d is None and reply["data"] and isinstance(reply["data"][0], dict):
            e = reply["data"][0].get("embedding")
            if isinstance(e, list):
                d = len(e)
            elif isinstance(e, str) and req.get("output_dtype") in (None, "float"):
                d = len(base64.b64decode(e)) // 4
        if isinstance(d, int):
            att["embeddings_dimensions"] = d
    elif dialect == "count_tokens" and isinstance(reply.get("input_tokens"), int):
        att["counted_input_tokens"] = reply["input_tokens"]

    # "Status"
    err = code = None
    empty = not any(x["parts"] for x in out) and not fin and "embeddings_count" not in att \
        and "counted_input_tokens" not in att
    if failed:
        err, code = error_of(body if body is not None else text, http)
        g = (reply.get("error") or {}).get("failed_generation") if isinstance(reply.get("error"), dict) else None
        if string(g):
            out.append({"role": "assistant", "parts": [{"type": "failed_generation", "content": g}]})
    elif st is not None and st["error"] is not None:
        err, code = error_of(st["error"], http)
    elif dialect == "responses" and reply.get("status") == "failed":
        err, code = error_of({"error": reply.get("error")}, http)
    elif st is None and reply.get("error") is not None and empty:
        err, code = error_of(reply, http)
    elif "error" in fin:
        err = {"type": "error"}
    if err:
        status = "error"
    elif st is not None and not st["whole"]:
        status = "cancelled"
    elif dialect == "responses" and fin:
        status = {"completed": "ok", "incomplete": "incomplete", "cancelled": "cancelled"}.get(fin[0], "unknown")
    elif st is None and empty and not reply.get("choices"):
        status = "unknown"
        if isinstance(text, str) and text or body is not None:
            out = [{"role": "assistant", "parts": [{"type": "unparsed", "content": text if string(text) else jcs(body)}]}]
    elif any(f in CUT for f in fin):
        status = "incomplete"
    else:
        status = "ok"
    rec["status"] = status
    if err:
        rec["error"] = err
        if code and code != err["type"]:
            att["error_code"] = code
    if out:
        rec["output"] = out
    rec["finish_reasons"] = fin
    if dialect != "count_tokens":
        u = reply.get("usage")
        if not isinstance(u, dict) and isinstance(reply.get("x_groq"), dict):
            u = reply["x_groq"].get("usage")
        rec["usage"] = usage_of(u, op)
        if rec["provider"] == "openrouter" and isinstance(u, dict) and isinstance(u.get("cost"), (int, float)) \
                and not isinstance(u["cost"], bool):
            a = format(decimal.Decimal(repr(u["cost"])), "f")
            rec["cost"] = {"amount": a.rstrip("0").rstrip(".") if "." in a else a, "currency": "USD"}
    documents(rec, dialect, req, reply)

    # "Time"
    at = string(line.get("occurred_at"))
    if not at and "date" in head:
        try:
            t = email.utils.parsedate_to_datetime(head["date"])
            at = rfc3339(t.astimezone(datetime.timezone.utc))
        except (TypeError, ValueError):
            at = None
    if not at:
        for k in ("created_at", "created"):
            if not at and isinstance(reply.get(k), (int, float)) and not isinstance(reply[k], bool):
                at = rfc3339(datetime.datetime.fromtimestamp(int(reply[k]), datetime.timezone.utc))
    if at:
        rec["occurred_at"] = at
    if isinstance(line.get("duration_ms"), int):
        rec["duration_ms"] = line["duration_ms"]
    rec["attributes"] = att
    return importer, {k: v for k, v in rec.items() if v not in ([], {})}


# ---------------------------------------------------------------- rows


def texts(messages):
    out = []
    for m in messages or []:
        t = [p["content"] for p in m["parts"] if p["type"] == "text"]
        if t:
            out.append("".join(t))
    return "\n".join(out)


def strict_line(raw):
    """A line: JSON in UTF-8, no name twice in an object."""
    def pairs(p):
        d = dict(p)
        if len(d) != len(p):
            raise ValueError("duplicate name")
        return d
    return json.loads(raw.decode("utf-8"), object_pairs_hook=pairs)


def row(line, raw):
    if line is None:
        return {"sample_id": None, "importer": None, "refused": "not_json"}, None
    sid = line.get("sample_id") if isinstance(line, dict) else None
    try:
        importer, r = build(line, raw)
    except Refused as e:
        return {"sample_id": sid, "importer": None, "refused": str(e)}, None
    calls = []
    for m in r.get("output", []):
        for p in m["parts"]:
            if p["type"] == "tool_call":
                a = p.get("arguments", "")
                calls.append({"name": p["name"], "arguments": a if isinstance(a, str) else jcs(a)})
    o = {"sample_id": sid, "importer": importer, "provider": r["provider"], "model": r.get("model"),
         "model_served": r.get("model_served"), "operation": r["operation"], "status": r["status"],
         "error_type": r.get("error", {}).get("type"), "finish_reasons": r.get("finish_reasons", []),
         "usage": r.get("usage", {}), "input_text": texts(r.get("input")), "output_text": texts(r.get("output")),
         "stream": r["stream"], "tool_calls": calls, "provider_response_id": r.get("provider_response_id"),
         # beyond the keys compared by default
         "id": r["id"], "error_message": r.get("error", {}).get("message"), "occurred_at": r.get("occurred_at"),
         "cost": r.get("cost"), "system_text": r.get("system_instructions"),
         "parts": [[p["type"] for p in m["parts"]] for m in r.get("input", []) + r.get("output", [])]}
    return o, r


EXTRA = {"id", "error_message", "occurred_at", "cost", "system_text", "parts"}


def lines(path):
    with open(path, "rb") as f:
        for raw in f:
            raw = raw[:-1] if raw.endswith(b"\n") else raw
            raw = raw[:-1] if raw.endswith(b"\r") else raw
            if raw.strip():
                try:
                    yield raw, strict_line(raw)
                except (ValueError, RecursionError):
                    yield raw, None


def summary(tally, out=sys.stderr):
    for what in sorted(tally, key=str):
        by = tally[what]
        print(f"{what}: {sum(by.values())}  " + ", ".join(f"{k} {v}" for k, v in sorted(by.items())), file=out)


def check(line, r):
    """The samples' own words, as the check only."""
    if r["importer"] is None:
        return
    assert isinstance(line, dict)
    for k in ("provider", "operation"):
        if k in line and line[k] != r[k]:
            sys.exit(f"{line.get('sample_id')}: {k} is {r[k]}, the sample says {line[k]}")
    if "stream" in line and line["stream"] and not r["stream"]:
        sys.exit(f"{line.get('sample_id')}: streamed reply to a request that asked for none")


def expected(paths, records=False):
    tally = collections.defaultdict(collections.Counter)
    for path in paths:
        for raw, line in lines(path):
            o, r = row(line, raw)
            check(line, o)
            host = provider_of(line["url"]) if isinstance(line, dict) and isinstance(line.get("url"), str) else "?"
            tally[f"--from {o['importer']}" if o["importer"] else f"refused ({o['refused']})"][host] += 1
            if o["importer"]:
                tally[f"--from {o['importer']} status"][o["status"]] += 1
            v = r if records else o
            if v is not None:
                print(json.dumps(v, ensure_ascii=False, separators=(",", ":")))
    summary(tally)


# ---------------------------------------------------------------- cut streams


def terminal(text):
    """Byte offset of the line that begins the first event to say why the model stopped, and of the last event."""
    b = text.encode()
    spots = [m.start() for m in re.finditer(
        rb'"finish_reason": ?"[a-z_]+"|"type":"response\.(completed|failed|incomplete)"|"stop_reason": ?"[a-z_]+"', b)]
    why = None
    if spots:
        why = max(b.rfind(b"\n\n", 0, spots[0]) + 2, 0)
        if why == 1:
            why = 0
    last = b.rstrip().rfind(b"\n\n") + 2
    return why, last


def cuts(text):
    b = text.encode()
    why, last = terminal(text)
    out = {"empty": 0}
    if why:
        out["before-why"] = why                                   # all of the answer, not why it ended
        end = b.find(b"\n\n", why)
        out["in-why"] = (why + end) // 2                          # inside that event's data line
        mid = b.find(b"data: ", why // 2)
        if 0 <= mid < why:
            out["in-data"] = min(mid + 6 + (b.find(b"\n", mid) - mid - 6) * 2 // 3, why - 1)
            nxt = b.find(b"\n\n", mid)
            if 0 < nxt < why:
                out["after-event"] = nxt + 2                      # clean boundary
                out["no-blank"] = nxt                             # a whole data line, the blank line gone
    if last > (why or 0):
        out["before-last"] = last                                 # right before [DONE] or message_stop
        out["in-last"] = last + max(4, (len(b.rstrip()) - last) // 2)
    for i, c in enumerate(b):
        if c >= 0xC3:
            out["in-char"] = i + 1                                # between the bytes of one character
            break
    return out


def make_cut(paths, budget=390_000):
    pool = collections.defaultdict(list)
    for path in paths:
        for raw, line in lines(path):
            if not isinstance(line, dict) or not line.get("stream") or not line.get("response_text"):
                continue
            try:
                imp, _, dialect = shape(line)
            except Refused:
                continue
            pool[(dialect, provider_of(line["url"]))].append((len(raw), line))
    chosen, groups = [], []
    for k in sorted(pool):
        ls = sorted(pool[k], key=lambda x: x[0])
        pick = ls[:2]
        pick += [x for x in ls if not x[1]["response_text"].isascii()][:1]
        pick += [x for x in ls if ("tool_use" in x[1]["response_text"] or '"tool_calls"' in x[1]["response_text"]
                                   or "function_call" in x[1]["response_text"])][:1]
        seen = set()
        groups.append([x for x in pick if not (x[1]["sample_id"] in seen or seen.add(x[1]["sample_id"]))])
    for i in range(4):                                            # round robin over dialects and providers
        for g in groups:
            if i < len(g) and g[i][0] < 14_000:
                chosen.append(g[i][1])
    size = 0
    with open(os.path.join(HERE, "cut_pairs.jsonl"), "w", encoding="utf-8") as f, \
            open(os.path.join(HERE, "expected_cut.jsonl"), "w", encoding="utf-8") as g:
        tally = collections.Counter()
        for line in chosen:
            b = line["response_text"].encode()
            where = cuts(line["response_text"])
            if len(b) > 6_000:
                where = {k: v for k, v in where.items() if k in ("in-char", "in-data", "before-why", "before-last")}
            for name, at in sorted(where.items(), key=lambda x: x[1]):
                c = dict(line, sample_id=f"{line['sample_id']}.{name}", cut_at=at,
                         response_text=b[:at].decode("utf-8", "replace"))
                s = json.dumps(c, ensure_ascii=False, separators=(",", ":"))
                if size + len(s.encode()) + 1 > budget:
                    continue
                size += len(s.encode()) + 1
                f.write(s + "\n")
                o, _ = row(c, s.encode())
                check(c, o)
                tally[(name, o["status"])] += 1
                g.write(json.dumps(o, ensure_ascii=False, separators=(",", ":")) + "\n")
    for k in sorted(tally):
        print(tally[k], *k, file=sys.stderr)
    print("bytes", size, file=sys.stderr)


# ---------------------------------------------------------------- comparing


def compare(exp, act, importer=None, everything=False):
    def load(path):
        d = {}
        with open(path, encoding="utf-8") as f:
            for ln in f:
                if ln.strip():
                    v = json.loads(ln)
                    d[v["sample_id"]] = v
        return d
    want, got, bad, n = load(exp), load(act), 0, 0
    for sid, w in want.items():
        g = got.pop(sid, None)
        if w["importer"] is None or importer and w["importer"] != importer:
            if g is not None and g.get("importer") and not g.get("refused") \
                    and (w["importer"] is None or g["importer"] == importer):
                print(f"{sid}: taken, should be refused ({w.get('refused', 'other importer')})")
                bad += 1
            continue
        n += 1
        if g is None:
            print(f"{sid}: missing")
            bad += 1
            continue
        diff = []
        for k, v in w.items():
            if k in EXTRA and not everything:
                continue
            x = g.get(k)
            if x == v and type(x) is type(v) or not v and not x and v is not False and x is not False:
                continue
            if isinstance(v, dict) and isinstance(x, dict):
                for kk in sorted(set(v) | set(x)):
                    if v.get(kk) != x.get(kk):
                        diff.append(f"{k}.{kk}: expected {v.get(kk)!r}, got {x.get(kk)!r}")
            else:
                diff.append(f"{k}: expected {json.dumps(v, ensure_ascii=False)[:300]}, "
                            f"got {json.dumps(x, ensure_ascii=False)[:300]}")
        if diff:
            bad += 1
            for d in diff:
                print(f"{sid}: {d}")
    for sid in got:
        print(f"{sid}: not in the expected file")
        bad += 1
    print(f"{n} compared, {bad} differ")
    return 1 if bad else 0


def main(a):
    if a and a[0] == "--compare":
        rest, imp, full = a[1:], None, "--all" in a
        rest = [x for x in rest if x != "--all"]
        if "--importer" in rest:
            i = rest.index("--importer")
            imp = rest[i + 1]
            del rest[i:i + 2]
        if len(rest) != 2:
            sys.exit(__doc__)
        sys.exit(compare(rest[0], rest[1], imp, full))
    if a and a[0] == "--cut" and len(a) > 1:
        make_cut(a[1:])
    elif a and a[0] == "--records" and len(a) > 1:
        expected(a[1:], records=True)
    elif a and not a[0].startswith("-"):
        expected(a)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
