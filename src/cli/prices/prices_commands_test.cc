#include "cli/prices/prices_commands.h"

#include <gtest/gtest.h>

#include "cli/test_terminal.h"

namespace telltale {
namespace {

TEST(PricesExplain, PrintsPartsRuleAndTable) {
  TestTerminal test(0);
  PricesExplainOptions options;
  options.model = "ft:gpt-4o-mini-2024-07-18:acme::1";
  options.provider = "openai";
  options.usage = {.input_tokens = 1'000'000, .output_tokens = 1000};
  EXPECT_EQ(RunPricesExplain(options, test.terminal), kExitOk);
  const std::string text = test.out.str();
  EXPECT_EQ(text.substr(0, text.find("\nrule")),
            "input             1,000,000  x  $0.30 per million      =  $0.30\n"
            "output                1,000  x  $1.20 per million      =  $0.0012\n"
            "total          $0.3012\n");
  EXPECT_NE(text.find("match   fine_tune: a fine-tune: the rule for fine-tunes of its base\n"),
            std::string::npos);
  EXPECT_EQ(test.err.str(), "");
}

TEST(PricesExplain, SaysWhatIsWrongWithADay) {
  TestTerminal test(0);
  PricesExplainOptions options;
  options.model = "m";
  options.at = "yesterday";
  EXPECT_EQ(RunPricesExplain(options, test.terminal), kExitUsage);
  EXPECT_EQ(test.err.str(), "error: --at: read a day: 'yesterday': not of the form 2026-07-24\n");
}

TEST(PricesExplain, TakesControlCharactersOutOfWhatItPrints) {
  TestTerminal test(0);
  PricesExplainOptions options;
  options.model = "\x1b[31mred";
  EXPECT_EQ(RunPricesExplain(options, test.terminal), kExitNotFound);
  EXPECT_EQ((test.out.str() + test.err.str()).find('\x1b'), std::string::npos);
}

TEST(PricesAdd, WantsToKnowWhere) {
  TestTerminal test(0);
  EXPECT_EQ(RunPricesAdd({.model = "m", .provider = "p", .fields = {{"input", "1"}}}, test.terminal),
            kExitUsage);
  EXPECT_EQ(test.err.str(),
            "error: add a rule: no file to write it to is named\n"
            "hint: name it with --prices FILE or TELLTALE_PRICES\n");
}

}  // namespace
}  // namespace telltale
