#include "cli/api_answers.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

// A trace with one span that has these attributes, as OTLP/JSON text.
ShownSpan SpanWith(const std::string& attributes) {
  const auto trace = ReadShownTraceUntrusted(R"({"spans":[{"attributes":[)" + attributes + "]}]}");
  return trace->spans.at(0);
}

TEST(ApiAnswers, ReadsAnItemOfTheListAndKeepsItsText) {
  const auto page = ReadListedTracesUntrusted(
      R"({"items":[{"trace_id":"ab","service":"s","name":"n","root_missing":true,"start_unix_nano":"18446744073709551615",
         "duration_nano":"5","span_count":3,"error_count":1,"status":"error","services":[]}],"next":"more"})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->items.size(), 1u);
  const ListedTrace& item = page->items[0];
  EXPECT_EQ(item.start_unix_nano, 18446744073709551615u);
  EXPECT_TRUE(item.root_missing);
  EXPECT_EQ(item.span_count, 3u);
  EXPECT_EQ(page->next, "more");
  EXPECT_TRUE(item.json.starts_with(R"({"trace_id":"ab","service":"s")")) << item.json;
}

TEST(ApiAnswers, TakesMembersOfAnotherTypeAsAbsent) {
  const auto page =
      ReadListedTracesUntrusted(R"({"items":[{"trace_id":7,"span_count":"x"},5,null],"next":null})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items.size(), 3u);
  EXPECT_EQ(page->items[0].trace_id, "");
  EXPECT_EQ(page->next, "");
}

TEST(ApiAnswers, RefusesWhatIsNotTheDocument) {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"items":{}})", R"({"spans":null})"}) {
    EXPECT_FALSE(ReadListedTracesUntrusted(body)) << body;
    EXPECT_FALSE(ReadShownTraceUntrusted(body)) << body;
    EXPECT_FALSE(ReadCountersUntrusted(body)) << body;
    EXPECT_FALSE(ReadServerStatsUntrusted(body)) << body;
  }
}

TEST(ApiAnswers, ReadsAttributesOfEveryTypeAsPlainJson) {
  EXPECT_EQ(SpanWith(R"({"key":"k","value":{"intValue":"-9223372036854775808"}})").Find("k")->value,
            "-9223372036854775808");
  EXPECT_EQ(SpanWith(R"({"key":"k","value":{"doubleValue":"NaN"}})").Find("k")->value, R"("NaN")");
  EXPECT_EQ(SpanWith(R"({"key":"k","value":{"doubleValue":0.5}})").Find("k")->value, "0.5");
  EXPECT_EQ(SpanWith(R"({"key":"k","value":{"bytesValue":"AAE="}})").Find("k")->value, R"("AAE=")");
  EXPECT_EQ(SpanWith(R"({"key":"k","value":{}})").Find("k")->value, "null");
  EXPECT_EQ(SpanWith(R"({"key":"k"})").Find("k")->value, "null");
  EXPECT_EQ(
      SpanWith(R"({"key":"k","value":{"arrayValue":{"values":[{"stringValue":"\""},{}]}}})").Find("k")->value,
      R"(["\"",null])");
  EXPECT_EQ(
      SpanWith(R"({"key":"k","value":{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}}})")
          .Find("k")
          ->value,
      R"({"a":true})");
}

TEST(ApiAnswers, LetsTheLastValueOfARepeatedKeyWin) {
  const ShownSpan span = SpanWith(
      R"({"key":"a","value":{"intValue":"1"}},{"key":"b","value":{"intValue":"2"}},{"key":"a","value":{"intValue":"3"}})");
  ASSERT_EQ(span.attributes.size(), 2u);
  EXPECT_EQ(span.attributes[0].value, "3");
}

std::string Nested(int depth) {
  std::string value;
  for (int i = 0; i < depth; ++i) value += R"({"arrayValue":{"values":[)";
  for (int i = 0; i < depth; ++i) value += "]}}";
  return value;
}

TEST(ApiAnswers, CutsValuesNestedDeeperThanAnyoneReads) {
  const ShownSpan span = SpanWith(R"({"key":"k","value":)" + Nested(500) + "}");
  EXPECT_LT(span.Find("k")->value.size(), 200u);
}

TEST(ApiAnswers, RefusesADocumentThatIsOnlyDepth) {
  EXPECT_FALSE(
      ReadShownTraceUntrusted(R"({"spans":[{"attributes":[{"key":"k","value":)" + Nested(50'000) + "}]}]}"));
  const std::string brackets = std::string(50'000, '[') + std::string(50'000, ']');
  EXPECT_FALSE(ReadListedTracesUntrusted(R"({"items":[)" + brackets + "]}"));
  EXPECT_TRUE(ReadListedTracesUntrusted(R"({"items":[")" + std::string(50'000, '[') + R"(\"{"]})"));
}

TEST(ApiAnswers, TakesWhatACallDoesNotTellAsNotKnown) {
  const auto calls = ReadListedCallsUntrusted(R"({"items":[{"call":{"usage":{"input_tokens":"many"}}}, 1]})");
  ASSERT_TRUE(calls);
  ASSERT_EQ(calls->items.size(), 2u);
  for (const ListedCall& item : calls->items) {
    EXPECT_FALSE(item.counts);
    EXPECT_EQ(item.call.usage.input_tokens, -1);
    EXPECT_EQ(item.call.time_to_first_token, -1);
    EXPECT_FALSE(item.call.cost);
  }
  const auto sums = ReadCallSumsUntrusted(R"({"items":[{"cost":{"total":null}}]})");
  ASSERT_TRUE(sums);
  EXPECT_FALSE(sums->items.at(0).totals.cost);
  EXPECT_EQ(sums->items.at(0).time_to_first_token_p50, -1);
}

TEST(ApiAnswers, KeepsAmountsAndCountsWithinWhatTheyCanHold) {
  const auto calls = ReadListedCallsUntrusted(
      R"({"items":[{"call":{"usage":{"input_tokens":1e300,"output_tokens":-5},)"
      R"("cost":{"status":"computed","total":1e300,"parts":[{"kind":"input","amount":-1},{"kind":"new"}]}}}]})");
  ASSERT_TRUE(calls);
  const ShownCall& call = calls->items.at(0).call;
  EXPECT_EQ(call.usage.output_tokens, 0);
  ASSERT_TRUE(call.cost);
  EXPECT_EQ(call.cost->total, 0);
  EXPECT_EQ(call.cost->part_count, 1);
}

TEST(ApiAnswers, ReadsStatsOfAnotherVersion) {
  const auto stats =
      ReadServerStatsUntrusted(R"({"version":"9","uptime_seconds":12.75,"newest_unix_nano":null})");
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->uptime_seconds, 12u);
  EXPECT_EQ(stats->newest_unix_nano, 0u);
  EXPECT_EQ(stats->otlp_grpc, "");
}

}  // namespace
}  // namespace telltale
