"""The messages of Tempo's API that PyPI has no package for, by the fields of its .proto."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from opentelemetry.proto.trace.v1 import trace_pb2  # noqa: F401  (its file has to be in the pool)

# name -> fields: (name, number, type); [type] is repeated.
MESSAGES = {
    "Trace": [("resourceSpans", 1, [".opentelemetry.proto.trace.v1.ResourceSpans"])],
    "TraceByIDResponse": [("trace", 1, "Trace"), ("status", 3, "int32"), ("message", 4, "string")],
    "TagsEntry": [("key", 1, "string"), ("value", 2, "string")],
    "SearchRequest": [
        ("Tags", 1, ["TagsEntry"]),
        ("MinDurationMs", 2, "uint32"),
        ("MaxDurationMs", 3, "uint32"),
        ("Limit", 4, "uint32"),
        ("start", 5, "uint32"),
        ("end", 6, "uint32"),
        ("Query", 8, "string"),
        ("SpansPerSpanSet", 9, "uint32"),
    ],
    "SearchResponse": [("traces", 1, ["TraceSearchMetadata"]), ("metrics", 2, "SearchMetrics")],
    "TraceSearchMetadata": [
        ("traceID", 1, "string"),
        ("rootServiceName", 2, "string"),
        ("rootTraceName", 3, "string"),
        ("startTimeUnixNano", 4, "uint64"),
        ("durationMs", 5, "uint32"),
        ("spanSet", 6, "SpanSet"),
        ("spanSets", 7, ["SpanSet"]),
        ("serviceStats", 8, ["ServiceStatsEntry"]),
    ],
    "ServiceStatsEntry": [("key", 1, "string"), ("value", 2, "ServiceStats")],
    "ServiceStats": [("spanCount", 1, "uint32"), ("errorCount", 2, "uint32")],
    "SpanSet": [
        ("spans", 1, ["Span"]),
        ("matched", 2, "uint32"),
        ("attributes", 3, [".opentelemetry.proto.common.v1.KeyValue"]),
    ],
    "Span": [
        ("spanID", 1, "string"),
        ("name", 2, "string"),
        ("startTimeUnixNano", 3, "uint64"),
        ("durationNanos", 4, "uint64"),
        ("attributes", 5, [".opentelemetry.proto.common.v1.KeyValue"]),
    ],
    "SearchMetrics": [("inspectedTraces", 1, "uint32"), ("completedJobs", 4, "uint32"), ("totalJobs", 5, "uint32")],
    "QueryRangeRequest": [("query", 1, "string"), ("start", 2, "uint64"), ("end", 3, "uint64"), ("step", 4, "uint64")],
    "QueryInstantRequest": [("query", 1, "string"), ("start", 2, "uint64"), ("end", 3, "uint64")],
    "QueryRangeResponse": [
        ("series", 1, ["TimeSeries"]),
        ("metrics", 2, "SearchMetrics"),
        ("status", 3, "int32"),
        ("message", 4, "string"),
    ],
    "TimeSeries": [
        ("labels", 1, [".opentelemetry.proto.common.v1.KeyValue"]),
        ("samples", 2, ["Sample"]),
        ("exemplars", 4, ["Exemplar"]),
    ],
    "Sample": [("value", 1, "double"), ("timestamp_ms", 2, "int64")],
    "Exemplar": [
        ("labels", 1, [".opentelemetry.proto.common.v1.KeyValue"]),
        ("value", 2, "double"),
        ("timestamp_ms", 3, "int64"),
    ],
    "QueryInstantResponse": [("series", 1, ["InstantSeries"]), ("metrics", 2, "SearchMetrics")],
    "InstantSeries": [("labels", 1, [".opentelemetry.proto.common.v1.KeyValue"]), ("value", 2, "double")],
}

_SCALARS = {"double": 1, "int64": 3, "uint64": 4, "int32": 5, "string": 9, "uint32": 13}
_MESSAGE = 11
_OPTIONAL, _REPEATED = 1, 3


def _add_field(message, name, number, kind):
    repeated = isinstance(kind, list)
    kind = kind[0] if repeated else kind
    field = message.field.add(name=name, number=number, label=_REPEATED if repeated else _OPTIONAL)
    field.type = _SCALARS.get(kind, _MESSAGE)
    if field.type == _MESSAGE:
        field.type_name = kind if kind.startswith(".") else f".tempopb.{kind}"


def _build():
    file = descriptor_pb2.FileDescriptorProto(
        name="tempopb.proto",
        package="tempopb",
        syntax="proto3",
        dependency=["opentelemetry/proto/trace/v1/trace.proto", "opentelemetry/proto/common/v1/common.proto"],
    )
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields:
            _add_field(message, *field)
    pool = descriptor_pool.Default()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tempopb.{name}")) for name in MESSAGES
    }


globals().update(_build())
