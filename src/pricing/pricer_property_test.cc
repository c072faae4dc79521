// What holds for every rule of the table and any usage: drawn at random, by a fixed seed.
#include <gtest/gtest.h>

#include <random>

#include "pricing/cost_arithmetic.h"
#include "pricing/price_table.h"

namespace telltale {
namespace {

constexpr int kCallsPerRule = 20;

class AnyCall : public testing::Test {
 protected:
  int64_t UpTo(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random_); }

  Usage Draw() {
    Usage usage;
    usage.input_tokens = UpTo(400'000);
    usage.output_tokens = UpTo(20'000);
    usage.cache_read_tokens = UpTo(usage.input_tokens);
    usage.cache_write_tokens = UpTo(usage.input_tokens - usage.cache_read_tokens);
    usage.cache_write_5m_tokens = UpTo(usage.cache_write_tokens);
    usage.audio_input_tokens = UpTo(usage.input_tokens);
    usage.reasoning_tokens = UpTo(usage.output_tokens);
    return usage;
  }

  static Cost CostOf(const PriceRule& rule, const Usage& usage) {
    Cost cost;
    AddUp(ChoosePrices(rule, usage, {}, false), usage, cost);
    return cost;
  }

  template <typename Check>
  void ForEachRule(Check check) {
    for (const PriceRule& rule : PriceTable::BuiltIn()->rules()) {
      for (int i = 0; i < kCallsPerRule; ++i) {
        Usage usage = Draw();
        // An embedding has no output.
        if (!rule.standard.prices.Has(CostPartKind::kOutput))
          usage.output_tokens = usage.reasoning_tokens = 0;
        check(rule, usage);
      }
    }
  }

  std::mt19937_64 random_{20260724};
};

TEST_F(AnyCall, HasATotalThatIsTheSumOfItsParts) {
  ForEachRule([](const PriceRule& rule, const Usage& usage) {
    const Cost cost = CostOf(rule, usage);
    ASSERT_EQ(cost.status, CostStatus::kComputed) << rule.id << " " << CostPartName(cost.unpriced_part);
    PicoDollars sum = 0;
    int64_t tokens = 0;
    for (const CostPart& part : cost.told_parts()) {
      ASSERT_EQ(part.amount, part.tokens * part.price);
      sum += part.amount;
      if (part.kind != CostPartKind::kRequest) tokens += part.tokens;
    }
    ASSERT_EQ(sum, cost.total);
    if (tokens > 0) {
      ASSERT_EQ(tokens, usage.total_tokens()) << rule.id;
    }
  });
}

TEST_F(AnyCall, IsNotCheaperForMoreOutputOrMoreFreshInput) {
  ForEachRule([this](const PriceRule& rule, const Usage& usage) {
    Usage more = usage;
    if (rule.standard.prices.Has(CostPartKind::kOutput)) more.output_tokens += UpTo(1000);
    more.input_tokens += UpTo(1000);
    ASSERT_GE(CostOf(rule, more).total, CostOf(rule, usage).total) << rule.id;
  });
}

TEST_F(AnyCall, IsNotDearerForMoreCacheReads) {
  ForEachRule([this](const PriceRule& rule, Usage usage) {
    Usage more = usage;
    more.cache_read_tokens += UpTo(usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens);
    ASSERT_LE(CostOf(rule, more).total, CostOf(rule, usage).total) << rule.id;
  });
}

}  // namespace
}  // namespace telltale
