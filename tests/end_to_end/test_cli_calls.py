"""`telltale calls`, `traces`, `reprice` and `prices explain CALL` against a server that keeps calls."""

import csv
import io
import json
import time

import pytest

from end_to_end.test_calls import agent, chat, send, settled, stored
from support import otlp
from support.otlp import SECOND
from support.process import run

MODELS = ("gpt-4o-2024-08-06", "claude-sonnet-4-5-20250929")


def ask(server, *arguments, **more):
    return run(*arguments, "--server", f"http://{server.http}", **more)


def rows(done):
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.fixture(scope="module")
def world(server):
    """A trace with a sum, two priced calls, one without a price and one without usage; and a trace with no call."""
    trace_id, outer, plain = otlp.new_trace_id(), otlp.new_span_id(), otlp.new_trace_id()
    now = time.time_ns() - 20 * SECOND
    at = {"parent": outer, "duration": SECOND}
    calls = [
        chat(trace_id, model=MODELS[0], user="ann", start=now + SECOND, **at),
        chat(trace_id, model=MODELS[1], provider="anthropic", start=now + 2 * SECOND, **at),
        chat(trace_id, model="novel", provider="house", start=now + 3 * SECOND, **at),
        chat(trace_id, model="gpt-4o", tokens=None, start=now + 4 * SECOND, error="overloaded", **at),
    ]
    root = agent(trace_id, tokens=(3000, 300), span_id=outer, start=now, duration=10 * SECOND, conversation="talk")
    with otlp.HttpDoor(server.otlp_http) as door:
        send(door, root, *calls, service="llm-service")
        send(door, otlp.span(plain, "GET /", start=now), service="front")
    settled(server.api, trace_id, lambda c: len(c) == 5 and not c[outer.hex()]["counts"])
    return {"trace": trace_id.hex(), "outer": outer.hex(), "calls": [c.span_id.hex() for c in calls], "plain": plain.hex()}


@pytest.mark.parametrize("columns", [80, 120])
def test_calls_fit_the_terminal_with_whole_models_and_ids(server, world, columns):
    done = ask(server, "calls", COLUMNS=columns)
    assert done.returncode == 0, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    assert max(map(len, lines)) <= columns, done.stdout
    for model in MODELS:
        assert model in done.stdout
    for span_id in world["calls"]:
        assert f"{world['trace']}/{span_id}" in done.stdout


def test_calls_never_show_what_is_not_known_as_zero(server, world):
    done = ask(server, "calls")
    by_id = {line.split("/")[-1].strip(): line for line in done.stdout.splitlines()}
    first, second, unpriced, failed = (by_id[span_id] for span_id in world["calls"])
    # 1,000 x $2.50 + 100 x $10 per million; 1,000 x $3 + 100 x $15.
    assert "$0.0035" in first and "$0.0045" in second
    assert " unpriced " in unpriced and " no usage " in failed and " ERROR " in failed
    assert " 0 " not in failed and "$0.00 " not in done.stdout
    assert " a sum " in by_id[world["outer"]]
    assert "a sum: of other calls, which count by themselves\n" in done.stderr


def test_calls_are_newest_first_or_dearest_first(server, world):
    listed = rows(ask(server, "calls", "--kind", "llm", "--csv"))
    assert [row["span_id"] for row in listed] == world["calls"][::-1]
    dearest = rows(ask(server, "calls", "--kind", "llm", "--sort", "cost", "--limit", "1", "--csv"))
    assert [row["response_model"] or row["request_model"] for row in dearest] == [MODELS[1]]
    assert dearest[0]["cost_usd"] == "0.0045" and dearest[0]["cost_status"] == "computed"


@pytest.mark.parametrize(
    "flags, which",
    [
        (["--model", "novel"], [2]),
        (["--trace", "{trace}", "--kind", "llm"], [0, 1, 2, 3]),
        (["--provider", "anthropic"], [1]),
        (["--user", "ann", "--kind", "llm"], [0, 1, 2, 3]),
        (["--status", "error"], [3]),
        (["--cost-status", "unpriced"], [2]),
        (["--cost-status", "no_usage"], [3]),
        (["--conversation", "talk", "--kind", "llm"], [0, 1, 2, 3]),
        (["--service", "nowhere"], []),
    ],
)
def test_filters_keep_the_calls_that_they_name(server, world, flags, which):
    listed = rows(ask(server, "calls", *(flag.format(**world) for flag in flags), "--csv"))
    assert {row["span_id"] for row in listed} == {world["calls"][i] for i in which}


def test_calls_as_json_are_the_apis_items(server, world):
    done = ask(server, "calls", "--json")
    assert json.loads(done.stdout) == server.api.get("/api/v1/calls")["items"]


def test_an_empty_list_says_where_else_to_look(server, world):
    done = ask(server, "calls", "--model", "none-such")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("no calls match since 24h\nhint: ")


def test_sums_by_model_add_up_to_their_total(server, world):
    done = ask(server, "calls", "--by", "model", COLUMNS=80)
    assert max(map(len, done.stdout.splitlines())) <= 80
    lines = {line.split()[0]: line.split() for line in done.stdout.splitlines()}
    assert lines["gpt-4o-2024-08-06"][1] == "1" and "$0.0035" in lines["gpt-4o-2024-08-06"]
    assert "unpriced" in lines["novel"]
    total = lines["total"]
    assert total[1] == "4" and "$0.008+" in total
    assert "+: at least; 1 call has no price, 1 tells no usage\n" in done.stderr


def test_sums_by_time_and_as_csv_and_json(server, world):
    table = rows(ask(server, "calls", "--by", "provider,model", "--step", "1d", "--csv"))
    assert {(row["provider"], row["model"], row["calls"]) for row in table} >= {("house", "novel", "1")}
    assert {row["model"]: row["cost_usd"] for row in table}["novel"] == ""
    found = json.loads(ask(server, "calls", "--by", "model", "--json").stdout)
    assert sum(row["calls"] for row in found) == 4


@pytest.mark.parametrize(
    "arguments, what",
    [
        (["calls", "--kind", "guess"], "parameter kind: guess"),
        (["calls", "--by", "colour"], "parameter by: colour"),
        (["calls", "--step", "1ms"], "parameter step: 1ms"),
        (["calls", "--since", "yesterday"], "--since: 'yesterday'"),
        (["calls", "--limit", "0"], "--limit: 0"),
        (["reprice", "--from", "tomorrow"], "--from: 'tomorrow'"),
        (["reprice", "--from", "1d", "--to", "2d"], "--from: '1d': it is not before --to"),
        (["prices", "explain", "xyz"], "trace id: 'xyz'"),
    ],
)
def test_a_value_that_cannot_work_is_named(server, world, arguments, what):
    done = ask(server, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and what in done.stderr


@pytest.mark.parametrize("columns", [80, 120])
def test_traces_have_tokens_and_costs_where_one_has_calls(server, world, columns):
    done = ask(server, "traces", COLUMNS=columns)
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert "errors tokens cost" in " ".join(lines[0].split())
    (row,) = [line for line in lines if "invoke_agent clerk" in line]
    # Three calls tell 1,100 tokens each; two have a price.
    assert "3,300+ $0.008+" in " ".join(row.split())
    assert done.stderr == "+: at least; 1 call has no price, 1 tells no usage\n"
    only_plain = ask(server, "traces", "--service", "front", COLUMNS=columns)
    assert "tokens" not in only_plain.stdout and only_plain.stderr == ""


def test_explain_shows_how_a_stored_call_got_its_cost(server, world):
    done = ask(server, "prices", "explain", f"{world['trace']}/{world['calls'][0]}")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines[0] == f"call {world['trace']}/{world['calls'][0]}"
    assert "input 1,000 x $2.50 per million = $0.0025" in lines
    assert "output 100 x $10.00 per million = $0.001" in lines
    assert "total $0.0035" in lines
    assert any(line.startswith("rule openai/gpt-4o-2024-08-06 (openai.toml, line ") for line in lines)
    assert "match exact: the rule names this model" in lines
    assert not any(line.startswith("stored ") for line in lines)


def test_explain_of_a_trace_is_every_model_call_and_the_sum(server, world):
    done = ask(server, "prices", "explain", world["trace"])
    assert done.returncode == 3, "two calls have no cost"
    assert "total          not known: the table has no rule of this provider\n" in done.stdout
    assert "total          not known: input and output tokens must both be told\n" in done.stdout
    assert "no cost its usage is a sum over other calls, which count by themselves\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("trace   4 model calls, 3,000+ tokens in, 300+ out, $0.008+ (")
    found = json.loads(ask(server, "prices", "explain", world["trace"], "--json").stdout)
    assert {call["span_id"] for call in found} == {world["outer"], *world["calls"]}
    assert {call["stored_cost"] for call in found} == {0.0035, 0.0045, None}


def test_explain_says_which_is_missing(server, world):
    for call, why in [
        ("0123/45", "find trace 00000000000000000000000000000123"),
        (f"{world['trace']}/45", "the trace has no such span"),
    ]:
        done = ask(server, "prices", "explain", call)
        assert (done.returncode, done.stdout) == (3, "") and why in done.stderr
    done = ask(server, "prices", "explain", world["plain"])
    assert (done.returncode, done.stdout) == (0, "") and "has no calls of models" in done.stderr


def add_price(path, model, dollars, *more):
    arguments = ["--provider", "house", "--model", model, "--input", dollars, "--output", dollars]
    made = run("prices", "add", "--prices", path, *arguments, *more)
    assert made.returncode == 0, made.stderr


def test_reprice_says_what_would_change_then_changes_it(fresh_server, tmp_path):
    path = tmp_path / "prices.toml"
    add_price(path, "cheap", "1")
    server = fresh_server("--prices", path)
    trace_id = otlp.new_trace_id()
    spans = [chat(trace_id, provider="house", model=m) for m in ("cheap", "cheap", "novel")]
    with otlp.HttpDoor(server.otlp_http) as door:
        send(door, *spans)
    stored(server.api)
    assert ask(server, "reprice", "--from", "1h").stdout.startswith("nothing changes: 3 calls, $0.0022 in all\n")

    add_price(path, "novel", "10")
    shown = ask(server, "reprice", "--from", "1h", COLUMNS=80)
    assert shown.returncode == 0, shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80
    lines = [line.split() for line in shown.stdout.splitlines()]
    # 1,100 tokens at $10 per million.
    assert ["house", "novel", "-", "user:house/novel", "1", "-", "$0.011", "+$0.011"] in lines
    assert ["unchanged", "2", "$0.0022", "$0.0022", "$0.00"] in lines
    assert ["all", "calls", "3", "$0.0022", "$0.0132", "+$0.011"] in lines
    assert "1 of 3 calls would change\nprice table " in shown.stdout
    assert shown.stderr == "nothing is changed yet: --apply does it\n"
    assert {c["cost_status"] for c in rows(ask(server, "calls", "--model", "novel", "--csv"))} == {"unpriced"}

    applied = ask(server, "reprice", "--from", "1h", "--apply")
    assert "1 of 3 calls changed\n" in applied.stdout and applied.stderr == ""
    assert {c["cost_usd"] for c in rows(ask(server, "calls", "--model", "novel", "--csv"))} == {"0.011"}
    again = json.loads(ask(server, "reprice", "--from", "1h", "--apply", "--json").stdout)
    assert (again["calls"], again["changed"], again["applied"]) == (3, 0, True)


def test_explain_tells_the_cost_of_now_and_the_one_that_is_stored(fresh_server, tmp_path):
    path = tmp_path / "prices.toml"
    add_price(path, "cheap", "1")
    server = fresh_server("--prices", path)
    trace_id = otlp.new_trace_id()
    span = chat(trace_id, provider="house", model="cheap")
    with otlp.HttpDoor(server.otlp_http) as door:
        send(door, span)
    stored(server.api)
    assert server.stop() == 0
    add_price(path, "cheap", "2", "--replace")
    server.start()
    call = f"{trace_id.hex()}/{span.span_id.hex()}"
    explained = ask(server, "prices", "explain", call).stdout
    assert "total          $0.0022\n" in explained
    assert "stored  $0.0011, by user:house/cheap of table " in explained
    assert ask(server, "reprice", "--from", "1h", "--apply").returncode == 0
    assert "stored " not in ask(server, "prices", "explain", call).stdout


def test_no_calls_in_a_range_are_an_answer(server, world):
    done = ask(server, "reprice", "--from", "2020-01-01", "--to", "2020-01-02")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("no model calls started in this time (price table ")


def test_without_a_server_there_is_a_hint():
    for arguments in (["calls"], ["calls", "--by", "model"], ["reprice", "--from", "1h"], ["prices", "explain", "1/2"]):
        done = run(*arguments, "--server", "127.0.0.1:1")
        assert done.returncode == 1 and done.stdout == ""
        assert "\nhint: start a server with `telltale serve`" in done.stderr
