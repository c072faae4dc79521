#include "cli/span_tree.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

// "id<parent@start" each; spans are named by their id.
std::vector<ShownSpan> Spans(std::initializer_list<std::tuple<const char*, const char*, uint64_t>> list) {
  std::vector<ShownSpan> spans;
  for (const auto& [id, parent, start] : list) {
    spans.push_back({.span_id = id, .parent_span_id = parent, .start_unix_nano = start});
  }
  return spans;
}

// One row a line, two spaces a level.
std::string Drawn(const std::vector<ShownSpan>& spans, const TreeOptions& options = {}) {
  std::string text;
  for (const TreeRow& row : OrderAsTree(spans, options)) {
    text += std::string(static_cast<size_t>(row.depth) * 2, ' ');
    if (row.folded > 0) {
      text += "+" + std::to_string(row.folded) + "/" + std::to_string(row.folded_spans);
    } else if (row.span == TreeRow::kNoSpan) {
      text += "(" + row.missing_parent + ")";
    } else {
      text += spans[row.span].span_id;
    }
    text += row.is_last ? ".\n" : "\n";
  }
  return text;
}

TEST(SpanTree, PutsChildrenBelowTheirParentByStart) {
  EXPECT_EQ(
      Drawn(Spans({{"late", "root", 30}, {"early", "root", 20}, {"deep", "early", 25}, {"root", "", 10}})),
      "root.\n"
      "  early\n"
      "    deep.\n"
      "  late.\n");
}

TEST(SpanTree, GathersOrphansUnderTheParentThatIsMissing) {
  EXPECT_EQ(Drawn(Spans({{"root", "", 10}, {"a", "gone", 11}, {"b", "gone", 12}, {"c", "lost", 5}})),
            "(lost)\n"
            "  c.\n"
            "root\n"
            "(gone).\n"
            "  a\n"
            "  b.\n");
}

TEST(SpanTree, ShowsSpansThatAreEachOthersParentsOnce) {
  EXPECT_EQ(Drawn(Spans({{"a", "b", 1}, {"b", "a", 2}, {"leaf", "b", 3}, {"self", "self", 4}})),
            "(ring).\n"
            "  a\n"
            "    b.\n"
            "      leaf.\n"
            "  self.\n");
}

TEST(SpanTree, KeepsBothOfTwoSpansWithOneId) {
  EXPECT_EQ(Drawn(Spans({{"root", "", 1}, {"twin", "root", 2}, {"twin", "root", 3}, {"child", "twin", 4}})),
            "root.\n"
            "  twin\n"
            "    child.\n"
            "  twin.\n");
}

TEST(SpanTree, FoldsTheChildrenBeyondTheLimitAndCountsWhatIsBelowThem) {
  const auto spans =
      Spans({{"root", "", 0}, {"a", "root", 1}, {"b", "root", 2}, {"c", "root", 3}, {"d", "c", 4}});
  EXPECT_EQ(Drawn(spans, {.children_max = 1}),
            "root.\n"
            "  a\n"
            "  +2/3.\n");
  // A fold of one would take the room of what it hides.
  EXPECT_EQ(Drawn(spans, {.children_max = 2}),
            "root.\n"
            "  a\n"
            "  b\n"
            "  c.\n"
            "    d.\n");
}

TEST(SpanTree, HoldsAChainOfAHundredThousand) {
  std::vector<ShownSpan> spans;
  for (int i = 0; i < 100'000; ++i) {
    spans.push_back({.span_id = std::to_string(i), .parent_span_id = i == 0 ? "" : std::to_string(i - 1)});
  }
  const std::vector<TreeRow> rows = OrderAsTree(spans, {});
  ASSERT_EQ(rows.size(), spans.size());
  EXPECT_EQ(rows.back().depth, 99'999);
}

}  // namespace
}  // namespace telltale
