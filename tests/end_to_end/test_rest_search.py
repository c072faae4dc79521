"""GET /api/v1/traces and the lists beside it: filters, paging, errors."""

import time

import pytest

from support import otlp
from support.api import eventually
from support.otlp import MS, SECOND

# One small world, newest first by its minute: each row is one trace.
#   name      minute  service    root         duration  what is special
#   fast         0    shop       GET /        5 ms      ok
#   slow         1    shop       GET /        2 s       a failed child in service "model"
#   broken       2    shop       POST /order  50 ms     root failed
#   alone        3    worker     job          10 ms     attribute on the resource only
#   rootless     4    worker     -            20 ms     its parent never came


@pytest.fixture(scope="module")
def world(server):
    now = time.time_ns() // MS * MS - 60 * SECOND
    minute = 60 * SECOND
    ids = {name: otlp.new_trace_id() for name in ("fast", "slow", "broken", "alone", "rootless")}

    def root(trace, minutes, operation, duration, **more):
        return otlp.span(ids[trace], operation, start=now - minutes * minute, duration=duration, **more)

    fast = root("fast", 0, "GET /", 5 * MS, attributes={"http.route": "/", "retries": 0, "cached": True, "ratio": 0.5})
    slow = root("slow", 1, "GET /", 2 * SECOND, attributes={"http.route": "/", "retries": 3})
    call = otlp.span(
        ids["slow"],
        "chat",
        parent=slow.span_id,
        start=slow.start_time_unix_nano + 100 * MS,
        duration=SECOND,
        attributes={"gen_ai.request.model": "m-large", "text": '50% off; it\'s "new"'},
        kind=3,
        error="429",
    )
    broken = root("broken", 2, "POST /order", 50 * MS, error="no stock")
    alone = root("alone", 3, "job", 10 * MS)
    alone.status.code = 1
    rootless = root("rootless", 4, "step", 20 * MS, parent=otlp.new_span_id())
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(
            otlp.Request(
                resource_spans=[
                    otlp.resource_spans([fast, slow, broken], service="shop"),
                    otlp.resource_spans([call], service="model", scope="llm"),
                    otlp.resource_spans(
                        [alone, rootless], service="worker", resource={"deployment.environment": "staging"}
                    ),
                ]
            )
        )
    server.api.wait_for_traces(5)
    return {name: trace_id.hex() for name, trace_id in ids.items()} | {"now": now}


def search(world, api, **filters):
    """Names of the traces found in the world; other tests of this file add newer ones."""
    by_id = {trace_id: name for name, trace_id in world.items()}
    return [by_id[item["trace_id"]] for item in api.traces(**{"end": world["now"] + 1} | filters)]


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, ["fast", "slow", "broken", "alone", "rootless"]),
        ({"service": "shop"}, ["fast", "slow", "broken"]),
        ({"service": "model"}, ["slow"]),
        ({"service": "nobody"}, []),
        ({"operation": "GET /"}, ["fast", "slow"]),
        ({"operation": "chat"}, ["slow"]),
        ({"service": "shop", "operation": "chat"}, []),
        ({"status": "error"}, ["slow", "broken"]),
        ({"status": "ok"}, ["alone"]),
        ({"status": "unset", "service": "shop"}, ["fast", "slow"]),
        ({"min_duration": "1s"}, ["slow"]),
        ({"min_duration": "1000000000"}, ["slow"]),
        ({"max_duration": "10ms"}, ["fast", "alone"]),
        ({"min_duration": "10ms", "max_duration": "60ms"}, ["broken", "alone", "rootless"]),
        ({"attribute": "http.route=/"}, ["fast", "slow"]),
        ({"attribute": "retries=3"}, ["slow"]),
        ({"attribute": "retries"}, ["fast", "slow"]),
        ({"attribute": "cached=true"}, ["fast"]),
        ({"attribute": "ratio=0.5"}, ["fast"]),
        ({"attribute": 'text=50% off; it\'s "new"'}, ["slow"]),
        ({"attribute": "deployment.environment=staging"}, ["alone", "rootless"]),
        ({"attribute": "deployment.environment"}, ["alone", "rootless"]),
        ({"attribute": ["http.route=/", "retries=3"]}, ["slow"]),
        ({"attribute": ["http.route=/", "gen_ai.request.model=m-large"]}, []),
        ({"attribute": "nothing=here"}, []),
        ({"attribute": "http.route=' OR 1=1 --"}, []),
    ],
    ids=str,
)
def test_filters_hold_on_one_span_of_each_trace_found(world, api, filters, expected):
    assert search(world, api, **filters) == expected


def test_time_bounds_are_taken_as_nanoseconds_and_as_rfc_3339(world, api):
    between = {"start": world["now"] - 150 * SECOND, "end": world["now"] - 30 * SECOND}
    assert search(world, api, **between) == ["slow", "broken"]

    def rfc_3339(nanos):
        seconds = time.gmtime(nanos // SECOND)
        return time.strftime("%Y-%m-%dT%H:%M:%S", seconds) + f".{nanos % SECOND:09d}Z"

    assert search(world, api, **{k: rfc_3339(v) for k, v in between.items()}) == ["slow", "broken"]


def test_an_item_sums_up_its_trace(world, api):
    (item,) = api.traces(service="model")
    assert item == {
        "trace_id": world["slow"],
        "service": "shop",
        "name": "GET /",
        "root_missing": False,
        "start_unix_nano": str(world["now"] - 60 * SECOND),
        "duration_nano": str(2 * SECOND),
        "span_count": 2,
        "error_count": 1,
        "status": "unset",
        "services": [
            {"name": "model", "span_count": 1, "error_count": 1},
            {"name": "shop", "span_count": 1, "error_count": 0},
        ],
        "totals": {
            "calls": 1,
            "errors": 1,
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "reasoning_tokens": 0,
            "calls_without_usage": 1,
            "cost": {
                "total": None,
                "currency": "USD",
                "computed_calls": 0,
                "reported_calls": 0,
                "unpriced_calls": 0,
                "no_usage_calls": 1,
            },
        },
    }


def test_a_trace_without_its_root_says_so_and_takes_the_name_of_its_first_span(world, api):
    (item,) = api.traces(operation="step")
    assert (item["root_missing"], item["service"], item["name"]) == (True, "worker", "step")

    trace = api.trace(world["rootless"])

    assert not trace["completeness"]["complete"]
    assert trace["completeness"]["root_missing"]
    assert trace["completeness"]["missing_parents"] == [trace["spans"][0]["parentSpanId"]]


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_show_every_trace_once_in_the_same_order(world, api, limit):
    assert search(world, api, limit=limit) == ["fast", "slow", "broken", "alone", "rootless"]


def test_no_more_items_than_the_limit_and_no_cursor_at_the_end(world, api):
    page = api.get("/api/v1/traces", end=world["now"] + 1, limit=4)
    assert len(page["items"]) == 4
    assert page["next"]
    last = api.get("/api/v1/traces", end=world["now"] + 1, limit=4, cursor=page["next"])
    assert len(last["items"]) == 1
    assert last["next"] is None


def test_traces_that_start_in_the_same_nanosecond_are_paged_once_each(server, api):
    start = time.time_ns() - SECOND
    sent = {otlp.new_trace_id() for _ in range(25)}
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(t, "same", start=start) for t in sent], service="same-moment"))
    api.wait_for_traces(25, service="same-moment")

    found = [t["trace_id"] for t in api.traces(service="same-moment", limit=3)]

    assert sorted(found) == sorted(t.hex() for t in sent)


@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "1001"},
        {"limit": "many"},
        {"status": "bad"},
        {"min_duration": "soon"},
        {"max_duration": "5 parsecs"},
        {"start": "yesterday"},
        {"end": "2026-13-45T00:00:00Z"},
        {"cursor": "not-a-cursor"},
        {"cursor": "AAAA"},
        {"attribute": "=value"},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_refused_with_a_message(world, api, parameters):
    error = api.error("/api/v1/traces", 400, **parameters)
    assert set(error) == {"code", "message", "hint"}
    assert error["code"] == "invalid_input"
    assert next(iter(parameters)) in error["message"]


@pytest.mark.parametrize(
    "query", ["limit=%ff%fe", "nonsense=1", "service=a&service=b", "limit=" + "%e2%82%ac" * 50, "limit=%00"]
)
def test_any_bytes_in_a_parameter_give_an_error_that_is_json(world, api, query):
    response = api.raw("/api/v1/traces?" + query)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_input"
    response.content.decode("utf-8")


@pytest.mark.parametrize("value", ["%ff", "%00", "'", "\\", "%", "_", "€" * 5000, "`", "a%20or%201=1"])
def test_any_bytes_in_a_filter_find_nothing_and_break_nothing(world, api, value):
    for parameter in ("service=", "operation=", "attribute=key=", "attribute="):
        response = api.raw(f"/api/v1/traces?{parameter}{value}")
        assert response.status_code in (200, 400), response.text
        if response.status_code == 200:
            assert response.json()["items"] == []


def test_services_count_their_spans_and_errors(world, api):
    items = {s["name"]: s for s in api.get("/api/v1/services")["items"]}
    assert [items[n]["span_count"] for n in ("model", "shop", "worker")] == [1, 3, 2]
    assert [items[n]["error_count"] for n in ("model", "shop", "worker")] == [1, 1, 0]
    assert items["shop"]["last_seen_unix_nano"] == str(world["now"])
    assert list(items) == sorted(items)


def test_operations_of_a_service_with_kind_and_count(world, api):
    assert api.get("/api/v1/operations", service="shop") == {
        "items": [{"name": "GET /", "kind": 0, "span_count": 2}, {"name": "POST /order", "kind": 0, "span_count": 1}],
        "next": None,
    }
    assert api.get("/api/v1/operations", service="model")["items"] == [{"name": "chat", "kind": 3, "span_count": 1}]
    assert api.error("/api/v1/operations", 400)["code"] == "invalid_input"


def test_attribute_keys_of_spans_and_resources(world, api):
    keys = [item["key"] for item in api.get("/api/v1/attribute_keys")["items"]]
    assert {"http.route", "retries", "gen_ai.request.model", "deployment.environment", "service.name"} <= set(keys)
    keys = [item["key"] for item in api.get("/api/v1/attribute_keys", service="model")["items"]]
    assert "gen_ai.request.model" in keys
    assert "http.route" not in keys


def test_a_trace_id_is_padded_and_its_case_does_not_matter(server, world, api):
    short = bytes(8) + otlp.new_span_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(short)], service="short-id"))
    api.wait_for_trace(short.hex())
    assert api.trace(short.hex()[16:])["trace_id"] == short.hex()
    assert api.trace(world["fast"].upper())["trace_id"] == world["fast"]


def test_what_does_not_exist_is_not_found(world, api):
    assert api.error(f"/api/v1/traces/{'ab' * 16}", 404)["code"] == "not_found"
    assert api.error("/api/v1/nothing", 404)["code"] == "not_found"
    assert api.error("/api/nothing", 404)["code"] == "not_found"


@pytest.mark.parametrize("trace_id", ["xyz", "ab" * 17, "0" * 32, "%00", "ab%2Fcd"])
def test_what_is_no_trace_id_is_refused(world, api, trace_id):
    assert api.error(f"/api/v1/traces/{trace_id}", 400)["code"] == "invalid_input"


def test_only_get_and_head_are_taken(world, api):
    assert api.raw("/api/v1/traces", method="POST").status_code == 405
    assert api.raw("/api/v1/traces", method="DELETE").status_code == 405
    head = api.raw("/api/v1/traces", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")


def test_a_trace_read_with_a_limit_says_that_it_is_cut(world, api):
    trace = api.trace(world["slow"], limit=1)
    assert len(trace["spans"]) == 1
    assert trace["completeness"]["truncated"]
    assert not trace["completeness"]["complete"]


def test_a_span_sent_twice_is_shown_once_and_counted_as_a_duplicate(server, api):
    trace_id = otlp.new_trace_id()
    message = otlp.request([otlp.span(trace_id, "once more")], service="twice")
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(message)
        door.send(message)
    trace = eventually(
        lambda: api.wait_for_trace(trace_id.hex()),
        lambda t: t["completeness"]["duplicate_spans"],
        what="a duplicate is told",
    )
    assert trace["completeness"]["duplicate_spans"] == 1
    assert len(trace["spans"]) == trace["span_count"] == 1


def test_an_end_before_the_start_is_kept_and_shown_with_a_duration_of_zero(server, api):
    trace_id = otlp.new_trace_id()
    span = otlp.span(trace_id, "backwards")
    span.end_time_unix_nano = span.start_time_unix_nano - 5
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([span], service="backwards"))

    trace = api.wait_for_trace(trace_id.hex())

    assert trace["duration_nano"] == "0"
    assert trace["spans"][0]["endTimeUnixNano"] == str(span.end_time_unix_nano)
    assert api.counters()["spans_ending_before_start"] == 1


def test_a_resource_without_a_service_is_unknown_service(server, api):
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id)], service=None))
    trace = api.wait_for_trace(trace_id.hex())
    assert trace["spans"][0]["service"] == "unknown_service"
    assert trace["services"] == [{"name": "unknown_service", "span_count": 1, "error_count": 0}]
    assert api.counters()["resources_without_service_name"] == 1


@pytest.mark.parametrize(
    "start, end, duration",
    [(0, 0, 0), (1, 2, 1), (5, 2**63 - 1, 2**63 - 6), (2**63 - 1, 2**63 - 1, 0)],
    ids=["1970", "1970 and a nanosecond", "292 years long", "2262"],
)
def test_times_at_the_ends_of_what_can_be_told(server, api, start, end, duration):
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id, start=start, duration=end - start)], service="extreme"))
    trace = api.wait_for_trace(trace_id.hex())
    (span,) = trace["spans"]
    assert (span["startTimeUnixNano"], span["endTimeUnixNano"]) == (str(start), str(end))
    assert (trace["start_unix_nano"], trace["duration_nano"]) == (str(start), str(duration))
    (jaeger,) = api.get(f"/api/traces/{trace_id.hex()}")["data"][0]["spans"]
    assert (jaeger["startTime"], jaeger["duration"]) == (start // 1000, duration // 1000)


def test_names_may_be_of_any_length_and_hold_any_character(server, api):
    trace_id = otlp.new_trace_id()
    name, service = "a\x00b\n\u202e" + "n" * 1_000_000, "nul\x00'`\"\\ service " + "s" * 1000
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id, name)], service=service))
    (span,) = api.wait_for_trace(trace_id.hex())["spans"]
    assert (span["name"], span["service"]) == (name, service)
    assert [t["trace_id"] for t in api.traces(service=service)] == [trace_id.hex()]
    assert [o["name"] for o in api.get("/api/v1/operations", service=service)["items"]] == [name]


def test_spans_that_are_each_others_parents_are_all_shown(server, api):
    trace_id, a, b = otlp.new_trace_id(), otlp.new_span_id(), otlp.new_span_id()
    spans = [otlp.span(trace_id, "a", span_id=a, parent=b), otlp.span(trace_id, "b", span_id=b, parent=a)]
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request(spans, service="ring"))
    trace = api.wait_for_trace(trace_id.hex(), spans=2)
    assert {s["name"] for s in trace["spans"]} == {"a", "b"}
    assert trace["completeness"]["root_missing"]
    assert api.traces(service="ring")[0]["root_missing"]


def test_a_trace_whose_turns_lie_hours_apart_is_summed_up_whole(server, api):
    """A conversation kept as one trace: each turn is a root, and long ends before the next."""
    trace_id = otlp.new_trace_id()
    now = time.time_ns() - 60 * SECOND
    hour = 3600 * SECOND
    turns = [otlp.span(trace_id, f"turn {i}", start=now - (9 - 3 * i) * hour, duration=SECOND) for i in range(4)]
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request(turns, service="talker"))
    api.wait_for_trace(trace_id.hex(), spans=4)

    (item,) = api.get("/api/v1/traces", service="talker")["items"]

    assert item["span_count"] == 4
    assert item["name"] == "turn 0"
    assert int(item["duration_nano"]) == 9 * hour + SECOND
