#include "pricing/price_file.h"

#include <gtest/gtest.h>

#include "pricing/built_in.h"

namespace telltale {
namespace {

std::string ErrorOf(std::string_view text) {
  const auto file = ReadPriceFileUntrusted(text, "p.toml");
  return file ? "" : file.error().message + (file.error().hint.empty() ? "" : " | " + file.error().hint);
}

TEST(PriceFile, ReadsARuleWithEverything) {
  const auto file = ReadPriceFileUntrusted(R"(
provider = "OpenAI"
as_of = 2026-07-24
[[rule]]
model = "m"
input = 2.5
output = 10
cache_read = 1.25
above = [{ tokens = 200000, input = 5 }]
batch = { input = 1.25, output = 5 }
web_search = 0.01
from = 2026-01-01
note = "ours"
)",
                                           "p.toml");
  ASSERT_TRUE(file) << file.error().message;
  const PriceRule& rule = file->rules.at(0);
  EXPECT_EQ(rule.id, "openai/m@2026-01-01");
  EXPECT_EQ(rule.line, 4u);
  EXPECT_EQ(rule.standard.prices[CostPartKind::kInput], 2'500'000);
  EXPECT_EQ(rule.standard.bands.at(0).prices[CostPartKind::kInput], 5'000'000);
  EXPECT_EQ(rule.standard.bands.at(0).prices[CostPartKind::kOutput], 10'000'000);  // as below the band
  EXPECT_EQ(rule.batch->prices[CostPartKind::kOutput], 5'000'000);
  EXPECT_EQ(rule.standard.prices[CostPartKind::kWebSearch], 10'000'000'000);
}

TEST(PriceFile, NamesFileLineAndFieldOfAMistake) {
  EXPECT_EQ(ErrorOf("provider = \"p\"\n[[rule]]\nmodel = \"m\"\ninput = -1\n"),
            "read prices: p.toml: line 4: input: a price cannot be negative");
  EXPECT_EQ(ErrorOf("provider = \"p\"\n[[rule]]\nmodel = \"m\"\ninptu = 1\n").substr(0, 49),
            "read prices: p.toml: line 4: inptu: no such field");
  EXPECT_EQ(ErrorOf("provider = \"p\"\n[[rule]]\nmodel = \"m\"\ncach_read = 1\n"),
            "read prices: p.toml: line 4: cach_read: no such field | did you mean cache_read?");
  EXPECT_EQ(ErrorOf("[[rule]]\nmodel = \"m\"\ninput = 1\n"),
            "read prices: p.toml: line 1: provider: missing | name it in the rule or at the top of the file");
  EXPECT_EQ(ErrorOf("provider = \"p\"\n[[rule]]\nmodel = \"m\"\ninput = \"1\"\n"),
            "read prices: p.toml: line 4: input: must be a number of dollars");
  EXPECT_EQ(ErrorOf("provider = \"p\"\n[[rule]]\nmodel = \"m\"\n"),
            "read prices: p.toml: line 2: input: missing: a rule needs a price of input, output or request");
  EXPECT_EQ(ErrorOf("provider = \"p\"\n[[rule]]\nmodel = \"m\"\ninput = 0.0000001\n"),
            "read prices: p.toml: line 4: input: has more than six decimals");
}

TEST(PriceFile, RefusesWhatIsNotTomlWithTheLine) {
  EXPECT_EQ(ErrorOf("provider = \"p\"\nrule = [\n").substr(0, 28), "read prices: p.toml: line 2:");
}

TEST(PriceFile, RefusesTwoRulesForOneTime) {
  const std::string two =
      "provider = \"p\"\nrule = [{ model = \"m\", input = 1 },\n{ model = \"M\", input = 2, from = "
      "2026-01-01 }]\n";
  EXPECT_EQ(ErrorOf(two).substr(0, 78),
            "read prices: p.toml: line 3: model: M: the rule at line 2 holds at the same ti");
  EXPECT_EQ(ErrorOf("provider = \"p\"\nrule = [{ model = \"m\", input = 1, until = 2026-01-01 },\n"
                    "{ model = \"m\", input = 2, from = 2026-01-01 }]\n"),
            "");
}

TEST(PriceFile, MayHoldNoRuleAtAll) {
  EXPECT_EQ(ErrorOf(""), "");
}

TEST(PriceFile, ReadsEveryCommittedRowBackFromItsOwnText) {
  for (const PriceFile& file : BuiltInPriceFiles()) {
    for (const PriceRule& rule : file.rules) {
      const std::string text = RuleText(rule);
      const auto again = ReadPriceFileUntrusted(text, "again.toml");
      ASSERT_TRUE(again) << again.error().message << "\n" << text;
      EXPECT_EQ(RuleText(again->rules.at(0)), text);
      EXPECT_EQ(again->rules.at(0).standard.prices.of, rule.standard.prices.of) << rule.id;
    }
  }
}

TEST(PriceFile, KnowsDays) {
  EXPECT_EQ(*UnixNanosOfDay("1970-01-02"), 86'400'000'000'000u);
  EXPECT_FALSE(UnixNanosOfDay("2026-02-30"));
  EXPECT_FALSE(UnixNanosOfDay("2026-7-24"));
  EXPECT_FALSE(UnixNanosOfDay("20a6-07-24"));
}

}  // namespace
}  // namespace telltale
