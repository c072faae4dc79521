"""OTLP requests by hand: built with opentelemetry-proto, sent as bytes through either door."""

import base64
import gzip
import secrets
import time

import grpc
import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

Request = trace_service_pb2.ExportTraceServiceRequest
Response = trace_service_pb2.ExportTraceServiceResponse
Span = trace_pb2.Span

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
PROTOBUF = "application/x-protobuf"
JSON = "application/json"

MS = 1_000_000
SECOND = 1_000_000_000


def new_trace_id():
    return secrets.token_bytes(16)


def new_span_id():
    return secrets.token_bytes(8)


def any_value(value):
    """A Python value as AnyValue; None is the value that was never set."""
    made = common_pb2.AnyValue()
    if isinstance(value, common_pb2.AnyValue):
        made.CopyFrom(value)
    elif isinstance(value, bool):
        made.bool_value = value
    elif isinstance(value, int):
        made.int_value = value
    elif isinstance(value, float):
        made.double_value = value
    elif isinstance(value, str):
        made.string_value = value
    elif isinstance(value, bytes):
        made.bytes_value = value
    elif isinstance(value, (list, tuple)):
        made.array_value.SetInParent()
        made.array_value.values.extend(any_value(v) for v in value)
    elif isinstance(value, dict):
        made.kvlist_value.SetInParent()
        made.kvlist_value.values.extend(key_values(value))
    elif value is not None:
        raise TypeError(value)
    return made


def key_values(attributes):
    return [common_pb2.KeyValue(key=k, value=any_value(v)) for k, v in attributes.items()]


def span(
    trace_id, name="step", *, span_id=None, parent=b"", start=None, duration=MS, attributes=None, error=None, **more
):
    """A span that started `duration` ago, or at `start`, in nanoseconds."""
    start = time.time_ns() - duration if start is None else start
    made = Span(
        trace_id=trace_id,
        span_id=span_id or new_span_id(),
        parent_span_id=parent,
        name=name,
        start_time_unix_nano=start,
        end_time_unix_nano=start + duration,
        attributes=key_values(attributes or {}),
        **more,
    )
    if error is not None:
        made.status.code = trace_pb2.Status.STATUS_CODE_ERROR
        made.status.message = error
    return made


def event(name, time_unix_nano=None, dropped=0, **attributes):
    return Span.Event(
        name=name,
        time_unix_nano=time_unix_nano or time.time_ns(),
        attributes=key_values(attributes),
        dropped_attributes_count=dropped,
    )


def resource_spans(
    spans, service="test-service", scope="test-scope", scope_version="1", resource=None, entity_refs=()
):
    attributes = ({"service.name": service} if service is not None else {}) | (resource or {})
    return trace_pb2.ResourceSpans(
        resource=resource_pb2.Resource(attributes=key_values(attributes), entity_refs=entity_refs),
        scope_spans=[
            trace_pb2.ScopeSpans(scope=common_pb2.InstrumentationScope(name=scope, version=scope_version), spans=spans)
        ],
    )


def request(spans, **more):
    return Request(resource_spans=[resource_spans(spans, **more)])


def to_json(message):
    """OTLP/JSON of a request: protobuf's JSON, but with ids in hex."""
    made = json_format.MessageToDict(message, use_integers_for_enums=True)
    for resource in made.get("resourceSpans", []):
        for scope in resource.get("scopeSpans", []):
            for one in scope.get("spans", []):
                _hex_ids(one, ("traceId", "spanId", "parentSpanId"))
                for link in one.get("links", []):
                    _hex_ids(link, ("traceId", "spanId"))
    return made


def _hex_ids(of, names):
    for name in names:
        if name in of:
            of[name] = base64.b64decode(of[name]).hex()


class GrpcDoor:
    """Port 4317, with whatever bytes a test likes as the message."""

    def __init__(self, address):
        # A pool of its own: a connection that the test before left half closed is none of ours.
        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(address, options=options)

    def send_bytes(self, message, method=EXPORT, timeout=60, compression=None):
        call = self.channel.unary_unary(method, request_serializer=None, response_deserializer=None)
        return Response.FromString(call(message, timeout=timeout, compression=compression, wait_for_ready=True))

    def send(self, message, **more):
        return self.send_bytes(message.SerializeToString(), **more)

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class HttpDoor:
    """Port 4318."""

    def __init__(self, address):
        self.url = f"http://{address}/v1/traces"
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, body, content_type=PROTOBUF, encoding=None, path=None, method="POST", headers=None):
        sent = {"Content-Type": content_type} if content_type is not None else {}
        if encoding == "gzip":
            body = gzip.compress(body, mtime=0)
        if encoding:
            sent["Content-Encoding"] = encoding
        url = self.url if path is None else self.url.replace("/v1/traces", path)
        return self.session.request(method, url, data=body, headers=sent | (headers or {}), timeout=60)

    def send(self, message, **more):
        response = self.post(message.SerializeToString(), **more)
        assert response.status_code == 200, f"{response.status_code} {response.content[:500]!r}"
        return Response.FromString(response.content)

    def close(self):
        self.session.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
