#include "calls/trace_usage.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace telltale {
namespace {

// A trace drawn call by call; ids are letters.
class TraceOf {
 public:
  struct Told {
    CallKind kind = CallKind::kLlm;
    std::string_view model = "gpt-4o";
    int64_t input = Usage::kNotTold;
    int64_t output = Usage::kNotTold;
    std::string_view response_id = {};
    std::string_view scope = "a";
    uint64_t start = 0;
    uint64_t end = 10;
    bool failed = false;
  };

  TraceOf& Add(char id, char parent, const Told& told) {
    Call& call = calls_.emplace_back();
    call.kind = told.kind;
    call.request.model = told.model;
    call.response.id = told.response_id;
    call.usage.input_tokens = told.input;
    call.usage.output_tokens = told.output;
    call.failed = told.failed;
    TraceCall& span = spans.emplace_back();
    span.trace_id.bytes[0] = 1;
    span.span_id.bytes[0] = static_cast<uint8_t>(id);
    if (parent != 0) span.parent_span_id.bytes[0] = static_cast<uint8_t>(parent);
    span.start_unix_nano = told.start;
    span.end_unix_nano = told.end;
    span.scope_name = told.scope;
    span.call = &call;
    return *this;
  }

  // "a own, b twin of a, c sum"
  std::string Settled() {
    SettleTraceUsage(spans);
    std::string text;
    for (const TraceCall& span : spans) {
      if (!text.empty()) text += ", ";
      text += static_cast<char>(span.span_id.bytes[0]);
      if (!span.call->duplicate_of.IsZero()) {
        text += std::string(" twin of ") + static_cast<char>(span.call->duplicate_of.bytes[0]);
      } else {
        text += span.call->usage.scope == UsageScope::kOwn ? " own" : " sum";
      }
    }
    return text;
  }

  std::vector<TraceCall> spans;

 private:
  std::deque<Call> calls_;
};

TEST(TraceUsage, OfAnAgentIsASumOnceACallBelowItHasItsOwn) {
  TraceOf trace;
  trace.Add('a', 0, {.kind = CallKind::kAgent, .input = 20, .output = 4});
  trace.Add('b', 'a', {.input = 10, .output = 2, .response_id = "r1"});
  trace.Add('c', 'a', {.input = 10, .output = 2, .response_id = "r2", .start = 20, .end = 30});
  EXPECT_EQ(trace.Settled(), "a sum, b own, c own");
  const CallTotals totals = TotalsOf(trace.spans);
  EXPECT_EQ(totals.calls, 2u);
  EXPECT_EQ(totals.input_tokens, 20);
  EXPECT_EQ(totals.output_tokens, 4);
}

TEST(TraceUsage, OfAnAgentIsItsOwnWhenNobodyBelowTellsAny) {
  TraceOf trace;
  trace.Add('a', 0, {.kind = CallKind::kAgent, .input = 20, .output = 4});
  trace.Add('b', 'a', {.kind = CallKind::kTool});
  EXPECT_EQ(trace.Settled(), "a own, b own");
  EXPECT_EQ(TotalsOf(trace.spans).input_tokens, 20);
}

TEST(TraceUsage, CountsOneCallOnceWhenTheSdkTellsItBelowTheInstrumentation) {
  TraceOf trace;
  trace.Add('a', 0, {.model = "claude", .input = 10, .output = 2, .scope = "openinference"});
  trace.Add('b', 'a',
            {.model = "claude-2025", .input = 10, .output = 2, .response_id = "m1", .scope = "sdk"});
  EXPECT_EQ(trace.Settled(), "a own, b twin of a");
  EXPECT_EQ(TotalsOf(trace.spans).calls, 1u);
}

TEST(TraceUsage, CountsOneCallOnceWhenTwoTellItSideBySide) {
  TraceOf trace;
  trace.Add('r', 0, {.kind = CallKind::kChain, .model = ""});
  trace.Add('a', 'r', {.input = 10, .output = 2, .scope = "openinference", .start = 1, .end = 9});
  trace.Add('b', 'r', {.input = 10, .output = 2, .response_id = "m1", .scope = "sdk", .start = 2, .end = 8});
  EXPECT_EQ(trace.Settled(), "r own, a own, b twin of a");
}

TEST(TraceUsage, KeepsParallelCallsOfOneInstrumentationApart) {
  TraceOf trace;
  trace.Add('r', 0, {.kind = CallKind::kChain, .model = ""});
  trace.Add('a', 'r', {.input = 10, .output = 2, .start = 1, .end = 9});
  trace.Add('b', 'r', {.input = 10, .output = 2, .start = 1, .end = 9});
  EXPECT_EQ(trace.Settled(), "r own, a own, b own");
}

TEST(TraceUsage, KeepsCallsApartThatNameOtherAnswers) {
  TraceOf trace;
  trace.Add('r', 0, {.kind = CallKind::kChain, .model = ""});
  trace.Add('a', 'r', {.input = 10, .output = 2, .response_id = "m1", .scope = "x"});
  trace.Add('b', 'r', {.input = 10, .output = 2, .response_id = "m2", .scope = "y"});
  EXPECT_EQ(trace.Settled(), "r own, a own, b own");
}

TEST(TraceUsage, CountsTheTellingWithTokensWhenTheRawTwinHasNone) {
  TraceOf trace;
  trace.Add('a', 0, {.response_id = "c1"});
  trace.Add('b', 'a', {.input = 10, .output = 2, .response_id = "c1"});
  EXPECT_EQ(trace.Settled(), "a twin of b, b own");
}

TEST(TraceUsage, IsTheSumWhereOneModelSpanHoldsSeveralCalls) {
  TraceOf trace;
  trace.Add('a', 0, {.input = 20, .output = 4});
  trace.Add('b', 'a', {.input = 10, .output = 2, .start = 1, .end = 2});
  trace.Add('c', 'a', {.input = 10, .output = 2, .start = 3, .end = 4});
  EXPECT_EQ(trace.Settled(), "a sum, b own, c own");
}

TEST(TraceUsage, JoinsByResponseIdOverTraces) {
  TraceOf trace;
  trace.Add('a', 0, {.input = 10, .output = 2, .response_id = "m1", .scope = "x"});
  trace.Add('b', 0, {.input = 10, .output = 2, .response_id = "m1", .scope = "y"});
  trace.spans[1].trace_id.bytes[0] = 2;
  EXPECT_EQ(trace.Settled(), "a own, b twin of a");
}

TEST(TraceUsage, EndsWhereParentsGoInACircle) {
  TraceOf trace;
  trace.Add('a', 'b', {.input = 10, .output = 2});
  trace.Add('b', 'a', {.kind = CallKind::kAgent, .input = 10, .output = 2, .failed = true});
  trace.Settled();
  EXPECT_LE(TotalsOf(trace.spans).calls, 1u);
}

TEST(TraceUsage, SettledTwiceIsTheSame) {
  TraceOf trace;
  trace.Add('a', 0, {.kind = CallKind::kAgent, .input = 10, .output = 2});
  trace.Add('b', 'a', {.input = 10, .output = 2, .scope = "x"});
  trace.Add('c', 'b', {.input = 10, .output = 2, .scope = "y"});
  const std::string once = trace.Settled();
  EXPECT_EQ(trace.Settled(), once);
  EXPECT_EQ(once, "a sum, b own, c twin of b");
}

TEST(TraceUsage, WhatTelltaleCountedMakesASumAboveItButNoTwin) {
  TraceOf trace;
  trace.Add('a', 0, {.kind = CallKind::kAgent, .input = 100, .output = 10})
      .Add('b', 'a', {.input = 99, .output = 9});
  trace.spans[1].call->usage.source = UsageSource::kCounted;
  EXPECT_EQ(trace.Settled(), "a sum, b own");

  TraceOf twins;
  twins.Add('a', 0, {.input = 99, .output = 9}).Add('b', 'a', {.input = 100, .output = 10});
  twins.spans[0].call->usage.source = UsageSource::kCounted;
  EXPECT_EQ(twins.Settled(), "a twin of b, b own");
}

}  // namespace
}  // namespace telltale
