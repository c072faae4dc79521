"""Many clients at once, with people asking at the same time: every count is exact."""

import threading

import pytest

from support import otlp
from support.load import check_kept, clients

CLIENTS = 8
REQUESTS = 60
SPANS = 50


def test_eight_clients_and_queries_beside_them_lose_and_double_nothing(server, api):
    sending = clients(server, CLIENTS, spans_per_request=SPANS, requests_max=REQUESTS)
    over = threading.Event()
    failures = []

    def ask():
        while not over.is_set():
            for path in (
                "/api/v1/traces?service=load",
                "/api/traces?service=load&limit=2",
                "/api/v1/services",
                "/metrics",
                "/api/v1/traces/" + sending[0].trace_id.hex(),
                "/api/v3/services",
                "/api/v1/attribute_keys",
            ):
                status = server.api.raw(path).status_code
                if status not in (200, 404):
                    failures.append((path, status))

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in sending + asking:
        thread.start()
    try:
        for client in sending:
            client.join()
    finally:
        over.set()
        for thread in asking:
            thread.join()

    assert failures == []
    for client in sending:
        assert len(client.acknowledged) == REQUESTS * SPANS
        check_kept(api, client)
    counters = api.wait_until_drained()
    assert counters["spans_received"] == counters["spans_stored"] == CLIENTS * REQUESTS * SPANS
    (service,) = api.get("/api/v1/services")["items"]
    assert service["span_count"] == CLIENTS * REQUESTS * SPANS


def test_one_trace_from_many_requests_and_both_doors_is_one_trace(server, api):
    trace_id = otlp.new_trace_id()
    root = otlp.span(trace_id, "root", duration=otlp.SECOND)

    def send(number):
        message = otlp.request(
            [otlp.span(trace_id, f"from {number}", parent=root.span_id) for _ in range(10)], service=f"part-{number}"
        )
        if number % 2:
            with otlp.GrpcDoor(server.otlp_grpc) as door:
                door.send(message)
        else:
            with otlp.HttpDoor(server.otlp_http) as door:
                door.send(message)

    threads = [threading.Thread(target=send, args=(i,)) for i in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([root], service="whole"))

    trace = api.wait_for_trace(trace_id.hex(), spans=101)
    assert trace["completeness"]["complete"]
    assert {s["name"]: s["span_count"] for s in trace["services"]} == {f"part-{i}": 10 for i in range(10)} | {
        "whole": 1
    }


@pytest.mark.parametrize("count", [1, 5])
def test_what_was_acknowledged_can_be_queried_without_waiting_for_more(server, api, count):
    """Freshness: nothing but the acknowledgement makes a span visible."""
    for _ in range(count):
        trace_id = otlp.new_trace_id()
        with otlp.HttpDoor(server.otlp_http) as door:
            door.send(otlp.request([otlp.span(trace_id)], service="fresh"))
        api.wait_for_trace(trace_id.hex())
