"""Stopping and starting: everything is still there, and old data goes when it should."""

import time

from support import otlp
from support.api import eventually
from support.load import check_kept, clients

DAY = 86_400 * otlp.SECOND


def send(server, message):
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(message)


def test_a_restart_keeps_every_span(fresh_server):
    server = fresh_server()
    trace_ids = [otlp.new_trace_id() for _ in range(3)]
    for restarts, trace_id in enumerate(trace_ids):
        send(server, otlp.request([otlp.span(trace_id, attributes={"n": n}) for n in range(100)], service="kept"))
        assert server.stop() == 0
        server.start()
        for earlier in trace_ids[: restarts + 1]:
            assert server.api.wait_for_trace(earlier.hex(), spans=100)["span_count"] == 100
    (service,) = server.api.get("/api/v1/services")["items"]
    assert (service["name"], service["span_count"]) == ("kept", 300)


def test_requests_in_progress_at_a_stop_are_answered_or_refused_never_lost(fresh_server):
    server = fresh_server()
    sending = clients(server, 4)
    for client in sending:
        client.start()
    time.sleep(0.3)
    assert server.stop() == 0
    for client in sending:
        client.join()
    server.start()
    for client in sending:
        assert client.acknowledged
        check_kept(server.api, client)


def test_spans_older_than_the_retention_go_and_younger_ones_stay(fresh_server):
    server = fresh_server("--retention-days", "0")
    old, young = otlp.new_trace_id(), otlp.new_trace_id()
    now = time.time_ns()
    send(server, otlp.request([otlp.span(old, start=now - 40 * DAY), otlp.span(young, start=now - DAY)]))
    server.api.wait_for_trace(old.hex())
    server.api.wait_for_trace(young.hex())
    server.stop()

    server.arguments[server.arguments.index("--retention-days") + 1] = "7"
    server.start()

    eventually(lambda: server.api.find_trace(old.hex()), lambda trace: trace is None, what="the old trace is gone")
    assert server.api.wait_for_trace(young.hex())["span_count"] == 1
    assert server.api.counters()["partitions_dropped"] >= 1
