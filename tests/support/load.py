"""Clients that send until they are told to stop or the server is gone, and that write down
what was acknowledged, after it was."""

import concurrent.futures
import threading

import grpc
import requests

from support import otlp


class Client(threading.Thread):
    """Sends one trace in many requests. `acknowledged` is a promise the server made;
    `sent` also has what it may or may not have kept."""

    def __init__(self, address, door, spans_per_request=20, requests_max=None, attributes=None):
        super().__init__(daemon=True)
        self.trace_id = otlp.new_trace_id()
        self.acknowledged = set()
        self.sent = set()
        self.pushed_back = 0
        self._address = address
        self._door = door
        self._spans = spans_per_request
        self._requests_max = requests_max
        self._attributes = attributes or {"model": "gpt-4", "tokens": 57}
        self._over = threading.Event()

    def run(self):
        with self._door(self._address) as door:
            done = 0
            while not self._over.is_set() and (self._requests_max is None or done < self._requests_max):
                spans = [otlp.span(self.trace_id, "load", attributes=self._attributes) for _ in range(self._spans)]
                ids = {s.span_id.hex() for s in spans}
                self.sent |= ids
                try:
                    response = door.send_bytes(otlp.request(spans, service="load").SerializeToString())
                except (grpc.RpcError, requests.RequestException):
                    return
                assert response == otlp.Response()
                self.acknowledged |= ids
                done += 1

    def end(self):
        self._over.set()


class HttpClientDoor(otlp.HttpDoor):
    """HttpDoor with the method name of GrpcDoor."""

    def send_bytes(self, message):
        response = self.post(message)
        if response.status_code != 200:
            raise requests.RequestException(response.text)
        return otlp.Response.FromString(response.content)


class GrpcClientDoor(otlp.GrpcDoor):
    """GrpcDoor that finds out at once when the server is gone."""

    def send_bytes(self, message):
        call = self.channel.unary_unary(otlp.EXPORT, request_serializer=None, response_deserializer=None)
        return otlp.Response.FromString(call(message, timeout=30))


def clients(server, count, **more):
    """`count` clients, half of them on each door."""
    doors = [(server.otlp_grpc, GrpcClientDoor), (server.otlp_http, HttpClientDoor)]
    return [Client(*doors[i % 2], **more) for i in range(count)]


def check_kept(api, client):
    """Every acknowledged span of a client is there once, and nothing it did not send."""
    if not client.acknowledged:
        return
    trace = api.wait_for_trace(client.trace_id.hex(), spans=len(client.acknowledged))
    shown = [s["spanId"] for s in trace["spans"]]
    assert len(shown) == len(set(shown)), f"{len(shown) - len(set(shown))} spans are there twice"
    assert not client.acknowledged - set(shown), "acknowledged spans are missing"
    assert not set(shown) - client.sent
    assert trace["completeness"]["duplicate_spans"] == 0


def in_parallel(jobs):
    """Runs all of them at once and gives what they returned, in their order."""
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]
