#include <gtest/gtest.h>

#include <string>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

// The emoji before the match is two code units.
constexpr std::string_view kItem =
    R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7",)"
    R"("start_unix_nano":"1764069276000000000","service":"support","name":"chat","place":"attribute",)"
    R"("field":"gen_ai.input.messages","role":"user","snippet":{"text":"🚀 where is my order,\nplease?",)"
    R"("matches":[[15,20]]},"occurrences":1,"call":{"kind":"llm","request":{"model":"gpt-4o"},)"
    R"("cost":{"status":"computed","total":0.0035}}})";

std::string Page(std::string_view item, const std::string& more) {
  return R"({"items":[)" + std::string(item) + R"(],"next":null,"searched_back_to_unix_nano":)" + more + "}";
}

int Search(const CannedServer& server, Terminal& terminal, SearchOptions options = {}) {
  options.server = server.url();
  options.words = {"order", "plea*"};
  return RunSearch(options, terminal);
}

TEST(Search, ShowsWhoSaidItAndTheSnippet) {
  CannedServer server;
  server.AnswerJson("/api/v1/search", Page(kItem, "null"));
  TestTerminal wide(0);
  EXPECT_EQ(Search(server, wide.terminal, {.filter = {.service = "support"}}), kExitOk);
  EXPECT_EQ("\n" + wide.out.str(), R"(
11-25 11:14:36  support  gpt-4o  $0.0035  user  4bf92f3577b34da6a3ce929d0e0e4736/00f067aa0ba902b7
  🚀 where is my order, please?
)");
  EXPECT_TRUE(server.queries()[0].contains("text=order%20plea%2A") ||
              server.queries()[0].contains("text=order+plea"))
      << server.queries()[0];
  EXPECT_TRUE(server.queries()[0].contains("service=support"));
}

TEST(Search, PaintsTheMatchAndFitsTheTerminal) {
  CannedServer server;
  server.AnswerJson("/api/v1/search", Page(kItem, "null"));
  TestTerminal narrow(60);
  narrow.terminal.color = true;
  EXPECT_EQ(Search(server, narrow.terminal), kExitOk);
  EXPECT_TRUE(narrow.out.str().contains(narrow.terminal.Paint(Ink::kYellow, "order"))) << narrow.out.str();
  TestTerminal plain(60);
  Search(server, plain.terminal);
  EXPECT_EQ("\n" + plain.out.str(), R"(
11-25 11:14:36  support  gpt-4o  $0.0035  user
  4bf92f3577b34da6a3ce929d0e0e4736/00f067aa0ba902b7
  🚀 where is my order, please?
)");
}

TEST(Search, PrintsJsonAndCsv) {
  CannedServer server;
  server.AnswerJson("/api/v1/search", Page(kItem, "null"));
  TestTerminal json(80);
  EXPECT_EQ(Search(server, json.terminal, {.json = true}), kExitOk);
  EXPECT_EQ(json.out.str(), "[\n" + std::string(kItem) + "\n]\n");
  TestTerminal csv(80);
  EXPECT_EQ(Search(server, csv.terminal, {.csv = true}), kExitOk);
  EXPECT_TRUE(csv.out.str().contains("support,chat,gpt-4o,0.0035,gen_ai.input.messages,user,1,"))
      << csv.out.str();
}

TEST(Search, SaysThatNothingIsFoundAndThatTooMuchIs) {
  CannedServer server;
  server.AnswerJson("/api/v1/search", Page("", "null"));
  TestTerminal none(80);
  EXPECT_EQ(Search(server, none.terminal), kExitOk);
  EXPECT_TRUE(none.err.str().starts_with("no text has these words\n"));
  server.AnswerJson("/api/v1/search", Page(kItem, "\"1764069276000000000\""));
  TestTerminal much(80);
  EXPECT_EQ(Search(server, much.terminal, {.order = "cost"}), kExitOk);
  EXPECT_TRUE(much.err.str().contains("searched back to 2025-11-25 11:14:36")) << much.err.str();
}

TEST(Search, RefusesALimitOfNothing) {
  CannedServer server;
  TestTerminal test(80);
  EXPECT_EQ(Search(server, test.terminal, {.limit = 0}), kExitUsage);
}

}  // namespace
}  // namespace telltale
