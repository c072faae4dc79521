"""A log at its limit: the protocol's own 'try later', and nothing lost for those who do."""

import os
import time

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

from support import otlp
from support.load import check_kept, in_parallel
from support.process import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("tiny-log"), "--log-bytes", "1MiB") as started:
        yield started


def large():
    """A request that the log of a megabyte takes once, but not several of."""
    trace_id = otlp.new_trace_id()
    return otlp.request([otlp.span(trace_id, "large", attributes={"noise": os.urandom(6000)}) for _ in range(100)])


def until(work, accept, tries=50):
    for _ in range(tries):
        found = [r for r in in_parallel([work] * 12) if accept(r)]
        if found:
            return found[0]
    raise AssertionError("twelve clients at once were never pushed back by a log of one megabyte")


def test_http_says_503_with_retry_after_and_retry_info(server):
    def send():
        with otlp.HttpDoor(server.otlp_http) as door:
            return door.post(large().SerializeToString())

    refused = until(send, lambda response: response.status_code != 200)

    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    status = status_pb2.Status.FromString(refused.content)
    assert status.code in (8, 14)
    assert retry_delay(status) > 0


def test_grpc_says_resource_exhausted_with_retry_info(server):
    def send():
        try:
            with otlp.GrpcDoor(server.otlp_grpc) as door:
                door.send(large())
        except grpc.RpcError as error:
            return error
        return None

    refused = until(send, lambda error: error is not None)

    assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    details = dict(refused.trailing_metadata())["grpc-status-details-bin"]
    assert retry_delay(status_pb2.Status.FromString(details)) > 0


def retry_delay(status):
    for detail in status.details:
        info = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            return info.retry_delay.ToNanoseconds()
    return 0


class Patient:
    """A client that tries again when it is told to, as OTLP exporters do."""

    def __init__(self, server):
        self.trace_id = otlp.new_trace_id()
        self.acknowledged, self.sent = set(), set()
        self._server = server

    def run(self):
        with otlp.HttpDoor(self._server.otlp_http) as door:
            for _ in range(5):
                spans = [otlp.span(self.trace_id, attributes={"noise": os.urandom(4000)}) for _ in range(50)]
                ids = {s.span_id.hex() for s in spans}
                self.sent |= ids
                while door.post(otlp.request(spans).SerializeToString()).status_code == 503:
                    time.sleep(0.05)
                self.acknowledged |= ids


def test_clients_that_try_again_get_everything_in_once(server):
    patients = [Patient(server) for _ in range(8)]
    in_parallel([p.run for p in patients])
    for patient in patients:
        assert len(patient.acknowledged) == 250
        check_kept(server.api, patient)
    assert server.api.counters()["requests_pushed_back"] > 0
    counters = server.api.wait_until_drained()
    assert counters["spans_stored"] == counters["spans_acknowledged"]


def exporters(server):
    """The SDK's own, which know nothing of this server."""
    return [GrpcExporter(endpoint=f"http://{server.otlp_grpc}", timeout=60) for _ in range(3)] + [
        HttpExporter(endpoint=f"http://{server.otlp_http}/v1/traces", timeout=60) for _ in range(3)
    ]


def test_the_sdks_own_exporters_get_everything_in(fresh_server):
    # Six exporters with half a megabyte each at once are too much, but the six tries that
    # they make by themselves are enough.
    server = fresh_server("--log-bytes", "2MiB")

    def export(exporter):
        provider = TracerProvider(resource=Resource.create({"service.name": "sdk"}))
        tracer = provider.get_tracer("app")
        results, ids = [], set()
        for _ in range(4):
            spans = [tracer.start_span("big", attributes={"noise": os.urandom(3000).hex()}) for _ in range(80)]
            for span in spans:
                span.end()
            ids |= {f"{s.get_span_context().trace_id:032x}" for s in spans}
            results.append(exporter.export(spans))
        exporter.shutdown()
        return results, ids

    for results, ids in in_parallel([lambda e=e: export(e) for e in exporters(server)]):
        assert results == [SpanExportResult.SUCCESS] * 4
        for trace_id in list(ids)[::40]:
            assert server.api.wait_for_trace(trace_id)["span_count"] == 1
    server.api.wait_until_drained()
    shown = {s["name"]: s["span_count"] for s in server.api.get("/api/v1/services")["items"]}
    assert shown["sdk"] == 6 * 4 * 80
    assert server.api.counters()["requests_pushed_back"] > 0
