"""The guide's reader succeeds: its script, its curl, its list of what to test."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from support.api import eventually
from support.process import ROOT, environment, run

GUIDE = ROOT / "examples" / "guide"


def run_script(server, simulator, name, *arguments, **more):
    variables = {
        "OPENAI_API_KEY": "sk-simulated",
        "OPENAI_BASE_URL": simulator.base_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{server.otlp_grpc}",
    } | more
    done = subprocess.run(
        [sys.executable, str(GUIDE / name), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env=environment(**variables),
        cwd=GUIDE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def curl(server, path):
    """As the guide has it, with the real curl."""
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", f"http://{server.http}{path}"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tags(span):
    return {tag["key"]: tag["value"] for tag in span["tags"]}


def spans_of(trace):
    return {span["spanId"]: span for span in trace["spans"]}


def test_the_guides_script_is_found_with_the_guides_curl(server, simulator):
    done = run_script(server, simulator, "guide.py", OTEL_SERVICE_NAME="llm-service")
    assert "Got response ID:" in done.stdout

    answer = eventually(lambda: curl(server, "/api/traces?service=llm-service"), lambda a: a["data"])

    assert answer["errors"] is None
    spans = [span for trace in answer["data"] for span in trace["spans"]]
    (request,) = [span for span in spans if span["operationName"] == "llm.request"]
    assert tags(request)["model"] == "gpt-4"
    assert "latency_ms" in tags(request)
    assert "response_snippet" in tags(request)
    trace = next(t for t in answer["data"] if t["traceID"] == request["traceID"])
    assert trace["processes"][request["processID"]]["serviceName"] == "llm-service"


def test_the_steps_of_the_guide_leave_the_spans_it_promises(server, simulator):
    run_script(server, simulator, "steps.py", OTEL_SERVICE_NAME="guide-steps")
    items = server.api.wait_for_traces(1, service="guide-steps")
    names = {
        span["name"]
        for item in items
        for span in server.api.wait_for_trace(item["trace_id"], spans=item["span_count"])["spans"]
    }
    assert names & {"prompt_build", "llm.request", "llm_call", "llm_request"}


@pytest.fixture(scope="module")
def demo(server, simulator):
    """Every trace of one round of the demo app, by its root's name."""
    run_script(server, simulator, "demo_app.py", "--once")
    server.api.wait_until_drained()
    services = {s["name"] for s in server.api.get("/api/v1/services")["items"]} - {"guide-steps"}
    items = {i["trace_id"]: i for s in sorted(services) for i in server.api.traces(service=s)}
    return [server.api.trace(trace_id) for trace_id in items]


def all_spans(demo):
    return [(trace, span) for trace in demo for span in trace["spans"]]


def attributes(span):
    return {a["key"]: next(iter(a["value"].values()), None) for a in span["attributes"]}


def test_each_try_of_a_rate_limited_call_has_a_span_of_its_own(demo):
    """Below one parent: a try that failed with 429, and a later one that went well."""
    for trace, failed in all_spans(demo):
        if failed["status"]["code"] != 2 or "429" not in json.dumps(failed):
            continue
        later = [
            s
            for s in trace["spans"]
            if s["parentSpanId"] == failed["parentSpanId"]
            and s["name"] == failed["name"]
            and int(s["startTimeUnixNano"]) > int(failed["endTimeUnixNano"])
            and s["status"]["code"] != 2
        ]
        if later:
            return
    raise AssertionError("no span that failed with 429 is followed by a sibling that went well")


def test_a_timeout_ends_its_span_with_error_and_an_exception_event(demo):
    timeouts = [span for _, span in all_spans(demo) if span["status"]["code"] == 2 and "imeout" in json.dumps(span)]
    assert timeouts
    assert any(e["name"] == "exception" for span in timeouts for e in span.get("events", []))


def test_an_exception_is_recorded_with_type_message_and_stack(demo):
    events = [e for _, span in all_spans(demo) for e in span.get("events", []) if e["name"] == "exception"]
    for event in events:
        found = attributes(event)
        assert found["exception.type"]
        assert "exception.stacktrace" in found
    assert events


def test_parallel_chains_are_one_trace_across_threads(demo):
    """Several spans below one parent that overlap in time."""
    for trace in demo:
        by_parent = {}
        for span in trace["spans"]:
            if span["parentSpanId"]:
                by_parent.setdefault(span["parentSpanId"], []).append(span)
        for siblings in by_parent.values():
            overlapping = [
                s
                for s in siblings
                if any(
                    o is not s
                    and int(o["startTimeUnixNano"]) < int(s["endTimeUnixNano"])
                    and int(s["startTimeUnixNano"]) < int(o["endTimeUnixNano"])
                    for o in siblings
                )
            ]
            if len(overlapping) >= 2 and trace["completeness"]["complete"]:
                return
    raise AssertionError("no trace holds chains that ran side by side")


def test_several_models_and_every_trace_whole(demo):
    models = {
        v for _, span in all_spans(demo) for k, v in attributes(span).items() if k in ("model", "gen_ai.request.model")
    }
    assert len(models) >= 2
    assert all(trace["completeness"]["complete"] for trace in demo)


def test_the_command_line_draws_what_the_guide_sent(server, demo):
    trace_id = demo[0]["trace_id"]
    done = run("trace", trace_id, "--server", f"http://{server.http}")
    assert done.returncode == 0
    assert demo[0]["spans"][0]["name"] in done.stdout


def test_doctor_is_content_where_the_guides_script_worked(server, simulator):
    done = run(
        "doctor",
        "--server",
        f"http://{server.http}",
        "--data",
        server.data,
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{server.otlp_grpc}",
        OTEL_SERVICE_NAME="llm-service",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_need_nothing_but_their_requirements():
    assert pathlib.Path(GUIDE / "requirements.txt").exists()
    assert os.access(GUIDE / "guide.py", os.R_OK)
