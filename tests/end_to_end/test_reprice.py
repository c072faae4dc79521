"""A changed price table is applied to calls that are stored."""

import time

import pytest

from end_to_end.test_calls import chat, send, stored, totals
from support import otlp
from support.process import run


def add_price(path, model, dollars):
    made = run("prices", "add", "--prices", path, "--provider", "house", "--model", model, "--input", dollars, "--output", dollars)
    assert made.returncode == 0, made.stderr


def reprice(api, **body):
    return api._session.post(f"{api.base}/api/v1/reprice", json=body, timeout=60)


@pytest.fixture
def priced(fresh_server, tmp_path):
    path = tmp_path / "prices.toml"
    add_price(path, "cheap", "1")
    server = fresh_server("--prices", path)
    with otlp.HttpDoor(server.otlp_http) as door:
        trace_id = otlp.new_trace_id()
        send(door, *(chat(trace_id, provider="house", model=m) for m in ("cheap", "cheap", "novel")))
        # Outside the range of the tests.
        send(door, chat(otlp.new_trace_id(), provider="house", model="novel", start=time.time_ns() - 3600 * otlp.SECOND))
    stored(server.api)
    return server, path


def last_minutes():
    now = time.time_ns()
    return {"start": str(now - 600 * otlp.SECOND), "end": str(now + otlp.SECOND)}


def test_a_new_price_is_shown_first_and_applied_when_told(priced):
    server, path = priced
    before = totals(server.api)
    # Twice 1,100 tokens at $1 per million.
    assert before["cost"]["total"] == pytest.approx(0.0022)
    assert before["cost"]["unpriced_calls"] == 2
    add_price(path, "novel", "10")

    shown = reprice(server.api, **last_minutes(), apply=False).json()
    assert (shown["applied"], shown["calls"], shown["changed"]) == (False, 3, 1)
    assert shown["from"] == pytest.approx(0.0022) and shown["to"] == pytest.approx(0.0132)
    (change,) = shown["changes"]
    assert change["model"] == "novel" and change["from_rule"] is None and change["to_rule"]
    assert change["to"] == pytest.approx(0.011)
    assert totals(server.api) == before

    applied = reprice(server.api, **last_minutes(), apply=True).json()
    assert applied["applied"] and {**applied, "applied": False} == shown
    after = totals(server.api)
    assert after["cost"]["total"] == pytest.approx(0.0132)
    assert after["cost"]["unpriced_calls"] == 1, "the call outside the range stays as it was"
    again = reprice(server.api, **last_minutes(), apply=True).json()
    assert again["changed"] == 0 and again["changes"] == []

    with otlp.HttpDoor(server.otlp_http) as door:
        trace_id = otlp.new_trace_id()
        send(door, chat(trace_id, provider="house", model="novel"))
    stored(server.api)
    assert totals(server.api, trace_id=trace_id.hex())["cost"]["computed_calls"] == 1, "new calls have the new price"


def test_a_file_that_is_wrong_changes_nothing_and_says_where(priced):
    server, path = priced
    before = totals(server.api)
    path.write_text(path.read_text() + "\nnonsense = [")
    answer = reprice(server.api, **last_minutes(), apply=True)
    assert answer.status_code == 400 and "prices.toml" in answer.json()["message"]
    assert totals(server.api) == before


def test_no_calls_in_the_range_is_an_answer(priced):
    server, _ = priced
    answer = reprice(server.api, start="2020-01-01T00:00:00Z", end="2020-01-02T00:00:00Z").json()
    assert (answer["calls"], answer["changed"], answer["applied"]) == (0, 0, False)


@pytest.mark.parametrize(
    "body, why",
    [
        ({}, "start"),
        ({"start": "yesterday", "end": "0"}, "start"),
        ({"start": "5", "end": "5"}, "before"),
        ({"start": "1", "end": "5", "apply": "perhaps"}, "apply"),
        ({"start": "1", "end": "5", "dry": True}, "dry"),
        ([], "object"),
    ],
)
def test_what_is_no_request_is_refused(priced, body, why):
    server, _ = priced
    answer = server.api._session.post(f"{server.api.base}/api/v1/reprice", json=body, timeout=60)
    assert answer.status_code == 400 and why in answer.json()["message"]


def test_a_form_of_another_site_is_refused(priced):
    server, _ = priced
    body = '{"start":"1","end":"5","apply":true}'
    headers = {"Content-Type": "text/plain"}
    answer = server.api._session.post(f"{server.api.base}/api/v1/reprice", data=body, headers=headers, timeout=60)
    assert answer.status_code == 400 and "Content-Type" in answer.json()["message"]
