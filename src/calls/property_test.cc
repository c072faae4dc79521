// What must hold of any span and any trace, tried on many that chance makes: from the keys
// that rules know and from values as senders write them.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "calls/call_json.h"
#include "calls/mapper.h"
#include "calls/trace_usage.h"

namespace telltale {
namespace {

constexpr int kSpans = 3'000;
constexpr int kTraces = 2'000;

class Chance {
 public:
  explicit Chance(uint32_t seed) : engine_(seed) {}
  size_t Below(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(engine_); }
  bool OneIn(size_t count) { return Below(count) == 0; }
  template <typename List>
  const auto& OneOf(const List& list) {
    return std::data(list)[Below(std::size(list))];
  }
  std::mt19937& engine() { return engine_; }

 private:
  std::mt19937 engine_;
};

constexpr std::string_view kTails[] = {
    "0.role",
    "0.content",
    "1.content",
    "0.message.role",
    "0.message.content",
    "3.message.content",
    "0.message.contents.0.message_content.text",
    "0.message.contents.1.message_content.type",
    "0.message.tool_calls.0.tool_call.function.name",
    "0.message.tool_calls.0.tool_call.id",
    "0.tool_calls.0.name",
    "0.document.content",
    "0.document.score",
    "0.tool.json_schema",
    "openai.id",
    "openai.usage",
    "name",
    "x",
    "999999999999.message.content",
};

constexpr std::string_view kTexts[] = {
    "chat",
    "LLM",
    "tool",
    "embeddings",
    "invoke_agent",
    "generation",
    "retriever",
    "ai.streamText.doStream",
    "user",
    "assistant",
    "gpt-4o",
    "openai/gpt-4o",
    "claude-sonnet-4-5",
    "openai",
    "strands-agents",
    "anthropic",
    "12",
    "-3",
    "0.5",
    "true",
    "",
    "none",
    "\"quoted\"",
    "hello",
    R"(["stop"])",
    R"(["a", "b "c" d"])",
    R"([{"role":"user","content":"hi"},{"role":"assistant","content":"ho"}])",
    R"([{"role":"assistant","parts":[{"type":"text","content":"x"}],"finish_reason":"stop"}])",
    R"({"messages":[{"role":"user","content":"hi"}],"model":"gpt-4o","temperature":1,"stream":true})",
    R"({"id":"c-1","choices":[{"message":{"content":"ho"}}],"usage":{"prompt_tokens":5,"completion_tokens":7}})",
    R"({"input_tokens":5,"cache_read_input_tokens":50,"output_tokens":3})",
    R"({'a': None, 'cache_read': 4})",
    "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n",
    R"({"broken": )",
    "2026-11-25T10:00:00Z",
    R"({"openai":{"usage":{"inputTokens":3}}})",
};

class AnySpan {
 public:
  explicit AnySpan(Chance& chance) {
    const std::vector<Rule>& rules = RuleTable::BuiltIn().rules();
    batch.spans.emplace_back();
    batch.scopes.push_back({.name = chance.OneIn(3) ? "openlit" : "acme"});
    Span& span = batch.spans[0];
    span.start_unix_nano = 1'755'000'000'000'000'000;
    span.end_unix_nano = span.start_unix_nano + 2'000'000'000;
    span.status_code = chance.OneIn(4) ? 2 : 0;
    std::set<std::string> keys;
    for (size_t i = 3 + chance.Below(25); i > 0; --i) {
      const Rule& rule = rules[chance.Below(rules.size())];
      std::string key(rule.key);
      if (rule.is_prefix) key += chance.OneOf(kTails);
      if (!keys.insert(key).second) continue;
      batch.attributes.push_back({batch.arena.Copy(key), AnyValue(chance)});
    }
    span.attributes.count = static_cast<uint32_t>(batch.attributes.size());
  }

  void Shuffle(Chance& chance) { std::ranges::shuffle(batch.attributes, chance.engine()); }

  Batch batch;

 private:
  static Value AnyValue(Chance& chance) {
    Value value;
    switch (chance.Below(6)) {
      case 0:
        value.type = ValueType::kInt;
        value.integer = static_cast<int64_t>(chance.Below(2'000)) - 5;
        return value;
      case 1:
        value.type = ValueType::kDouble;
        value.real = static_cast<double>(chance.Below(1'000)) / 7;
        return value;
      case 2:
        value.type = ValueType::kBool;
        value.boolean = chance.OneIn(2);
        return value;
      default:
        return Value::String(chance.OneOf(kTexts));
    }
  }
};

std::string Mapped(CallMapper& mapper, const Batch& batch, Call& call) {
  if (!mapper.Map(batch, batch.spans[0], call)) return "no call";
  std::string json;
  JsonWriter writer(json);
  WriteCallJson(call, writer);
  return json;
}

TEST(AnySpan, IsTheSameCallWhenItIsMappedAgainInWhateverOrder) {
  Chance chance(20261125);
  CallMapper mapper;
  Call call;
  int calls = 0;
  for (int i = 0; i < kSpans; ++i) {
    AnySpan any(chance);
    const std::string first = Mapped(mapper, any.batch, call);
    calls += first == "no call" ? 0 : 1;
    ASSERT_EQ(Mapped(mapper, any.batch, call), first);
    for (int order = 0; order < 3; ++order) {
      any.Shuffle(chance);
      ASSERT_EQ(Mapped(mapper, any.batch, call), first) << "span " << i;
    }
  }
  EXPECT_GT(calls, kSpans / 2);
}

TEST(AnySpan, IsTheSameCallForAnotherMapperThatSawOtherSpansBefore) {
  Chance chance(7);
  CallMapper used;
  Call kept;
  for (int i = 0; i < kSpans; ++i) {
    AnySpan any(chance);
    CallMapper fresh;
    Call call;
    ASSERT_EQ(Mapped(used, any.batch, kept), Mapped(fresh, any.batch, call)) << "span " << i;
  }
}

// A trace as an app makes it: steps, in them calls of a model; each call told by one or two
// instrumentations, each agent with the sum of what is below, and failed attempts between.
class AnyTrace {
 public:
  explicit AnyTrace(Chance& chance) : chance_(&chance) { AddStep(SpanId{}, 0); }

  std::vector<TraceCall> spans;
  int64_t input = 0;  // what was really asked and answered
  int64_t output = 0;
  uint64_t asked = 0;

 private:
  Call& Add(SpanId parent, CallKind kind, std::string_view scope) {
    Call& call = calls_.emplace_back();
    call.kind = kind;
    TraceCall& span = spans.emplace_back();
    span.trace_id.bytes[0] = 1;
    const uint32_t number = static_cast<uint32_t>(spans.size());
    span.span_id.bytes = {1, 0, 0, 0, 0, 0, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
    span.parent_span_id = parent;
    span.start_unix_nano = clock_;
    span.end_unix_nano = clock_ + 100;
    clock_ += 1;
    span.scope_name = scope;
    span.call = &call;
    return call;
  }

  void AddStep(SpanId parent, int depth) {
    const size_t me = spans.size();
    Call& step = Add(parent, chance_->OneIn(2) ? CallKind::kAgent : CallKind::kChain, "framework");
    const SpanId id = spans[me].span_id;
    const int64_t input_before = input;
    const int64_t output_before = output;
    for (size_t i = chance_->Below(4); i > 0; --i) {
      if (depth < 3 && chance_->OneIn(2)) {
        AddStep(id, depth + 1);
      } else {
        AddModelCall(id);
      }
    }
    // The sum of what is below, under the same names; only where there is something.
    if (input == input_before || chance_->OneIn(2)) return;
    step.usage.input_tokens = input - input_before;
    step.usage.output_tokens = output - output_before;
    step.usage.scope = UsageScope::kAggregate;
  }

  void AddModelCall(SpanId parent) {
    ++asked;
    clock_ += 1'000;
    const int64_t in = 1 + static_cast<int64_t>(chance_->Below(5'000));
    const int64_t out = 1 + static_cast<int64_t>(chance_->Below(500));
    input += in;
    output += out;
    response_ids_.push_back("answer-" + std::to_string(asked));
    const std::string_view id = response_ids_.back();
    const size_t me = spans.size();
    Tell(Add(parent, CallKind::kLlm, "framework"), in, out, id);
    if (chance_->OneIn(2)) return;
    // The SDK's own span, inside or beside, with or without tokens.
    const SpanId inside = spans[me].span_id;
    const bool has_tokens = chance_->OneIn(2);
    Tell(Add(chance_->OneIn(2) ? inside : parent, CallKind::kLlm, "sdk"), has_tokens ? in : Usage::kNotTold,
         has_tokens ? out : Usage::kNotTold, id);
  }

  static void Tell(Call& call, int64_t in, int64_t out, std::string_view id) {
    call.request.model = "gpt-4o";
    call.response.id = id;
    call.usage.input_tokens = in;
    call.usage.output_tokens = out;
  }

  Chance* chance_;
  std::deque<Call> calls_;
  std::deque<std::string> response_ids_;
  uint64_t clock_ = 1;
};

TEST(AnyTrace, AddsUpToWhatWasAskedAndAnsweredInWhateverOrderItsSpansCome) {
  Chance chance(42);
  for (int i = 0; i < kTraces; ++i) {
    AnyTrace trace(chance);
    std::ranges::shuffle(trace.spans, chance.engine());
    SettleTraceUsage(trace.spans);
    const CallTotals totals = TotalsOf(trace.spans);
    ASSERT_EQ(totals.input_tokens, trace.input) << "trace " << i;
    ASSERT_EQ(totals.output_tokens, trace.output) << "trace " << i;
    ASSERT_EQ(totals.calls, trace.asked) << "trace " << i;

    int64_t own = 0;
    for (const TraceCall& span : trace.spans) {
      if (span.call->counts()) own += std::max<int64_t>(span.call->usage.input_tokens, 0);
    }
    ASSERT_EQ(totals.input_tokens, own);
    // Settled once more, nothing changes.
    SettleTraceUsage(trace.spans);
    ASSERT_EQ(TotalsOf(trace.spans).input_tokens, totals.input_tokens);
  }
}

}  // namespace
}  // namespace telltale
