"""Large values are kept once and come back byte for byte: through both doors, after a crash,
and wherever attributes and log bodies are read."""

import json
import random
import time

import pytest
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

from support import otlp, rest, signals
from support.api import eventually

TURNS = 50


def message(role, text):
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def prose(chance, size):
    words = "the agent asks a tool for prices, reads \"them\" and\nanswers über 東京 🚆 in {json} [lists] ".split(" ")
    text = ""
    while len(text) < size:
        text += chance.choice(words) + " "
    return text


HISTORY = json.dumps([message("user", prose(random.Random(i), 700)) for i in range(20)])

VALUES = {
    "history": HISTORY,
    "history.compact": json.dumps(json.loads(HISTORY), separators=(",", ":"), ensure_ascii=False),
    "history.pretty": json.dumps(json.loads(HISTORY), indent=2),
    "history.cut_off": HISTORY[:5000],
    "members": json.dumps({"model": "m", "messages": [{"role": "user", "content": "x" * 900}], "n": 1}),
    "embedding": json.dumps([i / 7 for i in range(3000)]),
    "text": prose(random.Random(1), 3000),
    "text.511": "a" * 511,
    "text.512": "a" * 512,
    "brackets": "[{\"" * 300,
    "small": "[]",
    "nothing": "",
    "megabyte": json.dumps([message("tool", prose(random.Random(2), 1_000_000))]),
    "list": [prose(random.Random(3), 800), "short", 7],
    "map": {"question": prose(random.Random(4), 800), "n": 1.5},
    "bytes": b"\x00\xff" * 600,
}


def sent_spans(api, door, attributes, spans=1):
    trace_id = otlp.new_trace_id()
    door.send(otlp.request([otlp.span(trace_id, attributes=attributes) for _ in range(spans)]))
    return api.wait_for_trace(trace_id.hex(), spans=spans)


def attributes_of(span):
    return common_pb2.KeyValueList(values=rest.key_values(span["attributes"]))


@pytest.mark.parametrize("door", ["grpc_door", "http_door"])
@pytest.mark.parametrize("again", [False, True], ids=["new", "known"])
def test_every_value_comes_back_as_it_was_sent(api, door, again, request):
    trace = sent_spans(api, request.getfixturevalue(door), VALUES, spans=2)
    for span in trace["spans"]:
        assert attributes_of(span) == common_pb2.KeyValueList(values=otlp.key_values(VALUES))
    assert trace["completeness"]["complete"] or trace["completeness"]["root_missing"]


def test_jaegers_apis_and_the_search_show_the_value(api, grpc_door):
    trace = sent_spans(api, grpc_door, {"gen_ai.input.messages": HISTORY})
    tags = api.get(f"/api/traces/{trace['trace_id']}")["data"][0]["spans"][0]["tags"]
    assert HISTORY in [tag["value"] for tag in tags]
    assert json.dumps(HISTORY) in json.dumps(api.get(f"/api/v3/traces/{trace['trace_id']}"))


def test_a_call_is_understood_from_what_is_kept(api, grpc_door):
    trace = sent_spans(
        api,
        grpc_door,
        {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.input.messages": HISTORY},
    )
    messages = trace["spans"][0]["call"]["input"]["messages"]
    assert [m["parts"][0]["content"] for m in messages] == [m["parts"][0]["content"] for m in json.loads(HISTORY)]


def test_a_filter_finds_a_large_value_and_no_other(api, grpc_door):
    mine, other = HISTORY + " ", json.dumps(json.loads(HISTORY)[1:])
    trace = sent_spans(api, grpc_door, {"filter.me": mine, "filter.other": other, "text": "needle" * 200})
    found = lambda key, value: [t["trace_id"] for t in api.traces(attribute=f"{key}={value}")]
    assert found("filter.me", mine) == [trace["trace_id"]]
    assert found("filter.me", other) == []
    assert found("filter.me", HISTORY) == []
    assert found("text", "needle" * 200) == [trace["trace_id"]]
    assert found("text", "") == []


def test_a_history_that_is_sent_again_is_stored_once(fresh_server):
    server = fresh_server()
    chance = random.Random(5)
    history, sent = [], []
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for _ in range(TURNS):
            history += [message("user", prose(chance, 700)), message("assistant", prose(chance, 700))]
            trace_id, value = otlp.new_trace_id(), json.dumps(history)
            flat = {f"llm.input_messages.{i}.message.content": m["parts"][0]["content"] for i, m in enumerate(history)}
            door.send(otlp.request([otlp.span(trace_id, attributes={"gen_ai.input.messages": value} | flat)]))
            sent.append((trace_id, value))
    for trace_id, value in sent:
        trace = server.api.wait_for_trace(trace_id.hex())
        assert {"key": "gen_ai.input.messages", "value": {"stringValue": value}} in trace["spans"][0]["attributes"]
    # Two messages a turn, each as a part of the list and as a text of its own, and what stands between the
    # parts where it has words, which is kept for search.
    assert 4 * TURNS <= server.api.counters()["content_chunks_stored"] <= 4 * TURNS + 5


def test_content_survives_kill_and_is_known_for_what_it_is(fresh_server):
    server = fresh_server()
    sent = []
    for _ in range(3):
        trace_id = otlp.new_trace_id()
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            for _ in range(20):
                door.send(otlp.request([otlp.span(trace_id, attributes=VALUES)]))
        server.kill()
        sent.append(trace_id)
        server.start()
    for trace_id in sent:
        for span in server.api.wait_for_trace(trace_id.hex(), spans=20)["spans"]:
            assert attributes_of(span) == common_pb2.KeyValueList(values=otlp.key_values(VALUES))
    assert server.api.counters()["content_missing"] == 0


def send_logs(http_door, bodies, **attributes):
    """One record for each body, a second apart, the newest first."""
    service = f"logs-{random.random()}"
    now = time.time_ns()
    records = [
        logs_pb2.LogRecord(
            time_unix_nano=now - i * otlp.SECOND, body=otlp.any_value(body), attributes=otlp.key_values(attributes)
        )
        for i, body in enumerate(bodies)
    ]
    made = signals.LogsRequest(
        resource_logs=[
            logs_pb2.ResourceLogs(
                resource=resource_pb2.Resource(attributes=otlp.key_values({"service.name": service})),
                scope_logs=[logs_pb2.ScopeLogs(log_records=records)],
            )
        ]
    )
    assert http_door.post(made.SerializeToString(), path="/v1/logs").status_code == 200
    return service


def logs_of(api, service, count, **parameters):
    return eventually(
        lambda: api.get("/api/v1/logs", service=service, **parameters)["items"], lambda items: len(items) >= count
    )


def test_logs_come_back_as_they_were_sent(api, http_door):
    bodies = list(VALUES.values())
    service = send_logs(http_door, bodies, history=HISTORY)
    items = logs_of(api, service, len(bodies))
    for item, body in zip(items, bodies, strict=True):
        assert rest.any_value(item["body"]) == otlp.any_value(body)
        assert item["attributes"] == [{"key": "history", "value": {"stringValue": HISTORY}}]


def test_a_text_is_found_in_small_and_large_bodies(api, http_door):
    filler = "lorem ipsum " * 100
    bodies = [f"{filler} NeedleOne", "needleone", filler, {"a": filler, "b": "needleTWO"}]
    service = send_logs(http_door, bodies, elsewhere=f"{filler} needlethree")
    logs_of(api, service, len(bodies))
    found = lambda text: len(api.get("/api/v1/logs", service=service, text=text)["items"])
    assert found("NEEDLEone") == 2
    assert found("needletwo") == 1
    assert found("lorem") == 3
    assert found("needlethree") == 0
    assert len(api.get("/api/v1/logs", service=service, attribute=f"elsewhere={filler} needlethree")["items"]) == 4
