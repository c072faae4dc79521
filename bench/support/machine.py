"""What a result was measured on and with; nothing that names the machine."""

import os
import platform
import subprocess
from pathlib import Path

from .peers import ROOT


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    return round(kilobytes / 2**20, 1)


def _git(*arguments) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def load_average() -> float:
    """What else ran: a figure from a busy machine says less."""
    return os.getloadavg()[0]


def describe(data_folder: Path, commit: str) -> dict:
    """`commit` is what the binary was built from, where that is not the tree as it is."""
    version = ROOT / ".cache" / "chdb" / "version"
    kind = subprocess.run(["stat", "-f", "-c", "%T", data_folder], capture_output=True, text=True).stdout.strip()
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "kernel": platform.release(),
        "filesystem": kind,
        "commit": commit or _git("rev-parse", "--short=12", "HEAD") or "unknown",
        "uncommitted_changes": not commit and bool(_git("status", "--porcelain", "--", "src", "cmd", "bench", "cmake")),
        "libchdb": version.read_text().strip() if version.exists() else "of unknown version",
        "load_average_at_start": load_average(),
    }
