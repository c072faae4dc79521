"""./dev bench search: CPU and wall time of searches for text in a store of LLM spans. See bench/README.md."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from support import machine, report
from support.ask import Client
from support.load import Generator
from support.peers import ROOT, Telltale, prepare_all
from support.report import number, percentile, say

WARM_UP_CALLS = 3
RARE, PAIR = "zyxwvut", "qqfirst qqsecond"
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=170_000, help="LLM spans of 4.7 KB; about three messages each")
    parser.add_argument("--rare", type=int, default=20, help="spans with a word that no other has, among the others")
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--quiet-seconds-max", type=float, default=300)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/telltale")
    parser.add_argument("--commit", default="", help="what --binary was built from, where that is not this tree")
    parser.add_argument("--generator", type=Path, default=ROOT / "build/release/load_generator")
    parser.add_argument("--name", default="search", help="the result goes to bench/results/DATE-NAME")
    return parser.parse_args()


def rare_span(n: int) -> bytes:
    now = time.time_ns()
    request = trace_service_pb2.ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.append(
        common_pb2.KeyValue(key="service.name", value=common_pb2.AnyValue(string_value="bench-rare")))
    span = resource.scope_spans.add().spans.add(
        trace_id=n.to_bytes(16, "big"), span_id=n.to_bytes(8, "big"), name="chat",
        start_time_unix_nano=now - 1_000_000, end_time_unix_nano=now)
    for key, value in {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                       "gen_ai.prompt.0.content": f"message {n} has {RARE} and {PAIR} side by side"}.items():
        span.attributes.append(common_pb2.KeyValue(key=key, value=common_pb2.AnyValue(string_value=value)))
    return request.SerializeToString()


def load(arguments, running):
    """The load in pieces, and a rare span between every two."""
    channel = grpc.insecure_channel(running.grpc, options=[("grpc.enable_http_proxy", 0)])
    send = channel.unary_unary(EXPORT, request_serializer=None, response_deserializer=None)
    acknowledged = 0
    for n in range(1, arguments.rare + 1):
        piece = Generator(arguments.generator).run(running.grpc, "llm", spans=arguments.spans // arguments.rare)
        send(rare_span(n), timeout=60)
        acknowledged += piece["spans_acknowledged"] + 1
    channel.close()
    return acknowledged


def common_words(client):
    """Two words that many messages have, from a span that is there."""
    _, found = client.get("/api/v1/calls?limit=1")
    _, trace = client.get(f"/api/v1/traces/{found['items'][0]['trace_id']}")
    text = next(part["content"] for span in trace["spans"] for message in span["call"]["input"]["messages"]
                for part in message["parts"] if part["type"] == "text")
    words = sorted((word for word in set(text.split()) if word.isalpha() and len(word) > 3),
                   key=text.split().count, reverse=True)
    return words[0].lower(), words[1].lower()


def questions(rare: int, first: str, second: str):
    """(name, parameters, whether so many found things are right)."""
    return [
        ("rare word, 20 newest with snippets", {"text": RARE}, lambda found: found == min(rare, 20)),
        ("phrase of two rare words", {"text": f'"{PAIR}"'}, lambda found: found == min(rare, 20)),
        ("beginning of a rare word", {"text": RARE[:5] + "*"}, lambda found: found >= min(rare, 20)),
        ("word that is nowhere", {"text": "xqzjvkwp"}, lambda found: found == 0),
        ("common word, 20 newest", {"text": first}, lambda found: found == 20),
        ("two common words", {"text": f"{first} {second}"}, lambda found: found > 0),
        ("common word without another", {"text": f"{first} -{RARE}"}, lambda found: found == 20),
        ("rare word of a model, by cost", {"text": RARE, "model": "gpt-4o", "order": "cost"},
         lambda found: found == min(rare, 20)),
        ("rare word of a service that has none", {"text": RARE, "service": "nobody"}, lambda found: found == 0),
        ("common word, 20 dearest", {"text": first, "order": "cost"}, lambda found: found == 20),
    ]


class Bench:
    def __init__(self, arguments, results, scratch):
        self.arguments, self.results, self.scratch = arguments, results, scratch

    def ask(self, running, client, name, parameters, right):
        path = "/api/v1/search?" + urlencode({"limit": 20, **parameters})
        calls = self.arguments.calls if "dearest" not in name else 3
        for _ in range(min(WARM_UP_CALLS, calls)):
            client.get(path)
        before = running.server.cpu_seconds()
        answers = [client.get(path) for _ in range(calls)]
        cpu_ms = (running.server.cpu_seconds() - before) * 1000 / calls
        found = [len(answer["items"]) for _, answer in answers]
        took_ms = [took for took, _ in answers]
        line = self.results.add(
            kind="search", query=name, calls=calls, cpu_ms=cpu_ms, p50_ms=percentile(took_ms, 0.5),
            p99_ms=percentile(took_ms, 0.99), found_min=min(found), found_max=max(found),
            right=all(map(right, found)), searched_back=answers[-1][1]["searched_back_to_unix_nano"] is None,
            load_average=machine.load_average())
        say(f"{name}: {number(cpu_ms)} ms CPU, p50 {number(line['p50_ms'])} ms, found {min(found)}")
        return line

    def measure(self, peer):
        folder = Path(tempfile.mkdtemp(dir=self.scratch, prefix="search-"))
        running = peer.start(folder)
        try:
            acknowledged = load(self.arguments, running)
            quiet = running.server.wait_quiet(lambda: peer.stored_spans(running) in (None, acknowledged),
                                              self.arguments.quiet_seconds_max)
            self.results.add(kind="loaded", spans=acknowledged, memory=running.server.memory_bytes(), **quiet)
            say(f"{acknowledged} spans, quiet: {quiet['quiet']}")
            client = Client(running.query)
            _, counters = client.get("/api/v1/counters")
            chunks = next(c["value"] for c in counters["items"] if c["name"] == "content_chunks_stored")
            asked = questions(self.arguments.rare, *common_words(client))
            lines = [self.ask(running, client, *question) for question in asked]
            self.results.add(kind="after", memory=running.server.memory_bytes())
            return chunks, lines
        finally:
            running.stop()
            shutil.rmtree(folder, ignore_errors=True)


def write(results, chunks, lines, spans):
    out = results.preamble("Searches for text: CPU and wall time")
    out += [f"{spans:,} LLM spans of 4.7 KB, {chunks:,} texts, after everything was merged and quiet."
            .replace(",", " "), ""]
    rows = [[line["query"], number(line["cpu_ms"]), number(line["p50_ms"]), number(line["p99_ms"]),
             str(line["found_min"]), "yes" if line["right"] else "NO", "yes" if line["searched_back"] else "no"]
            for line in lines]
    out += report.table(["query", "CPU ms a call", "p50 ms", "p99 ms", "found", "right", "all searched"], rows)
    out += ["", "One after another on one connection. CPU is the server's, all threads, its idle work included."]
    results.write(out)


def main():
    arguments = parse_arguments()
    peers, versions, absent = prepare_all([Telltale(arguments.binary)], say)
    scratch = ROOT / "build" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    results = report.Results(arguments.name, machine.describe(scratch, arguments.commit), versions, absent)
    chunks, lines = Bench(arguments, results, scratch).measure(peers[0])
    write(results, chunks, lines, arguments.spans)
    return 0


if __name__ == "__main__":
    sys.exit(main())
