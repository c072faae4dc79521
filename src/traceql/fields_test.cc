#include "traceql/fields.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace telltale::traceql {
namespace {

TEST(TraceQlFields, EachIntrinsicIsFoundUnderBothOfItsNames) {
  std::set<std::string_view> names;
  for (const IntrinsicInfo& info : Intrinsics()) {
    EXPECT_EQ(FindIntrinsic(info.text), &info);
    EXPECT_TRUE(names.insert(info.text).second) << info.text;
    if (info.alias.empty()) continue;
    EXPECT_EQ(FindIntrinsic(info.alias), &info);
    EXPECT_TRUE(names.insert(info.alias).second) << info.alias;
  }
}

TEST(TraceQlFields, EachFieldOfACallIsFoundAndDescribed) {
  for (const CallFieldInfo& info : CallFields()) {
    EXPECT_EQ(FindCallField(info.name), &info);
    EXPECT_EQ(&InfoOf(info.field), &info);
    EXPECT_FALSE(info.about.empty());
  }
}

TEST(TraceQlFields, NoWordIsInTwoLists) {
  std::set<std::string_view> words;
  for (const WordSet set : {WordSet::kStatus, WordSet::kSpanKind, WordSet::kCallKind, WordSet::kCostStatus}) {
    for (const std::string_view word : WordsOf(set)) {
      if (word.empty()) continue;
      EXPECT_TRUE(words.insert(word).second) << word;
      EXPECT_EQ(FindIntrinsic(word), nullptr) << word;
      EXPECT_EQ(WordsOf(set)[*FindWord(set, word)], word);
    }
  }
}

TEST(TraceQlFields, TheNearestNameIsTheOneWithFewestChanges) {
  EXPECT_EQ(NearestCallField("modle"), "model");
  EXPECT_EQ(NearestCallField("input_token"), "input_tokens");
  EXPECT_EQ(NearestCallField("promt.name"), "prompt.name");
  EXPECT_EQ(NearestCallField("Provider"), "provider");
  EXPECT_EQ(NearestCallField("first_token"), "time_to_first_token");
  EXPECT_EQ(NearestIntrinsic("durration"), "duration");
  EXPECT_EQ(NearestIntrinsic("span:statusmessage"), "span:statusMessage");
}

TEST(TraceQlFields, NothingIsNearToWhatIsFar) {
  EXPECT_EQ(NearestCallField("temperature"), "");
  EXPECT_EQ(NearestCallField(""), "");
  EXPECT_EQ(NearestCallField("tokens"), "");  // a part of many names
  EXPECT_EQ(NearestCallField(std::string(100'000, 'x')), "");
}

}  // namespace
}  // namespace telltale::traceql
