"""Jaeger's /api/v3, which its UI uses from v2.20 on: OTLP/JSON in an envelope."""

import time

import pytest

from support import otlp, rest
from support.otlp import MS, SECOND


@pytest.fixture(scope="module")
def world(server):
    now = time.time_ns() // MS * MS - 60 * SECOND
    trace_id, other = otlp.new_trace_id(), otlp.new_trace_id()
    root = otlp.span(
        trace_id, "ask", start=now, duration=2 * SECOND, kind=2, attributes={"n": 2**53 + 1, "raw": b"\x01"}
    )
    call = otlp.span(
        trace_id,
        "chat",
        parent=root.span_id,
        start=now + MS,
        duration=SECOND,
        kind=3,
        error="429",
        events=[otlp.event("exception", now + 2 * MS, attempt=1)],
    )
    message = otlp.Request(
        resource_spans=[
            otlp.resource_spans([root, otlp.span(other, "quick", start=now - SECOND, duration=MS)], service="front"),
            otlp.resource_spans([call], service="model"),
        ]
    )
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(message)
    server.api.wait_for_traces(2)
    return {"ask": trace_id.hex(), "quick": other.hex(), "now": now, "message": message}


def rfc_3339(nanos):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(nanos // SECOND)) + f".{nanos % SECOND:09d}Z"


def bounds(world, names="snake"):
    keys = {
        "snake": ("query.start_time_min", "query.start_time_max"),
        "camel": ("query.startTimeMin", "query.startTimeMax"),
    }
    return dict(zip(keys[names], (rfc_3339(world["now"] - 60 * SECOND), rfc_3339(world["now"] + 60 * SECOND))))


def spans_of(answer):
    """(service, span) of every span in a v3 answer."""
    assert set(answer) == {"result"}
    found = []
    for group in answer["result"]["resourceSpans"]:
        attributes = {a["key"]: a["value"] for a in group["resource"]["attributes"]}
        for scoped in group["scopeSpans"]:
            assert scoped["scope"]["name"] == "test-scope"
            found += [(attributes["service.name"]["stringValue"], span) for span in scoped["spans"]]
    return found


def test_a_trace_by_id_is_otlp_json(world, api):
    spans = spans_of(api.get(f"/api/v3/traces/{world['ask']}"))

    assert {(service, span["name"]) for service, span in spans} == {("front", "ask"), ("model", "chat")}
    sent = {span.name: span for group in world["message"].resource_spans for span in group.scope_spans[0].spans}
    for _, span in spans:
        assert span["traceId"] == world["ask"]
        full = {"parentSpanId": "", "attributes": [], "kind": 0, "status": {}} | span
        full["status"] = {"code": 0} | full["status"]
        for event in full.get("events", []):
            event.setdefault("attributes", [])
        assert rest.plain(rest.span(full)) == rest.plain(sent[span["name"]])


@pytest.mark.parametrize("names", ["snake", "camel"])
@pytest.mark.parametrize(
    "filters, expected",
    [
        ({}, {"ask", "quick"}),
        ({"service_name": "front"}, {"ask", "quick"}),
        ({"service_name": "model"}, {"ask"}),
        ({"service_name": "nobody"}, set()),
        ({"service_name": "front", "operation_name": "quick"}, {"quick"}),
        ({"duration_min": "1s"}, {"ask"}),
        ({"service_name": "front", "duration_max": "10ms"}, {"quick"}),
        ({"search_depth": "1"}, {"ask"}),
        ({"service_name": "front", "attributes": '{"n":"9007199254740993"}'}, {"ask"}),
        ({"service_name": "model", "attributes": '{"attempt":"1"}'}, {"ask"}),
        ({"attributes": '{"event":"exception","span.kind":"client"}'}, {"ask"}),
        ({"service_name": "front", "attributes": '{"resource.service.name":"front"}'}, {"ask", "quick"}),
        ({"service_name": "front", "raw_traces": "true"}, {"ask", "quick"}),
    ],
    ids=str,
)
def test_search(world, api, names, filters, expected):
    def spell(name):
        head, *rest_of = name.split("_")
        return "query." + (name if names == "snake" else head + "".join(p.title() for p in rest_of))

    response = api.raw("/api/v3/traces", **bounds(world, names), **{spell(k): v for k, v in filters.items()})

    if not expected:
        # Jaeger says 404 where nothing was found.
        assert response.status_code == 404
        assert response.json()["error"]["httpCode"] == 404
        return
    assert response.status_code == 200, response.text
    assert {span["traceId"] for _, span in spans_of(response.json())} == {world[name] for name in expected}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_jaeger_binds_nothing_but_get(world, api, method):
    response = api.raw("/api/v3/traces", method=method, **bounds(world))
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_trace_summaries(world, api):
    answer = api.get("/api/v3/trace-summaries", **bounds(world), **{"query.service_name": "model"})
    assert set(answer) <= {"summaries", "nextPageToken"}
    (summary,) = answer["summaries"]
    assert summary["traceId"] == world["ask"]
    assert summary["rootServiceName"] == "front"
    assert summary["rootOperationName"] == "ask"
    assert summary["minStartTimeUnixNano"] == str(world["now"])
    assert summary["maxEndTimeUnixNano"] == str(world["now"] + 2 * SECOND)
    assert (summary["spanCount"], summary["errorSpanCount"]) == (2, 1)
    services = {s["name"]: (s["spanCount"], s.get("errorSpanCount", 0)) for s in summary["services"]}
    assert services == {"front": (1, 0), "model": (1, 1)}


def test_services_and_operations(world, api):
    assert sorted(api.get("/api/v3/services")["services"]) == ["front", "model"]
    operations = api.get("/api/v3/operations", service="front")["operations"]
    assert {"name": "ask", "spanKind": "server"} in operations
    assert [o["name"] for o in api.get("/api/v3/operations", service="front", span_kind="server")["operations"]] == [
        "ask"
    ]


@pytest.mark.parametrize(
    "path, parameters, status",
    [
        ("/api/v3/traces/xyz", {}, 400),
        ("/api/v3/traces/" + "ab" * 16, {}, 404),
        ("/api/v3/traces", {"query.start_time_min": "noon", "query.start_time_max": "midnight"}, 400),
        ("/api/v3/trace-summaries", {"query.search_depth": "many"}, 400),
    ],
    ids=str,
)
def test_errors_have_the_shape_of_a_grpc_gateway(world, api, path, parameters, status):
    error = api.error(path, status, **parameters)["error"]
    assert error["httpCode"] == status
    assert error["message"]
