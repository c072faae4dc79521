// What calls took and cost, in words for a table. What is not known is never 0:
//
//   CostText(item)             // "$0.0035", "$0.01*" as the sender says it, "unpriced", "no usage"
//   SumCostText(totals)        // "$1.20", "$1.20+" where calls without a cost are left out
//   SumTokensText(totals, n)   // "12,345", "12,345+", "-" where no call tells any
//
// Thread safety  Free functions.
#pragma once

#include <cstdint>
#include <string>

#include "cli/api_answers.h"

namespace telltale {

// $12.35, $0.0035, $0.000018: cents, and of less than a dollar four digits.
std::string FormatDollars(double dollars);
// 1,234,567
std::string WithThousands(int64_t number);
// Seconds as FormatDuration says them; "-" where they are not told.
std::string SecondsText(double seconds);

std::string CostText(const ListedCall& item);
// True where the cost is the sender's, and not ours.
bool IsReported(const ListedCall& item);

// A count of tokens; "-" where it is not told, with ~ where we counted it ourselves.
std::string TokensText(const Usage& usage, int64_t tokens);
// Of the input, what came out of a cache: "80%"; "-" where it is not told.
std::string CachedText(int64_t cache_read_tokens, int64_t input_tokens);

std::string SumCostText(const ShownTotals& totals);
// `tokens` is one of the totals' counts; "-" where no call is known to have any.
std::string SumTokensText(const ShownTotals& totals, uint64_t tokens);
// "-" where no call is known to have read a cache: sums do not tell that from a cache never hit.
std::string SumCachedText(const ShownTotals& totals);
// True where the sums leave calls out: some have no price, or tell no usage.
bool LeavesOut(const ShownTotals& totals);

// "3 calls have no price, 1 tells no usage"; empty where the sums are whole.
std::string LeftOutText(const ShownTotals& totals);
// "2 model calls, 84 tokens in, 89 out, $0.0011+ (1 call has no price)"
std::string TotalsText(const ShownTotals& totals);

}  // namespace telltale
