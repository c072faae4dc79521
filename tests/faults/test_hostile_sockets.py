"""Bytes that no well-meaning client sends, straight onto the sockets of all three ports."""

import contextlib
import random
import socket
import struct

import h2.config
import h2.connection
import pytest
import requests

from support import otlp
from support.api import Api

PORTS = ["http", "otlp_http", "otlp_grpc"]
HTTP_PORTS = ["http", "otlp_http"]


def connect(server, port):
    host, number = server.ready[port].rsplit(":", 1)
    return socket.create_connection((host, int(number)), timeout=60)


def read_all(connection, limit=1 << 20):
    """Everything until the other side hangs up; a reset ends it as well."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while len(got) < limit and (piece := connection.recv(65536)):
            got += piece
    return got


def exchange(server, port, *pieces):
    """Sends all of it, says that there is no more, and gives what came back."""
    with connect(server, port) as connection:
        with contextlib.suppress(OSError):  # it may have hung up on us already
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def statuses(answer):
    """The status codes of the HTTP responses in these bytes."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


@pytest.fixture(autouse=True)
def still_serves(server):
    """After each of these tests every door works for everybody else."""
    yield
    assert server.alive(), server.stderr()
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as grpc_door, otlp.HttpDoor(server.otlp_http) as http_door:
        grpc_door.send(otlp.request([otlp.span(trace_id)]))
        http_door.send(otlp.request([otlp.span(trace_id)]))
    assert server.api.wait_for_trace(trace_id.hex(), spans=2)["span_count"] == 2


@pytest.mark.parametrize("port", PORTS)
def test_random_bytes(server, port):
    chance = random.Random(port)
    for size in (1, 10, 100, 1000, 100_000):
        exchange(server, port, chance.randbytes(size))


@pytest.mark.parametrize("port", PORTS)
def test_connections_that_say_nothing_or_are_reset(server, port):
    for _ in range(50):
        connect(server, port).close()
    for _ in range(50):
        with connect(server, port) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc")


@pytest.mark.parametrize("port", PORTS)
def test_a_tls_hello_to_a_plain_port(server, port):
    hello = bytes.fromhex("16030100a5010000a10303") + bytes(160)
    assert b"200 OK" not in exchange(server, port, hello)


@pytest.mark.parametrize("port", PORTS)
def test_half_requests_keep_nobody_else_waiting(server, port):
    """Slowloris: many connections, each in the middle of a request."""
    with contextlib.ExitStack() as open_ones:
        for i in range(200):
            connection = open_ones.enter_context(connect(server, port))
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX-" + b"a" * (i % 30))
        trace_id = otlp.new_trace_id()
        with otlp.HttpDoor(server.otlp_http) as door:
            door.send(otlp.request([otlp.span(trace_id)]))
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            door.send(otlp.request([otlp.span(trace_id)]))
        assert Api(server.http).wait_for_trace(trace_id.hex(), spans=2)


def test_bodies_that_stop_half_way_keep_nobody_else_waiting(server):
    with contextlib.ExitStack() as open_ones:
        for _ in range(50):
            connection = open_ones.enter_context(connect(server, "otlp_http"))
            connection.sendall(
                b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
                b"Content-Length: 1000000\r\n\r\nhalf"
            )
        with otlp.HttpDoor(server.otlp_http) as door:
            assert door.send(otlp.request([otlp.span(otlp.new_trace_id())])) == otlp.Response()


@pytest.mark.parametrize("port", HTTP_PORTS)
def test_a_header_of_ten_megabytes_is_refused(server, port):
    answer = exchange(server, port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ", *[b"a" * 65536] * 160, b"\r\n\r\n")
    assert statuses(answer) in ([431], [])  # The refusal may be lost with the bytes that nobody read.


@pytest.mark.parametrize("port", HTTP_PORTS)
def test_a_target_of_a_megabyte_is_refused(server, port):
    answer = exchange(server, port, b"GET /", b"a" * (1 << 20), b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert statuses(answer) in ([414], [431], [400], [])


HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

# Where two readers could disagree about the end of a request, none of these may be
# taken, and what comes after them must not be answered as a request.
AMBIGUOUS = {
    "length and chunked": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunked and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SMUGGLED,
    "length list": HEAD + b"Content-Length: 0, 44\r\n\r\n" + SMUGGLED,
    "signed length": HEAD + b"Content-Length: +0\r\n\r\n" + SMUGGLED,
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "huge length": HEAD + b"Content-Length: 18446744073709551617\r\n\r\n" + SMUGGLED,
    "hex length": HEAD + b"Content-Length: 0x10\r\n\r\n" + SMUGGLED,
    "unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + SMUGGLED,
    "chunked twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunked not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "space before colon": HEAD + b"Content-Length : 0\r\n\r\n" + SMUGGLED,
    "chunk size overflow": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + SMUGGLED,
    "chunk size signed": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + SMUGGLED,
    "chunk without end": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc" + SMUGGLED,
    "nul in a header": HEAD + b"X: a\0b\r\nContent-Length: 0\r\n\r\n" + SMUGGLED,
    "bare carriage return": HEAD + b"X: a\rContent-Length: 44\r\n\r\n" + SMUGGLED,
    "no host": b"GET / HTTP/1.1\r\n\r\n" + SMUGGLED,
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n" + SMUGGLED,
    "HTTP/9.9": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n" + SMUGGLED,
    "no version": b"GET /\r\n\r\n" + SMUGGLED,
}


@pytest.mark.parametrize("shape", AMBIGUOUS)
@pytest.mark.parametrize("port", HTTP_PORTS)
def test_requests_whose_end_is_unclear_are_refused_and_the_connection_ends(server, port, shape):
    found = statuses(exchange(server, port, AMBIGUOUS[shape]))
    assert len(found) <= 1, f"the bytes after it were answered as well: {found}"
    assert all(status in (400, 413, 417, 431, 501, 505) for status in found), found


@pytest.mark.parametrize("port", HTTP_PORTS)
def test_pipelined_requests_are_answered_in_order(server, port):
    one = b"GET /api/v1/traces HTTP/1.1\r\nHost: localhost\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    found = statuses(exchange(server, port, one * 5))
    assert found == ([200, 200] if port == "http" else [404, 404]) * 5


def test_chunk_extensions_and_trailers_are_read_over(server):
    body = otlp.request([otlp.span(otlp.new_trace_id())]).SerializeToString()
    chunked = b"%x;name=value\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(body), body)
    answer = exchange(server, "otlp_http", HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunked)
    assert statuses(answer) == [200]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:16686",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "169.254.169.254",
        "[2001:db8::1]:80",
    ],
)
@pytest.mark.parametrize("port", HTTP_PORTS)
def test_a_host_header_of_another_machine_is_403(server, port, host):
    """A web page elsewhere could otherwise read the store through a visitor's browser."""
    answer = exchange(
        server, port, f"GET /api/v1/traces HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    )
    assert statuses(answer) == [403]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:16686", "127.0.0.1", "127.0.0.1:1", "[::1]:16686", "LOCALHOST"]
)
def test_names_of_this_machine_are_fine(server, host):
    answer = exchange(server, "http", f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert statuses(answer) == [200]


def test_no_other_page_is_allowed_to_read_an_answer(server):
    response = requests.get(
        f"http://{server.http}/api/v1/traces", headers={"Origin": "http://evil.example"}, timeout=60
    )
    assert response.headers.get("Access-Control-Allow-Origin") not in ("*", "http://evil.example")


def http2_frame(kind, flags, stream, payload=b"", length=None):
    size = len(payload) if length is None else length
    return size.to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = http2_frame(4, 0, 0)
HTTP2 = {
    "preface only": PREFACE,
    "settings of odd length": PREFACE + http2_frame(4, 0, 0, b"\0" * 5),
    "frame that promises 16 MB": PREFACE + SETTINGS + http2_frame(0, 0, 1, b"x", length=0xFFFFFF),
    "data on a stream that never was": PREFACE + SETTINGS + http2_frame(0, 1, 99, b"x" * 100),
    "headers that are no hpack": PREFACE + SETTINGS + http2_frame(1, 5, 1, b"\xff" * 200),
    "a flood of pings": PREFACE + SETTINGS + http2_frame(6, 0, 0, b"12345678") * 5000,
    "a flood of resets": PREFACE + SETTINGS + b"".join(http2_frame(3, 0, s, b"\0\0\0\x08") for s in range(1, 4001, 2)),
    "continuation without end": PREFACE
    + SETTINGS
    + http2_frame(1, 0, 1, b"\x82")
    + http2_frame(9, 0, 1, b"\x40" * 16) * 3000,
    "window overflow": PREFACE + SETTINGS + http2_frame(8, 0, 0, b"\x7f\xff\xff\xff") * 3,
}


@pytest.mark.parametrize("name", HTTP2)
def test_http_2_frames_out_of_order(server, name):
    with connect(server, "otlp_grpc") as connection:
        connection.settimeout(1)
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.sendall(HTTP2[name])
            connection.shutdown(socket.SHUT_WR)
            read_all(connection)


def test_a_grpc_message_with_a_false_length(server):
    """The five bytes before a message say how long it is; here they lie."""
    for prefix in (b"\0\xff\xff\xff\xff", b"\0\0\0\0\x05", b"\x01\0\0\0\x03abc", b"\x07\0\0\0\x00"):
        client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        with connect(server, "otlp_grpc") as connection:
            connection.settimeout(1)
            client.initiate_connection()
            client.send_headers(
                1,
                [
                    (":method", "POST"),
                    (":scheme", "http"),
                    (":path", otlp.EXPORT),
                    (":authority", "localhost"),
                    ("content-type", "application/grpc"),
                    ("te", "trailers"),
                ],
            )
            client.send_data(1, prefix + b"\x0a", end_stream=True)
            with contextlib.suppress(ConnectionError, TimeoutError):
                connection.sendall(client.data_to_send())
                read_all(connection)


def test_many_open_connections_leave_the_server_alive(server):
    """600 that say nothing, and one that asks."""
    with contextlib.ExitStack() as open_ones:
        for _ in range(600):
            open_ones.enter_context(connect(server, "http"))
        assert Api(server.http).get("/api/v1/services")["next"] is None
