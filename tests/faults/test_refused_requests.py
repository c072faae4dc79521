"""What the OTLP specification says about requests that cannot be taken, on both doors."""

import gzip
import json
import random

import grpc
import pytest
from google.rpc import status_pb2

from support import otlp
from support.api import eventually

INVALID_ARGUMENT = 3


def status_of(response):
    """google.rpc.Status in the encoding of the answer."""
    if response.headers["Content-Type"] == otlp.JSON:
        body = response.json()
        return body.get("code", 0), body["message"]
    assert response.headers["Content-Type"] == otlp.PROTOBUF
    status = status_pb2.Status.FromString(response.content)
    return status.code, status.message


def good(trace_id=None, count=1):
    return otlp.request([otlp.span(trace_id or otlp.new_trace_id(), f"good {i}") for i in range(count)])


def nested_any_value(depth):
    """AnyValue bytes of a list in a list in a list ..., without protobuf's own limits."""

    def field(number, payload):
        return varint(number << 3 | 2) + varint(len(payload)) + payload

    value = b"\x0a\x00"
    for _ in range(depth):
        value = field(5, field(1, value))  # AnyValue.array_value.values
    return value


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def with_raw_span(trace_id, raw_span):
    """A good span and, beside it, one whose bytes a test wrote."""
    scoped = good(trace_id).resource_spans[0].scope_spans[0].SerializeToString()
    scoped += varint(2 << 3 | 2) + varint(len(raw_span)) + raw_span
    group = varint(2 << 3 | 2) + varint(len(scoped)) + scoped
    return varint(1 << 3 | 2) + varint(len(group)) + group


MALFORMED = {
    "garbage": b"this is not OTLP at all",
    "field number 0": b"\x02\x00",
    "length beyond the end": b"\x0a\xff\x01abc",
    "length of 2^63": b"\x0a" + b"\xff" * 9 + b"\x01",
    "varint that does not end": b"\x0a" + b"\xff" * 20,
    "group that does not end": b"\x0b" * 100,
    "wire type 7": b"\x0f",
    "truncated": good().SerializeToString()[:-3],
}

MALFORMED_JSON = {
    "empty": b"",
    "not json": b"{",
    "a list": b"[]",
    "a number": b"7",
    "text after the end": b'{"resourceSpans":[]} x',
    "wrong type": b'{"resourceSpans":{}}',
    "spans as text": b'{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}',
    "deep": b"[" * 100_000,
    "deep field": b'{"resourceSpans":[{"x":' + b'{"a":' * 100_000,
    "bad utf-8": b'{"resourceSpans":[{"schemaUrl":"\xff\xfe"}]}',
    "nul": b'{"resourceSpans":\0[]}',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_is_not_otlp_is_400_with_a_status_in_protobuf(http_door, api, name):
    before = api.counters()["requests_refused_malformed"]
    response = http_door.post(MALFORMED[name])
    assert response.status_code == 400
    code, message = status_of(response)
    assert code == INVALID_ARGUMENT
    assert message
    assert api.counters()["requests_refused_malformed"] == before + 1


@pytest.mark.parametrize("name", MALFORMED_JSON)
def test_a_body_that_is_not_otlp_json_is_400_with_a_status_in_json(http_door, name):
    response = http_door.post(MALFORMED_JSON[name], otlp.JSON)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == otlp.JSON
    code, message = status_of(response)
    assert code == INVALID_ARGUMENT
    assert message


@pytest.mark.parametrize("name", MALFORMED)
def test_a_message_that_is_not_otlp_is_invalid_argument_over_grpc(grpc_door, name):
    with pytest.raises(grpc.RpcError) as refused:
        grpc_door.send_bytes(MALFORMED[name])
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details()


def test_an_empty_request_is_fine(http_door, grpc_door):
    assert http_door.send(otlp.Request()) == otlp.Response()
    assert grpc_door.send(otlp.Request()) == otlp.Response()
    assert http_door.post(b"{}", otlp.JSON).json() == {}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", None, "application/grpc", ""]
)
def test_other_content_types_are_415(http_door, api, content_type):
    before = api.counters()["requests_refused_media_type"]
    response = http_door.post(good().SerializeToString(), content_type)
    assert response.status_code == 415
    assert api.counters()["requests_refused_media_type"] == before + 1


def test_other_encodings_are_415(http_door):
    for encoding in ("br", "zstd", "gzip, gzip"):
        response = http_door.post(good().SerializeToString(), headers={"Content-Encoding": encoding})
        assert response.status_code == 415, encoding


@pytest.mark.parametrize("body", [b"", b"not gzip", gzip.compress(b"x" * 1000)[:-9], b"\x1f\x8b\x08" + b"\xff" * 50])
def test_gzip_that_is_none_is_400(http_door, body):
    assert http_door.post(body, headers={"Content-Encoding": "gzip"}).status_code == 400


def test_a_gzip_bomb_is_413_and_takes_no_memory(server, http_door, api):
    before = api.counters()["requests_refused_too_large"]
    # Two gzip members of 512 MiB of zeros each, half a megabyte apiece.
    member = gzip.compress(bytes(512 << 20), 9)
    response = http_door.post(member * 2, headers={"Content-Encoding": "gzip"})
    assert response.status_code == 413
    assert status_of(response)[1]
    assert api.counters()["requests_refused_too_large"] == before + 1
    assert peak_memory(server.pid) < 1 << 30


def peak_memory(pid):
    with open(f"/proc/{pid}/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def test_a_body_above_the_limit_is_413(http_door):
    response = http_door.post(bytes((64 << 20) + 1))
    assert response.status_code == 413


def test_a_message_above_the_limit_is_resource_exhausted_over_grpc(grpc_door):
    with pytest.raises(grpc.RpcError) as refused:
        grpc_door.send_bytes(bytes((64 << 20) + 1))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_methods_and_paths_that_otlp_does_not_have(http_door):
    assert http_door.post(None, method="GET", content_type=None).status_code == 405
    assert http_door.post(b"", path="/v1/profiles").status_code == 404
    assert http_door.post(b"", path="/").status_code == 404
    assert http_door.post(b"", path="/v1/traces/../../etc/passwd").status_code == 404


def test_a_service_that_is_not_ours_is_unimplemented_over_grpc(grpc_door):
    with pytest.raises(grpc.RpcError) as refused:
        grpc_door.send_bytes(otlp.Request().SerializeToString(), method="/no.such.Service/Export")
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


BAD_SPANS = {
    "spans_refused_trace_id": [
        {"trace_id": b"short"},
        {"trace_id": bytes(16)},
        {"trace_id": b""},
        {"trace_id": b"x" * 17},
    ],
    "spans_refused_span_id": [{"span_id": b"1234567"}, {"span_id": bytes(8)}, {"span_id": b""}, {"span_id": b"x" * 9}],
    "spans_refused_parent_id": [{"parent_span_id": b"abc"}, {"parent_span_id": b"x" * 16}],
    "spans_refused_time": [
        {"start_time_unix_nano": 2**63, "end_time_unix_nano": 2**63},
        {"end_time_unix_nano": 2**64 - 1},
    ],
}


def partly_bad(trace_id):
    spans = [otlp.span(trace_id, f"good {i}") for i in range(5)]
    for fields in (f for group in BAD_SPANS.values() for f in group):
        bad = otlp.span(trace_id, "bad")
        for name, value in fields.items():
            setattr(bad, name, value)
        spans.insert(len(spans) // 2, bad)
    return otlp.request(spans, service="partly-bad")


@pytest.mark.parametrize("door", ["grpc", "protobuf", "json"])
def test_good_spans_of_a_partly_bad_request_are_kept_and_the_rest_is_told(grpc_door, http_door, api, door):
    before = api.counters()
    trace_id = otlp.new_trace_id()
    message = partly_bad(trace_id)
    if door == "grpc":
        partial = grpc_door.send(message).partial_success
        rejected, reason = partial.rejected_spans, partial.error_message
    elif door == "protobuf":
        partial = http_door.send(message).partial_success
        rejected, reason = partial.rejected_spans, partial.error_message
    else:
        response = http_door.post(json.dumps(otlp.to_json(message)).encode(), otlp.JSON)
        assert response.status_code == 200
        rejected = int(response.json()["partialSuccess"]["rejectedSpans"])
        reason = response.json()["partialSuccess"]["errorMessage"]

    assert rejected == 12
    assert "trace id" in reason and "span id" in reason
    trace = api.wait_for_trace(trace_id.hex(), spans=5)
    assert sorted(s["name"] for s in trace["spans"]) == [f"good {i}" for i in range(5)]
    after = api.counters()
    for counter, spans in BAD_SPANS.items():
        assert after[counter] == before[counter] + len(spans)


def test_a_request_of_bad_spans_only_is_answered_200_with_the_count(http_door):
    bad = otlp.span(b"short")
    partial = http_door.send(otlp.request([bad, bad])).partial_success
    assert partial.rejected_spans == 2
    assert partial.error_message


@pytest.mark.parametrize("depth", [33, 200, 20_000])
def test_a_value_nested_too_deep_costs_only_its_span(http_door, grpc_door, api, depth):
    trace_id = otlp.new_trace_id()
    deep = otlp.span(trace_id, "deep").SerializeToString()
    key_value = b"\x0a\x01k" + varint(2 << 3 | 2) + (lambda v: varint(len(v)) + v)(nested_any_value(depth))
    deep += varint(9 << 3 | 2) + varint(len(key_value)) + key_value
    body = with_raw_span(trace_id, deep)

    response = http_door.post(body)

    assert response.status_code == 200
    assert otlp.Response.FromString(response.content).partial_success.rejected_spans == 1
    assert grpc_door.send_bytes(body).partial_success.rejected_spans == 1
    assert [s["name"] for s in api.wait_for_trace(trace_id.hex())["spans"]] == ["good 0"]


def test_a_span_with_unreadable_bytes_costs_only_itself(http_door, api):
    trace_id = otlp.new_trace_id()
    before = api.counters()["spans_refused_malformed"]
    response = http_door.post(with_raw_span(trace_id, otlp.span(trace_id, "cut").SerializeToString()[:-1]))
    assert response.status_code == 200
    assert otlp.Response.FromString(response.content).partial_success.rejected_spans == 1
    assert api.wait_for_trace(trace_id.hex())["spans"][0]["name"] == "good 0"
    assert api.counters()["spans_refused_malformed"] == before + 1


def test_links_with_bad_ids_are_dropped_and_counted_on_their_span(http_door, api):
    trace_id = otlp.new_trace_id()
    span = otlp.span(
        trace_id,
        "linked",
        links=[
            otlp.Span.Link(trace_id=b"short", span_id=otlp.new_span_id()),
            otlp.Span.Link(trace_id=trace_id, span_id=otlp.new_span_id()),
        ],
        dropped_links_count=1,
    )
    assert http_door.send(otlp.request([span])) == otlp.Response()
    (shown,) = api.wait_for_trace(trace_id.hex())["spans"]
    assert len(shown["links"]) == 1
    assert shown["droppedLinksCount"] == 2


def test_random_and_mutated_bytes_never_give_a_server_error(server, http_door, grpc_door, api):
    chance = random.Random(11)
    template = good(count=20).SerializeToString()
    for _ in range(300):
        body = bytearray(template)
        if chance.random() < 0.3:
            body = bytearray(chance.randbytes(chance.randrange(2000)))
        elif chance.random() < 0.5:
            del body[chance.randrange(len(body)) :]
        for _ in range(chance.randrange(8)):
            if body:
                body[chance.randrange(len(body))] = chance.randrange(256)
        response = http_door.post(bytes(body))
        assert response.status_code in (200, 400), response.status_code
        try:
            grpc_door.send_bytes(bytes(body))
            assert response.status_code == 200
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert response.status_code == 400
    assert server.alive()


def test_mutated_json_never_gives_a_server_error(server, http_door):
    chance = random.Random(12)
    template = json.dumps(otlp.to_json(good(count=3))).encode()
    for _ in range(300):
        body = bytearray(template)
        for _ in range(1 + chance.randrange(4)):
            where = chance.randrange(len(body))
            body[where : where + chance.randrange(3)] = chance.choice(
                [b'"', b"{", b"}", b"[", b",", b"\\", b"\xff", b"1e999", b"null"]
            )
        assert http_door.post(bytes(body), otlp.JSON).status_code in (200, 400)
    assert server.alive()


def test_what_was_received_is_what_was_acknowledged_and_stored(api):
    counters = api.wait_until_drained()
    assert counters["spans_received"] == counters["spans_acknowledged"] == counters["spans_stored"]
    assert eventually(lambda: api.get("/readyz"), lambda r: r["ready"])
