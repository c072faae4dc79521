"""OTLP logs and metrics by hand, and read back: what came out is held against what went in,
as opentelemetry-proto, which is not our decoder, reads both."""

import base64
import json

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2

from support import rest

LogsRequest = logs_service_pb2.ExportLogsServiceRequest
LogsResponse = logs_service_pb2.ExportLogsServiceResponse
MetricsRequest = metrics_service_pb2.ExportMetricsServiceRequest
MetricsResponse = metrics_service_pb2.ExportMetricsServiceResponse

LOGS_EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
METRICS_EXPORT = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"

ID_KEYS = ("traceId", "spanId")


def to_otlp_json(message):
    """OTLP/JSON of a request: protobuf's JSON, but with ids in hex and enums as numbers."""
    return json.dumps(_with_ids(json_format.MessageToDict(message, use_integers_for_enums=True), _hex)).encode()


def from_otlp_json(text, message):
    return json_format.ParseDict(_with_ids(json.loads(text), _base64), message, ignore_unknown_fields=True)


def _hex(text):
    return base64.b64decode(text).hex()


def _base64(text):
    return base64.b64encode(bytes.fromhex(text)).decode()


def _with_ids(of, change):
    if isinstance(of, list):
        return [_with_ids(v, change) for v in of]
    if not isinstance(of, dict):
        return of
    return {k: change(v) if k in ID_KEYS and isinstance(v, str) else _with_ids(v, change) for k, v in of.items()}


def without_empty_body(record):
    """A body that holds nothing and no body are the same."""
    if record.body.WhichOneof("value") is None:
        record.ClearField("body")
    return record


def records(request):
    """(resource, scope, record) of a logs request, as texts that can be compared."""
    return sorted(
        (str(of.resource), str(scope.scope), str(without_empty_body(record)))
        for of in request.resource_logs
        for scope in of.scope_logs
        for record in scope.log_records
    )


def record_of(item):
    """An item of /api/v1/logs as the message that was sent."""
    record = logs_pb2.LogRecord(
        time_unix_nano=int(item["timeUnixNano"]),
        observed_time_unix_nano=int(item["observedTimeUnixNano"]),
        severity_number=item["severityNumber"],
        severity_text=item.get("severityText", ""),
        event_name=item.get("eventName", ""),
        attributes=rest.key_values(item["attributes"]),
        dropped_attributes_count=item.get("droppedAttributesCount", 0),
        flags=item.get("flags", 0),
        trace_id=bytes.fromhex(item.get("traceId", "")),
        span_id=bytes.fromhex(item.get("spanId", "")),
    )
    if item["body"]:
        record.body.CopyFrom(rest.any_value(item["body"]))
    return record


def shown_records(items):
    return sorted(
        (str(rest.resource(item["resource"])), str(rest.scope(item["scope"])), str(record_of(item))) for item in items
    )


POINT_TYPES = {
    "gauge": ("gauge", metrics_pb2.NumberDataPoint),
    "sum": ("sum", metrics_pb2.NumberDataPoint),
    "histogram": ("histogram", metrics_pb2.HistogramDataPoint),
    "exponential_histogram": ("exponential_histogram", metrics_pb2.ExponentialHistogramDataPoint),
    "summary": ("summary", metrics_pb2.SummaryDataPoint),
}
TEMPORALITIES = {"unspecified": 0, "delta": 1, "cumulative": 2}
NOT_OF_THE_POINT = ("name", "type", "unit", "description", "temporality", "monotonic", "service", "resource", "scope")


def points(request):
    """What each point of a metrics request says, with its metric, as comparable texts."""
    told = []
    for of in request.resource_metrics:
        for scope in of.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                data = getattr(metric, kind)
                head = (
                    metric.name, metric.unit, metric.description, kind,
                    getattr(data, "aggregation_temporality", 0), getattr(data, "is_monotonic", False),
                )
                told += [(str(of.resource), str(scope.scope), head, str(point)) for point in data.data_points]
    return sorted(told)


def shown_points(items):
    told = []
    for item in items:
        kind, message = POINT_TYPES[item["type"]]
        body = {k: v for k, v in item.items() if k not in NOT_OF_THE_POINT}
        point = json_format.ParseDict(_with_ids(body, _base64), message())
        head = (
            item["name"], item["unit"], item["description"], kind,
            TEMPORALITIES[item.get("temporality", "unspecified")], item.get("monotonic", False),
        )
        told.append((str(rest.resource(item["resource"])), str(rest.scope(item["scope"])), head, str(point)))
    return sorted(told)
