"""One call, whole: its long texts by reference and in parts, the calls around it; one span, whole."""

import json
import time

import pytest
import requests
from opentelemetry.proto.logs.v1 import logs_pb2

from support import otlp, signals
from support.api import eventually

LONG = "naïve 東京 🚆 " * 5_000


def chat(trace_id, *, answer="hello", question="hi", **more):
    return otlp.span(
        trace_id,
        "chat gpt-4o",
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 100,
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "parts": [{"type": "text", "content": question}]}], ensure_ascii=False
            ),
            "gen_ai.output.messages": json.dumps(
                [{"role": "assistant", "parts": [{"type": "text", "content": answer}]}], ensure_ascii=False
            ),
        },
        **more,
    )


def send(api, door, *spans):
    door.send(otlp.request(list(spans), service="detail"))
    api.wait_for_trace(spans[0].trace_id.hex(), spans=len(spans))


def path(span):
    return f"/api/v1/calls/{span.trace_id.hex()}/{span.span_id.hex()}"


def output_text(detail):
    return detail["call"]["output"]["messages"][0]["parts"][0]["content"]


def test_a_call_is_the_same_as_in_its_trace(api, http_door):
    span = chat(otlp.new_trace_id())
    send(api, http_door, span)
    detail = api.get(path(span))
    (of_trace,) = api.trace(span.trace_id.hex())["spans"]
    assert detail["call"] == of_trace["call"]
    assert detail["call"]["cost"]["total"] == pytest.approx(0.0035)
    assert (detail["service"], detail["name"], detail["counts"]) == ("detail", "chat gpt-4o", True)
    assert detail["neighbours"] == {"parent": None, "children": [], "child_count": 0, "truncated": False}
    assert detail["span"]["resource"]["attributes"][0]["key"] == "service.name"


def test_a_long_text_is_read_by_its_reference_whole_and_in_parts(api, http_door):
    span = chat(otlp.new_trace_id(), answer=LONG)
    send(api, http_door, span)
    text = output_text(api.get(path(span)))
    assert text["large"]["size_bytes"] == len(LONG.encode()) and text["large"]["type"] == "text"
    assert LONG.startswith(text["preview"]) and len(text["preview"]) > 300
    href = text["large"]["href"]

    whole = api.raw(href)
    assert whole.status_code == 200 and whole.content.decode() == LONG
    assert whole.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "immutable" in whole.headers["Cache-Control"]
    assert "Telltale-Next-Offset" not in whole.headers

    parts, offset = [], 0
    while offset is not None:
        part = api.raw(href, offset=offset, length=10_007)
        parts.append(part.content.decode())  # never cut inside of a character
        offset = part.headers.get("Telltale-Next-Offset")
    assert "".join(parts) == LONG and len(parts) == -(-len(LONG.encode()) // 10_005)

    again = api.raw(href, headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""


def test_an_offset_inside_of_a_character_is_moved_to_its_beginning_and_the_answer_says_so(api, http_door):
    span = chat(otlp.new_trace_id(), answer=LONG)
    send(api, http_door, span)
    href = output_text(api.get(path(span)))["large"]["href"]
    part = api.raw(href, offset=3, length=4)  # inside of the ï
    assert part.headers["Telltale-Content-Offset"] == "2"
    assert part.content.decode() == "ïve"
    assert api.raw(href, offset=10**9).content == b""
    assert "no such text" in api.error(href[:-1] + ("0" if href[-1] != "0" else "1"), 404)["message"]
    assert "length" in api.error(href, 400, length=0)["message"]


def test_what_may_stand_inline_is_the_clients_choice(api, http_door):
    span = chat(otlp.new_trace_id(), answer="x" * 1_000, question="y" * 300)
    send(api, http_door, span)
    assert output_text(api.get(path(span))) == "x" * 1_000
    small = api.get(path(span), inline_bytes=256)
    assert output_text(small)["large"]["size_bytes"] == 1_000
    asked = small["call"]["input"]["messages"][0]["parts"][0]["content"]
    assert api.raw(asked["large"]["href"]).text == "y" * 300


def test_fifty_megabytes_are_read_without_being_held_many_times(server, api, http_door):
    value = "".join(f"{n:015d}\n" for n in range(3_000_000))  # 48 MB, nothing repeated
    attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "dump", "gen_ai.tool.call.result": value}
    span = otlp.span(otlp.new_trace_id(), "dump", attributes=attributes)
    http_door.send(otlp.request([span], service="detail"))
    eventually(lambda: api.raw(path(span), inline_bytes=256).status_code, lambda s: s == 200, what="the call is there")
    before = api.get("/api/v1/stats")["memory_bytes"]
    text = api.get(path(span))["call"]["tool"]["call"]["result"]
    assert text["large"]["size_bytes"] == len(value)
    with requests.get(api.base + text["large"]["href"], stream=True, timeout=60) as answer:
        assert answer.status_code == 200
        held = api.get("/api/v1/stats")["memory_bytes"]
        assert answer.raw.read().decode() == value
    assert held - before < 600_000_000, (before, held)
    assert api.raw(text["large"]["href"], offset=47_999_990, length=100).text == value[47_999_990:]


def test_the_calls_around_it_are_found_through_spans_that_are_none(api, http_door):
    trace_id = otlp.new_trace_id()
    ids = {name: otlp.new_span_id() for name in ("agent", "step", "chat", "http", "tool", "inner")}
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "clerk"}
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look"}
    send(
        api,
        http_door,
        otlp.span(trace_id, "agent", span_id=ids["agent"], attributes=agent),
        otlp.span(trace_id, "step", span_id=ids["step"], parent=ids["agent"]),
        chat(trace_id, span_id=ids["chat"], parent=ids["step"]),
        otlp.span(trace_id, "http", span_id=ids["http"], parent=ids["chat"]),
        otlp.span(trace_id, "tool", span_id=ids["tool"], parent=ids["http"], attributes=tool),
        otlp.span(trace_id, "inner", span_id=ids["inner"], parent=ids["tool"], attributes=tool),
    )
    around = api.get(f"/api/v1/calls/{trace_id.hex()}/{ids['chat'].hex()}")["neighbours"]
    assert around["parent"]["name"] == "agent"
    assert [c["name"] for c in around["children"]] == ["tool"] and around["child_count"] == 1
    around = api.get(f"/api/v1/calls/{trace_id.hex()}/{ids['agent'].hex()}")["neighbours"]
    assert around["parent"] is None and [c["span_id"] for c in around["children"]] == [ids["chat"].hex()]


def test_what_a_log_record_says_belongs_to_the_call(api, http_door):
    trace_id = otlp.new_trace_id()
    span = otlp.span(
        trace_id, "chat", attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}
    )
    record = logs_pb2.LogRecord(
        time_unix_nano=time.time_ns(),
        trace_id=trace_id,
        span_id=span.span_id,
        event_name="gen_ai.client.inference.operation.details",
        attributes=otlp.key_values({"gen_ai.usage.input_tokens": 1234, "gen_ai.usage.output_tokens": 56}),
    )
    request = signals.LogsRequest(
        resource_logs=[logs_pb2.ResourceLogs(scope_logs=[logs_pb2.ScopeLogs(log_records=[record])])]
    )
    send(api, http_door, span)
    assert http_door.post(request.SerializeToString(), path="/v1/logs").status_code == 200
    detail = eventually(
        lambda: api.get(path(span)), lambda d: "usage" in d["call"], what="the record belongs to the call"
    )
    assert detail["call"]["usage"]["input_tokens"] == 1234
    (of_trace,) = api.trace(trace_id.hex())["spans"]
    assert detail["call"] == of_trace["call"]
    (log,) = api.get(f"/api/v1/traces/{trace_id.hex()}/spans/{span.span_id.hex()}")["logs"]
    assert log["eventName"] == "gen_ai.client.inference.operation.details"


def test_a_span_that_is_no_call_is_told_apart_from_one_that_is_not_there(api, http_door):
    span = otlp.span(otlp.new_trace_id(), "GET /", attributes={"http.route": "/"})
    send(api, http_door, span)
    error = api.error(path(span), 404)
    assert "is no call" in error["message"]
    whole = api.get(error["hint"].split()[-1])
    assert whole["call"] is None and whole["name"] == "GET /"
    assert whole["attributes"] == [{"key": "http.route", "value": {"stringValue": "/"}}]
    nowhere = f"/api/v1/calls/{span.trace_id.hex()}/00000000000000ff"
    assert "no such span" in api.error(nowhere, 404)["message"]
    assert api.error("/api/v1/calls/zz/1", 400)["message"].startswith("parameter trace_id: zz")


def test_a_span_is_read_whole_with_its_values_and_its_records(api, http_door):
    span = chat(otlp.new_trace_id(), answer=LONG)
    send(api, http_door, span)
    whole = api.get(f"/api/v1/traces/{span.trace_id.hex()}/spans/{span.span_id.hex()}")
    (of_trace,) = api.trace(span.trace_id.hex())["spans"]
    assert whole["attributes"] == of_trace["attributes"] and whole["call"] == of_trace["call"]
    assert whole["scope"]["name"] == "test-scope" and whole["logs"] == []
