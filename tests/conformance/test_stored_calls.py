"""A call that is read back from the store is the one that `telltale explain` sees in the
requests as they came, also where its content came in log records."""

import json
import subprocess

import pytest

from support import otlp, reference, signals
from support.api import eventually
from support.process import BINARY

FOLDER = reference.FOLDER / "captures"
CLIENTS = sorted(p.name for p in FOLDER.glob("*") if p.is_dir()) if FOLDER.exists() else []


def requests_of(client):
    for meta_path in sorted((FOLDER / client).glob("*.meta.json")):
        stem = meta_path.name.removesuffix(".meta.json")
        signal = stem.rsplit(".", 1)[1]
        if signal in ("traces", "logs"):
            (body,) = [p for p in meta_path.parent.glob(stem + ".*") if p != meta_path]
            yield signal, body, json.loads(meta_path.read_text())


def explained(paths):
    """{(trace, span): call}, and the totals of each trace."""
    ran = subprocess.run([BINARY, "explain", "--json", *map(str, paths)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return {(c["trace_id"], c["span_id"]): c["call"] for c in json.loads(ran.stdout)["calls"]}


@pytest.mark.skipif(not FOLDER.exists(), reason=f"no reference material at {FOLDER}")
@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_stored_says_what_was_sent(server, api, client):
    requests = list(requests_of(client))
    expected = explained([path for _, path, _ in requests])
    with otlp.HttpDoor(server.otlp_http) as door:
        # Logs first: a record may come before its span.
        for signal, path, meta in sorted(requests, key=lambda r: r[0]):
            content_type = meta["content-type"] if meta["transport"] != "grpc" else otlp.PROTOBUF
            encoding = meta.get("encoding") if meta.get("encoding") == "gzip" and meta["transport"] != "grpc" else None
            assert door.post(path.read_bytes(), content_type, encoding, path=f"/v1/{signal}").status_code == 200
    eventually(
        api.counters,
        lambda c: c["spans_stored"] >= c["spans_acknowledged"] and c["logs_stored"] >= c["logs_acknowledged"],
        what="everything is stored",
    )
    by_trace = {}
    for (trace_id, span_id), call in expected.items():
        by_trace.setdefault(trace_id, {})[span_id] = call
    for trace_id, calls in by_trace.items():
        trace = api.trace(trace_id)
        shown = {s["spanId"]: s["call"] for s in trace["spans"] if "call" in s}
        for call in shown.values():
            # Counted by us where the sender gave none: not what was sent.
            if call.get("usage", {}).get("source") == "counted":
                del call["usage"]
        costs = {span_id: call.pop("cost") for span_id, call in shown.items() if "cost" in call}
        # What only another trace can tell (one answer told in two) is not seen here.
        assert without_other_traces(shown) == without_other_traces(calls)
        totals = trace["totals"]
        assert totals["cost"]["total"] is None or totals["cost"]["total"] == pytest.approx(
            sum(c.get("total", 0) for c in costs.values())
        )
        statuses = [c["status"] for c in costs.values()]
        assert totals["calls"] == len(costs)
        assert totals["cost"]["computed_calls"] == statuses.count("computed")
        assert totals["cost"]["unpriced_calls"] == statuses.count("unpriced")


def without_other_traces(calls):
    ids = set(calls)
    return {
        span_id: {k: v for k, v in call.items() if k != "duplicate_of" or v in ids} for span_id, call in calls.items()
    }
