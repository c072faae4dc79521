"""Logs and metrics: from real SDKs, by hand with every field, and wrong ones."""

import logging
import time

import grpc
import pytest
from opentelemetry import trace
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetricExporter
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from support import otlp, signals
from support.api import eventually


def logs_over(server, door):
    if door == "grpc":
        return GrpcLogExporter(endpoint=f"http://{server.otlp_grpc}")
    return HttpLogExporter(endpoint=f"http://{server.otlp_http}/v1/logs")


def metrics_over(server, door):
    if door == "grpc":
        return GrpcMetricExporter(endpoint=f"http://{server.otlp_grpc}")
    return HttpMetricExporter(endpoint=f"http://{server.otlp_http}/v1/metrics")


def every(api, path, count, **parameters):
    """All pages, once they hold at least `count` items."""

    def ask():
        items, cursor = [], None
        while True:
            page = api.get(path, **parameters, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    return eventually(ask, lambda items: len(items) >= count, what=f"{count} items at {path} {parameters}")


# --- real SDKs ------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_a_log_of_the_sdk_stands_in_the_trace_it_belongs_to(server, api, door):
    service = f"logs-{door}"
    resource = Resource.create({"service.name": service})
    spans = TracerProvider(resource=resource)
    spans.add_span_processor(SimpleSpanProcessor(GrpcSpanExporter(endpoint=f"http://{server.otlp_grpc}")))
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(logs_over(server, door)))
    logger = logging.getLogger(service)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(LoggingHandler(logger_provider=logs))

    with spans.get_tracer("app").start_as_current_span("request") as span:
        logger.warning("the answer took %d ms", 4200, extra={"model": "gpt-4o"})
        try:
            raise ValueError("no such tool")
        except ValueError:
            logger.exception("the tool call failed")
        logs.get_logger("events").emit(
            LogRecord(
                timestamp=time.time_ns(),
                event_name="gen_ai.user.message",
                body={"content": "hello", "parts": [1, 2.5, None, True, b"\x00\xff"]},
                attributes={"gen_ai.system": "openai"},
            )
        )
    logger.info("not in any trace")
    assert logs.force_flush()
    logs.shutdown()
    spans.shutdown()
    trace_id = f"{span.get_span_context().trace_id:032x}"

    api.wait_for_trace(trace_id)
    shown = eventually(lambda: api.trace(trace_id), lambda t: len(t["logs"]) == 3, what="its three logs")
    warning, failure, event = shown["logs"]
    assert shown["logs_truncated"] is False
    assert {log["spanId"] for log in shown["logs"]} == {f"{span.get_span_context().span_id:016x}"}
    assert warning["body"] == {"stringValue": "the answer took 4200 ms"}
    assert warning["severityText"] == "WARN" and warning["severityNumber"] == 13
    assert {"key": "model", "value": {"stringValue": "gpt-4o"}} in warning["attributes"]
    assert "ValueError" in str(failure["attributes"])
    assert event["eventName"] == "gen_ai.user.message"
    assert event["body"]["kvlistValue"]["values"][0] == {"key": "content", "value": {"stringValue": "hello"}}

    of_service = every(api, "/api/v1/logs", 4, service=service)
    assert len(of_service) == 4
    times = [int(log["time_unix_nano"]) for log in of_service]
    assert times == sorted(times, reverse=True)
    assert [log["body"]["stringValue"] for log in every(api, "/api/v1/logs", 1, service=service, text="IN ANY trace")]
    assert len(every(api, "/api/v1/logs", 1, service=service, severity="error")) == 1
    assert len(every(api, "/api/v1/logs", 1, service=service, event="gen_ai.user.message")) == 1
    assert len(every(api, "/api/v1/logs", 1, service=service, attribute="model=gpt-4o")) == 1
    assert len(every(api, "/api/v1/logs", 3, trace_id=trace_id)) == 3


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_metrics_of_the_sdk_come_back_with_their_exemplars(server, api, door):
    service = f"metrics-{door}"
    reader = PeriodicExportingMetricReader(metrics_over(server, door), export_interval_millis=3_600_000)
    meters = MeterProvider(
        metric_readers=[reader],
        resource=Resource.create({"service.name": service}),
        exemplar_filter=AlwaysOnExemplarFilter(),
        views=[View(instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation())],
    )
    meter = meters.get_meter("app", "3")
    spans = TracerProvider()
    with spans.get_tracer("app").start_as_current_span("chat") as span:
        usage = meter.create_histogram(
            "gen_ai.client.token.usage", unit="{token}", description="Tokens of a call",
            explicit_bucket_boundaries_advisory=[1, 4, 16, 64],
        )
        usage.record(12, {"gen_ai.token.type": "input"})
        usage.record(70, {"gen_ai.token.type": "input"})
        meter.create_counter("calls").add(3, {"model": "gpt-4o"})
        meter.create_up_down_counter("open").add(-2.5)
        meter.create_gauge("temperature").set(36.6)
        for value in (0.0, 0.1, 5.0, 300.0):
            meter.create_histogram("exponential").record(value)
    meters.force_flush()
    meters.shutdown()

    shown = {p["name"]: p for p in every(api, "/api/v1/metrics", 5, service=service)}
    assert set(shown) == {"gen_ai.client.token.usage", "calls", "open", "temperature", "exponential"}
    tokens = shown["gen_ai.client.token.usage"]
    assert (tokens["type"], tokens["unit"], tokens["temporality"]) == ("histogram", "{token}", "cumulative")
    assert (tokens["count"], tokens["sum"], tokens["min"], tokens["max"]) == ("2", 82, 12, 70)
    assert tokens["explicitBounds"] == [1, 4, 16, 64] and tokens["bucketCounts"] == ["0", "0", "1", "0", "1"]
    span_ids = {e["spanId"] for e in tokens["exemplars"]}
    assert span_ids == {f"{span.get_span_context().span_id:016x}"}
    assert shown["calls"]["asInt"] == "3" and shown["calls"]["monotonic"] is True
    assert shown["open"]["asDouble"] == -2.5 and shown["open"]["monotonic"] is False
    assert shown["temperature"]["type"] == "gauge" and shown["temperature"]["asDouble"] == 36.6
    exponential = shown["exponential"]
    assert exponential["type"] == "exponential_histogram"
    assert exponential["count"] == "4" and exponential["zeroCount"] == "1"
    assert sum(int(c) for c in exponential["positive"]["bucketCounts"]) == 3

    names = {n["name"]: n for n in api.get("/api/v1/metric_names", service=service)["items"]}
    assert set(names) == set(shown)
    assert names["gen_ai.client.token.usage"]["description"] == "Tokens of a call"
    assert names["calls"]["services"] == [service]


# --- by hand: every field, both doors, both encodings ---------------------------------

NOW = time.time_ns()
EVERY_VALUE = {
    "text": "line\nbreak \U0001f680",
    "empty": "",
    "yes": True,
    "int": -(2**63),
    "real": 0.1,
    "infinite": float("-inf"),
    "bytes": b"\x00\xff",
    "list": ["a", 1, [True, None], {"deep": {"er": 1.5}}],
    "none": None,
}


def resource(service):
    return resource_pb2.Resource(
        attributes=otlp.key_values({"service.name": service, "pid": 7}), dropped_attributes_count=1
    )


SCOPE = common_pb2.InstrumentationScope(
    name="by hand", version="1.2", attributes=otlp.key_values({"a": 1}), dropped_attributes_count=2
)


def log_request(service):
    bodies = ["text", 7, 0.5, False, b"\x00", None, ["a", {"b": [1]}], {"role": "user", "content": ["x"]}]
    full = [
        logs_pb2.LogRecord(
            time_unix_nano=NOW + n,
            observed_time_unix_nano=NOW + 1000 + n,
            severity_number=n + 1,
            severity_text=f"S{n}",
            body=otlp.any_value(body) if body is not None else None,
            attributes=otlp.key_values(EVERY_VALUE),
            dropped_attributes_count=n,
            flags=257,
            trace_id=bytes(range(1, 17)),
            span_id=bytes(range(1, 9)),
            event_name=f"event.{n}",
        )
        for n, body in enumerate(bodies)
    ]
    bare = [logs_pb2.LogRecord(observed_time_unix_nano=NOW), logs_pb2.LogRecord()]
    return signals.LogsRequest(
        resource_logs=[
            logs_pb2.ResourceLogs(
                resource=resource(service),
                scope_logs=[
                    logs_pb2.ScopeLogs(scope=SCOPE, log_records=full),
                    logs_pb2.ScopeLogs(log_records=bare),
                ],
            )
        ]
    )


def metric_request(service):
    exemplar = metrics_pb2.Exemplar(
        filtered_attributes=otlp.key_values({"k": "v", "list": [1]}),
        time_unix_nano=NOW,
        as_double=1.5,
        span_id=bytes(range(1, 9)),
        trace_id=bytes(range(1, 17)),
    )
    common = dict(start_time_unix_nano=NOW - 1000, time_unix_nano=NOW, attributes=otlp.key_values(EVERY_VALUE), flags=0)
    number = metrics_pb2.NumberDataPoint
    buckets = metrics_pb2.ExponentialHistogramDataPoint.Buckets
    metric = metrics_pb2.Metric
    metrics = [
        metric(name="g", unit="s", description="d", gauge=metrics_pb2.Gauge(data_points=[
            number(**common, as_double=0.25), number(**common, as_int=-7, exemplars=[exemplar]),
            number(time_unix_nano=NOW, flags=1), number(time_unix_nano=NOW, as_double=float("inf")),
        ])),
        metric(name="s", sum=metrics_pb2.Sum(aggregation_temporality=1, is_monotonic=True, data_points=[
            number(**common, as_int=2**62), number(**common, as_int=0)])),
        metric(name="h", histogram=metrics_pb2.Histogram(aggregation_temporality=2, data_points=[
            metrics_pb2.HistogramDataPoint(**common, count=6, sum=12.5, min=-1, max=9, bucket_counts=[1, 2, 3],
                                           explicit_bounds=[0.5, 5], exemplars=[exemplar, exemplar]),
            metrics_pb2.HistogramDataPoint(time_unix_nano=NOW, count=2),
            metrics_pb2.HistogramDataPoint(time_unix_nano=NOW, count=2, sum=0, bucket_counts=[2]),
        ])),
        metric(name="e", exponential_histogram=metrics_pb2.ExponentialHistogram(
            aggregation_temporality=2, data_points=[metrics_pb2.ExponentialHistogramDataPoint(
                **common, count=9, sum=4, scale=-3, zero_count=2, positive=buckets(offset=-5, bucket_counts=[1, 0, 300]),
                negative=buckets(offset=4, bucket_counts=[7]), exemplars=[exemplar], min=-4, max=4, zero_threshold=0.001)])),
        metric(name="q", summary=metrics_pb2.Summary(data_points=[metrics_pb2.SummaryDataPoint(
            **common, count=3, sum=1.5, quantile_values=[
                metrics_pb2.SummaryDataPoint.ValueAtQuantile(quantile=0.5, value=1),
                metrics_pb2.SummaryDataPoint.ValueAtQuantile(quantile=1, value=float("nan"))])])),
    ]
    return signals.MetricsRequest(resource_metrics=[metrics_pb2.ResourceMetrics(
        resource=resource(service), scope_metrics=[metrics_pb2.ScopeMetrics(scope=SCOPE, metrics=metrics)])])


ENCODINGS = ["grpc", "protobuf", "json"]


def send(server, encoding, message, path, method):
    """The answer's bytes or JSON text, empty when nothing was refused."""
    if encoding == "grpc":
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            return door.send_bytes(message.SerializeToString(), method=method).SerializeToString()
    with otlp.HttpDoor(server.otlp_http) as door:
        as_json = encoding == "json"
        body = signals.to_otlp_json(message) if as_json else message.SerializeToString()
        response = door.post(body, otlp.JSON if as_json else otlp.PROTOBUF, path=path)
    assert response.status_code == 200, response.content
    return b"" if response.content == b"{}" else response.content


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_field_of_a_log_survives(server, api, encoding):
    service = f"every-log-{encoding}"
    sent = log_request(service)
    assert send(server, encoding, sent, "/v1/logs", signals.LOGS_EXPORT) == b""
    shown = every(api, "/api/v1/logs", 10, service=service, limit=3)
    assert signals.shown_records(shown) == signals.records(sent)
    assert all(int(log["time_unix_nano"]) >= NOW for log in shown), "a record without a time has that of its arrival"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_field_of_a_metric_survives(server, api, encoding):
    service = f"every-metric-{encoding}"
    sent = metric_request(service)
    assert send(server, encoding, sent, "/v1/metrics", signals.METRICS_EXPORT) == b""
    shown = every(api, "/api/v1/metrics", 11, service=service, limit=4)
    assert signals.shown_points(shown) == signals.points(sent)
    assert [p["name"] for p in every(api, "/api/v1/metrics", 1, service=service, name="q")] == ["q"]


# --- what is wrong --------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_wrong_records_are_refused_alone_and_the_sender_is_told(server, api, encoding):
    service = f"wrong-logs-{encoding}"
    before = api.counters()["logs_refused"]
    record = logs_pb2.LogRecord
    request = signals.LogsRequest(resource_logs=[logs_pb2.ResourceLogs(resource=resource(service), scope_logs=[
        logs_pb2.ScopeLogs(log_records=[
            record(time_unix_nano=NOW, body=otlp.any_value("good")),
            record(time_unix_nano=NOW, trace_id=b"short"),
            record(time_unix_nano=NOW, span_id=b"123456789"),
            record(time_unix_nano=2**63),
            record(time_unix_nano=NOW, trace_id=bytes(16), span_id=bytes(8), body=otlp.any_value("no ids")),
        ])])])
    answer = send(server, encoding, request, "/v1/logs", signals.LOGS_EXPORT)
    told = signals.LogsResponse.FromString(answer) if encoding != "json" else signals.from_otlp_json(answer, signals.LogsResponse())
    assert told.partial_success.rejected_log_records == 3
    assert "1 log record: trace id must be empty or 16 bytes" in told.partial_success.error_message
    assert api.counters()["logs_refused"] == before + 3
    shown = every(api, "/api/v1/logs", 2, service=service)
    assert sorted(log["body"]["stringValue"] for log in shown) == ["good", "no ids"]
    assert not any("traceId" in log for log in shown)


def test_json_of_the_wrong_type_costs_its_record_alone(server, api):
    records = [
        '{"timeUnixNano":"1","body":{"stringValue":"kept"}}',
        '{"timeUnixNano":"soon"}',
        '{"traceId":"xyz"}',
        '{"attributes":{"not":"a list"}}',
        "7",
        '{"timeUnixNano":2,"body":{"intValue":99999999999999999999999},"unknown":[{}]}',
    ]
    body = (
        '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"odd-json"}}]},'
        '"scopeLogs":[{"logRecords":[' + ",".join(records) + "]}]}]}"
    )
    with otlp.HttpDoor(server.otlp_http) as door:
        response = door.post(body.encode(), otlp.JSON, path="/v1/logs")
        assert response.json()["partialSuccess"]["rejectedLogRecords"] == "4"
        assert door.post(b'{"resourceLogs":7}', otlp.JSON, path="/v1/logs").status_code == 400
        assert door.post(b"{", otlp.JSON, path="/v1/metrics").status_code == 400
        assert door.post(b"\xff", otlp.PROTOBUF, path="/v1/metrics").status_code == 400
        assert door.post(b"", otlp.PROTOBUF, path="/v1/logs").status_code == 200
    shown = every(api, "/api/v1/logs", 2, service="odd-json", start=0)
    assert [log["body"] for log in shown] == [{"doubleValue": 1e23}, {"stringValue": "kept"}]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_wrong_points_are_refused_alone_and_the_sender_is_told(server, api, encoding):
    service = f"wrong-metrics-{encoding}"
    number = metrics_pb2.NumberDataPoint
    request = signals.MetricsRequest(resource_metrics=[metrics_pb2.ResourceMetrics(
        resource=resource(service), scope_metrics=[metrics_pb2.ScopeMetrics(metrics=[
            metrics_pb2.Metric(name="g", gauge=metrics_pb2.Gauge(data_points=[
                number(time_unix_nano=NOW, as_int=1), number(time_unix_nano=2**63, as_int=2)])),
            metrics_pb2.Metric(name="h", histogram=metrics_pb2.Histogram(data_points=[
                metrics_pb2.HistogramDataPoint(time_unix_nano=NOW, bucket_counts=[1, 2, 3], explicit_bounds=[1])])),
            metrics_pb2.Metric(name="without data"),
        ])])])
    answer = send(server, encoding, request, "/v1/metrics", signals.METRICS_EXPORT)
    told = signals.MetricsResponse.FromString(answer) if encoding != "json" else signals.from_otlp_json(answer, signals.MetricsResponse())
    assert told.partial_success.rejected_data_points == 2
    assert "bucket counts must be one more than bounds" in told.partial_success.error_message
    assert [p["asInt"] for p in every(api, "/api/v1/metrics", 1, service=service)] == ["1"]


def test_bytes_that_are_no_request_are_invalid_argument(server):
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        for method in (signals.LOGS_EXPORT, signals.METRICS_EXPORT):
            with pytest.raises(grpc.RpcError) as refused:
                door.send_bytes(b"\xff\xff", method=method)
            assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_logs_survive_kill_9_and_are_stored_once(fresh_server, tmp_path):
    data = tmp_path / "data"
    first = fresh_server(data=data)
    for n in range(20):
        assert send(first, "grpc", log_request(f"killed-{n}"), "/v1/logs", signals.LOGS_EXPORT) == b""
        assert send(first, "grpc", metric_request(f"killed-{n}"), "/v1/metrics", signals.METRICS_EXPORT) == b""
    first.kill()
    second = fresh_server(data=data)
    for n in range(20):
        assert len(every(second.api, "/api/v1/logs", 10, service=f"killed-{n}")) == 10
        assert len(every(second.api, "/api/v1/metrics", 11, service=f"killed-{n}")) == 11
