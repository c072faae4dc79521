#include "tokenizer/split.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tokenizer/unicode_classes.h"

namespace telltale {
namespace {

constexpr SplitRule kRules[] = {SplitRule::kR50k,   SplitRule::kCl100k,  SplitRule::kO200k,
                                SplitRule::kTekken, SplitRule::kQwen2,   SplitRule::kLlama3,
                                SplitRule::kQwen35, SplitRule::kDeepSeek};

using Pieces = std::vector<std::string>;

// `at_once`: how many ends the splitter may give at a time.
Pieces Split(SplitRule rule, std::string_view text, size_t at_once = 100) {
  Pieces pieces;
  Splitter splitter(rule, text);
  std::vector<const char*> ends(at_once);
  const char* begin = text.data();
  while (const size_t count = splitter.Next(ends)) {
    for (size_t i = 0; i < count; ++i) {
      pieces.emplace_back(begin, ends[i]);
      begin = ends[i];
    }
  }
  return pieces;
}

Pieces SplitSlowly(SplitRule rule, std::string_view text) {
  Pieces pieces;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const char* next = internal::EndOfPiece(rule, p, end);
    pieces.emplace_back(p, next);
    p = next;
  }
  return pieces;
}

// Every expectation below is re.findall of the published pattern.
struct Case {
  std::string_view text;
  Pieces pieces;
};

void ExpectSplits(SplitRule rule, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(SplitSlowly(rule, one.text), one.pieces) << one.text;
    EXPECT_EQ(Split(rule, one.text), one.pieces) << one.text;
    // The same with more behind it than a block: the quick way decides.
    const std::string longer = std::string(one.text) + "|" + std::string(80, '|');
    EXPECT_EQ(Split(rule, longer), SplitSlowly(rule, longer)) << longer;
  }
}

TEST(Split, R50kKeepsOneSpaceWithWhatFollows) {
  ExpectSplits(SplitRule::kR50k, {
                                     {"Hello  world", {"Hello", " ", " world"}},
                                     {"we'll they'VE", {"we", "'ll", " they", "'", "VE"}},
                                     {"a1 23.4", {"a", "1", " 23", ".", "4"}},
                                     {"x\n\n y  ", {"x", "\n\n", " y", "  "}},
                                     {"12345", {"12345"}},
                                     {" \t\n", {" \t\n"}},
                                 });
}

TEST(Split, Cl100kCutsNumbersAfterThreeDigitsAndSpacesAfterTheLastNewline) {
  ExpectSplits(SplitRule::kCl100k, {
                                       {"12345", {"123", "45"}},
                                       {"a.b(c)", {"a", ".b", "(c", ")"}},
                                       {"They'RE", {"They", "'RE"}},
                                       {"'\xC5\xBF"
                                        "ad",
                                        {"'\xC5\xBF", "ad"}},  // the long s is an s
                                       {"x \n \n  y", {"x", " \n \n", " ", " y"}},
                                       {"x \n \n  ", {"x", " \n \n  "}},
                                       {"!\r\n\nz", {"!\r\n\n", "z"}},
                                       {"\t1", {"\t", "1"}},
                                   });
}

TEST(Split, O200kCutsWordsWhereCapitalsBeginAndKeepsContractions) {
  ExpectSplits(SplitRule::kO200k, {
                                      {"HelloWorld HTTPServer", {"Hello", "World", " HTTPServer"}},
                                      {"HTTP ABC1", {"HTTP", " ABC", "1"}},
                                      {"I'll don't X's", {"I'll", " don't", " X's"}},
                                      {"a'sb", {"a's", "b"}},
                                      {"x\n\n  ", {"x", "\n\n", "  "}},
                                      {"!/\n/\nz", {"!/\n/\n", "z"}},
                                      {"AB\xE3\x81\x82"
                                       "CD e",
                                       {"AB\xE3\x81\x82", "CD", " e"}},  // Hiragana has no case
                                      {"\xCC\x81"
                                       "AB",
                                       {"\xCC\x81", "AB"}},  // a mark is a word's end
                                      {"\xCC\x81's", {"\xCC\x81's"}},
                                      {"!\xCC\x81", {"!\xCC\x81"}},
                                      {"!!\xCC\x81", {"!!\xCC\x81"}},
                                  });
}

TEST(Split, TekkenCutsEveryDigitAndNoContraction) {
  ExpectSplits(SplitRule::kTekken, {{"it's 42", {"it", "'s", " ", "4", "2"}}});
}

TEST(Split, QwenAndLlamaCutSpacesAtTheEndAfterTheLastNewline) {
  for (const SplitRule rule : {SplitRule::kQwen2, SplitRule::kQwen35}) {
    ExpectSplits(rule, {
                           {"they'll 42", {"they", "'ll", " ", "4", "2"}},
                           {"x \n \n  ", {"x", " \n \n", "  "}},
                       });
  }
  ExpectSplits(SplitRule::kLlama3, {{"they'll 1234 \n ", {"they", "'ll", " ", "123", "4", " \n", " "}}});
  ExpectSplits(SplitRule::kQwen2, {{"e\xCC\x81"
                                    "x",
                                    {"e", "\xCC\x81x"}}});
  ExpectSplits(SplitRule::kQwen35, {{"e\xCC\x81"
                                     "x!\xCC\x81 !\xCC\x81",
                                     {"e\xCC\x81x", "!\xCC\x81", " !", "\xCC\x81"}}});
}

// What Hugging Face's tokenizers make of DeepSeek's tokenizer.json.
TEST(Split, DeepSeekCutsNumbersAndCjkBeforeItLooksAtTheRest) {
  ExpectSplits(SplitRule::kDeepSeek,
               {
                   {"a  b(c)\n\n x1234  5", {"a", " ", " b", "(c", ")\n\n", " x", "123", "4", "  ", "5"}},
                   {"it's .foo ..bar\n", {"it", "'s", " .", "foo", " ..", "bar", "\n"}},
                   {"ab你好カナcd", {"ab", "你好カナ", "cd"}},
                   {"x\x01\x02y\x01 \xCC\x81"
                    "a",
                    {"x", "\x01", "\x02y", "\x01", std::string(" \xCC\x81") + "a"}},
                   {"  \n 7", {"  \n", " ", "7"}},
               });
}

// Characters that the rules tell apart, common ones more often.
std::string RandomText(std::mt19937& random, size_t characters, size_t one_rare_in = 12) {
  constexpr std::string_view kCommon = "abcdefgXYZ  01'\n\t.-/_s";
  constexpr std::string_view kRare[] = {"\r",
                                        "\v",
                                        "\xC2\xA0",
                                        "\xC2\x85",
                                        "\xE3\x80\x80",
                                        "\xC3\xA9",
                                        "\xC3\x89",
                                        "\xC7\x85",
                                        "\xCA\xB0",
                                        "\xE4\xBD\xA0",
                                        "\xCC\x81",
                                        "\xD9\xA3",
                                        "\xC2\xBD",
                                        "\xF0\x9F\x98\x80",
                                        "\xF0\x9D\x94\x84",
                                        "\xC5\xBF",
                                        "'ll",
                                        "'RE",
                                        "    ",
                                        "\n\n"};
  std::string text;
  for (size_t i = 0; i < characters; ++i) {
    if (random() % one_rare_in == 0) {
      text += kRare[random() % std::size(kRare)];
    } else {
      text += kCommon[random() % kCommon.size()];
    }
  }
  return text;
}

TEST(Split, TheQuickWayCutsWhereTheSlowWayCuts) {
  std::mt19937 random(1);
  for (int round = 0; round < 8000; ++round) {
    const std::string text = RandomText(random, 1 + random() % 300, round % 2 == 0 ? 12 : 100);
    for (const SplitRule rule : kRules) {
      const Pieces slow = SplitSlowly(rule, text);
      ASSERT_EQ(Split(rule, text), slow) << text;
      ASSERT_EQ(Split(rule, text, 3), slow) << text;
    }
  }
}

TEST(Split, EveryTextIsCutWithoutLossAndNoPieceIsEmpty) {
  std::mt19937 random(2);
  for (int round = 0; round < 500; ++round) {
    const std::string text = RandomText(random, random() % 300);
    for (const SplitRule rule : kRules) {
      std::string joined;
      for (const std::string& piece : Split(rule, text)) {
        ASSERT_FALSE(piece.empty());
        joined += piece;
      }
      ASSERT_EQ(joined, text);
    }
  }
}

TEST(UnicodeClasses, AreThoseOfUnicode16) {
  EXPECT_EQ(ClassOf(U'A'), CharClass::kUpper);
  EXPECT_EQ(ClassOf(U'ǅ'), CharClass::kUpper);
  EXPECT_EQ(ClassOf(U'ß'), CharClass::kLower);
  EXPECT_EQ(ClassOf(U'ʰ'), CharClass::kBothCases);
  EXPECT_EQ(ClassOf(U'語'), CharClass::kBothCases);
  EXPECT_EQ(ClassOf(0x0301), CharClass::kMark);
  EXPECT_EQ(ClassOf(U'½'), CharClass::kNumber);
  EXPECT_EQ(ClassOf(U'\r'), CharClass::kNewline);
  EXPECT_EQ(ClassOf(0x3000), CharClass::kSpace);
  EXPECT_EQ(ClassOf(0x1C89), CharClass::kUpper);  // new in Unicode 16
  EXPECT_EQ(ClassOf(0x10FFFF), CharClass::kOther);
}

}  // namespace
}  // namespace telltale
