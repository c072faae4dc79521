#include "query/skeleton.h"

#include <gtest/gtest.h>

#include <random>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

struct FakeStep {
  uint8_t id = 0;
  uint8_t parent = 0;  // 0: none
  int64_t start = 0;
  std::string name = {};
  uint32_t dropped = 0;
};

Rows StepRows(const std::vector<FakeStep>& steps) {
  Rows rows;
  for (const FakeStep& step : steps) {
    rows.Bytes(IdOf<8>(step.id)).Bytes(IdOf<8>(step.parent));
    rows.Number(step.start).Number<int64_t>(10).String("shop").String(step.name);
    rows.Number<uint8_t>(1).Number<uint8_t>(step.name == "fails" ? 2 : 0);
    rows.Number<uint8_t>(1).Number<uint8_t>(0).Number(step.dropped).Number<uint32_t>(0).Number<uint32_t>(0);
    rows.Number<int64_t>(7'000 + step.id);
  }
  return rows;
}

Skeleton SkeletonOf(const std::vector<FakeStep>& steps, const SkeletonOptions& options = {}) {
  FakeEngine engine;
  engine.Answer(StepRows(steps));
  auto skeleton = ReadSkeleton(engine, IdOf<16>(1), options);
  EXPECT_TRUE(skeleton);
  return *std::move(skeleton);
}

// "id:depth:parent's place", in order.
std::string Drawn(const Skeleton& skeleton) {
  std::string text;
  for (const SkeletonSpan& span : skeleton.spans) {
    text += std::to_string(span.span_id.bytes.back()) + ":" + std::to_string(span.depth) + ":" +
            std::to_string(span.parent) + " ";
  }
  return text;
}

TEST(Skeleton, SpansStandAsATreeIsDrawn) {
  // 1 -+- 2 --- 4
  //    +- 3 --- 5
  EXPECT_EQ(Drawn(SkeletonOf({{1, 0, 1}, {2, 1, 2}, {3, 1, 3}, {4, 2, 4}, {5, 3, 5}})),
            "1:0:-1 2:1:0 4:2:1 3:1:0 5:2:3 ");
}

TEST(Skeleton, AParentStandsBeforeItsChildrenAlsoWhereItsClockIsLate) {
  EXPECT_EQ(Drawn(SkeletonOf({{3, 2, 1}, {2, 1, 2}, {1, 0, 9}})), "1:0:-1 2:1:0 3:2:1 ");
}

TEST(Skeleton, WhatHasNoParentHereOrHangsInACircleStandsLikeARoot) {
  const Skeleton skeleton = SkeletonOf({{1, 0, 1}, {2, 9, 2}, {3, 4, 3}, {4, 3, 4}, {5, 5, 5}});
  EXPECT_EQ(Drawn(skeleton), "1:0:-1 2:0:-2 3:0:-2 4:1:2 5:0:-2 ");
  EXPECT_EQ(skeleton.completeness.missing_parents, std::vector<SpanId>{IdOf<8>(9)});
  EXPECT_FALSE(skeleton.completeness.complete());
}

TEST(Skeleton, ASpanThatWasSentTwiceStandsOnceAndAnotherUnderItsIdIsToldOf) {
  const Skeleton skeleton = SkeletonOf({{1, 0, 1, "a"}, {1, 0, 1, "a"}, {1, 0, 2, "b"}});
  EXPECT_EQ(skeleton.spans.size(), 1u);
  EXPECT_EQ(skeleton.completeness.duplicate_spans, 2u);
  EXPECT_EQ(skeleton.completeness.hidden_spans, 1u);
}

TEST(Skeleton, FactsAddUp) {
  const Skeleton skeleton = SkeletonOf({{1, 0, 100, "a", 3}, {2, 1, 105, "fails"}});
  EXPECT_EQ(skeleton.start_unix_nano, 100);
  EXPECT_EQ(skeleton.end_unix_nano, 115);
  EXPECT_EQ(skeleton.errors, 1u);
  EXPECT_EQ(skeleton.received_unix_ms, 7'002);
  EXPECT_EQ(skeleton.completeness.dropped_attributes, 3u);
  EXPECT_TRUE(skeleton.spans[0].has_events);
  EXPECT_TRUE(skeleton.spans[0].has_dropped);
  EXPECT_FALSE(skeleton.spans[1].has_dropped);
}

TEST(Skeleton, TheEarliestSpansAreKeptWhereThereAreTooMany) {
  const Skeleton skeleton = SkeletonOf({{1, 0, 1}, {2, 1, 2}, {3, 1, 3}}, {.spans_max = 2});
  EXPECT_EQ(Drawn(skeleton), "1:0:-1 2:1:0 ");
  EXPECT_TRUE(skeleton.completeness.truncated);
}

TEST(Skeleton, ALaterPageAsksOnlyForWhatHadArrived) {
  FakeEngine engine;
  ASSERT_TRUE(ReadSkeleton(engine, IdOf<16>(1), {.spans_max = 9, .received_unix_ms_max = 70}));
  EXPECT_TRUE(engine.asked[0].sql.contains("received <= fromUnixTimestamp64Milli({received:Int64}, 'UTC')"));
  EXPECT_EQ(ParametersOf(engine.asked[0]), "received=70");
}

// Whatever the parents are: every span once, and each parent before its children.
TEST(Skeleton, AnyGraphOfParentsIsDrawnWhole) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<FakeStep> steps;
    for (uint8_t id = 1; id <= 40; ++id)
      steps.push_back({.id = id, .parent = static_cast<uint8_t>(random() % 45), .start = id});
    const Skeleton skeleton = SkeletonOf(steps);
    ASSERT_EQ(skeleton.spans.size(), 40u);
    for (size_t i = 0; i < skeleton.spans.size(); ++i) {
      const SkeletonSpan& span = skeleton.spans[i];
      ASSERT_LT(span.parent, static_cast<int64_t>(i));
      if (span.parent < 0) continue;
      ASSERT_EQ(skeleton.spans[static_cast<size_t>(span.parent)].span_id, span.parent_id);
      ASSERT_EQ(skeleton.spans[static_cast<size_t>(span.parent)].depth + 1, span.depth);
    }
  }
}

}  // namespace
}  // namespace telltale
