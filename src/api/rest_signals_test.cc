// /api/v1/logs, /api/v1/metrics and the logs of a trace: question -> exact answer.
#include <gtest/gtest.h>

#include <limits>

#include "api/testing/ask.h"

namespace telltale {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// A row of query/logs.cc.
Rows LogRowAt(int64_t time) {
  Rows rows;
  rows.Number<int64_t>(time).Number<uint64_t>(7).Number<uint64_t>(8);
  rows.Bytes(IdOf<16>(1))
      .Bytes(IdOf<8>(2))
      .String("shop")
      .Number<uint8_t>(17)
      .String("ERROR")
      .String("exception");
  rows.String("it \"broke\"").Number<uint8_t>('s').Number<uint32_t>(1);
  rows.Length(1).String("retries").String("3").String("i").Number<uint32_t>(2);
  rows.String(R"({"attributes":[]})").String(R"({"name":"logging"})");
  return rows;
}

TEST(RestLogs, ARecordIsShownWithEveryField) {
  AskedFace ask;
  ask.engine.Answer(LogRowAt(7));
  const HttpResponse response = ask.Rest("/api/v1/logs");
  EXPECT_EQ(
      response.body,
      R"({"items":[{"timeUnixNano":"7","observedTimeUnixNano":"8","time_unix_nano":"7",)"
      R"("traceId":"00000000000000000000000000000001","spanId":"0000000000000002","severityNumber":17,"severityText":"ERROR",)"
      R"("eventName":"exception","body":{"stringValue":"it \"broke\""},)"
      R"("attributes":[{"key":"retries","value":{"intValue":"3"}}],"droppedAttributesCount":2,"flags":1,"service":"shop",)"
      R"("resource":{"attributes":[]},"scope":{"name":"logging"}}],"next":null})");
}

TEST(RestLogs, EveryFilterReachesTheStore) {
  AskedFace ask;
  const HttpResponse response = ask.Rest(
      "/api/v1/"
      "logs?trace_id=1&span_id=0000000000000002&service=a&event=e&text=%25_&severity=warn&attribute=k%3Dv&"
      "start=5&"
      "end=6");
  EXPECT_EQ(response.status, 200) << response.body;
  ASSERT_EQ(ask.engine.asked.size(), 1u);
  const std::string parameters = ParametersOf(ask.engine.asked[0]);
  EXPECT_TRUE(parameters.starts_with("start=5 end=6 service=a event_name=e severity=13 attribute0_key=k"))
      << parameters;
  EXPECT_TRUE(parameters.ends_with(" text=%_")) << parameters;
  EXPECT_TRUE(ask.engine.asked[0].sql.contains("trace_id = unhex('00000000000000000000000000000001')"));
  EXPECT_TRUE(ask.engine.asked[0].sql.contains("span_id = unhex('0000000000000002')"));
}

TEST(RestLogs, ATraceIsAskedForWholeHoweverOldItIs) {
  AskedFace ask;
  ask.Rest("/api/v1/logs?trace_id=1");
  EXPECT_EQ(ParametersOf(ask.engine.asked[0]), "end=1700000100000000000");
}

TEST(RestLogs, APageEndsBetweenTwoTimes) {
  AskedFace ask;
  ask.engine.Answer(Rows(LogRowAt(9)).Append(LogRowAt(8)).Append(LogRowAt(8)));
  const HttpResponse response = ask.Rest("/api/v1/logs?limit=2&start=0&end=100");
  EXPECT_TRUE(response.body.ends_with(R"("next":"9"})")) << response.body;
  EXPECT_FALSE(response.body.contains(R"("time_unix_nano":"8")"));

  ask.engine.asked.clear();
  ask.Rest("/api/v1/logs?limit=2&start=0&end=100&cursor=9");
  EXPECT_EQ(ParametersOf(ask.engine.asked[0]), "end=9");
}

TEST(RestLogs, RecordsOfOneTimeStandOnOnePageHoweverMany) {
  AskedFace ask;
  ask.engine.Answer(Rows(LogRowAt(8)).Append(LogRowAt(8)));
  ask.engine.Answer(Rows(LogRowAt(8)).Append(LogRowAt(8)).Append(LogRowAt(8)));
  const HttpResponse response = ask.Rest("/api/v1/logs?limit=1&start=0&end=100");
  EXPECT_EQ(ParametersOf(ask.engine.asked[1]), "start=8 end=9");
  EXPECT_TRUE(response.body.ends_with(R"("next":"8"})")) << response.body;
}

TEST(RestLogs, WhatCannotBeReadIsNamed) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/logs?severity=loud").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/logs?span_id=xyz").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/logs?trace_id=0").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/logs?cursor=now").status, 400);
  EXPECT_TRUE(ask.engine.asked.empty());
}

TEST(RestTrace, CarriesItsLogs) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({FakeSpan()}));
  ask.engine.Answer(LogRowAt(9));
  const HttpResponse response = ask.Rest("/api/v1/traces/1");
  EXPECT_TRUE(response.body.contains(R"("logs":[{"timeUnixNano":"7",)")) << response.body;
  EXPECT_TRUE(response.body.ends_with(R"(}],"logs_truncated":false})")) << response.body;
}

// A row of query/metrics.cc.
Rows PointRow(MetricType type, double value, bool is_integer) {
  Rows rows;
  rows.String("gen_ai.client.token.usage").Number<int64_t>(9).Number<int64_t>(3).String("shop");
  rows.Number<uint8_t>(static_cast<uint8_t>(type)).Number<uint8_t>(2).Number<uint8_t>(1);
  rows.String("{token}")
      .String("tokens")
      .Number<double>(value)
      .Number<uint8_t>(is_integer)
      .Number<int64_t>(-4);
  const bool has_shape = type == MetricType::kHistogram;
  rows.Number<uint64_t>(has_shape ? 3 : 0).Number<double>(has_shape ? 4.5 : kNone);
  rows.Number<double>(kNone).Number<double>(has_shape ? std::numeric_limits<double>::infinity() : kNone);
  rows.String(has_shape ? R"("explicitBounds":[1.5],"bucketCounts":["1","2"])" : "");
  rows.String(has_shape ? R"([{"timeUnixNano":"8","asInt":"2"}])" : "").Number<uint32_t>(0);
  rows.Length(1).String("gen_ai.token.type").String("input").String("s");
  rows.String("{}").String("");
  return rows;
}

TEST(RestMetrics, AHistogramKeepsItsBucketsAndExemplars) {
  AskedFace ask;
  ask.engine.Answer(PointRow(MetricType::kHistogram, kNone, false));
  const HttpResponse response = ask.Rest("/api/v1/metrics?name=gen_ai.client.token.usage");
  EXPECT_EQ(
      response.body,
      R"({"items":[{"name":"gen_ai.client.token.usage","type":"histogram","unit":"{token}","description":"tokens",)"
      R"("temporality":"cumulative","service":"shop","timeUnixNano":"9","startTimeUnixNano":"3","count":"3","sum":4.5,)"
      R"("max":"Infinity","explicitBounds":[1.5],"bucketCounts":["1","2"],)"
      R"("attributes":[{"key":"gen_ai.token.type","value":{"stringValue":"input"}}],)"
      R"("exemplars":[{"timeUnixNano":"8","asInt":"2"}],"resource":{},"scope":{}}],"next":null})");
}

TEST(RestMetrics, AnIntegerStaysOne) {
  AskedFace ask;
  ask.engine.Answer(PointRow(MetricType::kSum, -4, true));
  const HttpResponse response = ask.Rest("/api/v1/metrics");
  EXPECT_TRUE(response.body.contains(R"("temporality":"cumulative","monotonic":true,)")) << response.body;
  EXPECT_TRUE(response.body.contains(R"("asInt":"-4",)")) << response.body;
}

TEST(RestMetrics, APointWithoutAValueShowsNone) {
  AskedFace ask;
  ask.engine.Answer(PointRow(MetricType::kGauge, kNone, false));
  const HttpResponse response = ask.Rest("/api/v1/metrics");
  EXPECT_FALSE(response.body.contains("as")) << response.body;
  EXPECT_FALSE(response.body.contains("temporality")) << response.body;
}

TEST(RestMetrics, NamesSayWhoSentThem) {
  AskedFace ask;
  Rows row;
  row.String("m").Number<uint8_t>(2).String("s").String("d").Number<uint64_t>(5).Number<int64_t>(6);
  row.Length(2).String("a").String("b");
  ask.engine.Answer(row);
  EXPECT_EQ(ask.Rest("/api/v1/metric_names").body,
            R"({"items":[{"name":"m","type":"sum","unit":"s","description":"d","point_count":5,)"
            R"("last_unix_nano":"6","services":["a","b"]}],"next":null})");
}

}  // namespace
}  // namespace telltale
