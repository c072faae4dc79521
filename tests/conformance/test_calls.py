"""What clients really did, beside what `telltale explain` makes of their spans: every capture
against its truth file, and the mapping cases of another product."""

import json
import subprocess
from collections import Counter, defaultdict

import pytest

from support.process import BINARY
from support.reference import FOLDER
from support.truth import answered, compare, counted_calls, judge, pair

CAPTURES = FOLDER / "captures"
SAMPLES = FOLDER / "otlp-samples"
CASES = SAMPLES / "langfuse" / "mapping-cases.json"

# What spans cannot tell: of each capture the least number of answers that must be found with
# the right tokens, and the most calls with others. Where a capture is not named, all and none.
NO_USAGE = {"right": 0}  # The client writes no tokens, or guesses a part of them.
FLOORS = {
    "guide-step2-requests": NO_USAGE,  # an HTTP span alone
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
    # A span is made by hand, and no provider was asked: its input tokens and cached ones are
    # disjoint, as Langfuse says that such names of its own are.
    "langfuse-openai": {"extra": 1},
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
# Fields that a sender tells otherwise than it was: {capture: {field: how often}}.
TOLD_WRONG = {
    "google-adk": {"request.model": 1},  # LiteLLM's name for it, with the provider before
    "js-openllmetry": {"usage.input_tokens": 1, "usage.output_tokens": 1},  # guessed for a stream
    # The model that answered stands where the one that was asked should.
    "langfuse-openai": {"request.model": 19},
    "openinference-autogen": {"request.model": 5},
    "openinference-openai-agents": {"request.model": 9, "response.finish_reasons": 2},  # and "stop" of tool calls
    "otel-openai-agents-v2": {"request.model": 8},
    # The model that was asked stands where the one that answered should.
    "litellm-otel": {"response.model": 2, "response.id": 2},  # and an id of LiteLLM's own
    "logfire-anthropic": {"response.model": 4},
    "openinference-dspy": {"response.model": 4},
    "openinference-langchain-hidden": {"response.model": 2},
    "openllmetry-google-genai": {"output": 2},  # only the last chunk of a stream is kept
}
REPORT = {}  # dialect -> Counter of what `./dev test --report` shows
CLIENTS = {}


def explain(*files, mapping=None):
    flags = ["--mapping", str(mapping)] if mapping else []
    done = subprocess.run([BINARY, "explain", "--json", *flags, *map(str, files)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def requests_of(folder):
    return sorted(p for p in folder.iterdir() if ".traces." in p.name or ".logs." in p.name if ".meta." not in p.name)


def heads_found(truth, explained):
    """Of the answers with text, how many a counted call shows."""
    answers = [c["answer_head"] for c in truth["model_calls"] if c.get("answer_head") and c["http_status"] == 200]
    shown = [answered(c) for c in counted_calls(explained)]
    return sum(any(head[:40] in text for text in shown) for head in answers), len(answers)


def count(dialect, **counts):
    REPORT.setdefault(dialect, Counter()).update(counts)


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
    CLIENTS[folder.name] = (result, heads, with_heads)
    for one in explained(folder)["calls"]:
        unmapped = {i["attribute"] for i in one["ignored"] if i["unmapped"]}
        count(one["call"]["dialect"], spans=1, **{f"unmapped {key}": 1 for key in unmapped})
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
def test_what_is_told_of_a_call_is_true(folder, explained):
    """Every field that the truth file knows: as it was, or not told."""
    truth = json.loads((folder / f"{folder.name}.truth.json").read_text())
    wrong, examples = Counter(), defaultdict(list)
    for attempt, call in pair(truth, explained(folder)):
        seen = compare(attempt, call)
        count(call["dialect"], cases=1, right=len(seen.right), wrong=len(seen.wrong), untold=len(seen.untold))
        for name, (true, told) in seen.wrong.items():
            wrong[name] += 1
            examples[name].append((attempt["seq"], true, told))
    known = TOLD_WRONG.get(folder.name, {})
    assert all(n <= known.get(name, 0) for name, n in wrong.items()), dict(examples)


# --- the mapping cases of another product's tests --------------------------------------

# Their field -> where ours is.
PLACES = {
    "completionStartTime": ("time_to_first_token",),
    "environment": ("environment",),
    "version": ("release",),
    "userId": ("user", "id"),
    "sessionId": ("session", "id"),
    "model": ("request", "model"),
    "modelParameters.temperature": ("request", "temperature"),
    "usageDetails.input": ("usage", "input_tokens"),
    "usageDetails.output": ("usage", "output_tokens"),
    "usageDetails.input_cache_read": ("usage", "cache_read_tokens"),
    "usageDetails.input_cache_creation": ("usage", "cache_write_tokens"),
    "costDetails.total": ("reported_cost", "total"),
    "tags": ("tags",),
}
# By dialects.md, section 1: what the canonical model has no field for, or tells otherwise.
NOT_OURS = {
    "should extract public on trace from langfuse.public": "who may see a trace is no part of a call",
    "should extract usage from gen_ai.usage (custom_tokens)": "a count that only its sender understands stays an attribute",
    "#5412: should map llm.token_count.total to provided_usage_details.total": "a total is input and output, never taken as sent",
    "should fallback to default on observation if no environment present": "what nobody told is not told",
    "should extract Bedrock cache creation tokens from ai.response.providerMetadata":
        "two names for one count, 0 and 100: the first one stands (dialects.md, section 6, rule 5)",
}  # fmt: skip


def mapping_cases():
    if not CASES.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no reference material at {CASES}"))]
    return [pytest.param(case, id=case["title"]) for case in json.loads(CASES.read_text())]


def plain_int(value):
    """protobuf.js writes 64-bit integers as {low, high}."""
    number = value.get("intValue")
    return {"intValue": str(number["low"])} if isinstance(number, dict) else value


def request_of(case):
    """The case's attribute where it says: on a chat's span, on an event of it or on the resource."""
    attributes = [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}]
    resource, events = [], []
    if "otelAttributeKey" in case:
        attributes.append({"key": case["otelAttributeKey"], "value": plain_int(case["otelAttributeValue"])})
    if "otelResourceAttributeKey" in case:
        resource.append({"key": case["otelResourceAttributeKey"], "value": case["otelResourceAttributeValue"]})
    if "otelEventName" in case:
        attribute = {"key": case["otelEventAttributeKey"], "value": case["otelEventAttributeValue"]}
        events.append({"name": case["otelEventName"], "timeUnixNano": "1756000000000000000", "attributes": [attribute]})
    span = {
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "case",
        "startTimeUnixNano": "1755000000000000000", "endTimeUnixNano": "1765000000000000000",
        "attributes": attributes, "events": events,
    }  # fmt: skip
    return {"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"spans": [span]}]}]}


def strings_in(value):
    """Every text in a value, JSON inside JSON opened."""
    if isinstance(value, str):
        try:
            opened = json.loads(value)
        except ValueError:
            return {value}
        return strings_in(opened) if isinstance(opened, (dict, list)) else {value}
    if isinstance(value, (dict, list)):
        return set().union(*map(strings_in, value.values() if isinstance(value, dict) else value))
    return set()


def tells_the_same(case, call):
    field, expected = case["entityAttributeKey"], case["entityAttributeValue"]
    if field in ("input", "output"):
        # Content in our own form: all that was said is there, in messages, a tool's side or a value.
        told = strings_in([call.get(field), call.get("tool"), call.get("system_instructions")])
        said = strings_in(expected) - {"function"}  # the only type of tool call that there is
        return bool(told) and all(any(text in t or t in text for t in told if t) for text in said)
    if field.startswith("metadata."):
        return call["metadata"][field.removeprefix("metadata.")] == expected
    found = call
    for name in PLACES[field]:
        found = found.get(name, {})
    if field == "completionStartTime":
        return isinstance(found, float)
    return found == expected


@pytest.mark.parametrize("case", mapping_cases())
def test_a_mapping_case_tells_the_same(case, tmp_path):
    if case["title"] in NOT_OURS:
        pytest.skip(NOT_OURS[case["title"]])
    path = tmp_path / "case.json"
    path.write_text(json.dumps(request_of(case)))
    one = explain(path)["calls"][0]
    right = tells_the_same(case, one["call"])
    rules = [f["rule"].split(",")[0] for f in one["fields"] if f["from"] != "gen_ai.operation.name"]
    count(rules[0] if rules else "otel-genai", cases=1, right=right, wrong=not right)
    assert right, one["call"]


# --- ./dev test --report ---------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def report(request):
    yield
    if not request.config.getoption("--report"):
        return
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print_report()


def print_report():
    if not CAPTURES.exists():
        print(f"\nno reference material at {FOLDER}: nothing to report")
        return
    print(f"\n{'dialect':24}{'cases':>7}{'right':>7}{'wrong':>7}{'untold':>8}{'spans':>7}  attributes without a rule")
    for dialect, counts in sorted(REPORT.items()):
        keys = sorted(k.removeprefix("unmapped ") for k in counts if k.startswith("unmapped "))
        numbers = "".join(f"{counts[name]:>{width}}" for name, width in
                          (("cases", 7), ("right", 7), ("wrong", 7), ("untold", 8), ("spans", 7)))  # fmt: skip
        print(f"{dialect:24}{numbers}  {len(keys)}{': ' if keys else ''}{', '.join(keys[:5])}{' ...' if len(keys) > 5 else ''}")
    print(f"\n{'client':34}{'answers':>8}{'right':>7}{'wrong':>7}{'text':>9}")
    for name, (result, heads, with_heads) in sorted(CLIENTS.items()):
        print(f"{name:34}{result['answers']:>8}{result['right']:>7}{result['extra'].total():>7}{f'{heads}/{with_heads}':>9}")
