#include "traceql/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace telltale {
namespace {

// The cursor stands where the text has a $. "kind [prefix] of field: words", at most three words.
std::string At(std::string text) {
  const size_t cursor = text.find('$');
  text.erase(cursor, 1);
  const TraceQlSuggestion at = SuggestTraceQl(text, cursor);
  std::string shown = std::string(TraceQlExpectedName(at.expected)) + " [" +
                      text.substr(at.range.begin, at.range.end - at.range.begin) + "]";
  if (at.expected == TraceQlExpected::kAttributeKey)
    shown += " of " + std::string(at.of_parent ? "parent " : "") + std::string(traceql::ScopeName(at.scope));
  if (!at.field.empty()) shown += " of " + at.field;
  for (size_t i = 0; i < at.words.size() && i < 3; ++i)
    shown += (i == 0 ? ": " : " ") + std::string(at.words[i].text);
  return shown;
}

TEST(SuggestTraceQl, AnEmptyTextAndAPipeWantAStage) {
  EXPECT_EQ(At("$"), "stage []: { } count() avg(");
  EXPECT_EQ(At("{ } | $"), "stage []: { } count() avg(");
  EXPECT_EQ(At("{ } | co$"), "stage [co]: count() coalesce() count_over_time()");
  EXPECT_EQ(At("{ } | rate() | $"), "stage []: topk( bottomk(");
  EXPECT_EQ(At("{ } >> $"), "stage []: { } ( count()");
  EXPECT_EQ(At("({ } | $"), "stage []: { } count() avg(");
}

TEST(SuggestTraceQl, BehindASetOfSpansOrANumberStandsAnOperator) {
  EXPECT_EQ(At("{ } $"), "span_operator []: | && ||");
  EXPECT_EQ(At("{ .a }$"), "span_operator []: | && ||");
  EXPECT_EQ(At("{ } &$"), "span_operator [&]: && &> &>>");
  EXPECT_EQ(At("{ } !$"), "span_operator [!]: !> !>> !<");
  EXPECT_EQ(At("{ } | count() $"), "span_operator []: > >= <");
  EXPECT_EQ(At("{ } | rate() $"), "span_operator []: by ( | >");
  EXPECT_EQ(At("({ } | count()) $"), "span_operator []: > >= <");
  EXPECT_EQ(At("({ } | by(name)) $"), "span_operator []: | && ||");
}

TEST(SuggestTraceQl, BracesAndFunctionsWantAField) {
  EXPECT_EQ(At("{ $"), "field []: duration name status");
  EXPECT_EQ(At("{ na$"), "field [na]: name");
  EXPECT_EQ(At("{ re$ }"), "field [re]: resource.");
  EXPECT_EQ(At("{ span:du$"), "field [span:du]: span:duration");
  EXPECT_EQ(At("{ .a = 1 && $"), "field []: duration name status");
  EXPECT_EQ(At("{ !$"), "field []: duration name status");
  EXPECT_EQ(At("{ (1 + $"), "field []: duration name status");
  EXPECT_EQ(At("{ } | by(ro$"), "field [ro]: rootName rootServiceName");
  EXPECT_EQ(At("{ } | select(name, $"), "field []: duration name status");
  EXPECT_EQ(At("{ } | rate() by (res$"), "field [res]: resource.");
  EXPECT_EQ(At("{ } | avg(dur$"), "field [dur]: duration");
}

TEST(SuggestTraceQl, BehindAScopeStandsANameOfIt) {
  EXPECT_EQ(At("{ span.$"), "attribute_key [] of span");
  EXPECT_EQ(At("{ resource.service.na$me = \"a\" }"), "attribute_key [service.na] of resource");
  EXPECT_EQ(At("{ .$"), "attribute_key [] of ");
  EXPECT_EQ(At("{ .http$"), "attribute_key [http] of ");
  EXPECT_EQ(At("{ span.\"two wo$"), "attribute_key [\"two wo] of span");
  EXPECT_EQ(At("{ parent.span.x$"), "attribute_key [x] of parent span");
  EXPECT_EQ(At("{ parent.na$"), "attribute_key [na] of parent : name");
  EXPECT_EQ(At("{ call.$"), "call_field []: kind operation provider");
  EXPECT_EQ(At("{ call.prompt.$"), "call_field [prompt.]: prompt.name prompt.version");
  EXPECT_EQ(At("{ } | sum(call.co$"), "call_field [co]: conversation cost cost_status");
}

TEST(SuggestTraceQl, BehindAFieldStandWhatItsTypeCanBeComparedWith) {
  EXPECT_EQ(At("{ duration $"), "operator []: = != >");
  EXPECT_EQ(At("{ status $"), "operator []: = != &&");
  EXPECT_EQ(At("{ .a !$"), "operator [!]: != !~");
  EXPECT_EQ(At("{ .a = 1 $"), "operator []: && || }");
  EXPECT_EQ(At("{ .a = 1 &$"), "operator [&]: &&");
  EXPECT_EQ(At("{ .a = 1 |$"), "operator [|]: ||");
  EXPECT_EQ(At("{ (.a = 1) $"), "operator []: && || }");
}

TEST(SuggestTraceQl, BehindAComparisonStandsAValueOfTheField) {
  EXPECT_EQ(At("{ status = $"), "value [] of status: unset ok error");
  EXPECT_EQ(At("{ status = e$"), "value [e] of status: error");
  EXPECT_EQ(At("{ status = \"e$"), "value [\"e] of status: error");
  EXPECT_EQ(At("{ span:kind != s$"), "value [s] of kind: server");
  EXPECT_EQ(At("{ call.kind = l$"), "value [l] of call.kind: llm");
  EXPECT_EQ(At("{ call.duplicate = $"), "value [] of call.duplicate: true false nil");
  EXPECT_EQ(At("{ .x && call.model =~ \"gp$"), "value [\"gp] of call.model");
  EXPECT_EQ(At("{ resource.\"service.name\" = \"fro$nt\" }"), "value [\"fro] of resource.service.name");
  EXPECT_EQ(At("{ parent.status = $"), "value [] of parent.status: unset ok error");
  EXPECT_EQ(At("{ name = `GET$"), "value [`GET] of name");
}

TEST(SuggestTraceQl, APrefixIsWithoutItsQuotes) {
  EXPECT_EQ(SuggestTraceQl("{ name = \"a \\\"b", 15).prefix, "a \"b");
  EXPECT_EQ(SuggestTraceQl("{ span.\"two wo", 14).prefix, "two wo");
}

TEST(SuggestTraceQl, WhereOnlyTheWriterKnowsNothingIsOffered) {
  EXPECT_EQ(At("{ .a > 5$"), "nothing [5]");
  EXPECT_EQ(At("{ duration > 5m$"), "nothing [5m]");
  EXPECT_EQ(At("{ // a comment $"), "nothing []");
  EXPECT_EQ(At("{ .a = \"\\q$"), "nothing [\\q]");
  EXPECT_EQ(At("{ } | rate() | topk($"), "nothing []");
  EXPECT_EQ(At("{ } | quantile_over_time(duration, $"), "nothing []");
  EXPECT_EQ(At("{ } | count($"), "nothing []");
  EXPECT_EQ(At("{ } /* open $"), "nothing [/* open ]");
}

TEST(SuggestTraceQl, HintsAreKnownByName) {
  EXPECT_EQ(At("{ } with ($"), "hint []: most_recent exemplars sample");
  EXPECT_EQ(At("{ } with (most_recent = true, ex$"), "hint [ex]: exemplars");
}

TEST(SuggestTraceQl, CompareWantsBraces) {
  EXPECT_EQ(At("{ } | compare($"), "stage []: { }");
}

TEST(SuggestTraceQl, EveryCursorInAnyTextHasAnAnswerWithinIt) {
  const std::string text =
      "({ span.\"ä b\" = `x` && !(call.kind = llm) } >> { }) | avg(duration) > 1.5s | } ) | rate() by (";
  for (size_t cursor = 0; cursor <= text.size() + 1; ++cursor) {
    const TraceQlSuggestion at = SuggestTraceQl(text, cursor);
    EXPECT_EQ(at.range.end, std::min(cursor, text.size()));
    EXPECT_LE(at.range.begin, at.range.end);
  }
}

}  // namespace
}  // namespace telltale
