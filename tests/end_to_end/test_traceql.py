"""TraceQL over a real store, held against a reader of the same traces that is written down here.

Queries are made at random, each as text and as what it means; what the server finds has to be
what the meaning says, for traces, for spans, for sums and for calls.
"""

import collections
import itertools
import math
import operator
import random
import re
import time

import pytest

from support import otlp
from support.api import eventually

MS = otlp.MS
TRACES = 120
NAMES = ["plan", "chat", "search", "GET /", "embed"]
SERVICES = ["shop", "web", "agent"]
MODELS = {"gpt-4o-mini": "openai", "claude-sonnet-4-5": "anthropic"}
STATUSES = ["unset", "ok", "error"]
KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Span:
    """What was sent, with its place in the tree."""

    def __init__(self, trace, index, parent):
        self.trace, self.index, self.parent = trace, index, parent
        self.children = []
        self.resource = {}
        self.attributes = {}
        self.events = []

    def key(self):
        return self.id.hex()

    def own(self, name):
        return self.attributes.get(name)

    def either(self, name):
        return self.attributes[name] if name in self.attributes else self.resource.get(name)

    @property
    def is_call(self):
        return "gen_ai.operation.name" in self.attributes

    def call(self, name):
        return self.attributes.get(name) if self.is_call else None

    def ancestors(self):
        at = self.parent
        while at is not None:
            yield at
            at = at.parent


class Trace:
    def __init__(self, chance, start):
        self.id = otlp.new_trace_id()
        self.spans = []
        size = chance.choice([1, 2, 3, 5, 8, 12])
        for index in range(size):
            parent = chance.choice(self.spans) if self.spans else None
            span = Span(self, index, parent)
            self.spans.append(span)
            if parent is not None:
                parent.children.append(span)
            fill(span, chance, start + index * MS)
        self.start = min(s.start for s in self.spans)
        self.duration = max(s.start + s.duration for s in self.spans) - self.start
        self.root = self.spans[0]


def fill(span, chance, start):
    span.id = otlp.new_span_id()
    span.start = start
    span.duration = chance.randrange(1, 400) * MS
    span.name = chance.choice(NAMES)
    span.status = chance.randrange(3)
    span.kind = chance.randrange(6)
    span.service = chance.choice(SERVICES)
    span.resource = {"zone": "eu" if span.service == "shop" else "us"}
    if span.service != "agent":
        span.resource["region"] = "north"
    attributes = {
        "n": chance.randrange(-5, 20),
        "m": chance.randrange(100_000, 100_003),
        "f": chance.randrange(0, 8) / 4,
        "s": chance.choice(["a", "ab", "b\n", "", 'q"uote']),
        "b": chance.random() < 0.5,
        "region": chance.choice(["south", "north"]),
        "mixed": chance.choice([7, "7", 7.0, True]),
    }
    span.attributes = {k: v for k, v in attributes.items() if chance.random() < 0.6}
    # A call inside of a call would tell the same tokens twice.
    if chance.random() < 0.5 and not any(above.is_call for above in span.ancestors()):
        model = chance.choice(list(MODELS))
        span.attributes |= {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": MODELS[model],
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": chance.randrange(1, 500),
            "gen_ai.usage.output_tokens": chance.randrange(1, 50),
        }
    for _ in range(chance.choice([0, 0, 1, 2])):
        event = {"name": chance.choice(["retry", "exception"]), "attributes": {}}
        if chance.random() < 0.7:
            event["attributes"]["code"] = chance.randrange(3)
        span.events.append(event)


def send(traces, door):
    """Each trace in a request of its own service by service."""
    resources = []
    for trace in traces:
        for span in trace.spans:
            made = otlp.span(
                trace.id,
                span.name,
                span_id=span.id,
                parent=span.parent.id if span.parent else b"",
                start=span.start,
                duration=span.duration,
                attributes=span.attributes,
                kind=span.kind,
                events=[otlp.event(e["name"], span.start + MS, **e["attributes"]) for e in span.events],
            )
            made.status.code = span.status
            resources.append(otlp.resource_spans([made], service=span.service, scope="made", resource=span.resource))
    for at in range(0, len(resources), 200):
        door.send(otlp.Request(resource_spans=resources[at : at + 200]))


@pytest.fixture(scope="module")
def traces(server):
    chance = random.Random(20261125)
    begin = time.time_ns() - 3600 * otlp.SECOND
    made = [Trace(chance, begin + i * otlp.SECOND) for i in range(TRACES)]
    with otlp.HttpDoor(server.otlp_http) as door:
        send(made, door)
    calls = sum(span.is_call for trace in made for span in trace.spans)
    eventually(
        lambda: [len(server.api.get(f"/api/v1/{path}", limit=1000)["items"]) for path in ("traces", "calls")],
        lambda counts: counts == [TRACES, calls],
    )
    return made


# --- conditions: (text, meaning of a span) -----------------------------------------------


def compare(op, left, right):
    """As the language has it: what is not there, or of another type, compares with nothing."""
    if left is None or right is None:
        return False
    numbers = [isinstance(x, (int, float)) and not isinstance(x, bool) for x in (left, right)]
    if not all(numbers) and type(left) is not type(right):
        return False
    if isinstance(left, bool) and op not in ("=", "!="):
        return False
    if isinstance(left, str):
        left, right = left.encode(), right.encode()
    return COMPARE[op](left, right)


def matches(value, pattern):
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class Conditions:
    """Makes conditions; `chance` decides which."""

    def __init__(self, chance):
        self.chance = chance

    def pick(self, *options):
        return self.chance.choice(options)

    def op(self):
        return self.pick("=", "!=", "<", "<=", ">", ">=")

    def equality(self):
        return self.pick("=", "!=")

    def number(self):
        """A number that reads the span."""
        plain = [
            ("span.n", lambda s: s.own("n")),
            (".n", lambda s: s.either("n")),
            (".m", lambda s: s.either("m")),
            ("span.f", lambda s: s.own("f")),
            ("span:childCount", lambda s: len(s.children)),
            ("call.input_tokens", lambda s: s.call("gen_ai.usage.input_tokens")),
            ("parent.n", lambda s: s.parent.either("n") if s.parent else None),
        ]
        if self.chance.random() < 0.7:
            return self.chance.choice(plain)
        (left, of_left), (right, of_right) = self.chance.choice(plain), self.chance.choice(plain)
        symbol, apply = self.pick(("+", operator.add), ("-", operator.sub), ("*", operator.mul))

        def value(s):
            a, b = of_left(s), of_right(s)
            return None if a is None or b is None else apply(a, b)

        return f"{left} {symbol} {right}", value

    def atom(self):
        return self.pick(
            self.of_number,
            self.of_number,
            self.of_duration,
            self.of_text,
            self.of_pattern,
            self.of_word,
            self.of_nil,
            self.of_boolean,
            self.of_event,
            self.of_call,
            self.of_trace,
            self.of_mixed,
        )()

    def of_number(self):
        text, value = self.number()
        op, bound = self.op(), self.pick(-3, 0, 1, 2, 7, 12, 0.5, 1.25, 100_000, 100_001, 250)
        return f"{text} {op} {bound}", lambda s: compare(op, value(s), bound)

    def of_duration(self):
        op, ms = self.op(), self.chance.randrange(1, 400)
        if self.chance.random() < 0.3:
            factor = self.pick(1, 2)
            return (
                f"duration * {factor} {op} parent.duration",
                lambda s: compare(op, s.duration * factor, s.parent.duration if s.parent else None),
            )
        return f"duration {op} {ms}ms", lambda s: compare(op, s.duration, ms * MS)

    def of_text(self):
        op = self.op()
        field, value, bound = self.pick(
            ("name", lambda s: s.name, self.pick(*NAMES)),
            ("span.s", lambda s: s.own("s"), self.pick("a", "ab", "", "b\n", 'q"uote')),
            (".region", lambda s: s.either("region"), self.pick("north", "south")),
            ("resource.region", lambda s: s.resource.get("region"), self.pick("north", "south")),
            ("resource.service.name", lambda s: s.service, self.pick(*SERVICES)),
            (".zone", lambda s: s.either("zone"), self.pick("eu", "us")),
            ("parent.region", lambda s: s.parent.either("region") if s.parent else None, "north"),
            ("instrumentation:name", lambda s: "made", self.pick("made", "other")),
        )
        return f"{field} {op} {quoted(bound)}", lambda s: compare(op, value(s), bound)

    def of_pattern(self):
        negated = self.chance.random() < 0.4
        field, value, pattern = self.pick(
            ("name", lambda s: s.name, self.pick("ch.*", ".*a.*", "GET /", "[ps].*")),
            ("span.s", lambda s: s.own("s"), self.pick("a.?", "b", "b.", ".*", "")),
            (".region", lambda s: s.either("region"), "no.*"),
            ("call.model", lambda s: s.call("gen_ai.request.model"), self.pick("gpt.*", ".*")),
        )

        def holds(s):
            return isinstance(value(s), str) and matches(value(s), pattern) != negated

        return f"{field} {'!~' if negated else '=~'} {quoted(pattern)}", holds

    def of_word(self):
        op = self.equality()
        if self.chance.random() < 0.5:
            word = self.pick(*STATUSES)
            return f"status {op} {word}", lambda s: compare(op, STATUSES[s.status], word)
        word = self.pick(*KINDS)
        return f"kind {op} {word}", lambda s: compare(op, KINDS[s.kind], word)

    def of_nil(self):
        op = self.equality()
        field, there = self.pick(
            ("span.n", lambda s: s.own("n") is not None),
            (".region", lambda s: s.either("region") is not None),
            ("resource.region", lambda s: "region" in s.resource),
            ("parent", lambda s: s.parent is not None),
            ("call.kind", lambda s: s.is_call),
            ("call.input_tokens", lambda s: s.is_call),
            ("event:name", lambda s: bool(s.events)),
            ("parent.n", lambda s: s.parent is not None and s.parent.either("n") is not None),
        )
        return f"{field} {op} nil", lambda s: there(s) == (op == "!=")

    def of_boolean(self):
        if self.chance.random() < 0.5:
            return "span.b", lambda s: s.own("b") is True
        op, truth = self.equality(), self.pick(True, False)
        return f"span.b {op} {str(truth).lower()}", lambda s: compare(op, s.own("b"), truth)

    def of_event(self):
        op = self.op()
        if self.chance.random() < 0.5:
            name = self.pick("retry", "exception")
            return f"event:name {op} {quoted(name)}", lambda s: any(compare(op, e["name"], name) for e in s.events)
        code = self.chance.randrange(3)
        return f"event.code {op} {code}", lambda s: any(compare(op, e["attributes"].get("code"), code) for e in s.events)

    def of_call(self):
        op, model = self.equality(), self.pick(*MODELS)
        return self.pick(
            (f"call.kind {op} llm", lambda s: s.is_call and op == "="),
            (f"call.model {op} {quoted(model)}", lambda s: compare(op, s.call("gen_ai.request.model"), model)),
            (
                f"call.provider {op} {quoted(MODELS[model])}",
                lambda s: compare(op, s.call("gen_ai.provider.name"), MODELS[model]),
            ),
            ("call.cost > 0", lambda s: s.is_call),
            (
                "call.input_tokens + call.output_tokens > 200",
                lambda s: s.is_call
                and s.own("gen_ai.usage.input_tokens") + s.own("gen_ai.usage.output_tokens") > 200,
            ),
        )

    def of_trace(self):
        op, ms, name = self.op(), self.chance.randrange(50, 500), self.pick(*NAMES)
        equality = self.equality()
        return self.pick(
            (f"trace:duration {op} {ms}ms", lambda s: compare(op, s.trace.duration, ms * MS)),
            (f"rootName {equality} {quoted(name)}", lambda s: compare(equality, s.trace.root.name, name)),
            ("nestedSetParent < 0", lambda s: s.parent is None),
            ("nestedSetParent > 0", lambda s: s.parent is not None),
        )

    def of_mixed(self):
        op, bound = self.equality(), self.pick(7, "7", True)
        text = quoted(bound) if isinstance(bound, str) else str(bound).lower()
        return f"span.mixed {op} {text}", lambda s: compare(op, s.own("mixed"), bound)

    def condition(self, depth=2):
        roll = self.chance.random()
        if depth == 0 or roll < 0.4:
            return self.atom()
        if roll < 0.5:
            text, holds = self.condition(depth - 1)
            return f"!({text})", lambda s: not holds(s)
        (left, a), (right, b) = self.condition(depth - 1), self.condition(depth - 1)
        if roll < 0.75:
            return f"({left}) && ({right})", lambda s: a(s) and b(s)
        return f"({left}) || ({right})", lambda s: a(s) or b(s)


# --- sets of spans: (text, meaning: spans of one trace -> spans) --------------------------

RELATIONS = {
    ">": lambda left, right: right.parent is left,
    ">>": lambda left, right: left in right.ancestors(),
    "<": lambda left, right: left.parent is right,
    "<<": lambda left, right: right in left.ancestors(),
    "~": lambda left, right: left is not right and left.parent is not None and left.parent is right.parent,
}


def structural(symbol, form, left, right):
    related = RELATIONS[symbol]
    having = [r for r in right if any(related(l, r) for l in left)]
    if form == "!":
        return [r for r in right if r not in having]
    if form == "":
        return having
    return [l for l in left if any(related(l, r) for r in right)] + having


class Spansets:
    def __init__(self, chance):
        self.chance = chance
        self.conditions = Conditions(chance)

    def filter(self):
        if self.chance.random() < 0.05:
            return "{ }", list
        text, holds = self.conditions.condition()
        return f"{{ {text} }}", lambda spans: [s for s in spans if holds(s)]

    def spanset(self, depth=2):
        roll = self.chance.random()
        if depth == 0 or roll < 0.35:
            return self.filter()
        (left, a), (right, b) = self.spanset(depth - 1), self.spanset(depth - 1)
        if roll < 0.5:
            return f"({left}) || ({right})", lambda spans: a(spans) + b(spans)
        if roll < 0.65:

            def both(spans):
                some, more = a(spans), b(spans)
                return some + more if some and more else []

            return f"({left}) && ({right})", both
        symbol, form = self.chance.choice(list(RELATIONS)), self.chance.choice(["", "!", "&"])
        return f"({left}) {form}{symbol} ({right})", lambda spans: structural(symbol, form, a(spans), b(spans))

    def query(self):
        """Text, and meaning: a trace -> sets of spans."""
        text, spans = self.spanset()

        def sets(trace):
            found = unique(spans(trace.spans))
            return [found] if found else []

        for _ in range(self.chance.choice([0, 0, 1, 2])):
            text, sets = self.staged(text, sets)
        return text, sets

    def staged(self, text, sets):
        roll = self.chance.random()
        if roll < 0.35:
            op, bound = self.conditions.op(), self.chance.randrange(4)
            return f"{text} | count() {op} {bound}", lambda t: [s for s in sets(t) if COMPARE[op](len(s), bound)]
        if roll < 0.6:
            function, apply = self.chance.choice(
                [("avg", lambda v: sum(v) / len(v)), ("min", min), ("max", max), ("sum", sum)]
            )
            number, value = self.conditions.number()
            op, bound = self.conditions.op(), self.chance.choice([-1, 1, 5, 10.5, 100_000])

            def kept(t):
                for one in sets(t):
                    values = [v for v in map(value, one) if v is not None]
                    if values and COMPARE[op](apply(values), bound):
                        yield one

            return f"{text} | {function}({number}) {op} {bound}", lambda t: list(kept(t))
        if roll < 0.8:

            def split(t):
                for one in sets(t):
                    parts = collections.defaultdict(list)
                    for s in one:
                        parts[s.name, s.own("n")].append(s)
                    yield from parts.values()

            return f"{text} | by(name, span.n)", lambda t: list(split(t))
        if roll < 0.9:
            return f"{text} | coalesce()", lambda t: [u for u in [unique(itertools.chain(*sets(t)))] if u]
        more, holds = self.conditions.condition()
        return f"{text} | {{ {more} }}", lambda t: [k for s in sets(t) if (k := [x for x in s if holds(x)])]


def unique(spans):
    return sorted(set(spans), key=lambda s: s.index)


def meant(sets, traces):
    """Trace id -> its sets, each as sorted ids."""
    answer = {}
    for trace in traces:
        found = [sorted(s.key() for s in one) for one in sets(trace) if one]
        if found:
            answer[trace.id.hex()] = sorted(found)
    return answer


def found(api, query, **more):
    answer = {}
    cursor = {}
    while True:
        page = api.get("/api/v1/traces", q=query, spans=100, limit=50, **cursor, **more)
        for item in page["items"]:
            assert item["trace_id"] not in answer, "a trace stands on two pages"
            answer[item["trace_id"]] = sorted(sorted(s["span_id"] for s in m["spans"]) for m in item["matches"])
        if not page["next"]:
            return answer
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize("seed", range(12))
def test_finds_what_the_query_means(traces, server, seed):
    chance = random.Random(seed)
    some = 0
    for _ in range(25):
        query, sets = Spansets(chance).query()
        expected = meant(sets, traces)
        assert found(server.api, query) == expected, query
        some += 0 < len(expected) < TRACES
    assert some > 5


@pytest.mark.parametrize("seed", range(4))
def test_a_filter_alone_finds_the_same_traces_without_their_spans(traces, server, seed):
    chance = random.Random(100 + seed)
    for _ in range(25):
        text, spans = Spansets(chance).filter()
        expected = {t.id.hex() for t in traces if spans(t.spans)}
        items = server.api.get("/api/v1/traces", q=text, limit=1000)["items"]
        assert {item["trace_id"] for item in items} == expected, text
        assert all("matches" not in item for item in items)


def test_a_service_beside_the_query_holds_on_a_span_that_the_query_leaves(traces, server):
    for query, sets in [
        ('{ name = "chat" }', lambda t: [[s for s in t.spans if s.name == "chat"]]),
        (
            '{ name = "plan" } >> { name = "chat" }',
            lambda t: [structural(">>", "", [s for s in t.spans if s.name == "plan"], [s for s in t.spans if s.name == "chat"])],
        ),
    ]:
        expected = {
            t.id.hex() for t in traces if any(s.service == "shop" for one in sets(t) for s in one)
        }
        assert set(found(server.api, query, service="shop")) == expected


def test_calls_and_their_sums_are_those_of_the_spans(traces, server):
    chance = random.Random(7)
    for _ in range(20):
        query, spans = Spansets(chance).spanset(depth=1)
        expected = {
            (t.id.hex(), s.key()): s for t in traces for s in unique(spans(t.spans)) if s.is_call
        }
        calls = server.api.get("/api/v1/calls", q=query, limit=1000)["items"]
        assert {(c["trace_id"], c["span_id"]) for c in calls} == set(expected), query
        rows = server.api.get("/api/v1/aggregate", q=query, by="model")["items"]
        tokens = collections.Counter()
        for span in expected.values():
            tokens[span.call("gen_ai.request.model")] += span.own("gen_ai.usage.input_tokens")
        assert {r["key"]["model"]: r["input_tokens"] for r in rows} == dict(tokens), query


METRICS = {
    "count_over_time()": len,
    "sum_over_time(span.n)": lambda spans: told(spans, sum),
    "avg_over_time(span.n)": lambda spans: told(spans, lambda v: sum(v) / len(v)),
    "min_over_time(span.n)": lambda spans: told(spans, min),
    "max_over_time(duration)": lambda spans: max((s.duration / 1e9 for s in spans), default=None),
}


def told(spans, apply):
    values = [v for s in spans if (v := s.own("n")) is not None]
    return apply(values) if values else None


@pytest.mark.parametrize("seed", range(4))
def test_series_add_up_what_the_query_leaves(traces, server, seed):
    chance = random.Random(200 + seed)
    first = min(t.start for t in traces)
    for _ in range(10):
        query, spans = Spansets(chance).spanset(depth=1)
        metric = chance.choice(list(METRICS))
        groups = collections.defaultdict(list)
        for trace in traces:
            for span in unique(spans(trace.spans)):
                groups[span.name].append(span)
        expected = {name: value for name, group in groups.items() if (value := METRICS[metric](group)) is not None}
        # One step that holds everything.
        answer = server.api.get(
            "/api/v1/series", q=f"{query} | {metric} by (name)", start=first - otlp.SECOND, step="24000h"
        )
        seen = {}
        for one in answer["series"]:
            values = [v for v in one["values"] if v]
            if values or metric != "count_over_time()":
                told_values = [v for v in one["values"] if v is not None]
                seen[one["labels"]["name"]] = told_values[-1] if len(told_values) == 1 else sum(told_values)
        assert seen == pytest.approx(expected), f"{query} | {metric}"


def test_steps_quantiles_histograms_and_the_largest(traces, server):
    spans = [s for t in traces for s in t.spans]
    first = min(t.start for t in traces)

    def series(query, **more):
        return server.api.get("/api/v1/series", q=query, start=first - 60 * otlp.SECOND, **more)

    steps = series("{ } | count_over_time()", step="1m")
    begin, step = int(steps["start_unix_nano"]), int(steps["step_nano"])
    assert begin % step == 0
    counted = collections.Counter((s.start - begin) // step for s in spans)
    assert steps["series"][0]["values"] == [counted[i] for i in range(len(steps["series"][0]["values"]))]

    quantiles = series("{ } | quantile_over_time(duration, 0.5, 0.9)", step="24000h")["series"]
    durations = sorted(s.duration / 1e9 for s in spans)
    for one in quantiles:
        expected = durations[int(one["labels"]["p"] * (len(durations) - 1))]
        assert [v for v in one["values"] if v is not None] == [pytest.approx(expected, rel=0.02)]

    buckets = series("{ } | histogram_over_time(duration)", step="24000h")["series"]
    expected = collections.Counter(2 ** math.ceil(math.log2(d)) for d in durations)
    assert {b["labels"]["__bucket"]: max(b["values"]) for b in buckets} == expected

    of_names = collections.Counter(s.name for s in spans)
    largest = series("{ } | count_over_time() by (name) | topk(2)", step="24000h")["series"]
    assert sorted(max(v or 0 for v in one["values"]) for one in largest) == sorted(n for _, n in of_names.most_common(2))
    above = series("{ } | count_over_time() by (name) > 1000000", step="24000h")
    assert above["series"] == []

    exemplars = series("{ status = error } | rate() by (name)", step="1m", exemplars=20)["series"]
    shown = [e for one in exemplars for e in one["exemplars"]]
    assert 0 < len(shown) <= 20
    errors = {s.key() for s in spans if s.status == 2}
    assert {e["span_id"] for e in shown} <= errors


def test_compare_counts_values_among_the_selection_and_among_the_others(traces, server):
    spans = [s for t in traces for s in t.spans]
    answer = server.api.get(
        "/api/v1/series",
        q="{ } | compare({ status = error }, 100)",
        start=min(t.start for t in traces) - otlp.SECOND,
        step="24000h",
    )
    seen = {}
    for one in answer["series"]:
        labels = dict(one["labels"])
        kind = labels.pop("__meta_type")
        ((name, value),) = labels.items()
        seen[kind, name, value] = sum(one["values"])
    for kind, wanted in [("selection", lambda s: s.status == 2), ("baseline", lambda s: s.status != 2)]:
        some = [s for s in spans if wanted(s)]
        for name, count in collections.Counter(s.name for s in some).items():
            assert seen[kind, "name", name] == count
        for zone, count in collections.Counter(s.resource["zone"] for s in some).items():
            assert seen[kind, "resource.zone", zone] == count
        for n, count in collections.Counter(s.own("n") for s in some if "n" in s.attributes).items():
            assert seen[kind, "span.n", n] == count
        assert seen[f"{kind}_total", "span.n", None] == sum("n" in s.attributes for s in some)


def test_shows_what_the_query_reads_and_selects(traces, server):
    query = '{ name = "chat" && span.n != nil } | select(span.f, nestedSetLeft, resource.zone, trace:rootName)'
    spans = {s.key(): s for t in traces for s in t.spans}
    seen = 0
    for item in server.api.get("/api/v1/traces", q=query, spans=100, limit=1000)["items"]:
        for shown in itertools.chain(*(m["spans"] for m in item["matches"])):
            span, attributes = spans[shown["span_id"]], shown["attributes"]
            assert attributes["name"] == "chat"
            assert attributes["span.n"] == span.own("n")
            assert attributes.get("span.f") == span.own("f")
            assert attributes["resource.zone"] == span.resource["zone"]
            assert attributes["trace:rootName"] == span.trace.root.name
            assert (attributes["nestedSetLeft"] == 1) == (span.parent is None)
            assert int(shown["duration_nano"]) == span.duration
            seen += 1
    assert seen == sum(s.name == "chat" and "n" in s.attributes for s in spans.values())


@pytest.mark.parametrize(
    ("path", "query", "message", "hint"),
    [
        ("traces", "{ status = eror }", "column 12: unknown status `eror`", "error?"),
        ("traces", "{ } | rate()", "a series over time, and traces were asked for", "take the metric off"),
        ("calls", "{ } | rate()", "a series over time, and calls were asked for", "take the metric off"),
        ("series", "{ }", "a series over time was asked for", "end it with a metric"),
        ("series", "", "is required", "TraceQL query"),
        ("traces", "{ nestedSetLeft > 3 }", "`nestedSetLeft` cannot be compared", "finds roots"),
        ("traces", "{ event.a = link.b }", "compares an event with a link", "compare each"),
        ("series", "{ parent.n = 1 } | compare({ })", "conditions on the span itself", "compare("),
    ],
)
def test_says_what_is_wrong_with_a_query(server, path, query, message, hint):
    answer = server.api.error(f"/api/v1/{path}", 400, q=query)
    assert message in answer["message"]
    assert hint in answer["hint"]


def test_says_when_a_query_is_too_large(server):
    answer = server.api.error("/api/v1/traces", 422, q=" && ".join(["{ }"] * 65))
    assert "65 filters: at most 64" in answer["message"]


def test_finds_nothing_in_an_empty_range(server, traces):
    answer = server.api.get("/api/v1/traces", q="{ } >> { }", start=1, end=2)
    assert answer == {"items": [], "next": None}
    series = server.api.get("/api/v1/series", q="{ } | rate()", start=1, end=2 * otlp.SECOND, step="1s")
    assert [one["values"] for one in series["series"]] == [[0, 0]]
