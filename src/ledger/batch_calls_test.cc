#include "ledger/batch_calls.h"

#include <gtest/gtest.h>

#include <string>

#include "otlp/trace_decoder.h"
#include "pricing/price_table.h"

namespace telltale {
namespace {

// Two chats under an agent that sums them up, and a step that is no call.
constexpr std::string_view kAgentTrace = R"json({"resourceSpans":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
  "scopeSpans":[{"scope":{"name":"agents"},"spans":[
    {"traceId":"0000000000000000000000000000000a","spanId":"0000000000000001","name":"agent",
     "startTimeUnixNano":"1783036800000000000","endTimeUnixNano":"1783036809000000000","attributes":[
      {"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}},
      {"key":"gen_ai.conversation.id","value":{"stringValue":"talk-1"}},
      {"key":"gen_ai.usage.input_tokens","value":{"intValue":"300"}},
      {"key":"gen_ai.usage.output_tokens","value":{"intValue":"30"}}]},
    {"traceId":"0000000000000000000000000000000a","spanId":"0000000000000002","parentSpanId":"0000000000000001",
     "name":"step","startTimeUnixNano":"1783036800000000000","endTimeUnixNano":"1783036802000000000"},
    {"traceId":"0000000000000000000000000000000a","spanId":"0000000000000003","parentSpanId":"0000000000000001",
     "name":"chat","startTimeUnixNano":"1783036801000000000","endTimeUnixNano":"1783036802000000000","attributes":[
      {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
      {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
      {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},
      {"key":"gen_ai.response.id","value":{"stringValue":"answer-1"}},
      {"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},
      {"key":"gen_ai.usage.output_tokens","value":{"intValue":"10"}}]},
    {"traceId":"0000000000000000000000000000000a","spanId":"0000000000000004","parentSpanId":"0000000000000001",
     "name":"chat","startTimeUnixNano":"1783036803000000000","endTimeUnixNano":"1783036804000000000","attributes":[
      {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
      {"key":"gen_ai.request.model","value":{"stringValue":"a-model-of-nobody"}},
      {"key":"gen_ai.usage.input_tokens","value":{"intValue":"200"}},
      {"key":"gen_ai.usage.output_tokens","value":{"intValue":"20"}}]}
  ]}]}]})json";

class BatchCallsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(DecodeTracesJsonUntrusted(kAgentTrace, batch_)); }

  Batch batch_;
  Pricer pricer_{PriceTable::BuiltIn()};
};

TEST_F(BatchCallsTest, GivesARowForEachCallAndNoneForOtherSpans) {
  BatchCalls calls(pricer_);
  calls.Map(batch_);
  const auto rows = calls.Rows(77);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(calls.Of(1), nullptr);
  EXPECT_EQ(rows[0].kind, CallKind::kAgent);
  EXPECT_EQ(rows[1].service, "shop");
  EXPECT_EQ(rows[1].scope, "agents");
  EXPECT_EQ(rows[1].provider, "openai");
  EXPECT_EQ(rows[1].request_model, "gpt-4o");
  EXPECT_EQ(rows[1].duration_nano, 1'000'000'000);
  EXPECT_NE(rows[1].response_hash, 0u);
  EXPECT_EQ(rows[2].response_hash, 0u);
  EXPECT_EQ(rows[2].received_unix_ms, 77);
}

TEST_F(BatchCallsTest, ASumDoesNotCountAndAModelWithoutAPriceIsUnpriced) {
  BatchCalls calls(pricer_);
  calls.Map(batch_);
  const auto rows = calls.Rows(0);
  EXPECT_EQ(rows[0].counts, 0);
  EXPECT_EQ(rows[1].counts, 1);
  EXPECT_EQ(calls.totals().input_tokens, 300);
  // gpt-4o: 100 x $2.50 + 10 x $10 per million.
  EXPECT_EQ(rows[1].cost, 350'000'000);
  EXPECT_EQ(rows[1].cost_status, CostStatus::kComputed);
  EXPECT_EQ(rows[2].cost, Cost::kNotTold);
  EXPECT_EQ(rows[2].cost_status, CostStatus::kUnpriced);
  EXPECT_EQ(calls.costs().total, 350'000'000);
}

TEST_F(BatchCallsTest, ASendersCostIsTakenWhereNoPriceIsKnownAndAZeroIsNone) {
  Call call;
  call.kind = CallKind::kLlm;
  call.provider = "openai";
  call.request.model = "a-model-of-nobody";
  call.usage = {.input_tokens = 100, .output_tokens = 10};
  call.reported_cost.total = 0.25;
  EXPECT_EQ(PriceCall(pricer_, call, 0).status, CostStatus::kReported);
  EXPECT_EQ(PriceCall(pricer_, call, 0).total, 250'000'000'000);
  call.reported_cost.total = 0;
  EXPECT_EQ(PriceCall(pricer_, call, 0).status, CostStatus::kUnpriced);
  call.reported_cost.total = 0.25;
  call.request.model = "gpt-4o";
  EXPECT_EQ(PriceCall(pricer_, call, 0).total, 350'000'000) << "ours goes first";
}

TEST_F(BatchCallsTest, CallsBelongToTheConversationOfTheAgentAboveThem) {
  BatchCalls calls(pricer_);
  calls.Map(batch_);
  for (const CallRow& row : calls.Rows(0)) EXPECT_EQ(row.conversation, "talk-1");
}

// Without usage; the agent above tells 40 tokens, of which the answer's are a part.
constexpr std::string_view kUncounted = R"json({"resourceSpans":[{"scopeSpans":[{"spans":[
    {"traceId":"0000000000000000000000000000000a","spanId":"0000000000000001","name":"agent","attributes":[
      {"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}},
      {"key":"gen_ai.usage.input_tokens","value":{"intValue":"40"}}]},
    {"traceId":"0000000000000000000000000000000a","spanId":"0000000000000002","parentSpanId":"0000000000000001",
     "name":"chat","startTimeUnixNano":"1783036800000000000","attributes":[
      {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
      {"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},
      {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},
      {"key":"gen_ai.input.messages","value":{"stringValue":
        "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"hello world\"}]}]"}},
      {"key":"gen_ai.output.messages","value":{"stringValue":
        "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"hello world\"}]}]"}}]}
  ]}]}]})json";

TEST_F(BatchCallsTest, ACallWithoutUsageIsCountedAndSaysSo) {
  Batch batch;
  ASSERT_TRUE(DecodeTracesJsonUntrusted(kUncounted, batch));
  BatchCalls calls(pricer_);
  calls.Map(batch);
  const auto rows = calls.Rows(0);
  ASSERT_EQ(rows.size(), 2u);
  if (rows[1].usage.source != UsageSource::kCounted)
    GTEST_SKIP() << "built without the vocabulary o200k_base";
  // Two words are two tokens; a message costs three, its role one, the primed answer three.
  EXPECT_EQ(rows[1].usage.input_tokens, 2 + 3 + 1 + 3);
  EXPECT_EQ(rows[1].usage.output_tokens, 2);
  EXPECT_EQ(rows[1].cost_status, CostStatus::kComputed);
  EXPECT_EQ(rows[0].counts, 0) << "the agent's is the sum of it";
}

TEST_F(BatchCallsTest, ForgetsTheBatchBefore) {
  BatchCalls calls(pricer_);
  calls.Map(batch_);
  Batch empty;
  calls.Map(empty);
  EXPECT_TRUE(calls.Rows(0).empty());
  EXPECT_EQ(calls.totals().calls, 0u);
  EXPECT_EQ(calls.Of(0), nullptr);
}

CallRow RowIn(uint8_t trace, uint8_t span, uint8_t parent, std::string_view user) {
  CallRow row;
  row.trace_id.bytes[0] = trace;
  row.span_id.bytes[0] = span;
  row.parent_id.bytes[0] = parent;
  row.user = user;
  return row;
}

TEST(InheritContextTest, TheNearestAncestorIsTaken) {
  std::vector<CallRow> rows = {RowIn(1, 1, 0, "ann"), RowIn(1, 2, 1, "bob"), RowIn(1, 3, 2, ""),
                               RowIn(1, 4, 1, "")};
  InheritContext(rows);
  EXPECT_EQ(rows[2].user, "bob");
  EXPECT_EQ(rows[3].user, "ann");
}

TEST(InheritContextTest, WithoutSuchAnAncestorTheOnlyOneOfTheTraceIsTaken) {
  std::vector<CallRow> rows = {RowIn(1, 1, 9, ""), RowIn(1, 2, 8, "ann"), RowIn(2, 1, 9, ""),
                               RowIn(2, 2, 8, "bob"), RowIn(2, 3, 7, "cy")};
  InheritContext(rows);
  EXPECT_EQ(rows[0].user, "ann");
  EXPECT_EQ(rows[2].user, "");
}

TEST(InheritContextTest, ParentsInACircleEnd) {
  std::vector<CallRow> rows = {RowIn(1, 1, 2, ""), RowIn(1, 2, 1, ""), RowIn(2, 1, 0, "ann")};
  InheritContext(rows);
  EXPECT_EQ(rows[0].user, "");
}

}  // namespace
}  // namespace telltale
