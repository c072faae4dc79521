#include "cli/completion/completion.h"

#include <gtest/gtest.h>

#include "cli/canned_server.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

std::vector<CompletedCommand> Commands() {
  CompletedCommand program{.words = {"calls", "prices"}};
  CompletedCommand calls{.path = {"calls"}, .about = "List calls, it's new"};
  calls.flags = {{.names = {"--kind", "-k"}, .about = "Only", .takes_value = true, .values = {"llm", "tool"}},
                 {.names = {"--service"}, .takes_value = true, .asked = "services"},
                 {.names = {"--json"}}};
  CompletedCommand prices{.path = {"prices"}, .words = {"list"}};
  CompletedCommand list{.path = {"prices", "list"}, .takes_files = true};
  return {program, calls, prices, list};
}

TEST(Completion, BashKnowsWhatFollowsWhat) {
  const std::string script = CompletionScript(Shell::kBash, Commands());
  for (const char* line :
       {"'telltale calls --kind'|'telltale calls -k') offers='llm tool' ;;",
        "'telltale calls --service') asked=services ;;", "'telltale') offers='calls prices' ;;",
        "'telltale calls') offers='--kind -k --service --json' ;;",
        "'telltale prices list') offers='' files=yes ;;"}) {
    EXPECT_NE(script.find(line), std::string::npos) << line << "\n" << script;
  }
}

TEST(Completion, FishKnowsItToo) {
  const std::string script = CompletionScript(Shell::kFish, Commands());
  for (const char* line :
       {"complete -c telltale -n '__fish_use_subcommand' -a 'calls' -d 'List calls, it'\\''s new'\n",
        "complete -c telltale -n '__fish_seen_subcommand_from calls' -l kind -s k -x -a 'llm tool' -d "
        "'Only'\n",
        "complete -c telltale -n '__fish_seen_subcommand_from prices; and not __fish_seen_subcommand_from "
        "list' "
        "-a 'list' -d ''\n"}) {
    EXPECT_NE(script.find(line), std::string::npos) << line << "\n" << script;
  }
}

TEST(Completion, OffersWhatAServerKnowsAndNothingThatCouldHarm) {
  CannedServer server;
  server.AnswerJson("/api/v1/services", R"({"items":[{"name":"web"},{"name":"a b"},{"name":"x\u001b[0m"}]})");
  server.AnswerJson("/api/v1/aggregate", R"({"items":[{"key":{"model":"gpt-4o"}},{"key":{"model":""}}]})");
  TestTerminal test(0);
  PrintKnownNames(server.url(), "services", test.terminal);
  PrintKnownNames(server.url(), "models", test.terminal);
  EXPECT_EQ(test.out.str(), "web\na b\ngpt-4o\n");
}

TEST(Completion, WithoutAServerNothingIsOfferedAndNothingSaid) {
  TestTerminal test(0);
  PrintKnownNames("http://127.0.0.1:1", "services", test.terminal);
  PrintKnownNames("http://127.0.0.1:1", "nonsense", test.terminal);
  EXPECT_EQ(test.out.str() + test.err.str(), "");
}

}  // namespace
}  // namespace telltale
