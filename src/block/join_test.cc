#include "block/join.h"

#include <gtest/gtest.h>

#include <vector>

#include "block/native.h"

namespace telltale {
namespace {

struct Row {
  uint32_t number;
  std::string text;
  std::string word;
  std::vector<std::pair<std::string, std::string>> pairs;
};

// A block with one column of each layout.
std::string BlockOf(const std::vector<Row>& rows) {
  std::string out;
  NativeBlock block(4, rows.size(), out);
  block.Column("number", "UInt32");
  for (const Row& row : rows) block.Number(row.number);
  block.Column("text", "String");
  for (const Row& row : rows) block.String(row.text);
  DictionaryColumn words;
  uint32_t hint = 0;
  for (const Row& row : rows) words.Add(row.word, hint);
  block.Column("word", "LowCardinality(String)");
  block.Dictionary(words);
  block.Column("pairs", "Map(LowCardinality(String), String)");
  DictionaryColumn keys;
  DictionaryColumn::AppendPrefix(out);
  uint64_t end = 0;
  for (const Row& row : rows) {
    block.Number<uint64_t>(end += row.pairs.size());
    for (const auto& [key, value] : row.pairs) keys.Add(key, hint);
  }
  keys.AppendBody(out);
  for (const Row& row : rows) {
    for (const auto& [key, value] : row.pairs) block.String(value);
  }
  return out;
}

const Row kOne{1, "alpha", "red", {{"k", "v"}, {"l", "w"}}};
const Row kTwo{2, "", "blue", {}};
const Row kThree{3, "gamma", "red", {{"l", "x"}, {"m", "y"}}};

std::string TextOf(const JoinedBlock& block) {
  EXPECT_EQ(block.size_bytes(), block.Copy().size());
  return block.Copy();
}

TEST(JoinBlocks, GivesTheBlockThatOneEncodingOfAllRowsWouldHaveGiven) {
  const std::string first = BlockOf({kOne, kTwo});
  const std::string second = BlockOf({kThree});
  auto joined = JoinBlocks(std::vector<std::string_view>{first, second});
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(TextOf(*joined), BlockOf({kOne, kTwo, kThree}));
}

TEST(JoinBlocks, KeepsASingleBlockAsItIs) {
  const std::string only = BlockOf({kOne, kTwo, kThree});
  EXPECT_EQ(TextOf(*JoinBlocks(std::vector<std::string_view>{only})), only);
}

TEST(JoinBlocks, JoinsBlocksWhoseMapsAreAllEmpty) {
  const std::string empty = BlockOf({kTwo});
  auto joined = JoinBlocks(std::vector<std::string_view>{empty, empty});
  ASSERT_TRUE(joined);
  EXPECT_EQ(TextOf(*joined), BlockOf({kTwo, kTwo}));
}

TEST(JoinBlocks, WidensIndicesWhenTheDictionariesTogetherNeedIt) {
  std::vector<Row> left, right, all;
  for (uint32_t i = 0; i < 200; ++i) left.push_back({i, "", "left" + std::to_string(i), {}});
  for (uint32_t i = 0; i < 200; ++i) right.push_back({i, "", "right" + std::to_string(i), {}});
  all = left;
  all.insert(all.end(), right.begin(), right.end());
  const std::string first = BlockOf(left);
  const std::string second = BlockOf(right);
  EXPECT_EQ(TextOf(*JoinBlocks(std::vector<std::string_view>{first, second})), BlockOf(all));
}

TEST(JoinBlocks, LeavesLargeColumnsWhereTheyAre) {
  const std::string large(100'000, 'x');
  const std::string first = BlockOf({kOne, {2, large, "red", {}}});
  const std::string second = BlockOf({{3, large, "blue", {{"k", large}}}, kTwo});
  auto joined = JoinBlocks(std::vector<std::string_view>{first, second});
  ASSERT_TRUE(joined);
  JoinedBlock moved = *std::move(joined);
  EXPECT_EQ(TextOf(moved), BlockOf({kOne, {2, large, "red", {}}, {3, large, "blue", {{"k", large}}}, kTwo}));
  size_t referred = 0;
  for (const std::string_view piece : moved.pieces()) {
    const bool in_first = piece.data() >= first.data() && piece.data() < first.data() + first.size();
    const bool in_second = piece.data() >= second.data() && piece.data() < second.data() + second.size();
    if (in_first || in_second) referred += piece.size();
  }
  EXPECT_GT(referred, 3 * large.size());
}

TEST(JoinBlocks, RefusesABlockThatIsCutAnywhere) {
  const std::string block = BlockOf({kOne, kTwo, kThree});
  for (size_t size = 0; size < block.size(); ++size) {
    EXPECT_FALSE(JoinBlocks(std::vector<std::string_view>{std::string_view(block).substr(0, size)})) << size;
  }
}

TEST(JoinBlocks, RefusesBlocksOfDifferentColumns) {
  const std::string block = BlockOf({kOne});
  std::string other;
  NativeBlock(1, 1, other).Column("number", "UInt32");
  AppendNumber<uint32_t>(1, other);
  EXPECT_FALSE(JoinBlocks(std::vector<std::string_view>{block, other}));
}

}  // namespace
}  // namespace telltale
