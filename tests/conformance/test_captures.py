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
        if key in ("traceId", "spanId", "parentSpanId") and isinstance(value, str) else ids_as_base64(value)
        for key, value in of.items()
    }


def send_as_the_client_did(server, body, meta):
    if meta["transport"] == "grpc":
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            assert door.send_bytes(body) == otlp.Response()
        return
    with otlp.HttpDoor(server.otlp_http) as door:
        encoding = meta.get("encoding") if meta.get("encoding") != "identity" else None
        response = door.post(body, meta["content-type"], encoding, headers={"User-Agent": meta["user-agent"]})
    assert response.status_code == 200, response.content
    answered = otlp.Response.FromString(response.content) if meta["content-type"] != otlp.JSON else response.json()
    assert answered == (otlp.Response() if meta["content-type"] != otlp.JSON else {})


@pytest.mark.parametrize("body_path, meta", reference.captures())
def test_a_captured_request_comes_back_whole(server, api, body_path, meta):
    body = body_path.read_bytes()
    sent = rest.from_request(decode(body, meta["content-type"]))

    send_as_the_client_did(server, body, meta)

    for trace_id in sorted({trace_id for trace_id, _ in sent}):
        mine = {ids: spans for ids, spans in sent.items() if ids[0] == trace_id}
        trace = api.wait_for_trace(trace_id, spans=sum(len(s) for s in mine.values()))
        # Other requests of the same client may have added to the trace.
        shown = rest.from_trace(trace)
        for ids, spans in mine.items():
            assert shown[ids] == spans


def test_all_captures_together_add_up(fresh_server):
    captures = [parameter.values for parameter in reference.captures() if parameter.values[0]]
    if not captures:
        pytest.skip(f"no reference material at {reference.FOLDER}")
    server = fresh_server()
    expected = 0
    for body_path, meta in captures:
        body = body_path.read_bytes()
        expected += sum(len(spans) for spans in rest.from_request(decode(body, meta["content-type"])).values())
        send_as_the_client_did(server, body, meta)

    counters = server.api.wait_until_drained()

    assert counters["spans_received"] == counters["spans_stored"] == expected
    assert sum(s["span_count"] for s in server.api.get("/api/v1/services", start=0)["items"]) == expected
    losses = {c["name"]: c["value"] for c in server.api.get("/api/v1/counters")["items"] if c["severity"] == "loss"}
    assert set(losses.values()) == {0}, losses


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


def test_the_protocols_own_example_comes_back(server, api):
    path = reference.FOLDER / "otlp-samples/opentelemetry-proto-examples/trace.json"
    if not path.exists():
        pytest.skip(f"no reference material at {reference.FOLDER}")
    body = path.read_bytes()
    sent = rest.from_request(decode(body, otlp.JSON))
    with otlp.HttpDoor(server.otlp_http) as door:
        assert door.post(body, otlp.JSON).json() == {}
    for ids, spans in sent.items():
        assert spans[0] in rest.from_trace(api.wait_for_trace(ids[0]))[ids]
