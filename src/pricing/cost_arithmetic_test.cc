#include "pricing/cost_arithmetic.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/counters.h"
#include "pricing/price_file.h"

namespace telltale {
namespace {

PriceRule RuleOf(const std::string& prices) {
  auto file = ReadPriceFileUntrusted("provider = \"p\"\n[[rule]]\nmodel = \"m\"\n" + prices, "t");
  EXPECT_TRUE(file) << file.error().message;
  return file->rules.at(0);
}

Cost CostOf(const PriceRule& rule, const Usage& usage, std::string_view tier = {}) {
  Cost cost;
  AddUp(ChoosePrices(rule, usage, tier, false), usage, cost);
  return cost;
}

TEST(CostArithmetic, IsNotKnownWhereOneSideWasNotTold) {
  const PriceRule rule = RuleOf("input = 1\noutput = 2\n");
  const Cost cost = CostOf(rule, {.input_tokens = 10});
  EXPECT_EQ(cost.status, CostStatus::kNoUsage);
  EXPECT_EQ(cost.total, Cost::kNotTold);
}

TEST(CostArithmetic, IsNotKnownWhereOnePartHasNoPrice) {
  const PriceRule rule = RuleOf("input = 1\noutput = 2\ncache_write = 1.25\n");
  const Cost cost = CostOf(rule, {.input_tokens = 10, .output_tokens = 1, .cache_write_1h_tokens = 5});
  EXPECT_EQ(cost.status, CostStatus::kUnpriced);
  EXPECT_EQ(cost.reason, CostReason::kPartUnpriced);
  EXPECT_EQ(cost.unpriced_part, CostPartKind::kCacheWrite1h);
  EXPECT_EQ(cost.total, Cost::kNotTold);
}

TEST(CostArithmetic, DoesNotTakeAStandardPriceInAnotherTier) {
  const PriceRule rule =
      RuleOf("input = 1\noutput = 2\naudio_input = 5\nbatch = { input = 0.5, output = 1 }\n");
  const Usage usage = {.input_tokens = 10, .output_tokens = 1, .audio_input_tokens = 5};
  EXPECT_EQ(CostOf(rule, usage).status, CostStatus::kComputed);
  EXPECT_EQ(CostOf(rule, usage, "batch").unpriced_part, CostPartKind::kAudioInput);
}

TEST(CostArithmetic, OfZeroTokensIsZeroAndKnown) {
  const Cost cost = CostOf(RuleOf("input = 1\noutput = 2\n"), {.input_tokens = 0, .output_tokens = 0});
  EXPECT_EQ(cost.status, CostStatus::kComputed);
  EXPECT_EQ(cost.total, 0);
}

TEST(CostArithmetic, CountsPartsThatExceedTheirWholeAndBillsTheWhole) {
  const PriceRule rule = RuleOf("input = 1\noutput = 2\ncache_read = 0.1\n");
  const uint64_t before = CounterValue(Counter::kUsagePartsExceedWhole);
  const Cost cost =
      CostOf(rule, {.input_tokens = 10, .output_tokens = 5, .cache_read_tokens = 99, .reasoning_tokens = 99});
  EXPECT_EQ(cost.total, 10 * 100'000 + 5 * 2'000'000);
  EXPECT_EQ(CounterValue(Counter::kUsagePartsExceedWhole), before + 2);
}

TEST(CostArithmetic, RefusesAnAmountThatDoesNotFit) {
  constexpr int64_t kMany = std::numeric_limits<int64_t>::max();
  const Cost cost = CostOf(RuleOf("input = 1\noutput = 2\n"), {.input_tokens = kMany,
                                                               .output_tokens = kMany,
                                                               .cache_read_tokens = kMany,
                                                               .cache_write_tokens = kMany,
                                                               .cache_write_5m_tokens = kMany,
                                                               .cache_write_1h_tokens = kMany});
  EXPECT_EQ(cost.reason, CostReason::kOutOfRange);
  EXPECT_EQ(cost.total, Cost::kNotTold);
}

}  // namespace
}  // namespace telltale
