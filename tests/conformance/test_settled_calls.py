"""Whatever way a captured trace is cut into requests, lists show the totals that the whole
trace has."""

import random

import pytest
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from conformance.test_stored_calls import CLIENTS, FOLDER, requests_of
from support import otlp, signals
from support.api import eventually

NOTHING = {
    "calls": 0, "errors": 0, "input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0,
    "cache_write_tokens": 0, "reasoning_tokens": 0, "calls_without_usage": 0,
    "cost": {"total": None, "currency": "USD", "computed_calls": 0, "reported_calls": 0, "unpriced_calls": 0,
             "no_usage_calls": 0},
}  # fmt: skip


def parsed(signal, path, meta):
    message = otlp.Request() if signal == "traces" else signals.LogsRequest()
    if meta["transport"] != "grpc" and meta["content-type"].startswith(otlp.JSON):
        return signals.from_otlp_json(path.read_text(), message)
    message.ParseFromString(path.read_bytes())
    return message


def one_by_one(client):
    """Every span and log record of a capture in a request of its own: (path, bytes, trace ids)."""
    for signal, path, meta in requests_of(client):
        message = parsed(signal, path, meta)
        if signal == "traces":
            for of in message.resource_spans:
                for scope in of.scope_spans:
                    for span in scope.spans:
                        alone = otlp.Request(
                            resource_spans=[
                                trace_pb2.ResourceSpans(
                                    resource=of.resource,
                                    scope_spans=[trace_pb2.ScopeSpans(scope=scope.scope, spans=[span])],
                                )
                            ]
                        )
                        yield "/v1/traces", alone.SerializeToString(), span.trace_id
        else:
            for of in message.resource_logs:
                for scope in of.scope_logs:
                    for record in scope.log_records:
                        alone = signals.LogsRequest(
                            resource_logs=[
                                logs_pb2.ResourceLogs(
                                    resource=of.resource,
                                    scope_logs=[logs_pb2.ScopeLogs(scope=scope.scope, log_records=[record])],
                                )
                            ]
                        )
                        yield "/v1/logs", alone.SerializeToString(), record.trace_id


@pytest.mark.skipif(not FOLDER.exists(), reason=f"no reference material at {FOLDER}")
@pytest.mark.parametrize("client", CLIENTS)
def test_a_trace_in_pieces_has_the_totals_of_the_whole(server, api, client):
    pieces = list(one_by_one(client))
    random.Random(client).shuffle(pieces)
    with otlp.HttpDoor(server.otlp_http) as door:
        for path, body, _ in pieces:
            assert door.post(body, path=path).status_code == 200
    eventually(
        api.counters,
        lambda c: c["spans_stored"] >= c["spans_acknowledged"] and c["logs_stored"] >= c["logs_acknowledged"],
        what="everything is stored",
    )
    ids = {trace_id.hex() for path, _, trace_id in pieces if path == "/v1/traces"}
    services = {
        service["name"] for trace_id in ids for service in api.trace(trace_id)["services"]
    }
    whole = {trace_id: api.trace(trace_id)["totals"] for trace_id in ids}

    def listed():
        items = [t for service in services for t in api.traces(service=service, start=0, limit=1000)]
        return {t["trace_id"]: t["totals"] or NOTHING for t in items if t["trace_id"] in ids}

    def different():
        shown = listed()
        return {trace_id: (shown.get(trace_id), whole[trace_id]) for trace_id in whole if shown.get(trace_id) != whole[trace_id]}

    eventually(different, lambda traces: not traces, deadline_s=20, what="lists show what the traces show")
    assert api.counters()["calls_settle_failures"] == 0
