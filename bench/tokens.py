"""./dev bench tokens: CPU time per byte of text and per prompt, on one thread. See bench/README.md."""

import argparse
import sys
from pathlib import Path
from statistics import median

from support import machine, report, token_texts
from support.peers import ROOT, prepare_all
from support.report import number, percentile, say
from support.token_peers import all_peers


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved: A B A B ...")
    parser.add_argument("--passes", type=int, default=5, help="over a text, in one process")
    parser.add_argument("--megabytes", type=float, default=4, help="of prose and of code")
    parser.add_argument("--encodings", default="o200k_base,cl100k_base")
    parser.add_argument("--peers", default="telltale,tiktoken,bpe-openai,quicktok-v1,toktok-rs,gigatoken")
    parser.add_argument("--timer", type=Path, default=ROOT / "build/release/token_timer")
    parser.add_argument("--name", default="tokens", help="the result goes to bench/results/DATE-NAME")
    return parser.parse_args()


class Texts:
    """The texts as files, and what there is of each."""

    def __init__(self, folder: Path, size: int):
        self._folder = folder
        self.bytes, self.absent = {}, {}
        bodies = {"prose": token_texts.prose(size), "code": token_texts.code(size), "CJK": token_texts.cjk(size)}
        self.prompts = {}
        for name, body in bodies.items():
            if len(body) < token_texts.BYTES_MIN:
                self.absent[name] = f"only {len(body)} bytes of it were found on this machine"
                continue
            self._keep(name, body)
            if name != "CJK":
                warm, prompts = token_texts.prompts(body)
                self._keep(f"{name}-warm", warm)
                self._keep(f"{name}-prompts", b"\0".join(prompts))
                self.prompts[name] = len(prompts)
        self._keep("one letter", token_texts.ONE_LETTER)

    def _keep(self, name: str, body: bytes):
        self.file(name).write_bytes(body)
        self.bytes[name] = len(body)

    def file(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.txt"

    def whole(self) -> list:
        return [name for name in ("prose", "code", "CJK", "one letter") if name in self.bytes]


class Bench:
    def __init__(self, arguments, results, texts):
        self.arguments, self.results, self.texts = arguments, results, texts
        self.readings, self.failures = {}, []

    def attempt(self, peer, encoding: str, kind: str, text: str, **how):
        """One process of one peer; what fails is told in the result, and the others go on."""
        try:
            read = peer.measure(encoding, self.texts.file(text), self.arguments.passes, **how)
        except RuntimeError as error:
            self.failures.append(f"{peer.name}, {encoding}, {text}: {error}")
            self.results.add(kind="failed", peer=peer.name, encoding=encoding, text=text, error=str(error))
            say(f"Failed: {self.failures[-1]}")
            return
        self.results.add(kind=kind, peer=peer.name, encoding=encoding, text=text, bytes=self.texts.bytes[text],
                         load_average=machine.load_average(), **read)
        self.readings.setdefault((kind, encoding, text, peer.name), []).append(read)

    def run(self, peers):
        for round_number in range(self.arguments.rounds):
            for encoding in self.arguments.encodings.split(","):
                say(f"Round {round_number + 1} of {self.arguments.rounds}: {encoding}")
                for text in self.texts.whole():
                    for peer in peers:
                        self.attempt(peer, encoding, "text", text)
                for name in self.texts.prompts:
                    for peer in peers:
                        self.attempt(peer, encoding, "prompts", f"{name}-prompts",
                                     warm=self.texts.file(f"{name}-warm"), split=True)

    def tokens(self, kind, encoding, text, peers):
        """How many each peer found, where they are not all the same."""
        found = {peer.name: self.readings[key][0]["tokens"] for peer in peers
                 if (key := (kind, encoding, text, peer.name)) in self.readings}
        return "yes" if len(set(found.values())) == 1 else "NO: " + ", ".join(f"{n} {c}" for n, c in found.items())

    def text_rows(self, peers):
        for encoding in self.arguments.encodings.split(","):
            for text in self.texts.whole():
                megabytes = self.texts.bytes[text] / 1e6
                cells = []
                for peer in peers:
                    read = self.readings.get(("text", encoding, text, peer.name))
                    if not read:
                        cells.append("-")
                        continue
                    first = median(megabytes * 1e9 / one["nanos"][0] for one in read)
                    later = median(megabytes * 1e9 / nanos for one in read for nanos in one["nanos"][1:])
                    cells.append(f"{number(first)} / {number(later)}")
                yield [encoding, f"{text}, {number(megabytes)} MB", *cells, self.tokens("text", encoding, text, peers)]

    def prompt_rows(self, peers):
        for encoding in self.arguments.encodings.split(","):
            for name, count in self.texts.prompts.items():
                text, cells = f"{name}-prompts", []
                for peer in peers:
                    read = self.readings.get(("prompts", encoding, text, peer.name))
                    nanos = [n for one in read or [] for n in one["nanos"]]
                    cells.append(f"{number(median(nanos) / 1e3)} / {number(percentile(nanos, 0.99) / 1e3)}" if nanos else "-")
                yield [encoding, f"{count} of {name}", *cells, self.tokens("prompts", encoding, text, peers)]


def write(results, bench, peers):
    out = results.preamble("Tokens: text to ids on one thread")
    out += [f"Absent text: {name}: {why}" for name, why in bench.texts.absent.items()]
    out += [f"Failed: {what}" for what in bench.failures]
    labels = [peer.label for peer in peers]
    out += ["MB/s of CPU time, first pass of a process / the median of later passes over the same text:", ""]
    out += report.table(["encoding", "text", *labels, "same count"], bench.text_rows(peers))
    prompt = token_texts.PROMPT_BYTES
    out += ["", f"us of CPU time for a prompt of {prompt} bytes that was never met, after other text of its kind, "
            "median / 99th percentile:", ""]
    out += report.table(["encoding", "prompts", *labels, "same count"], bench.prompt_rows(peers))
    out += ["", f"{bench.arguments.rounds} interleaved rounds, each reading in a process of its own, "
            f"{bench.arguments.passes} passes. All give ids: into a C++ vector here, into a Python list by tiktoken, "
            "bpe-openai and quicktok, into a numpy array by toktok and gigatoken; they are timed around that one call."]
    results.write(out)


def main():
    arguments = parse_arguments()
    wanted = arguments.peers.split(",")
    peers, versions, absent = prepare_all([p for p in all_peers(arguments.timer) if p.name in wanted], say)
    absent = {name: why for name, why in absent.items() if name in wanted}
    folder = ROOT / "build" / "bench" / "tokens"
    folder.mkdir(parents=True, exist_ok=True)
    say("Gathering prose, code and CJK from what is installed")
    texts = Texts(folder, int(arguments.megabytes * 1e6))
    results = report.Results(arguments.name, machine.describe(folder, ""), versions, absent)
    bench = Bench(arguments, results, texts)
    bench.run(peers)
    write(results, bench, peers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
