"""A store above its limit in bytes gives up its oldest spans, and only those."""

import os

import pytest

from support import otlp
from support.api import eventually


@pytest.mark.skipif(os.environ.get("TELLTALE_LONG") != "1", reason="takes minutes; set TELLTALE_LONG=1")
def test_the_oldest_spans_go_when_the_store_is_above_its_size(fresh_server):
    server = fresh_server("--retention-bytes", "8MiB")
    trace_ids = [otlp.new_trace_id() for _ in range(40)]
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for trace_id in trace_ids:
            door.send(otlp.request([otlp.span(trace_id, attributes={"noise": os.urandom(10_000)}) for _ in range(100)]))
            server.api.wait_for_trace(trace_id.hex(), spans=100)

    eventually(
        lambda: server.api.find_trace(trace_ids[0].hex()),
        lambda trace: trace is None,
        deadline_s=300,
        what="the oldest trace is gone",
    )

    assert server.api.trace(trace_ids[-1].hex())["span_count"] == 100
    eventually(server.api.counters, lambda c: c["partitions_dropped"] >= 1)
    assert eventually(lambda: server.api.get("/api/v1/stats"), lambda s: s["disk_bytes"] < 16 << 20, deadline_s=300)
