#include "cli/traceql/series_table.h"

#include <gtest/gtest.h>

#include "cli/test_terminal.h"
#include "cli/traceql/query_argument.h"

namespace telltale {
namespace {

TEST(SeriesTable, ACurveIsAsHighAsItsValuesAndEmptyWhereThereAreNone) {
  EXPECT_EQ(Curve({0, 1, 2, std::nullopt, 7}, 40), "▁▂▃ █");
  EXPECT_EQ(Curve({1, 9, 1, 1}, 2), "█▂");
  EXPECT_EQ(Curve({0, 0}, 40), "▁▁");
  EXPECT_EQ(Curve({}, 40), "");
}

TEST(SeriesTable, ReadsTheAnswerAndPrintsItAsCsv) {
  const auto answer = ReadSeriesUntrusted(
      R"({"start_unix_nano":"1700000000000000000","step_nano":"60000000000","truncated":false,"series":[)"
      R"({"labels":{"name":"a,b","n":null,"p":0.5},"values":[1.5,null,2],"exemplars":[]}]})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(SeriesCsv(*answer),
            "time,name,n,p,value\r\n"
            "2023-11-14T22:13:20.000000000Z,\"a,b\",nil,0.5,1.5\r\n"
            "2023-11-14T22:15:20.000000000Z,\"a,b\",nil,0.5,2\r\n");
}

TEST(SeriesTable, SaysHowManySeriesAndStepsThereAre) {
  TestTerminal test(80);
  PrintSeries({.step_nano = 60'000'000'000, .series = {{.labels = {{"name", "a"}}, .values = {1, 2}}}},
              test.terminal);
  EXPECT_NE(test.err.str().find("1 series of 2 steps of 1m"), std::string::npos) << test.err.str();
}

TEST(SeriesTable, RefusesAnAnswerThatIsAnotherDocument) {
  EXPECT_FALSE(ReadSeriesUntrusted("{}"));
  EXPECT_FALSE(ReadSeriesUntrusted("[]"));
  EXPECT_FALSE(ReadSeriesUntrusted("x"));
}

TEST(QueryArgument, MarksThePlaceOfAMistake) {
  TestTerminal test(80);
  EXPECT_FALSE(ReadQueryArgument("{ status = eror }", test.terminal));
  EXPECT_NE(test.err.str().find("{ status = eror }\n           ^^^^"), std::string::npos) << test.err.str();
}

TEST(QueryArgument, KnowsWhetherSeriesAreTheAnswer) {
  TestTerminal test(80);
  EXPECT_TRUE(ReadQueryArgument("{ } | rate()", test.terminal)->is_metric);
  EXPECT_FALSE(ReadQueryArgument("{ }", test.terminal)->is_metric);
  EXPECT_FALSE(ReadQueryArgument("", test.terminal)->is_metric);
}

}  // namespace
}  // namespace telltale
