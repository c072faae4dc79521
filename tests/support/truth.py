"""What a captured client really did (its truth file, from the provider's journal) beside the calls that
`telltale explain` makes of its spans."""

from collections import Counter
from dataclasses import dataclass, field

MODEL_KINDS = {"llm", "completion", "embedding", "reranker"}
PROVIDERS = {"google": "gcp.gemini", "gemini": "gcp.gemini", "mistral": "mistral_ai"}
KINDS = {"chat": "llm", "responses": "llm", "generate_content": "llm", "embeddings": "embedding",
         "text_completion": "completion"}  # fmt: skip
FINISHES = {"end_turn": "stop", "STOP": "stop", "tool_calls": "tool_call", "tool_use": "tool_call",
            "max_tokens": "length", "MAX_TOKENS": "length"}  # fmt: skip


@dataclass
class Compared:
    """One attempt at the provider beside the call that tells it: {field: (truth, told)}."""

    answer: dict
    call: dict
    right: set = field(default_factory=set)
    wrong: dict = field(default_factory=dict)
    untold: set = field(default_factory=set)

    def check(self, name, truth, told):
        if told == truth:
            self.right.add(name)
        elif told in (None, "", []):
            self.untold.add(name)
        else:
            self.wrong[name] = (truth, told)


def counted_calls(explained):
    return [
        c["call"]
        for c in explained["calls"]
        if c["call"]["kind"] in MODEL_KINDS
        and "duplicate_of" not in c["call"]
        and c["call"].get("usage", {}).get("scope", "own") == "own"
    ]


def tokens_of(call):
    usage = call.get("usage", {})
    return (usage.get("input_tokens"), usage.get("output_tokens") or 0)


def text_of(messages):
    return "".join(p.get("content", "") for m in messages for p in m["parts"] if p["type"] == "text")


def asked(call):
    return text_of(call.get("input", {}).get("messages", [])) + "".join(call.get("embedding", {}).get("text", []))


def answered(call):
    return text_of(call.get("output", {}).get("messages", []))


def tools_called(call):
    parts = [p for m in call.get("output", {}).get("messages", []) for p in m["parts"]]
    return sorted(p.get("name", "") for p in parts if p["type"] == "tool_call")


def pair(truth, explained):
    """[(attempt, call)]: by the answer's id, else by its tokens, else by what was asked of which model."""
    left = counted_calls(explained)
    pairs, rest = [], truth["model_calls"]

    def take(attempts, is_match):
        unmatched = []
        for attempt in attempts:
            call = next((c for c in left if is_match(attempt, c)), None)
            if call is None:
                unmatched.append(attempt)
            else:
                left.remove(call)
                pairs.append((attempt, call))
        return unmatched

    def id_of(call):
        return call.get("response", {}).get("id")

    ids = {a["response_id"] for a in rest if a["response_id"]}
    rest = take(rest, lambda a, c: a["response_id"] and id_of(c) == a["response_id"])
    rest = take(rest, lambda a, c: a["input_tokens"] and id_of(c) not in ids
                and tokens_of(c) == (a["input_tokens"], a["output_tokens"] or 0))  # fmt: skip
    take(rest, lambda a, c: a["prompt_head"] and id_of(c) not in ids and a["prompt_head"][:40] in asked(c)
         and a["requested_model"] in (c.get("request", {}).get("model"), c.get("response", {}).get("model")))  # fmt: skip
    return pairs


def compare(attempt, call):
    seen = Compared(attempt, call)
    request, response, usage = call.get("request", {}), call.get("response", {}), call.get("usage", {})
    provider = PROVIDERS.get(attempt["provider"], attempt["provider"])
    seen.check("provider", provider, (call.get("provider") or "").replace("gcp.gen_ai", "gcp.gemini"))
    seen.check("kind", KINDS[attempt["operation"]], call["kind"])
    seen.check("request.model", attempt["requested_model"], request.get("model"))
    seen.check("stream", attempt["streaming"] or None, call.get("stream") or None)
    if attempt["http_status"] != 200 or attempt["error"]:
        seen.check("failed", True, call.get("failed"))
        return seen
    seen.check("failed", None, call.get("failed"))
    seen.check("response.model", attempt["response_model"], response.get("model"))
    if attempt["response_id"]:
        seen.check("response.id", attempt["response_id"], response.get("id"))
    for ours, theirs in (("input_tokens", "input_tokens"), ("output_tokens", "output_tokens"),
                         ("cache_read_tokens", "cached_tokens"), ("cache_write_tokens", "cache_write_tokens"),
                         ("reasoning_tokens", "reasoning_tokens")):  # fmt: skip
        if attempt[theirs]:
            seen.check(f"usage.{ours}", attempt[theirs], usage.get(ours))
    if attempt["finish_reason"]:
        reasons = response.get("finish_reasons", [])
        finish = FINISHES.get(attempt["finish_reason"], attempt["finish_reason"])
        seen.check("response.finish_reasons", finish, reasons[0] if reasons else None)
    for name, head, text in (("input", attempt["prompt_head"], asked(call)), ("output", attempt["answer_head"], answered(call))):
        if head:
            seen.check(name, head[:40], head[:40] if head[:40] in text else text)
    if attempt["tool_calls"]:
        seen.check("tool_calls", sorted(attempt["tool_calls"]), tools_called(call))
    return seen


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
