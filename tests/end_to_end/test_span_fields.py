"""Every field of a span survives the way from the wire to the REST API, whichever door it takes."""

import grpc
import json
import gzip

import pytest
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from support import otlp, rest

NESTED = {
    "role": "assistant",
    "parts": [
        {"type": "text", "content": "Grüße, 世界 👋"},
        {"type": "tool", "arguments": {"n": [1, 2.5, None, b"\x00\xff"]}},
    ],
}

EVERY_KIND_OF_VALUE = {
    "string": "plain",
    "string.empty": "",
    "string.unicode": "naïve — 日本語 🚀 \u202e right to left",
    "string.control": 'tab\t newline\n nul\x00 bell\x07 quote" backslash\\',
    "string.long": "x" * 70_000,
    "bool.true": True,
    "bool.false": False,
    "int.zero": 0,
    "int.max": 2**63 - 1,
    "int.min": -(2**63),
    "int.above_2_53": 2**53 + 1,
    "double.zero": 0.0,
    "double.negative_zero": -0.0,
    "double.third": 1 / 3,
    "double.tiny": 5e-324,
    "double.huge": 1.7976931348623157e308,
    "double.nan": float("nan"),
    "double.infinity": float("inf"),
    "double.minus_infinity": float("-inf"),
    "bytes": bytes(range(256)),
    "bytes.empty": b"",
    "array.mixed": ["a", 1, 2.5, True, b"\x01", [], {}],
    "array.empty": [],
    "map.nested": NESTED,
    "map.empty": {},
    "unset": None,
    'key with space, ünïcode and "quotes"': "kept",
}


ENTITY_REFS = [
    common_pb2.EntityRef(
        schema_url="https://opentelemetry.io/schemas/1.30.0",
        type="service",
        id_keys=["service.name"],
        description_keys=["service.version", "ünïcode"],
    ),
    common_pb2.EntityRef(type="host"),
]


def everything(trace_id):
    start = 1_790_000_000_123_456_789
    root = otlp.span(
        trace_id,
        "root",
        start=start,
        duration=1_234_567_891,
        kind=trace_pb2.Span.SPAN_KIND_SERVER,
        attributes=EVERY_KIND_OF_VALUE,
        trace_state="vendor=value,other=1",
        flags=0x301,
        dropped_attributes_count=3,
        dropped_events_count=4,
        dropped_links_count=5,
        events=[
            otlp.event(
                "exception", start + 5, 2, **{"exception.type": "ValueError", "exception.message": "bad\nvalue"}
            ),
            otlp.event("nested", start + 6, **EVERY_KIND_OF_VALUE),
            otlp.event("", start + 7),
        ],
        links=[
            otlp.Span.Link(
                trace_id=otlp.new_trace_id(),
                span_id=otlp.new_span_id(),
                trace_state="a=b",
                flags=0x101,
                attributes=otlp.key_values({"why": "batch", "nested": NESTED}),
                dropped_attributes_count=6,
            ),
            otlp.Span.Link(trace_id=trace_id, span_id=otlp.new_span_id()),
        ],
        error="it did not work: 429",
    )
    children = [
        otlp.span(trace_id, f"kind {kind}", parent=root.span_id, start=start + kind, kind=kind) for kind in range(6)
    ]
    unfinished = otlp.span(trace_id, "", parent=root.span_id, start=start + 10, duration=0)
    ok = otlp.span(trace_id, "fine", parent=root.span_id, start=start + 11)
    ok.status.code = trace_pb2.Status.STATUS_CODE_OK
    told_twice = otlp.span(trace_id, "one key twice", parent=root.span_id, start=start + 12)
    told_twice.attributes.extend(otlp.key_values({"key": "first"}) + otlp.key_values({"key": "second"}))

    first = otlp.resource_spans([root, *children], service="everything", resource=EVERY_KIND_OF_VALUE)
    first.schema_url = "https://opentelemetry.io/schemas/1.30.0"
    first.resource.dropped_attributes_count = 7
    first.resource.entity_refs.extend(ENTITY_REFS)
    first.scope_spans[0].schema_url = "https://opentelemetry.io/schemas/1.31.0"
    first.scope_spans[0].scope.attributes.extend(otlp.key_values(EVERY_KIND_OF_VALUE))
    first.scope_spans[0].scope.dropped_attributes_count = 8
    second = otlp.resource_spans([unfinished, ok], service="everything-else", scope="other", scope_version="")
    bare = trace_pb2.ResourceSpans(
        resource=resource_pb2.Resource(),
        scope_spans=[trace_pb2.ScopeSpans(scope=common_pb2.InstrumentationScope(), spans=[told_twice])],
    )
    return otlp.Request(resource_spans=[first, second, bare])


def through_grpc(server, message):
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        return door.send(message)


def through_grpc_gzip(server, message):
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        return door.send(message, compression=grpc.Compression.Gzip)


def through_http(server, message):
    with otlp.HttpDoor(server.otlp_http) as door:
        return door.send(message)


def through_http_gzip(server, message):
    with otlp.HttpDoor(server.otlp_http) as door:
        return door.send(message, encoding="gzip")


def through_json(server, message, encoding=None):
    with otlp.HttpDoor(server.otlp_http) as door:
        response = door.post(json.dumps(otlp.to_json(message)).encode(), otlp.JSON, encoding)
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == otlp.JSON
        return otlp.Response() if response.json() == {} else response.json()


def through_json_gzip(server, message):
    return through_json(server, message, "gzip")


DOORS = [through_grpc, through_grpc_gzip, through_http, through_http_gzip, through_json, through_json_gzip]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_every_field_survives(server, api, door):
    trace_id = otlp.new_trace_id()
    message = everything(trace_id)
    assert door(server, message) == otlp.Response()

    trace = api.wait_for_trace(trace_id.hex(), spans=10)

    assert rest.differences(rest.from_request(message), rest.from_trace(trace)) == []


def test_fields_that_are_zero_or_empty_are_left_out(grpc_door, api):
    trace_id = otlp.new_trace_id()
    grpc_door.send(otlp.request([otlp.span(trace_id, "small")]))

    (span,) = api.wait_for_trace(trace_id.hex())["spans"]

    assert set(span) == {
        "traceId",
        "spanId",
        "parentSpanId",
        "name",
        "kind",
        "startTimeUnixNano",
        "endTimeUnixNano",
        "attributes",
        "status",
        "service",
        "resource",
        "scope",
    }
    assert span["parentSpanId"] == ""
    assert span["status"] == {"code": 0}


def test_a_parent_id_of_zeros_is_no_parent(grpc_door, api):
    trace_id = otlp.new_trace_id()
    grpc_door.send(otlp.request([otlp.span(trace_id, parent=bytes(8))]))

    trace = api.wait_for_trace(trace_id.hex())

    assert trace["spans"][0]["parentSpanId"] == ""
    assert not trace["completeness"]["root_missing"]


def test_several_resources_of_one_service_stay_apart(grpc_door, api):
    trace_id = otlp.new_trace_id()
    grpc_door.send(
        otlp.Request(
            resource_spans=[
                otlp.resource_spans([otlp.span(trace_id, f"on {host}")], service="twins", resource={"host.name": host})
                for host in ("a", "b")
            ]
        )
    )

    trace = api.wait_for_trace(trace_id.hex(), spans=2)

    hosts = {
        span["name"]: {a["key"]: a["value"] for a in trace["resources"][span["resource"]]["attributes"]}["host.name"]
        for span in trace["spans"]
    }
    assert hosts == {"on a": {"stringValue": "a"}, "on b": {"stringValue": "b"}}


def test_json_takes_integers_as_numbers_and_as_strings_and_enums_by_name(http_door, api):
    trace_id = otlp.new_trace_id()
    body = {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": trace_id.hex().upper(),
                                "spanId": "00000000000000AB",
                                "name": "hand-written",
                                "kind": "SPAN_KIND_CLIENT",
                                "startTimeUnixNano": "1790000000000000001",
                                "endTimeUnixNano": 1790000000000000002,
                                "attributes": [
                                    {"key": "text", "value": {"intValue": "9007199254740993"}},
                                    {"key": "number", "value": {"intValue": 7}},
                                ],
                                "status": {"code": "STATUS_CODE_ERROR"},
                                "aFieldOfTheFuture": {"deep": [1, 2]},
                            }
                        ]
                    }
                ]
            }
        ]
    }
    assert http_door.post(json.dumps(body).encode(), "application/json; charset=utf-8").status_code == 200

    (span,) = api.wait_for_trace(trace_id.hex())["spans"]

    assert span["traceId"] == trace_id.hex()
    assert span["spanId"] == "00000000000000ab"
    assert span["kind"] == 3
    assert span["status"] == {"code": 2}
    assert (span["startTimeUnixNano"], span["endTimeUnixNano"]) == ("1790000000000000001", "1790000000000000002")
    assert [a["value"] for a in span["attributes"]] == [{"intValue": "9007199254740993"}, {"intValue": "7"}]


def test_chunked_bodies_are_read_to_their_end(server, api):
    trace_id = otlp.new_trace_id()
    body = gzip.compress(otlp.request([otlp.span(trace_id, attributes={"x": "y" * 100_000})]).SerializeToString())
    pieces = (body[i : i + 100] for i in range(0, len(body), 100))
    with otlp.HttpDoor(server.otlp_http) as door:
        response = door.post(pieces, headers={"Content-Encoding": "gzip"})
    assert response.status_code == 200
    api.wait_for_trace(trace_id.hex())
