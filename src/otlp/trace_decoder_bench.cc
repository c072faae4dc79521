// What a span costs on its way from the wire into a Batch: small spans as an HTTP
// service sends them (11 attributes, about 610 bytes, 512 a request) and LLM spans
// (14 gen_ai attributes, 4 KB of text in messages, 128 a request).
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "otlp/testing/dump.h"
#include "otlp/trace_decoder.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

constexpr int kSmallSpans = 512;
constexpr int kLlmSpans = 128;

std::string TextValue(std::string_view text) {
  std::string value;
  AppendWireBytes(1, text, value);
  return value;
}

std::string IntValue(int64_t number) {
  std::string value;
  AppendWireVarint(3, static_cast<uint64_t>(number), value);
  return value;
}

void AppendAttribute(uint32_t field, std::string_view key, std::string_view any_value, std::string& out) {
  std::string attribute;
  AppendWireBytes(1, key, attribute);
  AppendWireBytes(2, any_value, attribute);
  AppendWireBytes(field, attribute, out);
}

std::string SpanHead(uint64_t number, std::string_view name, uint64_t kind) {
  std::string span;
  AppendWireBytes(1, "0123456789abcde" + std::string(1, static_cast<char>('a' + number % 20)), span);
  AppendWireBytes(2, std::to_string(10'000'000 + number), span);
  AppendWireBytes(4, "parentid", span);
  AppendWireBytes(5, name, span);
  AppendWireVarint(6, kind, span);
  AppendWireFixed64(7, 1'700'000'000'000'000'000 + number * 1000, span);
  AppendWireFixed64(8, 1'700'000'000'050'000'000 + number * 1000, span);
  return span;
}

std::string SpanTail(std::string span) {
  AppendWireBytes(15, "", span);
  AppendWireFixed32(16, 0x101, span);
  return span;
}

std::string SmallSpan(uint64_t number) {
  std::string span = SpanHead(number, "GET /v1/orders/{id}", 2);
  AppendAttribute(9, "http.request.method", TextValue("GET"), span);
  AppendAttribute(9, "url.path", TextValue("/v1/orders/" + std::to_string(number) + "/items/first"), span);
  AppendAttribute(9, "url.scheme", TextValue("https"), span);
  AppendAttribute(9, "http.route", TextValue("/v1/orders/{id}"), span);
  AppendAttribute(9, "http.response.status_code", IntValue(200), span);
  AppendAttribute(9, "server.address", TextValue("orders.shop.internal"), span);
  AppendAttribute(9, "server.port", IntValue(8443), span);
  AppendAttribute(9, "client.address", TextValue("10.0.17." + std::to_string(number % 250)), span);
  AppendAttribute(
      9, "user_agent.original",
      TextValue("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
                "Safari/537.36 storefront/4.2"),
      span);
  AppendAttribute(9, "network.protocol.version", TextValue("1.1"), span);
  AppendAttribute(9, "shop.order.customer", TextValue("customer-" + std::to_string(number * 7919)), span);
  return SpanTail(std::move(span));
}

// Text that reads like a prompt and differs from span to span.
std::string Prose(uint64_t seed, size_t size) {
  constexpr std::string_view kWords[] = {"travel", "plan",    "for",     "three", "days", "in",
                                         "the",    "old",     "town",    "with",  "a",    "\\\"museum\\\"",
                                         "and",    "dinner,", "please.", "café"};
  std::string text;
  while (text.size() < size) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    text += kWords[seed >> 60];
    text += ' ';
  }
  return text;
}

std::string LlmSpan(uint64_t number) {
  std::string span = SpanHead(number, "chat gpt-4o-mini", 3);
  AppendAttribute(9, "gen_ai.operation.name", TextValue("chat"), span);
  AppendAttribute(9, "gen_ai.provider.name", TextValue("openai"), span);
  AppendAttribute(9, "gen_ai.request.model", TextValue("gpt-4o-mini"), span);
  AppendAttribute(9, "gen_ai.response.model", TextValue("gpt-4o-mini-2024-07-18"), span);
  AppendAttribute(9, "gen_ai.response.id", TextValue("chatcmpl-" + std::to_string(number * 104729)), span);
  AppendAttribute(9, "gen_ai.request.max_tokens", IntValue(1024), span);
  AppendAttribute(9, "gen_ai.usage.input_tokens", IntValue(812), span);
  AppendAttribute(9, "gen_ai.usage.output_tokens", IntValue(57), span);
  std::string finish_reason;
  AppendWireBytes(1, TextValue("stop"), finish_reason);
  std::string finish_reasons;
  AppendWireBytes(5, finish_reason, finish_reasons);
  AppendAttribute(9, "gen_ai.response.finish_reasons", finish_reasons, span);
  AppendAttribute(9, "gen_ai.conversation.id", TextValue("conversation-" + std::to_string(number / 4)), span);
  AppendAttribute(9, "server.address", TextValue("api.openai.com"), span);
  AppendAttribute(9, "server.port", IntValue(443), span);
  AppendAttribute(9, "gen_ai.input.messages", TextValue(Prose(number, 3000)), span);
  AppendAttribute(9, "gen_ai.output.messages", TextValue(Prose(number + 1, 1000)), span);
  return SpanTail(std::move(span));
}

template <typename MakeSpan>
std::string Request(int span_count, const MakeSpan& make_span) {
  std::string resource;
  AppendAttribute(1, "service.name", TextValue("orders"), resource);
  std::string scope;
  AppendWireBytes(1, "opentelemetry.instrumentation.http", scope);
  std::string scope_spans;
  AppendWireBytes(1, scope, scope_spans);
  for (int i = 0; i < span_count; ++i) AppendWireBytes(2, make_span(static_cast<uint64_t>(i)), scope_spans);
  std::string resource_spans;
  AppendWireBytes(1, resource, resource_spans);
  AppendWireBytes(2, scope_spans, resource_spans);
  std::string request;
  AppendWireBytes(1, resource_spans, request);
  return request;
}

std::string JsonOf(std::string_view protobuf) {
  Batch batch;
  if (!DecodeTracesProtobufUntrusted(protobuf, batch)) return {};
  return testing::EncodeTracesJson(batch);
}

template <auto kDecode>
void Decode(benchmark::State& state, std::string_view request, int span_count) {
  for (auto _ : state) {
    Batch batch;
    auto refused = kDecode(request, batch);
    if (!refused || batch.spans.size() != static_cast<size_t>(span_count)) state.SkipWithError("spans lost");
    benchmark::DoNotOptimize(batch);
  }
  const auto spans = static_cast<double>(state.iterations() * span_count);
  state.counters["per_span"] =
      benchmark::Counter(spans, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["bytes/span"] = static_cast<double>(request.size()) / span_count;
}

void SmallProtobuf(benchmark::State& state) {
  Decode<DecodeTracesProtobufUntrusted>(state, Request(kSmallSpans, SmallSpan), kSmallSpans);
}
void LlmProtobuf(benchmark::State& state) {
  Decode<DecodeTracesProtobufUntrusted>(state, Request(kLlmSpans, LlmSpan), kLlmSpans);
}
void SmallJson(benchmark::State& state) {
  Decode<DecodeTracesJsonUntrusted>(state, JsonOf(Request(kSmallSpans, SmallSpan)), kSmallSpans);
}
void LlmJson(benchmark::State& state) {
  Decode<DecodeTracesJsonUntrusted>(state, JsonOf(Request(kLlmSpans, LlmSpan)), kLlmSpans);
}
BENCHMARK(SmallProtobuf);
BENCHMARK(LlmProtobuf);
BENCHMARK(SmallJson);
BENCHMARK(LlmJson);

}  // namespace
}  // namespace telltale
