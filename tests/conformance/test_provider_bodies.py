"""What real providers answered, whole and streamed (../shared/reference/cassettes), through the
parsers of provider bodies: each answer's usage is the one that it says itself, by arithmetic that
is written here once more, a provider at a time."""

import json
import subprocess

import pytest

from support import cassettes
from support.process import BINARY

pytestmark = pytest.mark.skipif(not cassettes.CASSETTES.exists(), reason=f"no reference material at {cassettes.CASSETTES}")

COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


def said_of_tokens(chunks):
    """All that an answer, or its chunks, says about tokens: of a stream the last of each count."""
    said = {}
    for chunk in chunks:
        for holder in (chunk, *(chunk.get(k) for k in ("message", "response", "delta", "interaction", "metadata"))):
            if not isinstance(holder, dict):
                continue
            groq = holder.get("x_groq")
            for bag in (
                *(holder.get(k) for k in ("usage", "usageMetadata", "amazon-bedrock-invocationMetrics", "metrics")),
                groq.get("usage") if isinstance(groq, dict) else None,
                {k: holder[k] for k in ("prompt_eval_count", "eval_count") if k in holder},
                {k: holder[k] for k in ("prompt_token_count", "generation_token_count") if k in holder},
                {k: holder[k] for k in ("inputTextTokenCount", "totalOutputTextTokenCount") if k in holder},
            ):
                if isinstance(bag, dict):
                    said.update({k: v for k, v in bag.items() if v is not None})
            meta = holder.get("meta")
            if isinstance(meta, dict):
                said.update({k: v for k, v in meta.items() if k in ("billed_units", "tokens", "cached_tokens")})
            for result in holder.get("results") or []:
                if isinstance(result, dict):
                    said["tokenCount"] = result.get("tokenCount", said.get("tokenCount"))
                    said.update({k: v for k, v in result.items() if k in ("input_token_count", "generated_token_count")})
    return said


def detail(said, *names):
    for name in names:
        if isinstance(said.get(name), dict):
            return said[name]
    return {}


def recorded(said):
    """(input, output, cache read, cache write, reasoning): None is not told."""
    if "prompt_tokens" in said or "completion_tokens" in said:  # OpenAI, and all that speak it
        inner = detail(said, "prompt_tokens_details", "prompt_token_details", "input_tokens_details")
        outer = detail(said, "completion_tokens_details", "completion_token_details", "output_tokens_details")
        read = inner.get("cached_tokens", said.get("prompt_cache_hit_tokens", said.get("cached_tokens")))
        reasoning = outer.get("reasoning_tokens", said.get("reasoning_tokens"))
        output = said.get("completion_tokens")
        # xAI counts reasoning beside the completion, and only its total shows it.
        if reasoning and said.get("total_tokens") == said["prompt_tokens"] + output + reasoning:
            output += reasoning
        return said.get("prompt_tokens"), output, read, inner.get("cache_write_tokens"), reasoning
    if "cache_creation_input_tokens" in said:  # Anthropic
        read, write = said["cache_read_input_tokens"], said["cache_creation_input_tokens"]
        thoughts = detail(said, "output_tokens_details").get("thinking_tokens")
        return said["input_tokens"] + (read or 0) + (write or 0), said.get("output_tokens"), read, write, thoughts
    if "input_tokens_details" in said or "output_tokens_details" in said:  # OpenAI's Responses, images
        inner, outer = detail(said, "input_tokens_details"), detail(said, "output_tokens_details")
        return (said["input_tokens"], said["output_tokens"], inner.get("cached_tokens"), inner.get("cache_write_tokens"),
                outer.get("reasoning_tokens"))
    if "promptTokenCount" in said or "candidatesTokenCount" in said:  # Gemini
        thoughts = said.get("thoughtsTokenCount")
        output = said.get("candidatesTokenCount", said.get("responseTokenCount"))
        total = said.get("totalTokenCount", 0)
        prompt = said.get("promptTokenCount", 0) + said.get("toolUsePromptTokenCount", 0)
        if output is None and total > prompt:
            output = total - prompt - (thoughts or 0)
        return prompt, None if output is None else output + (thoughts or 0), said.get("cachedContentTokenCount"), None, thoughts
    if "total_input_tokens" in said:  # Gemini's interactions
        thoughts = said.get("total_thought_tokens")
        return (said["total_input_tokens"] + said.get("total_tool_use_tokens", 0),
                said["total_output_tokens"] + (thoughts or 0), said.get("total_cached_tokens"), None, thoughts)
    if "inputTokens" in said or "outputTokens" in said:  # Bedrock's Converse
        read, write = said.get("cacheReadInputTokens"), said.get("cacheWriteInputTokens")
        read = said.get("cacheReadInputTokenCount", read)
        write = said.get("cacheWriteInputTokenCount", write)
        plain = said.get("inputTokens")
        return None if plain is None else plain + (read or 0) + (write or 0), said.get("outputTokens"), read, write, None
    if "billed_units" in said or "tokens" in said:  # Cohere: what is billed, which counts no cache
        units = said.get("billed_units") or said["tokens"]
        return units.get("input_tokens"), units.get("output_tokens"), None, None, None
    if "input_tokens" in said:
        return said["input_tokens"], said.get("output_tokens"), None, None, None
    pairs = (("prompt_eval_count", "eval_count"), ("prompt_token_count", "generation_token_count"),
             ("input_token_count", "generated_token_count"), ("input_token_count", "output_token_count"),
             ("inputTextTokenCount", "totalOutputTextTokenCount"), ("inputTextTokenCount", "tokenCount"),
             ("inputTokenCount", "outputTokenCount"))  # fmt: skip
    for first, second in pairs:
        if first in said:
            return said[first], said.get(second), said.get("cacheReadInputTokenCount"), None, None
    return None


def kind_of(exchange):
    return "embeddings" if "embed" in exchange.path else "chat"


@pytest.fixture(scope="module")
def mapped():
    """[(exchange, recorded, call)] of every answer that tells tokens."""
    told = []
    for exchange in cassettes.exchanges():
        if sum(c.get("type") == "response.completed" for c in exchange.chunks()) > 1:
            continue  # several answers in one recording
        counts = recorded(said_of_tokens(exchange.chunks()))
        if counts and any(isinstance(c, (int, float)) for c in counts[:2]):
            told.append((exchange, counts))
    spans = [
        {
            "traceId": f"{n + 1:032x}", "spanId": f"{n + 1:016x}", "name": "call",
            "startTimeUnixNano": "1755000000000000000", "endTimeUnixNano": "1755000001000000000",
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": kind_of(exchange)}},
                {"key": "gen_ai.prompt", "value": {"stringValue": exchange.request}},
                {"key": "gen_ai.completion", "value": {"stringValue": exchange.response}},
            ],
        }
        for n, (exchange, _) in enumerate(told)
    ]  # fmt: skip
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    done = subprocess.run([BINARY, "explain", "--json", "-"], input=body.encode(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    calls = {int(c["span_id"], 16) - 1: c["call"] for c in json.loads(done.stdout)["calls"]}
    return [(exchange, counts, calls[n]) for n, (exchange, counts) in enumerate(told)]


def differs(counts, call):
    """The counts that are not as recorded. One that is recorded as 0 may be left out."""
    usage = call.get("usage", {})
    return {
        name: (count, usage.get(name))
        for name, count in zip(COUNTS, counts)
        if count is not None and usage.get(name) != count and (count or usage.get(name))
    }


def test_the_usage_of_every_recorded_answer_is_the_recorded_one(mapped):
    wrong = [(exchange.name, differs(counts, call)) for exchange, counts, call in mapped if differs(counts, call)]
    assert len(mapped) > 1400
    assert not wrong, (len(wrong), wrong[:60])
