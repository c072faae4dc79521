"""Runs the load generator and reads its one line."""

import json
import subprocess
from pathlib import Path

WORKLOADS = ("small", "llm")  # of the load that is timed; `mixed` only fills a store


class Generator:
    def __init__(self, binary: Path):
        self.binary = binary

    def start(self, endpoint: str, workload: str, protocol: str = "grpc", **options) -> subprocess.Popen:
        command = [self.binary, "--endpoint", endpoint, "--workload", workload, "--protocol", protocol]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish(self, process: subprocess.Popen) -> dict:
        out, _ = process.communicate()
        if not out:
            raise RuntimeError(f"{self.binary.name}: ended with code {process.returncode} and said nothing")
        load = json.loads(out)
        if load["errors"] > 0:
            raise RuntimeError(f"{load['errors']} requests were refused: {load['last_error']}")
        return load

    def run(self, *arguments, **options) -> dict:
        return self.finish(self.start(*arguments, **options))
