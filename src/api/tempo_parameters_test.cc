#include "api/tempo_parameters.h"

#include <gtest/gtest.h>

#include "traceql/format.h"

namespace telltale {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Parameters Read(std::string_view query) {
  HttpRequest request;
  request.query = query;
  return Parameters(request, {.empty_is_absent = true});
}

TEST(TempoParameters, TimesAreSecondsNanosecondsOrRfc3339) {
  EXPECT_EQ(ParseTempoTimeUntrusted("1700000000"), 1'700'000'000 * kSecond);
  EXPECT_EQ(ParseTempoTimeUntrusted("1700000000.25"), 1'700'000'000 * kSecond + kSecond / 4);
  EXPECT_EQ(ParseTempoTimeUntrusted("1700000000000000001"), 1'700'000'000 * kSecond + 1);
  EXPECT_EQ(ParseTempoTimeUntrusted("2023-11-14T22:13:20Z"), 1'700'000'000 * kSecond);
  for (const char* none : {"", "soon", "-1", "nan", "inf", "1e9", "99999999999999999999", "9999999999.9x"})
    EXPECT_FALSE(ParseTempoTimeUntrusted(none)) << none;
}

TEST(TempoParameters, StepsAreDurationsOrSeconds) {
  EXPECT_EQ(ParseTempoStepUntrusted("15s"), 15 * kSecond);
  EXPECT_EQ(ParseTempoStepUntrusted("1m30s"), 90 * kSecond);
  EXPECT_EQ(ParseTempoStepUntrusted("60"), 60 * kSecond);
  EXPECT_EQ(ParseTempoStepUntrusted("0.5"), kSecond / 2);
  for (const char* none : {"", "often", "-5s", "-5"}) EXPECT_FALSE(ParseTempoStepUntrusted(none)) << none;
}

TEST(TempoParameters, TheEndOfARangeIsAWholeSecond) {
  const auto range = ReadTempoRange(Read("start=10&end=20"));
  EXPECT_EQ(range->start_unix_nano, 10 * kSecond);
  EXPECT_EQ(range->end_unix_nano, 21 * kSecond);
  EXPECT_EQ(ReadTempoRange(Read("end=20.5"))->end_unix_nano, 20 * kSecond + kSecond / 2);
  EXPECT_EQ(ReadTempoRange(Read("start=0&end=0"))->end_unix_nano, TimeRange{}.end_unix_nano);
  EXPECT_EQ(ReadTempoRange(Read(""))->end_unix_nano, TimeRange{}.end_unix_nano);
  EXPECT_EQ(ReadTempoRange(Read("start=20&end=10")).error().message,
            "http parameter start must be before end. received start=20 end=10");
}

TEST(TempoParameters, ALimitIsCutAndNeverBelowOne) {
  const TempoLimit limit{.otherwise = 20, .max = 100};
  EXPECT_EQ(*ReadTempoLimit(Read(""), "limit", limit), 20u);
  EXPECT_EQ(*ReadTempoLimit(Read("limit=5"), "limit", limit), 5u);
  EXPECT_EQ(*ReadTempoLimit(Read("limit=500"), "limit", limit), 100u);
  for (const char* none : {"limit=0", "limit=-1", "limit=x"})
    EXPECT_FALSE(ReadTempoLimit(Read(none), "limit", limit)) << none;
  EXPECT_EQ(*ReadTempoLimit(Read("limit=0"), "limit", {.otherwise = 7, .max = 9, .zero_is_absent = true}),
            7u);
}

std::string Tags(std::string_view text) {
  const auto tags = ParseLogfmtUntrusted(text);
  if (!tags) return tags.error().message;
  std::string shown;
  for (const TempoTag& tag : *tags) shown += "<" + tag.key + "|" + tag.value + ">";
  return shown;
}

TEST(TempoParameters, LogfmtHasPlainAndQuotedValues) {
  EXPECT_EQ(Tags(""), "");
  EXPECT_EQ(Tags("a=1"), "<a|1>");
  EXPECT_EQ(Tags("  service.name=shop\n http.url=\"/a \\\"b\\u0041\" "),
            "<service.name|shop><http.url|/a \"bA>");
  EXPECT_EQ(Tags("a b= c=\"\""), "<a|><b|><c|>");
  EXPECT_EQ(Tags("url=/a?x=1"), "<url|/a?x=1>");
}

TEST(TempoParameters, WrongLogfmtIsToldWithItsPlace) {
  EXPECT_EQ(Tags("=1"), "invalid tags: unexpected '=' at pos 1");
  EXPECT_EQ(Tags("a\"=1"), "invalid tags: unexpected '\"' at pos 2");
  EXPECT_EQ(Tags("a=b\"c"), "invalid tags: unexpected '\"' at pos 4");
  EXPECT_EQ(Tags("a=\"b"), "invalid tags: unterminated quoted value at pos 5");
  EXPECT_EQ(Tags("a=\"b\"c=1"), "invalid tags: unexpected 'c' at pos 6");
  EXPECT_EQ(Tags("a=1 a=2"), "invalid tags: tag a has been set twice");
  EXPECT_EQ(Tags("a b c d e f g h i j k l m n o p q r s t u"), "invalid tags: more than 20 of them");
}

TEST(TempoParameters, TagsBecomeTraceQl) {
  const auto query = [](std::string_view text) { return QueryOfTags(*ParseLogfmtUntrusted(text)); };
  EXPECT_EQ(query("http.url=/a.b"), "{ .http.url =~ `(?is).*\\/a\\.b.*` }");
  EXPECT_EQ(query("code=200"), "{ (.code =~ \"(?is).*200.*\" || .code = 200) }");
  EXPECT_EQ(query("on=true key"), "{ (.on =~ \"(?is).*true.*\" || .on = true) && .key != nil }");
  EXPECT_EQ(query("name=get service.name=shop"),
            "{ name =~ \"(?is).*get.*\" && resource.service.name =~ \"(?is).*shop.*\" }");
  EXPECT_EQ(query("error=true status.code=ok"), "{ (.error = true || status = error) && status = ok }");
  for (const char* text : {"a&b=1", "a=\"\\u0000\"", "a=-5.", "a=-.5", "a=1.5"})
    EXPECT_TRUE(TraceQuery::Parse(query(text))) << query(text);
}

std::string Fields(const std::vector<traceql::FieldExpression>& readings) {
  std::string shown;
  for (const auto& field : readings) shown += (shown.empty() ? "" : " or ") + traceql::Format(field);
  return shown;
}

TEST(TempoParameters, NamesInPathsAreFieldsOfTraceQl) {
  const auto fields = [](std::string_view name) { return Fields(ParseTempoFieldUntrusted(name)); };
  EXPECT_EQ(fields("resource.service.name"), "resource.service.name");
  EXPECT_EQ(fields(".http.method"), ".http.method");
  EXPECT_EQ(fields("rootServiceName"), "trace:rootService");
  EXPECT_EQ(fields("call.model"), "call.model");
  EXPECT_EQ(fields("span.a b"), "span.\"a b\"");
  EXPECT_EQ(fields("span.a/b\"c\""), "span.a/bc or span.\"a/b\\\"c\\\"\"");
  for (const char* none : {"", ".", "nonsense", "1", "span.", "\"a\"", "name = \"x\" && name"})
    EXPECT_EQ(fields(none), "") << none;
}

TEST(TempoParameters, OlderNamesHaveNoScope) {
  const auto fields = [](std::string_view name) { return Fields(ParseTempoTagUntrusted(name)); };
  EXPECT_EQ(fields("service.name"), ".service.name");
  EXPECT_EQ(fields("status"), "status");
  EXPECT_EQ(fields("call.model"), "call.model");
  EXPECT_EQ(fields("call.other"), ".call.other");
  EXPECT_EQ(fields("a b"), ".\"a b\"");
  EXPECT_EQ(fields(""), "");
}

TEST(TempoParameters, OfAFilterThatIsBeingTypedTheReadableConditionsAreLeft) {
  const auto readable = [](std::string_view text) {
    const auto query = ReadableFilterUntrusted(text);
    return query ? FormatTraceQl(query->query()) : "";
  };
  EXPECT_EQ(readable("{ .a = 1 && .b = }"), "{ .a = 1 }");
  EXPECT_EQ(readable("{ .a = 1 && .b = \"x && y\" && "), "{ .a = 1 && .b = \"x && y\" }");
  EXPECT_EQ(readable("{ .a = 1 } | select("), "{ .a = 1 }");
  EXPECT_EQ(readable("{ .a = 1 || .b = 2 }"), "{ .a = 1 || .b = 2 }");
  for (const char* none : {"", "rubbish", "{", "{ .a = }", "{ .a = \"", "}{"})
    EXPECT_EQ(readable(none), "") << none;
}

}  // namespace
}  // namespace telltale
