#include "cli/calls/call_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/text.h"

namespace telltale {
namespace {

// Below, digits behind the point say nothing any more.
constexpr double kSmallestDollars = 1e-8;
constexpr double kLargestSeconds = 1e9;
constexpr int kCents = 2;
constexpr int kDigits = 4;

double DollarsOf(PicoDollars amount) {
  return static_cast<double>(amount) / static_cast<double>(kPicoDollarsPerDollar);
}

void InsertThousands(std::string& text, size_t end) {
  for (size_t at = end; at > 3 && text[at - 4] != '-';) text.insert(at -= 3, ",");
}

}  // namespace

std::string FormatDollars(double dollars) {
  const std::string sign = dollars < 0 ? "-$" : "$";
  const double amount = std::abs(dollars);
  char text[64];
  if (amount > 0 && (amount < kSmallestDollars || amount > 1e15)) {
    std::snprintf(text, sizeof text, "%.3g", amount);
    return sign + text;
  }
  int decimals = kCents;
  if (amount > 0 && amount < 1) {
    decimals = std::max(kCents, kDigits - 1 - static_cast<int>(std::floor(std::log10(amount))));
  }
  std::snprintf(text, sizeof text, "%.*f", decimals, amount);
  std::string out = text;
  const size_t point = out.find('.');
  const size_t kept = std::max(out.find_last_not_of('0') + 1, point + 1 + kCents);
  out.resize(kept);
  InsertThousands(out, point);
  return sign + out;
}

std::string WithThousands(int64_t number) {
  std::string text = std::to_string(number);
  InsertThousands(text, text.size());
  return text;
}

std::string SecondsText(double seconds) {
  if (!(seconds >= 0) || seconds > kLargestSeconds) return "-";
  return FormatDuration(static_cast<uint64_t>(std::llround(seconds * 1e9)));
}

std::string CostText(const ListedCall& item) {
  if (!item.counts) {
    if (!item.call.duplicate_of.empty()) return "told twice";
    return item.call.usage.scope == UsageScope::kAggregate ? "a sum" : "-";
  }
  if (!item.call.cost) return "-";
  const Cost& cost = *item.call.cost;
  switch (cost.status) {
    case CostStatus::kNoUsage:
      return "no usage";
    case CostStatus::kUnpriced:
      return "unpriced";
    case CostStatus::kComputed:
      return cost.total < 0 ? "-" : FormatDollars(DollarsOf(cost.total));
    case CostStatus::kReported:
      return cost.total < 0 ? "-" : FormatDollars(DollarsOf(cost.total)) + "*";
  }
  return "-";
}

bool IsReported(const ListedCall& item) {
  return item.counts && item.call.cost && item.call.cost->status == CostStatus::kReported;
}

std::string TokensText(const Usage& usage, int64_t tokens) {
  if (tokens < 0) return "-";
  return (usage.source == UsageSource::kCounted ? "~" : "") + WithThousands(tokens);
}

std::string CachedText(int64_t cache_read_tokens, int64_t input_tokens) {
  if (cache_read_tokens < 0 || input_tokens <= 0) return "-";
  const double share = static_cast<double>(cache_read_tokens) / static_cast<double>(input_tokens);
  int percent = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * 100));
  // Only nothing is 0 %, and only all is 100 %.
  if (cache_read_tokens > 0) percent = std::max(percent, 1);
  if (cache_read_tokens < input_tokens) percent = std::min(percent, 99);
  return std::to_string(percent) + "%";
}

bool LeavesOut(const ShownTotals& totals) {
  return totals.unpriced_calls + totals.no_usage_calls > 0;
}

std::string SumCostText(const ShownTotals& totals) {
  if (totals.cost) return FormatDollars(*totals.cost) + (LeavesOut(totals) ? "+" : "");
  if (totals.unpriced_calls > 0) return totals.no_usage_calls > 0 ? "not known" : "unpriced";
  return totals.no_usage_calls > 0 ? "no usage" : "-";
}

std::string SumTokensText(const ShownTotals& totals, uint64_t tokens) {
  const bool told = totals.calls > 0 && totals.calls_without_usage == 0;
  if (!told && tokens == 0) return "-";
  return WithThousands(static_cast<int64_t>(tokens)) + (totals.calls_without_usage > 0 ? "+" : "");
}

std::string SumCachedText(const ShownTotals& totals) {
  if (totals.cache_read_tokens == 0) return "-";
  return CachedText(static_cast<int64_t>(totals.cache_read_tokens),
                    static_cast<int64_t>(totals.input_tokens));
}

std::string LeftOutText(const ShownTotals& totals) {
  std::string text;
  if (totals.unpriced_calls > 0) {
    text =
        Plural(totals.unpriced_calls, "call") + (totals.unpriced_calls == 1 ? " has" : " have") + " no price";
  }
  if (totals.no_usage_calls > 0) {
    if (!text.empty()) text += ", ";
    text += (text.empty() ? Plural(totals.no_usage_calls, "call") : std::to_string(totals.no_usage_calls)) +
            (totals.no_usage_calls == 1 ? " tells" : " tell") + " no usage";
  }
  return text;
}

std::string TotalsText(const ShownTotals& totals) {
  std::string text = Plural(totals.calls, "model call") + ", ";
  if (totals.calls == totals.calls_without_usage) {
    text += "no usage told";
  } else {
    text += SumTokensText(totals, totals.input_tokens) + " tokens in, " +
            SumTokensText(totals, totals.output_tokens) + " out, " + SumCostText(totals);
  }
  return totals.cost && LeavesOut(totals) ? text + " (" + LeftOutText(totals) + ")" : text;
}

}  // namespace telltale
