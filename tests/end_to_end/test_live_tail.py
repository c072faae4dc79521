"""What is stored, as it is stored: server-sent events, read with the decoder of a real client
(the openai package's), gone on with after a break, and ended by the server."""

import json
import os
import socket
import threading
import time

import pytest
import requests
from openai._streaming import SSEDecoder

from support import otlp
from support.api import eventually

SECOND = otlp.SECOND


class Tail:
    """One connection to the tail; its events gather in `events`."""

    def __init__(self, base, last_event_id=None, **parameters):
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self.events, self.ids, self.ended = [], [], threading.Event()
        self.response = requests.get(
            f"{base}/api/v1/tail", params=parameters, headers=headers, stream=True, timeout=60
        )
        assert self.response.status_code == 200, self.response.text
        assert self.response.headers["Content-Type"] == "text/event-stream"
        self.open = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            for event in SSEDecoder().iter_bytes(self.response.iter_content(None)):
                if event.id:
                    self.ids.append(event.id)
                    self.open.set()
                if event.event:
                    self.events.append(event)
        except (requests.RequestException, OSError, AttributeError):
            pass
        self.ended.set()

    def wait(self, count):
        eventually(lambda: len(self.events), lambda n: n >= count, what=f"{count} events")
        return [json.loads(e.data) for e in self.events]

    def close(self):
        # A socket that is only closed is not noticed by the thread that reads it.
        try:
            self.response.raw._fp.fp.raw._sock.shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            pass
        self.response.close()

    def __enter__(self):
        assert self.open.wait(30), "the tail does not say where it stands"
        return self

    def __exit__(self, *_):
        self.close()


def tail(api, **more):
    return Tail(api.base, **more)


def chat(model="gpt-4o", **more):
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 1,
    }
    return otlp.span(otlp.new_trace_id(), f"chat {model}", attributes=attributes, **more)


def send(door, *spans, service="tail"):
    door.send(otlp.request(list(spans), service=service))


def test_spans_come_as_they_are_stored(api, http_door):
    before = otlp.span(otlp.new_trace_id(), "before")
    send(http_door, before)
    api.wait_for_trace(before.trace_id.hex())
    with tail(api, of="spans") as following:
        spans = [otlp.span(otlp.new_trace_id(), f"line\n{n} 東京", error="no" if n else None) for n in range(2)]
        send(http_door, *spans)
        got = {s["name"]: s for s in following.wait(2)}
        assert set(got) == {s.name for s in spans}
        failed = got[spans[1].name]
        assert failed["span_id"] == spans[1].span_id.hex() and failed["status"] == {"code": 2, "message": "no"}
        assert {e.event for e in following.events} == {"span"}


def test_calls_come_as_they_are_listed(api, http_door):
    with tail(api, of="calls", model="gpt-4o", status="ok") as following:
        wanted = chat()
        send(http_door, chat("gpt-4o-mini"), chat(error="500"), wanted, otlp.span(otlp.new_trace_id(), "no call"))
        (call,) = following.wait(1)
        (listed,) = api.get("/api/v1/calls", trace_id=wanted.trace_id.hex())["items"]
        assert call == listed


def test_traces_come_as_they_are_listed_and_again_when_they_grow(api, http_door):
    with tail(api, service="grows", min_duration="10ms") as following:
        trace_id, root = otlp.new_trace_id(), otlp.new_span_id()
        long = otlp.span(trace_id, "child", parent=root, duration=SECOND)
        send(http_door, long, otlp.span(otlp.new_trace_id(), "short"), service="grows")
        (first,) = following.wait(1)
        assert first["trace_id"] == trace_id.hex() and first["root_missing"]
        send(http_door, otlp.span(trace_id, "root", span_id=root, duration=2 * SECOND), service="grows")
        _, second = following.wait(2)
        (listed,) = [t for t in api.traces(service="grows") if t["trace_id"] == trace_id.hex()]
        assert second == listed and second["span_count"] == 2


def test_going_on_after_breaks_loses_and_doubles_nothing(api, http_door):
    sent, stop = [], threading.Event()

    def keep_sending():
        for n in range(400):
            if stop.is_set():
                return
            span = otlp.span(otlp.new_trace_id(), f"n{n}")
            send(http_door, span, service="breaks")
            sent.append(span.span_id.hex())
            time.sleep(0.005)

    with tail(api, of="spans", service="breaks") as first:
        last_id = first.ids[-1]
    sender = threading.Thread(target=keep_sending)
    sender.start()
    got = []
    try:
        deadline = time.monotonic() + 90
        while sender.is_alive() or len(got) < len(sent):
            assert time.monotonic() < deadline, (len(got), len(sent))
            following = tail(api, of="spans", service="breaks", last_event_id=last_id)
            time.sleep(0.3)
            following.close()
            following.ended.wait(10)
            for event in following.events:
                assert event.event == "span"
                got.append(json.loads(event.data)["span_id"])
            last_id = following.ids[-1] if following.ids else last_id
    finally:
        stop.set()
        sender.join()
    assert len(got) == len(set(got)) and set(got) == set(sent)


def test_a_tail_goes_on_over_a_restart_of_the_server(fresh_server):
    server = fresh_server()
    with otlp.HttpDoor(server.otlp_http) as door, Tail(server.api.base, of="spans") as following:
        send(door, otlp.span(otlp.new_trace_id(), "one"))
        following.wait(1)
        last_id = following.ids[-1]
    with otlp.HttpDoor(server.otlp_http) as door:
        send(door, otlp.span(otlp.new_trace_id(), "two"))
    server.kill()
    server.start()
    with Tail(server.api.base, of="spans", last_event_id=last_id) as following:
        with otlp.HttpDoor(server.otlp_http) as door:
            send(door, otlp.span(otlp.new_trace_id(), "three"))
        assert [s["name"] for s in following.wait(2)] == ["two", "three"]


def test_the_server_ends_its_tails_when_it_stops_and_at_once(fresh_server):
    server = fresh_server()
    tails = [Tail(server.api.base).__enter__() for _ in range(5)]
    started = time.monotonic()
    assert server.stop() == 0
    for following in tails:
        assert following.ended.wait(5)
    # Without being told they would hold the server for the grace that requests have.
    assert time.monotonic() - started < 1.9


def test_a_tail_too_many_is_refused_and_a_place_comes_free(fresh_server):
    api = fresh_server().api
    tails = [Tail(api.base) for _ in range(64)]
    error = api.error("/api/v1/tail", 503)
    assert "limit is 64" in error["message"]
    tails[0].close()
    again = eventually(lambda: requests.get(f"{api.base}/api/v1/tail", stream=True, timeout=60), lambda r: r.status_code == 200)
    again.close()
    for following in tails:
        following.close()


def test_a_slow_reader_is_told_what_it_lost(fresh_server):
    server = fresh_server()
    address, port = server.http.rsplit(":", 1)
    with socket.create_connection((address.strip("[]"), int(port))) as slow:
        slow.sendall(b"GET /api/v1/tail?of=spans HTTP/1.1\r\nHost: localhost\r\n\r\n")
        opened = b""
        while b"retry" not in opened:
            opened += slow.recv(2000)
        sent = 0
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            for _ in range(20):
                trace_id = otlp.new_trace_id()
                door.send(otlp.request([otlp.span(trace_id, "x" * 400) for _ in range(2000)]))
                sent += 2000
        eventually(server.api.counters, lambda c: c["spans_stored"] >= sent, what="everything is stored")
        time.sleep(2)
        slow.settimeout(3)
        text = b""
        try:
            while piece := slow.recv(1 << 20):
                text += piece
        except TimeoutError:
            pass
    got = text.count(b"event: span\n")
    lost = [json.loads(part.split(b"\n", 1)[0])["count"] for part in text.split(b"event: dropped\ndata: ")[1:]]
    assert lost and got + sum(lost) == sent
    assert server.api.counters()["tail_events_dropped"] == sum(lost)


def test_a_quiet_tail_says_that_it_lives_and_takes_no_time(fresh_server):
    server = fresh_server()
    with Tail(server.api.base, heartbeat="1s") as following:
        before = cpu_seconds(server.pid)
        time.sleep(3)
        assert not following.events
        assert len(following.ids) > 1 and len(set(following.ids)) == 1  # the same place each time
        assert cpu_seconds(server.pid) - before < 0.5


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    "query, named",
    [({"of": "logs"}, "of"), ({"start": "1"}, "start"), ({"heartbeat": "1ms"}, "heartbeat"), ({"model": "x"}, "model")],
)
def test_what_cannot_be_followed_is_said(api, query, named):
    assert f"parameter {named}" in api.error("/api/v1/tail", 400, **query)["message"]
    assert "last_event_id" in api.error("/api/v1/tail", 400, last_event_id="nonsense")["message"]
