"""Writes bench/results/DATE-NAME/: machine.json, raw.jsonl and result.md."""

import datetime
import json
import statistics
import sys
from pathlib import Path

from .peers import ROOT


def say(text: str) -> None:
    print(f"--> {text}", file=sys.stderr, flush=True)


class Results:
    def __init__(self, name: str, machine: dict, versions: dict, absent: dict):
        self.folder = ROOT / "bench" / "results" / f"{datetime.date.today().isoformat()}-{name}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.machine, self.versions, self.absent = machine, versions, absent
        about = {"machine": machine, "versions": versions, "absent": absent}
        (self.folder / "machine.json").write_text(json.dumps(about, indent=2) + "\n")
        self._raw = open(self.folder / "raw.jsonl", "w")

    def add(self, **line) -> dict:
        self._raw.write(json.dumps(line) + "\n")
        self._raw.flush()
        return line

    def preamble(self, title: str) -> list:
        machine = self.machine
        dirty = ", with uncommitted changes" if machine["uncommitted_changes"] else ""
        lines = [
            f"# {title}", "",
            f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, kernel {machine['kernel']}, "
            f"{machine['filesystem']}. Commit {machine['commit']}{dirty}; libchdb {machine['libchdb']}. "
            f"Load average before the first run: {machine['load_average_at_start']:.1f}.", "",
            "Versions: " + ", ".join(f"{name} {version}" for name, version in self.versions.items()) + ".",
        ]
        if machine["load_average_at_start"] > 0.5 * machine["cores"]:
            lines += ["", "**The machine was busy with other work: wall times say little, CPU times somewhat too much.**"]
        lines += [f"Absent: {name}: {reason}" for name, reason in self.absent.items()]
        return [*lines, ""]

    def write(self, lines: list) -> Path:
        path = self.folder / "result.md"
        path.write_text("\n".join(lines) + "\n")
        self._raw.close()
        print("\n".join(lines))
        say(f"Written to {path.relative_to(ROOT)}")
        return path


def table(header: list, rows: list) -> list:
    align = ["---"] + ["--:"] * (len(header) - 1)
    return ["| " + " | ".join(map(str, row)) + " |" for row in (header, align, *rows)]


def median(values):
    """Of the values that are there; None where none is."""
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def number(value, digits: int = 3) -> str:
    """With `digits` significant digits and thin thousands; - where there is none."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        rounded = float(f"{value:.{digits}g}")
        return f"{rounded:,.0f}".replace(",", " ")
    return f"{value:.{digits}g}"


def percentile(values: list, share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
