"""`telltale explain`, its REST twin, and a mapping file of the user's own wherever calls are read."""

import json

import pytest
import requests

from support import otlp
from support.api import eventually
from support.process import run

MAPPING = """
[[dialect]]
name = "acme"
[dialect.attributes]
"acme.step" = "kind"
"acme.model" = "request.model"
"acme.tokens.in" = "usage.input_tokens"
"acme.tokens.out" = "usage.output_tokens"
[dialect.kinds."acme.step"]
ask = "llm"
"""
TRACE = "0af7651916cd43dd8448eb211c80319c"
NOW = 1_790_000_000_000_000_000


def text(key, value):
    return {"key": key, "value": {"stringValue": value}}


def request_of(attributes, trace_id=TRACE):
    span = {
        "traceId": trace_id, "spanId": "b7ad6b7169203331", "name": "step",
        "startTimeUnixNano": str(NOW), "endTimeUnixNano": str(NOW + 10**9), "attributes": attributes,
    }  # fmt: skip
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


ATTRIBUTES = [
    text("acme.step", "ask"),
    text("acme.model", "gpt-4o"),
    {"key": "acme.tokens.in", "value": {"intValue": "1000"}},
    {"key": "acme.tokens.out", "value": {"intValue": "10"}},
]


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_text(MAPPING)
    return path


def send(server, request, trace_id=TRACE):
    with otlp.HttpDoor(server.otlp_http) as door:
        assert door.post(json.dumps(request).encode(), otlp.JSON).status_code == 200
    return eventually(lambda: server.api.find_trace(trace_id), bool, what="the trace is stored")


def test_a_mapping_file_of_the_server_counts_for_what_it_stores(fresh_server, mapping):
    server = fresh_server("--mapping", mapping)
    trace = send(server, request_of(ATTRIBUTES))
    call = trace["spans"][0]["call"]
    assert (call["kind"], call["dialect"], call["request"]["model"]) == ("llm", "acme", "gpt-4o")
    assert trace["totals"]["input_tokens"] == 1000
    assert call["cost"]["total"] == pytest.approx(0.0026)
    listed = server.api.get("/api/v1/calls", start=NOW - 10**9, end=NOW + 10**10)["items"]
    assert [item["call"]["request"]["model"] for item in listed] == ["gpt-4o"]


def test_a_trace_that_is_stored_is_explained(fresh_server, mapping):
    server = fresh_server()
    send(server, request_of(ATTRIBUTES))
    plain = run("explain", "--server", server.http, TRACE)
    assert plain.returncode == 0, plain.stderr
    assert "1 spans, 0 model calls" in plain.stdout
    mapped = run("explain", "--server", server.http, "--mapping", mapping, "--json", TRACE)
    assert mapped.returncode == 0, mapped.stderr
    (one,) = json.loads(mapped.stdout)["calls"]
    assert one["trace_id"] == TRACE
    assert {"field": "request.model", "from": "acme.model", "rule": "acme"} in one["fields"]
    as_text = run("explain", "--server", server.http, "--mapping", mapping, TRACE)
    assert "from acme.model (acme)" in as_text.stdout


def test_a_trace_that_is_not_there_and_a_server_that_is_not_there_are_told(server):
    missing = run("explain", "--server", server.http, "ffff")
    assert missing.returncode != 0
    assert "the store has no span of it" in missing.stderr
    nobody = run("explain", "--server", "127.0.0.1:1", "ffff")
    assert "telltale serve" in nobody.stderr
    neither = run("explain", "no-such-file.json")
    assert "neither a file that is there nor the id of a trace" in neither.stderr


def test_a_mistake_in_a_mapping_file_names_line_and_key_at_every_door(server, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[[dialect]]\n[dialect.attributes]\n"acme.model" = "request.modl"\n')
    expected = "line 3: acme.model: no field of that name: request.modl"
    for arguments in (("explain", "--mapping", wrong, "-"), ("explain", "--server", server.http, "--mapping", wrong, TRACE),
                      ("serve", "--ports", "0", "--data", tmp_path / "data", "--mapping", wrong)):  # fmt: skip
        told = run(*arguments)
        assert told.returncode != 0
        assert f"read mapping file {wrong}: {expected}" in told.stderr
        assert "did you mean request.model?" in told.stderr
    answer = requests.post(f"http://{server.http}/api/v1/explain", timeout=10,
                           json={"mapping": wrong.read_text(), "request": request_of(ATTRIBUTES)})  # fmt: skip
    assert answer.status_code == 400
    assert expected in answer.json()["message"]


def test_a_mapping_is_tried_on_a_request_that_is_sent_along(server):
    told = requests.post(f"http://{server.http}/api/v1/explain", timeout=10,
                         json={"mapping": MAPPING, "request": request_of(ATTRIBUTES)}).json()  # fmt: skip
    (one,) = told["calls"]
    assert one["call"]["usage"]["input_tokens"] == 1000
