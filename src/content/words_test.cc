#include "content/words.h"

#include <gtest/gtest.h>

#include <vector>

namespace telltale {
namespace {

// The words, `|` between places; a second reading stands behind a slash.
std::string WordsOf(std::string_view text) {
  std::string all;
  Word word;
  uint32_t last = UINT32_MAX;
  for (WordReader words(text); words.Next(word);) {
    if (!all.empty()) all += word.place == last ? '/' : '|';
    all += word.text;
    last = word.place;
  }
  return all;
}

TEST(Words, AreRunsOfLettersAndDigitsInLowerCase) {
  EXPECT_EQ(WordsOf("Hello, World! get_weather(2024-11)"), "hello|world|get|weather|2024|11");
  EXPECT_EQ(WordsOf(""), "");
  EXPECT_EQ(WordsOf(" ... "), "");
}

TEST(Words, BeyondAsciiAreInLowerCaseToo) {
  EXPECT_EQ(WordsOf("CAFÉ Ünïcode ΣΊΣΥΦΟΣ Привет ŁÓDŹ"), "café|ünïcode|σίσυφοσ|привет|łódź");
  EXPECT_EQ(WordsOf("«Zitat» — ende…"), "zitat|ende");
}

TEST(Words, OfScriptsWithoutSpacesAreLetters) {
  EXPECT_EQ(WordsOf("東京タワーへ2024年"), "東|京|タ|ワ|ー|へ|2024|年");
  EXPECT_EQ(WordsOf("今天，天气"), "今|天|天|气");
}

TEST(Words, AreNoEmoji) {
  EXPECT_EQ(WordsOf("go 🚀now👩‍💻"), "go|now");
}

TEST(Words, StandBehindEscapesOfJson) {
  EXPECT_EQ(WordsOf(R"({"content":"one\nHello\tthere \"you\" caf\u00e9s \u6771\u4eac \ud83d\ude80x"})"),
            "content|one|hello|there|you|cafés|東|京|x");
}

TEST(Words, StandBehindEscapesThatAreEscapedAgain) {
  EXPECT_EQ(WordsOf(R"({"arguments":"{\"q\":\"a\\nnext caf\\u00e9\"}"})"), "arguments|q|a|nnext/next|café");
}

TEST(Words, HaveTwoReadingsWhereATextDoesNotSayWhatABackslashIs) {
  EXPECT_EQ(WordsOf(R"(open C:\new\table\x)"), "open|c|new/ew|table/able|x");
  EXPECT_EQ(WordsOf("line\\n"), "line|n");
}

TEST(Words, SayWhereTheyStand) {
  const std::string_view text = "ein Schöner Tag";
  Word word;
  WordReader words(text);
  words.Next(word);
  ASSERT_TRUE(words.Next(word));
  EXPECT_EQ(text.substr(word.begin, word.end - word.begin), "Schöner");
  EXPECT_EQ(word.place, 1u);
}

TEST(Words, AreComparedByTheirFirstBytes) {
  EXPECT_EQ(WordsOf(std::string(200, 'A') + " b"), std::string(kWordBytesMax, 'a') + "|b");
}

TEST(Words, AreReadFromAnyBytes) {
  EXPECT_EQ(WordsOf("a\xff\xfe b\xe2\x82"), "a|b");
  EXPECT_EQ(WordsOf("\\"), "");
  EXPECT_EQ(WordsOf("{\\u12"), "u12");
}

// The quick way of reading words and the way that reads anything agree.
TEST(Words, AreTheSameInAnySurroundings) {
  const std::string words =
      "a bc Def ghij 12345678 123456789 abcdefghijklmno abcdefghijklmnop \x01"
      "5 @a[z`{ ";
  EXPECT_EQ(WordsOf(words), "a|bc|def|ghij|12345678|123456789|abcdefghijklmno|abcdefghijklmnop|5|a|z");
  for (size_t size = 0; size < words.size(); ++size) {
    const std::string_view text = std::string_view(words).substr(size);
    EXPECT_EQ(WordsOf(text), WordsOf(std::string(text) + std::string(32, ' '))) << text;
    const std::string json = R"({\"a\nb\\nc\x \u0041b)" + std::string(text);
    EXPECT_EQ(WordsOf(json), WordsOf(json + std::string(32, ' '))) << json;
    Word word;
    for (WordReader reader(text); reader.Next(word);) EXPECT_EQ(KeyOfRead(word), KeyOfWord(word.text));
  }
}

TEST(Keys, OfWordPrefixAndPairAreNotEachOthers) {
  EXPECT_EQ(KeyOfWord("hello"), KeyOfWord("hello"));
  EXPECT_NE(KeyOfWord("hell"), KeyOfPrefix("hell"));
  EXPECT_NE(KeyOfPair("東", "京"), KeyOfWord("東京"));
  EXPECT_EQ(PrefixOf("größe"), "größ");
  EXPECT_EQ(PrefixOf("abc"), "");
}

}  // namespace
}  // namespace telltale
