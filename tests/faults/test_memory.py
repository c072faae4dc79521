"""Whatever arrives, the process stays within --memory, the engine included."""

import os

import pytest

from support import otlp
from support.load import in_parallel

MEMORY = 1 << 30


def peak_memory(pid):
    with open(f"/proc/{pid}/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def status_of_post(server, body):
    with otlp.HttpDoor(server.otlp_http) as door:
        return door.post(body).status_code


def big_spans():
    """40 MB of spans that do not compress."""
    return otlp.request(
        [otlp.span(otlp.new_trace_id(), attributes={"noise": os.urandom(40_000)}) for _ in range(1000)]
    ).SerializeToString()


def many_spans():
    """As many spans as possible: 40 bytes each."""
    trace_id = otlp.new_trace_id()
    return otlp.request(
        [otlp.Span(trace_id=trace_id, span_id=otlp.new_span_id()) for _ in range(300_000)]
    ).SerializeToString()


def empty_attributes():
    """One span of attributes that are nothing but their own framing."""
    return otlp.request(
        [
            otlp.Span(
                trace_id=otlp.new_trace_id(),
                span_id=otlp.new_span_id(),
                attributes=[otlp.key_values({"": None})[0]] * 2_000_000,
            )
        ]
    ).SerializeToString()


@pytest.mark.parametrize("made", [big_spans, many_spans, empty_attributes], ids=lambda made: made.__name__)
def test_large_requests_side_by_side_stay_within_the_limit(fresh_server, made):
    server = fresh_server("--memory", "1GiB")
    body = made()
    answers = in_parallel([lambda: status_of_post(server, body)] * 8)
    assert set(answers) <= {200, 413, 503}, answers
    server.api.wait_until_drained()
    assert server.alive()
    assert peak_memory(server.pid) < MEMORY
