"""The structure of a trace, in columns and pages."""

import time

import pytest

from support import otlp
from support.otlp import MS


def is_call(n, size):
    """Of the leaves every fifth: a call above calls would be their sum."""
    return n > size // 8 and n % 5 == 1


def send_tree(server, size, trace_id=None, per_request=10_000):
    """The span n hangs under the span n // 8."""
    trace_id = trace_id or otlp.new_trace_id()
    start = time.time_ns() - size * MS
    ids = [(n + 1).to_bytes(8, "big") for n in range(size)]
    chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.provider.name": "openai"}
    usage = {"gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 1}
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for first in range(0, size, per_request):
            door.send(
                otlp.request(
                    [
                        otlp.span(
                            trace_id,
                            f"step {n % 50}",
                            span_id=ids[n],
                            parent=ids[n // 8] if n else b"",
                            start=start + n * MS,
                            error="no" if n % 100 == 99 else None,
                            attributes=chat | usage if is_call(n, size) else {"n": n},
                        )
                        for n in range(first, min(first + per_request, size))
                    ],
                    service="skeleton",
                )
            )
    server.api.wait_for_traces(1)
    return trace_id.hex(), ids


def pages(api, trace_id, **parameters):
    cursor = None
    while True:
        page = api.get(
            f"/api/v1/traces/{trace_id}/skeleton", **parameters, **({"cursor": cursor} if cursor else {})
        )
        yield page
        cursor = page["next"]
        if cursor is None:
            return


def rows(page):
    """A page's spans as dictionaries."""
    columns = page["spans"]
    calls = {span: i for i, span in enumerate(page["calls"]["span"])}
    for i in range(len(columns["span_id"])):
        row = {name: column[i] for name, column in columns.items()}
        row["name"], row["service"] = page["names"][row["name"]], page["services"][row["service"]]
        at = calls.get(page["first_span"] + i)
        row["call"] = at is not None and {name: column[at] for name, column in page["calls"].items()}
        yield row


@pytest.mark.parametrize("size, limit", [(1_000, 300), (100_000, 10_000)])
def test_the_pages_together_are_the_whole_tree(server, api, size, limit):
    trace_id, ids = send_tree(server, size)
    # Whole once the last of its requests is stored.
    deadline = time.monotonic() + 60
    while api.raw(f"/api/v1/traces/{trace_id}/skeleton", limit=1).json().get("span_count") != size:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    whole, count = [], 0
    for page in pages(api, trace_id, limit=limit):
        assert page["first_span"] == len(whole) and page["span_count"] == size
        assert page["completeness"]["complete"] and page["error_count"] == size // 100
        calls = sum(is_call(n, size) for n in range(size))
        assert page["totals"]["calls"] == calls and page["totals"]["input_tokens"] == 10 * calls
        whole += rows(page)
        count += 1
    assert count == -(-size // limit)
    assert {r["span_id"] for r in whole} == {i.hex() for i in ids}
    for i, row in enumerate(whole):
        n = int(row["span_id"], 16) - 1
        assert row["parent"] < i
        if n == 0:
            assert (row["parent"], row["depth"]) == (-1, 0)
        else:
            parent = whole[row["parent"]]
            assert int(parent["span_id"], 16) - 1 == n // 8 and row["depth"] == parent["depth"] + 1
        assert row["name"] == f"step {n % 50}" and row["service"] == "skeleton"
        assert row["start_offset_nano"] == n * MS and row["duration_nano"] == MS
        assert row["status"] == (2 if n % 100 == 99 else 0)
        assert bool(row["call"]) == is_call(n, size)
        if row["call"]:
            assert row["call"]["kind"] == "llm" and row["call"]["input_tokens"] == 10
            assert row["call"]["cost"] == pytest.approx(0.000035)


def test_spans_without_parent_stand_like_roots_and_say_whose_they_are(server, api, http_door):
    trace_id, nowhere = otlp.new_trace_id(), otlp.new_span_id()
    orphan = otlp.span(trace_id, "orphan", parent=nowhere, events=[otlp.event("e")], dropped_attributes_count=2)
    child = otlp.span(trace_id, "child", parent=orphan.span_id)
    http_door.send(otlp.request([child, orphan]))
    api.wait_for_trace(trace_id.hex(), spans=2)
    (page,) = pages(api, trace_id.hex())
    first, second = rows(page)
    assert (first["name"], first["parent"], first["flags"]) == ("orphan", -2, 5)
    assert (second["name"], second["parent"], second["depth"]) == ("child", 0, 1)
    assert page["orphans"] == {"span": [0], "parent_id": [nowhere.hex()]}
    assert page["completeness"]["root_missing"] and page["completeness"]["missing_parent_count"] == 1
    assert page["totals"] is None


def test_a_later_page_shows_the_trace_as_it_was_on_the_first(server, api, http_door):
    trace_id, _ = send_tree(server, 1_000)
    api.wait_for_trace(trace_id, spans=1_000)
    reading = pages(api, trace_id, limit=600)
    assert next(reading)["span_count"] == 1_000
    time.sleep(0.01)  # The store knows arrivals to the millisecond.
    http_door.send(otlp.request([otlp.span(bytes.fromhex(trace_id), "late")]))
    api.wait_for_trace(trace_id, spans=1_001)
    second = next(reading)
    assert (second["span_count"], second["first_span"], second["next"]) == (1_000, 600, None)


def test_a_trace_that_is_not_there_and_a_cursor_of_another_list_are_refused(api):
    assert "no span" in api.error("/api/v1/traces/abc/skeleton", 404)["message"]
    assert "cursor" in api.error("/api/v1/traces/abc/skeleton", 400, cursor="AAAA")["message"]
