"""What clients really did, beside what `telltale explain` makes of their spans: every capture
against its truth file, and the mapping cases of another product."""

import json
import subprocess
from collections import Counter

import pytest

from support.process import BINARY
from support.reference import FOLDER

CAPTURES = FOLDER / "captures"
CASES = FOLDER / "otlp-samples" / "langfuse" / "mapping-cases.json"
MODEL_KINDS = {"llm", "completion", "embedding", "reranker"}

# Clients whose spans do not hold what a call took: nothing that reads spans can know it. Of
# each, how many of its successful calls must be found with the right tokens.
FLOORS = {}
REPORT = {}


def explain(*files, mapping=None):
    flags = ["--mapping", str(mapping)] if mapping else []
    done = subprocess.run([BINARY, "explain", "--json", *flags, *map(str, files)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def requests_of(folder):
    return sorted(p for p in folder.iterdir() if ".traces." in p.name or ".logs." in p.name if ".meta." not in p.name)


def counted_calls(explained):
    return [c["call"] for c in explained["calls"] if c["call"]["kind"] in MODEL_KINDS and "duplicate_of" not in c["call"]
            and c["call"].get("usage", {}).get("scope", "own") == "own"]


def tokens_of(call):
    usage = call.get("usage", {})
    return (usage.get("input_tokens"), usage.get("output_tokens") or 0)


def judge(truth, explained):
    """How many of the provider's answers with tokens are found with exactly these, and what
    else is counted."""
    expected = Counter((c["input_tokens"], c["output_tokens"] or 0) for c in truth["model_calls"] if c["input_tokens"])
    shown = Counter(tokens_of(c) for c in counted_calls(explained) if c.get("usage"))
    return {
        "answers": expected.total(),
        "right": (expected & shown).total(),
        "missing": expected - shown,
        "extra": shown - expected,
    }


def text_of(messages):
    return "".join(p.get("content", "") for m in messages for p in m["parts"] if p["type"] == "text")


def heads_found(truth, explained):
    """Of the answers with text, how many a counted call shows."""
    answers = [c["answer_head"] for c in truth["model_calls"] if c.get("answer_head") and c["http_status"] == 200]
    shown = [text_of(c.get("output", {}).get("messages", [])) for c in counted_calls(explained)]
    return sum(any(head[:40] in text for text in shown) for head in answers), len(answers)


def captures():
    if not CAPTURES.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no reference material at {CAPTURES}"))]
    return [pytest.param(folder, id=folder.name) for folder in sorted(CAPTURES.iterdir()) if folder.is_dir()]


@pytest.fixture(scope="module")
def explained():
    """Each capture once."""
    made = {}

    def of(folder):
        if folder not in made:
            made[folder] = explain(*requests_of(folder))
        return made[folder]

    return of


@pytest.mark.parametrize("folder", captures())
def test_the_calls_of_a_capture_are_those_that_happened(folder, explained):
    truth = json.loads((folder / f"{folder.name}.truth.json").read_text())
    result = judge(truth, explained(folder))
    heads, with_heads = heads_found(truth, explained(folder))
    unmapped = Counter(i["attribute"] for c in explained(folder)["calls"] for i in c["ignored"] if i["unmapped"])
    REPORT[folder.name] = (result, heads, with_heads, unmapped)
    floor = FLOORS.get(folder.name, {})
    assert result["right"] >= floor.get("right", result["answers"]), result
    assert result["extra"].total() <= floor.get("extra", 0), result
