#include "cli/calls/call_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace telltale {
namespace {

TEST(FormatDollars, HasCentsAndOfLessThanADollarFourDigits) {
  EXPECT_EQ(FormatDollars(0), "$0.00");
  EXPECT_EQ(FormatDollars(12.3456), "$12.35");
  EXPECT_EQ(FormatDollars(1234567.891), "$1,234,567.89");
  EXPECT_EQ(FormatDollars(0.0035), "$0.0035");
  EXPECT_EQ(FormatDollars(0.00212824), "$0.002128");
  EXPECT_EQ(FormatDollars(0.5), "$0.50");
  EXPECT_EQ(FormatDollars(-0.25), "-$0.25");
  EXPECT_EQ(FormatDollars(3e-11), "$3e-11");
}

TEST(CostText, IsNeverZeroWhereNothingIsKnown) {
  ListedCall item{.counts = true};
  EXPECT_EQ(CostText(item), "-");
  item.call.cost = Cost{.status = CostStatus::kUnpriced};
  EXPECT_EQ(CostText(item), "unpriced");
  item.call.cost = Cost{.status = CostStatus::kNoUsage};
  EXPECT_EQ(CostText(item), "no usage");
  item.call.cost = Cost{.status = CostStatus::kComputed, .total = 3'500'000'000};
  EXPECT_EQ(CostText(item), "$0.0035");
  item.call.cost->status = CostStatus::kReported;
  EXPECT_EQ(CostText(item), "$0.0035*");
}

TEST(CostText, SaysWhyACallDoesNotCount) {
  ListedCall twin{.counts = false};
  twin.call.duplicate_of = "0000000000000001";
  EXPECT_EQ(CostText(twin), "told twice");
  ListedCall sum{.counts = false};
  sum.call.usage.scope = UsageScope::kAggregate;
  EXPECT_EQ(CostText(sum), "a sum");
  EXPECT_EQ(CostText(ListedCall{.counts = false}), "-");
}

TEST(TokensText, MarksWhatWeCountedOurselves) {
  EXPECT_EQ(TokensText(Usage{}, -1), "-");
  EXPECT_EQ(TokensText(Usage{}, 0), "0");
  EXPECT_EQ(TokensText(Usage{.source = UsageSource::kCounted}, 12'345), "~12,345");
}

TEST(CachedText, IsNothingOnlyForNothingAndAllOnlyForAll) {
  EXPECT_EQ(CachedText(-1, 100), "-");
  EXPECT_EQ(CachedText(5, 0), "-");
  EXPECT_EQ(CachedText(0, 100), "0%");
  EXPECT_EQ(CachedText(1, 100'000), "1%");
  EXPECT_EQ(CachedText(99'999, 100'000), "99%");
  EXPECT_EQ(CachedText(100, 100), "100%");
}

TEST(SecondsText, IsADashForWhatIsNoTime) {
  EXPECT_EQ(SecondsText(0.25), "250 ms");
  EXPECT_EQ(SecondsText(-1), "-");
  EXPECT_EQ(SecondsText(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(SecondsText(1e300), "-");
}

TEST(Sums, EndInAPlusWhereTheyLeaveCallsOut) {
  const ShownTotals whole{.calls = 2, .input_tokens = 2000, .cost = 1.2};
  EXPECT_EQ(SumCostText(whole), "$1.20");
  EXPECT_EQ(SumTokensText(whole, 2000), "2,000");
  EXPECT_EQ(SumTokensText(whole, 0), "0");
  EXPECT_EQ(LeftOutText(whole), "");
  const ShownTotals parts{.calls = 6,
                          .input_tokens = 2000,
                          .calls_without_usage = 1,
                          .cost = 1.2,
                          .unpriced_calls = 3,
                          .no_usage_calls = 1};
  EXPECT_EQ(SumCostText(parts), "$1.20+");
  EXPECT_EQ(SumTokensText(parts, 2000), "2,000+");
  EXPECT_EQ(LeftOutText(parts), "3 calls have no price, 1 tells no usage");
}

TEST(Sums, AreNeverZeroWhereNothingIsKnown) {
  const ShownTotals silent{.calls = 2, .calls_without_usage = 2, .no_usage_calls = 2};
  EXPECT_EQ(SumCostText(silent), "no usage");
  EXPECT_EQ(SumTokensText(silent, 0), "-");
  EXPECT_EQ(SumCachedText(silent), "-");
  EXPECT_EQ(SumCostText({.calls = 1, .unpriced_calls = 1}), "unpriced");
  EXPECT_EQ(SumCostText({.calls = 2, .unpriced_calls = 1, .no_usage_calls = 1}), "not known");
  EXPECT_EQ(SumCostText({}), "-");
  // One side of the call told, the other not.
  EXPECT_EQ(SumTokensText({.calls = 2, .input_tokens = 9, .calls_without_usage = 1}, 0), "-");
}

TEST(TotalsText, IsOneLine) {
  EXPECT_EQ(TotalsText({.calls = 2, .input_tokens = 1084, .output_tokens = 89, .cost = 0.0011}),
            "2 model calls, 1,084 tokens in, 89 out, $0.0011");
  EXPECT_EQ(TotalsText({.calls = 1, .calls_without_usage = 1, .no_usage_calls = 1}),
            "1 model call, no usage told");
}

}  // namespace
}  // namespace telltale
