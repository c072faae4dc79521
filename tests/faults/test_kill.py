"""kill -9: what was acknowledged is there once, however often the process dies."""

import os
import random
import time

from support import otlp
from support.load import check_kept, clients

ROUNDS = 200 if os.environ.get("TELLTALE_LONG") == "1" else 20


def test_every_acknowledged_span_is_there_once_after_many_kills(fresh_server):
    server = fresh_server()
    chance = random.Random(7)
    everyone = []
    for round_number in range(ROUNDS):
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


def end_of_data(path):
    """Where the zeros of a preallocated segment begin."""
    return len(path.read_bytes().rstrip(b"\0"))


def test_a_torn_record_at_the_end_of_the_log_is_cut_off_and_counted(fresh_server):
    server = fresh_server()
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for _ in range(5):
            door.send(otlp.request([otlp.span(trace_id) for _ in range(10)]))
    server.kill()
    segment = newest_segment(server)
    content = segment.read_bytes()
    data = content.rstrip(b"\0")
    # Half of a copy of what is there already: a header that promises more than follows.
    torn = data[-200:] if len(data) < 400 else data[: len(data) // 3]
    segment.write_bytes(data + b"\0" * (-len(data) % 8) + torn + content[len(data) + len(torn) + 8:])

    server.start()

    assert server.api.wait_for_trace(trace_id.hex(), spans=50)["span_count"] == 50
    assert server.api.counters()["log_records_torn"] >= 1
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id)]))
    assert server.api.wait_for_trace(trace_id.hex(), spans=51)["span_count"] == 51


def test_garbage_after_the_log_does_no_harm(fresh_server):
    server = fresh_server()
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id) for _ in range(10)]))
    server.kill()
    with open(newest_segment(server), "r+b") as segment:
        segment.seek(end_of_data(newest_segment(server)))
        segment.write(random.Random(1).randbytes(5000))

    server.start()

    assert server.api.wait_for_trace(trace_id.hex(), spans=10)["span_count"] == 10


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
