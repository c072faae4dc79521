"""The OpenTelemetry SDKs of Node.js and Go, which encode OTLP with code of their own."""

import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

from support.process import ROOT, environment

CLIENTS = pathlib.Path(__file__).parent / "clients"
CACHE = ROOT / ".cache" / "test-clients"

pytestmark = pytest.mark.slow


def prepared(language, prepare):
    """The client's folder in .cache, made once for each version of its files."""
    source = CLIENTS / language
    files = sorted(p for p in source.iterdir() if p.is_file())
    stamp = hashlib.sha256(b"".join(p.name.encode() + p.read_bytes() for p in files)).hexdigest()[:16]
    folder = CACHE / f"{language}-{stamp}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        done = subprocess.run(prepare, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"cannot fetch the packages of the {language} client: {done.stderr[-500:]}")
        (folder / "done").write_text("")
    return folder


def tool(name):
    path = shutil.which(name, path=f"{ROOT / '.cache/node/bin'}:{os.environ['PATH']}")
    if path is None:
        pytest.skip(f"no {name} on this machine")
    return path


@pytest.fixture(scope="module")
def node_client():
    folder = prepared("node", [tool("npm"), "ci", "--silent"])
    return [tool("node"), str(folder / "client.mjs")]


@pytest.fixture(scope="module")
def go_client():
    folder = prepared("go", [tool("go"), "build", "-o", "client", "."])
    return [str(folder / "client")]


def check(server, client, kind, address, service):
    done = subprocess.run(
        [*client, kind, address, service], capture_output=True, text=True, timeout=120, env=environment()
    )
    assert done.returncode == 0, done.stderr
    trace = server.api.wait_for_trace(done.stdout.strip(), spans=3)
    assert trace["completeness"]["complete"]
    # By name: a client's clock can give two of them the same start.
    spans = {s["name"]: s for s in trace["spans"]}
    root, call, failed = spans["request"], spans["chat gpt-4"], spans["post_processing"]
    assert {s["service"] for s in trace["spans"]} == {service}
    assert {a["key"]: a["value"] for a in root["attributes"]} == {
        "big.int": {"intValue": "4503599627370495"},
        "ratio": {"doubleValue": 0.5},
    }
    assert (root["kind"], call["kind"], failed["kind"]) == (2, 3, 1)
    assert {a["key"]: a["value"] for a in call["attributes"]}["models"] == {
        "arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}
    }
    assert [e["name"] for e in call["events"]] == ["first token"]
    assert failed["links"][0]["spanId"] == call["spanId"]
    assert failed["status"] == {"code": 2, "message": "bad answer"}
    (exception,) = failed["events"]
    assert {a["key"]: a["value"] for a in exception["attributes"]}["exception.message"] == {
        "stringValue": "bad answer: 日本語"
    }
    assert server.api.get("/api/traces", service=service)["data"][0]["traceID"] == trace["trace_id"]


@pytest.mark.parametrize("kind", ["http", "proto", "grpc"])
def test_a_trace_of_the_node_sdk(server, node_client, kind):
    address = f"http://{server.otlp_grpc}" if kind == "grpc" else f"http://{server.otlp_http}/v1/traces"
    check(server, node_client, kind, address, f"node-{kind}")


@pytest.mark.parametrize("kind", ["http", "grpc"])
def test_a_trace_of_the_go_sdk(server, go_client, kind):
    check(server, go_client, kind, server.otlp_grpc if kind == "grpc" else server.otlp_http, f"go-{kind}")
