"""Tempo's query API on port 3200, as Grafana's Tempo data source asks it."""

import base64
import pathlib
import re
import time

import grpc
import pytest
import requests
from google.protobuf import json_format
from opentelemetry.proto.trace.v1 import trace_pb2

from support import otlp, tempopb
from support.api import Api, eventually
from support.otlp import MS, SECOND
from support.process import ROOT

PROTOBUF = {"Accept": "application/protobuf"}
FOR_MODELS = {"Accept": "application/vnd.grafana.llm"}
START = time.time_ns() // SECOND * SECOND - 120 * SECOND


@pytest.fixture(scope="module")
def tempo(server):
    return Api(server.ready["tempo"])


@pytest.fixture(scope="module")
def world(server):
    ask, quick, orphan = otlp.new_trace_id(), otlp.new_trace_id(), otlp.new_trace_id()
    root = otlp.span(
        ask,
        "ask",
        start=START,
        duration=2 * SECOND,
        kind=2,
        trace_state="a=b",
        attributes={
            "n": 2**53 + 1,
            "raw": b"\x01\x02",
            "half": 0.5,
            "on": True,
            "list": ["a", 1],
            "map": {"k": 2.5},
            "http.route": "/ask/{id}",
            'odd/"name"': "slashed",
        },
        links=[otlp.Span.Link(trace_id=quick, span_id=b"\x07" * 8, attributes=otlp.key_values({"why": "retry"}))],
        flags=257,
    )
    chat = otlp.span(
        ask,
        "chat gpt-4o",
        parent=root.span_id,
        start=START + 100 * MS,
        duration=SECOND,
        kind=3,
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 100,
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"How far is the moon?"}]}]',
            "gen_ai.output.messages": '[{"role":"assistant","finish_reason":"stop",'
            '"parts":[{"type":"text","content":"384,400 km"}]}]',
        },
    )
    lookup = otlp.span(
        ask,
        "lookup",
        parent=root.span_id,
        start=START + 1200 * MS,
        duration=500 * MS,
        kind=3,
        error="429",
        attributes={"http.status_code": 429},
        events=[otlp.event("exception", START + 1300 * MS, dropped=3, **{"exception.type": "TooMany", "attempt": 1})],
    )
    message = otlp.Request(
        resource_spans=[
            otlp.resource_spans(
                [root, otlp.span(quick, "quick", start=START + SECOND, duration=MS, attributes={"n": 1})],
                service="front",
                resource={"cluster": "eu-1"},
            ),
            otlp.resource_spans([chat, lookup], service="model", scope="openai", scope_version="1.2"),
            otlp.resource_spans(
                [otlp.span(orphan, "late", parent=b"\x09" * 8, start=START + 3 * SECOND)], service="worker"
            ),
        ]
    )
    message.resource_spans[0].schema_url = "https://opentelemetry.io/schemas/1.30.0"
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(message)
    server.api.wait_for_traces(3)
    eventually(
        lambda: server.api.get("/api/v1/calls")["items"], lambda items: len(items) >= 1, what="the call is stored"
    )
    return {"ask": ask.hex(), "quick": quick.hex(), "orphan": orphan.hex(), "message": message}


def by_name(resource_spans, trace_id):
    """Spans of a trace by name: (resource, scope, span)."""
    return {
        span.name: (group.resource, scoped.scope, span)
        for group in resource_spans
        for scoped in group.scope_spans
        for span in scoped.spans
        if span.trace_id.hex() == trace_id
    }


def seconds(nanos):
    return nanos // SECOND


# --- small answers ----------------------------------------------------------------------------


def test_the_data_source_is_found(tempo):
    assert tempo.raw("/api/echo").text == "echo"
    assert tempo.raw("/ready").text == "ready\n"
    info = tempo.get("/api/status/buildinfo")
    assert set(info) == {"version", "revision", "branch", "buildDate", "buildUser", "goVersion"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["version"])
    assert info["version"] in tempo.raw("/status/version").text


def test_what_is_not_there_is_said_in_plain_text(tempo):
    response = tempo.raw("/api/nothing")
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "/api/nothing" in response.text
    response = tempo.raw("/api/search", method="POST")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_a_web_page_elsewhere_cannot_ask(tempo):
    assert tempo.raw("/api/echo", headers={"Host": "evil.example"}).status_code == 403


def test_questions_are_counted_beside_those_of_the_other_apis(tempo, api):
    tempo.get("/api/search/tags")
    count = re.search(r'telltale_query_seconds_count\{face="tempo"\} (\d+)', api.raw("/metrics").text)
    assert int(count.group(1)) > 0


# --- one trace --------------------------------------------------------------------------------


def check_protobuf(found, world):
    sent = by_name(world["message"].resource_spans, world["ask"])
    got = by_name(found, world["ask"])
    assert got.keys() == sent.keys()
    for name, (resource, scope, span) in got.items():
        assert (resource, scope) == sent[name][:2]
        expected = otlp.Span()
        expected.CopyFrom(sent[name][2])
        expected.status.SetInParent()
        assert span == expected


def test_version_1_is_a_trace_as_protobuf(world, tempo):
    response = tempo.raw(f"/api/traces/{world['ask']}", headers=PROTOBUF)
    assert response.headers["Content-Type"] == "application/protobuf"
    trace = trace_pb2.TracesData.FromString(response.content)
    check_protobuf(trace.resource_spans, world)
    assert {g.schema_url for g in trace.resource_spans} == {"https://opentelemetry.io/schemas/1.30.0", ""}


def test_version_2_is_a_response_as_protobuf(world, tempo):
    response = tempo.raw(f"/api/v2/traces/{world['ask']}", headers=PROTOBUF)
    assert response.headers["Content-Type"] == "application/protobuf"
    answer = tempopb.TraceByIDResponse.FromString(response.content)
    assert (answer.status, answer.message) == (0, "")
    check_protobuf(answer.trace.resourceSpans, world)


@pytest.mark.parametrize("path, unwrap", [("/api/traces/", lambda a: a["batches"]), ("/api/v2/traces/", lambda a: a["trace"]["resourceSpans"])])
def test_a_trace_as_json_is_protobufs(world, tempo, path, unwrap):
    groups = unwrap(tempo.get(path + world["ask"]))
    spans = {span["name"]: span for group in groups for scoped in group["scopeSpans"] for span in scoped["spans"]}
    sent = by_name(world["message"].resource_spans, world["ask"])
    assert spans.keys() == sent.keys()
    for name, span in spans.items():
        of = sent[name][2]
        assert base64.b64decode(span["traceId"]) == of.trace_id
        assert base64.b64decode(span["spanId"]) == of.span_id
        assert base64.b64decode(span.get("parentSpanId", "")) == of.parent_span_id
        assert span["startTimeUnixNano"] == str(of.start_time_unix_nano)
    assert spans["ask"]["kind"] == "SPAN_KIND_SERVER"
    assert spans["ask"]["status"] == {}
    assert spans["lookup"]["status"] == {"message": "429", "code": "STATUS_CODE_ERROR"}
    assert spans["lookup"]["events"][0]["name"] == "exception"
    assert base64.b64decode(spans["ask"]["links"][0]["traceId"]).hex() == world["quick"]
    values = {a["key"]: a["value"] for a in spans["ask"]["attributes"]}
    assert values["n"] == {"intValue": str(2**53 + 1)}
    assert values["list"] == {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}]}}


def test_a_trace_can_be_named_without_its_leading_zeros(server, tempo):
    trace_id = bytes(12) + b"\x01\x02\x03\x04"
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id, "short")]))
    server.api.wait_for_trace(trace_id.hex())
    assert tempo.get("/api/traces/1020304")["batches"]


@pytest.mark.parametrize("path", ["/api/traces/", "/api/v2/traces/"])
def test_an_unknown_trace_is_not_found(tempo, path):
    for trace_id in ("0", "abcdef0123456789abcdef0123456789"):
        response = tempo.raw(path + trace_id, headers=PROTOBUF)
        assert (response.status_code, response.text) == (404, "trace not found")
    response = tempo.raw(path + "no-hex")
    assert response.status_code == 400
    assert "no-hex" in response.text


def test_times_decide_whether_a_trace_is_found_but_never_cut_it(world, tempo):
    path = f"/api/v2/traces/{world['ask']}"
    inside = tempo.get(path, start=seconds(START) + 1, end=seconds(START) + 60)
    assert sum(len(s["spans"]) for g in inside["trace"]["resourceSpans"] for s in g["scopeSpans"]) == 3
    assert tempo.raw(path, start=1_600_000_000, end=1_600_000_100).status_code == 404
    assert tempo.raw(path, start=0, end=0).status_code == 200
    response = tempo.raw(path, start=200, end=100)
    assert response.status_code == 400
    assert "start must be before end" in response.text
    assert tempo.raw(path, start="soon").status_code == 400


def test_a_filter_leaves_the_spans_that_match_and_what_they_hang_under(world, tempo):
    def names(**parameters):
        answer = tempo.get(f"/api/v2/traces/{world['ask']}", **parameters)
        return sorted(s["name"] for g in answer["trace"]["resourceSpans"] for sc in g["scopeSpans"] for s in sc["spans"])

    assert names(q="{ status = error }") == ["ask", "lookup"]
    assert names(q="{ status = error }", keep_hierarchy="false") == ["lookup"]
    assert names(q="{ call.kind = llm }") == ["ask", "chat gpt-4o"]
    assert names(q="{}") == names() == ["ask", "chat gpt-4o", "lookup"]
    assert names(q="{ name = \"nothing\" }") == []
    for wrong in ("{} | count() > 1", "{} >> {}", "{} | rate()", "{"):
        assert tempo.raw(f"/api/v2/traces/{world['ask']}", q=wrong).status_code == 400
    assert tempo.raw(f"/api/v2/traces/{world['ask']}", q="{}", keep_hierarchy="x").status_code == 400


def test_a_trace_for_language_models_is_a_tree_with_calls(world, tempo):
    response = tempo.raw(f"/api/v2/traces/{world['ask']}", headers=FOR_MODELS)
    assert response.headers["Content-Type"] == "application/vnd.grafana.llm"
    trace = response.json()["trace"]
    assert (trace["traceId"], trace["spanCount"], trace["errorCount"]) == (world["ask"], 3, 1)
    assert trace["durationMs"] == 2000
    assert trace["calls"]["count"] == 1
    assert trace["calls"]["costUsd"] == pytest.approx(0.0035)
    (root,) = trace["spans"]
    assert (root["name"], root["service"], root["kind"]) == ("ask", "front", "server")
    chat, lookup = root["spans"]
    assert (chat["service"], chat["startMs"], chat["durationMs"]) == ("model", 100, 1000)
    call = chat["call"]
    assert (call["kind"], call["model"]) == ("llm", "gpt-4o-2024-08-06")
    assert (call["inputTokens"], call["outputTokens"]) == (1000, 100)
    assert (call["input"], call["output"]) == ("How far is the moon?", "384,400 km")
    assert lookup["error"] == "429"
    assert lookup["attributes"] == {"http.status_code": 429}
    assert lookup["events"] == [{"name": "exception", "exception.type": "TooMany"}]
    assert len(response.content) < 2_500


# --- search -----------------------------------------------------------------------------------


def search(tempo, **parameters):
    return tempo.get("/api/search", **parameters)["traces"]


def found_ids(traces):
    return [trace["traceID"] for trace in traces]


def test_a_search_answers_with_what_grafana_reads(world, tempo):
    traces = search(
        tempo,
        q='{ resource.service.name = "model" && status = error } | select(span.http.status_code, name, duration)',
        start=seconds(START) - 10,
        end=seconds(START) + 10,
        limit=20,
        spss=3,
    )
    lookup = by_name(world["message"].resource_spans, world["ask"])["lookup"][2]
    span = {
        "spanID": lookup.span_id.hex(),
        "name": "lookup",
        "startTimeUnixNano": str(lookup.start_time_unix_nano),
        "durationNanos": str(500 * MS),
    }
    attributes = [
        {"key": "service.name", "value": {"stringValue": "model"}},
        {"key": "status", "value": {"stringValue": "error"}},
        {"key": "http.status_code", "value": {"intValue": "429"}},
    ]
    (trace,) = traces
    for span_set in [trace["spanSet"], *trace["spanSets"]]:
        assert span_set["matched"] == 1
        (found,) = span_set["spans"]
        assert {k: v for k, v in found.items() if k != "attributes"} == span
        assert sorted(found["attributes"], key=str) == sorted(attributes, key=str)
    assert {k: v for k, v in trace.items() if not k.startswith("spanSet")} == {
        "traceID": world["ask"],
        "rootServiceName": "front",
        "rootTraceName": "ask",
        "startTimeUnixNano": str(START),
        "durationMs": 2000,
        "serviceStats": {"front": {"spanCount": 1}, "model": {"spanCount": 2, "errorCount": 1}},
    }


def test_a_search_without_times_looks_everywhere(world, tempo):
    assert set(found_ids(search(tempo))) >= {world["ask"], world["quick"], world["orphan"]}
    assert set(found_ids(search(tempo, q="{}"))) >= {world["ask"], world["quick"], world["orphan"]}
    assert search(tempo, q="{}", start=1_600_000_000, end=1_600_000_100) == []


def test_the_second_that_the_end_names_is_searched(world, tempo):
    assert found_ids(search(tempo, q='{ name = "ask" }', start=seconds(START) - 5, end=seconds(START))) == [
        world["ask"]
    ]


def test_a_trace_without_root_says_so(world, tempo):
    (trace,) = search(tempo, q='{ name = "late" }')
    assert trace["rootServiceName"] == trace["rootTraceName"] == "<root span not yet received>"
    assert "durationMs" in trace


def test_calls_are_found_and_shown_by_their_fields(world, tempo):
    (trace,) = search(tempo, q="{ call.kind = llm && call.cost > 0.001 } | select(call.model, call.input_tokens)")
    (span,) = trace["spanSets"][0]["spans"]
    values = {a["key"]: a["value"] for a in span["attributes"]}
    assert values["call.kind"] == {"stringValue": "llm"}
    assert values["call.model"] == {"stringValue": "gpt-4o-2024-08-06"}
    assert values["call.input_tokens"] == {"intValue": "1000"}
    assert values["call.cost"]["doubleValue"] == pytest.approx(0.0035)


def test_sets_are_split_and_counted(world, tempo):
    (trace,) = search(tempo, q='{ name != "late" } | by(resource.service.name) | count() > 1')
    (span_set,) = trace["spanSets"]
    values = {a["key"]: a["value"] for a in span_set["attributes"]}
    assert values["by(resource.service.name)"] == {"stringValue": "model"}
    assert span_set["matched"] == 2


def test_places_in_the_tree_are_numbers_as_drill_down_reads_them(world, tempo):
    (trace,) = search(
        tempo,
        q='({nestedSetParent<0 && name="ask"} &>> { status = error }) | '
        "select(status, resource.service.name, name, nestedSetParent, nestedSetLeft, nestedSetRight)",
        spss=20,
    )
    spans = {s["name"]: {a["key"]: a["value"] for a in s["attributes"]} for s in trace["spanSets"][0]["spans"]}
    assert spans["ask"]["nestedSetParent"] == {"intValue": "-1"}
    assert spans["lookup"]["nestedSetParent"] == spans["ask"]["nestedSetLeft"]
    assert spans["lookup"]["service.name"] == {"stringValue": "model"}


def test_limits_hold(world, tempo):
    assert len(search(tempo, q="{}", limit=1)) == 1
    (trace,) = search(tempo, q='{ resource.service.name = "model" }', spss=1)
    assert len(trace["spanSets"][0]["spans"]) == 1
    assert trace["spanSets"][0]["matched"] == 2
    for name in ("limit", "spss"):
        for value in ("0", "-1", "many"):
            response = tempo.raw("/api/search", q="{}", **{name: value})
            assert response.status_code == 400
            assert f"invalid {name}" in response.text


@pytest.mark.parametrize(
    "tags, expected",
    [
        ("service.name=MODEL", ["ask"]),
        ("service.name=front http.route=/ask", ["ask"]),
        ('http.route="/ask/{id}"', ["ask"]),
        ("http.status_code=429", ["ask"]),
        ("http.status_code=42", []),
        ("cluster=eu", ["ask", "quick"]),
        ("name=late", ["orphan"]),
        ("error=true", ["ask"]),
        ("status.code=error", ["ask"]),
        ("root.name=quick", ["quick"]),
        ("gen_ai.request.model", ["ask"]),
        ("nothing=here", []),
    ],
)
def test_tags_find_traces(world, tempo, tags, expected):
    found = found_ids(search(tempo, tags=tags, limit=100))
    assert sorted(found) == sorted(world[name] for name in expected)


def test_tags_and_queries_take_durations_of_traces(world, tempo):
    assert found_ids(search(tempo, tags="cluster=eu-1", minDuration="1s")) == [world["ask"]]
    assert found_ids(search(tempo, tags="cluster=eu-1", maxDuration="100ms")) == [world["quick"]]
    assert found_ids(search(tempo, q='{ resource.cluster = "eu-1" }', minDuration="1s")) == [world["ask"]]


@pytest.mark.parametrize(
    "parameters, text",
    [
        ({"q": "{ status = failed }"}, "invalid TraceQL query: query, line 1, column 12: unknown status `failed`"),
        ({"q": "{"}, "invalid TraceQL query: query, line 1"),
        ({"q": "{} | rate()"}, "series over time"),
        ({"q": "{}", "tags": "a=b"}, "can't specify tags and q"),
        ({"tags": 'a="b'}, "invalid tags: unterminated quoted value at pos 5"),
        ({"tags": "a=1 a=2"}, "invalid tags: tag a has been set twice"),
        ({"tags": "=1"}, "invalid tags: unexpected '=' at pos 1"),
        ({"q": "{}", "minDuration": "slow"}, "minDuration"),
        ({"q": "{}", "minDuration": "2s", "maxDuration": "1s"}, "must be greater than minDuration"),
        ({"q": "{}", "start": "20", "end": "10"}, "http parameter start must be before end. received start=20 end=10"),
    ],
)
def test_a_wrong_search_says_why(tempo, parameters, text):
    response = tempo.raw("/api/search", **parameters)
    assert response.status_code == 400
    assert text in response.text


def grafana_queries():
    text = pathlib.Path(ROOT / "tests/golden/traceql/grafana.golden").read_text()
    return [m.group(1).strip() for m in re.finditer(r"--- query\n(.*?)\n---", text, re.S)]


@pytest.mark.parametrize("query", grafana_queries())
def test_every_query_that_grafana_writes_is_answered(world, tempo, query):
    times = {"start": seconds(START) - 60, "end": seconds(START) + 60}
    is_metric = re.search(r"\|\s*(rate|\w+_over_time|compare)\s*\(", query)
    path = "/api/metrics/query_range" if is_metric else "/api/search"
    tempo.get(path, q=query, **times)


def test_advice_is_taken(world, tempo):
    assert search(tempo, q='{ name = "ask" } with(most_recent=true)')


# --- names and values --------------------------------------------------------------------------


def test_names_stand_under_their_scopes(world, tempo):
    scopes = {s["name"]: s["tags"] for s in tempo.get("/api/v2/search/tags", limit=5000)["scopes"]}
    assert {"http.route", "gen_ai.request.model", 'odd/"name"'} <= set(scopes["span"])
    assert {"service.name", "cluster"} <= set(scopes["resource"])
    assert {"exception.type", "attempt"} <= set(scopes["event"])
    assert scopes["link"] == ["why"]
    assert {"name", "status", "duration", "rootServiceName", "trace:id", "call.model"} <= set(scopes["intrinsic"])
    assert "call" not in scopes


def test_one_scope_can_be_asked_for(world, tempo):
    (scope,) = tempo.get("/api/v2/search/tags", scope="resource")["scopes"]
    assert (scope["name"], "cluster" in scope["tags"]) == ("resource", True)
    (scope,) = tempo.get("/api/v2/search/tags", scope="call")["scopes"]
    assert {"model", "cost", "prompt.name"} <= set(scope["tags"])
    assert tempo.get("/api/v2/search/tags", scope="intrinsic")["scopes"][0]["name"] == "intrinsic"
    response = tempo.raw("/api/v2/search/tags", scope="nowhere")
    assert (response.status_code, "nowhere" in response.text) == (400, True)


def test_names_are_those_of_the_spans_that_a_query_and_times_leave(world, tempo):
    scopes = tempo.get("/api/v2/search/tags", q='{ name = "quick" }', scope="span")["scopes"]
    assert scopes == [{"name": "span", "tags": ["n"]}]
    assert tempo.get("/api/v2/search/tags", scope="span", start=1_600_000_000, end=1_600_000_010)["scopes"] == []


def test_the_older_names_are_one_list(world, tempo):
    names = tempo.get("/api/search/tags")["tagNames"]
    assert {"service.name", "http.route", "name"} <= set(names)
    assert names == sorted(names)
    assert tempo.get("/api/search/tags", scope="link")["tagNames"] == ["why"]


def values(tempo, name, **parameters):
    """As Grafana asks: the name encoded twice."""
    quoted = requests.utils.quote(requests.utils.quote(name, safe=""), safe="")
    answer = tempo.get(f"/api/v2/search/tag/{quoted}/values", **parameters)
    return {(v["type"], v["value"]) for v in answer["tagValues"]}


@pytest.mark.parametrize(
    "name, expected",
    [
        ("resource.service.name", {("string", "front"), ("string", "model"), ("string", "worker")}),
        (".service.name", {("string", "front"), ("string", "model"), ("string", "worker")}),
        ("resource.cluster", {("string", "eu-1")}),
        ("span.http.route", {("string", "/ask/{id}")}),
        (".http.status_code", {("int", "429")}),
        ("span.half", {("float", "0.5")}),
        ("span.on", {("bool", "true")}),
        ("span.list", set()),
        ('span.odd/"name"', {("string", "slashed")}),
        ('span."odd/\\"name\\""', {("string", "slashed")}),
        ("event:name", {("string", "exception")}),
        ("event.exception.type", {("string", "TooMany")}),
        ("event.attempt", {("int", "1")}),
        ("link.why", {("string", "retry")}),
        ("instrumentation:name", {("string", "openai"), ("string", "test-scope")}),
        ("statusMessage", {("string", "429")}),
        ("rootServiceName", {("string", "front"), ("string", "test-service")}),
        ("trace:rootName", {("string", "ask"), ("string", "quick"), ("string", "short")}),
        ("status", {("keyword", "unset"), ("keyword", "ok"), ("keyword", "error")}),
        ("call.kind", {("keyword", "llm")}),
        ("call.model", {("string", "gpt-4o-2024-08-06")}),
        ("call.provider", {("string", "openai")}),
        ("duration", set()),
        ("trace:id", set()),
        ("span.nothing", set()),
    ],
)
def test_values_of_a_field(world, tempo, name, expected):
    found = values(tempo, name)
    if name in ("resource.service.name", ".service.name"):
        found -= {("string", "test-service")}
    if name in ("rootServiceName", "trace:rootName", "span.nothing"):
        found |= {pair for pair in expected if pair[1] in ("test-service", "short")}
    assert found == expected


def test_values_are_those_of_the_spans_that_a_query_and_times_leave(world, tempo):
    assert values(tempo, "resource.service.name", q="{ status = error }") == {("string", "model")}
    assert values(tempo, "name", q='{ resource.service.name = "model" }') == {
        ("string", "chat gpt-4o"),
        ("string", "lookup"),
    }
    assert values(tempo, "call.model", q='{ resource.service.name = "front" }') == set()
    assert values(tempo, "call.model", q='{ resource.service.name = "model" }')
    assert values(tempo, "name", start=1_600_000_000, end=1_600_000_010) == set()
    assert len(values(tempo, "name", limit=2)) == 2


def test_a_query_that_is_still_being_typed_filters_by_what_it_says(world, tempo):
    assert values(tempo, "name", q='{ resource.service.name = "model" && span.http.status_code = }') == {
        ("string", "chat gpt-4o"),
        ("string", "lookup"),
    }
    everything = values(tempo, "name")
    assert values(tempo, "name", q="{ name = }") == everything
    assert values(tempo, "name", q="rubbish") == everything


def test_names_as_the_first_version_wrote_them(world, tempo):
    assert "front" in tempo.get("/api/search/tag/service.name/values")["tagValues"]
    assert tempo.get("/api/search/tag/http.status_code/values")["tagValues"] == ["429"]
    assert tempo.get("/api/search/tag/status/values")["tagValues"] == ["unset", "ok", "error"]
    assert tempo.get("/api/search/tag/call.model/values")["tagValues"] == ["gpt-4o-2024-08-06"]


def test_values_by_type_for_language_models(world, tempo):
    answer = tempo.raw("/api/v2/search/tag/.n/values", headers=FOR_MODELS).json()
    assert set(answer["tagValues"]["int"]) == {"1", str(2**53 + 1)}


def test_a_name_of_no_field_is_refused(tempo):
    response = tempo.raw("/api/v2/search/tag/nonsense/values")
    assert response.status_code == 400
    assert "tag name is not valid intrinsic or scoped attribute: nonsense" in response.text


# --- metrics ------------------------------------------------------------------------------------


def series_of(answer):
    return {
        tuple(next(iter(label["value"].values())) for label in series["labels"]): series for series in answer["series"]
    }


def test_a_metric_is_series_over_time(world, tempo):
    answer = tempo.get(
        "/api/metrics/query_range",
        q="{ } | count_over_time() by (resource.service.name)",
        start=seconds(START) - 60,
        end=seconds(START) + 60,
        step="10s",
        exemplars=10,
    )
    series = series_of(answer)
    assert series.keys() >= {("front",), ("model",), ("worker",)}
    model = series[("model",)]
    assert model["labels"] == [{"key": "resource.service.name", "value": {"stringValue": "model"}}]
    assert sum(sample["value"] for sample in model["samples"]) == 2
    for sample in model["samples"]:
        assert int(sample["timestampMs"]) % 10_000 == 0
    assert model["promLabels"] == '{resource.service.name="model"}'
    exemplars = [e for s in series.values() for e in s.get("exemplars", [])]
    assert exemplars
    for exemplar in exemplars:
        labels = {label["key"]: label["value"]["stringValue"] for label in exemplar["labels"]}
        assert len(labels["trace:id"]) == 32
        assert seconds(START) - 60 <= int(exemplar["timestampMs"]) / 1000 <= seconds(START) + 60


def test_steps_and_times_are_read_as_tempo_reads_them(world, tempo):
    query = "{ } | count_over_time()"
    for step in ("30", "30s", "0.5m"):
        answer = tempo.get(
            "/api/metrics/query_range", q=query, start=seconds(START) - 60, end=seconds(START) + 60, step=step
        )
        times = [int(s["timestampMs"]) for s in answer["series"][0]["samples"]]
        assert all(t % 30_000 == 0 for t in times)
    total = lambda **more: sum(  # noqa: E731
        s["value"] for s in tempo.get("/api/metrics/query_range", q=query, **more)["series"][0]["samples"]
    )
    in_seconds = total(start=seconds(START) - 60, end=seconds(START) + 60)
    assert in_seconds == 5
    assert total(start=START - 60 * SECOND, end=START + 60 * SECOND) == in_seconds
    assert total(since="1h") >= in_seconds


def test_an_instant_metric_is_one_value(world, tempo):
    answer = tempo.get(
        "/api/metrics/query",
        q="{ call.kind = llm } | sum_over_time(call.cost) by (call.model)",
        start=seconds(START) - 60,
        end=seconds(START) + 60,
    )
    (series,) = answer["series"]
    assert set(series) == {"labels", "value"}
    assert series["labels"] == [{"key": "call.model", "value": {"stringValue": "gpt-4o-2024-08-06"}}]
    assert series["value"] == pytest.approx(0.0035)


@pytest.mark.parametrize(
    "parameters, text",
    [
        ({}, "q is required"),
        ({"q": "{ name = \"ask\" }"}, "metric"),
        ({"q": "{} | rate("}, "invalid TraceQL query"),
        ({"q": "{} | rate()", "step": "often"}, 'cannot parse "often" to a valid duration'),
        ({"q": "{} | rate()", "step": "0"}, "valid duration"),
        ({"q": "{} | rate()", "since": "ever"}, "since"),
        ({"q": "{} | rate()", "start": "1000000000", "end": "1700000000", "step": "1s"}, "steps"),
    ],
)
def test_a_wrong_metric_says_why(tempo, parameters, text):
    response = tempo.raw("/api/metrics/query_range", **parameters)
    assert response.status_code in (400, 422)
    assert text in response.text


# --- streams ---------------------------------------------------------------------------------------


def stream(tempo, method, request, answer):
    """What Grafana asks where streaming is switched on: gRPC on the same port."""
    with grpc.insecure_channel(tempo.address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        call = channel.unary_stream(
            f"/tempopb.StreamingQuerier/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString if answer else None,
        )
        return list(call(request, timeout=30))


def test_a_streamed_search_is_the_search(world, tempo):
    query = '{ resource.service.name = "model" && status = error } | select(span.http.status_code, name)'
    request = tempopb.SearchRequest(
        Query=query, Limit=20, SpansPerSpanSet=3, start=seconds(START) - 10, end=seconds(START) + 10
    )
    (message,) = stream(tempo, "Search", request, tempopb.SearchResponse)
    assert message.metrics.completedJobs == message.metrics.totalJobs == 1
    streamed = json_format.MessageToDict(message)["traces"]
    asked = search(tempo, q=query, limit=20, spss=3, start=seconds(START) - 10, end=seconds(START) + 10)
    for trace in streamed:
        trace["serviceStats"] = {entry["key"]: entry["value"] for entry in trace["serviceStats"]}
    assert streamed == asked


def test_a_streamed_search_takes_tags_and_durations(world, tempo):
    request = tempopb.SearchRequest(
        Tags=[tempopb.TagsEntry(key="http.route", value="/ask/{id}"), tempopb.TagsEntry(key="cluster", value="eu")],
        MinDurationMs=1000,
    )
    (message,) = stream(tempo, "Search", request, tempopb.SearchResponse)
    assert [trace.traceID for trace in message.traces] == [world["ask"]]


def test_streamed_metrics_are_the_metrics(world, tempo):
    times = {"start": START - 60 * SECOND, "end": START + 60 * SECOND}
    query = "{ } | count_over_time() by (resource.service.name)"
    (message,) = stream(
        tempo,
        "MetricsQueryRange",
        tempopb.QueryRangeRequest(query=query, step=10 * SECOND, **times),
        tempopb.QueryRangeResponse,
    )
    counts = {s.labels[0].value.string_value: sum(sample.value for sample in s.samples) for s in message.series}
    assert counts["model"] == 2
    assert all(sample.timestamp_ms % 10_000 == 0 for series in message.series for sample in series.samples)
    assert any(series.exemplars for series in message.series)
    (message,) = stream(
        tempo, "MetricsQueryInstant", tempopb.QueryInstantRequest(query=query, **times), tempopb.QueryInstantResponse
    )
    assert {s.labels[0].value.string_value: s.value for s in message.series}["model"] == 2


def test_the_same_protobuf_is_answered_over_http(world, tempo):
    response = tempo.raw("/api/search", headers=PROTOBUF, q='{ name = "ask" }')
    assert response.headers["Content-Type"] == "application/protobuf"
    (trace,) = tempopb.SearchResponse.FromString(response.content).traces
    assert trace.traceID == world["ask"]


@pytest.mark.parametrize(
    "method, request_message, code, text",
    [
        ("Search", tempopb.SearchRequest(Query="{ status = failed }"), grpc.StatusCode.INVALID_ARGUMENT, "failed"),
        ("MetricsQueryRange", tempopb.QueryRangeRequest(query="{}"), grpc.StatusCode.INVALID_ARGUMENT, "metric"),
        ("SearchTags", tempopb.SearchRequest(), grpc.StatusCode.UNIMPLEMENTED, "SearchTags"),
    ],
)
def test_a_wrong_stream_says_why(tempo, method, request_message, code, text):
    with pytest.raises(grpc.RpcError) as error:
        stream(tempo, method, request_message, None)
    assert error.value.code() == code
    assert text in error.value.details()


def test_bytes_that_are_no_message_are_refused(tempo):
    with grpc.insecure_channel(tempo.address) as channel:
        call = channel.unary_stream("/tempopb.StreamingQuerier/Search")
        with pytest.raises(grpc.RpcError) as error:
            list(call(b"\xff\xff", timeout=30))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_streams_and_requests_go_on_side_by_side(world, tempo):
    request = tempopb.SearchRequest(Query='{ name = "ask" }')
    for _ in range(5):
        assert stream(tempo, "Search", request, tempopb.SearchResponse)[0].traces
        assert found_ids(search(tempo, q='{ name = "ask" }')) == [world["ask"]]


# --- the empty store, the large trace, the switch --------------------------------------------------


def test_an_empty_store_has_empty_answers(fresh_server):
    tempo = Api(fresh_server().ready["tempo"])
    assert tempo.get("/api/search", q="{ status = error }")["traces"] == []
    assert tempo.get("/api/search/tag/service.name/values")["tagValues"] == []
    assert tempo.get("/api/v2/search/tag/call.model/values")["tagValues"] == []
    assert [s["name"] for s in tempo.get("/api/v2/search/tags")["scopes"]] == ["intrinsic"]
    answer = tempo.get("/api/metrics/query_range", q="{} | rate()")
    assert all(sample["value"] == 0 for series in answer["series"] for sample in series["samples"])
    assert tempo.get("/api/metrics/query_range", q="{} | rate() by (name)")["series"] == []
    assert tempo.raw("/api/traces/1").status_code == 404


def test_the_port_can_be_off_or_alone(fresh_server):
    without = fresh_server("--tempo", "off")
    assert "tempo" not in without.ready
    alone = fresh_server("--http", "off")
    assert "http" not in alone.ready
    assert Api(alone.ready["tempo"]).raw("/api/echo").text == "echo"


def test_the_server_stops_while_a_stream_s_connection_is_open(fresh_server):
    server = fresh_server()
    with grpc.insecure_channel(server.ready["tempo"]) as channel:
        call = channel.unary_stream(
            "/tempopb.StreamingQuerier/Search", request_serializer=lambda message: message.SerializeToString()
        )
        assert len(list(call(tempopb.SearchRequest(Query="{}"), timeout=30))) == 1
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 20
