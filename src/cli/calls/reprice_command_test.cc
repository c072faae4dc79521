#include <gtest/gtest.h>

#include <string>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

// 5 calls: two have another rule's price now, one has a price at last, two stay as they are.
constexpr const char* kAnswer =
    R"({"calls":5,"changed":3,"from":0.5,"to":0.6,"table_version":"2026-07-24-abc","applied":false,"changes":[)"
    R"({"provider":"openai","model":"gpt-4o-2024-08-06","from_rule":"openai/gpt-4o-2024-08-06",)"
    R"("to_rule":"user:openai/gpt-4o-2024-08-06","calls":2,"from":0.3,"to":0.25},)"
    R"({"provider":"house","model":"novel","from_rule":null,"to_rule":"user:house/novel","calls":1,)"
    R"("from":0,"to":0.15}]})";

std::string Applied() {
  std::string answer = kAnswer;
  return answer.replace(answer.find(R"("applied":false)"), 15, R"("applied":true)");
}

TEST(Reprice, SaysWhatWouldChangeAndThatNothingDid) {
  CannedServer server;
  server.AnswerJson("/api/v1/reprice", kAnswer);
  TestTerminal test(80);
  EXPECT_EQ(
      RunReprice({.server = server.url(), .from = "2026-11-01", .to = "2026-11-02T00:00:00Z"}, test.terminal),
      kExitOk);
  EXPECT_EQ("\n" + test.out.str(), R"(
provider  model             calls before   now difference
openai    gpt-4o-2024-08-06     2  $0.30 $0.25     -$0.05
  openai/gpt-4o-2024-08-06 -> user:openai/gpt-4o-2024-08-06
house     novel                 1      - $0.15     +$0.15
  no rule -> user:house/novel
unchanged                       2  $0.20 $0.20      $0.00
all calls                       5  $0.50 $0.60     +$0.10

3 of 5 calls would change
price table 2026-07-24-abc
)");
  EXPECT_EQ(test.err.str(), "nothing is changed yet: --apply does it\n");
  EXPECT_EQ(server.bodies().at(0),
            R"({"start":"1793491200000000000","end":"2026-11-02T00:00:00Z","apply":false})");
}

TEST(Reprice, HasTheRulesInColumnsWhereThereIsNoTerminal) {
  CannedServer server;
  server.AnswerJson("/api/v1/reprice", Applied());
  TestTerminal test(0);
  EXPECT_EQ(RunReprice({.server = server.url(), .from = "7d", .apply = true}, test.terminal), kExitOk);
  EXPECT_EQ("\n" + test.out.str(),
            R"(
provider   model              rule before               rule now                       calls  before    now  difference
openai     gpt-4o-2024-08-06  openai/gpt-4o-2024-08-06  user:openai/gpt-4o-2024-08-06      2   $0.30  $0.25      -$0.05
house      novel              -                         user:house/novel                   1       -  $0.15      +$0.15
unchanged                                                                                  2   $0.20  $0.20       $0.00
all calls                                                                                  5   $0.50  $0.60      +$0.10

3 of 5 calls changed
price table 2026-07-24-abc
)");
  EXPECT_EQ(test.err.str(), "");
  EXPECT_TRUE(server.bodies().at(0).ends_with(R"("apply":true})")) << server.bodies().at(0);
}

TEST(Reprice, SaysThatNothingChangesAndThatThereIsNothing) {
  CannedServer server;
  server.AnswerJson("/api/v1/reprice",
                    R"({"calls":5,"changed":0,"from":0.5,"to":0.5,"table_version":"t","changes":[]})");
  TestTerminal same(80);
  EXPECT_EQ(RunReprice({.server = server.url(), .from = "7d"}, same.terminal), kExitOk);
  EXPECT_EQ(same.out.str(), "nothing changes: 5 calls, $0.50 in all\nprice table t\n");
  server.AnswerJson("/api/v1/reprice", R"({"calls":0,"changed":0,"table_version":"t","changes":[]})");
  TestTerminal none(80);
  EXPECT_EQ(RunReprice({.server = server.url(), .from = "7d"}, none.terminal), kExitOk);
  EXPECT_EQ(none.out.str(), "");
  EXPECT_TRUE(none.err.str().starts_with("no model calls started in this time (price table t)\nhint: "))
      << none.err.str();
}

TEST(Reprice, NeverShowsZeroForCallsThatHadNoPrice) {
  CannedServer server;
  server.AnswerJson(
      "/api/v1/reprice",
      R"({"calls":1,"changed":1,"from":0,"to":0.15,"table_version":"t","changes":[)"
      R"({"provider":"house","model":"novel","to_rule":"user:house/novel","calls":1,"to":0.15}]})");
  TestTerminal test(0);
  EXPECT_EQ(RunReprice({.server = server.url(), .from = "7d"}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str().find("$0.00"), std::string::npos) << test.out.str();
}

TEST(Reprice, PrintsTheApisAnswerAsJson) {
  CannedServer server;
  server.AnswerJson("/api/v1/reprice", kAnswer);
  TestTerminal test(80);
  EXPECT_EQ(RunReprice({.server = server.url(), .from = "7d", .json = true}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(), std::string(kAnswer) + "\n");
  EXPECT_EQ(test.err.str(), "");
}

TEST(Reprice, RefusesTimesThatCannotWorkBeforeItAsks) {
  TestTerminal test(0);
  EXPECT_EQ(RunReprice({.from = "tomorrow"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunReprice({.from = "2026-11-31"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunReprice({.from = "7d", .to = "soon"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunReprice({.from = "1d", .to = "2d"}, test.terminal), kExitUsage);
  EXPECT_TRUE(test.err.str().contains("error: read --from: '1d': it is not before --to\n")) << test.err.str();
  EXPECT_EQ(test.out.str(), "");
}

TEST(Reprice, ShowsTheServersRefusal) {
  CannedServer server;
  server.Answer("/api/v1/reprice",
                HttpResponse::Json(400, R"({"code":"invalid_input","message":"read p","hint":"h"})"));
  TestTerminal test(0);
  EXPECT_EQ(RunReprice({.server = server.url(), .from = "7d"}, test.terminal), kExitUsage);
  EXPECT_EQ(test.err.str(), "error: read p\nhint: h\n");
}

}  // namespace
}  // namespace telltale
