#include "traceql/parse.h"

#include <gtest/gtest.h>

#include <string>

#include "traceql/format.h"

namespace telltale {
namespace {

std::string Repeat(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

const traceql::FieldExpression& ConditionOf(const traceql::Query& query) {
  const auto& spans = std::get<traceql::SpansetExpression>(query.stages.at(0).node);
  return *std::get<traceql::SpansetFilter>(spans.node).condition;
}

std::string_view TextAt(std::string_view text, traceql::SourceRange range) {
  return text.substr(range.begin, range.end - range.begin);
}

TEST(ParseTraceQl, NodesKnowWhereTheyStandInTheText) {
  constexpr std::string_view kText = "{ span.http.status_code >= 500 && (status = error) } | count() > 2";
  const auto query = ParseTraceQl(kText);
  ASSERT_TRUE(query);
  const auto& chain = std::get<traceql::LogicalExpression>(ConditionOf(*query).node);
  EXPECT_EQ(TextAt(kText, ConditionOf(*query).range), "span.http.status_code >= 500 && (status = error)");
  EXPECT_EQ(TextAt(kText, chain.operands[0].range), "span.http.status_code >= 500");
  EXPECT_EQ(TextAt(kText, chain.operands[1].range), "(status = error)");
  EXPECT_EQ(TextAt(kText, query->stages[0].range), "{ span.http.status_code >= 500 && (status = error) }");
  EXPECT_EQ(TextAt(kText, query->stages[1].range), "count() > 2");
}

TEST(ParseTraceQl, ATreeOutlivesItsText) {
  std::string text = "{ span.\"a key\" = \"a value that is too long to lie in the string itself\" }";
  const auto query = ParseTraceQl(text);
  const std::string before = FormatTraceQl(*query);
  text.assign(text.size(), '#');
  EXPECT_EQ(FormatTraceQl(*query), before);
}

TEST(ParseTraceQl, AnErrorAsTextNamesLineAndColumnInCharacters) {
  const auto query = ParseTraceQl("{ name = \"ä\" &&\n  nmae = 5 }");
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(query.error().message, "query, line 2, column 3: unknown name `nmae`");
  EXPECT_EQ(query.error().hint, "name?");
}

TEST(ParseTraceQl, AnErrorHasItsBytesForWhoMarksThem) {
  constexpr std::string_view kText = "{ name = \"ä\" && status = failed }";
  const auto query = ParseTraceQlUntrusted(kText);
  ASSERT_FALSE(query);
  EXPECT_EQ(kText.substr(query.error().offset, query.error().length), "failed");
}

TEST(ParseTraceQl, WhatIsMissingAtTheEndIsMarkedBehindTheEnd) {
  constexpr std::string_view kText = "{ name = ";
  const auto query = ParseTraceQlUntrusted(kText);
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().offset, kText.size());
  EXPECT_EQ(query.error().length, 0u);
}

TEST(ParseTraceQl, ATextAboveTheLimitIsRefusedAndOneAtTheLimitIsNot) {
  const std::string text = "{ .a = \"" + std::string(kTraceQlTextMax - 11, 'x') + "\" }";
  ASSERT_EQ(text.size(), kTraceQlTextMax);
  EXPECT_TRUE(ParseTraceQl(text));
  EXPECT_EQ(ParseTraceQl(text + " ").error().code, ErrorCode::kOverLimit);
}

TEST(ParseTraceQl, TextThatIsNotUtf8IsRefusedAtTheFirstWrongByte) {
  EXPECT_EQ(ParseTraceQlUntrusted("{ .a = \"\xff\" }").error().offset, 8u);
  EXPECT_EQ(ParseTraceQlUntrusted("{ .\xed\xa0\x80 }").error().offset, 3u);
  EXPECT_TRUE(ParseTraceQlUntrusted("{ .größe = \"\\xff\" }"));
}

// A list of ids that a program writes is long, not deep.
TEST(ParseTraceQl, AChainOfOneOperatorHasAsManyOperandsAsTheTextHasRoomFor) {
  const auto query = ParseTraceQl("{ .a = 0" + Repeat(" || .a = 1", 6'000) + " }");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(std::get<traceql::LogicalExpression>(ConditionOf(*query).node).operands.size(), 6'001u);
  EXPECT_TRUE(ParseTraceQl("{ }" + Repeat(" && { }", 9'000)));
}

TEST(ParseTraceQl, WhatIsDeeperThanTheLimitIsRefusedHoweverItIsNested) {
  for (const std::string& text : {
           "{ " + Repeat("(", 30'000),
           "{ " + Repeat("-", 60'000),
           "{ " + Repeat("!", 60'000) + ".a }",
           "{ 1" + Repeat("+1", 30'000) + " = 1 }",
           "{ 1" + Repeat("^1", 30'000) + " = 1 }",
           "{ .a" + Repeat(" && .b || .c", 5'000) + " }",
           "{ " + Repeat("(.a && .b = 1 + 1 * ", 3'000),
           Repeat("({ } && 1 + 1 * ", 3'000),
           "{ " + Repeat("(1 + ", 500) + "1" + Repeat(")", 500) + " = 1 }",
           Repeat("(", 60'000) + "{ }",
           "{ }" + Repeat(" > { }", 10'000),
           "count()" + Repeat(" + count()", 6'000) + " > 1",
           Repeat("({ } | ", 9'000),
       }) {
    const auto query = ParseTraceQl(text);
    ASSERT_FALSE(query) << text.substr(0, 40);
    EXPECT_EQ(query.error().code, ErrorCode::kOverLimit) << text.substr(0, 40);
  }
}

TEST(ParseTraceQl, WhatIsJustWithinTheLimitIsReadWrittenAndReadAgain) {
  for (const std::string& text : {
           "{ " + Repeat("(", 400) + ".a" + Repeat(")", 400) + " }",
           "{ " + Repeat("-(2 * ", 97) + ".a" + Repeat(")", 97) + " = 1 }",
           "{ " + Repeat("!", 190) + ".a }",
           "{ 1" + Repeat(" - (1", 190) + Repeat(")", 190) + " = 1 }",
           "{ .a" + Repeat(" && (.b || (.c", 95) + Repeat("))", 95) + " }",
           "{ }" + Repeat(" > ({ }", 190) + Repeat(")", 190),
           "count() > 1" + Repeat(" - (2", 190) + Repeat(")", 190),
           "{ 1" + Repeat("^(-.a", 97) + Repeat(")", 97) + " = 1 }",
           "{ .a" + Repeat(" && .b || .c", 98) + " }",
           "{ }" + Repeat(" > { }", 195),
           Repeat("({ } | count() > 1 | ", 190) + "{ }" + Repeat(")", 190),
       }) {
    const auto query = ParseTraceQl(text);
    ASSERT_TRUE(query) << text.substr(0, 40) << ": " << query.error().message;
    const auto again = ParseTraceQl(FormatTraceQl(*query));
    ASSERT_TRUE(again) << text.substr(0, 40) << ": " << again.error().message;
    EXPECT_EQ(FormatTraceQl(*again), FormatTraceQl(*query));
  }
}

TEST(CaretText, ShowsTheLineOfTheErrorAndCutsALongOne) {
  const std::string text = "{ }\n| { .a = " + std::string(150, '1') + "x }";
  const auto query = ParseTraceQlUntrusted(text);
  ASSERT_FALSE(query);
  const std::string shown = CaretText(text, query.error());
  EXPECT_TRUE(shown.starts_with("| { .a = 111")) << shown;
  EXPECT_LE(shown.find('\n'), 100u);
  EXPECT_EQ(shown.substr(shown.find('\n') + 1, 11), "         ^^");
}

TEST(CaretText, MarksBelowTheRightCharacterWhereTabsAndUmlautsStandBefore) {
  const std::string text = "{\t.größe = \"ü\" && x }";
  const auto query = ParseTraceQlUntrusted(text);
  ASSERT_FALSE(query);
  EXPECT_EQ(CaretText(text, query.error()),
            "{ .größe = \"ü\" && x }\n"
            "                  ^\n");
}

}  // namespace
}  // namespace telltale
