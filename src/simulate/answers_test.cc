#include "simulate/answers.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

std::string Answer(std::string_view prompt, uint64_t seed = 1) {
  Dice dice(seed);
  return ComposeAnswer(prompt, dice);
}

TEST(Answers, DependOnSeedAndPromptOnly) {
  EXPECT_EQ(Answer("Tell me about travel"), Answer("Tell me about travel"));
  EXPECT_NE(Answer("Tell me about travel", 1), Answer("Tell me about travel", 2));
}

TEST(Answers, TakeTheFormThatThePromptAsksFor) {
  EXPECT_EQ(Answer("Summarize the incident").substr(0, 12), "In summary, ");
  EXPECT_NE(Answer("Give me tips for a garden").find("\n1. "), std::string::npos);
  EXPECT_NE(Answer("Write a python function").find("```python"), std::string::npos);
  EXPECT_EQ(Answer("Classify this: great, thank you"), "positive");
  EXPECT_EQ(Answer("Classify this: it is broken"), "negative");
}

TEST(Answers, ThePoemOfTheGuideIsAboutCoffeeAndDebugging) {
  const std::string poem = Answer("Write a short poem about coffee and debugging.");
  EXPECT_NE(poem.find("kettle"), std::string::npos);
  EXPECT_NE(poem.find("breakpoint"), std::string::npos);
}

TEST(Answers, ArePlainTextForAnyPrompt) {
  for (const std::string_view prompt : {"", "\xff\xfe", "?", "zzzz"}) EXPECT_GT(Answer(prompt).size(), 20u);
}

TEST(Tokens, AreAboutFourCharacters) {
  EXPECT_EQ(EstimateTokens(""), 0u);
  EXPECT_EQ(EstimateTokens("a"), 1u);
  EXPECT_EQ(EstimateTokens("abcde"), 2u);
}

TEST(Tokens, CuttingKeepsTheLimitAndWholeCharacters) {
  EXPECT_EQ(CutToTokens("one two three", 100), "one two three");
  EXPECT_EQ(CutToTokens("one two three", 2), "one two");
  EXPECT_EQ(CutToTokens("\xc3\xa4\xc3\xa4\xc3\xa4", 1), "\xc3\xa4\xc3\xa4");
  EXPECT_EQ(CutToTokens("x\xc3\xa4\xc3\xa4\xc3\xa4", 1), "x\xc3\xa4");
  EXPECT_EQ(CutToTokens("abc", 0), "");
}

TEST(Tokens, PiecesJoinToTheWhole) {
  for (const std::string_view text :
       {"", " ", "one", "  two  spaces ", "unbelievably long-winded", "\xc3\xa4\xe2\x82\xac"}) {
    std::string joined;
    for (const std::string_view piece : SplitIntoTokens(text)) {
      EXPECT_FALSE(piece.empty());
      joined += piece;
    }
    EXPECT_EQ(joined, text);
  }
}

}  // namespace
}  // namespace telltale
