"""A profile of a server by perf, as text; says so where perf is not there."""

import re
import shutil
import signal
import subprocess
from pathlib import Path

from .report import say

LINES_MAX = 80


class Profile:
    """`with Profile(pid, data, text):` samples the process and leaves its hottest functions in `text`."""

    def __init__(self, pid: int, data: Path, text: Path):
        self._pid, self._data, self._text = pid, data, text
        self._perf = None

    def __enter__(self):
        if shutil.which("perf") is None:
            say("No perf on this machine: no profile")
            return self
        self._perf = subprocess.Popen(
            ["perf", "record", "-g", "-F", "499", "-p", str(self._pid), "-o", self._data],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        if self._perf is None:
            return
        self._perf.send_signal(signal.SIGINT)
        _, errors = self._perf.communicate()
        if not self._data.exists() or self._data.stat().st_size == 0:
            say(f"perf recorded nothing: {errors.strip()[-200:]}")
            return
        parts = []
        for title, keys in (("By library", "dso"), ("By thread", "comm"), ("By function", "dso,symbol")):
            done = subprocess.run(
                ["perf", "report", "-i", self._data, "--stdio", "--no-children", "-g", "none", "--percent-limit",
                 "0.3", "--sort", keys], capture_output=True, text=True)
            lines = [re.sub(r"(\s+-)*\s*$", "", line)
                     for line in done.stdout.splitlines() if line.strip() and line[0] != "#"]
            parts += [f"# {title}", *lines[:LINES_MAX], ""]
        self._text.write_text("\n".join(parts))
