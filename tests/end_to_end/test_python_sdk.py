"""The real OpenTelemetry Python SDK, its exporters and its propagation between threads."""

import concurrent.futures
import contextvars

import pytest
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression as HttpCompression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExportResult
from grpc import Compression as GrpcCompression

from support.api import eventually


def over_grpc(server):
    return GrpcExporter(endpoint=f"http://{server.otlp_grpc}")


def over_grpc_gzip(server):
    return GrpcExporter(endpoint=f"http://{server.otlp_grpc}", compression=GrpcCompression.Gzip)


def over_http(server):
    return HttpExporter(endpoint=f"http://{server.otlp_http}/v1/traces")


def over_http_gzip(server):
    return HttpExporter(endpoint=f"http://{server.otlp_http}/v1/traces", compression=HttpCompression.Gzip)


EXPORTERS = [over_grpc, over_grpc_gzip, over_http, over_http_gzip]


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda e: e.__name__)
def test_a_trace_of_the_sdk_is_found_by_both_apis(server, api, exporter):
    service = f"sdk-{exporter.__name__}"
    provider = TracerProvider(resource=Resource.create({"service.name": service, "team": "ai"}))
    provider.add_span_processor(BatchSpanProcessor(exporter(server)))
    tracer = provider.get_tracer(
        "app", "2.1", schema_url="https://opentelemetry.io/schemas/1.28.0", attributes={"a": 1}
    )

    with tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER) as root:
        root.set_attributes({"s": "text", "i": 7, "f": 0.25, "b": True, "list": ["x", "y"]})
        with tracer.start_as_current_span(
            "call", links=[trace.Link(root.get_span_context(), {"why": "retry"})]
        ) as child:
            child.add_event("first token", {"n": 1})
            child.record_exception(TimeoutError("the provider said nothing"))
            child.set_status(trace.Status(trace.StatusCode.ERROR, "timeout"))
    assert provider.force_flush()
    provider.shutdown()
    trace_id = f"{root.get_span_context().trace_id:032x}"

    shown = api.wait_for_trace(trace_id, spans=2)

    assert [s["name"] for s in shown["spans"]] == ["request", "call"]
    request, call = shown["spans"]
    assert call["parentSpanId"] == request["spanId"]
    assert {a["key"]: a["value"] for a in request["attributes"]} == {
        "s": {"stringValue": "text"},
        "i": {"intValue": "7"},
        "f": {"doubleValue": 0.25},
        "b": {"boolValue": True},
        "list": {"arrayValue": {"values": [{"stringValue": "x"}, {"stringValue": "y"}]}},
    }
    assert [e["name"] for e in call["events"]] == ["first token", "exception"]
    assert call["links"][0]["spanId"] == request["spanId"]
    assert call["status"] == {"code": 2, "message": "timeout"}
    (scope,) = shown["scopes"]
    assert (scope["name"], scope["version"], scope["schemaUrl"]) == (
        "app",
        "2.1",
        "https://opentelemetry.io/schemas/1.28.0",
    )
    assert shown["completeness"]["complete"]

    (found,) = api.wait_for_traces(1, service=service)
    assert (found["trace_id"], found["name"], found["span_count"], found["error_count"]) == (trace_id, "request", 2, 1)
    answer = eventually(lambda: api.get("/api/traces", service=service), lambda a: a["data"])
    assert [t["traceID"] for t in answer["data"]] == [trace_id]
    assert {s["operationName"] for s in answer["data"][0]["spans"]} == {"request", "call"}


def test_chains_on_several_threads_stay_in_one_trace(server, api):
    provider = TracerProvider(resource=Resource.create({"service.name": "sdk-threads"}))
    provider.add_span_processor(BatchSpanProcessor(over_grpc(server)))
    tracer = provider.get_tracer("app")

    def chain(number):
        with tracer.start_as_current_span(f"chain {number}"):
            with tracer.start_as_current_span("call"):
                pass

    with tracer.start_as_current_span("parallel") as root, concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = [pool.submit(contextvars.copy_context().run, chain, i) for i in range(8)]
        concurrent.futures.wait(done)
    provider.shutdown()

    shown = api.wait_for_trace(f"{root.get_span_context().trace_id:032x}", spans=17)

    assert shown["span_count"] == 17
    assert shown["completeness"]["complete"]
    chains = [s for s in shown["spans"] if s["name"].startswith("chain")]
    assert {s["parentSpanId"] for s in chains} == {f"{root.get_span_context().span_id:016x}"}


def test_export_of_every_span_by_itself_is_acknowledged(server, api):
    results = []
    exporter = over_http(server)
    export = exporter.export
    exporter.export = lambda spans: results.append(export(spans)) or results[-1]
    provider = TracerProvider(resource=Resource.create({"service.name": "sdk-simple"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("app")
    with tracer.start_as_current_span("root") as root:
        for i in range(20):
            tracer.start_span(f"child {i}", context=context.get_current()).end()
    provider.shutdown()

    assert results == [SpanExportResult.SUCCESS] * 21
    assert api.wait_for_trace(f"{root.get_span_context().trace_id:032x}", spans=21)["span_count"] == 21
