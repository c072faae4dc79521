#include "cli/text_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/test_terminal.h"

namespace telltale {
namespace {

// [ name may be cut to 6 ][ count ][ p95 left out second ][ ttft left out first ]
TextTable Models() {
  TextTable table({{.title = "name", .width_min = 6},
                   {.title = "count", .is_number = true},
                   {.title = "p95", .is_number = true, .leave_out = 2},
                   {.title = "ttft", .is_number = true, .leave_out = 1}});
  table.Add({.cells = {{"gpt-4o"}, {"12,345"}, {"1.30 s"}, {"250 ms"}}});
  table.Add({.cells = {{"claude-sonnet-4-5", Ink::kPlain, " ERROR"}, {"1"}, {"-"}, {"-"}}});
  return table;
}

std::string Printed(const TextTable& table, int width) {
  TestTerminal test(width);
  table.Print(test.terminal);
  return "\n" + test.out.str();
}

TEST(TextTable, IsAsWideAsItsContentWhereThereIsNoTerminal) {
  EXPECT_EQ(Printed(Models(), 0), R"(
name                      count     p95    ttft
gpt-4o                   12,345  1.30 s  250 ms
claude-sonnet-4-5 ERROR       1       -       -
)");
}

TEST(TextTable, LeavesColumnsOutBeforeItCutsNames) {
  EXPECT_EQ(Printed(Models(), 40), R"(
name                     count    p95
gpt-4o                  12,345 1.30 s
claude-sonnet-4-5 ERROR      1      -
)");
  EXPECT_EQ(Printed(Models(), 36), R"(
name                     count
gpt-4o                  12,345
claude-sonnet-4-5 ERROR      1
)");
}

TEST(TextTable, CutsTheTextAndNotItsMark) {
  EXPECT_EQ(Printed(Models(), 24), R"(
name               count
gpt-4o            12,345
claude-son… ERROR      1
)");
}

TEST(TextTable, IsWiderThanTheTerminalRatherThanUnreadable) {
  EXPECT_EQ(Printed(Models(), 5), Printed(Models(), 13));
}

TEST(TextTable, SaysWhatItLeftOut) {
  TestTerminal narrow(36);
  SayWhatIsLeftOut(Models(), narrow.terminal);
  EXPECT_EQ(narrow.err.str(), "no room for p95, ttft: a wider terminal or --csv shows it\n");
  TestTerminal wide(80);
  SayWhatIsLeftOut(Models(), wide.terminal);
  EXPECT_EQ(wide.err.str(), "");
}

TEST(TextTable, CutsOnlyTheEndOfALineBelow) {
  TextTable table({{.title = "a"}});
  table.Add({.cells = {{"1"}}, .below = "0123456789", .below_more = "llm  service"});
  EXPECT_EQ(Printed(table, 20), "\na\n1\n  0123456789  llm  …\n");
  EXPECT_EQ(Printed(table, 8), "\na\n1\n  0123456789\n");
  EXPECT_EQ(Printed(table, 0), "\na\n1\n  0123456789  llm  service\n");
}

TEST(TextTable, HasALineBelowEachRowThatAsksForOne) {
  TextTable table({{.title = "a"}, {.title = "b"}}, "id");
  table.Add({.cells = {{"1"}, {""}}, .below = "one"});
  table.Add({.cells = {{""}, {"2"}}});
  EXPECT_EQ(Printed(table, 80), R"(
a b
  id
1
  one
  2
)");
}

}  // namespace
}  // namespace telltale
