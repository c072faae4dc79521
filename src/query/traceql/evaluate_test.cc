#include "query/traceql/evaluate.h"

#include <gtest/gtest.h>

#include <string>

#include "query/testing/fake_engine.h"
#include "query/traceql/search.h"

namespace telltale::traceql {
namespace {

// Spans with ids 1, 2, ...; `parents` gives the id of each one's parent, 0: none, 99: one that is
// not there. Condition i of a query holds on the spans whose bits say so.
TraceTable TraceOf(const std::vector<uint8_t>& parents, const std::vector<uint64_t>& conditions) {
  TraceTable trace;
  for (size_t i = 0; i < parents.size(); ++i) {
    SpanFacts& span = trace.spans.emplace_back();
    span.span_id = IdOf<8>(static_cast<uint8_t>(i + 1));
    if (parents[i] != 0) span.parent_id = IdOf<8>(parents[i]);
    span.start_unix_nano = static_cast<int64_t>(i);
    span.conditions = conditions[i];
  }
  return trace;
}

std::string Found(std::string_view text, const TraceTable& trace) {
  const auto query = TraceQuery::Parse(text);
  EXPECT_TRUE(query) << query.error().message;
  std::string found;
  for (const Spanset& set : Evaluate((*query)->query(), (*query)->plan(), trace)) {
    for (const uint32_t span : set.spans) found += std::to_string(span + 1) + " ";
    found += "| ";
  }
  return found;
}

//   1 -> 2 -> 3        4 and 5 hang on a parent that is not there
//        2 -> 6
const std::vector<uint8_t> kParents = {0, 1, 2, 99, 99, 2};

TEST(Evaluate, RelationsGoOverSpansThatNoConditionTakes) {
  const TraceTable trace = TraceOf(kParents, {1, 0, 2, 0, 0, 2});
  EXPECT_EQ(Found("{ .a } >> { .b }", trace), "3 6 | ");
  EXPECT_EQ(Found("{ .a } > { .b }", trace), "");
  EXPECT_EQ(Found("{ .a } !> { .b }", trace), "3 6 | ");
  EXPECT_EQ(Found("{ .a } &>> { .b }", trace), "1 3 6 | ");
  EXPECT_EQ(Found("{ .b } << { .a }", TraceOf(kParents, {2, 0, 1, 0, 0, 0})), "1 | ");
}

TEST(Evaluate, SiblingsShareAParentAlsoOneThatIsNotThere) {
  EXPECT_EQ(Found("{ .a } ~ { .b }", TraceOf(kParents, {0, 0, 1, 1, 2, 2})), "5 6 | ");
  EXPECT_EQ(Found("{ .a } ~ { .b }", TraceOf({0, 0}, {1, 2})), "");  // roots are not
  EXPECT_EQ(Found("{ .a } ~ { .b }", TraceOf(kParents, {0, 0, 3, 0, 0, 0})), "");
}

TEST(Evaluate, ACircleOfParentsHasNoAncestors) {
  const TraceTable trace = TraceOf({2, 1, 3, 0}, {3, 3, 3, 3});
  EXPECT_EQ(Found("{ .a } >> { .b }", trace), "");
  EXPECT_EQ(Found("{ .a } << { .b }", trace), "");
  EXPECT_EQ(Found("{ .a } > { .b }", trace), "1 2 | ");
  EXPECT_EQ(NumberWalk(trace)[0].left, 0);
  EXPECT_EQ(NumberWalk(trace)[2].left, 1);  // its own parent is no parent
  EXPECT_EQ(NumberWalk(trace)[3].left, 3);
}

TEST(Evaluate, AChainAsLongAsATraceCanBeNeedsNoStack) {
  TraceTable trace;
  constexpr uint32_t kSpans = 200'000;
  for (uint32_t i = 0; i < kSpans; ++i) {
    SpanFacts& span = trace.spans.emplace_back();
    const auto id = [](uint32_t number) {
      SpanId made;
      for (int byte = 0; byte < 4; ++byte) made.bytes[4 + byte] = static_cast<uint8_t>(number >> (8 * byte));
      return made;
    };
    span.span_id = id(i + 1);
    if (i > 0) span.parent_id = id(i);
    span.conditions = i == 0 ? 1 : i + 1 == kSpans ? 2 : 0;
  }
  EXPECT_EQ(Found("{ .a } >> { .b }", trace), std::to_string(kSpans) + " | ");
  EXPECT_EQ(NumberWalk(trace)[0].right, 2 * static_cast<int32_t>(kSpans));
}

TEST(Evaluate, AWalkNumbersEachSpanOnEnteringAndOnLeaving) {
  const std::vector<WalkNumbers> walk = NumberWalk(TraceOf(kParents, {0, 0, 0, 0, 0, 0}));
  std::string text;
  for (const WalkNumbers& numbers : walk)
    text += std::to_string(numbers.left) + "-" + std::to_string(numbers.right) + "<" +
            std::to_string(numbers.parent) + " ";
  EXPECT_EQ(text, "1-8<-1 2-7<1 3-4<2 9-10<-1 11-12<-1 5-6<2 ");
}

TEST(Evaluate, NumbersOfNoSpanCompareWithNothing) {
  TraceTable trace = TraceOf({0, 1}, {1, 1});
  const double nil = std::numeric_limits<double>::quiet_NaN();
  trace.numbers = {nil, nil};
  EXPECT_EQ(Found("{ .a } | avg(.x) > 0", trace), "");
  EXPECT_EQ(Found("{ .a } | avg(.x) != 0", trace), "");
  trace.numbers = {nil, 4};
  EXPECT_EQ(Found("{ .a } | avg(.x) = 4", trace), "1 2 | ");
  EXPECT_EQ(Found("{ .a } | sum(.x) / 2 = 2", trace), "1 2 | ");
}

}  // namespace
}  // namespace telltale::traceql
