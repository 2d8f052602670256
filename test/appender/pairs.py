# SPDX-License-Identifier: PostgreSQL
"""Parts of expected.py: canonical JSON, message parts, event streams put together again.

Sections of docs/import.md: "The reply", "Messages and parts".
"""
import base64
import binascii
import decimal
import hashlib
import json
import re
from urllib.parse import unquote

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
