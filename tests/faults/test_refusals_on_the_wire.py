"""What HTTP itself refuses, on raw sockets: the OTLP port answers with google.rpc.Status in the
encoding of the request, the REST port with its own error object."""

import json
import socket

import pytest
from google.rpc import status_pb2

from support import otlp

# Largest body of each port; the REST port's is fixed.
LIMIT = 1 << 20
REST_LIMIT = 16 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from support.process import Server

    with Server(tmp_path_factory.mktemp("server"), "--request-bytes", LIMIT) as started:
        yield started


def ask(server, port, request, *, more=b""):
    """Head, headers in lower case and body of the one answer."""
    host, number = server.ready[port].rsplit(":", 1)
    with socket.create_connection((host, int(number)), timeout=60) as connection:
        connection.sendall(request)
        try:
            connection.sendall(more)
        except OSError:
            pass  # Refused before the body was read.
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, body = answer.split(b"\r\n\r\n", 1)
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(first.split()[1]), headers, body


def post(headers, content_type=otlp.PROTOBUF, host="localhost"):
    lines = ["POST /v1/traces HTTP/1.1"]
    if host:
        lines.append(f"Host: {host}")
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join([*lines, *headers, "", ""]).encode()


# google.rpc.Code that belongs to the HTTP status.
CASES = {
    "413 by its length": (413, 8, [f"Content-Length: {REST_LIMIT + 1}"], {}, b""),
    "413 by its growth": (413, 8, ["Transfer-Encoding: chunked"], {}, b"%x\r\n" % (REST_LIMIT + 1) + b"x" * (REST_LIMIT + 1)),
    "400 without a host": (400, 3, ["Content-Length: 0"], {"host": None}, b""),
    "403 for another host": (403, 7, ["Content-Length: 0"], {"host": "evil.example"}, b""),
    "417 for an unknown expectation": (417, 3, ["Expect: a-miracle", "Content-Length: 0"], {}, b""),
    "431 for a huge header": (431, 8, ["X-Big: " + "a" * 70_000], {}, b""),
    "501 for an unknown coding": (501, 12, ["Transfer-Encoding: gzip"], {}, b""),
    "400 for a length that is none": (400, 3, ["Content-Length: many"], {}, b""),
    "400 for a chunk that is none": (400, 3, ["Transfer-Encoding: chunked"], {}, b"many\r\n"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("content_type", [otlp.PROTOBUF, otlp.JSON, "application/json; charset=utf-8", None, "text/plain"])
def test_the_otlp_port_answers_with_a_status_in_the_encoding_of_the_request(server, name, content_type):
    status, code, headers, options, body = CASES[name]
    got, answer, content = ask(server, "otlp_http", post(headers, content_type, **options), more=body)
    assert got == status
    assert answer["connection"] == "close"
    if content_type and content_type.startswith(otlp.JSON):
        assert answer["content-type"] == otlp.JSON
        told = json.loads(content)
        assert told["code"] == code and told["message"]
    else:
        assert answer["content-type"] == otlp.PROTOBUF
        told = status_pb2.Status.FromString(content)
        assert told.code == code and told.message


@pytest.mark.parametrize("name", CASES)
def test_the_rest_port_answers_with_its_own_error_object(server, name):
    status, _, headers, options, body = CASES[name]
    got, answer, content = ask(server, "http", post(headers, **options), more=body)
    assert got == status
    assert answer["content-type"] == otlp.JSON
    assert set(json.loads(content)) == {"code", "message", "hint"}


def test_bytes_that_are_not_http_are_told_so_in_protobuf(server):
    got, answer, content = ask(server, "otlp_http", b"\x16\x03\x01 hello\r\n\r\n")
    assert (got, answer["content-type"]) == (400, otlp.PROTOBUF)
    assert "https://" in status_pb2.Status.FromString(content).message


def test_what_a_client_that_waits_for_100_continue_would_send_in_vain_it_need_not_send(server):
    request = post([f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"])
    assert ask(server, "otlp_http", request)[0] == 413


def test_a_client_that_waits_for_100_continue_is_asked_for_its_body(server):
    body = otlp.request([otlp.span(otlp.new_trace_id())]).SerializeToString()
    host, number = server.otlp_http.rsplit(":", 1)
    with socket.create_connection((host, int(number)), timeout=60) as connection:
        connection.sendall(post([f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close"]))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
