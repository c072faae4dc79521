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

# What spans cannot tell: of each capture the least number of answers that must be found with
# the right tokens, and the most calls with others. Where a capture is not named, all and none.
NO_USAGE = {"right": 0}  # The client writes no tokens, or guesses a part of them.
FLOORS = {
    "guide-step2-requests": NO_USAGE,
    "guide-step3-langchain": NO_USAGE,
    "guide-step3-langchain-2023": NO_USAGE,
    "guide-step3-langchain-fixed": NO_USAGE,
    "guide-step4-decorator": NO_USAGE,
    "guide-step4-decorator-tiktoken": {"right": 0, "extra": 9},  # counts the prompt by itself
    "guide-step6-demo-2023": NO_USAGE,
    "guide-step6-demo-today": NO_USAGE,
    "guide-step8-sampler": NO_USAGE,
    "openinference-dspy": NO_USAGE,
    "otel-httpx2-only": NO_USAGE,  # HTTP spans alone: no calls
    "haystack": {"right": 5},  # the document store's embedder has no span
    "js-openinference-langchain": {"right": 6},  # embeddings have no span
    "js-openllmetry": {"right": 10, "extra": 1},  # embeddings have none; one stream is guessed
    "langfuse-openai": {"extra": 1},  # one span is made by hand
    "langsmith-otel": {"right": 32, "extra": 1},  # embeddings have no span; one is made by hand
    "lmnr-anthropic": {"right": 14},  # a cut stream: the answer's tokens never came
    "logfire-anthropic": {"right": 14, "extra": 1},  # likewise, told as 1
    "openinference-anthropic": {"right": 14, "extra": 1},  # likewise
    "openlit-anthropic": {"right": 14},  # likewise
    "openinference-autogen": {"extra": 1},  # a failed call is told with 0 tokens
    "openinference-langchain-hidden": {"right": 17},  # embeddings have no span
    "openinference-openai-agents": {"right": 9},  # the streamed run failed in the SDK
    "otel-openai-agents-v2": {"right": 8},  # likewise
    "openllmetry-google-genai": {"right": 8},  # the call before a tool has no span
    "otel-google-genai": {"right": 8},  # likewise
    "otel-openai-v2": {"right": 17},  # the Responses API has no spans
    "otel-openai-v2-latest-span": {"right": 17},  # likewise
    "rust-otel-http": {"extra": 3},  # asked no provider
}
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


@pytest.mark.parametrize("folder", captures())
def test_what_a_capture_reports_adds_up(folder, explained):
    whole = explained(folder)
    own = [
        c["call"].get("usage", {})
        for c in whole["calls"]
        if "duplicate_of" not in c["call"] and c["call"].get("usage", {}).get("scope") == "own"
    ]
    assert whole["totals"]["input_tokens"] == sum(u.get("input_tokens", 0) for u in own)
    assert whole["totals"]["output_tokens"] == sum(u.get("output_tokens", 0) for u in own)
    assert whole["totals"]["calls"] == len(counted_calls(whole))


@pytest.mark.parametrize("folder", captures())
def test_what_is_told_of_an_answer_is_true(folder, explained):
    """Finer counts and the provider, where one call alone has an answer's tokens."""
    names = {"google": "gcp.gemini", "gemini": "gcp.gemini", "mistral": "mistral_ai"}
    truth = json.loads((folder / f"{folder.name}.truth.json").read_text())
    calls = counted_calls(explained(folder))
    for answer in truth["model_calls"]:
        mine = [c for c in calls if c.get("usage") and tokens_of(c) == (answer["input_tokens"], answer["output_tokens"])]
        if answer["output_tokens"] is None or len(mine) != 1:
            continue
        usage = mine[0]["usage"]
        assert usage.get("cache_read_tokens") in (None, answer["cached_tokens"]), answer["seq"]
        assert usage.get("cache_write_tokens") in (None, answer["cache_write_tokens"] or 0), answer["seq"]
        assert usage.get("reasoning_tokens") in (None, answer["reasoning_tokens"]), answer["seq"]
        provider = names.get(answer["provider"], answer["provider"])
        assert mine[0].get("provider", provider).replace("gcp.gen_ai", "gcp.gemini") == provider, answer["seq"]


# --- the mapping cases of another product's tests --------------------------------------

# Their field -> where ours is.
PLACES = {
    "completionStartTime": ("time_to_first_token",),
    "environment": ("environment",),
    "userId": ("user", "id"),
    "sessionId": ("session", "id"),
    "model": ("request", "model"),
    "modelParameters.temperature": ("request", "temperature"),
    "usageDetails.input": ("usage", "input_tokens"),
    "usageDetails.output": ("usage", "output_tokens"),
    "costDetails.total": ("reported_cost", "total"),
    "tags": ("tags",),
}
# Fields that only that product has, or that it derives from nothing.
NOT_OURS = {"public", "name", "version", "release", "level", "usageDetails.total", "usageDetails.custom_tokens",
            "usageDetails.input_cache_read", "usageDetails.input_cache_creation"}


def mapping_cases():
    if not CASES.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no reference material at {CASES}"))]
    return [pytest.param(case, id=f"{n}") for n, case in enumerate(json.loads(CASES.read_text()))
            if "otelAttributeKey" in case]


def plain_int(value):
    """protobuf.js writes 64-bit integers as {low, high}."""
    number = value.get("intValue")
    return {"intValue": str(number["low"])} if isinstance(number, dict) else value


@pytest.mark.parametrize("case", mapping_cases())
def test_a_mapping_case_tells_the_same(case, tmp_path):
    field = case["entityAttributeKey"]
    if field in NOT_OURS or case["otelAttributeKey"] == "unused.key":
        pytest.skip(f"{field} is no field of ours")
    span = {
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "case",
        "startTimeUnixNano": "1755000000000000000", "endTimeUnixNano": "1765000000000000000",
        "attributes": [
            {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
            {"key": case["otelAttributeKey"], "value": plain_int(case["otelAttributeValue"])},
        ],
    }  # fmt: skip
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    call = explain(path)["calls"][0]["call"]
    if field in ("input", "output"):
        assert any(field in call or place in call for place in ("tool",)), call
        return
    if field.startswith("metadata."):
        assert call["metadata"][field.removeprefix("metadata.")] == case["entityAttributeValue"]
        return
    found = call
    for name in PLACES[field]:
        found = found[name]
    if field != "completionStartTime":
        assert found == case["entityAttributeValue"]


# --- ./dev test --report ---------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def report(request):
    yield
    if not request.config.getoption("--report"):
        return
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{'client':34}{'answers':>8}{'right':>7}{'wrong':>7}{'text':>9}  attributes without a rule")
        for name, (result, heads, with_heads, unmapped) in sorted(REPORT.items()):
            text = f"{heads}/{with_heads}"
            print(f"{name:34}{result['answers']:>8}{result['right']:>7}{result['extra'].total():>7}{text:>9}  "
                  f"{', '.join(sorted(unmapped)[:6])}{' ...' if len(unmapped) > 6 else ''}")
