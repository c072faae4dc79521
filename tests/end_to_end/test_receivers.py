"""What real OTLP clients do beside sending well-formed requests: both families of localhost,
compressions, browsers, deadlines, many calls at once."""

import gzip
import json
import socket
import time
import zlib

import grpc
import pytest
import requests
from google.rpc import status_pb2

from support import otlp
from support.api import Api
from support.process import Server

LIMIT = 4 << 20
ORIGIN = "http://localhost:5173"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    flags = ["--request-bytes", LIMIT, "--cors-origins", "http://localhost:*, https://app.example"]
    with Server(tmp_path_factory.mktemp("server"), *flags) as started:
        yield started
        assert started.alive(), started.stderr()


def one_span(**more):
    return otlp.request([otlp.span(otlp.new_trace_id(), **more)])


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


FAMILIES = [
    "127.0.0.1",
    pytest.param("[::1]", marks=pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")),
]


@pytest.mark.parametrize("host", FAMILIES)
def test_localhost_reaches_every_port_whichever_address_a_client_takes_it_for(server, host):
    trace_id = otlp.new_trace_id()
    at = {name: f"{host}:{server.ready[name].rsplit(':', 1)[1]}" for name in ("http", "otlp_grpc", "otlp_http")}
    with otlp.GrpcDoor(at["otlp_grpc"]) as door:
        door.send(otlp.request([otlp.span(trace_id)]))
    with otlp.HttpDoor(at["otlp_http"]) as door:
        door.send(otlp.request([otlp.span(trace_id)]))
    assert Api(at["http"]).wait_for_trace(trace_id.hex(), spans=2)


def refused(call):
    with pytest.raises(grpc.RpcError) as error:
        call()
    return error.value.code(), error.value.details()


# --- gRPC -----------------------------------------------------------------------------


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compressed_messages_are_taken(grpc_door, compression):
    assert grpc_door.send(one_span(attributes={"text": "x" * 100_000}), compression=compression) == otlp.Response()


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_a_message_above_the_limit_is_resource_exhausted(grpc_door, compression):
    large = one_span(attributes={"text": "x" * (LIMIT + 1)})
    code, details = refused(lambda: grpc_door.send(large, compression=compression))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(LIMIT) in details


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def test_a_message_that_unpacks_to_far_more_than_the_limit_takes_no_memory(server, grpc_door, api):
    before = resident_kib(server.pid), api.counters()["requests_refused_too_large"]
    bomb = bytes(400 << 20)
    code, _ = refused(lambda: grpc_door.send_bytes(bomb, compression=grpc.Compression.Gzip))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert resident_kib(server.pid) - before[0] < 100 << 10
    assert api.counters()["requests_refused_too_large"] == before[1] + 1


def test_bytes_that_only_look_compressed_are_invalid_argument(grpc_door):
    for bytes_ in (b"\x1f\x8b not gzip", b"\x78\x9c not zlib"):
        assert refused(lambda: grpc_door.send_bytes(bytes_))[0] == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("name, begins", [("zstd", b"\x28\xb5\x2f\xfd"), ("snappy", b"\xff\x06\x00\x00sNaPpY")])
def test_compressions_that_grpc_does_not_know_are_unimplemented_and_named(grpc_door, name, begins):
    code, details = refused(lambda: grpc_door.send_bytes(begins + b"\xff" * 20))
    assert code == grpc.StatusCode.UNIMPLEMENTED
    assert name in details and "gzip" in details


@pytest.mark.parametrize(
    "method",
    [
        "/opentelemetry.proto.collector.trace.v1.TraceService/Import",
        "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
        "/grpc.health.v1.Health/Check",
        "/x",
    ],
)
def test_other_methods_are_unimplemented_and_named(grpc_door, method):
    code, details = refused(lambda: grpc_door.send_bytes(b"", method=method))
    assert code == grpc.StatusCode.UNIMPLEMENTED
    assert method in details


def test_metadata_as_large_as_an_http_head_is_taken_and_more_is_refused(grpc_door):
    call = grpc_door.channel.unary_unary(otlp.EXPORT)
    message = one_span().SerializeToString()
    call(message, metadata=[("x-token", "a" * 30_000)], timeout=60, wait_for_ready=True)
    code, _ = refused(lambda: call(message, metadata=[("x-token", "a" * 100_000)], timeout=60, wait_for_ready=True))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_calls_without_a_message_with_two_and_half_open_ones_each_get_an_answer(grpc_door):
    call = grpc_door.channel.stream_unary(otlp.EXPORT)
    message = one_span().SerializeToString()
    assert refused(lambda: call(iter([]), timeout=60, wait_for_ready=True))[0] == grpc.StatusCode.INVALID_ARGUMENT
    assert call(iter([message, message]), timeout=60, wait_for_ready=True) == b""

    def sends_one_and_stays():
        yield message
        time.sleep(5)

    began = time.monotonic()
    assert call(sends_one_and_stays(), timeout=60, wait_for_ready=True) == b""
    assert time.monotonic() - began < 4


def test_a_deadline_ends_a_call_that_never_sends_and_the_door_stays_open(grpc_door):
    def never():
        time.sleep(3)
        yield b""

    call = grpc_door.channel.stream_unary(otlp.EXPORT)
    assert refused(lambda: call(never(), timeout=0.3, wait_for_ready=True))[0] == grpc.StatusCode.DEADLINE_EXCEEDED
    assert grpc_door.send(one_span()) == otlp.Response()


def test_a_thousand_calls_at_once_are_all_answered_and_kept(grpc_door, api):
    trace_id = otlp.new_trace_id()
    call = grpc_door.channel.unary_unary(otlp.EXPORT)
    calls = [call.future(otlp.request([otlp.span(trace_id)]).SerializeToString(), timeout=60) for _ in range(1000)]
    assert {one.code() for one in calls} == {grpc.StatusCode.OK}
    assert api.wait_for_trace(trace_id.hex(), spans=1000)


# --- HTTP -----------------------------------------------------------------------------


def test_deflate_is_taken_and_what_is_not_known_is_415_with_what_is(http_door):
    body = one_span().SerializeToString()
    assert http_door.post(zlib.compress(body), encoding="deflate").status_code == 200
    assert http_door.post(body, encoding="identity").status_code == 200
    for encoding in ("zstd", "br", "gzip, gzip"):
        response = http_door.session.post(
            http_door.url, data=body, headers={"Content-Type": otlp.PROTOBUF, "Content-Encoding": encoding}, timeout=60
        )
        assert response.status_code == 415
        assert response.headers["Accept-Encoding"] == "gzip, deflate, identity"
        assert encoding in status_pb2.Status.FromString(response.content).message


def test_an_endpoint_that_ends_in_a_slash_is_the_same(http_door):
    assert http_door.post(one_span().SerializeToString(), path="/v1/traces/").status_code == 200
    assert http_door.post(one_span().SerializeToString(), path="/v1/tracesx").status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_other_methods_are_405_and_told_which_one_is_right(http_door, method):
    response = http_door.post(b"", method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"


def test_a_page_of_a_listed_origin_may_send(http_door):
    preflight = http_door.session.options(
        http_door.url,
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-team",
        },
        timeout=60,
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type,x-team"
    body = json.dumps(otlp.to_json(one_span())).encode()
    sent = http_door.post(body, otlp.JSON, headers={"Origin": ORIGIN})
    assert sent.status_code == 200
    assert sent.headers["Access-Control-Allow-Origin"] == ORIGIN
    refused = http_door.post(b"{", otlp.JSON, headers={"Origin": ORIGIN})
    assert refused.status_code == 400
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    too_large = http_door.post(bytes(LIMIT + 1), otlp.JSON, headers={"Origin": ORIGIN})
    assert too_large.status_code == 413
    assert too_large.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example:1", "null"])
def test_a_page_of_another_origin_may_not(http_door, origin):
    preflight = http_door.session.options(
        http_door.url, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}, timeout=60
    )
    assert preflight.status_code == 405
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_the_rest_port_lets_no_other_page_read(server):
    response = requests.get(f"http://{server.http}/api/v1/traces", headers={"Origin": ORIGIN}, timeout=60)
    assert "Access-Control-Allow-Origin" not in response.headers


def test_numbers_that_no_field_can_hold_cost_only_their_span(http_door, api):
    good, wide, broken = otlp.new_trace_id(), otlp.new_trace_id(), otlp.new_trace_id()

    def span(trace_id, value):
        return (
            f'{{"traceId":"{trace_id.hex()}","spanId":"0102030405060708","name":"n","startTimeUnixNano":"1790000000000000001",'
            f'"endTimeUnixNano":"1790000000000000002","attributes":[{{"key":"k","value":{value}}}]}}'
        )

    spans = [
        span(good, '{"doubleValue":-0}'),
        span(wide, '{"intValue":123456789012345678901234567890}'),
        span(broken, '{"intValue":1.5}'),
    ]
    body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{",".join(spans)}]}}]}}]}}'
    response = http_door.post(gzip.compress(body.encode()), otlp.JSON, headers={"Content-Encoding": "gzip"})
    assert response.json()["partialSuccess"]["rejectedSpans"] == "1"
    api.wait_for_trace(good.hex())
    assert '"doubleValue":-0}' in api.raw(f"/api/v1/traces/{good.hex()}").text
    (kept,) = api.wait_for_trace(wide.hex())["spans"]
    assert kept["attributes"][0]["value"]["doubleValue"] == 1.2345678901234568e29
