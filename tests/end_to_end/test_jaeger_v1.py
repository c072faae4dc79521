"""The Jaeger query API as jaeger-ui, Grafana and `curl` read it."""

import base64
import json
import time

import pytest

from end_to_end.test_calls import chat
from support import otlp
from support.api import eventually
from support.otlp import MS, SECOND


@pytest.fixture(scope="module")
def world(server):
    now = time.time_ns() // MS * MS - 60 * SECOND
    trace_id = otlp.new_trace_id()
    elsewhere = otlp.Span.Link(
        trace_id=otlp.new_trace_id(), span_id=otlp.new_span_id(), attributes=otlp.key_values({"link.why": "retry"})
    )
    root = otlp.span(
        trace_id,
        "GET /ask",
        start=now,
        duration=2 * SECOND,
        kind=2,
        trace_state="a=b",
        links=[elsewhere],
        attributes={
            "http.route": "/ask",
            "n": 7,
            "big": 2**53 + 1,
            "ratio": 0.5,
            "yes": True,
            "no": False,
            "raw": b"\x00\xff",
            "list": ["a", 1],
            "map": {"k": "v"},
        },
    )
    root.status.code = 1
    call = otlp.span(
        trace_id,
        "chat",
        parent=root.span_id,
        start=now + 100 * MS + 999,
        duration=SECOND,
        kind=3,
        error="rate limited",
        attributes={"model": "gpt-4", "error.type": "429"},
        events=[otlp.event("exception", now + 200 * MS, **{"exception.message": "slow down", "attempt": 2})],
    )
    other = otlp.new_trace_id()
    ids = {"ask": trace_id, "other": other, "elsewhere": elsewhere, "root": root, "call": call, "now": now}
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(
            otlp.Request(
                resource_spans=[
                    otlp.resource_spans(
                        [root, otlp.span(other, "GET /other", start=now - SECOND, duration=5 * MS)],
                        service="front",
                        scope="web",
                        scope_version="3",
                        resource={"host.name": "h1", "cpus": 4},
                    ),
                    otlp.resource_spans([call], service="llm-service", scope="llm", scope_version=""),
                ]
            )
        )
    server.api.wait_for_traces(2)
    return ids


def envelope(answer):
    assert set(answer) == {"data", "total", "limit", "offset", "errors"}
    assert answer["errors"] is None
    return answer["data"]


def tags(of):
    found = {}
    for tag in of:
        assert set(tag) == {"key", "type", "value"}
        assert tag["key"] not in found
        found[tag["key"]] = (tag["type"], tag["value"])
    return found


def test_curl_of_the_guide_gives_the_trace_as_jaeger_would(world, api):
    (trace,) = envelope(api.get("/api/traces", service="llm-service"))

    assert set(trace) == {"traceID", "spans", "processes", "warnings"}
    assert trace["traceID"] == world["ask"].hex()
    spans = {s["operationName"]: s for s in trace["spans"]}
    assert set(spans) == {"GET /ask", "chat"}
    for span in trace["spans"]:
        assert {
            "traceID",
            "spanID",
            "operationName",
            "references",
            "startTime",
            "duration",
            "tags",
            "logs",
            "processID",
            "warnings",
        } <= set(span)
        assert span["processID"] in trace["processes"]
    processes = {p["serviceName"]: tags(p["tags"]) for p in trace["processes"].values()}
    assert processes["front"] == {"host.name": ("string", "h1"), "cpus": ("int64", 4)}
    assert processes["llm-service"] == {}
    assert trace["processes"][spans["chat"]["processID"]]["serviceName"] == "llm-service"


def test_references_times_and_ids(world, api):
    (trace,) = envelope(api.get(f"/api/traces/{world['ask'].hex()}"))
    spans = {s["operationName"]: s for s in trace["spans"]}
    root, call = spans["GET /ask"], spans["chat"]

    assert root["traceID"] == world["ask"].hex()
    assert root["spanID"] == world["root"].span_id.hex()
    assert root["startTime"] == world["now"] // 1000
    assert root["duration"] == 2_000_000
    assert root["references"] == [
        {
            "refType": "FOLLOWS_FROM",
            "traceID": world["elsewhere"].trace_id.hex(),
            "spanID": world["elsewhere"].span_id.hex(),
        }
    ]
    assert call["references"] == [
        {"refType": "CHILD_OF", "traceID": world["ask"].hex(), "spanID": world["root"].span_id.hex()}
    ]
    assert call["startTime"] == world["now"] // 1000 + 100_000


def test_tags_carry_types_kind_status_and_scope(world, api):
    (trace,) = envelope(api.get(f"/api/traces/{world['ask'].hex()}"))
    spans = {s["operationName"]: tags(s["tags"]) for s in trace["spans"]}
    root, call = spans["GET /ask"], spans["chat"]

    assert root["http.route"] == ("string", "/ask")
    assert root["n"] == ("int64", 7)
    # Beyond what JavaScript's numbers can say Jaeger writes text.
    assert root["big"] == ("int64", str(2**53 + 1))
    assert root["ratio"] == ("float64", 0.5)
    assert (root["yes"], root["no"]) == (("bool", True), ("bool", False))
    assert root["raw"][0] == "binary"
    assert base64.b64decode(root["raw"][1]) == b"\x00\xff"
    assert root["list"][0] == "string"
    assert json.loads(root["list"][1]) == ["a", 1]
    assert json.loads(root["map"][1]) == {"k": "v"}
    assert root["span.kind"] == ("string", "server")
    assert root["otel.status_code"] == ("string", "OK")
    assert root["otel.scope.name"] == ("string", "web")
    assert root["otel.scope.version"] == ("string", "3")
    assert root["w3c.tracestate"] == ("string", "a=b")
    assert "error" not in root

    assert call["span.kind"] == ("string", "client")
    assert call["error"] == ("bool", True)
    assert call["otel.status_code"] == ("string", "ERROR")
    assert call["otel.status_description"] == ("string", "rate limited")
    assert call["otel.scope.name"] == ("string", "llm")
    assert "otel.scope.version" not in call


def test_events_are_logs_with_their_name_in_the_field_event(world, api):
    (trace,) = envelope(api.get(f"/api/traces/{world['ask'].hex()}"))
    (call,) = [s for s in trace["spans"] if s["operationName"] == "chat"]
    (log,) = call["logs"]
    assert log["timestamp"] == (world["now"] + 200 * MS) // 1000
    assert tags(log["fields"]) == {
        "event": ("string", "exception"),
        "exception.message": ("string", "slow down"),
        "attempt": ("int64", 2),
    }
    (root,) = [s for s in trace["spans"] if s["operationName"] == "GET /ask"]
    assert root["logs"] == []


def test_services_and_operations(world, api):
    answer = api.get("/api/services")
    assert sorted(envelope(answer)) == ["front", "llm-service"]
    assert answer["total"] == 2
    assert sorted(envelope(api.get("/api/services/front/operations"))) == ["GET /ask", "GET /other"]
    operations = envelope(api.get("/api/operations", service="front"))
    assert {"name": "GET /ask", "spanKind": "server"} in operations
    assert [o["name"] for o in envelope(api.get("/api/operations", service="front", spanKind="server"))] == ["GET /ask"]
    assert envelope(api.get("/api/services/nobody/operations")) in ([], None)


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, {"ask", "other"}),
        ({"operation": "GET /ask"}, {"ask"}),
        ({"operation": "chat"}, set()),
        ({"tags": '{"http.route":"/ask"}'}, {"ask"}),
        ({"tags": '{"http.route":"/ask","n":"7"}'}, {"ask"}),
        ({"tags": '{"yes":"true"}'}, {"ask"}),
        ({"tags": '{"http.route":"/ask","n":"8"}'}, set()),
        ({"tags": '{"host.name":"h1"}'}, {"ask", "other"}),
        ({"tag": "http.route:/ask"}, {"ask"}),
        ({"minDuration": "1s"}, {"ask"}),
        ({"minDuration": "1.5s", "maxDuration": "3s"}, {"ask"}),
        ({"maxDuration": "100ms"}, {"other"}),
        ({"limit": "1"}, {"ask"}),
        ({"lookback": "1h"}, {"ask", "other"}),
        ({"lookback": "2d"}, {"ask", "other"}),
        ({"lookback": "custom"}, {"ask", "other"}),
    ],
    ids=str,
)
def test_search_filters(world, api, filters, expected):
    found = envelope(api.get("/api/traces", service="front", **filters))
    assert {t["traceID"] for t in found} == {world[name].hex() for name in expected}


@pytest.mark.parametrize(
    "filters",
    [{"tags": '{"error":"true"}'}, {"tags": '{"span.kind":"client"}'}, {"tags": '{"otel.status_code":"ERROR"}'}],
    ids=str,
)
def test_tags_that_jaeger_makes_of_status_and_kind_can_be_searched(world, api, filters):
    assert len(envelope(api.get("/api/traces", service="llm-service", **filters))) == 1
    assert envelope(api.get("/api/traces", service="front", **filters)) == []


# Jaeger finds a tag on a span, its process, its logs and, since version 2, its scope and links.
@pytest.mark.parametrize(
    "service, found, tags",
    [
        ("front", 1, {"http.route": "/ask"}),
        ("front", 2, {"cpus": "4"}),
        ("front", 2, {"resource.host.name": "h1"}),
        ("front", 0, {"resource.http.route": "/ask"}),
        ("front", 2, {"scope.name": "web"}),
        ("front", 2, {"otel.scope.name": "web", "otel.scope.version": "3"}),
        ("front", 0, {"scope.name": "we"}),
        ("front", 0, {"scope.version": "4"}),
        ("front", 1, {"span.status": "ok"}),
        ("front", 1, {"span.kind": "SERVER"}),
        ("front", 1, {"link.why": "retry"}),
        ("llm-service", 1, {"exception.message": "slow down"}),
        ("llm-service", 1, {"attempt": "2"}),
        ("llm-service", 1, {"attempt": "2", "model": "gpt-4"}),
        ("llm-service", 0, {"attempt": "3"}),
        ("llm-service", 1, {"event": "exception"}),
        ("llm-service", 0, {"event": "except"}),
        ("llm-service", 0, {"exception.message": "slow"}),
    ],
    ids=str,
)
def test_tags_are_found_where_jaeger_finds_them(world, api, service, found, tags):
    assert len(envelope(api.get("/api/traces", service=service, tags=json.dumps(tags)))) == found
    pairs = [f"{key}:{value}" for key, value in tags.items()]
    assert len(envelope(api.get("/api/traces", service=service, tag=pairs))) == found


def test_start_and_end_are_microseconds(world, api):
    start = world["now"] // 1000
    found = envelope(api.get("/api/traces", service="front", start=start - 1000, end=start + 1000))
    assert [t["traceID"] for t in found] == [world["ask"].hex()]
    assert envelope(api.get("/api/traces", service="front", start=start + 1000, end=start + 2000)) == []


def test_traces_can_be_asked_for_by_their_ids(world, api):
    found = envelope(api.get("/api/traces", traceID=[world["ask"].hex(), world["other"].hex()]))
    assert {t["traceID"] for t in found} == {world["ask"].hex(), world["other"].hex()}


@pytest.mark.parametrize(
    "path, parameters, status",
    [
        ("/api/traces", {}, 400),
        ("/api/traces", {"service": "front", "limit": "x"}, 400),
        ("/api/traces", {"service": "front", "tags": "not json"}, 400),
        ("/api/traces", {"service": "front", "minDuration": "soon"}, 400),
        ("/api/traces", {"service": "front", "minDuration": "2s", "maxDuration": "1s"}, 400),
        ("/api/traces", {"service": "front", "start": "noon"}, 400),
        ("/api/traces/xyz", {}, 400),
        ("/api/traces/" + "ab" * 16, {}, 404),
        ("/api/operations", {}, 400),
        ("/api/dependencies", {"endTs": "now"}, 400),
    ],
    ids=str,
)
def test_errors_have_jaegers_shape(world, api, path, parameters, status):
    answer = api.error(path, status, **parameters)
    assert answer["data"] is None
    (error,) = answer["errors"]
    assert error["code"] == status
    assert error["msg"]


def test_calls_have_tags_of_what_is_known_of_them_beside_the_senders_own(server, api):
    trace_id = otlp.new_trace_id()
    root = otlp.span(trace_id, "request")
    call = chat(trace_id, user="ann", parent=root.span_id)
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([root, call], service="llm"))
    eventually(
        lambda: api.get("/api/v1/calls", trace_id=trace_id.hex())["items"], lambda items: len(items) == 1
    )
    # Calls and spans are blocks of their own: one may be stored before the other.
    api.wait_for_trace(trace_id.hex(), spans=2)
    (trace,) = envelope(api.get(f"/api/traces/{trace_id.hex()}"))
    spans = {s["operationName"]: tags(s["tags"]) for s in trace["spans"]}
    known = {key: value for key, value in spans["chat gpt-4o"].items() if key.startswith("call.")}
    assert known == {
        "call.kind": ("string", "llm"),
        "call.provider": ("string", "openai"),
        "call.request_model": ("string", "gpt-4o"),
        "call.user": ("string", "ann"),
        "call.input_tokens": ("int64", 1000),
        "call.output_tokens": ("int64", 100),
        "call.cost_status": ("string", "computed"),
        "call.cost": ("float64", pytest.approx(0.0035)),
    }
    assert spans["chat gpt-4o"]["gen_ai.usage.input_tokens"] == ("int64", 1000)
    assert not [key for key in spans["request"] if key.startswith("call.")]


def test_a_trace_id_of_64_bits_is_taken_short_and_told_in_16_digits_as_jaeger_does(server, api):
    short = bytes(8) + otlp.new_span_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(short)], service="short"))
    api.wait_for_trace(short.hex())
    (trace,) = envelope(api.get(f"/api/traces/{short.hex()[16:].lstrip('0')}"))
    assert trace["traceID"] == short.hex()[16:]


def test_dependencies_count_calls_between_services(world, api):
    end = time.time_ns() // MS
    links = envelope(api.get("/api/dependencies", endTs=end, lookback=86_400_000))
    assert [link for link in links if link["parent"] == "front"] == [
        {"parent": "front", "child": "llm-service", "callCount": 1}
    ]
    assert envelope(api.get("/api/dependencies", endTs=end - 86_400_000 * 7, lookback=1000)) == []
