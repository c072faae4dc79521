#include "content/word_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "content/words.h"

namespace telltale {
namespace {

constexpr int64_t kNow = 1'764'028'800'000;  // midnight

WordSet SetOf(std::string_view text) {
  WordSet words;
  words.AddUntrusted(text);
  return words;
}

bool Has(std::span<const uint32_t> keys, uint32_t key) {
  return std::ranges::find(keys, key) != keys.end();
}

TEST(WordSet, HasWordsPrefixesAndPairsOnce) {
  const WordSet words = SetOf("Hello hello HELLO 東京 to");
  EXPECT_EQ(words.keys().size(), 6u);  // hello, hell*, 東, 京, 東京, to
  EXPECT_TRUE(Has(words.keys(), KeyOfWord("hello")));
  EXPECT_TRUE(Has(words.keys(), KeyOfPrefix("hell")));
  EXPECT_TRUE(Has(words.keys(), KeyOfPair("東", "京")));
}

TEST(WordSet, LeavesOutNumbersOfVectors) {
  EXPECT_TRUE(SetOf("[0.125, -3.5e-07, 1]").keys().empty());
  EXPECT_EQ(SetOf("x 0.0123456789").keys().size(), 2u);  // x, 0
  EXPECT_EQ(SetOf("order 17").keys().size(), 3u);        // order, orde*, 17
}

// Read 64 bytes at a time or word by word, a text has the same keys.
TEST(WordSet, IsWhatTheReaderReads) {
  const std::string pieces[] = {R"(plain words of ASCII, some 12345678 and 0.1234567 )",
                                R"(a\nb \"quoted\" c\\d \u00e9t\u00e9 \x )",
                                "Größe café — “so” ",
                                "東京タワー ",
                                "averyverylongwordthatgoesonandonandonbeyondsixteenandsixtyfourbytesofit ",
                                "\\ end"};
  uint32_t random = 1;
  for (int round = 0; round < 3000; ++round) {
    std::string text = round % 2 == 0 ? "{" : "";
    for (int i = 0; i < 8; ++i) {
      random = random * 1664525 + 1013904223;
      const std::string& piece = pieces[(random >> 16) % std::size(pieces)];
      text += piece.substr((random >> 8) % piece.size());
    }
    const WordSet words = SetOf(text);
    Word word;
    for (WordReader reader(text); reader.Next(word);) {
      if (!IsDecimals(text, word))
        ASSERT_TRUE(Has(words.keys(), KeyOfWord(word.text))) << word.text << " of " << text;
    }
    KeySet known;
    std::string last;
    for (WordReader reader(text); reader.Next(word);) {
      known.Add(KeyOfWord(word.text));
      if (const auto prefix = PrefixOf(word.text); !prefix.empty()) known.Add(KeyOfPrefix(prefix));
      if (word.is_single && !last.empty()) {
        known.Add(KeyOfPair(last, word.text));
        ASSERT_TRUE(Has(words.keys(), KeyOfPair(last, word.text))) << text;
      }
      last = word.is_single ? std::string(word.text) : std::string();
    }
    for (const uint32_t key : words.keys()) ASSERT_TRUE(known.Has(key)) << text;
  }
}

// [ one two ][ two three ] -> a group has each key once
TEST(WordGroups, AskOnlyForWhatTheGroupDoesNotHave) {
  WordGroups groups;
  std::vector<uint32_t> missing;
  const int64_t group = groups.Join(GroupKind::kOnTime, SetOf("one two"), kNow, missing);
  EXPECT_EQ(missing.size(), 2u);
  groups.Remember(GroupKind::kOnTime, group, missing);
  EXPECT_EQ(groups.Join(GroupKind::kOnTime, SetOf("two six"), kNow + 5, missing), group);
  EXPECT_EQ(missing, std::vector{KeyOfWord("six")});
}

TEST(WordGroups, AskAgainForWhatDidNotBecomeDurable) {
  WordGroups groups;
  std::vector<uint32_t> missing;
  groups.Join(GroupKind::kOnTime, SetOf("one two"), kNow, missing);
  groups.Join(GroupKind::kOnTime, SetOf("two"), kNow, missing);
  EXPECT_EQ(missing, std::vector{KeyOfWord("two")});
}

TEST(WordGroups, EndWhenTheyAreFullOldOrOfAnotherDay) {
  WordGroups groups;
  std::vector<uint32_t> missing;
  const WordSet few = SetOf("some words");
  const WordSet much = SetOf("w" + std::string(kGroupBytes, ' '));
  const auto join = [&](const WordSet& words, int64_t now) {
    return groups.Join(GroupKind::kOnTime, words, now, missing);
  };
  EXPECT_EQ(join(few, kNow), kNow);
  EXPECT_EQ(join(few, kNow + kGroupMsMax), kNow);
  EXPECT_EQ(join(few, kNow + kGroupMsMax + 1), kNow + kGroupMsMax + 1);
  const int64_t night = kNow + 86'400'000 - 1;
  EXPECT_EQ(join(few, night), night);
  EXPECT_EQ(join(much, night + 1), night + 1);
  EXPECT_EQ(join(few, night + 1), night + 2);  // full, and its name is taken
}

TEST(WordGroups, OfLateTextAreOthers) {
  EXPECT_EQ(GroupKindOf(kNow * 1'000'000, kNow + 5), GroupKind::kOnTime);
  EXPECT_EQ(GroupKindOf(kNow * 1'000'000, kNow + kLateMs + 1), GroupKind::kLate);
  EXPECT_EQ(GroupKindOf(kNow * 1'000'000, kNow - kLateMs - 1), GroupKind::kLate);
}

}  // namespace
}  // namespace telltale
