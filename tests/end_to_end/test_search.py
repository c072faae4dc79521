"""Full text: what was said is found by its words, wherever a span or log record had it, and shown as it was."""

import json
import secrets
import time

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

from support import otlp, process, signals
from support.api import eventually

DAY_NS = 86_400_000_000_000


def word():
    """One that nobody said before: letters only, so that it is one word."""
    return "w" + "".join(chr(ord("a") + byte % 26) for byte in secrets.token_bytes(12))


def messages(*texts, role="user", **dump):
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]} for text in texts], **dump)


def llm(**attributes):
    return {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"} | attributes


def send(door, *spans, **resource):
    door.send(otlp.request(list(spans), **resource))


def say(door, attributes, trace_id=None, service="search-test", **more):
    """One span with these attributes; gives its trace id."""
    trace_id = trace_id or otlp.new_trace_id()
    send(door, otlp.span(trace_id, "chat", attributes=attributes, **more), service=service)
    return trace_id.hex()


def search(api, text, **parameters):
    return api.get("/api/v1/search", text=text, **parameters)["items"]


def wait_for(api, text, count=1, **parameters):
    return eventually(lambda: search(api, text, **parameters), lambda items: len(items) >= count, what=text)


def highlighted(item):
    """What the ranges mark: they count UTF-16 code units."""
    units = item["snippet"]["text"].encode("utf-16-le")
    return [units[2 * begin : 2 * end].decode("utf-16-le") for begin, end in item["snippet"]["matches"]]


def the_one(items, trace_id):
    assert [item["trace_id"] for item in items] == [trace_id], items
    return items[0]


# --- where text stands ---------------------------------------------------------------


PLACES = {
    "a short prompt": lambda text: llm(**{"gen_ai.prompt.0.content": f"where is {text} please"}),
    "a short list of messages": lambda text: llm(**{"gen_ai.input.messages": messages(f"where is {text} please")}),
    "a document": lambda text: llm(**{"gen_ai.input.messages": messages("lorem ipsum " * 1000 + text + " dolor" * 900)}),
    "a message among many": lambda text: llm(
        **{"gen_ai.input.messages": messages(*["lorem ipsum dolor " * 40] * 3, f"and {text}", *["sit amet " * 90] * 3)}
    ),
    "an answer": lambda text: llm(**{"gen_ai.output.messages": messages(f"it is {text}", role="assistant")}),
    "OpenInference": lambda text: {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": f"say {text}",
    },
    "the payload of any step": lambda text: {"openinference.span.kind": "CHAIN", "input.value": f"say {text}"},
    "a tool's arguments": lambda text: {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "find",
                                        "gen_ai.tool.call.arguments": json.dumps({"query": text})},
    "a large value of any key": lambda text: {"my.own.document": "lorem ipsum " * 100 + text},
    "a list": lambda text: llm(**{"gen_ai.system_instructions": ["be kind", f"say {text}", "x" * 700]}),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("door", ["grpc_door", "http_door"])
def test_a_word_is_found_wherever_it_is_said(api, door, place, request):
    rare = word()
    attributes = PLACES[place](rare)
    trace_id = say(request.getfixturevalue(door), attributes)
    item = the_one(wait_for(api, rare), trace_id)
    assert highlighted(item) == [rare]
    assert item["place"] == "attribute" and item["field"] in attributes
    assert item["occurrences"] == 1 and item["service"] == "search-test" and item["name"] == "chat"
    assert len(item["snippet"]["text"]) < 300


def test_an_item_says_who_spoke_and_what_it_cost(api, grpc_door):
    rare = word()
    trace_id = say(grpc_door, llm(**{"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 10,
                                     "gen_ai.input.messages": messages(f"ask {rare}")}))  # fmt: skip
    item = the_one(wait_for(api, rare), trace_id)
    assert item["role"] == "user"
    assert item["call"]["kind"] == "llm" and item["call"]["request"]["model"] == "gpt-4o"
    assert item["call"]["cost"]["status"] == "computed" and item["call"]["cost"]["total"] > 0
    span = api.trace(trace_id)["spans"][0]
    assert item["span_id"] == span["spanId"]


def test_a_span_that_is_no_call_has_none(api, grpc_door):
    rare = word()
    trace_id = say(grpc_door, {"notes": f"{rare} " + "lorem " * 200})
    assert the_one(wait_for(api, rare), trace_id)["call"] is None


def test_events_of_spans_are_found(api, grpc_door):
    asked, raised = word(), word()
    events = [
        otlp.event("gen_ai.content.prompt", **{"gen_ai.prompt": f"say {asked}"}),
        otlp.event("exception", **{"exception.type": "E", "exception.message": f"no {raised} here"}),
    ]
    trace_id = say(grpc_door, llm(), events=events)
    assert the_one(wait_for(api, asked), trace_id)["place"] == "event"
    assert the_one(wait_for(api, raised), trace_id)["field"] == "exception.message"


def test_events_of_logs_are_found_with_the_span_they_are_of(server, api, grpc_door, http_door):
    rare, large = word(), word()
    trace_id, span_id = otlp.new_trace_id(), otlp.new_span_id()
    send(grpc_door, otlp.span(trace_id, "chat", span_id=span_id, attributes=llm()), service="search-test")
    records = [
        logs_pb2.LogRecord(time_unix_nano=time.time_ns(), trace_id=trace_id, span_id=span_id,
                           event_name="gen_ai.user.message", body=otlp.any_value(body))
        for body in ({"content": f"say {rare}"}, "lorem " * 200 + large)
    ]  # fmt: skip
    scope = logs_pb2.ScopeLogs(log_records=records)
    resource = resource_pb2.Resource(attributes=otlp.key_values({"service.name": "search-test"}))
    message = signals.LogsRequest(resource_logs=[logs_pb2.ResourceLogs(resource=resource, scope_logs=[scope])])
    assert http_door.post(message.SerializeToString(), path="/v1/logs").status_code == 200
    for text in (rare, large):
        item = the_one(wait_for(api, text), trace_id.hex())
        assert item["place"] == "log_body" and item["span_id"] == span_id.hex()
        assert item["field"] == "gen_ai.user.message"
    eventually(lambda: search(api, rare)[0]["call"], lambda call: call is not None)


# --- what a word is ------------------------------------------------------------------


@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "plain"])
def test_what_json_escapes_is_found(api, grpc_door, ascii_only):
    rare = word()
    text = f'{rare}\nHello\tworld "quoted" café Straße 東京タワー 🚀 rocket\\path end'
    trace_id = say(grpc_door, llm(**{"gen_ai.input.messages": messages(text, ensure_ascii=ascii_only)}))
    wait_for(api, rare)
    for asked, marked in {
        "hello": "Hello", "WORLD": "world", "quoted": "quoted", "CAFÉ": "café", "straße": "Straße",
        "東京": "東京", "タワー": "タワー", "rocket": "rocket", "path": "path",
        '"hello world"': "Hello\tworld",
    }.items():  # fmt: skip
        item = the_one(search(api, f"{rare} {asked}"), trace_id)
        assert highlighted(item) == [rare, marked]
        assert item["snippet"]["text"] == text, "as it reads, and not as JSON writes it"
    assert search(api, f"{rare} nhello") == [] and search(api, f"{rare} u6771") == []


def test_grammar(api, grpc_door):
    rare = word()
    first = say(grpc_door, llm(**{"gen_ai.prompt.0.content": f"{rare} the visa card of conferences, get_weather"}))
    second = say(grpc_door, llm(**{"gen_ai.prompt.0.content": f"{rare} a card for the visa"}))
    wait_for(api, rare, 2)
    found = lambda text: {item["trace_id"] for item in search(api, f"{rare} {text}")}
    assert found("visa card") == {first, second}
    assert found('"visa card"') == {first}
    assert found("visa -conferences") == {second}
    assert found('-"visa card"') == {second}
    assert found("conf*") == {first} and found("confe* card") == {first}
    assert found("get_weather") == found("weather") == {first}
    assert found("visacard") == found("isa") == set()
    assert search(api, rare[:6] + "*") != []


@pytest.mark.parametrize("text, column", {
    '"open': 1, "a*b": 2, "ab*": 1, "-only": 6, "": 1, "order ...": 7, "é \"": 3, "a " * 16 + "b": 33,
}.items())  # fmt: skip
def test_a_mistake_is_told_with_its_column(api, text, column):
    error = api.error("/api/v1/search", 400, text=text)
    assert error["code"] == "invalid_input" and f"column {column}:" in error["message"]


def test_refusals(api):
    assert "text" in api.error("/api/v1/search", 400)["message"]
    assert "order" in api.error("/api/v1/search", 400, text="word", order="best")["message"]
    assert "cursor" in api.error("/api/v1/search", 400, text="word", cursor="xyz")["message"]
    assert "limit" in api.error("/api/v1/search", 400, text="word", limit=0)["message"]
    assert "txt" in api.error("/api/v1/search", 400, txt="word")["message"]


def test_nothing_is_found_in_an_empty_store(fresh_server):
    assert fresh_server().api.get("/api/v1/search", text="anything") == {
        "items": [], "next": None, "searched_back_to_unix_nano": None,
    }  # fmt: skip


# --- once, and in pages --------------------------------------------------------------


def test_what_is_sent_again_is_found_where_it_was_said_first(api, grpc_door):
    rare = word()
    history, traces = [], []
    for turn in range(4):
        history.append("lorem ipsum dolor " * 40 + (f"{rare} first" if turn == 1 else f"turn {turn}"))
        traces.append(say(grpc_door, llm(**{"gen_ai.input.messages": messages(*history)})))
        api.wait_for_trace(traces[-1])
    assert the_one(wait_for(api, rare), traces[1])["occurrences"] == 1


def test_a_batch_that_is_sent_twice_is_found_once(api, grpc_door):
    rare = word()
    batch = otlp.request([otlp.span(otlp.new_trace_id(), attributes=llm(**{"gen_ai.prompt.0.content": rare}))])
    grpc_door.send(batch)
    wait_for(api, rare)
    grpc_door.send(batch)
    time.sleep(1)
    assert len(search(api, rare)) == 1


def test_one_span_is_one_item_with_its_occurrences(api, grpc_door):
    rare = word()
    trace_id = say(grpc_door, llm(**{"gen_ai.input.messages": messages(f"{rare} and {rare}"),
                                     "gen_ai.output.messages": messages(f"say {rare}")}))  # fmt: skip
    assert the_one(wait_for(api, rare), trace_id)["occurrences"] == 3


def test_pages_hold_every_span_once_newest_first(api, grpc_door):
    rare = word()
    sent = []
    for i in range(5):
        spans = [
            otlp.span(otlp.new_trace_id(), attributes=llm(**{"gen_ai.prompt.0.content": f"{rare} {i} {n}"}))
            for n in range(7)
        ]
        send(grpc_door, *spans)
        sent.append({span.trace_id.hex() for span in spans})
        time.sleep(0.01)
    wait_for(api, rare, 35, limit=100)
    seen, cursor = [], None
    while True:
        page = api.get("/api/v1/search", text=rare, limit=4, **({"cursor": cursor} if cursor else {}))
        seen += [item["trace_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 35
    assert [set(seen[i : i + 7]) for i in range(0, 35, 7)] == sent[::-1]


def test_filters_and_order_by_cost(api, grpc_door):
    rare = word()
    sent = {}
    for name, model, tokens, more in [
        ("cheap", "gpt-4o-mini", 10, {"user.id": "ann"}),
        ("dear", "gpt-4o", 100_000, {"user.id": "bob", "gen_ai.conversation.id": "c-1"}),
        ("middle", "gpt-4o", 1_000, {"user.id": "ann"}),
    ]:
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model,
                      "gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 1,
                      "gen_ai.prompt.0.content": f"{rare} {name}"}  # fmt: skip
        sent[name] = say(grpc_door, attributes | more, service=f"search-{name}")
    sent["step"] = say(grpc_door, {"notes": f"{rare} step " + "lorem " * 200})
    wait_for(api, rare, 4)
    names = {trace_id: name for name, trace_id in sent.items()}
    found = lambda **filters: [names[item["trace_id"]] for item in search(api, rare, **filters)]
    assert found(order="cost") == ["dear", "middle", "cheap", "step"]
    assert found(order="cost", limit=1) == ["dear"]
    assert found() == ["step", "middle", "dear", "cheap"]
    assert found(model="gpt-4o") == ["middle", "dear"]
    assert found(user="ann", kind="llm") == ["middle", "cheap"]
    assert found(conversation="c-1") == ["dear"] and found(service="search-cheap") == ["cheap"]
    assert found(status="ok") == ["middle", "dear", "cheap"] and found(status="error") == []
    assert found(trace_id=sent["dear"]) == ["dear"]
    assert found(kind="tool") == []


def test_a_range_of_time_is_that_of_the_spans(api, grpc_door):
    rare = word()
    now = time.time_ns()
    starts = {"new": now, "old": now - 3 * DAY_NS, "future": now + 2 * DAY_NS}
    sent = {
        name: say(grpc_door, llm(**{"gen_ai.prompt.0.content": f"{rare} {name}"}), start=start)
        for name, start in starts.items()
    }
    wait_for(api, rare, 3, end=now + 3 * DAY_NS)
    names = {trace_id: name for name, trace_id in sent.items()}
    found = lambda **range_: {names[item["trace_id"]] for item in search(api, rare, **range_)}
    assert found() == {"new", "old"}
    assert found(start=now - DAY_NS) == {"new"}
    assert found(start=now - 4 * DAY_NS, end=now - 2 * DAY_NS) == {"old"}
    assert found(start=now + DAY_NS, end=now + 3 * DAY_NS) == {"future"}
    assert found(end=now - 4 * DAY_NS) == set()


# --- kept, and gone ------------------------------------------------------------------


def test_words_survive_kill_and_are_found_after_it(fresh_server):
    server = fresh_server()
    first, second = word(), word()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        a = say(door, llm(**{"gen_ai.prompt.0.content": f"both {first}"}))
    server.kill()
    server.start()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        b = say(door, llm(**{"gen_ai.prompt.0.content": f"both {second}"}))
    the_one(wait_for(server.api, first), a)
    the_one(wait_for(server.api, second), b)
    assert len(wait_for(server.api, "both", 2)) == 2


def test_with_inline_content_nothing_is_kept_to_be_searched(fresh_server):
    server = fresh_server("--inline-content")
    rare = word()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        trace_id = say(door, llm(**{"gen_ai.prompt.0.content": rare}))
    server.api.wait_for_trace(trace_id)
    assert search(server.api, rare) == []


# --- the SDK and the command ---------------------------------------------------------


def test_the_sdk_and_the_command(server, api):
    rare = word()
    provider = TracerProvider(resource=Resource.create({"service.name": "search-sdk"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"http://{server.otlp_http}/v1/traces")))
    with provider.get_tracer("app").start_as_current_span("chat") as span:
        span.set_attributes(llm(**{"gen_ai.input.messages": messages(f"🚀 where is {rare}?", "and\nmore")}))
    provider.shutdown()
    trace_id = f"{span.get_span_context().trace_id:032x}"
    assert highlighted(the_one(wait_for(api, rare), trace_id)) == [rare]

    run = lambda *arguments: process.run("search", "--server", api.base, *arguments)
    shown = run(rare)
    assert shown.returncode == 0 and f"🚀 where is {rare}?" in shown.stdout and trace_id in shown.stdout
    assert json.loads(run(rare, "--json").stdout)[0]["trace_id"] == trace_id
    assert trace_id in run(rare, "--csv").stdout
    assert "no text has these words" in run(rare, "--service", "other").stderr
    assert "no text has these words" in run("--", rare, "-where").stderr
    wrong = run('"open')
    assert wrong.returncode == 2 and "column 1: the quote is not closed" in wrong.stderr


def test_words_and_a_traceql_query_hold_together(server):
    said = word()
    shop, web = otlp.new_trace_id(), otlp.new_trace_id()
    with otlp.HttpDoor(server.otlp_http) as door:
        for trace_id, service in [(shop, "shop"), (web, "web")]:
            root = otlp.span(trace_id, "ask")
            call = otlp.span(
                trace_id, "chat", parent=root.span_id, attributes=llm(**{"gen_ai.input.messages": messages(f"a {said} for the {service}")})
            )
            send(door, root, call, service=service)

    def found(**more):
        return {item["trace_id"] for item in server.api.get("/api/v1/search", text=said, **more)["items"]}

    eventually(found, lambda ids: ids == {shop.hex(), web.hex()})
    assert found(q='{ resource.service.name = "shop" }') == {shop.hex()}
    assert found(q='{ name = "ask" } > { call.kind = llm && resource.service.name = "web" }') == {web.hex()}
    assert found(q='{ name = "ask" }') == set()
    refused = server.api.error("/api/v1/search", 400, text=said, q="{ } | rate()")
    assert "take the metric off" in refused["hint"]
