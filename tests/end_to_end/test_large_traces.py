"""Traces of 10,000 and 100,000 spans."""

import time

import pytest
from opentelemetry.proto.trace.v1 import trace_pb2

from support import otlp, tempopb
from support.api import Api
from support.otlp import MS


def send_trace(server, size, per_request=5000):
    """A tree: the span n hangs under the span n // 8."""
    trace_id = otlp.new_trace_id()
    start = time.time_ns() - size * MS
    ids = [(n + 1).to_bytes(8, "big") for n in range(size)]
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for first in range(0, size, per_request):
            door.send(
                otlp.request(
                    [
                        otlp.span(
                            trace_id,
                            f"step {n % 50}",
                            span_id=ids[n],
                            parent=ids[n // 8] if n else b"",
                            start=start + n * MS,
                            duration=(size - n) * MS if n == 0 else MS,
                            attributes={"n": n, "model": "gpt-4"},
                        )
                        for n in range(first, min(first + per_request, size))
                    ],
                    service="large",
                )
            )
    return trace_id.hex(), ids


def check_whole(api, trace_id, ids):
    trace = api.wait_for_trace(trace_id, spans=len(ids))
    assert trace["span_count"] == len(trace["spans"]) == len(ids)
    assert {s["spanId"] for s in trace["spans"]} == {i.hex() for i in ids}
    assert trace["completeness"]["complete"]
    assert trace["completeness"]["duplicate_spans"] == 0
    assert len(trace["resources"]) == len(trace["scopes"]) == 1
    starts = [int(s["startTimeUnixNano"]) for s in trace["spans"]]
    assert starts == sorted(starts)
    (item,) = [t for t in api.traces(service="large") if t["trace_id"] == trace_id]
    assert (item["span_count"], item["name"], item["root_missing"]) == (len(ids), "step 0", False)


def check_tempo(server, trace_id, size):
    """Both encodings of both versions; the messages of a large trace are merged, as protobuf has it."""
    tempo = Api(server.ready["tempo"])
    protobuf = {"Accept": "application/protobuf"}
    first = tempo.raw(f"/api/traces/{trace_id}", headers=protobuf)
    groups = trace_pb2.TracesData.FromString(first.content).resource_spans
    assert len({s.span_id for g in groups for scoped in g.scope_spans for s in scoped.spans}) == size
    second = tempo.raw(f"/api/v2/traces/{trace_id}", headers=protobuf)
    answer = tempopb.TraceByIDResponse.FromString(second.content)
    assert sum(len(scoped.spans) for g in answer.trace.resourceSpans for scoped in g.scope_spans) == size
    (batch,) = tempo.get(f"/api/traces/{trace_id}")["batches"]
    assert sum(len(scoped["spans"]) for scoped in batch["scopeSpans"]) == size
    (found,) = [t for t in tempo.get("/api/search", q='{ name = "step 0" }')["traces"] if t["traceID"] == trace_id]
    assert found["serviceStats"]["large"]["spanCount"] == size
    for_models = tempo.raw(f"/api/v2/traces/{trace_id}", headers={"Accept": "application/vnd.grafana.llm"})
    trace = for_models.json()["trace"]
    assert (trace["spanCount"], trace["spansLeftOut"]) == (size, size - 500)


@pytest.mark.parametrize("size", [10_000, 100_000])
def test_a_large_trace_comes_back_whole(server, api, size):
    trace_id, ids = send_trace(server, size)
    check_whole(api, trace_id, ids)
    jaeger = api.get(f"/api/traces/{trace_id}")["data"][0]
    assert len(jaeger["spans"]) == size
    assert len(jaeger["processes"]) == 1
    check_tempo(server, trace_id, size)


def test_a_span_of_several_megabytes_comes_back_whole(server, api):
    trace_id = otlp.new_trace_id()
    prompt = "what is told here is long; " * 200_000
    with otlp.HttpDoor(server.otlp_http) as door:
        door.send(otlp.request([otlp.span(trace_id, attributes={"gen_ai.input.messages": prompt})]), encoding="gzip")
    (span,) = api.wait_for_trace(trace_id.hex())["spans"]
    assert span["attributes"][0]["value"]["stringValue"] == prompt


def test_a_span_with_thousands_of_attributes_events_and_links(server, api):
    trace_id = otlp.new_trace_id()
    span = otlp.span(
        trace_id,
        attributes={f"key.{n}": n for n in range(3000)},
        events=[otlp.event(f"chunk {n}", n=n) for n in range(3000)],
        links=[otlp.Span.Link(trace_id=otlp.new_trace_id(), span_id=otlp.new_span_id()) for _ in range(1000)],
    )
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([span]))
    (shown,) = api.wait_for_trace(trace_id.hex())["spans"]
    assert [a["key"] for a in shown["attributes"]] == [f"key.{n}" for n in range(3000)]
    assert [e["name"] for e in shown["events"]] == [f"chunk {n}" for n in range(3000)]
    assert len(shown["links"]) == 1000
