#include "api/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

namespace telltale {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr size_t kShownBytesMax = 100;

std::string_view Shown(std::string_view value) {
  return value.substr(0, kShownBytesMax);
}

// How many single-letter edits apart two names are.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string KnownNames(std::span<const std::string_view> known) {
  std::string text;
  for (const std::string_view name : known) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

// Takes exactly `digits` decimal digits.
std::optional<int> TakeDigits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool TakeOne(std::string_view& text, std::string_view letters) {
  if (text.empty() || letters.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456789" as nanoseconds; digits beyond the ninth are cut off.
std::optional<int64_t> TakeFraction(std::string_view& text) {
  if (!TakeOne(text, ".")) return 0;
  int64_t nanos = 0;
  int64_t unit = kSecond / 10;
  size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    nanos += unit * (text.front() - '0');
    unit /= 10;
    ++digits;
    text.remove_prefix(1);
  }
  return digits == 0 ? std::nullopt : std::optional(nanos);
}

// "Z" or "+02:00", as seconds east of Greenwich.
std::optional<int64_t> TakeOffset(std::string_view& text) {
  if (TakeOne(text, "Zz")) return 0;
  // A '+' that was not percent-encoded arrives as a space.
  if (text.empty() || std::string_view("+- ").find(text.front()) == std::string_view::npos)
    return std::nullopt;
  const int64_t sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = TakeDigits(text, 2);
  if (!hours || !TakeOne(text, ":")) return std::nullopt;
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<int64_t> TakeDate(std::string_view& text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOne(text, "-")) return std::nullopt;
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOne(text, "-")) return std::nullopt;
  const auto day = TakeDigits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * int64_t{86400};
}

std::optional<int64_t> TakeTimeOfDay(std::string_view& text) {
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeOne(text, ":")) return std::nullopt;
  const auto minute = TakeDigits(text, 2);
  if (!minute || !TakeOne(text, ":")) return std::nullopt;
  const auto second = TakeDigits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

std::optional<int64_t> ParseRfc3339(std::string_view text) {
  const auto date = TakeDate(text);
  if (!date || !TakeOne(text, "Tt ")) return std::nullopt;
  const auto time = TakeTimeOfDay(text);
  if (!time) return std::nullopt;
  const auto nanos = TakeFraction(text);
  if (!nanos) return std::nullopt;
  const auto offset = TakeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;
  // 64 bits of nanoseconds reach from 1970 to 2262; no span starts outside of that.
  const int64_t seconds = *date + *time - *offset;
  if (seconds < 0) return 0;
  if (seconds >= kMost / kSecond) return kMost;
  return seconds * kSecond + *nanos;
}

struct Unit {
  std::string_view name;
  double nanos;
};

// Longer names first: "ms" is not "m" and an "s". Days are not Go's, but people type them.
constexpr std::array<Unit, 10> kUnits = {{{"ns", 1},
                                          {"us", 1e3},
                                          {"\u00b5s", 1e3},
                                          {"\u03bcs", 1e3},
                                          {"ms", 1e6},
                                          {"s", 1e9},
                                          {"m", 60e9},
                                          {"h", 3600e9},
                                          {"d", 86400e9},
                                          {"w", 7 * 86400e9}}};

std::optional<double> TakeUnit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.nanos;
  }
  return std::nullopt;
}

std::optional<double> TakeNumber(std::string_view& text) {
  const size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + end, number, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + end) return std::nullopt;
  text.remove_prefix(end);
  return number;
}

template <size_t kSize>
std::optional<Id<kSize>> ParseId(std::string_view text) {
  if (text.empty() || text.size() > 2 * kSize) return std::nullopt;
  const std::string padded = std::string(2 * kSize - text.size(), '0') + std::string(text);
  Id<kSize> id;
  if (!ParseHex(padded, id.bytes.data(), id.bytes.size()) || id.IsZero()) return std::nullopt;
  return id;
}

}  // namespace

std::unexpected<Error> BadParameter(std::string_view name, std::string_view value, std::string_view why,
                                    std::string hint) {
  return Fail(
      ErrorCode::kInvalidInput,
      "parameter " + std::string(Shown(name)) + ": " + std::string(Shown(value)) + ": " + std::string(why),
      std::move(hint));
}

std::optional<int64_t> ParseIntegerUntrusted(std::string_view text) {
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> ParseTimeUntrusted(std::string_view text) {
  if (const auto nanos = ParseIntegerUntrusted(text)) return *nanos >= 0 ? nanos : std::nullopt;
  return ParseRfc3339(text);
}

std::optional<int64_t> ParseDurationUntrusted(std::string_view text) {
  if (const auto nanos = ParseIntegerUntrusted(text)) return nanos;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  double nanos = 0;
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    if (!number) return std::nullopt;
    const auto unit = TakeUnit(text);
    if (!unit) return std::nullopt;
    nanos += *number * *unit;
  }
  // The largest double below 2^63; no span lasts longer.
  const auto whole = nanos > 9223372036854774784.0 ? kMost : static_cast<int64_t>(std::round(nanos));
  return negative ? -whole : whole;
}

std::optional<TraceId> ParseTraceIdUntrusted(std::string_view text) {
  return ParseId<16>(text);
}

std::optional<SpanId> ParseSpanIdUntrusted(std::string_view text) {
  return ParseId<8>(text);
}

Parameters::Parameters(const HttpRequest& request, Options options) {
  std::string_view query = request.query;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (value.empty() && options.empty_is_absent) continue;
    values_.emplace_back(PercentDecode(pair.substr(0, equals), true), std::move(value));
  }
}

Status Parameters::RefuseUnknown(std::span<const std::string_view> known) const {
  for (const auto& [name, value] : values_) {
    if (std::ranges::find(known, name) != known.end()) continue;
    if (known.empty()) return BadParameter(name, value, "this path takes no parameters");
    const std::string shown(Shown(name));
    const auto nearest =
        std::ranges::min_element(known, {}, [&](std::string_view other) { return Distance(shown, other); });
    const bool near = Distance(shown, *nearest) <= std::max<size_t>(2, nearest->size() / 3);
    return BadParameter(
        name, value, "unknown parameter",
        near ? "did you mean " + std::string(*nearest) + "?" : "known are " + KnownNames(known));
  }
  return {};
}

Result<std::optional<std::string>> Parameters::Text(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : values_) {
    if (key != name) continue;
    if (found) return BadParameter(name, value, "given twice");
    found = value;
  }
  return found;
}

std::vector<std::string> Parameters::Texts(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : values_) {
    if (key == name) found.push_back(value);
  }
  return found;
}

Result<std::optional<int64_t>> Parameters::Time(std::string_view name) const {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, Text(name));
  if (!text) return std::nullopt;
  const auto nanos = ParseTimeUntrusted(*text);
  if (!nanos) {
    return BadParameter(name, *text, "not a time",
                        "RFC 3339 such as 2026-01-02T03:04:05Z, or nanoseconds since 1970");
  }
  return nanos;
}

Result<std::optional<int64_t>> Parameters::Duration(std::string_view name) const {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, Text(name));
  if (!text) return std::nullopt;
  const auto nanos = ParseDurationUntrusted(*text);
  if (!nanos || *nanos < 0)
    return BadParameter(name, *text, "not a duration", "such as 1.5s, 100ms, 2us, or nanoseconds");
  return nanos;
}

Result<std::optional<int64_t>> Parameters::Integer(std::string_view name, const Bounds& bounds) const {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, Text(name));
  if (!text) return std::nullopt;
  const auto number = ParseIntegerUntrusted(*text);
  if (!number || *number < bounds.min || *number > bounds.max) {
    return BadParameter(
        name, *text, "not a number from " + std::to_string(bounds.min) + " to " + std::to_string(bounds.max));
  }
  return number;
}

}  // namespace telltale
