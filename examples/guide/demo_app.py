"""A small LLM app that never stops talking: the traffic behind `telltale demo`.

Several services answer invented users: questions over a few documents, streamed chats,
an agent with a tool, parallel summaries, and what goes wrong in between (a rate limit
that a retry survives, a timeout, an exception). Real opentelemetry-sdk, real OTLP/gRPC,
real openai client.

It first writes traces of the last two hours, so that lists and charts are not empty,
and then goes on live until SIGINT or SIGTERM. OPENAI_BASE_URL and OPENAI_API_KEY name the
provider, OTEL_EXPORTER_OTLP_ENDPOINT the back end. The history and the failures are asked
for with the headers of `telltale simulate`, so with any other provider the app does without.
"""

import argparse
import contextvars
import json
import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import openai
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

SERVICES = {"chat-web": "2.3.1", "llm-service": "1.8.0", "retrieval-service": "0.9.4", "weather-tool": "1.0.2"}
USERS = ["amara", "björn", "chen", "dolores", "eitan", "fatima", "goran", "hana"]
MODELS = ["gpt-4o-mini", "gpt-4o-mini", "gpt-4o", "gpt-4.1", "gpt-4", "o3-mini"]
EMBEDDING_MODEL = "text-embedding-3-small"
# Dollars per million tokens, prompt and completion.
PRICES = {
    "gpt-4o-mini": (0.15, 0.60),
    "gpt-4o": (2.50, 10.00),
    "gpt-4.1": (2.00, 8.00),
    "gpt-4": (30.00, 60.00),
    "o3-mini": (1.10, 4.40),
    EMBEDDING_MODEL: (0.02, 0.0),
}
DOCUMENTS = {
    "brewing": "Coffee tastes best when the water is between 90 and 96 degrees and the beans are fresh.",
    "tracing": "A trace shows where the time of a request went. Every retry is a span of its own.",
    "refunds": "A refund reaches the card of the customer within five working days.",
    "delivery": "The address of an order can be changed until the parcel is packed.",
    "indexes": "An index makes a query on a large database table fast and inserts a little slower.",
    "gardens": "Water a garden deeply and seldom, and cover the soil of young plants.",
    "travel": "Trains between neighbouring cities are often quicker than a flight from door to door.",
    "debugging": "A bug that can be repeated is half repaired. Change one thing at a time.",
}
QUESTIONS = [
    "How hot should the water for coffee be?",
    "Why does my query on a large table take so long?",
    "When does a refund reach my card?",
    "How do I find the slow step of a request?",
    "Can I still change the address of my order?",
    "How often should I water the garden?",
    "Is a train quicker than a flight between two cities?",
    "Give me steps to find a bug that happens once a day.",
]
CITIES = ["Lisbon", "Oslo", "Nairobi", "Kyoto", "Quito", "Toronto"]
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city today",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class LiveClock:
    """Time as it passes."""

    headers = {}

    def now(self):
        return time.time_ns()

    def work(self, seconds):
        time.sleep(seconds)

    def answered(self, seconds):
        pass

    def fork(self):
        return self

    def join(self, forks):
        pass


class PastClock:
    """Time that is over: nothing waits, but spans get the durations they would have had."""

    headers = {"x-simulate-latency-ms": "0", "x-simulate-tokens-per-second": "0"}

    def __init__(self, start_ns):
        self._now_ns = start_ns

    def now(self):
        return self._now_ns

    def work(self, seconds):
        self._now_ns += int(seconds * 1e9)

    # The provider has answered at once; this is how long it would have taken.
    answered = work

    def fork(self):
        return PastClock(self._now_ns)

    def join(self, forks):
        self._now_ns = max([self._now_ns] + [fork._now_ns for fork in forks])


class Run:
    """One request of one user: its clock, its luck, its session."""

    def __init__(self, app, number, clock):
        self.app = app
        self.clock = clock
        self.random = random.Random(f"{app.seed}/{number}")
        self.user = self.random.choice(USERS)
        self.session = f"{self.user[0]}-{self.random.randrange(40):02d}"
        self.model = self.random.choice(MODELS)
        self.failed = False

    def fork(self):
        twin = Run.__new__(Run)
        twin.__dict__.update(self.__dict__)
        twin.clock = self.clock.fork()
        return twin

    def work(self, milliseconds):
        """Our own code takes about so long."""
        self.clock.work(self.random.lognormvariate(0, 0.4) * milliseconds / 1000)

    @contextmanager
    def span(self, service, name, kind=SpanKind.INTERNAL, attributes=None, links=None):
        span = self.app.tracers[service].start_span(
            name, kind=kind, attributes=attributes, links=links, start_time=self.clock.now()
        )
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield span
        except Exception as error:
            self.failed = True
            span.record_exception(error, timestamp=self.clock.now())
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, str(error)))
            raise
        finally:
            span.end(end_time=self.clock.now())

    @contextmanager
    def web_request(self, route, links=None):
        attributes = {
            "http.request.method": "POST",
            "http.route": route,
            "url.path": route,
            "user.id": self.user,
            "session.id": self.session,
        }
        with self.span("chat-web", f"POST {route}", SpanKind.SERVER, attributes, links) as span:
            self.work(2)
            try:
                yield span
            except openai.APITimeoutError:
                span.set_attribute("http.response.status_code", 504)
                raise
            except Exception:
                span.set_attribute("http.response.status_code", 500)
                raise
            span.set_attribute("http.response.status_code", 200)


# --- steps ------------------------------------------------------------------------------


def build_prompt(run, template, **values):
    with run.span("llm-service", "prompt_build") as span:
        run.work(4)
        prompt = template.format(**values)
        span.set_attribute("prompt.template", values.get("name", "answer_v2"))
        span.set_attribute("prompt.tokens", (len(prompt) + 3) // 4)
        return [
            {"role": "system", "content": "You are a patient assistant. Answer briefly."},
            {"role": "user", "content": prompt},
        ]


def post_process(run, text):
    with run.span("llm-service", "post_processing") as span:
        run.work(3)
        span.set_attribute("output.snippet", text[:80])
        return text.strip()


def call_attributes(run, operation, model):
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.conversation.id": run.session,
        "server.address": run.app.provider_host,
        "model": model,  # as the guide has it
    }


def record_usage(span, model, usage):
    prompt, completion = usage.prompt_tokens, getattr(usage, "completion_tokens", 0)
    dollars = PRICES[model]
    span.set_attribute("gen_ai.usage.input_tokens", prompt)
    if completion:
        span.set_attribute("gen_ai.usage.output_tokens", completion)
    span.set_attribute("cost_usd", round((prompt * dollars[0] + completion * dollars[1]) / 1e6, 8))


def record_content(span, messages, text):
    told = [{"role": m["role"], "parts": [{"type": "text", "content": m.get("content") or ""}]} for m in messages]
    said = [{"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": "stop"}]
    span.set_attribute("gen_ai.input.messages", json.dumps(told, ensure_ascii=False))
    span.set_attribute("gen_ai.output.messages", json.dumps(said, ensure_ascii=False))


def typical_seconds(run, model):
    factor = 0.5 if "mini" in model else 0.2 if "embed" in model else 1.0
    return 0.6 * factor * run.random.lognormvariate(0, 0.35)


def chat(run, messages, tools=None, headers=None, timeout=30.0):
    """One call of the model; a failed one is a span of its own."""
    model = run.model
    attributes = {**call_attributes(run, "chat", model), "gen_ai.request.max_tokens": 400}
    with run.span("llm-service", f"chat {model}", SpanKind.CLIENT, attributes) as span:
        start_ns = run.clock.now()
        try:
            response = run.app.client.chat.completions.create(
                model=model,
                messages=messages,
                max_tokens=400,
                timeout=timeout,
                extra_headers={**run.clock.headers, **(headers or {})},
                **({"tools": tools} if tools else {}),
            )
        except openai.APITimeoutError:
            run.clock.answered(2.0)
            raise
        except openai.APIStatusError as error:
            run.clock.answered(0.02)
            span.set_attribute("http.response.status_code", error.status_code)
            span.set_attribute("request_id", error.request_id or "")
            raise
        run.clock.answered(typical_seconds(run, model))
        choice = response.choices[0]
        span.set_attribute("gen_ai.response.id", response.id)
        span.set_attribute("gen_ai.response.model", response.model)
        span.set_attribute("gen_ai.response.finish_reasons", [choice.finish_reason])
        span.set_attribute("request_id", response._request_id)
        span.set_attribute("latency_ms", (run.clock.now() - start_ns) // 1_000_000)
        span.set_attribute("response_snippet", (choice.message.content or "")[:200])
        record_usage(span, model, response.usage)
        record_content(span, messages, choice.message.content or "")
        return choice.message


def chat_streamed(run, messages):
    model = run.model
    attributes = {**call_attributes(run, "chat", model), "gen_ai.request.stream": True}
    with run.span("llm-service", f"chat {model}", SpanKind.CLIENT, attributes) as span:
        start_ns = run.clock.now()
        stream = run.app.client.chat.completions.create(
            model=model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=run.clock.headers,
        )
        text = ""
        for chunk in stream:
            piece = chunk.choices[0].delta.content if chunk.choices else None
            if piece and not text:
                run.clock.answered(typical_seconds(run, model) / 3)
                first_seconds = (run.clock.now() - start_ns) / 1e9
                span.add_event("first_token", timestamp=run.clock.now())
                span.set_attribute("gen_ai.response.time_to_first_chunk", first_seconds)
            text += piece or ""
            if chunk.usage:
                run.clock.answered(chunk.usage.completion_tokens / 80)
                span.set_attribute("gen_ai.response.id", chunk.id)
                span.set_attribute("gen_ai.response.model", chunk.model)
                record_usage(span, model, chunk.usage)
        span.set_attribute("response_snippet", text[:200])
        record_content(span, messages, text)
        return text


def embed(run, texts):
    attributes = call_attributes(run, "embeddings", EMBEDDING_MODEL)
    with run.span("retrieval-service", f"embeddings {EMBEDDING_MODEL}", SpanKind.CLIENT, attributes) as span:
        response = run.app.client.embeddings.create(
            model=EMBEDDING_MODEL, input=texts, dimensions=256, extra_headers=run.clock.headers
        )
        run.clock.answered(typical_seconds(run, EMBEDDING_MODEL))
        span.set_attribute("gen_ai.embeddings.dimension.count", 256)
        record_usage(span, EMBEDDING_MODEL, response.usage)
        return [item.embedding for item in response.data]


def retrieve(run, question, count=2):
    attributes = {"gen_ai.operation.name": "retrieval", "retrieval.query": question}
    with run.span("retrieval-service", "retrieve", SpanKind.SERVER, attributes) as span:
        [wanted] = embed(run, [question])
        with run.span("retrieval-service", "vector_search", attributes={"db.system.name": "in-memory"}) as search:
            run.work(6)
            scored = [(sum(a * b for a, b in zip(wanted, vector)), name) for name, vector in run.app.vectors.items()]
            best = sorted(scored, reverse=True)[:count]
            for score, name in best:
                search.add_event("match", {"document": name, "score": round(score, 4)}, timestamp=run.clock.now())
        span.set_attribute("retrieval.documents", [name for _, name in best])
        return [DOCUMENTS[name] for _, name in best]


# --- what users do ----------------------------------------------------------------------


def answer_question(run):
    question = run.random.choice(QUESTIONS)
    with run.web_request("/ask"):
        documents = retrieve(run, question)
        messages = build_prompt(
            run, "{question}\n\nUse only this: {facts}", question=question, facts=" ".join(documents)
        )
        post_process(run, chat(run, messages).content)


def streamed_chat(run):
    with run.web_request("/chat") as span:
        messages = build_prompt(run, "{question}", question=run.random.choice(QUESTIONS), name="chat_v5")
        post_process(run, chat_streamed(run, messages))
        run.app.remember_chat(span.get_span_context())


def weather_agent(run):
    city = run.random.choice(CITIES)
    with run.web_request("/agent"):
        attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "travel-planner"}
        with run.span("llm-service", "invoke_agent travel-planner", attributes=attributes):
            messages = build_prompt(run, "What is the weather like in {city} today?", city=city, name="agent_v1")
            answer = chat(run, messages, tools=[WEATHER_TOOL])
            if not answer.tool_calls:
                return
            [call] = answer.tool_calls
            result = run_tool(run, call)
            messages += [answer.to_dict(), {"role": "tool", "tool_call_id": call.id, "content": result}]
            post_process(run, chat(run, messages).content)


def run_tool(run, call):
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": call.function.name,
        "gen_ai.tool.call.id": call.id,
        "gen_ai.tool.call.arguments": call.function.arguments,
    }
    with run.span("llm-service", f"execute_tool {call.function.name}", attributes=attributes) as span:
        city = json.loads(call.function.arguments)["city"]
        with run.span("weather-tool", "GET /weather", SpanKind.SERVER, {"weather.city": city}):
            run.work(35)
            result = json.dumps({"city": city, "celsius": run.random.randrange(4, 31), "sky": "clear"})
        span.set_attribute("gen_ai.tool.call.result", result)
        return result


def retried_rate_limit(run):
    with run.web_request("/ask"):
        messages = build_prompt(run, "{question}", question=run.random.choice(QUESTIONS))
        with run.span("llm-service", "llm_request") as request:
            for attempt in range(3):
                try:
                    answer = chat(run, messages, headers={"x-simulate-status": "429"} if attempt == 0 else None)
                    break
                except openai.RateLimitError:
                    wait_seconds = 0.25 * 2**attempt
                    request.add_event(
                        "retry", {"attempt": attempt + 1, "wait_s": wait_seconds}, timestamp=run.clock.now()
                    )
                    run.clock.work(wait_seconds)
            request.set_attribute("retry.count", attempt)
        post_process(run, answer.content)


def timed_out(run):
    with run.web_request("/ask"):
        messages = build_prompt(run, "{question}", question=run.random.choice(QUESTIONS))
        timeout = 0.05 if run.clock.headers else 2.0
        chat(run, messages, headers={"x-simulate-timeout": "5"}, timeout=timeout)


def broken_answer(run):
    with run.web_request("/extract"):
        messages = build_prompt(run, "List what matters in: {text}", text=DOCUMENTS["tracing"], name="extract_v1")
        answer = chat(run, messages)
        with run.span("llm-service", "post_processing") as span:
            run.work(3)
            span.set_attribute("output.snippet", answer.content[:80])
            json.loads(answer.content)  # The model answered in prose: this raises.


def parallel_summaries(run):
    names = run.random.sample(sorted(DOCUMENTS), 4)

    def summarize(branch, name):
        with branch.span("llm-service", f"summarize {name}", attributes={"document": name}):
            messages = build_prompt(branch, "Summarize: {text}", text=DOCUMENTS[name], name="summarize_v1")
            return post_process(branch, chat(branch, messages).content)

    with run.web_request("/digest"):
        with run.span("llm-service", "parallel_chains"), ThreadPoolExecutor(len(names)) as pool:
            branches = [run.fork() for _ in names]
            # A thread starts without context; a copy of ours makes its spans children.
            futures = [
                pool.submit(contextvars.copy_context().run, summarize, branch, name)
                for branch, name in zip(branches, names)
            ]
            summaries = [future.result() for future in futures]
            run.clock.join([branch.clock for branch in branches])
        post_process(run, "\n".join(summaries))


def index_documents(run):
    attributes = {"messaging.operation.name": "process", "documents.count": len(DOCUMENTS)}
    with run.span("retrieval-service", "index_documents", SpanKind.CONSUMER, attributes):
        for name, text in DOCUMENTS.items():
            with run.span("retrieval-service", "index_document", attributes={"document": name}):
                with run.span("retrieval-service", "split"):
                    run.work(2)
                embed(run, text.split(". "))
                with run.span("retrieval-service", "store", attributes={"db.system.name": "in-memory"}):
                    run.work(5)


def feedback(run):
    # The feedback comes minutes later, in a trace of its own, with a link to the chat.
    chat_context = run.app.last_chat()
    links = [Link(chat_context, {"link.reason": "feedback on"})] if chat_context else None
    with run.web_request("/feedback", links) as span:
        span.set_attribute("feedback.score", run.random.choice([1, 1, 1, 0]))
        run.work(5)


# Each with its weight among a user's requests. The failures ask the simulator for them.
SCENARIOS = {
    answer_question: 30,
    streamed_chat: 24,
    weather_agent: 14,
    parallel_summaries: 10,
    feedback: 6,
    index_documents: 2,
}
FAILURES = {retried_rate_limit: 7, timed_out: 3, broken_answer: 4}


# --- the app ----------------------------------------------------------------------------


class App:
    def __init__(self, seed):
        self.seed = seed
        self.providers = [self._provider(name, version) for name, version in SERVICES.items()]
        self.tracers = {
            name: provider.get_tracer("telltale.demo", "1.0") for name, provider in zip(SERVICES, self.providers)
        }
        # A retry must be a span: the client's own would be hidden inside one.
        self.client = openai.OpenAI(max_retries=0)
        self.provider_host = self.client.base_url.host
        self.vectors = {}
        self.traces = 0
        self.failed = 0
        self._last_chat = None
        self._lock = threading.Lock()

    @staticmethod
    def _provider(name, version):
        resource = Resource.create(
            {
                "service.name": name,
                "service.version": version,
                "service.instance.id": f"{name}-{os.getpid()}",
                "deployment.environment.name": "demo",
            }
        )
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        endpoint = os.getenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
        provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=5), schedule_delay_millis=1000)
        )
        return provider

    def is_simulated(self):
        models = self.client.models.list(timeout=10)
        return any(model.owned_by == "telltale-simulate" for model in models)

    def learn_documents(self):
        response = self.client.embeddings.create(model=EMBEDDING_MODEL, input=list(DOCUMENTS.values()), dimensions=256)
        self.vectors = dict(zip(DOCUMENTS, (item.embedding for item in response.data)))

    def remember_chat(self, context):
        with self._lock:
            self._last_chat = context

    def last_chat(self):
        with self._lock:
            return self._last_chat

    def run(self, scenario, clock):
        with self._lock:
            self.traces += 1
            number = self.traces
        run = Run(self, number, clock)
        try:
            scenario(run)
        except (openai.OpenAIError, json.JSONDecodeError):
            pass  # Its spans tell.
        with self._lock:
            self.failed += run.failed

    def flush(self):
        for provider in self.providers:
            provider.force_flush(5000)

    def shutdown(self):
        for provider in self.providers:
            provider.shutdown()


def say(text):
    print(f"demo app: {text}", file=sys.stderr, flush=True)


def write_history(app, scenarios, count, stop):
    """Spreads `count` traces over the last two hours, a little denser towards now."""
    chance = random.Random(f"{app.seed}/history")
    now_ns = time.time_ns()
    # The newest ends before now, so that live traces come after it.
    ages = sorted((60 + 7140 * chance.random() ** 1.3 for _ in range(count)), reverse=True)
    names, weights = list(scenarios), list(scenarios.values())
    for i, age in enumerate(ages):
        if stop.is_set():
            return
        app.run(chance.choices(names, weights)[0], PastClock(now_ns - int(age * 1e9)))
        if i % 20 == 19:
            app.flush()  # A batch processor drops what its queue cannot hold.
    app.flush()


def go_on(app, scenarios, rate, stop):
    chance = random.Random(f"{app.seed}/live")
    names, weights = list(scenarios), list(scenarios.values())
    told = app.traces
    with ThreadPoolExecutor(16) as pool:
        while not stop.wait(chance.expovariate(rate)):
            pool.submit(app.run, chance.choices(names, weights)[0], LiveClock())
            if app.traces - told >= 50:
                told = app.traces
                say(f"{app.traces} traces so far, {app.failed} with an error in them")


def parse_arguments():
    parser = argparse.ArgumentParser(description="A small LLM app whose traces one can look at.")
    parser.add_argument("--rate", type=float, default=1.0, help="live traces a second (default 1)")
    parser.add_argument("--history", type=int, default=200, help="back-dated traces to begin with (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests")
    parser.add_argument("--once", action="store_true", help="every kind of request once, then end")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    try:
        app = App(arguments.seed)
        simulated = app.is_simulated()
        app.learn_documents()
    except openai.OpenAIError as error:
        say(f"error: the model provider does not answer: {error}")
        say("hint: start `telltale simulate` and set OPENAI_BASE_URL and OPENAI_API_KEY as README.md says")
        return 1

    scenarios = {**SCENARIOS, **FAILURES} if simulated else SCENARIOS
    if arguments.once:
        for scenario in scenarios:
            app.run(scenario, LiveClock())
    else:
        if simulated and arguments.history > 0:
            write_history(app, scenarios, arguments.history, stop)
            say(f"wrote {app.traces} traces of the last two hours; going on live")
        go_on(app, scenarios, arguments.rate, stop)
    app.shutdown()
    say(f"ended after {app.traces} traces, {app.failed} with an error in them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
