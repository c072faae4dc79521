"""The servers under measurement: how each is built, started and asked.

A peer comes from the Go module proxy, is built once into .cache/peers and is pinned to a
version here. One that cannot be built is reported as absent, with the reason.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from .process import Server

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".cache" / "peers"

COLLECTOR_VERSION = "0.155.0"
COLLECTOR_PROVIDERS_VERSION = "1.61.0"  # The providers that belong to it.
JAEGER_VERSION = "1.76.0"  # The Go module's number of the release that Jaeger calls 2.13.0.

START_SECONDS_MAX = 60

# Servers that belong in the table and cannot be had: every result names them.
NOT_TO_BE_HAD = {"victoria-traces": "the Go module proxy refuses its module with 403"}


class Absent(Exception):
    """This peer cannot be had here."""


@dataclass
class Running:
    """A started server and where it listens; `query` is empty where it answers no queries."""

    server: Server
    grpc: str
    http: str
    data: Path
    query: str = ""
    counts: dict = field(default_factory=dict)

    def stop(self):
        self.server.stop()

    def get(self, path: str, timeout_s: float = 60):
        with urllib.request.urlopen(f"http://{self.query}{path}", timeout=timeout_s) as response:
            return json.load(response)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_listening(server: Server, addresses, log: Path) -> None:
    end = time.monotonic() + START_SECONDS_MAX
    for address in addresses:
        host, port = address.rsplit(":", 1)
        while True:
            if not server.alive() or time.monotonic() > end:
                server.stop()
                raise RuntimeError(f"start {log.stem}: it does not listen at {address}: see {log}")
            try:
                socket.create_connection((host, int(port)), 1).close()
                break
            except OSError:
                time.sleep(0.05)


def run_build(command, cwd, env=None) -> None:
    """Builds politely: one package at a time, at the lowest priority."""
    env = {**os.environ, "GOFLAGS": "-p=1", **(env or {})}
    done = subprocess.run(["nice", "-n", "19", *command], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise Absent(f"{' '.join(map(str, command[:3]))}: {done.stderr.strip()[-400:]}")


class Telltale:
    name = "telltale"
    label = "Telltale"
    keeps = "durable: acknowledged after fdatasync"
    share = 1.0

    def __init__(self, binary: Path):
        self.binary = binary
        self.extra_arguments = []

    def prepare(self) -> str:
        if not self.binary.exists():
            raise Absent(f"{self.binary.name} is not built: ./dev build")
        done = subprocess.run([self.binary, "version"], capture_output=True, text=True, check=True)
        return done.stdout.split()[-1]

    def start(self, folder: Path) -> Running:
        ready, log = folder / "ready.json", folder / "telltale.log"
        server = Server([self.binary, "serve", "--ports", "0", "--data", folder / "data", "--ready-file", ready,
                         *self.extra_arguments], log)
        end = time.monotonic() + START_SECONDS_MAX
        while not ready.exists():
            if not server.alive() or time.monotonic() > end:
                server.stop()
                raise RuntimeError(f"start telltale: not ready: see {log}")
            time.sleep(0.05)
        where = json.loads(ready.read_text())
        return Running(server, where["otlp_grpc"], where["otlp_http"], folder / "data", where["http"])

    def stored_spans(self, running: Running):
        counters = running.get("/api/v1/counters")["items"]
        return next(item["value"] for item in counters if item["name"] == "spans_stored")

    def live_disk_bytes(self, running: Running):
        """Without parts that a merge has replaced: the engine keeps their files a little longer."""
        return running.get("/api/v1/stats")["disk_bytes"]


class Collector:
    name = "otelcol"
    label = "OpenTelemetry Collector to nowhere"
    keeps = "nothing"
    share = 1.0

    def prepare(self) -> str:
        binary = PEERS / f"otelcol-{COLLECTOR_VERSION}"
        if not binary.exists():
            if shutil.which("go") is None:
                raise Absent("no go on this machine")
            self._build(binary)
        self.binary = binary
        return COLLECTOR_VERSION

    def _build(self, binary: Path) -> None:
        source = PEERS / "otelcol-source"
        source.mkdir(parents=True, exist_ok=True)
        providers = "".join(
            f"  - gomod: go.opentelemetry.io/collector/confmap/provider/{name} v{COLLECTOR_PROVIDERS_VERSION}\n"
            for name in ("fileprovider", "envprovider"))
        (source / "builder.yaml").write_text(
            "dist: {name: otelcol, module: telltale.bench/otelcol, output_path: ./out, "
            f"version: {COLLECTOR_VERSION}}}\n"
            f"receivers:\n  - gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v{COLLECTOR_VERSION}\n"
            f"exporters:\n  - gomod: go.opentelemetry.io/collector/exporter/nopexporter v{COLLECTOR_VERSION}\n"
            f"providers:\n{providers}")
        run_build(["go", "install", f"go.opentelemetry.io/collector/cmd/builder@v{COLLECTOR_VERSION}"], source,
                  {"GOBIN": str(PEERS / "bin")})
        run_build([PEERS / "bin" / "builder", "--config", "builder.yaml"], source)
        shutil.copy(source / "out" / "otelcol", binary)

    def start(self, folder: Path) -> Running:
        grpc, http = (f"127.0.0.1:{free_port()}" for _ in range(2))
        config, log = folder / "otelcol.yaml", folder / "otelcol.log"
        config.write_text(
            f"receivers: {{otlp: {{protocols: {{grpc: {{endpoint: '{grpc}', max_recv_msg_size_mib: 64}}, "
            f"http: {{endpoint: '{http}'}}}}}}}}\n"
            "exporters: {nop: {}}\n"
            "service:\n"
            "  telemetry: {metrics: {level: none}}\n"
            "  pipelines: {traces: {receivers: [otlp], exporters: [nop]}}\n")
        (folder / "data").mkdir()
        server = Server([self.binary, "--config", config], log)
        wait_listening(server, (grpc, http), log)
        return Running(server, grpc, http, folder / "data")

    def stored_spans(self, running: Running):
        return None

    def live_disk_bytes(self, running: Running):
        return None


class Jaeger:
    name = "jaeger-badger"
    label = "Jaeger v2 with Badger"
    keeps = "in Badger, not synced"
    share = 0.1  # Slow: a tenth of the spans is measured as well and spares ten minutes a round.

    def prepare(self) -> str:
        binary = PEERS / f"jaeger-{JAEGER_VERSION}"
        if not binary.exists():
            if shutil.which("go") is None:
                raise Absent("no go on this machine")
            self._build(binary)
        self.binary = binary
        return f"{JAEGER_VERSION} (v2.13.0)"

    def _build(self, binary: Path) -> None:
        # Its go.mod has replace directives, which `go install path@version` refuses: build inside the module.
        PEERS.mkdir(parents=True, exist_ok=True)
        module = f"github.com/jaegertracing/jaeger@v{JAEGER_VERSION}"
        found = subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, text=True)
        if found.returncode != 0:
            raise Absent(f"go mod download {module}: {found.stdout.strip()[-300:]}")
        run_build(["go", "build", "-mod=readonly", "-trimpath", "-o", binary, "./cmd/jaeger"],
                  json.loads(found.stdout)["Dir"])

    def start(self, folder: Path) -> Running:
        grpc, http, query, query_grpc = (f"127.0.0.1:{free_port()}" for _ in range(4))
        config, log, data = folder / "jaeger.yaml", folder / "jaeger.log", folder / "data"
        for name in ("keys", "values"):
            (data / name).mkdir(parents=True)
        config.write_text(f"""
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {{receivers: [otlp], exporters: [jaeger_storage_exporter]}}
  telemetry: {{metrics: {{level: none}}, logs: {{level: warn}}}}
extensions:
  jaeger_query:
    storage: {{traces: main}}
    http: {{endpoint: '{query}'}}
    grpc: {{endpoint: '{query_grpc}'}}
  jaeger_storage:
    backends:
      main:
        badger:
          directories: {{keys: '{data}/keys', values: '{data}/values'}}
          ephemeral: false
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: '{grpc}', max_recv_msg_size_mib: 64}}
      http: {{endpoint: '{http}'}}
exporters:
  jaeger_storage_exporter: {{trace_storage: main}}
""")
        env = {**os.environ, "OTEL_TRACES_SAMPLER": "always_off"}
        server = Server([self.binary, "--config", config], log, env)
        wait_listening(server, (grpc, http, query), log)
        return Running(server, grpc, http, data, query)

    def stored_spans(self, running: Running):
        return None

    def live_disk_bytes(self, running: Running):
        return None


def prepare_all(peers, say):
    """The peers that can run, with their versions, and the absent ones with the reason."""
    present, versions, absent = [], {}, dict(NOT_TO_BE_HAD)
    for peer in peers:
        try:
            say(f"Preparing {peer.label}")
            versions[peer.name] = peer.prepare()
            present.append(peer)
        except Absent as reason:
            absent[peer.name] = str(reason)
            say(f"Absent: {peer.label}: {reason}")
    return present, versions, absent
