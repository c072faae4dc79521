"""Logs and metrics of real, unmodified clients come back whole."""

import pytest

from support import otlp, reference, signals
from support.api import eventually

SIGNALS = {
    "logs": (signals.LogsRequest, signals.LOGS_EXPORT, "/v1/logs", "/api/v1/logs"),
    "metrics": (signals.MetricsRequest, signals.METRICS_EXPORT, "/v1/metrics", "/api/v1/metrics"),
}


def decode(body, content_type, message):
    return message.FromString(body) if content_type != otlp.JSON else signals.from_otlp_json(body, message())


def send_as_the_client_did(server, body, meta, path, method):
    if meta["transport"] == "grpc":
        with otlp.GrpcDoor(server.otlp_grpc) as door:
            return door.send_bytes(body, method=method).SerializeToString()
    with otlp.HttpDoor(server.otlp_http) as door:
        encoding = meta.get("encoding") if meta.get("encoding") != "identity" else None
        response = door.post(body, meta["content-type"], encoding, path=path)
    assert response.status_code == 200, response.content
    return b"" if response.content == b"{}" else response.content


def everything(api, path):
    items, cursor = [], None
    while True:
        page = api.get(path, start=0, limit=1000, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


def all_of(signal):
    return [(*p.values, p.id) for p in reference.captures(signal) if p.values[0] is not None]


@pytest.mark.skipif(not reference.FOLDER.exists(), reason=f"no reference material at {reference.FOLDER}")
@pytest.mark.parametrize("signal", SIGNALS)
def test_everything_captured_comes_back_whole_and_once(fresh_server, signal):
    message, method, path, shown_at = SIGNALS[signal]
    server = fresh_server()
    told = signals.records if signal == "logs" else signals.points
    shown_as = signals.shown_records if signal == "logs" else signals.shown_points
    expected = []
    for body_path, meta, name in all_of(signal):
        body = body_path.read_bytes()
        expected += told(decode(body, meta["content-type"], message))
        assert send_as_the_client_did(server, body, meta, path, method) == b"", name
    assert expected
    items = eventually(
        lambda: everything(server.api, shown_at), lambda found: len(found) >= len(expected), what=f"{len(expected)} {signal}"
    )
    shown = shown_as(items)
    assert [one for one in shown if one not in expected] == []
    assert sorted(expected) == shown
    lost = {c["name"]: c["value"] for c in server.api.get("/api/v1/counters")["items"] if c["severity"] == "loss"}
    assert {name: value for name, value in lost.items() if value} == {}
