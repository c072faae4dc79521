"""A measured server process: CPU seconds, memory and disk, as the kernel counts them."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
QUIET_SHARE = 0.02  # Of one core.
QUIET_SECONDS = 3.0


class Server:
    """One started process with its own data folder. Stopped by `stop`, by its own id."""

    def __init__(self, command, log: Path, env=None):
        self._log = open(log, "wb")
        self._process = subprocess.Popen(
            command, stdout=self._log, stderr=subprocess.STDOUT, env=env, start_new_session=True)
        self.pid = self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        if self.alive():
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._log.close()

    def cpu_seconds(self) -> float:
        """User and system time of all threads, also of those that have ended."""
        stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS_PER_SECOND

    def memory_bytes(self) -> dict:
        """Resident now, its peak, and what of it is anonymous (not files mapped)."""
        fields = {}
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM", "RssAnon"):
                fields[name] = int(value.split()[0]) * 1024
        return {"now": fields["VmRSS"], "peak": fields["VmHWM"], "anonymous": fields["RssAnon"]}

    def wait_quiet(self, all_stored, seconds_max: float) -> dict:
        """Waits until `all_stored()` and the process rests: merges are over.

        Quiet is less than 2 % of a core for 3 s. Says in "quiet" whether it came to that.
        """
        start = time.monotonic()
        stored_at = None
        window = [(start, self.cpu_seconds())]
        while time.monotonic() - start < seconds_max and self.alive():
            time.sleep(0.25)
            now = time.monotonic()
            if stored_at is None and all_stored():
                stored_at = now - start
            window.append((now, self.cpu_seconds()))
            while len(window) > 2 and now - window[1][0] >= QUIET_SECONDS:
                window.pop(0)
            span = now - window[0][0]
            share = (window[-1][1] - window[0][1]) / span
            if stored_at is not None and span >= QUIET_SECONDS and share < QUIET_SHARE:
                return {"quiet": True, "stored_after_s": stored_at, "quiet_after_s": now - start}
        return {"quiet": False, "stored_after_s": stored_at, "quiet_after_s": time.monotonic() - start}

    def idle_share(self, seconds: float) -> float:
        """The share of one core that it uses while nobody asks anything."""
        before, start = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / (time.monotonic() - start)


class MemorySampler:
    """Samples a server's resident memory while it is in use: `with MemorySampler(server) as memory:`."""

    def __init__(self, server: Server, interval_s: float = 0.1):
        self._server, self._interval = server, interval_s
        self._end = threading.Event()
        self.max_bytes = 0
        self.max_anonymous_bytes = 0

    def __enter__(self):
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _run(self):
        while not self._end.wait(self._interval) and self._server.alive():
            memory = self._server.memory_bytes()
            self.max_bytes = max(self.max_bytes, memory["now"])
            self.max_anonymous_bytes = max(self.max_anonymous_bytes, memory["anonymous"])


def disk_bytes(folder: Path) -> dict:
    """Bytes that the files under `folder` take on disk: in all and by first-level folder."""
    parts = {}
    for base, _, names in os.walk(folder):
        relative = Path(base).relative_to(folder).parts
        part = relative[0] if relative else "."
        for name in names:
            try:
                parts[part] = parts.get(part, 0) + os.lstat(os.path.join(base, name)).st_blocks * 512
            except FileNotFoundError:
                pass  # A merge has just removed it.
    return {"all": sum(parts.values()), "parts": parts}
