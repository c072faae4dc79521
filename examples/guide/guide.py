"""The full script of the guide (section 9), on today's packages.

Changed against the page: the underscores and dunder names that its typesetting lost,
and the two calls that openai 1.0 removed (openai.ChatCompletion.create, resp["id"]).
Everything else is the guide's. README.md lists every change.
"""

import os
import time
from functools import wraps

import openai
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

resource = Resource.create({"service.name": os.getenv("OTEL_SERVICE_NAME", "llm-service")})
provider = TracerProvider(resource=resource)
trace.set_tracer_provider(provider)
exporter = OTLPSpanExporter(endpoint=os.getenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"))
provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=2048, schedule_delay_millis=5000))
tracer = trace.get_tracer(__name__)
RequestsInstrumentor().instrument()
# Reads OPENAI_API_KEY and OPENAI_BASE_URL.
client = openai.OpenAI()


def llm_traced(func):
    @wraps(func)
    def wrapper(*args, **kwargs):
        model = kwargs.get("model", "gpt-4")
        with tracer.start_as_current_span("llm.request") as span:
            span.set_attribute("model", model)
            start = time.time()
            try:
                result = func(*args, **kwargs)
                span.set_attribute("latency_ms", int((time.time() - start) * 1000))
                span.set_attribute("response_snippet", str(result)[:200])
                return result
            except Exception as e:
                span.record_exception(e)
                raise

    return wrapper


@llm_traced
def call_openai(prompt, model="gpt-4"):
    resp = client.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}])
    return resp


def run():
    prompt = "Write a short poem about coffee and debugging."
    resp = call_openai(prompt, model="gpt-4")
    print("Got response ID:", resp.id)


if __name__ == "__main__":
    run()
