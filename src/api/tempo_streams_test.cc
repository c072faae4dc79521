#include "api/tempo_streams.h"

#include <gtest/gtest.h>

#include "otlp/wire_writer.h"

namespace telltale {
namespace {

TEST(TempoStreams, ASearchRequestIsTheSameQuestionAsHttp) {
  std::string tag;
  AppendWireBytes(1, "http.url", tag);
  AppendWireBytes(2, "/a \"b\"", tag);
  std::string message;
  AppendWireBytes(1, tag, message);
  AppendWireVarint(2, 100, message);
  AppendWireVarint(3, 2'000, message);
  AppendWireVarint(4, 20, message);
  AppendWireVarint(5, 1'700'000'000, message);
  AppendWireVarint(6, 1'700'000'060, message);
  AppendWireBytes(8, "{ .a = 1 }", message);
  AppendWireVarint(9, 3, message);
  AppendWireBytes(77, "from the future", message);
  const auto request = TempoRequestUntrusted(TempoCall::kSearch, message);
  EXPECT_EQ(request->path, "/api/search");
  EXPECT_EQ(request->headers.Get("Accept"), "application/protobuf");
  EXPECT_EQ(request->Param("tags"), "http.url=\"/a \\\"b\\\"\"");
  EXPECT_EQ(request->Param("minDuration"), "100ms");
  EXPECT_EQ(request->Param("maxDuration"), "2000ms");
  EXPECT_EQ(request->Param("limit"), "20");
  EXPECT_EQ(request->Param("start"), "1700000000");
  EXPECT_EQ(request->Param("end"), "1700000060");
  EXPECT_EQ(request->Param("q"), "{ .a = 1 }");
  EXPECT_EQ(request->Param("spss"), "3");
}

TEST(TempoStreams, WhatARequestLeavesOutIsAbsent) {
  EXPECT_EQ(TempoRequestUntrusted(TempoCall::kSearch, "")->query, "");
  EXPECT_EQ(TempoRequestUntrusted(TempoCall::kQueryInstant, "")->path, "/api/metrics/query");
}

TEST(TempoStreams, AMetricRequestHasTimesAndAStepInNanoseconds) {
  std::string message;
  AppendWireBytes(1, "{} | rate()", message);
  AppendWireVarint(2, 1'700'000'000'000'000'000, message);
  AppendWireVarint(3, 1'700'000'060'000'000'000, message);
  AppendWireVarint(4, 10'000'000'000, message);
  const auto request = TempoRequestUntrusted(TempoCall::kQueryRange, message);
  EXPECT_EQ(request->path, "/api/metrics/query_range");
  EXPECT_EQ(
      request->query,
      "q=%7B%7D%20%7C%20rate%28%29&start=1700000000000000000&end=1700000060000000000&step=10000000000ns");
}

TEST(TempoStreams, BytesThatAreNoMessageAreRefused) {
  for (const TempoCall call : {TempoCall::kSearch, TempoCall::kQueryRange, TempoCall::kQueryInstant})
    EXPECT_EQ(TempoRequestUntrusted(call, "\xff").error().code, ErrorCode::kInvalidInput);
}

// [ field 40 ][ field 40 ][ field 100 ]
// | -- limit 90 -- |      | larger than the limit: alone |
TEST(TempoStreams, AMessageIsCutBetweenItsFields) {
  const auto field = [](size_t size) {
    std::string text;
    AppendWireBytes(1, std::string(size - 2, 'x'), text);
    return text;
  };
  const std::string message = field(40) + field(40) + field(100);
  EXPECT_EQ(SplitMessage(message, 90), (std::vector<std::string>{field(40) + field(40), field(100)}));
  EXPECT_EQ(SplitMessage(message, 1'000), std::vector<std::string>{message});
  EXPECT_EQ(SplitMessage("", 90), std::vector<std::string>{""});
}

}  // namespace
}  // namespace telltale
