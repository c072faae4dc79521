#include "traceql/format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "traceql/parse.h"

namespace telltale {
namespace {

using traceql::Duration;
using traceql::Format;
using traceql::Literal;

TEST(FormatTraceQl, DurationsTakeTheLargestUnitsAndLoseNothing) {
  constexpr int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(Format(Literal(Duration{0})), "0s");
  EXPECT_EQ(Format(Literal(Duration{1})), "1ns");
  EXPECT_EQ(Format(Literal(Duration{1'500})), "1.5us");
  EXPECT_EQ(Format(Literal(Duration{100'000'000})), "100ms");
  EXPECT_EQ(Format(Literal(Duration{1'000'000'001})), "1.000000001s");
  EXPECT_EQ(Format(Literal(Duration{90 * kSecond + kSecond / 2})), "1m30.5s");
  EXPECT_EQ(Format(Literal(Duration{36 * 3'600 * kSecond})), "1d12h");
  EXPECT_EQ(Format(Literal(Duration{-5 * kSecond})), "-5s");
  EXPECT_EQ(Format(Literal(Duration{std::numeric_limits<int64_t>::max()})), "106751d23h47m16.854775807s");
}

TEST(FormatTraceQl, RealNumbersNeverLookLikeWholeOnes) {
  EXPECT_EQ(Format(Literal(2.0)), "2.0");
  EXPECT_EQ(Format(Literal(0.1)), "0.1");
  EXPECT_EQ(Format(Literal(1e30)), "1e+30");
  EXPECT_EQ(Format(Literal(5e-324)), "5e-324");
  EXPECT_EQ(Format(Literal(-0.0)), "-0.0");
}

TEST(FormatTraceQl, StringsTakeBackticksWhereEscapesWouldBeInTheWay) {
  EXPECT_EQ(Format(Literal(std::string("GET"))), "\"GET\"");
  EXPECT_EQ(Format(Literal(std::string("GET /\\d+"))), "`GET /\\d+`");
  EXPECT_EQ(Format(Literal(std::string("a\"b`c"))), "\"a\\\"b`c\"");
  EXPECT_EQ(Format(Literal(std::string("tab\tline\nnul\0", 13))), "\"tab\\tline\\nnul\\x00\"");
  EXPECT_EQ(Format(Literal(std::string("\xff ü"))), "\"\\xff ü\"");
}

TEST(FormatTraceQl, ALongQueryBreaksAtPipesAndOperators) {
  const auto query = ParseTraceQl(
      "{ resource.service.name = \"checkout\" && (span.http.status_code >= 500 || status = error) } >> { "
      "call.kind = "
      "llm } | count() > 2 with (most_recent = true)");
  ASSERT_TRUE(query);
  EXPECT_EQ(FormatTraceQlLines(*query, 60),
            "{\n"
            "  resource.service.name = \"checkout\" &&\n"
            "  (\n"
            "    span.http.status_code >= 500 || status = error\n"
            "  )\n"
            "}\n"
            ">> { call.kind = llm }\n"
            "| count() > 2\n"
            "with (most_recent = true)");
  EXPECT_EQ(FormatTraceQlLines(*query, 500), FormatTraceQl(*query));
}

}  // namespace
}  // namespace telltale
