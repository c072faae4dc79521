"""Telltale's processes: started for a test, found through their ready file, stopped by pid."""

import json
import os
import pathlib
import signal
import subprocess
import time

from support.api import Api

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TELLTALE_BINARY", ROOT / "build/release/telltale")).resolve()

# Nothing here takes so long; a machine that is busy with something else may.
DEADLINE_S = 60


def environment(**more):
    """Ours without the variables that change what a client or the server does."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if k == "TELLTALE_LIBCHDB" or not k.startswith(("OTEL_", "OPENAI_", "TELLTALE_"))
    }
    return kept | {k: str(v) for k, v in more.items()}


def run(*arguments, deadline_s=DEADLINE_S, **more):
    """Runs `telltale ARGUMENTS` to its end; stdout and stderr apart, as text."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=deadline_s,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
    )


class Process:
    """A telltale command that writes a ready file and goes on until it is told to stop."""

    def __init__(self, folder, *arguments):
        self.folder = pathlib.Path(folder)
        self.arguments = [str(a) for a in arguments]
        self.ready = {}
        self._process = None
        self._starts = 0

    def start(self):
        self._starts += 1
        ready_file = self.folder / f"ready-{self._starts}.json"
        ready_file.unlink(missing_ok=True)
        self._stderr_path = self.folder / f"stderr-{self._starts}.txt"
        with open(self._stderr_path, "w") as stderr:
            self._process = subprocess.Popen(
                [str(BINARY), *self.arguments, "--ready-file", str(ready_file)],
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                stdin=subprocess.DEVNULL,
                env=environment(),
            )
        deadline = time.monotonic() + DEADLINE_S
        while not ready_file.exists():
            if self._process.poll() is not None:
                raise AssertionError(f"{self.arguments[0]} ended with {self._process.returncode}:\n{self.stderr()}")
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self.arguments[0]} is not ready:\n{self.stderr()}")
            time.sleep(0.01)
        self.ready = json.loads(ready_file.read_text())
        assert self.ready["pid"] == self._process.pid
        return self

    def stop(self, deadline_s=60):
        """SIGTERM; gives the exit code."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(deadline_s)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self.arguments[0]} did not stop on SIGTERM:\n{self.stderr()}") from None
        return self._process.returncode

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed."""
        self._process.kill()
        self._process.wait()

    def alive(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def stderr(self):
        return self._stderr_path.read_text(errors="replace")

    def __enter__(self):
        return self.start() if self._process is None else self

    def __exit__(self, *_):
        self.stop()


class Server(Process):
    """`telltale serve` on free ports, with a data folder that outlives its restarts."""

    def __init__(self, folder, *flags, data=None):
        self.data = pathlib.Path(data) if data else pathlib.Path(folder) / "data"
        # Samples and captures are as old as they are; retention has tests of its own.
        keep = [] if "--retention-days" in flags else ["--retention-days", "0"]
        super().__init__(folder, "serve", "--ports", "0", "--data", self.data, *keep, *flags)

    @property
    def http(self):
        return self.ready["http"]

    @property
    def otlp_grpc(self):
        return self.ready["otlp_grpc"]

    @property
    def otlp_http(self):
        return self.ready["otlp_http"]

    @property
    def clickhouse(self):
        return self.ready["clickhouse"]

    @property
    def api(self):
        return Api(self.http)

    def restart(self):
        self.stop()
        return self.start()


class Simulator(Process):
    """`telltale simulate`: the OpenAI-compatible provider."""

    def __init__(self, folder, *flags):
        super().__init__(folder, "simulate", "--listen", "127.0.0.1:0", *flags)

    @property
    def base_url(self):
        return f"http://{self.ready['http']}/v1"
