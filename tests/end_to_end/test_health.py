"""What the server says about itself."""

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support import otlp
from support.api import eventually


@pytest.fixture(scope="module")
def busy(server):
    """A server that took 300 good spans, refused one, and was sent garbage."""
    with otlp.GrpcDoor(server.otlp_grpc) as grpc_door, otlp.HttpDoor(server.otlp_http) as http_door:
        grpc_door.send(otlp.request([otlp.span(otlp.new_trace_id()) for _ in range(200)], service="a"))
        http_door.send(
            otlp.request([otlp.span(otlp.new_trace_id()) for _ in range(100)] + [otlp.span(b"bad")], service="b")
        )
        assert http_door.post(b"garbage").status_code == 400
    server.api.wait_until_drained()
    return server


def metrics(server):
    response = server.api.raw("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    families = list(text_string_to_metric_families(response.text))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a metric is told twice"
    return families, {
        sample.name: sample.value for family in families for sample in family.samples if not sample.labels
    }


def test_health_and_readiness(busy, api):
    health = api.raw("/healthz")
    assert (health.status_code, health.text.strip()) == (200, "ok")
    ready = api.get("/readyz")
    assert ready["ready"] is True
    assert isinstance(ready["checks"], dict)


def test_received_equals_acknowledged_equals_stored_once_the_log_is_empty(busy):
    _, values = metrics(busy)
    assert values["telltale_spans_received_total"] == 300
    assert values["telltale_spans_acknowledged_total"] == 300
    assert values["telltale_spans_stored_total"] == 300
    assert values["telltale_spans_refused_trace_id_total"] == 1
    assert values["telltale_requests_refused_malformed_total"] == 1


def test_every_metric_is_described_and_typed(busy):
    families, _ = metrics(busy)
    for family in families:
        assert family.documentation, family.name
        assert family.type in ("counter", "gauge", "histogram", "summary"), family.name
        assert family.name.startswith(("telltale_", "process_")), family.name


def test_metrics_tell_lag_bytes_and_query_latency(busy):
    families, values = metrics(busy)
    names = {family.name for family in families}
    assert eventually(lambda: metrics(busy)[1], lambda v: v["telltale_log_lag_bytes"] == 0)
    assert values["telltale_log_bytes"] >= 0
    assert any("query" in name and ("seconds" in name or "duration" in name) for name in names), names
    assert any("memory" in name for name in names), names


def test_counters_of_the_api_are_those_of_the_metrics(busy, api):
    items = api.get("/api/v1/counters")["items"]
    _, values = metrics(busy)
    for item in items:
        assert set(item) == {"name", "severity", "meaning", "value"}
        assert item["severity"] in ("info", "odd", "loss")
        assert item["meaning"].endswith(".")
        assert f"telltale_{item['name']}_total" in values
    assert {i["name"]: i["value"] for i in items}["spans_stored"] == 300


def test_stats(busy, api):
    stats = eventually(lambda: api.get("/api/v1/stats"), lambda s: s["log_lag_bytes"] == 0)
    assert stats["spans_stored"] == 300
    assert stats["traces"] in (None, 300)
    assert stats["disk_bytes"] > 0
    assert stats["memory_bytes"] > 0
    assert stats["uptime_seconds"] > 0
    assert int(stats["oldest_unix_nano"]) <= int(stats["newest_unix_nano"])
    assert stats["receivers"] == {"otlp_grpc": busy.otlp_grpc, "otlp_http": busy.otlp_http}
    assert stats["version"]


def test_the_ui_is_served_with_its_client_side_routes(busy, api):
    pages = [api.raw(path) for path in ("/", "/traces", "/trace/" + "ab" * 16)]
    for page in pages:
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert page.text == pages[0].text
    assert '<div id="root">' in pages[0].text or "<script" in pages[0].text


def test_paths_do_not_lead_out_of_the_ui(busy, api):
    for path in ("/../../../../etc/passwd", "/..%2f..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"):
        assert "root:" not in api.raw(path).text


def test_log_lines_are_structured_and_hold_no_content(busy):
    for line in busy.stderr().splitlines():
        if line.startswith("{"):
            assert {"level", "message"} & set(json.loads(line)) or json.loads(line)
    assert "test-scope" not in busy.stderr()
