"""Recorded traffic of real providers (../shared/reference/cassettes): each exchange as the two
bodies, whatever recorder wrote it."""

import base64
import gzip
import json
import struct
import zlib
from dataclasses import dataclass

import yaml

from support.reference import FOLDER

CASSETTES = FOLDER / "cassettes"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Exchange:
    name: str
    path: str  # of the URL; empty where only the body is kept
    request: str
    response: str

    def chunks(self):
        """The JSON objects of the answer: one, or those of the stream."""
        try:
            whole = json.loads(self.response)
        except ValueError:
            pass
        else:
            return [whole] if isinstance(whole, dict) else [c for c in whole if isinstance(c, dict)]
        found = []
        for line in self.response.splitlines():
            line = line.removeprefix("data:").strip()
            if line.startswith("{"):
                try:
                    found.append(json.loads(line))
                except ValueError:
                    continue
        return found


def exchanges():
    for line in (CASSETTES / "INDEX.jsonl").read_text().splitlines():
        entry = json.loads(line)
        path = CASSETTES / entry["file"]
        read = {"vcr-yaml": _vcr, "nock-json": _nock, "har": _har}.get(entry["format"], _body_only)
        for n, (url, request, response) in enumerate(read(path)):
            yield Exchange(f"{entry['file']}#{n}", url, request, response)


def _vcr(path):
    for one in yaml.load(path.read_bytes(), Loader).get("interactions") or []:
        response = one["response"]
        body = response.get("body", response.get("content"))
        body = body.get("string") if isinstance(body, dict) else body
        headers = {k.lower(): v for k, v in (response.get("headers") or {}).items()}
        kind = headers.get("content-encoding", [""])
        yield _path_of(one["request"]["uri"]), _text(one["request"].get("body")), _text(body, "".join(kind))


def _nock(path):
    for one in json.loads(path.read_text()):
        response = one["response"]
        if isinstance(response, list) and all(isinstance(r, str) for r in response):
            response = _text(bytes.fromhex("".join(response)), "gzip" if response[0].startswith("1f8b") else "")
        elif isinstance(response, str) and _is_hex(response):
            response = _text(bytes.fromhex(response))
        yield one["path"], _json_text(one.get("body")), _json_text(response)


def _har(path):
    for one in json.loads(path.read_text())["log"]["entries"]:
        content = one["response"]["content"]
        body = content.get("text", "")
        if content.get("encoding") == "base64":
            body = base64.b64decode(body)
        yield _path_of(one["request"]["url"]), one["request"].get("postData", {}).get("text", ""), _text(body)


def _body_only(path):
    yield "", "", path.read_text()


def _path_of(url):
    return "/" + url.split("://", 1)[-1].partition("/")[2]


def _is_hex(text):
    return len(text) > 16 and len(text) % 2 == 0 and all(c in "0123456789abcdef" for c in text)


def _json_text(value):
    return value if isinstance(value, str) else json.dumps(value) if value is not None else ""


def _text(body, encoding=""):
    if body is None:
        return ""
    if isinstance(body, dict):
        return json.dumps(body)
    if isinstance(body, str):
        return body
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    elif "deflate" in encoding:
        body = zlib.decompress(body)
    if len(body) > 16 and struct.unpack(">I", body[:4])[0] <= len(body) and b":event-type" in body[:200]:
        return "\n".join(_event_stream(body))
    return body.decode(errors="replace")


def _event_stream(body):
    """AWS's framing: [ size 4 ][ headers size 4 ][ check 4 ][ headers ][ payload ][ check 4 ]."""
    while len(body) >= 16:
        size, headers = struct.unpack(">II", body[:8])
        payload = json.loads(body[12 + headers : size - 4] or b"{}")
        yield base64.b64decode(payload["bytes"]).decode() if "bytes" in payload else json.dumps(payload)
        body = body[size:]
