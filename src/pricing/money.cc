#include "pricing/money.h"

#include <cmath>

namespace telltale {
namespace {

// 2^53: beyond it a double skips whole numbers.
constexpr double kExactMax = 9'007'199'254'740'992.0;

// `value` / 10^decimals, exactly.
std::string FormatDecimal(int64_t value, int decimals) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (digits.size() <= static_cast<size_t>(decimals)) {
    digits.insert(0, static_cast<size_t>(decimals) + 1 - digits.size(), '0');
  }
  const size_t point = digits.size() - static_cast<size_t>(decimals);
  std::string fraction = digits.substr(point);
  while (fraction.size() > 2 && fraction.back() == '0') fraction.pop_back();
  return (value < 0 ? "-" : "") + digits.substr(0, point) + "." + fraction;
}

}  // namespace

std::optional<PicoDollars> PicoDollarsOf(double dollars, int decimals) {
  if (!std::isfinite(dollars) || dollars < 0) return std::nullopt;
  const double scaled = dollars * std::pow(10.0, decimals);
  if (scaled >= kExactMax) return std::nullopt;
  const double whole = std::round(scaled);
  // What is written with few enough decimals is off by the error of one double at most.
  if (std::abs(scaled - whole) > 1e-15 * std::max(1.0, scaled) + 1e-6) return std::nullopt;
  return static_cast<PicoDollars>(whole);
}

std::string FormatUsd(PicoDollars amount) {
  return FormatDecimal(amount, 12);
}

std::string FormatPerMillion(PicoDollars price) {
  return FormatDecimal(price, kPerMillionDecimals);
}

}  // namespace telltale
