"""What real, unmodified clients sent, byte for byte, comes back whole."""

import base64
import gzip
import json

import pytest
from google.protobuf import json_format

from support import otlp, reference, rest


def decode(body, content_type):
    """The request as opentelemetry-proto reads it, which is not our decoder."""
    if content_type != otlp.JSON:
        return otlp.Request.FromString(body)
    return json_format.ParseDict(ids_as_base64(json.loads(body)), otlp.Request(), ignore_unknown_fields=True)


def ids_as_base64(of):
    """OTLP/JSON writes ids in hex, protobuf's own JSON in base64."""
    if isinstance(of, list):
        return [ids_as_base64(v) for v in of]
    if not isinstance(of, dict):
        return of
    return {
        key: base64.b64encode(bytes.fromhex(value)).decode()
        if key in ("traceId", "spanId", "parentSpanId") and isinstance(value, str)
        else ids_as_base64(value)
        for key, value in of.items()
    }


def send_as_the_client_did(server, body, meta):
    """The answer, as its message; an error if it is one."""
    if meta["transport"] == "grpc":
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            return door.send_bytes(body)
    with otlp.HttpDoor(server.otlp_http) as door:
        encoding = meta.get("encoding") if meta.get("encoding") != "identity" else None
        response = door.post(body, meta["content-type"], encoding, headers={"User-Agent": meta["user-agent"]})
    assert response.status_code == 200, response.content
    assert response.headers["Content-Type"] == meta["content-type"]
    if meta["content-type"] == otlp.JSON:
        return json_format.ParseDict(response.json(), otlp.Response())
    return otlp.Response.FromString(response.content)


@pytest.fixture(scope="module")
def captured(server):
    """A server that was sent every capture once: what each holds, what each was answered, and
    what the server counted."""
    captured = {"sent": {}, "answers": {}}
    for parameter in reference.captures():
        path, meta = parameter.values
        body = path.read_bytes()
        captured["sent"][path] = rest.from_request(decode(body, meta["content-type"]))
        captured["answers"][path] = send_as_the_client_did(server, body, meta)
    server.api.wait_until_drained()
    captured["counters"] = server.api.get("/api/v1/counters")["items"]
    captured["services"] = server.api.get("/api/v1/services", start=0)["items"]
    return captured


@pytest.mark.parametrize("path, meta", reference.captures())
def test_a_captured_request_comes_back_whole(captured, api, path, meta):
    assert captured["answers"][path] == otlp.Response()
    sent = captured["sent"][path]
    for trace_id in sorted({trace_id for trace_id, _ in sent}):
        mine = {ids: spans for ids, spans in sent.items() if ids[0] == trace_id}
        # Other requests of the same client may have added to the trace.
        shown = {ids: spans for ids, spans in rest.from_trace(api.trace(trace_id)).items() if ids in mine}
        assert rest.differences(mine, shown) == []


@pytest.mark.skipif(not reference.FOLDER.exists(), reason=f"no reference material at {reference.FOLDER}")
def test_all_captures_together_add_up_and_nothing_is_lost(captured):
    expected = sum(len(spans) for sent in captured["sent"].values() for spans in sent.values())
    counters = {c["name"]: c["value"] for c in captured["counters"]}
    assert counters["spans_received"] == counters["spans_stored"] == expected
    assert sum(s["span_count"] for s in captured["services"]) == expected
    assert {c["name"]: c["value"] for c in captured["counters"] if c["severity"] == "loss" and c["value"]} == {}


@pytest.mark.parametrize("path", reference.samples())
def test_a_sample_of_another_project_is_taken_or_refused_by_the_book(server, path):
    """Some are OTLP/JSON, some are other shapes of JSON that clients might post here."""
    with otlp.HttpDoor(server.otlp_http) as door:
        for encoding in (None, "gzip"):
            response = door.post(path.read_bytes(), otlp.JSON, encoding)
            assert response.status_code in (200, 400), response.text
            body = response.json()
            if response.status_code == 400:
                assert body["message"]
        assert door.post(gzip.compress(path.read_bytes())).status_code in (200, 400)
    assert server.alive()


def test_the_protocols_own_example_comes_back(fresh_server):
    path = reference.FOLDER / "otlp-samples/opentelemetry-proto-examples/trace.json"
    if not path.exists():
        pytest.skip(f"no reference material at {reference.FOLDER}")
    body = path.read_bytes()
    sent = rest.from_request(decode(body, otlp.JSON))
    server = fresh_server()
    with otlp.HttpDoor(server.otlp_http) as door:
        assert door.post(body, otlp.JSON).json() == {}
    (trace_id,) = {trace_id for trace_id, _ in sent}
    assert rest.differences(sent, rest.from_trace(server.api.wait_for_trace(trace_id))) == []
