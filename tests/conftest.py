"""Fixtures of the process-level tests: a real server on free ports for each test file."""

import os

import pytest

from support.otlp import GrpcDoor, HttpDoor
from support.process import BINARY, ROOT, Server, Simulator

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".cache" / "hypothesis"))


def pytest_addoption(parser):
    parser.addoption("--report", action="store_true", help="print what was understood of each dialect's calls")


def pytest_configure():
    if not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f"no telltale at {BINARY}: build it (./dev build) or set TELLTALE_BINARY")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of this file's own, with an empty store at the start."""
    with Server(tmp_path_factory.mktemp("server")) as started:
        yield started
        assert started.alive(), f"the server died:\n{started.stderr()}"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    with Simulator(tmp_path_factory.mktemp("simulator"), "--latency-ms", "5") as started:
        yield started


@pytest.fixture
def api(server):
    return server.api


@pytest.fixture
def grpc_door(server):
    with GrpcDoor(server.otlp_grpc) as door:
        yield door


@pytest.fixture
def http_door(server):
    with HttpDoor(server.otlp_http) as door:
        yield door


@pytest.fixture
def fresh_server(tmp_path):
    """Makes servers for one test: `fresh_server("--log-bytes", "64MiB")`; stops them after it."""
    made = []

    def make(*flags, data=None):
        folder = tmp_path / f"server-{len(made)}"
        folder.mkdir()
        made.append(Server(folder, *flags, data=data))
        return made[-1].start()

    yield make
    for one in made:
        if one.alive():
            one.stop()
