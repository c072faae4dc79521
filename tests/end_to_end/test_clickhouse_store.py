"""`telltale serve --store URL`: a server keeps the data. It is stood in for by the embedded engine behind
ClickHouse's HTTP interface (src/store/testing/store_peer.cc), which is no part of the product."""

import json
import pathlib
import signal
import subprocess
import time

import pytest
import requests

from support import otlp
from support.load import check_kept, clients
from support.process import BINARY, Server, environment, run

PEER = BINARY.parent / "src/store/store_peer"
PASSWORD = "p4ss/w@rd:53cret"
ENCODED = "p4ss%2Fw%40rd%3A53cret"

pytestmark = pytest.mark.skipif(not PEER.exists(), reason="no store_peer: ./dev build release store_peer")


class Peer:
    """The store's server; starts again on the port that it had."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = "0"
        self.start()

    def start(self):
        ready = self.folder / "peer.json"
        ready.unlink(missing_ok=True)
        with open(self.folder / "peer.txt", "a") as stderr:
            self.process = subprocess.Popen(
                [str(PEER), "--data", str(self.folder / "peer"), "--ready-file", str(ready), "--port", self.port]
                + ["--user", "keeper", "--password", PASSWORD],
                stdout=subprocess.DEVNULL, stderr=stderr, env=environment(),
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "peer.txt").read_text()
            time.sleep(0.02)
        self.port = json.loads(ready.read_text())["http"].rsplit(":", 1)[1]

    @property
    def url(self):
        return f"http://keeper:{ENCODED}@127.0.0.1:{self.port}/traces"

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)


@pytest.fixture
def peer(tmp_path):
    made = Peer(tmp_path)
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture
def server(tmp_path, peer):
    with Server(tmp_path, "--store", peer.url) as started:
        yield started
        assert started.alive(), started.stderr()


def test_what_is_sent_comes_back_and_only_the_log_is_here(server):
    trace_id = otlp.new_trace_id()
    spans = [otlp.span(trace_id, attributes={"n": n, "large": "x" * 5000}) for n in range(200)]
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request(spans, service="kept"))
    trace = server.api.wait_for_trace(trace_id.hex(), spans=200)
    assert trace["span_count"] == 200
    jaeger = requests.get(f"http://{server.http}/api/traces/{trace_id.hex()}").json()
    assert len(jaeger["data"][0]["spans"]) == 200
    (service,) = server.api.get("/api/v1/services")["items"]
    assert service["name"] == "kept"
    assert server.api.get("/api/v1/stats")["spans_stored"] == 200
    assert sorted(p.name for p in server.data.iterdir()) == ["log"]


def test_sql_goes_through_the_same_gates(server):
    def ask(query):
        return requests.post(f"http://{server.http}/api/v1/sql", json={"query": query})

    assert ask("SELECT number FROM numbers(3)").json()["rows"] == [["0"], ["1"], ["2"]]
    body = requests.post(
        f"http://{server.http}/api/v1/sql", json={"query": "SELECT number, repeat('x', 50) FROM numbers(100000)", "limit": 20000}
    ).json()
    assert len(body["rows"]) == 20_000 and body["truncated"] and body["rows"][-1][0] == "19999"
    for query in (
        "SELECT file('/etc/passwd')", "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", "DROP TABLE spans",
        "SELECT 1; SELECT 2", "SELECT * FROM system.processes", "SELECT 1 INTO OUTFILE '/tmp/x'", "SELECT 1 SETTINGS readonly = 0",
        "INSERT INTO traces.spans (name) VALUES ('x')", "SELECT * FROM traces.spans", "KILL QUERY WHERE 1",
    ):  # fmt: skip
        answer = ask(query)
        assert answer.status_code == 400, f"{query}: {answer.text[:300]}"
    clickhouse = requests.post(
        f"http://{server.clickhouse}/", params={"param_n": "41"}, data="SELECT {n:UInt8} + 1 AS a FORMAT JSONEachRow"
    )
    assert clickhouse.text == '{"a":42}\n'
    large = requests.post(f"http://{server.clickhouse}/", data="SELECT number FROM numbers(300000) FORMAT JSONCompact").json()
    assert large["rows"] == 300_000 == len(large["data"])


def test_a_store_that_dies_loses_and_doubles_nothing(server, peer):
    everyone = []
    for _ in range(4):
        sending = clients(server, 3)
        for client in sending:
            client.start()
        time.sleep(0.5)
        peer.stop(signal.SIGKILL)
        time.sleep(0.3)  # what arrives now waits in the log
        peer.start()
        time.sleep(0.3)
        for client in sending:
            client.end()
        for client in sending:
            client.join()
        everyone += sending
    assert sum(len(client.acknowledged) for client in everyone) > 1000
    for client in everyone:
        check_kept(server.api, client)
    counted = requests.post(f"http://{server.http}/api/v1/sql", json={"query": "SELECT count(), uniqExact(span_id) FROM spans"})
    assert counted.status_code == 200, counted.text
    total, different = counted.json()["rows"][0]
    assert total == different and server.alive()


def test_questions_while_the_store_is_away_are_told_to_come_back(server, peer):
    peer.stop(signal.SIGKILL)
    answer = requests.get(f"http://{server.http}/api/v1/services")
    assert answer.status_code == 503 and PASSWORD not in answer.text and ENCODED not in answer.text
    trace_id = otlp.new_trace_id()
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(trace_id)]))  # taken: it is in the log
    peer.start()
    assert server.api.wait_for_trace(trace_id.hex(), spans=1)["span_count"] == 1


def test_the_password_is_told_to_nobody(server, peer):
    peer.stop(signal.SIGKILL)
    with otlp.GrpcDoor(server.otlp_grpc) as door:
        door.send(otlp.request([otlp.span(otlp.new_trace_id())]))
    time.sleep(1)
    seen = server.stderr()
    for path in ("/api/v1/stats", "/api/v1/services", "/metrics", "/readyz", "/api/v1/counters"):
        seen += requests.get(f"http://{server.http}{path}").text
    seen += requests.post(f"http://{server.clickhouse}/", data="SELECT 1").text
    for secret in (PASSWORD, ENCODED, "53cret"):
        assert secret not in seen
    assert f"127.0.0.1:{peer.port}/traces" in seen, "but where the store is"
    peer.start()


@pytest.mark.parametrize(
    "url, message",
    [
        ("https://u:hunter2@h/db", "read the address of the store: it does not begin with http://"),
        ("http://u:hunter2@h/d-b", "read the address of the store: its database is not a plain name"),
        ("http://u:hunter2@127.0.0.1:1/db", "open the store: store 127.0.0.1:1/db: "),
    ],
)
def test_a_store_that_cannot_be_used_is_refused_at_the_start(tmp_path, url, message):
    refused = run("serve", "--ports", "0", "--data", tmp_path, "--store", url)
    assert refused.returncode == 1 and refused.stderr.startswith(f"error: {message}"), refused.stderr
    assert "hunter2" not in refused.stderr


def test_a_wrong_password_is_refused_at_the_start(tmp_path, peer):
    refused = run("serve", "--ports", "0", "--data", tmp_path, "--store", peer.url.replace(ENCODED, "hunter2"))
    assert refused.returncode == 1 and "AUTHENTICATION_FAILED" in refused.stderr, refused.stderr
    assert "hunter2" not in refused.stderr
