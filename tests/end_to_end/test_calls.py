"""Calls as the store keeps them: listed, summed up, and settled against what came later."""

import random
import time

import pytest
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

from support import otlp, signals
from support.api import eventually

SECOND = otlp.SECOND


def chat(trace_id, *, model="gpt-4o", tokens=(1000, 100), provider="openai", user=None, response_id=None, **more):
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
    }
    if tokens:
        attributes |= {"gen_ai.usage.input_tokens": tokens[0], "gen_ai.usage.output_tokens": tokens[1]}
    if user:
        attributes["user.id"] = user
    if response_id:
        attributes["gen_ai.response.id"] = response_id
    return otlp.span(trace_id, f"chat {model}", attributes=attributes, **more)


def agent(trace_id, *, tokens, conversation=None, **more):
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "clerk",
        "gen_ai.usage.input_tokens": tokens[0],
        "gen_ai.usage.output_tokens": tokens[1],
    }
    if conversation:
        attributes["gen_ai.conversation.id"] = conversation
    return otlp.span(trace_id, "invoke_agent clerk", attributes=attributes, **more)


def send(door, *spans, service="calls-test", **more):
    door.send(otlp.request(list(spans), service=service, **more))


def stored(api):
    eventually(
        api.counters,
        lambda c: c["spans_stored"] >= c["spans_acknowledged"] and c["logs_stored"] >= c["logs_acknowledged"],
        what="everything is stored",
    )


def calls_of(api, trace_id):
    """{span id: item} of /api/v1/calls."""
    stored(api)
    return {c["span_id"]: c for c in api.get("/api/v1/calls", trace_id=trace_id.hex())["items"]}


def settled(api, trace_id, accept):
    """The calls of a trace, once `accept` says yes: a later part is settled after it is stored."""
    return eventually(lambda: calls_of(api, trace_id), accept, what=f"calls of {trace_id.hex()}")


def totals(api, **filters):
    (row,) = api.get("/api/v1/aggregate", **filters)["items"]
    return row


def test_a_call_is_listed_with_what_it_took_and_cost(api, http_door):
    trace_id = otlp.new_trace_id()
    span = chat(trace_id, user="ann")
    send(http_door, span)
    (call,) = calls_of(api, trace_id).values()
    assert (call["trace_id"], call["span_id"]) == (trace_id.hex(), span.span_id.hex())
    assert call["service"] == "calls-test" and call["name"] == "chat gpt-4o" and call["counts"]
    assert call["call"]["kind"] == "llm" and call["call"]["user"]["id"] == "ann"
    assert call["call"]["usage"]["input_tokens"] == 1000
    # 1,000 x $2.50 + 100 x $10 per million.
    assert call["call"]["cost"]["total"] == pytest.approx(0.0035)
    assert call["call"]["cost"]["rule"] and call["call"]["cost"]["table_version"]


def test_spans_that_are_no_calls_are_not_listed(api, http_door):
    trace_id = otlp.new_trace_id()
    send(http_door, otlp.span(trace_id, "GET /", attributes={"http.route": "/"}))
    assert calls_of(api, trace_id) == {}
    (trace,) = [t for t in api.traces(service="calls-test") if t["trace_id"] == trace_id.hex()]
    assert trace["totals"] is None


def test_a_sum_that_comes_in_a_later_request_counts_no_more_than_its_parts(api, http_door):
    trace_id, outer = otlp.new_trace_id(), otlp.new_span_id()
    send(http_door, chat(trace_id, parent=outer), chat(trace_id, parent=outer))
    assert all(c["counts"] for c in calls_of(api, trace_id).values())
    assert totals(api, trace_id=trace_id.hex())["input_tokens"] == 2000
    send(http_door, agent(trace_id, tokens=(2000, 200), span_id=outer, conversation="talk"))
    calls = settled(api, trace_id, lambda calls: outer.hex() in calls and not calls[outer.hex()]["counts"])
    assert calls[outer.hex()]["call"]["usage"]["scope"] == "aggregate"
    assert {c["call"]["session"]["id"] for c in calls.values()} == {"talk"}
    row = totals(api, trace_id=trace_id.hex())
    assert (row["calls"], row["input_tokens"], row["output_tokens"]) == (2, 2000, 200)
    assert row["cost"]["total"] == pytest.approx(0.007)


def test_an_agent_that_is_all_that_is_told_counts_until_its_calls_come(api, http_door):
    trace_id, outer = otlp.new_trace_id(), otlp.new_span_id()
    send(http_door, agent(trace_id, tokens=(500, 50), span_id=outer))
    assert calls_of(api, trace_id)[outer.hex()]["counts"]
    assert totals(api, trace_id=trace_id.hex())["input_tokens"] == 500
    send(http_door, chat(trace_id, tokens=(500, 50), parent=outer))
    settled(api, trace_id, lambda calls: len(calls) == 2 and not calls[outer.hex()]["counts"])
    assert totals(api, trace_id=trace_id.hex())["input_tokens"] == 500


def test_a_step_between_that_comes_last_joins_the_sum_to_its_parts(api, http_door):
    trace_id, outer, step = otlp.new_trace_id(), otlp.new_span_id(), otlp.new_span_id()
    send(http_door, agent(trace_id, tokens=(700, 70), span_id=outer))
    send(http_door, chat(trace_id, tokens=(700, 70), parent=step))
    calls = calls_of(api, trace_id)
    assert all(c["counts"] for c in calls.values()), "nothing says yet that one is in the other"
    send(http_door, otlp.span(trace_id, "step", span_id=step, parent=outer))
    settled(api, trace_id, lambda calls: not calls[outer.hex()]["counts"])


def test_one_call_told_twice_in_two_requests_counts_once(api, http_door):
    trace_id, outer, start = otlp.new_trace_id(), otlp.new_span_id(), time.time_ns() - 5 * SECOND
    told = {"parent": outer, "start": start, "duration": SECOND, "response_id": f"answer-{trace_id.hex()}"}
    first, second = chat(trace_id, **told), chat(trace_id, **told)
    send(http_door, first, scope="openai-sdk")
    send(http_door, second, scope="an-instrumentation")
    calls = settled(api, trace_id, lambda calls: sum(c["counts"] for c in calls.values()) == 1)
    (counted,) = [span_id for span_id, c in calls.items() if c["counts"]]
    (twin,) = [c for c in calls.values() if not c["counts"]]
    assert twin["call"]["duplicate_of"] == counted
    assert "cost" not in twin["call"]


def test_one_call_told_in_two_traces_at_once_counts_once(api, http_door):
    start = time.time_ns() - 5 * SECOND
    told = {"start": start, "duration": SECOND, "response_id": f"answer-{start}"}
    one, other = otlp.new_trace_id(), otlp.new_trace_id()
    send(http_door, chat(one, **told))
    stored(api)
    send(http_door, chat(other, **told))
    eventually(
        lambda: [c["counts"] for t in (one, other) for c in calls_of(api, t).values()],
        lambda counts: sorted(counts) == [False, True],
        what="one of the two counts",
    )


def test_an_answer_id_that_is_given_again_later_is_another_call(api, http_door):
    start = time.time_ns() - 500 * SECOND
    one, other = otlp.new_trace_id(), otlp.new_trace_id()
    send(http_door, chat(one, start=start, duration=SECOND, response_id="always-the-same"))
    send(http_door, chat(other, start=start + 100 * SECOND, duration=SECOND, response_id="always-the-same"))
    assert [c["counts"] for t in (one, other) for c in calls_of(api, t).values()] == [True, True]


@pytest.mark.parametrize("order", ["logs first", "span first"])
def test_usage_that_comes_in_a_log_record_counts(api, http_door, order):
    trace_id, span_id = otlp.new_trace_id(), otlp.new_span_id()
    record = logs_pb2.LogRecord(
        time_unix_nano=time.time_ns(),
        trace_id=trace_id,
        span_id=span_id,
        event_name="gen_ai.client.inference.operation.details",
        attributes=otlp.key_values({"gen_ai.usage.input_tokens": 1234, "gen_ai.usage.output_tokens": 56}),
    )
    request = signals.LogsRequest(
        resource_logs=[
            logs_pb2.ResourceLogs(
                resource=resource_pb2.Resource(attributes=otlp.key_values({"service.name": "calls-test"})),
                scope_logs=[logs_pb2.ScopeLogs(log_records=[record])],
            )
        ]
    )

    def send_logs():
        assert http_door.post(request.SerializeToString(), path="/v1/logs").status_code == 200

    if order == "logs first":
        send_logs()
        stored(api)
    send(http_door, chat(trace_id, tokens=None, span_id=span_id))
    if order == "span first":
        assert calls_of(api, trace_id)[span_id.hex()]["call"]["cost"]["status"] == "no_usage"
        send_logs()
    calls = settled(api, trace_id, lambda calls: "usage" in calls[span_id.hex()]["call"])
    assert calls[span_id.hex()]["call"]["usage"]["input_tokens"] == 1234
    assert calls[span_id.hex()]["call"]["cost"]["status"] == "computed"


def test_a_trace_that_goes_on_after_a_restart_is_settled_with_what_was_before(fresh_server):
    server = fresh_server()
    trace_id, outer = otlp.new_trace_id(), otlp.new_span_id()
    start = time.time_ns() - 10 * SECOND
    with otlp.HttpDoor(server.otlp_http) as door:
        send(door, chat(trace_id, parent=outer, start=start))
    stored(server.api)
    server.stop()
    server.start()
    with otlp.HttpDoor(server.otlp_http) as door:
        send(door, agent(trace_id, tokens=(1000, 100), span_id=outer, start=start, duration=5 * SECOND))
    settled(server.api, trace_id, lambda calls: outer.hex() in calls and not calls[outer.hex()]["counts"])


def test_however_a_trace_is_cut_into_requests_its_totals_are_the_same(api, http_door):
    random.seed(4)
    spans = {}
    for cut in (1, 3, 100):
        trace_id, root, steps = otlp.new_trace_id(), b"\1" * 8, [bytes([i]) * 8 for i in range(2, 6)]
        made = [agent(trace_id, tokens=(4000, 400), span_id=root)]
        made += [otlp.span(trace_id, "step", span_id=s, parent=root) for s in steps]
        made += [chat(trace_id, parent=s, model=m) for s, m in zip(steps, ["gpt-4o", "gpt-4o-mini", "o3", "who"])]
        random.shuffle(made)
        for at in range(0, len(made), cut):
            send(http_door, *made[at : at + cut])
            stored(api)
        spans[cut] = trace_id
    rows = [totals(api, trace_id=t.hex()) for t in spans.values()]
    eventually(
        lambda: [totals(api, trace_id=t.hex())["input_tokens"] for t in spans.values()],
        lambda tokens: tokens == [4000, 4000, 4000],
        what="the sum is not added to its parts",
    )
    for row in (totals(api, trace_id=t.hex()) for t in spans.values()):
        assert (row["calls"], row["cost"]["unpriced_calls"]) == (4, 1)
        assert row["cost"]["total"] == pytest.approx(rows[-1]["cost"]["total"])
    for trace_id in spans.values():
        shown = api.trace(trace_id.hex())["totals"]
        (item,) = [t for t in api.traces(service="calls-test", limit=1000) if t["trace_id"] == trace_id.hex()]
        assert item["totals"] == shown


def test_calls_are_paged_in_every_order_without_loss_or_repetition(api, http_door):
    trace_id = otlp.new_trace_id()
    send(
        http_door,
        *(chat(trace_id, tokens=(i % 7 * 100, 10), duration=(i % 5 + 1) * otlp.MS, provider="pages") for i in range(53)),
    )
    stored(api)
    for sort in ("start", "cost", "tokens", "duration"):
        seen, cursor = [], None
        while True:
            page = api.get("/api/v1/calls", provider="pages", sort=sort, limit=10, **({"cursor": cursor} if cursor else {}))
            seen += page["items"]
            cursor = page["next"]
            if not cursor:
                break
        assert len(seen) == len({c["span_id"] for c in seen}) == 53
        key = {
            "start": lambda c: int(c["start_unix_nano"]),
            "cost": lambda c: c["call"]["cost"].get("total", -1),
            "tokens": lambda c: c["call"]["usage"]["total_tokens"],
            "duration": lambda c: int(c["duration_nano"]),
        }[sort]
        values = [key(c) for c in seen]
        assert values == sorted(values, reverse=True)


def test_filters_choose_calls(api, http_door):
    trace_id = otlp.new_trace_id()
    send(
        http_door,
        chat(trace_id, user="filter-ann", model="gpt-4o"),
        chat(trace_id, user="filter-bob", model="a-model-of-nobody"),
        chat(trace_id, user="filter-bob", tokens=None, error="it broke"),
        service="filtered",
    )
    stored(api)

    def models(**filters):
        items = api.get("/api/v1/calls", service="filtered", **filters)["items"]
        return sorted(c["call"]["request"]["model"] for c in items)

    assert models() == ["a-model-of-nobody", "gpt-4o", "gpt-4o"]
    assert models(user="filter-ann") == ["gpt-4o"]
    assert models(model="a-model-of-nobody") == ["a-model-of-nobody"]
    assert models(cost_status="unpriced") == ["a-model-of-nobody"]
    assert models(status="error") == ["gpt-4o"]
    assert models(status="ok", kind="llm", provider="openai") == ["a-model-of-nobody", "gpt-4o"]
    assert models(kind="tool") == []
    assert api.get("/api/v1/calls", service="nobody")["items"] == []


def test_sums_by_anything_add_up_to_the_whole(api, http_door):
    trace_id, now = otlp.new_trace_id(), time.time_ns()
    for i in range(60):
        send(
            http_door,
            chat(
                trace_id,
                model=["gpt-4o", "gpt-4o-mini", "o3"][i % 3],
                user=["sum-ann", "sum-bob"][i % 2],
                start=now - (i + 1) * 60 * SECOND,
                error="it broke" if i % 10 == 0 else None,
            ),
            service="summed",
        )
    stored(api)
    whole = totals(api, service="summed")
    assert (whole["calls"], whole["errors"], whole["input_tokens"]) == (60, 6, 60_000)
    for by in ("model", "provider", "user", "operation", "kind", "model,user", "cost_status"):
        rows = api.get("/api/v1/aggregate", service="summed", by=by)["items"]
        for field in ("calls", "errors", "input_tokens", "output_tokens"):
            assert sum(r[field] for r in rows) == whole[field], by
        assert sum(r["cost"]["total"] for r in rows) == pytest.approx(whole["cost"]["total"])
        costs = [r["cost"]["total"] for r in rows]
        assert costs == sorted(costs, reverse=True)
        assert all(set(r["key"]) == set(by.split(",")) for r in rows)
    steps = api.get("/api/v1/aggregate", service="summed", by="model", step="10m")["items"]
    assert sum(r["calls"] for r in steps) == 60
    times = [int(r["start_unix_nano"]) for r in steps]
    assert times == sorted(times) and all(t % (600 * SECOND) == 0 for t in times)
    first = api.get("/api/v1/aggregate", service="summed", by="model", limit=2)
    rest = api.get("/api/v1/aggregate", service="summed", by="model", limit=2, cursor=first["next"])
    assert len(first["items"]) == 2 and len(rest["items"]) == 1 and rest["next"] is None


@pytest.mark.parametrize(
    "path, parameters, why",
    [
        ("aggregate", {"by": "colour"}, "colour"),
        ("aggregate", {"by": "model,model"}, "twice"),
        ("aggregate", {"step": "1ms"}, "step"),
        ("aggregate", {"step": "1s", "start": 0}, "step"),
        ("aggregate", {"sort": "beauty"}, "sort"),
        ("calls", {"kind": "dream"}, "kind"),
        ("calls", {"cost_status": "free"}, "cost_status"),
        ("calls", {"cursor": "x"}, "cursor"),
        ("calls", {"colour": "red"}, "colour"),
        ("calls", {"trace_id": "xyz"}, "trace_id"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(api, path, parameters, why):
    error = api.error(f"/api/v1/{path}", 400, **parameters)
    assert why in error["message"]
