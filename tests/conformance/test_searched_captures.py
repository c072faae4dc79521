"""What people and models say in captured traces is found by its words, whatever the dialect."""

import json
import re

import pytest

from conformance.test_stored_calls import CLIENTS, FOLDER, explained, requests_of
from support import otlp
from support.api import eventually

# Letters only, and long enough to be rare: what JSON escapes stands between them.
WORD = re.compile(r"(?<![A-Za-z0-9\\])[A-Za-z]{7,20}(?![A-Za-z0-9\\])")


def texts_of(call):
    for side in ("input", "output"):
        for message in call.get(side, {}).get("messages", []):
            for part in message["parts"]:
                if part["type"] == "text" and isinstance(part.get("content"), str):
                    yield part["content"]


@pytest.mark.skipif(not FOLDER.exists(), reason=f"no reference material at {FOLDER}")
@pytest.mark.parametrize("client", CLIENTS)
def test_words_of_every_message_are_found(fresh_server, client):
    requests = list(requests_of(client))
    api = (server := fresh_server()).api
    with otlp.HttpDoor(server.otlp_http) as door:
        for signal, path, meta in requests:
            content_type = meta["content-type"] if meta["transport"] != "grpc" else otlp.PROTOBUF
            encoding = meta.get("encoding") if meta.get("encoding") == "gzip" and meta["transport"] != "grpc" else None
            assert door.post(path.read_bytes(), content_type, encoding, path=f"/v1/{signal}").status_code == 200
    eventually(
        api.counters,
        lambda c: c["spans_stored"] >= c["spans_acknowledged"] and c["logs_stored"] >= c["logs_acknowledged"],
        what="everything is stored",
    )
    calls = explained([path for _, path, _ in requests])
    words = {}
    for (trace_id, _), call in calls.items():
        for text in texts_of(call):
            found = WORD.findall(text)
            if found:
                words.setdefault(max(found, key=len), set()).add(trace_id)
    if not words:
        pytest.skip("no message has a long word")
    for word, traces in words.items():
        items = api.get("/api/v1/search", text=word, limit=1000)["items"]
        assert items, f"{word!r} of {sorted(traces)} is not found"
        assert {item["trace_id"] for item in items} & traces, f"{word!r}: {json.dumps(items)[:500]}"
        for item in items:
            text = item["snippet"]["text"].lower()
            assert word.lower() in text
