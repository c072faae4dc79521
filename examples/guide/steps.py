"""The three steps of the guide's section 3 as one trace: prompt_build, llm_request and
post_processing, with the attributes that its example trace shows.

The model is called with requests, as in section 5: the instrumentation adds a client
span, and the trace context goes out in the traceparent header.
"""

import hashlib
import os

import requests
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

resource = Resource.create(
    {
        "service.name": os.getenv("OTEL_SERVICE_NAME", "llm-service"),
        "deployment.environment": os.getenv("DEPLOYMENT_ENV", "dev"),
    }
)
provider = TracerProvider(resource=resource)
trace.set_tracer_provider(provider)
otlp_endpoint = os.getenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint)))
tracer = trace.get_tracer(__name__)
RequestsInstrumentor().instrument()

BASE_URL = os.getenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
TEMPLATE = "Summarize in one sentence why {topic} helps."
DOLLARS_PER_TOKEN = 0.000002  # the guide's example price


def build_prompt(topic):
    with tracer.start_as_current_span("prompt_build") as span:
        prompt = TEMPLATE.format(topic=topic)
        span.set_attribute("prompt.template", "summarize_v1")
        span.set_attribute("prompt.tokens", len(prompt) // 4)
        # The guide's section 12: a hash instead of the text.
        span.set_attribute("prompt_hash", hashlib.sha256(prompt.encode()).hexdigest())
        span.set_attribute("prompt_redacted", True)
        return prompt


def request_model(prompt, model="gpt-4"):
    with tracer.start_as_current_span("llm_request") as span:
        span.set_attribute("model", model)
        # Inside a span, unlike on the page: outside of one there is nothing to inject.
        carrier = {}
        TraceContextTextMapPropagator().inject(carrier)
        try:
            response = requests.post(
                f"{BASE_URL}/completions",
                headers={**carrier, "Authorization": f"Bearer {os.getenv('OPENAI_API_KEY')}"},
                json={"model": model, "prompt": prompt, "max_tokens": 80},
                timeout=30,
            )
            response.raise_for_status()
        except requests.RequestException as e:
            span.set_status(Status(StatusCode.ERROR, str(e)))
            raise
        answer = response.json()
        span.set_attribute("tokens.prompt", answer["usage"]["prompt_tokens"])
        span.set_attribute("tokens.completion", answer["usage"]["completion_tokens"])
        span.set_attribute("cost_usd", answer["usage"]["total_tokens"] * DOLLARS_PER_TOKEN)
        span.set_attribute("request_id", response.headers.get("x-request-id", answer["id"]))
        return answer["choices"][0]["text"]


def post_process(text):
    with tracer.start_as_current_span("post_processing") as span:
        snippet = text.strip().split("\n")[0][:80]
        span.set_attribute("output.snippet", snippet)
        return snippet


def run():
    with tracer.start_as_current_span("summarize") as span:
        print(post_process(request_model(build_prompt("tracing"))))
        print("Trace ID:", format(span.get_span_context().trace_id, "032x"))


if __name__ == "__main__":
    run()
