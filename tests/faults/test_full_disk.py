"""A disk without space: senders are told to try later, nothing acknowledged is lost, and
once there is space again everything goes on by itself."""

import os
import subprocess

import grpc
import pytest
import requests

from support import otlp
from support.api import eventually
from support.load import GrpcClientDoor, HttpClientDoor
from support.process import run


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 400 MB, as a folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "telltale-test", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"this machine does not mount a tmpfs: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder, leave=0):
    """Takes all space but `leave` bytes; gives the file to remove."""
    path = folder / "filler"
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    with open(path, "wb") as filler:
        for _ in range(max(0, free - leave) // 65536):
            filler.write(bytes(65536))
    return path


def big_request(trace_id):
    spans = [otlp.span(trace_id, "big", attributes={"noise": os.urandom(20_000)}) for _ in range(100)]
    return otlp.request(spans, service="full-disk"), {s.span_id.hex() for s in spans}


def send_until_pushed_back(door, trace_id, requests_max=300):
    """Acknowledged span ids, and the error that stopped it."""
    acknowledged = set()
    for _ in range(requests_max):
        message, ids = big_request(trace_id)
        try:
            door.send_bytes(message.SerializeToString())
        except (grpc.RpcError, requests.RequestException) as error:
            return acknowledged, error
        acknowledged |= ids
    raise AssertionError(f"{requests_max * 2} MB fit on a disk that is full")


@pytest.mark.parametrize("after", ["space comes back", "kill and space comes back"])
def test_a_full_disk_pushes_back_and_loses_nothing(fresh_server, small_disk, after):
    server = fresh_server(data=small_disk / "data")
    trace_id = otlp.new_trace_id()
    with GrpcClientDoor(server.otlp_grpc) as door:
        message, acknowledged = big_request(trace_id)
        door.send_bytes(message.SerializeToString())
        server.api.wait_for_trace(trace_id.hex(), spans=100)

        filler = fill(small_disk)
        more, error = send_until_pushed_back(door, trace_id)
    acknowledged |= more
    assert error.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE), error
    with otlp.HttpDoor(server.otlp_http) as door:
        response = door.post(big_request(trace_id)[0].SerializeToString())
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
    assert server.alive()
    assert requests.get(f"http://{server.http}/healthz", timeout=60).status_code == 200
    assert server.api.counters()["requests_pushed_back"] >= 2

    if after.startswith("kill"):
        server.kill()
    filler.unlink()
    if after.startswith("kill"):
        server.start()

    with HttpClientDoor(server.otlp_http) as door:
        message, ids = big_request(trace_id)

        def accepted(_):
            try:
                door.send_bytes(message.SerializeToString())
                return True
            except requests.RequestException:
                return False

        eventually(lambda: None, accepted, what="the server takes spans again")
    # The request that was tried again may have been kept twice: never acknowledged, never promised.
    trace = server.api.wait_for_trace(trace_id.hex(), spans=len(acknowledged | ids))
    shown = [s["spanId"] for s in trace["spans"]]
    assert acknowledged | ids <= set(shown)
    assert all(shown.count(span_id) == 1 for span_id in list(acknowledged)[:200])
    eventually(lambda: server.api.get("/readyz"), lambda r: r["ready"], what="ready again")
    assert server.stop() == 0


def test_a_disk_that_is_full_from_the_start_is_told_and_does_no_lasting_harm(fresh_server, tmp_path, small_disk):
    filler = fill(small_disk)
    done = run("serve", "--ports", "0", "--data", small_disk / "data", "--ready-file", tmp_path / "ready")
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "space" in done.stderr.lower()

    filler.unlink()
    assert fresh_server(data=small_disk / "data").api.get("/readyz")["ready"]
