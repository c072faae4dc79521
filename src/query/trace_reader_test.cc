#include "query/trace_reader.h"

#include <gtest/gtest.h>

#include <array>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

TraceSet Read(FakeEngine& engine, const ReadTracesOptions& options = {}) {
  auto set = ReadTraces(engine, std::array{IdOf<16>(1)}, options);
  EXPECT_TRUE(set) << set.error().message;
  return *std::move(set);
}

TEST(TraceReader, ATraceWithItsRootAndEveryParentIsComplete) {
  FakeEngine engine;
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1), .start = 100, .duration = 50},
                          {.span_id = IdOf<8>(2), .parent_id = IdOf<8>(1), .start = 110, .duration = 90}}));
  const TraceSet set = Read(engine);
  ASSERT_EQ(set.traces.size(), 1u);
  const Trace& trace = set.traces[0];
  EXPECT_EQ(trace.spans.size(), 2u);
  EXPECT_EQ(trace.start_unix_nano, 100);
  EXPECT_EQ(trace.end_unix_nano, 200);
  EXPECT_TRUE(trace.completeness.complete());
}

TEST(TraceReader, ASpanThatWasSentTwiceIsShownOnceAndCounted) {
  FakeEngine engine;
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1)}, {.span_id = IdOf<8>(1)}, {.span_id = IdOf<8>(1)}}));
  const TraceSet set = Read(engine);
  EXPECT_EQ(set.traces[0].spans.size(), 1u);
  EXPECT_EQ(set.traces[0].completeness.duplicate_spans, 2u);
  EXPECT_TRUE(set.traces[0].completeness.complete()) << "it is the same span each time";
}

TEST(TraceReader, SaysThatATraceIsNotWholeWhenTwoDifferentSpansShareAnId) {
  FakeEngine engine;
  engine.Answer(
      SpanRows({{.span_id = IdOf<8>(1), .name = "first"}, {.span_id = IdOf<8>(1), .name = "second"}}));
  const Completeness completeness = Read(engine).traces[0].completeness;
  EXPECT_EQ(completeness.duplicate_spans, 1u);
  EXPECT_FALSE(completeness.complete());
}

TEST(TraceReader, NamesEachMissingParentOnce) {
  FakeEngine engine;
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1), .parent_id = IdOf<8>(9)},
                          {.span_id = IdOf<8>(2), .parent_id = IdOf<8>(8)},
                          {.span_id = IdOf<8>(3), .parent_id = IdOf<8>(9)}}));
  const Completeness completeness = Read(engine).traces[0].completeness;
  EXPECT_TRUE(completeness.root_missing);
  EXPECT_EQ(completeness.missing_parents, (std::vector{IdOf<8>(8), IdOf<8>(9)}));
  EXPECT_FALSE(completeness.complete());
}

TEST(TraceReader, KeepsResourcesOnceAndSharesThem) {
  FakeEngine engine;
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1), .resource_hash = 5, .resource = "{\"a\":1}"},
                          {.span_id = IdOf<8>(2), .resource_hash = 6, .resource = "{\"b\":2}"},
                          {.span_id = IdOf<8>(3), .resource_hash = 5, .resource = "{\"a\":1}"}}));
  const TraceSet set = Read(engine);
  EXPECT_EQ(set.resources, (std::vector<std::string_view>{"{\"a\":1}", "{\"b\":2}"}));
  EXPECT_EQ(set.traces[0].spans[2].resource, 0u);
}

TEST(TraceReader, AskedForFewerSpansThanThereAreSaysThatItIsTruncated) {
  FakeEngine engine;
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1)}, {.span_id = IdOf<8>(2)}, {.span_id = IdOf<8>(3)}}));
  const TraceSet set = Read(engine, {.spans_max = 2});
  EXPECT_EQ(set.traces[0].spans.size(), 2u);
  EXPECT_TRUE(set.traces[0].completeness.truncated);
  EXPECT_NE(engine.asked[0].sql.find("LIMIT 3"), std::string::npos);
}

TEST(TraceReader, ExactlyTheLimitIsNotTruncated) {
  FakeEngine engine;
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1)}, {.span_id = IdOf<8>(2)}}));
  EXPECT_FALSE(Read(engine, {.spans_max = 2}).traces[0].completeness.truncated);
}

TEST(TraceReader, ALargeTraceComesInPiecesThatGoOnWhereTheLastOneEnded) {
  std::vector<FakeSpan> first;
  for (int i = 0; i < 1'000; ++i) {
    FakeSpan span{.start = 1'000 + i};
    span.span_id.bytes = {1, 2, 3, 4, 5, 6, static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)};
    first.push_back(span);
  }
  FakeEngine engine;
  engine.Answer(SpanRows(first));
  engine.Answer(SpanRows({{.span_id = IdOf<8>(77), .start = 5'000, .resource = "", .scope = ""}}));
  const TraceSet set = Read(engine);
  EXPECT_EQ(set.traces[0].spans.size(), 1'001u);
  EXPECT_FALSE(set.traces[0].completeness.truncated);
  ASSERT_EQ(engine.asked.size(), 2u);
  EXPECT_EQ(ParametersOf(engine.asked[1]), "after=1999");
  EXPECT_NE(engine.asked[1].sql.find("has([1]::Array(UInt64), resource_hash)"), std::string::npos);
  EXPECT_EQ(set.traces[0].spans.back().resource, 0u);
}

TEST(TraceReader, AsksForFewerRowsWhenTheEnginesMemoryIsTooSmall) {
  FakeEngine engine;
  engine.AnswerError({ErrorCode::kOverLimit, "memory", ""});
  engine.Answer(SpanRows({{.span_id = IdOf<8>(1)}}));
  EXPECT_EQ(Read(engine).traces[0].spans.size(), 1u);
  ASSERT_EQ(engine.asked.size(), 2u);
  EXPECT_NE(engine.asked[1].sql.find("LIMIT 125"), std::string::npos);
}

TEST(TraceReader, ATraceThatDoesNotExistIsNotInTheSet) {
  FakeEngine engine;
  EXPECT_TRUE(Read(engine).traces.empty());
}

TEST(TraceReader, TellsApartTheTracesOfOneQuestion) {
  FakeEngine engine;
  engine.Answer(SpanRows(
      {{.trace_id = IdOf<16>(2), .span_id = IdOf<8>(1)}, {.trace_id = IdOf<16>(1), .span_id = IdOf<8>(1)}}));
  const auto set = ReadTraces(engine, std::array{IdOf<16>(1), IdOf<16>(2), IdOf<16>(3)}, {});
  ASSERT_EQ(set->traces.size(), 2u);
  EXPECT_EQ(set->traces[0].trace_id, IdOf<16>(1));
  EXPECT_EQ(set->traces[1].trace_id, IdOf<16>(2));
  EXPECT_EQ(set->traces[0].completeness.duplicate_spans, 0u);
}

}  // namespace
}  // namespace telltale
