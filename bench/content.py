"""./dev bench content: what an agent that sends its history again with every turn takes, kept once and kept plain. See bench/README.md."""

import argparse
import http.client
import json
import random
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from support import machine, report
from support.ask import Client
from support.peers import ROOT, Telltale, prepare_all
from support.report import median, number, percentile, say

ENCODINGS = {"once": [], "plain": ["--inline-content"]}
TURN_BYTES = 1500  # New text a turn: half of it asked, half of it answered.
TURN_SECONDS = 20
CONVERSATIONS_A_REQUEST = 10
WORDS = 3000


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="interleaved: once, plain, once, plain ...")
    parser.add_argument("--conversations", type=int, default=100, help="at the same time; each is one trace")
    parser.add_argument("--turns", type=int, default=50)
    parser.add_argument("--dialects", default="messages,flattened")
    parser.add_argument("--calls", type=int, default=30, help="traces read back")
    parser.add_argument("--quiet-seconds-max", type=float, default=180)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/telltale")
    parser.add_argument("--commit", default="", help="what --binary was built from, where that is not this tree")
    parser.add_argument("--name", default="content", help="the result goes to bench/results/DATE-NAME")
    return parser.parse_args()


class Prose:
    """Text of words by frequency, as the load generator's: zstd -1 takes it to about 40 %."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        letters = "etaoinshrdlucmfwypvbgk"
        weights = [1 / (i + 2) for i in range(len(letters))]
        size = lambda: min(12, 2 + int(self.random.expovariate(0.28)))
        self.words = ["".join(self.random.choices(letters, weights, k=size())) for _ in range(WORDS)]
        self.weights = [1 / (i + 3) for i in range(WORDS)]

    def text(self, size: int) -> str:
        return " ".join(self.random.choices(self.words, self.weights, k=size // 4))[:size]


def as_messages(history):
    """OTel GenAI: the whole history as one attribute, and the answer as another."""
    parts = [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in history]
    answer = {**parts[-1], "finish_reason": "stop"}
    return {"gen_ai.input.messages": json.dumps(parts[:-1]), "gen_ai.output.messages": json.dumps([answer])}


def as_flattened(history):
    """OpenInference: two attributes for each message."""
    attributes = {}
    for i, (role, text) in enumerate(history[:-1]):
        attributes[f"llm.input_messages.{i}.message.role"] = role
        attributes[f"llm.input_messages.{i}.message.content"] = text
    attributes["llm.output_messages.0.message.role"] = history[-1][0]
    attributes["llm.output_messages.0.message.content"] = history[-1][1]
    return attributes


DIALECTS = {
    "messages": (as_messages, {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}),
    "flattened": (as_flattened, {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o"}),
}


class Conversation:
    def __init__(self, prose, started_ns: int):
        self.prose, self.started_ns = prose, started_ns
        self.trace_id, self.root_id = secrets.token_bytes(16), secrets.token_bytes(8)
        self.history, self.sent = [], {}

    def add_turn(self, turn: int, dialect: str, span) -> None:
        """Writes the turn's model call into `span`: the first one is the root of the rest."""
        self.history += [("user", self.prose.text(TURN_BYTES // 2)), ("assistant", self.prose.text(TURN_BYTES // 2))]
        write, common = DIALECTS[dialect]
        attributes = common | write(self.history)
        start = self.started_ns + turn * TURN_SECONDS * 1_000_000_000
        span.trace_id, span.name = self.trace_id, "chat gpt-4o"
        span.span_id = self.root_id if turn == 0 else secrets.token_bytes(8)
        span.parent_span_id = b"" if turn == 0 else self.root_id
        span.start_time_unix_nano, span.end_time_unix_nano = start, start + 3_000_000_000
        span.attributes.extend(
            common_pb2.KeyValue(key=k, value=common_pb2.AnyValue(string_value=v)) for k, v in attributes.items())
        self.sent[span.span_id.hex()] = attributes


class Bench:
    def __init__(self, arguments, results, peer, scratch):
        self.arguments, self.results, self.peer, self.scratch = arguments, results, peer, scratch

    def requests(self, dialect: str, conversations):
        """Every conversation's first turn, then every one's second ..."""
        for turn in range(self.arguments.turns):
            for first in range(0, len(conversations), CONVERSATIONS_A_REQUEST):
                request = trace_service_pb2.ExportTraceServiceRequest()
                of_resource = request.resource_spans.add()
                of_resource.resource.attributes.add(key="service.name").value.string_value = "agents"
                spans = of_resource.scope_spans.add().spans
                for conversation in conversations[first:first + CONVERSATIONS_A_REQUEST]:
                    conversation.add_turn(turn, dialect, spans.add())
                yield request.SerializeToString()

    @staticmethod
    def send(running, requests) -> int:
        connection = http.client.HTTPConnection(running.http, timeout=120)
        size = 0
        for body in requests:
            connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200:
                raise RuntimeError(f"POST /v1/traces: {response.status}: {answer[:200]!r}")
            size += len(body)
        return size

    def read(self, running, conversations):
        """Whole conversations, one after another; each value has to be what was sent."""
        client = Client(running.query)
        chosen = random.Random(2).sample(conversations, min(self.arguments.calls, len(conversations)))
        path = lambda conversation: f"/api/v1/traces/{conversation.trace_id.hex()}"
        client.get(path(conversations[0]))
        before = running.server.cpu_seconds()
        answers = [client.get(path(conversation)) for conversation in chosen]
        cpu_ms = (running.server.cpu_seconds() - before) * 1000 / len(chosen)
        for conversation, (_, trace) in zip(chosen, answers):
            for span in trace["spans"]:
                got = {a["key"]: a["value"]["stringValue"] for a in span["attributes"]}
                if got != conversation.sent[span["spanId"]]:
                    raise RuntimeError(f"span {span['spanId']}: an attribute came back as another")
            if len(trace["spans"]) != self.arguments.turns:
                raise RuntimeError(f"trace {trace['trace_id']}: {len(trace['spans'])} spans")
        return {"read_cpu_ms": cpu_ms, "read_p50_ms": percentile([took for took, _ in answers], 0.5)}

    def measure(self, dialect: str, encoding: str, round_number: int) -> dict:
        folder = Path(tempfile.mkdtemp(dir=self.scratch, prefix=f"content-{encoding}-"))
        self.peer.extra_arguments = ENCODINGS[encoding]
        running = self.peer.start(folder)
        try:
            time.sleep(1)
            empty_bytes = self.peer.live_disk_bytes(running)
            started = time.time_ns() - self.arguments.turns * TURN_SECONDS * 1_000_000_000
            prose = Prose(round_number)
            conversations = [Conversation(prose, started) for _ in range(self.arguments.conversations)]
            before = running.server.cpu_seconds()
            sent_bytes = self.send(running, self.requests(dialect, conversations))
            spans = len(conversations) * self.arguments.turns
            quiet = running.server.wait_quiet(lambda: self.peer.stored_spans(running) == spans,
                                              self.arguments.quiet_seconds_max)
            cpu = running.server.cpu_seconds() - before
            line = self.results.add(
                kind="content", dialect=dialect, encoding=encoding, round=round_number, spans=spans,
                sent_bytes=sent_bytes, cpu_seconds=cpu, disk_bytes=self.peer.live_disk_bytes(running) - empty_bytes,
                memory=running.server.memory_bytes(), load_average=machine.load_average(), **quiet,
                **self.read(running, conversations))
            say(f"{dialect} {encoding} #{round_number}: {number(line['disk_bytes'] / len(conversations) / 1000)} kB on disk "
                f"and {number(cpu / len(conversations) * 1000)} ms of CPU a conversation")
            return line
        finally:
            running.stop()
            shutil.rmtree(folder, ignore_errors=True)


def write(results, lines, arguments):
    out = results.preamble("Content kept once: conversations that send their history again")
    rows = []
    for dialect in dict.fromkeys(line["dialect"] for line in lines):
        disk = {}
        for encoding in ENCODINGS:
            own = [line for line in lines if line["dialect"] == dialect and line["encoding"] == encoding]
            of = lambda key: median(line[key] / arguments.conversations for line in own)
            disk[encoding] = of("disk_bytes")
            rows.append([dialect, encoding, number(of("sent_bytes") / 1000), number(disk[encoding] / 1000), "",
                         number(of("cpu_seconds") * 1000), number(median(line["read_cpu_ms"] for line in own)),
                         number(median(line["read_p50_ms"] for line in own)),
                         number(median(line["memory"]["peak"] for line in own) / 2**20)])
        rows[-2][4] = f"1/{number(disk['plain'] / disk['once'])}"
    out += report.table(["dialect", "encoding", "sent kB", "disk kB", "of plain", "insert and merge CPU ms",
                         "read CPU ms", "read p50 ms", "peak RSS MiB"], rows)
    out += ["", f"A conversation is {arguments.turns} calls of a model, each with {TURN_BYTES} B of new text and all of the "
            f"history, in one trace; {arguments.conversations} of them take turns. `messages` is gen_ai.input.messages as JSON, "
            "`flattened` is OpenInference, two attributes a message. Figures are per conversation, medians of "
            f"{arguments.rounds} rounds. Disk is live parts when the server had been quiet for 3 s. Reading is the whole "
            "trace by /api/v1/traces, and every value was held against what was sent. `plain` is --inline-content."]
    results.write(out)


def main():
    arguments = parse_arguments()
    peers, versions, absent = prepare_all([Telltale(arguments.binary)], say)
    scratch = ROOT / "build" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    results = report.Results(arguments.name, machine.describe(scratch, arguments.commit), versions, absent)
    bench = Bench(arguments, results, peers[0], scratch)
    lines = [bench.measure(dialect, encoding, round_number) for dialect in arguments.dialects.split(",")
             for round_number in range(1, arguments.rounds + 1) for encoding in ENCODINGS]
    write(results, lines, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
