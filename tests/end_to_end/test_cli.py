"""The commands as a person or a script uses them: data on stdout, talk on stderr, exit codes."""

import csv
import io
import json
import os
import signal
import subprocess
import time

import pytest

from support import otlp
from support.api import eventually
from support.otlp import MS, SECOND
from support.process import BINARY, environment, run


@pytest.fixture(scope="module")
def world(server):
    """The trace of the guide's section 3, and one that failed."""
    now = time.time_ns() - 10 * SECOND
    trace_id, failed = otlp.new_trace_id(), otlp.new_trace_id()
    root = otlp.span(trace_id, "summarize", start=now, duration=1260 * MS)
    spans = [
        root,
        otlp.span(
            trace_id,
            "prompt_build",
            parent=root.span_id,
            start=now,
            duration=45 * MS,
            attributes={"prompt.template": "summarize_v1", "prompt.tokens": 78},
        ),
        otlp.span(
            trace_id,
            "llm_request",
            parent=root.span_id,
            start=now + 45 * MS,
            duration=1200 * MS,
            kind=3,
            attributes={"model": "gpt-4", "cost_usd": 0.0048, "request_id": "req-xyz", "streamed": True},
        ),
        otlp.span(
            trace_id,
            "post_processing",
            parent=root.span_id,
            start=now + 1245 * MS,
            duration=12 * MS,
            attributes={"output.snippet": "In summary, ..."},
        ),
    ]
    error = otlp.span(
        failed,
        "llm.request",
        start=now - SECOND,
        duration=30 * SECOND // 10,
        error="Request timed out.",
        events=[
            otlp.event("exception", **{"exception.type": "APITimeoutError", "exception.message": "Request timed out."})
        ],
    )
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request(spans, service="llm-service"))
        door.send(otlp.request([error], service="worker"))
    server.api.wait_for_traces(2)
    return {"trace": trace_id.hex(), "failed": failed.hex()}


def ask(server, *arguments, **more):
    return run(*arguments, "--server", f"http://{server.http}", **more)


def test_traces_lists_one_a_line_newest_first(server, world):
    done = ask(server, "traces")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    where = [next(i for i, line in enumerate(lines) if text in line) for text in ("summarize", "llm.request")]
    assert where == sorted(where)
    assert "\x1b" not in done.stdout, "colours in a pipe"


def test_traces_filters(server, world):
    assert world["failed"][:8] in ask(server, "traces", "--service", "worker").stdout
    assert world["trace"][:8] not in ask(server, "traces", "--status", "error").stdout
    assert world["trace"][:8] in ask(server, "traces", "--attribute", "model=gpt-4").stdout


def test_traces_as_json_and_csv_hold_the_same(server, world):
    items = json.loads(ask(server, "traces", "--json").stdout)
    assert [i["trace_id"] for i in items] == [world["trace"], world["failed"]]
    rows = list(csv.reader(io.StringIO(ask(server, "traces", "--csv").stdout)))
    assert len(rows) == 3
    assert all(any(i["trace_id"] in row for row in rows) for i in items)


def test_no_match_is_an_empty_answer_and_a_hint(server, world):
    done = ask(server, "traces", "--service", "nobody", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    done = ask(server, "traces", "--service", "nobody")
    assert (done.returncode, done.stdout) == (0, "")
    assert "hint: " in done.stderr


def test_trace_draws_the_tree_with_durations_and_failures(server, world):
    done = ask(server, "trace", world["trace"])
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("summarize", "├─ prompt_build", "├─ llm_request", "└─ post_processing", "45", "1.2", "gpt-4"):
        assert text in done.stdout
    failed = ask(server, "trace", world["failed"]).stdout
    assert "Request timed out." in failed
    assert "APITimeoutError" in failed


def test_trace_as_json_is_the_summary_of_the_guide_and_more(server, world):
    done = ask(server, "trace", world["trace"], "--json")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    guide = {
        "trace_id": world["trace"],
        "spans": [
            {
                "name": "prompt_build",
                "duration_ms": 45,
                "attributes": {"prompt.template": "summarize_v1", "prompt.tokens": 78},
            },
            {
                "name": "llm_request",
                "duration_ms": 1200,
                "attributes": {"model": "gpt-4", "cost_usd": 0.0048, "request_id": "req-xyz"},
            },
            {"name": "post_processing", "duration_ms": 12, "attributes": {"output.snippet": "In summary, ..."}},
        ],
    }
    assert summary["trace_id"] == guide["trace_id"]
    shown = {span["name"]: span for span in summary["spans"]}
    for span in guide["spans"]:
        assert shown[span["name"]]["duration_ms"] == span["duration_ms"]
        assert span["attributes"].items() <= shown[span["name"]]["attributes"].items()


def test_trace_takes_the_address_of_the_page_as_well(server, world):
    page = f"http://{server.http}/trace/{world['trace']}"
    assert ask(server, "trace", page, "--json").stdout == ask(server, "trace", world["trace"], "--json").stdout


@pytest.mark.parametrize("trace_id, code", [("ab" * 16, 3), ("not-an-id", 2), ("", 2)])
def test_a_trace_that_is_not_there_has_an_exit_code_of_its_own(server, world, trace_id, code):
    done = ask(server, "trace", trace_id)
    assert done.returncode in (code, 1 if code == 2 else code)
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")


def test_a_server_that_is_not_there_is_an_error_with_a_hint():
    for command in (["traces"], ["trace", "ab" * 16]):
        done = run(*command, "--server", "http://127.0.0.1:1")
        assert done.returncode == 1
        assert done.stdout == ""
        assert "error: " in done.stderr and "hint: " in done.stderr
        assert "127.0.0.1:1" in done.stderr


def test_tail_prints_a_trace_that_arrives_while_it_runs(server, world, tmp_path):
    out = tmp_path / "out"
    with open(out, "w") as stdout:
        tail = subprocess.Popen(
            [str(BINARY), "tail", "--json", "--service", "tailed", "--server", f"http://{server.http}"],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
    try:

        def lines_after_sending():
            with otlp.GrpcDoor(server.otlp_grpc) as door:
                door.send(otlp.request([otlp.span(otlp.new_trace_id(), "arrived")], service="tailed"))
            return out.read_text().splitlines()

        lines = eventually(lines_after_sending, lambda found: len(found) >= 2, what="tail prints new traces")
        items = [json.loads(line) for line in lines]
        assert all(item["service"] == "tailed" for item in items)
        assert len({item["trace_id"] for item in items}) == len(items)
    finally:
        tail.send_signal(signal.SIGINT)
        tail.communicate(timeout=60)
    assert tail.returncode in (0, 130, -signal.SIGINT)


def test_doctor_finds_its_own_test_span_again(server, world):
    done = ask(server, "doctor", "--data", server.data)
    assert done.returncode == 0, done.stdout + done.stderr
    before = server.api.counters()["spans_acknowledged"]
    report = ask(server, "doctor", "--data", server.data, "--json")
    assert report.returncode == 0
    assert json.loads(report.stdout)
    assert server.api.counters()["spans_acknowledged"] > before


def test_doctor_tells_the_misspelt_variables_of_the_guide(server, world):
    done = ask(
        server,
        "doctor",
        "--data",
        server.data,
        OTELSERVICENAME="llm-service",
        OTELEXPORTEROTLP_ENDPOINT="http://localhost:4317",
    )
    text = done.stdout + done.stderr
    for printed, meant in (
        ("OTELSERVICENAME", "OTEL_SERVICE_NAME"),
        ("OTELEXPORTEROTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ):
        assert printed in text and meant in text


def test_doctor_without_a_server_says_so_and_fails(tmp_path):
    done = run(
        "doctor",
        "--server",
        "http://127.0.0.1:1",
        "--otlp-grpc",
        "127.0.0.1:1",
        "--otlp-http",
        "127.0.0.1:1",
        "--data",
        tmp_path,
    )
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stdout + done.stderr


def test_version_and_help_are_data():
    done = run("version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("telltale ")
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("serve", "demo", "simulate", "traces", "trace", "tail", "doctor", "version"):
        assert command in done.stdout
    done = run("serve", "--help")
    assert done.returncode == 0
    for flag in ("--http", "--otlp-grpc", "--otlp-http", "--clickhouse", "--store", "--data", "--memory", "--retention-days"):
        assert flag in done.stdout


@pytest.mark.parametrize("arguments", [[], ["fly"], ["traces", "--no-such-flag"], ["traces", "--limit", "x"]], ids=str)
def test_a_command_line_that_makes_no_sense_ends_with_2(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr


def test_output_into_a_closed_pipe_is_no_crash(server, world):
    script = f'"{BINARY}" traces --json --server http://{server.http} | head -c 1 >/dev/null; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment(), timeout=60)
    assert int(done.stdout) in (0, 1, 128 + signal.SIGPIPE)


def test_settings_come_from_flags_then_variables_then_the_file(tmp_path):
    (tmp_path / "telltale.toml").write_text('log-level = "loud in the file"\n')
    data = ["--ports", "0", "--data", str(tmp_path / "data")]

    def error(*flags, **variables):
        done = subprocess.run(
            [str(BINARY), "serve", *data, *flags],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(**variables),
        )
        assert done.returncode == 1
        return done.stderr

    assert "loud in the file" in error()
    assert "loud in a variable" in error(TELLTALE_LOG_LEVEL="loud in a variable")
    assert "loud in a flag" in error("--log-level", "loud in a flag", TELLTALE_LOG_LEVEL="loud in a variable")
    assert os.listdir(tmp_path) == ["telltale.toml"]
