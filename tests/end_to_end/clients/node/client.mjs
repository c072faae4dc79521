// Sends one trace of three spans with the OpenTelemetry SDK for JavaScript and prints its id.
//   node client.mjs http|proto|grpc ENDPOINT SERVICE
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtoExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const [kind, url, service] = process.argv.slice(2);
const Exporter = { http: JsonExporter, proto: ProtoExporter, grpc: GrpcExporter }[kind];
const provider = new TracerProvider({
  resource: resourceFromAttributes({ "service.name": service }),
  spanProcessors: [new BatchSpanProcessor({ exporter: new Exporter({ url }) })],
});
const tracer = provider.getTracer("node-client", "1.0");

const root = tracer.startSpan("request", { kind: SpanKind.SERVER, attributes: { "big.int": 4503599627370495, ratio: 0.5 } });
const inRoot = trace.setSpan(context.active(), root);
const call = tracer.startSpan("chat gpt-4", { kind: SpanKind.CLIENT, attributes: { models: ["a", "b"], stream: true } }, inRoot);
call.addEvent("first token", { n: 1 });
call.end();
const failed = tracer.startSpan("post_processing", { links: [{ context: call.spanContext() }] }, inRoot);
failed.recordException(new Error("bad answer: 日本語"));
failed.setStatus({ code: SpanStatusCode.ERROR, message: "bad answer" });
failed.end();
root.end();
await provider.shutdown();
console.log(root.spanContext().traceId);
