#include "pricing/money.h"

#include <gtest/gtest.h>

#include <limits>

namespace telltale {
namespace {

TEST(Money, APriceOfSixDecimalsIsAWholeNumberOfPicodollars) {
  EXPECT_EQ(PicoDollarsOf(2.5, kPerMillionDecimals), 2'500'000);
  EXPECT_EQ(PicoDollarsOf(0.000001, kPerMillionDecimals), 1);
  EXPECT_EQ(PicoDollarsOf(0.0375, kPerMillionDecimals), 37'500);
  EXPECT_EQ(PicoDollarsOf(0.002, kPerPieceDecimals), 2'000'000'000);
  EXPECT_EQ(PicoDollarsOf(0, kPerMillionDecimals), 0);
}

TEST(Money, WhatIsNoPriceIsRefused) {
  EXPECT_FALSE(PicoDollarsOf(-1, kPerMillionDecimals));
  EXPECT_FALSE(PicoDollarsOf(0.0000005, kPerMillionDecimals));
  EXPECT_FALSE(PicoDollarsOf(1e30, kPerMillionDecimals));
  EXPECT_FALSE(PicoDollarsOf(std::numeric_limits<double>::infinity(), kPerMillionDecimals));
  EXPECT_FALSE(PicoDollarsOf(std::numeric_limits<double>::quiet_NaN(), kPerMillionDecimals));
}

TEST(Money, IsWrittenExactlyAndWithoutExponent) {
  EXPECT_EQ(FormatUsd(4'800'000'000), "0.0048");
  EXPECT_EQ(FormatUsd(0), "0.00");
  EXPECT_EQ(FormatUsd(1), "0.000000000001");
  EXPECT_EQ(FormatUsd(12'340'000'000'000), "12.34");
  EXPECT_EQ(FormatPerMillion(2'500'000), "2.50");
  EXPECT_EQ(FormatPerMillion(37'500), "0.0375");
}

}  // namespace
}  // namespace telltale
