#include "otlp/metric_decoder.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <string>

#include "otlp/wire_writer.h"

namespace telltale {
namespace {

// A request of one metric: its kind's field, and these points.
std::string Request(uint32_t kind, const std::vector<std::string>& points) {
  std::string data;
  for (const std::string& point : points) AppendWireBytes(1, point, data);
  std::string metric;
  AppendWireBytes(1, "m", metric);
  AppendWireBytes(kind, data, metric);
  std::string scope_metrics;
  AppendWireBytes(2, metric, scope_metrics);
  std::string resource_metrics;
  AppendWireBytes(2, scope_metrics, resource_metrics);
  std::string request;
  AppendWireBytes(1, resource_metrics, request);
  return request;
}

constexpr uint32_t kGauge = 5;
constexpr uint32_t kHistogram = 9;
constexpr uint32_t kExponential = 10;

std::string Packed(const std::vector<uint64_t>& numbers) {
  std::string bytes;
  for (const uint64_t number : numbers) bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  return bytes;
}

TEST(MetricsProtobuf, NumbersOfAListMayComePackedOrOneByOne) {
  std::string packed;
  AppendWireBytes(6, Packed({1, 2}), packed);
  AppendWireBytes(7, Packed({std::bit_cast<uint64_t>(0.5)}), packed);
  std::string one_by_one;
  AppendWireFixed64(6, 1, one_by_one);
  AppendWireFixed64(7, std::bit_cast<uint64_t>(0.5), one_by_one);
  AppendWireFixed64(6, 2, one_by_one);
  const std::string wire = Request(kHistogram, {packed, one_by_one});
  Batch batch;
  const auto refused = DecodeMetricsProtobufUntrusted(wire, batch);
  ASSERT_TRUE(refused) << refused.error().message;
  ASSERT_EQ(batch.points.size(), 2u) << refused->reason;
  EXPECT_EQ(batch.points[0].shape, R"("bucketCounts":["1","2"],"explicitBounds":[0.5])");
  EXPECT_EQ(batch.points[1].shape, batch.points[0].shape);
}

TEST(MetricsProtobuf, OfTwoValuesTheLastCounts) {
  std::string point;
  AppendWireFixed64(6, 7, point);
  AppendWireFixed64(4, std::bit_cast<uint64_t>(1.5), point);
  Batch batch;
  ASSERT_TRUE(DecodeMetricsProtobufUntrusted(Request(kGauge, {point, ""}), batch));
  ASSERT_EQ(batch.points.size(), 2u);
  EXPECT_FALSE(batch.points[0].is_integer);
  EXPECT_EQ(batch.points[0].value, 1.5);
  EXPECT_TRUE(std::isnan(batch.points[1].value)) << "no value was recorded";
}

TEST(MetricsProtobuf, BucketsKeepTheirSignedOffsetAndScale) {
  std::string buckets;
  AppendWireVarint(1, 9, buckets);  // zigzag of -5
  AppendWireVarint(2, 300, buckets);
  std::string point;
  AppendWireVarint(6, 5, point);  // zigzag of -3
  AppendWireBytes(8, buckets, point);
  Batch batch;
  ASSERT_TRUE(DecodeMetricsProtobufUntrusted(Request(kExponential, {point}), batch));
  ASSERT_EQ(batch.points.size(), 1u);
  EXPECT_EQ(batch.points[0].shape, R"("scale":-3,"positive":{"offset":-5,"bucketCounts":["300"]})");
}

TEST(MetricsProtobuf, AMemberThatIsGivenTwiceIsOneMember) {
  std::string first;
  AppendWireVarint(2, 1, first);
  std::string second;
  AppendWireVarint(2, 2, second);
  std::string point;
  AppendWireVarint(6, 2, point);  // zigzag of 1
  AppendWireBytes(8, first, point);
  AppendWireVarint(6, 4, point);  // zigzag of 2
  AppendWireBytes(8, second, point);
  Batch batch;
  ASSERT_TRUE(DecodeMetricsProtobufUntrusted(Request(kExponential, {point}), batch));
  EXPECT_EQ(batch.points.at(0).shape, R"("scale":2,"positive":{"bucketCounts":["1","2"]})");
}

TEST(MetricsProtobuf, DataThatIsGivenTwiceKeepsThePointsOfBoth) {
  std::string point;
  AppendWireFixed64(6, 1, point);
  std::string gauge;
  AppendWireBytes(1, point, gauge);
  std::string metric;
  AppendWireBytes(kGauge, gauge, metric);
  AppendWireBytes(kGauge, gauge, metric);
  std::string scope_metrics;
  AppendWireBytes(2, metric, scope_metrics);
  std::string resource_metrics;
  AppendWireBytes(2, scope_metrics, resource_metrics);
  std::string request;
  AppendWireBytes(1, resource_metrics, request);
  Batch batch;
  ASSERT_TRUE(DecodeMetricsProtobufUntrusted(request, batch));
  EXPECT_EQ(batch.points.size(), 2u);
}

TEST(MetricsProtobuf, APointOfManyMegabytesIsRefused) {
  std::string point;
  AppendWireBytes(6, std::string((1 << 20) + 8, '\0'), point);
  Batch batch;
  const auto refused = DecodeMetricsProtobufUntrusted(Request(kHistogram, {point, ""}), batch);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->count, 1u);
  EXPECT_NE(refused->reason.find("more than 1 MiB"), std::string::npos) << refused->reason;
  EXPECT_EQ(batch.points.size(), 1u);
}

TEST(MetricsProtobuf, AnExemplarWithAWrongIdIsKeptWithoutIt) {
  std::string exemplar;
  AppendWireFixed64(2, 8, exemplar);
  AppendWireFixed64(6, 2, exemplar);
  AppendWireBytes(4, "short", exemplar);
  std::string point;
  AppendWireBytes(5, exemplar, point);
  Batch batch;
  ASSERT_TRUE(DecodeMetricsProtobufUntrusted(Request(kGauge, {point}), batch));
  ASSERT_EQ(batch.points.size(), 1u);
  EXPECT_EQ(batch.points[0].exemplars, R"([{"timeUnixNano":"8","asInt":"2"}])");
  EXPECT_TRUE(batch.attributes.empty());
}

TEST(MetricsProtobuf, WhatIsWrongCostsItsPointAlone) {
  std::string late;
  AppendWireFixed64(3, uint64_t{1} << 63, late);
  std::string misshapen;
  AppendWireBytes(6, Packed({1, 2, 3}), misshapen);
  AppendWireBytes(7, Packed({0}), misshapen);
  std::string broken;
  AppendWireBytes(6, "seven b", broken);
  std::string good;
  AppendWireFixed64(4, 3, good);
  Batch batch;
  const auto refused =
      DecodeMetricsProtobufUntrusted(Request(kHistogram, {late, misshapen, broken, good}), batch);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->count, 3u);
  EXPECT_EQ(refused->reason,
            "1 data point: times must be before the year 2262 (first: data point 1); "
            "1 data point: malformed (first: data point 3: a field is not protobuf); "
            "1 data point: bucket counts must be one more than bounds, or none (first: data point 2)");
  ASSERT_EQ(batch.points.size(), 1u);
  EXPECT_EQ(batch.points[0].count, 3u);
}

TEST(MetricsJson, NumbersMayBeTextsAndNamesMayBeSnakeCase) {
  Batch batch;
  const auto refused = DecodeMetricsJsonUntrusted(
      R"({"resource_metrics":[{"scope_metrics":[{"metrics":[{"name":"s","sum":{"is_monotonic":true,)"
      R"("aggregation_temporality":"AGGREGATION_TEMPORALITY_DELTA","data_points":[{"as_int":"-7","time_unix_nano":5},)"
      R"({"asDouble":"NaN"},{"asDouble":1e400},{"asInt":1.5}]}}]}]}]})",
      batch);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->count, 2u) << refused->reason;
  ASSERT_EQ(batch.points.size(), 2u);
  EXPECT_TRUE(batch.points[0].monotonic);
  EXPECT_EQ(batch.points[0].temporality, 1);
  EXPECT_EQ(batch.points[0].integer, -7);
  EXPECT_EQ(batch.points[0].time_unix_nano, 5u);
}

TEST(MetricsJson, AMetricThatCannotBeReadIsRefusedOnce) {
  Batch batch;
  const auto refused = DecodeMetricsJsonUntrusted(
      R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":7},{"name":"g","gauge":{"dataPoints":[{}]}}]}]}]})",
      batch);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->count, 1u);
  EXPECT_EQ(batch.points.size(), 1u);
}

}  // namespace
}  // namespace telltale
