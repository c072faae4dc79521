#include "calls/mapper.h"

#include <gtest/gtest.h>

#include <string>

#include "base/counters.h"
#include "calls/call_json.h"
#include "calls/explain.h"

namespace telltale {
namespace {

struct OneSpan {
  OneSpan() {
    batch.spans.emplace_back();
    batch.scopes.emplace_back();
  }
  OneSpan& Add(std::string_view key, std::string_view text) {
    batch.attributes.push_back({batch.arena.Copy(key), Value::String(batch.arena.Copy(text))});
    ++batch.spans[0].attributes.count;
    return *this;
  }
  std::string Json(const RuleTable& rules = RuleTable::BuiltIn()) {
    CallMapper mapper(rules);
    std::string json;
    if (!mapper.Map(batch, batch.spans[0], call)) return "no call";
    JsonWriter writer(json);
    WriteCallJson(call, writer);
    return json;
  }

  Batch batch;
  Call call;
};

TEST(CallMapper, TakesTheLastValueOfAKeyThatIsThereTwice) {
  OneSpan span;
  span.Add("gen_ai.request.model", "first").Add("gen_ai.request.model", "last");
  EXPECT_NE(span.Json().find(R"("model":"last")"), std::string::npos);
}

TEST(CallMapper, ForgetsTheCallBeforeWhenTheNextSpanIsNone) {
  OneSpan chat;
  chat.Add("gen_ai.operation.name", "chat").Add("gen_ai.request.model", "m");
  OneSpan plain;
  plain.Add("http.route", "/");
  CallMapper mapper;
  Call call;
  ASSERT_TRUE(mapper.Map(chat.batch, chat.batch.spans[0], call));
  EXPECT_FALSE(mapper.Map(plain.batch, plain.batch.spans[0], call));
  EXPECT_EQ(call.kind, CallKind::kNone);
  EXPECT_TRUE(call.request.model.empty());
}

TEST(CallMapper, LivesThroughTextOfTenMegabytesAndCountsWhatIsNestedTooDeep) {
  OneSpan span;
  span.Add("gen_ai.operation.name", "chat");
  span.Add("gen_ai.input.messages",
           "[{\"role\":\"user\",\"content\":\"" + std::string(10 << 20, 'x') + "\"}]");
  span.Add("gen_ai.output.messages", std::string(5000, '[') + std::string(5000, ']'));
  const uint64_t broken = CounterValue(Counter::kCallJsonBroken);
  EXPECT_GT(span.Json().size(), size_t{10 << 20});
  EXPECT_GT(CounterValue(Counter::kCallJsonBroken), broken);
}

TEST(CallMapper, CountsIndexesThatNoCallHasAndNegativeTokens) {
  OneSpan span;
  span.Add("openinference.span.kind", "LLM");
  span.Add("llm.input_messages.99999999999999999999999.message.content", "x");
  span.Add("llm.token_count.prompt", "-1");
  const uint64_t out_of_range = CounterValue(Counter::kCallIndexesOutOfRange);
  const uint64_t negative = CounterValue(Counter::kCallCountsNegative);
  EXPECT_EQ(span.Json(), R"({"kind":"llm","dialect":"openinference"})");
  EXPECT_EQ(CounterValue(Counter::kCallIndexesOutOfRange), out_of_range + 1);
  EXPECT_EQ(CounterValue(Counter::kCallCountsNegative), negative + 1);
}

TEST(CallMapper, LeavesOutMessagesBeyondTheLimitAndCountsThem) {
  std::string many = "[";
  for (size_t i = 0; i < kMessagesMax + 5; ++i) many += R"({"role":"user","content":"x"},)";
  many.back() = ']';
  OneSpan span;
  span.Add("gen_ai.input.messages", many);
  const uint64_t before = CounterValue(Counter::kCallPartsOverLimit);
  span.Json();
  EXPECT_EQ(span.call.input.messages.size(), kMessagesMax);
  EXPECT_EQ(CounterValue(Counter::kCallPartsOverLimit), before + 5);
}

TEST(MappingFile, TellsTheFieldsOfADialectThatNobodyKnows) {
  const auto rules = RuleTable::WithMappingUntrusted(R"(
[[dialect]]
name = "ours"
[dialect.attributes]
"acme.step" = "kind"
"acme.llm" = "request.model"
"acme.in" = { field = "usage.input_tokens", convention = "exclusive" }
"gen_ai.request.model" = { ignore = "ours is better" }
[dialect.kinds."acme.step"]
ask = "llm"
)",
                                                     "mine.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  OneSpan span;
  span.Add("acme.step", "ask").Add("acme.llm", "m-1").Add("acme.in", "10").Add("gen_ai.request.model", "m-2");
  span.Add("gen_ai.usage.cache_read.input_tokens", "4");
  EXPECT_EQ(
      span.Json(*rules),
      R"({"kind":"llm","dialect":"ours","request":{"model":"m-1"},"usage":{"input_tokens":14,"total_tokens":14,)"
      R"("cache_read_tokens":4,"scope":"own","cache_convention":"exclusive","source":"provider"}})");
}

TEST(MappingFile, IsRefusedWithTheLineAndTheKeyThatAreWrong) {
  constexpr std::string_view kHead = "[[dialect]]\n[dialect.attributes]\n";
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"\"a.b\" = \"no.field\"", "line 3: a.b: no field of that name: no.field"},
      {"\"a\" = 5", "line 3: a: is neither a field's name nor { field = ... }"},
      {"\n\"a\" = { fields = \"kind\" }", "line 4: a: knows no 'fields'"},
      {"\"a\" = { field = \"kind\", as = \"roman\" }", "line 3: a: as: 'roman': no way to write a value"},
      {"\"a\" = { field = \"request.model\", as = \"seconds\" }",
       "line 3: a: as: a time, and request.model is none"},
      {"\"a\" = { field = \"kind\", kind = \"robot\" }", "line 3: a: kind: 'robot': not a kind of call"},
      {"\"a\" = { field = \"kind\", order = 300 }", "line 3: order: not a whole number of 0 to 255"},
      {"\"a\" = { field = \"kind\", weak = \"yes\" }", "line 3: weak: neither true nor false"},
      {"\"a\" = { field = \"kind\", ignore = \"x\" }",
       "line 3: a: has a field and is ignored: one of the two"},
      {"\"a\" = { field = \"kind\", convention = \"odd\" }",
       "line 3: a: convention: 'odd': exclusive or inclusive"},
      {"\"*\" = \"kind\"", "line 3: *: not the name of an attribute"},
      {"\"a\" = \"kind\"\n[dialect.kinds.\"a\"]\nask = \"robot\"",
       "line 5: a: kinds: ask: not a kind of call"},
      {"\"a\" = \"user.id\"\n[dialect.kinds.\"a\"]\nask = \"llm\"",
       "line 4: a: kinds of a key that no line of attributes maps to kind"},
      {"\"a\" = \"kind\"\n[[dialect]]\n[dialect.attributes]\n\"a\" = \"kind\"",
       "line 6: a: is there twice: one line has to say all"},
      {"\"a\" = \"kind\"\n[other]\n", "line 4: other: only [[dialect]] may stand here"},
  };
  for (const auto& [lines, why] : kCases) {
    const auto refused = RuleTable::WithMappingUntrusted(std::string(kHead) + std::string(lines), "f.toml");
    ASSERT_FALSE(refused) << lines;
    EXPECT_EQ(refused.error().message, "read mapping file f.toml: " + std::string(why));
    EXPECT_FALSE(refused.error().hint.empty());
  }
  EXPECT_FALSE(RuleTable::WithMappingUntrusted("not toml", "f.toml"));
  EXPECT_FALSE(RuleTable::WithMappingUntrusted("a = 1", "f.toml"));
  EXPECT_FALSE(RuleTable::WithMappingUntrusted("", "f.toml"));
  EXPECT_FALSE(RuleTable::WithMappingUntrusted("[[dialect]]\n", "f.toml"));
  const auto large = RuleTable::WithMappingUntrusted(std::string(kMappingBytesMax + 1, '#'), "f.toml");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::kOverLimit);
}

TEST(MappingFile, HintsAtTheFieldsThatWereMeant) {
  const auto refused = RuleTable::WithMappingUntrusted(
      "[[dialect]]\n[dialect.attributes]\n\"a\" = \"usage.input\"\n", "f.toml");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().hint.find("usage.input_tokens"), std::string::npos) << refused.error().hint;
}

TEST(Explainer, RefusesWhatIsNoOtlpRequest) {
  Explainer explainer(RuleTable::BuiltIn());
  EXPECT_FALSE(explainer.AddUntrusted("hello"));
  EXPECT_TRUE(explainer.AddUntrusted(""));
  EXPECT_TRUE(explainer.AddUntrusted("{}"));
  EXPECT_EQ(explainer.Text(), "0 spans, 0 model calls (0 failed), 0 tokens in, 0 out\n");
}

TEST(Explainer, JoinsALogRecordToItsSpanWhicheverComesFirst) {
  constexpr std::string_view kIds =
      R"("traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708")";
  const std::string logs =
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{)" + std::string(kIds) +
      R"(,"eventName":"gen_ai.user.message","body":{"kvlistValue":{"values":[{"key":"content",)"
      R"("value":{"stringValue":"hi"}}]}}}]}]}]})";
  const std::string traces = R"({"resourceSpans":[{"scopeSpans":[{"spans":[{)" + std::string(kIds) +
                             R"(,"name":"chat","attributes":[{"key":"gen_ai.operation.name","value":)"
                             R"({"stringValue":"chat"}}]}]}]}]})";
  Explainer explainer(RuleTable::BuiltIn());
  ASSERT_TRUE(explainer.AddUntrusted(logs + "\n" + traces + "\n"));
  EXPECT_NE(explainer.Json().find(
                R"("input":{"messages":[{"role":"user","parts":[{"type":"text","content":"hi"}]}]})"),
            std::string::npos)
      << explainer.Json();
}

}  // namespace
}  // namespace telltale
