#include "tokenizer/merge.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tokenizer/testing/reference.h"
#include "tokenizer/testing/tiny_vocabulary.h"

namespace telltale {
namespace {

std::vector<uint32_t> Merged(const Vocabulary& vocabulary, const std::string& piece) {
  Merger merger;
  const auto ids = merger.Merge(vocabulary, piece, piece.data() + piece.size());
  return {ids.begin(), ids.end()};
}

using Ids = std::vector<uint32_t>;

TEST(Merge, ThePairWithTheSmallestIdGoesFirst) {
  const auto vocabulary = TinyVocabulary({"bc", "ab", "abc"});
  EXPECT_EQ(Merged(*vocabulary, "abcb"), (Ids{258, 'b'}));
  EXPECT_EQ(Merged(*vocabulary, "abab"), (Ids{257, 257}));
}

TEST(Merge, TheLeftmostOfEqualPairsGoesFirst) {
  const auto vocabulary = TinyVocabulary({"aa"});
  EXPECT_EQ(Merged(*vocabulary, "aaa"), (Ids{256, 'a'}));
}

TEST(Merge, APieceOfOneByteIsThatByte) {
  const auto vocabulary = TinyVocabulary({});
  EXPECT_EQ(Merged(*vocabulary, "\xFF"), (Ids{0xFF}));
}

// Tokens of which later ones are made of earlier ones in more than one way, on purpose also
// in an order in which no training would have found them.
TEST(Merge, BothWaysMergeAsTheDefinitionSays) {
  const auto vocabulary = TinyVocabulary(
      {"bb", "ab", "abb", "ba", "aab", "abab", "bbbb", "aa", "aaaa", "baab", "abababababababab", "aaaaaaaa"});
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string piece;
    const size_t size = 1 + random() % (round % 10 == 0 ? 300 : 30);
    for (size_t i = 0; i < size; ++i) piece += "ab"[random() % (round % 3 == 0 ? 1 : 2)];
    if (vocabulary->Find(piece) != kNoToken) continue;
    ASSERT_EQ(Merged(*vocabulary, piece), ReferenceMerge(*vocabulary, piece)) << piece;
  }
}

TEST(Merge, AMegabyteOfOneLetterTakesNoQuadraticTime) {
  const auto vocabulary = TinyVocabulary({"aa", "aaaa", "aaaaaaaa"});
  EXPECT_EQ(Merged(*vocabulary, std::string(1 << 20, 'a')), Ids((1 << 20) / 8, 258));
}

}  // namespace
}  // namespace telltale
