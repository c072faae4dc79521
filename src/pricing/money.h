// Prices and amounts as people write them, to and from picodollars.
//
//   PicoDollarsOf(2.5, 6)              // 2.50 dollars per million tokens: 2'500'000 a token
//   FormatUsd(4'800'000'000)           // "0.0048"
//   FormatPerMillion(2'500'000)        // "2.50"
//
// Thread safety  Free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trace/cost.h"

namespace telltale {

// Dollars per million tokens are told to six decimals at most: one picodollar a token.
constexpr int kPerMillionDecimals = 6;
// Dollars of one request or search: one picodollar.
constexpr int kPerPieceDecimals = 12;

// `dollars` x 10^decimals as a whole number; empty when it is negative, not a number, so
// large that a double is no longer exact, or has more decimals than that.
std::optional<PicoDollars> PicoDollarsOf(double dollars, int decimals);

// Exact, at least two decimals, no exponent.
std::string FormatUsd(PicoDollars amount);
// A price of one token as dollars per million.
std::string FormatPerMillion(PicoDollars price);

}  // namespace telltale
