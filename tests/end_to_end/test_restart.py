"""Stopping and starting: everything is still there."""

import time

from support import otlp
from support.load import check_kept, clients


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
