#include "api/parameters.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace telltale {
namespace {

HttpRequest RequestWith(std::string query) {
  HttpRequest request;
  request.query = std::move(query);
  return request;
}

TEST(Parameters, TimesAreRfc3339OrNanoseconds) {
  EXPECT_EQ(ParseTimeUntrusted("1700000000000000000"), 1'700'000'000'000'000'000);
  EXPECT_EQ(ParseTimeUntrusted("1970-01-01T00:00:01Z"), 1'000'000'000);
  EXPECT_EQ(ParseTimeUntrusted("2023-11-14T22:13:20.123456789Z"), 1'700'000'000'123'456'789);
  EXPECT_EQ(ParseTimeUntrusted("2023-11-14T22:13:20.5+02:00"), 1'699'992'800'500'000'000);
  EXPECT_EQ(ParseTimeUntrusted("2023-11-14T22:13:20 02:00"), 1'699'992'800'000'000'000);
  EXPECT_EQ(ParseTimeUntrusted("2024-02-29t00:00:00z"), 1'709'164'800'000'000'000);
}

TEST(Parameters, RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "now", "-1", "2023-11-14", "2023-02-29T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "99999999999999999999"}) {
    EXPECT_FALSE(ParseTimeUntrusted(text)) << text;
  }
}

TEST(Parameters, DurationsAreGosOrNanoseconds) {
  EXPECT_EQ(ParseDurationUntrusted("1.5s"), 1'500'000'000);
  EXPECT_EQ(ParseDurationUntrusted("100ms"), 100'000'000);
  EXPECT_EQ(ParseDurationUntrusted("2us"), 2'000);
  EXPECT_EQ(ParseDurationUntrusted("2\u00b5s"), 2'000);
  EXPECT_EQ(ParseDurationUntrusted("1h2m3s"), 3'723'000'000'000);
  EXPECT_EQ(ParseDurationUntrusted("2d"), 172'800'000'000'000);
  EXPECT_EQ(ParseDurationUntrusted("250"), 250);
  EXPECT_EQ(ParseDurationUntrusted("-3ms"), -3'000'000);
}

TEST(Parameters, RefusesWhatIsNotADuration) {
  for (const char* text : {"", "s", "-", "1 s", "1x", "s1", "1.2.3s", "nan", "1e3s"}) {
    EXPECT_FALSE(ParseDurationUntrusted(text)) << text;
  }
}

TEST(Parameters, WhatIsTooLargeForNanosecondsBecomesTheLargest) {
  EXPECT_EQ(ParseTimeUntrusted("1969-12-31T23:59:59Z"), 0);
  EXPECT_EQ(ParseTimeUntrusted("9999-01-01T00:00:00Z"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseDurationUntrusted("9999999h"), std::numeric_limits<int64_t>::max());
}

TEST(Parameters, TraceIdsArePaddedOnTheLeft) {
  EXPECT_EQ(ParseTraceIdUntrusted("ABC")->Hex(), "00000000000000000000000000000abc");
  EXPECT_EQ(ParseTraceIdUntrusted("83a9efd15c1c98a977e0711cc93ee28b")->Hex(),
            "83a9efd15c1c98a977e0711cc93ee28b");
  for (const char* text : {"", "0", "g", "83a9efd15c1c98a977e0711cc93ee28b0"})
    EXPECT_FALSE(ParseTraceIdUntrusted(text));
}

TEST(Parameters, ARefusalNamesTheParameterTheValueAndTheNearestName) {
  constexpr std::array<std::string_view, 3> kKnown = {"service", "operation", "limit"};
  const Status refused = Parameters(RequestWith("servce=shop")).RefuseUnknown(kKnown);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "parameter servce: shop: unknown parameter");
  EXPECT_EQ(refused.error().hint, "did you mean service?");
  const Status far = Parameters(RequestWith("colour=red")).RefuseUnknown(kKnown);
  EXPECT_EQ(far.error().hint, "known are service, operation, limit");
}

TEST(Parameters, ANumberOutOfBoundsIsRefusedWithItsBounds) {
  const auto refused = Parameters(RequestWith("limit=0")).Integer("limit", {.min = 1, .max = 1000});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "parameter limit: 0: not a number from 1 to 1000");
}

TEST(Parameters, ANameThatStandsTwiceIsRefusedUnlessItMayRepeat) {
  const Parameters parameters(RequestWith("a=1&a=2"));
  EXPECT_FALSE(parameters.Text("a"));
  EXPECT_EQ(parameters.Texts("a"), (std::vector<std::string>{"1", "2"}));
}

TEST(Parameters, AnEmptyValueIsAbsentOnlyWhereThatIsAskedFor) {
  EXPECT_EQ(**Parameters(RequestWith("a=")).Text("a"), "");
  EXPECT_FALSE(*Parameters(RequestWith("a="), {.empty_is_absent = true}).Text("a"));
}

TEST(Parameters, NamesAndValuesAreDecoded) {
  EXPECT_EQ(**Parameters(RequestWith("a%20b=x+%26y")).Text("a b"), "x &y");
}

}  // namespace
}  // namespace telltale
