"""kill -9: what was acknowledged is there once, however often the process dies."""

import os
import random
import time

from support import otlp
from support.api import eventually
from support.load import check_kept, clients

ROUNDS = 200 if os.environ.get("TELLTALE_LONG") == "1" else 20


def test_every_acknowledged_span_is_there_once_after_many_kills(fresh_server):
    server = fresh_server()
    chance = random.Random(7)
    everyone = []
    for _ in range(ROUNDS):
        sending = clients(server, 4)
        for client in sending:
            client.start()
        time.sleep(chance.uniform(0.05, 0.6))
        server.kill()
        for client in sending:
            client.join()
        everyone += sending
        server.start()
        for client in sending:
            check_kept(server.api, client)

    assert sum(len(c.acknowledged) for c in everyone) > ROUNDS * 100
    for client in everyone:
        check_kept(server.api, client)
    assert server.stop() == 0


def test_killed_at_once_after_the_answer_nothing_is_lost(fresh_server):
    server = fresh_server()
    sent = []
    for _ in range(3):
        trace_id = otlp.new_trace_id()
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            door.send(otlp.request([otlp.span(trace_id) for _ in range(1000)]))
        server.kill()
        sent.append(trace_id)
        server.start()
    for trace_id in sent:
        assert server.api.wait_for_trace(trace_id.hex(), spans=1000)["span_count"] == 1000


def newest_segment(server):
    return max((server.data / "log").glob("*.wal"), key=lambda p: p.stat().st_mtime_ns)


SEGMENT_HEADER_BYTES = 32
RECORD_HEADER_BYTES = 24


def records(segment):
    """Where each record of a segment begins, and where the next one would:
    docs/formats/write_ahead_log.md."""
    content = segment.read_bytes()
    starts = [SEGMENT_HEADER_BYTES]
    while content[starts[-1] : starts[-1] + RECORD_HEADER_BYTES].strip(b"\0"):
        length = int.from_bytes(content[starts[-1] : starts[-1] + 4], "little")
        starts.append(starts[-1] + RECORD_HEADER_BYTES + length)
    return starts


def write_at(segment, offset, content):
    with open(segment, "r+b") as file:
        file.seek(offset)
        file.write(content)


def killed_after(server, requests):
    """A trace of ten spans for each request, and a server that died right after the last."""
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for _ in range(requests):
            door.send(otlp.request([otlp.span(trace_id) for _ in range(10)]))
    server.kill()
    return trace_id


def test_a_torn_record_at_the_end_of_the_log_is_cut_off_and_counted(fresh_server):
    server = fresh_server()
    trace_id = killed_after(server, 5)
    segment = newest_segment(server)
    *_, last, end = records(segment)
    whole = segment.read_bytes()[last:end]
    write_at(segment, end, whole[: len(whole) // 2])

    server.start()

    assert server.api.wait_for_trace(trace_id.hex(), spans=50)["span_count"] == 50
    assert server.api.counters()["log_records_torn"] == 1
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id)]))
    assert server.api.wait_for_trace(trace_id.hex(), spans=51)["span_count"] == 51


def test_garbage_after_the_log_does_no_harm(fresh_server):
    server = fresh_server()
    trace_id = killed_after(server, 1)
    segment = newest_segment(server)
    write_at(segment, records(segment)[-1], random.Random(1).randbytes(5000))

    server.start()

    assert server.api.wait_for_trace(trace_id.hex(), spans=10)["span_count"] == 10
    assert server.api.counters()["log_records_torn"] == 1


def test_a_record_that_the_disk_changed_costs_only_itself_and_is_counted_as_a_loss(fresh_server):
    server = fresh_server()
    trace_id = killed_after(server, 5)
    segment = newest_segment(server)
    second = records(segment)[1]
    changed = segment.read_bytes()[second + RECORD_HEADER_BYTES + 40] ^ 0xFF
    write_at(segment, second + RECORD_HEADER_BYTES + 40, bytes([changed]))

    server.start()

    server.api.wait_for_trace(trace_id.hex(), spans=40)
    eventually(lambda: server.api.get("/api/v1/stats")["log_lag_bytes"], lambda lag: lag == 0)
    counters = server.api.counters()
    # The store may have had the record before the kill: then nothing is lost.
    assert counters["log_records_corrupt"] in (0, 1)
    assert server.api.trace(trace_id.hex())["span_count"] == 50 - 10 * counters["log_records_corrupt"]
    assert counters["log_records_torn"] == 0


def test_a_clean_stop_leaves_nothing_to_do_for_the_next_start(fresh_server):
    server = fresh_server()
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id) for _ in range(10)]))
    assert server.stop() == 0
    server.start()
    trace = server.api.wait_for_trace(trace_id.hex(), spans=10)
    assert trace["span_count"] == 10
    assert trace["completeness"]["duplicate_spans"] == 0
    assert server.api.counters()["log_records_torn"] == 0
