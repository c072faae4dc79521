#include "workload.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "otlp/trace_decoder.h"
#include "prose.h"
#include "transport.h"

namespace telltale::bench {
namespace {

constexpr uint64_t kNow = 1'790'000'000'000'000'000;

Batch Decode(const Request& request) {
  Batch batch;
  const auto refused = DecodeTracesProtobufUntrusted(request.bytes(), batch);
  EXPECT_TRUE(refused.has_value());
  if (refused) EXPECT_EQ(refused->count, 0u) << refused->reason;
  return batch;
}

TEST(WorkloadTest, EverySmallSpanIsReadWithElevenAttributesAndItsParentWithinItsTrace) {
  Random random(7);
  Request request = MakeRequest(Workload::kSmall, 512, random);
  request.Stamp(kNow, random);
  const Batch batch = Decode(request);
  ASSERT_EQ(batch.spans.size(), 512u);
  std::map<SpanId, const Span*> by_id;
  for (const Span& span : batch.spans) by_id[span.span_id] = &span;
  EXPECT_EQ(by_id.size(), 512u);
  for (const Span& span : batch.spans) {
    EXPECT_EQ(span.attributes.count, 11u);
    EXPECT_LE(span.start_unix_nano, span.end_unix_nano);
    EXPECT_LE(span.end_unix_nano, kNow);
    if (span.parent_span_id == SpanId{}) continue;
    ASSERT_TRUE(by_id.contains(span.parent_span_id));
    const Span& parent = *by_id[span.parent_span_id];
    EXPECT_EQ(parent.trace_id, span.trace_id);
    EXPECT_LE(parent.start_unix_nano, span.start_unix_nano);
    EXPECT_GE(parent.end_unix_nano, span.end_unix_nano);
  }
  EXPECT_NEAR(static_cast<double>(request.bytes().size()) / 512, 610, 20);
}

TEST(WorkloadTest, EveryLlmSpanIsReadWithFourteenAttributesAndFourKilobytesOfText) {
  Random random(7);
  Request request = MakeRequest(Workload::kLlm, 128, random);
  request.Stamp(kNow, random);
  const Batch batch = Decode(request);
  ASSERT_EQ(batch.spans.size(), 128u);
  for (const Span& span : batch.spans) {
    EXPECT_EQ(span.attributes.count, 14u);
    ASSERT_NE(batch.Find(span.attributes, "gen_ai.input.messages"), nullptr);
  }
  EXPECT_NEAR(static_cast<double>(request.bytes().size()) / 128, 4700, 200);
}

TEST(WorkloadTest, StampingAgainGivesNewIdsAndNewUniqueValues) {
  Random random(7);
  Request request = MakeRequest(Workload::kSmall, 100, random);
  std::set<std::string> trace_ids, sessions;
  for (int round = 0; round < 3; ++round) {
    request.Stamp(kNow, random);
    for (const TraceId& id : request.trace_ids()) trace_ids.insert(Hex(id));
    const Batch batch = Decode(request);
    for (const Span& span : batch.spans) {
      sessions.emplace(batch.Find(span.attributes, "session.id")->text);
    }
  }
  EXPECT_EQ(trace_ids.size(), 3 * request.trace_ids().size());
  EXPECT_EQ(sessions.size(), 300u);
}

TEST(ProseTest, TextHasTheAskedLengthAndCanStandInAJsonString) {
  Prose prose(3);
  for (const size_t size : {1u, 50u, 1000u, 5000u}) {
    const std::string text = prose.Text(size);
    EXPECT_EQ(text.size(), size);
    EXPECT_EQ(text.find('"'), std::string::npos);
    EXPECT_NE(text.back(), '\\');
  }
  EXPECT_NE(Prose(1).Text(200), Prose(2).Text(200));
}

TEST(TransportTest, RefusedSpansAreReadFromAPartialSuccess) {
  EXPECT_EQ(RefusedSpans(""), 0u);
  EXPECT_EQ(RefusedSpans(std::string("\x0a\x00", 2)), 0u);
  EXPECT_EQ(RefusedSpans("\x0a\x03\x08\xac\x02"), 300u);
  EXPECT_EQ(RefusedSpans("\x0a\x03\x12\x01x"), 0u);
}

}  // namespace
}  // namespace telltale::bench
