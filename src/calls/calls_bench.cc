// What mapping costs on the way of every span: one that is no call (11 attributes of an
// HTTP server), and an LLM span (14 gen_ai attributes, 4 KB of text in its messages).
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "calls/mapper.h"

namespace telltale {
namespace {

Value Int(int64_t number) {
  Value value;
  value.type = ValueType::kInt;
  value.integer = number;
  return value;
}

void AddSpan(Batch& batch, std::initializer_list<Attribute> attributes) {
  Span span;
  span.attributes.begin = static_cast<uint32_t>(batch.attributes.size());
  for (const Attribute& attribute : attributes) batch.attributes.push_back(attribute);
  span.attributes.count = static_cast<uint32_t>(attributes.size());
  batch.spans.push_back(span);
  if (batch.scopes.empty()) batch.scopes.emplace_back();
}

void NoCall(benchmark::State& state) {
  Batch batch;
  AddSpan(batch, {{"http.request.method", Value::String("GET")},
                  {"url.path", Value::String("/v1/orders/17")},
                  {"url.scheme", Value::String("https")},
                  {"http.route", Value::String("/v1/orders/{id}")},
                  {"http.response.status_code", Int(200)},
                  {"server.address", Value::String("orders.shop.internal")},
                  {"server.port", Int(8443)},
                  {"client.address", Value::String("10.0.17.3")},
                  {"user_agent.original", Value::String("storefront/4.2")},
                  {"network.protocol.version", Value::String("1.1")},
                  {"shop.order.customer", Value::String("customer-7919")}});
  CallMapper mapper;
  Call call;
  for (auto _ : state) benchmark::DoNotOptimize(mapper.Map(batch, batch.spans[0], call));
}
BENCHMARK(NoCall);

void LlmCall(benchmark::State& state) {
  const std::string text(2000, 'x');
  const std::string input = R"([{"role":"user","parts":[{"type":"text","content":")" + text + R"("}]}])";
  const std::string output = R"([{"role":"assistant","parts":[{"type":"text","content":")" + text +
                             R"("}],"finish_reason":"stop"}])";
  Batch batch;
  AddSpan(batch, {{"gen_ai.operation.name", Value::String("chat")},
                  {"gen_ai.provider.name", Value::String("openai")},
                  {"gen_ai.request.model", Value::String("gpt-4o")},
                  {"gen_ai.response.model", Value::String("gpt-4o-2024-08-06")},
                  {"gen_ai.response.id", Value::String("chatcmpl-1")},
                  {"gen_ai.request.max_tokens", Int(300)},
                  {"gen_ai.request.seed", Int(7)},
                  {"gen_ai.usage.input_tokens", Int(1234)},
                  {"gen_ai.usage.output_tokens", Int(56)},
                  {"gen_ai.usage.cache_read.input_tokens", Int(1024)},
                  {"gen_ai.conversation.id", Value::String("conversation-9")},
                  {"server.address", Value::String("api.openai.com")},
                  {"gen_ai.input.messages", Value::String(input)},
                  {"gen_ai.output.messages", Value::String(output)}});
  CallMapper mapper;
  Call call;
  for (auto _ : state) benchmark::DoNotOptimize(mapper.Map(batch, batch.spans[0], call));
}
BENCHMARK(LlmCall);

}  // namespace
}  // namespace telltale
