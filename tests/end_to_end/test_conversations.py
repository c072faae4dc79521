"""Conversations and users: what their calls add up to, and what each turn added."""

import csv
import io
import json
import time
from urllib.parse import quote

import pytest

from support import otlp
from support.api import eventually
from support.process import run

SECOND = otlp.SECOND


def message(role, text):
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def chat(trace_id, *, conversation, said=(), answer="ok", user=None, model="gpt-4o", finish="stop", **more):
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.conversation.id": conversation,
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 100,
        "gen_ai.response.finish_reasons": [finish],
    }
    if said:
        attributes["gen_ai.input.messages"] = json.dumps(list(said), ensure_ascii=False)
        attributes["gen_ai.output.messages"] = json.dumps([message("assistant", answer)], ensure_ascii=False)
    if user:
        attributes["user.id"] = user
    return otlp.span(trace_id, f"chat {model}", attributes=attributes, **more)


def stored(api):
    eventually(api.counters, lambda c: c["spans_stored"] >= c["spans_acknowledged"], what="everything is stored")


def send(api, door, *spans, service="talk"):
    door.send(otlp.request(list(spans), service=service))
    stored(api)


def talk(conversation, turns, start, *, separate=True, **more):
    """Spans of a talk in which the whole history is sent again with every turn, a trace a turn."""
    said, spans = [], []
    trace_id = otlp.new_trace_id()
    for turn in range(turns):
        said.append(message("user", f"question {turn} of {conversation[:20]}"))
        trace_id = otlp.new_trace_id() if separate else trace_id
        spans.append(
            chat(
                trace_id,
                conversation=conversation,
                said=said,
                answer=f"answer {turn}",
                start=start + turn * SECOND,
                duration=SECOND // 2,
                **more,
            )
        )
        said.append(message("assistant", f"answer {turn}"))
    return spans


def conversation(api, conversation_id, **parameters):
    """Its facts and all of its items, over all pages."""
    items, cursor = [], None
    while True:
        page = api.get(
            f"/api/v1/conversations/{quote(conversation_id, safe='')}",
            **parameters,
            **({"cursor": cursor} if cursor else {}),
        )
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return page["conversation"], items


def texts(messages):
    return [p["content"] for m in messages for p in m["parts"]]


def test_each_turn_shows_what_it_added_over_traces_and_pages(api, http_door):
    send(api, http_door, *talk("over-pages", 30, time.time_ns() - 100 * SECOND, user="ann"))
    for limit in (100, 7, 1):
        facts, items = conversation(api, "over-pages", limit=limit)
        assert len(items) == 30
        for turn, item in enumerate(items):
            assert texts(item["added"]["messages"]) == [f"question {turn} of over-pages"], (limit, turn)
            assert texts(item["added"]["output"]) == [f"answer {turn}"]
            assert item["added"]["resent_messages"] == 2 * turn
    assert facts["turns"] == facts["call_count"] == facts["trace_count"] == 30
    assert facts["title"] == "question 0 of over-pages"
    assert (facts["models"], facts["users"], facts["services"]) == (["gpt-4o"], ["ann"], ["talk"])
    assert facts["totals"]["input_tokens"] == 30_000
    assert facts["totals"]["cost"]["total"] == pytest.approx(30 * 0.0035)
    assert int(facts["end_unix_nano"]) - int(facts["start_unix_nano"]) == 29 * SECOND + SECOND // 2


def test_the_list_is_newest_first_and_pages_do_not_overlap(api, http_door):
    start = time.time_ns() - 3000 * SECOND
    names = [f"paged {n:02d}" for n in range(25)]
    for n, name in enumerate(names):
        http_door.send(otlp.request(talk(name, 2, start + n * 100 * SECOND), service="paged"))
    stored(api)
    got, cursor = [], None
    while True:
        page = api.get(
            "/api/v1/conversations", service="paged", limit=10, **({"cursor": cursor} if cursor else {})
        )
        got += [c["id"] for c in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert got == names[::-1]


def test_a_filter_chooses_conversations_and_their_facts_are_whole(api, http_door):
    start = time.time_ns() - 50 * SECOND
    one = chat(otlp.new_trace_id(), conversation="two models", model="gpt-4o", start=start)
    other = chat(otlp.new_trace_id(), conversation="two models", model="gpt-4o-mini", start=start + SECOND)
    send(api, http_door, one, other, service="filter")
    (found,) = api.get("/api/v1/conversations", model="gpt-4o-mini", service="filter")["items"]
    assert found["id"] == "two models" and found["models"] == ["gpt-4o", "gpt-4o-mini"]
    assert found["totals"]["calls"] == 2 and found["title"] is None
    assert api.get("/api/v1/conversations", model="nothing")["items"] == []
    assert api.get("/api/v1/conversations", user="nobody")["items"] == []


@pytest.mark.parametrize(
    "name",
    ["a/b/../c", "käse 東京 🚆", "50% off? yes&no#1+1", "it's \\ \"quoted\"", "line\nbreak\ttab", "x" * 4096, " "],
    ids=["slashes", "unicode", "address", "quotes", "control", "4 KB", "blank"],
)
def test_any_id_is_found_again(api, http_door, name):
    send(api, http_door, *talk(name, 2, time.time_ns() - 10 * SECOND), service="ids")
    facts, items = conversation(api, name)
    assert facts["id"] == name and len(items) == 2
    assert name in [c["id"] for c in api.get("/api/v1/conversations", service="ids")["items"]]
    assert len(api.get("/api/v1/calls", conversation=name)["items"]) == 2


def test_a_call_told_twice_counts_once_and_its_messages_are_shown_once(api, http_door):
    trace_id, outer = otlp.new_trace_id(), otlp.new_span_id()
    start = time.time_ns() - 10 * SECOND
    said = [message("user", "once")]
    spans = [
        chat(trace_id, conversation="twice", said=said, span_id=outer, start=start, duration=SECOND),
        chat(trace_id, conversation="twice", said=said, parent=outer, start=start + 1000, duration=SECOND // 2),
    ]
    send(api, http_door, *spans)
    facts, items = conversation(api, "twice")
    assert facts["call_count"] == 2 and facts["turns"] == 1 and facts["totals"]["calls"] == 1
    assert facts["totals"]["input_tokens"] == 1000
    assert [i["counts"] for i in items].count(True) == 1
    assert [i["added"] is None for i in items] == [not i["counts"] for i in items]


def test_tools_and_agents_stand_in_the_talk_without_messages(api, http_door):
    trace_id, agent = otlp.new_trace_id(), otlp.new_span_id()
    start = time.time_ns() - 10 * SECOND
    ask, call = message("user", "weather?"), {"type": "tool_call", "id": "c1", "name": "look", "arguments": {"at": "Bonn"}}
    asked = [ask, {"role": "assistant", "parts": [call]}]
    result = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "result": "rain"}]}
    spans = [
        otlp.span(
            trace_id,
            "invoke_agent clerk",
            span_id=agent,
            start=start,
            duration=3 * SECOND,
            attributes={"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "tools"},
        ),
        chat(trace_id, conversation="tools", parent=agent, said=[ask], finish="tool_calls", start=start + 1),
        otlp.span(
            trace_id,
            "execute_tool look",
            parent=agent,
            start=start + SECOND,
            attributes={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look"},
        ),
        chat(trace_id, conversation="tools", parent=agent, said=[*asked, result], answer="Rain.", start=start + 2 * SECOND),
    ]
    send(api, http_door, *spans)
    facts, items = conversation(api, "tools")
    assert [i["call"]["kind"] for i in items] == ["agent", "llm", "tool", "llm"]
    assert [i["added"] is None for i in items] == [True, False, True, False]
    assert [m["role"] for m in items[3]["added"]["messages"]] == ["tool"]
    assert facts["turns"] == 1 and facts["trace_count"] == 1


def test_a_long_message_is_a_reference_to_its_call(api, http_door):
    spans = [chat(otlp.new_trace_id(), conversation="long", said=[message("user", "x" * 50_000)])]
    send(api, http_door, *spans)
    _, (item,) = conversation(api, "long")
    (text,) = texts(item["added"]["messages"])
    assert text["large"]["size_bytes"] == 50_000
    assert api.raw(text["large"]["href"]).text == "x" * 50_000
    _, (item,) = conversation(api, "long", inline_bytes=100_000)
    assert texts(item["added"]["messages"]) == ["x" * 50_000]


def test_users_have_their_sums_and_their_conversations(api, http_door):
    start = time.time_ns() - 100 * SECOND
    for n, (user, turns) in enumerate([("ann", 3), ("bob", 1), ("käthe/1", 2)]):
        for which in range(2):
            spans = talk(f"{user} {which}", turns, start + n * 10 * SECOND, user=user)
            http_door.send(otlp.request(spans, service="users"))
    stored(api)
    users = api.get("/api/v1/users", service="users")["items"]
    assert [u["user"] for u in users] == ["käthe/1", "bob", "ann"]
    assert [u["conversation_count"] for u in users] == [2, 2, 2]
    assert [u["totals"]["calls"] for u in users] == [4, 2, 6]
    by_cost = api.get("/api/v1/users", service="users", sort="cost", limit=2)
    assert [u["user"] for u in by_cost["items"]] == ["ann", "käthe/1"]
    more = api.get("/api/v1/users", service="users", sort="cost", limit=2, cursor=by_cost["next"])
    assert [u["user"] for u in more["items"]] == ["bob"] and more["next"] is None
    (row,) = api.get("/api/v1/aggregate", user="ann", service="users")["items"]
    assert row["cost"] == by_cost["items"][0]["totals"]["cost"]


@pytest.fixture(scope="module")
def shown(server):
    """Talks for the command line."""
    start = time.time_ns() - 500 * SECOND
    with otlp.HttpDoor(server.otlp_http) as door:
        door.send(otlp.request(talk("shown/1 käse", 3, start, user="ann"), service="shown"))
        door.send(otlp.request(talk("shown 2", 2, start + 100 * SECOND, model="novel"), service="shown"))
    stored(server.api)
    return lambda *arguments, **more: run(*arguments, "--server", f"http://{server.http}", **more)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_command_line_lists_conversations_and_what_was_said(shown, columns):
    done = shown("conversations", "--service", "shown", COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= columns
    assert done.stdout.index("shown 2") < done.stdout.index("shown/1 käse") and "unpriced" in done.stdout
    one = shown("conversations", "shown/1 käse", COLUMNS=columns)
    assert one.returncode == 0, one.stderr
    assert max(map(len, one.stdout.splitlines())) <= max(columns, 70)  # an id is never cut
    said = [line.split(None, 1)[1].strip() for line in one.stdout.splitlines() if "assistant" in line]
    assert said == [f"answer {turn}" for turn in range(3)]
    assert one.stdout.count("question 0") == 1


def test_conversations_are_data_as_json_and_csv(shown, api):
    items = json.loads(shown("conversations", "--service", "shown", "--json").stdout)
    assert items == api.get("/api/v1/conversations", service="shown")["items"]
    rows = list(csv.DictReader(io.StringIO(shown("conversations", "--service", "shown", "--csv").stdout)))
    assert [r["conversation"] for r in rows] == ["shown 2", "shown/1 käse"]
    assert (rows[0]["cost_usd"], rows[0]["unpriced_calls"], rows[1]["cost_usd"]) == ("", "2", "0.0105")
    items = json.loads(shown("conversations", "shown/1 käse", "--json").stdout)
    assert [i["added"]["resent_messages"] for i in items] == [0, 2, 4]
    rows = list(csv.DictReader(io.StringIO(shown("conversations", "shown/1 käse", "--csv").stdout)))
    assert [r["role"] for r in rows] == ["user", "assistant"] * 3
    assert sum(float(r["cost_usd"] or 0) for r in rows) == pytest.approx(0.0105)
    assert shown("conversations", "nowhere").returncode == 3
    none = shown("conversations", "--user", "nobody")
    assert (none.returncode, none.stdout) == (0, "") and "no conversations match" in none.stderr


def test_cost_is_what_calls_by_says_with_shares(shown):
    csv_flags = ("--service", "shown", "--by", "model", "--csv")
    assert shown("cost", *csv_flags).stdout == shown("calls", *csv_flags).stdout
    done = shown("cost", "--service", "shown", COLUMNS=80)
    first, *_, last = done.stdout.splitlines()[1:]
    assert first.split()[0] == "gpt-4o" and "100.0%" in first and "\u2588" in first
    assert last.split()[0] == "total" and "$0.0105+" in last
    assert "2 calls have no price" in done.stderr
    steps = shown("cost", "--service", "shown", "--step", "1m", COLUMNS=80)
    assert steps.returncode == 0 and steps.stdout.splitlines()[0].split()[0] == "from"


def test_what_is_not_there_is_said(api):
    error = api.error("/api/v1/conversations/never%2Fwas", 404)
    assert "never/was" in error["message"]
    assert "cursor" in api.error("/api/v1/users", 400, cursor="AAAA")["message"]
