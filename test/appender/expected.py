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
import binascii
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

HERE = os.path.dirname(os.path.abspath(__file__))

# ---------------------------------------------------------------- canonical JSON (RFC 8785)


def es6(x):
    """A double as ECMAScript prints it."""
    if x != x or x in (float("inf"), float("-inf")):
        raise ValueError("not finite")
    if x == 0:
        return "0"
    sign, digits, exp = decimal.Decimal(repr(x)).normalize().as_tuple()
    d = "".join(map(str, digits))
    n = len(d) + exp
    s = "-" if sign else ""
    if len(d) <= n <= 21:
        return s + d + "0" * (n - len(d))
    if 0 < n <= 21:
        return s + d[:n] + "." + d[n:]
    if -6 < n <= 0:
        return s + "0." + "0" * -n + d
    e = ("+" if n > 0 else "-") + str(abs(n - 1))
    return s + d[0] + ("." + d[1:] if len(d) > 1 else "") + "e" + e


def jcs(v):
    if v is None:
        return "null"
    if v is True:
        return "true"
    if v is False:
        return "false"
    if isinstance(v, int):
        return str(v) if abs(v) <= 2 ** 53 else es6(float(v))
    if isinstance(v, float):
        return es6(v)
    if isinstance(v, str):
        return json.dumps(v, ensure_ascii=False)
    if isinstance(v, list):
        return "[" + ",".join(map(jcs, v)) + "]"
    keys = sorted(v, key=lambda k: k.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + jcs(v[k]) for k in keys) + "}"


def strict(text):
    """JSON as aigov's envelope takes it, else ValueError: no duplicate names, no lone surrogate, no
    U+0000, no integer literal beyond 2^53 unless it is the shortest form of its double, no overflow."""
    def pairs(p):
        d = dict(p)
        if len(d) != len(p):
            raise ValueError("duplicate name")
        return d

    def integer(s):
        n = int(s)
        if abs(n) > 2 ** 53 and es6(float(n)) != s:
            raise ValueError("integer")
        return n

    def number(s):
        x = float(s)
        es6(x)
        return x

    def bad(_):
        raise ValueError("constant")

    v = json.loads(text, object_pairs_hook=pairs, parse_int=integer, parse_float=number, parse_constant=bad)
    walk(v)
    return v


def walk(v):
    if isinstance(v, str):
        if "\0" in v or any(0xD800 <= ord(c) < 0xE000 for c in v):
            raise ValueError("text")
    elif isinstance(v, list):
        for x in v:
            walk(x)
    elif isinstance(v, dict):
        for k, x in v.items():
            walk(k)
            walk(x)


def arguments(s):
    """Tool arguments: the object they spell, else the text as sent."""
    if not isinstance(s, str):
        return s
    try:
        v = strict(s)
    except (ValueError, RecursionError):
        return s
    return v if isinstance(v, dict) else s


def string(v):
    return v if isinstance(v, str) and v else None


def first(*vs):
    for v in vs:
        if v is not None:
            return v
    return None


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


# ---------------------------------------------------------------- server-sent events


def sse(text):
    """(event, data) of each event; one left open at the end counts (its data decides)."""
    if text.startswith("\ufeff"):
        text = text[1:]
    event, data = "", []
    for ln in re.split("\r\n|\n|\r", text):
        if ln == "":
            if data:
                yield event, "\n".join(data)
            event, data = "", []
            continue
        if ln.startswith(":"):
            continue
        name, _, value = ln.partition(":")
        if value.startswith(" "):
            value = value[1:]
        if name == "data":
            data.append(value)
        elif name == "event":
            event = value
    if data:
        yield event, "\n".join(data)


def events(text, st):
    """JSON objects of a stream with their type; None for [DONE]; others are counted and skipped."""
    for event, data in sse(text):
        if data.strip() == "[DONE]":
            yield None, None
            continue
        try:
            v = json.loads(data)
        except ValueError:
            v = None
        if not isinstance(v, dict):
            st["skipped"] += 1
            continue
        yield string(v.get("type")) or event, v


# ---------------------------------------------------------------- message parts


def digest(b):
    return hashlib.sha256(b).hexdigest()


def blob(modality, mime, data):
    part = {"type": "blob", "modality": modality}
    if mime:
        part["mime_type"] = mime
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raw = data.encode()
        part["encoding"] = "as sent"
    part["sha256"], part["size"] = digest(raw), len(raw)
    return part


def uri_or_blob(url, modality):
    m = re.match(r"data:([^;,]*)((?:;[^;,]*)*),(.*)\Z", url, re.S)
    if not m:
        return {"type": "uri", "modality": modality, "uri": url}
    if m.group(2).endswith(";base64"):
        return blob(modality, m.group(1), m.group(3))
    raw = unquote(m.group(3), errors="surrogateescape").encode("utf-8", "surrogateescape")
    p = {"type": "blob", "modality": modality, "sha256": digest(raw), "size": len(raw)}
    if m.group(1):
        p["mime_type"] = m.group(1)
    return p


OPAQUE = ("encrypted_content", "encrypted_index", "signature")


def compact(v):
    """Kept as sent, but unreadable and base64 members by digest."""
    if isinstance(v, list):
        return [compact(x) for x in v]
    if not isinstance(v, dict):
        if isinstance(v, str) and re.match(r"data:[^,]*;base64,", v):
            return uri_or_blob(v, "file")
        return v
    out = {}
    for k, x in v.items():
        if k in OPAQUE and isinstance(x, str):
            b = x.encode("utf-8", "surrogatepass")
            out[k] = {"sha256": digest(b), "size": len(b)}
        elif k == "data" and isinstance(x, str) and v.get("type") in ("base64", "redacted_thinking"):
            out[k] = blob("file", v.get("media_type"), x)
        elif k == "result" and isinstance(x, str) and v.get("type") == "image_generation_call":
            out[k] = blob("image", "image/" + v.get("output_format", "png"), x)
        else:
            out[k] = compact(x)
    return out


def text_part(s, notes=None):
    p = {"type": "text", "content": s}
    if notes:
        p["annotations"] = compact(notes)
    return p


def call(id_, name, args):
    p = {"type": "tool_call"}
    if string(id_):
        p["id"] = id_
    p["name"] = name if isinstance(name, str) else ""
    if args is not None:
        p["arguments"] = arguments(args)
    return p


def openai_parts(content):
    """Content of a chat message or of a Responses item: text or a list of blocks."""
    if isinstance(content, str):
        return [text_part(content)] if content else []
    if not isinstance(content, list):
        return []
    out = []
    for b in content:
        if isinstance(b, str):
            out.append(text_part(b))
            continue
        if not isinstance(b, dict):
            continue
        t = b.get("type")
        if t in ("text", "input_text", "output_text"):
            out.append(text_part(b.get("text") or "", b.get("annotations")))
        elif t == "refusal":
            out.append({"type": "refusal", "content": b.get("refusal") or ""})
        elif t == "thinking":
            th = b.get("thinking")
            out.append({"type": "reasoning", "content": th if isinstance(th, str) else
                        "".join(x.get("text") or "" for x in th or [] if isinstance(x, dict))})
        elif t == "reasoning_text":
            out.append({"type": "reasoning", "content": b.get("text") or ""})
        elif t in ("image_url", "input_image"):
            u = b.get("image_url")
            u = u.get("url") if isinstance(u, dict) else u
            if isinstance(u, str):
                out.append(uri_or_blob(u, "image"))
            elif string(b.get("file_id")):
                out.append({"type": "file", "modality": "image", "file_id": b["file_id"]})
            else:
                out.append(compact(b))
        elif t == "input_audio" and isinstance(b.get("input_audio"), dict):
            a = b["input_audio"]
            out.append(blob("audio", "audio/" + a["format"] if string(a.get("format")) else None, a.get("data") or ""))
        elif t in ("file", "input_file"):
            f = b["file"] if isinstance(b.get("file"), dict) else b
            if string(f.get("file_data")):
                p = uri_or_blob(f["file_data"], "file") if f["file_data"].startswith("data:") \
                    else blob("file", None, f["file_data"])
            elif string(f.get("file_id")):
                p = {"type": "file", "modality": "file", "file_id": f["file_id"]}
            elif string(f.get("file_url")):
                p = uri_or_blob(f["file_url"], "file")
            else:
                p = compact(b)
            if string(f.get("filename")):
                p["filename"] = f["filename"]
            out.append(p)
        else:
            out.append(compact(b))
    return out


def tool_response(id_, content, parts):
    p = {"type": "tool_call_response"}
    if string(id_):
        p["id"] = id_
    p["response"] = content if isinstance(content, str) else parts(content) if isinstance(content, list) \
        else compact(content)
    return p


def chat_message(m):
    role = m.get("role") or ""
    if role in ("tool", "function"):
        out = {"role": "tool", "parts": [tool_response(m.get("tool_call_id"), m.get("content"), openai_parts)]}
    else:
        parts = []
        r = string(m.get("reasoning_content")) or string(m.get("reasoning"))
        if r:
            parts.append({"type": "reasoning", "content": r})
        parts += openai_parts(m.get("content"))
        if parts and m.get("annotations") and parts[-1]["type"] == "text":
            parts[-1]["annotations"] = compact(m["annotations"])
        if string(m.get("refusal")):
            parts.append({"type": "refusal", "content": m["refusal"]})
        for e in m.get("executed_tools") or []:
            if isinstance(e, dict):
                parts.append(dict(compact(e), type="server_tool_call"))
        for t in m.get("tool_calls") or []:
            if not isinstance(t, dict):
                continue
            f = t.get("function") or t.get("custom") or {}
            parts.append(call(t.get("id"), f.get("name"), first(f.get("arguments"), f.get("input"))))
        if isinstance(m.get("function_call"), dict):
            parts.append(call(None, m["function_call"].get("name"), m["function_call"].get("arguments")))
        out = {"role": role, "parts": parts}
    if string(m.get("name")):
        out["name"] = m["name"]
    return out


def item_parts(i):
    """(role, parts) of one item of the Responses API, in input or output."""
    t = i.get("type")
    if t == "message" or t is None and "role" in i:
        return i.get("role") or "", openai_parts(i.get("content"))
    if t == "reasoning":
        s = [x.get("text") or "" for k in ("summary", "content") for x in i.get(k) or [] if isinstance(x, dict)]
        p = {"type": "reasoning", "content": "\n".join(s)}
        if string(i.get("encrypted_content")):
            p["encrypted_content"] = compact({"encrypted_content": i["encrypted_content"]})["encrypted_content"]
        return "assistant", [p]
    if t in ("function_call", "custom_tool_call"):
        return "assistant", [call(i.get("call_id"), i.get("name"), first(i.get("arguments"), i.get("input")))]
    if t in ("function_call_output", "custom_tool_call_output"):
        return "tool", [tool_response(i.get("call_id"), i.get("output"), openai_parts)]
    if isinstance(t, str) and t.endswith("_call"):
        p = {"type": "server_tool_call", "name": t[:-5]}
        k = string(i.get("call_id")) or string(i.get("id"))
        if k:
            p["id"] = k
        p["call"] = compact({a: b for a, b in i.items() if a not in ("type", "id", "call_id")}
                            if t != "image_generation_call" else
                            {a: b for a, b in i.items() if a not in ("id", "call_id")})
        return "assistant", [p]
    if isinstance(t, str) and t.endswith("_output"):
        p = {"type": "server_tool_call_response"}
        if string(i.get("call_id")):
            p["id"] = i["call_id"]
        p["response"] = compact({a: b for a, b in i.items() if a not in ("type", "id", "call_id")})
        return "tool", [p]
    return i.get("role") or "user", [compact(i)]


def anthropic_parts(content):
    if isinstance(content, str):
        return [text_part(content)] if content else []
    out = []
    for b in content if isinstance(content, list) else []:
        if not isinstance(b, dict):
            continue
        t = b.get("type")
        if t == "text":
            out.append(text_part(b.get("text") or "", b.get("citations")))
        elif t == "thinking":
            p = {"type": "reasoning", "content": b.get("thinking") or ""}
            if string(b.get("signature")):
                p["signature"] = compact({"signature": b["signature"]})["signature"]
            out.append(p)
        elif t == "tool_use":
            out.append(call(b.get("id"), b.get("name"), b.get("input")))
        elif t == "server_tool_use" or t == "mcp_tool_use":
            out.append({"type": "server_tool_call", "id": b.get("id") or "", "name": b.get("name") or "",
                        "call": compact({"input": b.get("input")})})
        elif t == "tool_result":
            p = tool_response(b.get("tool_use_id"), first(b.get("content"), ""), anthropic_parts)
            if b.get("is_error") is True:
                p["is_error"] = True
            out.append(p)
        elif isinstance(t, str) and t.endswith("_tool_result"):
            out.append({"type": "server_tool_call_response", "id": b.get("tool_use_id") or "",
                        "response": compact(b.get("content"))})
        elif t in ("image", "document") and isinstance(b.get("source"), dict):
            s, mod = b["source"], "image" if t == "image" else "file"
            if s.get("type") == "base64":
                p = blob(mod, s.get("media_type"), s.get("data") or "")
            elif s.get("type") == "url":
                p = {"type": "uri", "modality": mod, "uri": s.get("url") or ""}
            elif s.get("type") == "file":
                p = {"type": "file", "modality": mod, "file_id": s.get("file_id") or ""}
            elif s.get("type") == "text":
                p = {"type": "document", "content": s.get("data") or ""}
            else:
                p = compact(b)
            if string(b.get("title")):
                p["filename"] = b["title"]
            out.append(p)
        elif t == "container_upload":
            out.append({"type": "file", "modality": "file", "file_id": b.get("file_id") or ""})
        else:
            out.append(compact(b))
    return out


# ---------------------------------------------------------------- streams, put together again


def new_state():
    return {"skipped": 0, "error": None, "whole": False, "reply": None}


def chat_stream(text, n):
    """A reply as if it had not been streamed."""
    st, reply, choices = new_state(), {}, {}
    xgroq = None
    for _, v in events(text, st):
        if v is None:
            st["whole"] = True
            continue
        if v.get("error") is not None and st["error"] is None:
            st["error"] = v
        for k in ("id", "model"):
            if k not in reply and string(v.get(k)):
                reply[k] = v[k]
        if "created" not in reply and isinstance(v.get("created"), int):
            reply["created"] = v["created"]
        if isinstance(v.get("usage"), dict):
            reply["usage"] = v["usage"]
        if isinstance(v.get("x_groq"), dict) and isinstance(v["x_groq"].get("usage"), dict):
            xgroq = v["x_groq"]["usage"]
        for pos, c in enumerate(v.get("choices") or []):
            if not isinstance(c, dict):
                continue
            i = c["index"] if isinstance(c.get("index"), int) else pos
            o = choices.setdefault(i, {"index": i, "message": {"role": "assistant", "content": []}, "calls": [],
                                       "finish_reason": None})
            if string(c.get("finish_reason")):
                o["finish_reason"] = c["finish_reason"]
            if isinstance(c.get("text"), str):
                o["text"] = o.get("text", "") + c["text"]
            d, m = c.get("delta") or c.get("message") or {}, o["message"]
            if string(d.get("role")):
                m["role"] = d["role"]
            for b in [{"type": "text", "text": d["content"]}] if isinstance(d.get("content"), str) \
                    else d.get("content") or []:
                last = m["content"][-1] if m["content"] else None
                if b.get("type") == "text" and last and last.get("type") == "text":
                    last["text"] += b.get("text") or ""
                elif b.get("type") == "thinking" and last and last.get("type") == "thinking":
                    last["thinking"] += b.get("thinking") or []
                elif b.get("type") != "text" or b.get("text"):
                    m["content"].append(dict(b))
            r = d.get("reasoning_content") if string(d.get("reasoning_content")) else d.get("reasoning")
            if isinstance(r, str):
                m["reasoning"] = m.get("reasoning", "") + r
            if isinstance(d.get("refusal"), str):
                m["refusal"] = m.get("refusal", "") + d["refusal"]
            for k in ("annotations", "executed_tools"):
                if isinstance(d.get(k), list):
                    m[k] = m.get(k, []) + d[k]
            if isinstance(d.get("function_call"), dict):
                f = m.setdefault("function_call", {"name": "", "arguments": ""})
                f["name"] = f["name"] or d["function_call"].get("name") or ""
                f["arguments"] += d["function_call"].get("arguments") or ""
            for t in d.get("tool_calls") or []:
                if isinstance(t, dict):
                    tool_delta(o["calls"], t)
    out = []
    for i in sorted(choices):
        o = choices[i]
        if o["calls"]:
            o["message"]["tool_calls"] = o["calls"]
        out.append(o)
    reply["choices"] = out
    if "usage" not in reply and xgroq is not None:
        reply["usage"] = xgroq
    done = [o for o in out if o["finish_reason"] is not None]
    if out and len(done) == len(out) and len(out) >= n:
        st["whole"] = True
    st["reply"] = reply
    return st


def tool_delta(calls, t):
    f = t.get("function") or {}
    idx, id_ = t.get("index"), string(t.get("id"))
    cur = None
    if isinstance(idx, int):
        for c in calls:
            if c["index"] == idx:
                cur = c
    elif id_ is None and calls:
        cur = calls[-1]
    elif id_:
        for c in calls:
            if c["id"] == id_:
                cur = c
    if cur is not None and id_ and cur["id"] and cur["id"] != id_:
        cur = None
    if cur is None:
        cur = {"index": idx, "id": id_, "function": {"name": "", "arguments": None}}
        calls.append(cur)
    cur["id"] = cur["id"] or id_
    g = cur["function"]
    g["name"] = g["name"] or string(f.get("name")) or ""
    if isinstance(f.get("arguments"), str):
        g["arguments"] = (g["arguments"] or "") + f["arguments"]


def responses_stream(text):
    st, reply, items = new_state(), {}, {}
    for typ, v in events(text, st):
        if v is None:
            continue
        r = v.get("response")
        if isinstance(r, dict):
            reply.update({k: x for k, x in r.items() if k != "output"})
            if typ in ("response.completed", "response.failed", "response.incomplete", "response.cancelled"):
                st["whole"] = True
                if r.get("output"):
                    items = dict(enumerate(r["output"]))
                continue
        if typ == "error":
            if st["error"] is None:
                st["error"] = v
            continue
        i = v.get("output_index")
        if not isinstance(i, int):
            continue
        if typ in ("response.output_item.added", "response.output_item.done"):
            if isinstance(v.get("item"), dict):
                items[i] = json.loads(json.dumps(v["item"]))
            continue
        o = items.setdefault(i, {})
        d = v.get("delta")
        ci = v["content_index"] if isinstance(v.get("content_index"), int) else 0
        kind = {"response.output_text.delta": ("content", "output_text", "text"),
                "response.refusal.delta": ("content", "refusal", "refusal"),
                "response.reasoning_text.delta": ("content", "reasoning_text", "text"),
                "response.reasoning_summary_text.delta": ("summary", "summary_text", "text")}.get(typ)
        if kind and isinstance(d, str):
            field, t, key = kind
            if field == "summary":
                ci = v["summary_index"] if isinstance(v.get("summary_index"), int) else 0
            o.setdefault("type", "reasoning" if "reasoning" in typ else "message")
            if o["type"] == "message":
                o.setdefault("role", "assistant")
            lst = o.setdefault(field, [])
            while len(lst) <= ci:
                lst.append({"type": t, key: ""})
            lst[ci][key] = (lst[ci].get(key) or "") + d
        elif typ in ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta") \
                and isinstance(d, str):
            k = "arguments" if "function" in typ else "input"
            o.setdefault("type", "function_call" if k == "arguments" else "custom_tool_call")
            o[k] = (o.get(k) or "") + d
    reply["output"] = [items[i] for i in sorted(items)]
    st["reply"] = reply
    return st


def anthropic_stream(text):
    st, reply, blocks, final = new_state(), {}, {}, False
    for typ, v in events(text, st):
        if v is None:
            continue
        if typ == "error":
            if st["error"] is None:
                st["error"] = v
        elif typ == "message_start" and isinstance(v.get("message"), dict):
            reply = dict(v["message"])
            reply["usage"] = dict(reply.get("usage") or {})
            for i, b in enumerate(reply.get("content") or []):
                blocks[i] = dict(b)
        elif typ == "content_block_start" and isinstance(v.get("content_block"), dict):
            blocks[v.get("index")] = json.loads(json.dumps(v["content_block"]))
        elif typ == "content_block_delta" and isinstance(v.get("delta"), dict):
            b, d = blocks.setdefault(v.get("index"), {"type": "text", "text": ""}), v["delta"]
            t = d.get("type")
            if t == "text_delta":
                b["text"] = (b.get("text") or "") + (d.get("text") or "")
            elif t == "thinking_delta":
                b["thinking"] = (b.get("thinking") or "") + (d.get("thinking") or "")
            elif t == "signature_delta":
                b["signature"] = (b.get("signature") or "") + (d.get("signature") or "")
            elif t == "input_json_delta":
                b["_json"] = b.get("_json", "") + (d.get("partial_json") or "")
            elif t == "citations_delta":
                b["citations"] = (b.get("citations") or []) + [d.get("citation")]
        elif typ == "message_delta":
            d = v.get("delta") or {}
            for k in ("stop_reason", "stop_sequence"):
                if d.get(k) is not None:
                    reply[k] = d[k]
            if isinstance(v.get("usage"), dict):
                reply.setdefault("usage", {}).update(v["usage"])
                final = True
            if string(d.get("stop_reason")):
                st["whole"] = True
        elif typ == "message_stop":
            st["whole"] = True
    if not final and isinstance(reply.get("usage"), dict):
        reply["usage"].pop("output_tokens", None)
    for b in blocks.values():
        if b.get("_json"):
            b["input"] = arguments(b["_json"])
        b.pop("_json", None)
    reply["content"] = [blocks[i] for i in sorted(blocks, key=lambda k: -1 if k is None else k)]
    st["reply"] = reply
    return st


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
