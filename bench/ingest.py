"""./dev bench ingest: spans per CPU second, side by side with peers. See bench/README.md."""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from support import machine, report
from support.ask import NativeApi, JaegerApi, QueryLoop
from support.load import WORKLOADS, Generator
from support.peers import ROOT, Collector, Jaeger, Telltale, prepare_all
from support.process import MemorySampler, disk_bytes
from support.profile import Profile
from support.report import median, number, percentile, say

SETTLE_SECONDS = 1.0  # After the start, before the first reading.


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved: A B A B ...")
    parser.add_argument("--spans-small", type=int, default=1_000_000)
    parser.add_argument("--spans-llm", type=int, default=200_000)
    parser.add_argument("--workloads", default="small,llm")
    parser.add_argument("--protocol", choices=("grpc", "http"), default="grpc")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--peers", default="telltale,otelcol,jaeger-badger")
    parser.add_argument("--idle-seconds", type=float, default=10)
    parser.add_argument("--quiet-seconds-max", type=float, default=180)
    parser.add_argument("--settle-seconds", type=float, default=0, help="read disk and CPU again so long after quiet")
    parser.add_argument("--beside-queries-seconds", type=float, default=20, help="0 leaves it out")
    parser.add_argument("--profile", action="store_true", help="one more run of Telltale under perf")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/telltale")
    parser.add_argument("--commit", default="", help="what --binary was built from, where that is not this tree")
    parser.add_argument("--generator", type=Path, default=ROOT / "build/release/load_generator")
    parser.add_argument("--name", default="ingest", help="the result goes to bench/results/DATE-NAME")
    return parser.parse_args()


class Bench:
    def __init__(self, arguments, results, scratch: Path):
        self.arguments, self.results, self.scratch = arguments, results, scratch
        self.generator = Generator(arguments.generator)
        self.failures = []

    def attempt(self, step, peer, workload, *rest):
        """One step; what fails is told in the result, and the others go on."""
        try:
            return step(peer, workload, *rest)
        except (RuntimeError, OSError) as error:
            self.failures.append(f"{step.__name__} {peer.name} {workload}: {error}")
            self.results.add(kind="failed", step=step.__name__, peer=peer.name, workload=workload, error=str(error))
            say(f"Failed: {self.failures[-1]}")
            return None

    def spans(self, peer, workload: str) -> int:
        count = self.arguments.spans_small if workload == "small" else self.arguments.spans_llm
        return int(count * peer.share)

    def start(self, peer):
        folder = Path(tempfile.mkdtemp(dir=self.scratch, prefix=f"{peer.name}-"))
        running = peer.start(folder)
        time.sleep(SETTLE_SECONDS)
        return folder, running

    def load_options(self, peer, workload):
        return {"protocol": self.arguments.protocol, "connections": self.arguments.connections,
                "spans": self.spans(peer, workload)}

    def endpoint(self, running):
        return running.grpc if self.arguments.protocol == "grpc" else running.http

    def measure(self, peer, workload: str, round_number: int) -> dict:
        """One load on a fresh server, until it is quiet."""
        folder, running = self.start(peer)
        try:
            server = running.server
            load_average = machine.load_average()
            before = server.cpu_seconds()
            ids = folder / "trace_ids"
            load = self.generator.run(self.endpoint(running), workload, trace_ids_out=ids,
                                      **self.load_options(peer, workload))
            sent = server.cpu_seconds()
            acknowledged = load["spans_acknowledged"]
            quiet = server.wait_quiet(lambda: peer.stored_spans(running) in (None, acknowledged),
                                      self.arguments.quiet_seconds_max)
            cpu = server.cpu_seconds() - before
            disk = disk_bytes(running.data)
            line = self.results.add(
                kind="ingest", peer=peer.name, workload=workload, round=round_number, load=load,
                cpu_seconds=cpu, cpu_seconds_until_acknowledged=sent - before,
                spans_per_cpu_second=acknowledged / cpu, **quiet,
                memory=server.memory_bytes(), disk=disk, live_disk_bytes=peer.live_disk_bytes(running),
                traces_checked=self.check(running, ids), idle_share=server.idle_share(self.arguments.idle_seconds),
                settled=self.settle(running, before), load_average=load_average)
            say(f"{peer.name} {workload} #{round_number}: {number(line['spans_per_cpu_second'])} spans per CPU second, "
                f"{number(load['spans_per_second'])}/s, quiet: {quiet['quiet']}")
            return line
        finally:
            running.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def settle(self, running, cpu_before: float):
        """What disk and CPU come to a good while after quiet, when replaced parts are gone."""
        if self.arguments.settle_seconds <= 0:
            return None
        time.sleep(self.arguments.settle_seconds)
        return {"after_s": self.arguments.settle_seconds, "disk": disk_bytes(running.data),
                "cpu_seconds": running.server.cpu_seconds() - cpu_before}

    @staticmethod
    def check(running, ids: Path):
        """Fast means nothing if it is not there: some acknowledged traces are read back."""
        if not running.query:
            return None
        api = NativeApi() if "telltale" in ids.parent.name else JaegerApi()
        sample = random.Random(1).sample(ids.read_text().split(), 20)
        for trace_id in sample:
            if api.found(running.get(api.trace(trace_id))) == 0:
                raise RuntimeError(f"trace {trace_id} was acknowledged and is not there")
        return len(sample)

    def beside_queries(self, peer, workload: str) -> dict:
        """Full speed while one client asks: what memory and throughput do then."""
        folder, running = self.start(peer)
        try:
            ids = folder / "trace_ids"
            options = self.load_options(peer, workload)
            first = self.generator.run(self.endpoint(running), workload, trace_ids_out=ids,
                                       **{**options, "spans": 20_000})
            running.server.wait_quiet(lambda: peer.stored_spans(running) in (None, first["spans_acknowledged"]), 30)
            api, trace_ids = NativeApi(), ids.read_text().split()[:50]
            services = [item["name"] for item in running.get(api.services())["items"]]
            paths = [path for trace_id, service in zip(trace_ids, services * 50)
                     for path in (api.trace(trace_id), api.last_traces(service), api.services())]
            options.pop("spans")
            with MemorySampler(running.server) as memory, QueryLoop(running.query, paths) as loop:
                before = running.server.cpu_seconds()
                load = self.generator.run(self.endpoint(running), workload,
                                          seconds=self.arguments.beside_queries_seconds, **options)
                cpu = running.server.cpu_seconds() - before
            stored = first["spans_acknowledged"] + load["spans_acknowledged"]
            quiet = running.server.wait_quiet(lambda: peer.stored_spans(running) == stored,
                                              self.arguments.quiet_seconds_max)
            line = self.results.add(
                kind="beside_queries", peer=peer.name, workload=workload, load=load, cpu_seconds_during=cpu,
                memory_max_bytes=memory.max_bytes, memory_anonymous_max_bytes=memory.max_anonymous_bytes,
                memory=running.server.memory_bytes(), queries=len(loop.took_ms), query_errors=loop.errors,
                query_last_error=loop.last_error,
                query_p50_ms=percentile(loop.took_ms, 0.5) if loop.took_ms else None,
                query_p99_ms=percentile(loop.took_ms, 0.99) if loop.took_ms else None, **quiet)
            say(f"{peer.name} {workload} beside queries: {number(load['spans_per_second'])}/s, "
                f"{number(memory.max_bytes / 2**20)} MiB at most, {len(loop.took_ms)} queries")
            return line
        finally:
            running.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def profile(self, peer, workload: str) -> None:
        folder, running = self.start(peer)
        try:
            text = self.results.folder / f"profile-{workload}.txt"
            with Profile(running.server.pid, folder / "perf.data", text):
                load = self.generator.run(self.endpoint(running), workload, **self.load_options(peer, workload))
                running.server.wait_quiet(lambda: peer.stored_spans(running) == load["spans_acknowledged"],
                                          self.arguments.quiet_seconds_max)
        finally:
            running.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def own_limit(self, workload: str) -> dict:
        """What the generator could send if nothing received it."""
        load = self.generator.run("127.0.0.1:0", workload, protocol="nowhere", spans=500_000)
        return self.results.add(kind="generator", workload=workload, load=load)


def disk_per_span(run):
    return run["disk"]["all"] / run["load"]["spans_acknowledged"]


def live_disk_per_span(run):
    """What stays: the store's live parts where the server tells them, else all files."""
    live = run["live_disk_bytes"] if run["live_disk_bytes"] is not None else run["disk"]["all"]
    return live / run["load"]["spans_acknowledged"]


def ingest_rows(workload, peers, lines):
    own = [line for line in lines if line["workload"] == workload]
    ours = median(line["spans_per_cpu_second"] for line in own if line["peer"] == "telltale")
    for peer in peers:
        runs = [line for line in own if line["peer"] == peer.name]
        if not runs:
            continue
        rate = median(run["spans_per_cpu_second"] for run in runs)
        sent = median(run["load"]["spans_acknowledged"] / max(run["cpu_seconds_until_acknowledged"], 0.01)
                      for run in runs)
        disk, live = median(map(disk_per_span, runs)), median(map(live_disk_per_span, runs))
        yield [peer.label, peer.keeps, number(rate),
               f"{number(min(r['spans_per_cpu_second'] for r in runs))} - "
               f"{number(max(r['spans_per_cpu_second'] for r in runs))}",
               number(ours / rate if ours else None, 2), number(sent),
               number(median(run["load"]["spans_per_second"] for run in runs)),
               number(median(run["load"]["latency_ms"]["p99"] for run in runs)),
               number(median(run["memory"]["peak"] for run in runs) / 2**20),
               number(live or None), number(disk or None),
               number(median(run["idle_share"] for run in runs) * 100, 2),
               number(median(run["quiet_after_s"] for run in runs), 2) if all(run["quiet"] for run in runs)
               else "never"]


def write(results, peers, workloads, lines, beside, limits, failures):
    out = results.preamble("Ingest: spans per CPU second")
    for workload in workloads:
        size = next(line["load"]["bytes_per_span"] for line in limits if line["workload"] == workload)
        out += [f"## {workload}: {number(size)} B of protobuf a span", ""]
        out += report.table(
            ["server", "keeps", "spans per CPU s", "range", "Telltale is x", "until acknowledged", "spans/s, wall",
             "p99 ms", "peak RSS MiB", "disk B/span", "all files", "idle CPU %", "quiet after s"],
            list(ingest_rows(workload, peers, lines)))
        out.append("")
    if beside:
        out += ["## At full speed beside one client that queries", ""]
        out += report.table(
            ["server", "workload", "spans/s, wall", "RSS max MiB", "of it anonymous", "queries", "errors",
             "query p50 ms", "query p99 ms"],
            [[line["peer"], line["workload"], number(line["load"]["spans_per_second"]),
              number(line["memory_max_bytes"] / 2**20), number(line["memory_anonymous_max_bytes"] / 2**20),
              line["queries"], line["query_errors"], number(line["query_p50_ms"]), number(line["query_p99_ms"])]
             for line in beside])
        out.append("")
    for line in limits:
        load = line["load"]
        out.append(f"The generator alone, {line['workload']}: {number(load['spans_per_second'])} spans/s, "
                   f"{number(load['cpu_seconds'] / load['spans_acknowledged'] * 1e9)} ns of CPU a span.")
    out += [f"Failed: {failure}" for failure in failures]
    out += ["", "Medians over rounds. CPU seconds are user and system time of all threads from before the load until "
            "everything is stored and the process used less than 2 % of a core for 3 s. Disk: live parts as the server "
            "counts them (all files of the other servers); all files has the preallocated log segment and parts that "
            "merges have replaced, which go within a minute."]
    results.write(out)


def main():
    arguments = parse_arguments()
    known = {peer.name: peer for peer in (Telltale(arguments.binary), Collector(), Jaeger())}
    peers, versions, absent = prepare_all([known[name] for name in arguments.peers.split(",")], say)
    workloads = [name for name in WORKLOADS if name in arguments.workloads.split(",")]
    scratch = ROOT / "build" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    results = report.Results(arguments.name, machine.describe(scratch, arguments.commit), versions, absent)
    bench = Bench(arguments, results, scratch)

    ours = [peer for peer in peers if peer.name == "telltale"]
    runs = [bench.attempt(bench.measure, peer, workload, round_number)
            for workload in workloads for round_number in range(1, arguments.rounds + 1) for peer in peers]
    beside = [bench.attempt(bench.beside_queries, peer, workload)
              for peer in ours if arguments.beside_queries_seconds > 0 for workload in workloads]
    for peer, workload in [(peer, workload) for peer in ours if arguments.profile for workload in workloads]:
        bench.attempt(bench.profile, peer, workload)
    write(results, peers, workloads, [run for run in runs if run], [run for run in beside if run],
          [bench.own_limit(workload) for workload in workloads], bench.failures)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
