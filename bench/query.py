"""./dev bench query: CPU and wall time per query at a million spans. See bench/README.md."""

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from support import machine, report
from support.ask import Client, JaegerApi, NativeApi
from support.load import Generator
from support.peers import ROOT, Jaeger, Telltale, prepare_all
from support.profile import Profile
from support.report import number, percentile, say

WARM_UP_CALLS = 5
RARE_KEY = "user.id"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--workload", choices=["small", "mixed"], default="mixed", help="mixed: a fifth are model calls")
    parser.add_argument("--days", type=float, default=10, help="Telltale's spans are spread over so long before now")
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--peers", default="telltale,jaeger-badger")
    parser.add_argument("--jaeger-spans", type=int, default=1_000_000, help="Jaeger takes minutes of CPU for a million")
    parser.add_argument("--idle-seconds", type=float, default=10)
    parser.add_argument("--quiet-seconds-max", type=float, default=300)
    parser.add_argument("--profile", action="store_true", help="perf record -g while Telltale answers")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/telltale")
    parser.add_argument("--commit", default="", help="what --binary was built from, where that is not this tree")
    parser.add_argument("--generator", type=Path, default=ROOT / "build/release/load_generator")
    parser.add_argument("--name", default="query", help="the result goes to bench/results/DATE-NAME")
    return parser.parse_args()


def questions(api, trace_ids, services, users):
    """(name, one path a call, whether an answer of so many found things is right)."""
    pairs = list(zip(itertools.cycle(services), users))
    return [
        ("trace by id", [api.trace(trace_id) for trace_id in trace_ids], lambda found: found > 0),
        ("last 20 traces of a service", [api.last_traces(service) for service, _ in pairs],
         lambda found: found == 20),
        ("rare attribute (1 span in 10 000)", [api.by_attribute(service, RARE_KEY, user) for service, user in pairs],
         lambda found: found > 0),
        ("attribute value that is nowhere",
         [api.by_attribute(service, RARE_KEY, f"nobody-{i}") for i, (service, _) in enumerate(pairs)],
         lambda found: found == 0),
        ("services", [api.services()] * len(pairs), lambda found: found == 10),
    ]


def own_questions(services, users, days):
    """What only /api/v1 answers: over the last day, and over everything that is stored."""
    native = NativeApi()
    every = int((days + 1) * 86_400)
    pairs = list(zip(itertools.cycle(services), users))
    found = {"some": lambda n: n > 0, "page": lambda n: n == 20, "one": lambda n: n == 1}

    def traces(name, query, right, seconds=86_400):
        return name, [native.traceql(query(service, user), seconds) for service, user in pairs], found[right]

    def same(name, path, right="some"):
        return name, [path] * len(pairs), found[right]

    return [
        traces("TraceQL: rare attribute, a day", lambda s, u: f'{{ span.{RARE_KEY} = "{u}" }}', "some"),
        traces("TraceQL: rare attribute, all", lambda s, u: f'{{ span.{RARE_KEY} = "{u}" }}', "page", every),
        traces("TraceQL: calls of a model that took long, a day",
               lambda s, u: '{ call.kind != nil && call.output_tokens > 1900 && duration > 10ms }', "page"),
        traces("TraceQL: structural, a day",
               lambda s, u: f'{{ resource.service.name = "{s}" }} >> {{ status = error }}', "page"),
        traces("TraceQL: structural, rare, a day",
               lambda s, u: f'{{ span.{RARE_KEY} = "{u}" }} >> {{ kind = client }}', "some"),
        traces("TraceQL: pipeline, a day",
               lambda s, u: f'{{ resource.service.name = "{s}" }} | count() > 5 | avg(duration) > 1ms', "page"),
        same("series of a day: rate by service",
             native.series("{ } | rate() by (resource.service.name)", 86_400, "1h")),
        same("series of a day: p95 of a model's calls",
             native.series("{ call.kind != nil } | quantile_over_time(duration, 0.95) by (call.model)", 86_400, "1h")),
        same("dashboard of a day: cost by model and hour", native.aggregate(86_400, by="model", step="1h")),
        same("dashboard of all: cost by model and day", native.aggregate(every, by="model", step="24h")),
        ("SELECT 1 as SQL", [("/api/v1/sql", {"query": "SELECT 1"})] * len(pairs), lambda n: n == 1),
    ]


def attribute_of(trace, key):
    """The first value of `key` among the spans of a trace from the Jaeger API, with that span's service."""
    data = trace["data"][0]
    for span in data["spans"]:
        for tag in span["tags"]:
            if tag["key"] == key:
                return data["processes"][span["processID"]]["serviceName"], tag["value"]
    raise RuntimeError(f"no {key} in trace {data['traceID']}")


class Bench:
    def __init__(self, arguments, results, scratch):
        self.arguments, self.results, self.scratch = arguments, results, scratch

    def ask(self, running, peer, api, name, paths, right):
        client = Client(running.query)
        for path in paths[:WARM_UP_CALLS]:
            client.get(path)
        before, start = running.server.cpu_seconds(), time.perf_counter()
        answers = [client.get(path) for path in paths]
        wall_s = time.perf_counter() - start
        cpu_ms = (running.server.cpu_seconds() - before) * 1000 / len(paths)
        took_ms = [took for took, _ in answers]
        found = [api.found(answer) for _, answer in answers]
        line = self.results.add(
            kind="query", peer=peer.name, api=api.label, query=name, calls=len(paths), cpu_ms=cpu_ms, wall_s=wall_s,
            p50_ms=percentile(took_ms, 0.5), p99_ms=percentile(took_ms, 0.99), took_ms=took_ms,
            found_min=min(found), found_max=max(found), right=all(map(right, found)),
            load_average=machine.load_average())
        say(f"{peer.name} {api.label}, {name}: {number(cpu_ms)} ms CPU, p50 {number(line['p50_ms'])} ms, "
            f"found {min(found)} to {max(found)}")
        return line

    def measure(self, peer, spans: int):
        folder = Path(tempfile.mkdtemp(dir=self.scratch, prefix=f"{peer.name}-"))
        running = peer.start(folder)
        try:
            ids = folder / "trace_ids"
            own = peer.name == "telltale"
            spread = {"spread_seconds": self.arguments.days * 86_400} if own else {}
            load = Generator(self.arguments.generator).run(
                running.grpc, self.arguments.workload, spans=spans, trace_ids_out=ids, **spread)
            acknowledged = load["spans_acknowledged"]
            quiet = running.server.wait_quiet(lambda: peer.stored_spans(running) in (None, acknowledged),
                                              self.arguments.quiet_seconds_max)
            idle = running.server.idle_share(self.arguments.idle_seconds)
            self.results.add(kind="loaded", peer=peer.name, load=load, idle_share=idle,
                             memory=running.server.memory_bytes(), **quiet)
            say(f"{peer.name}: {acknowledged} spans, quiet: {quiet['quiet']}, idle CPU {number(idle * 100, 2)} %")

            chosen = random.Random(1).sample(ids.read_text().split()[-spans // 20:], 2 * self.arguments.calls)
            trace_ids, others = chosen[::2], chosen[1::2]
            jaeger = JaegerApi()
            rare = [attribute_of(running.get(jaeger.trace(trace_id)), RARE_KEY) for trace_id in others]
            services, users = [service for service, _ in rare], [user for _, user in rare]
            apis = [NativeApi(), jaeger] if peer.name == "telltale" else [jaeger]
            lines = []
            for api in apis:
                asked = questions(api, trace_ids, services, users)
                lines += [self.ask(running, peer, api, *question) for question in asked]
            if own:
                lines += [self.ask(running, peer, NativeApi(), *question)
                          for question in own_questions(services, users, self.arguments.days)]
            if self.arguments.profile and peer.name == "telltale":
                self.profile(running, folder, questions(NativeApi(), trace_ids, services, users))
            return lines
        finally:
            running.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def profile(self, running, folder, asked):
        for name, paths, _ in asked:
            text = self.results.folder / f"profile-{name.split('(')[0].strip().replace(' ', '-')}.txt"
            client = Client(running.query)
            with Profile(running.server.pid, folder / "perf.data", text):
                for path in paths * 3:
                    client.get(path)


def write(results, lines, spans):
    out = results.preamble("Queries: CPU and wall time")
    loaded = ", ".join(f"{name}: {count:,} spans".replace(",", " ") for name, count in spans.items())
    out += [f"Small spans, after everything was merged and quiet. {loaded}.", ""]
    order = list(dict.fromkeys(line["query"] for line in lines))
    rows = [[line["query"], f"{line['peer']}, {line['api']}, {spans[line['peer']] / 1e6:g} M spans",
             number(line["cpu_ms"]), number(line["p50_ms"]), number(line["p99_ms"]),
             f"{line['found_min']} - {line['found_max']}", "yes" if line["right"] else "NO"]
            for line in sorted(lines, key=lambda line: order.index(line["query"]))]
    out += report.table(["query", "server, API", "CPU ms a call", "p50 ms", "p99 ms", "found", "right"], rows)
    out += ["", f"{lines[0]['calls'] if lines else 0} calls each, one after another on one connection, {WARM_UP_CALLS} "
            "before them as warm-up. CPU is the server's, all threads, its idle work included. The Jaeger API's "
            "searches bring whole traces; /api/v1 brings summaries."]
    results.write(out)


def main():
    arguments = parse_arguments()
    known = {peer.name: peer for peer in (Telltale(arguments.binary), Jaeger())}
    peers, versions, absent = prepare_all([known[name] for name in arguments.peers.split(",")], say)
    scratch = ROOT / "build" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    results = report.Results(arguments.name, machine.describe(scratch, arguments.commit), versions, absent)
    bench = Bench(arguments, results, scratch)
    spans = {peer.name: arguments.spans if peer.name == "telltale" else arguments.jaeger_spans for peer in peers}
    lines = [line for peer in peers for line in bench.measure(peer, spans[peer.name])]
    write(results, lines, spans)
    return 0


if __name__ == "__main__":
    sys.exit(main())
