"""A server that cannot start says why, on stderr, with what to do, and ends with 1."""

import socket

import pytest

from support.process import run


def refused(*flags):
    done = run("serve", *flags)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    (error,) = [line for line in lines if line.startswith("error: ")]
    hints = [line for line in lines if line.startswith("hint: ")]
    return error, hints[0] if hints else ""


def test_a_second_process_on_the_same_data_folder_is_refused(fresh_server):
    server = fresh_server()
    error, hint = refused("--ports", "0", "--data", server.data)
    assert str(server.data) in error
    assert hint
    assert server.alive()
    assert server.api.get("/readyz")["ready"]


def test_a_data_folder_is_free_again_after_a_kill(fresh_server):
    server = fresh_server()
    server.kill()
    server.start()
    assert server.api.get("/readyz")["ready"]


@pytest.mark.parametrize("flag", ["--http", "--otlp-grpc", "--otlp-http", "--clickhouse"])
def test_a_port_that_is_taken_is_named(tmp_path, flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error, hint = refused("--ports", "0", flag, f"127.0.0.1:{port}", "--data", tmp_path)
    assert str(port) in error
    assert hint


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    error, hint = refused("--ports", "0", "--data", tmp_path / "file" / "data")
    assert str(tmp_path / "file" / "data") in error
    assert hint


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path):
    error, _ = refused("--ports", "0", "--data", tmp_path / "data", "--ready-file", tmp_path / "no" / "ready")
    assert str(tmp_path / "no" / "ready") in error


@pytest.mark.parametrize(
    "flags, named",
    [
        (["--memory", "lots"], "lots"),
        (["--memory", "10MiB"], "10MiB"),
        (["--log-bytes", "-1"], "-1"),
        (["--retention-days", "soon"], "soon"),
        (["--http", "localhost"], "localhost"),
        (["--http", "127.0.0.1:99999"], "99999"),
        (["--http", "0.0.0.0:0"], "0.0.0.0:0"),
        (["--ports", "1000"], "1000"),
        (["--log-level", "loud"], "loud"),
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path, flags, named):
    error, _ = refused("--data", tmp_path, *(["--ports", "0"] if "--ports" not in flags else []), *flags)
    assert named in error


def test_an_unknown_flag_ends_with_2():
    done = run("serve", "--no-such-flag")
    assert done.returncode == 2
    assert "--no-such-flag" in done.stderr
    assert done.stdout == ""


def test_listening_beyond_loopback_is_possible_when_said_out_loud(fresh_server):
    server = fresh_server("--http", "0.0.0.0:0", "--no-auth")
    assert server.http.startswith("0.0.0.0:")
