#include <gtest/gtest.h>

#include <string>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/test_terminal.h"
#include "cli/text.h"

namespace telltale {
namespace {

// A row of /api/v1/aggregate; an empty cost is one that nobody knows.
std::string Row(const std::string& model, const std::string& cost, int unpriced = 0) {
  const std::string key = model.empty() ? "{}" : R"({"model":")" + model + R"("})";
  return R"({"key":)" + key + R"(,"calls":2,"errors":0,"input_tokens":1000,"output_tokens":100,)" +
         R"("cost":{"total":)" + (cost.empty() ? "null" : cost) + R"(,"computed_calls":2,"unpriced_calls":)" +
         std::to_string(unpriced) + R"(},"duration_nano":{"p50":1,"p95":2,"p99":3}})";
}

std::string Page(const std::string& rows) {
  return R"({"items":[)" + rows + R"(],"next":null})";
}

TEST(Cost, SharesAddUpAndBarsShowThem) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate",
                    Page(Row("dear", "0.75") + "," + Row("cheap", "0.25") + "," + Row("novel", "", 2)));
  TestTerminal test(80);
  EXPECT_EQ(RunCost({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(),
            "model calls    in out     cost  share\n"
            "dear      2 1,000 100    $0.75  75.0% "
            "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
            "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u258c\n"
            "cheap     2 1,000 100    $0.25  25.0% \u2588\u2588\u2588\u2588\u2588\u2588\u2588\u258c\n"
            "novel     2 1,000 100 unpriced      -\n"
            "total     6 3,000 300   $1.00+ 100.0%\n");
  EXPECT_TRUE(test.err.str().starts_with("+: at least; 2 calls have no price")) << test.err.str();
  const HttpRequest asked{.query = server.queries().at(0)};
  EXPECT_EQ(asked.Param("by"), "model");
}

TEST(Cost, FitsAnyTerminal) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate",
                    Page(Row("a-model-with-a-long-name", "0.75") + "," + Row("b", "0.001")));
  for (const int width : {40, 50, 60, 80, 200}) {
    TestTerminal test(width);
    EXPECT_EQ(RunCost({.server = server.url()}, test.terminal), kExitOk);
    std::istringstream lines(test.out.str());
    for (std::string line; std::getline(lines, line);) EXPECT_LE(DisplayWidth(line), width) << line;
  }
}

TEST(Cost, WithStepsAloneThereIsNoModel) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page(""));
  TestTerminal test(80);
  EXPECT_EQ(RunCost({.server = server.url(), .step = "1h"}, test.terminal), kExitOk);
  const HttpRequest asked{.query = server.queries().at(0)};
  EXPECT_EQ(asked.Param("by"), std::nullopt);
  EXPECT_EQ(asked.Param("step"), "1h");
  EXPECT_EQ(test.out.str(), "");
  EXPECT_TRUE(test.err.str().starts_with("no calls match since 24h")) << test.err.str();
}

TEST(Cost, RefusesFlagsThatCannotWork) {
  TestTerminal test(80);
  EXPECT_EQ(RunCost({.limit = 0}, test.terminal), kExitUsage);
  EXPECT_EQ(RunCost({.json = true, .csv = true}, test.terminal), kExitUsage);
}

}  // namespace
}  // namespace telltale
