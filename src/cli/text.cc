#include "cli/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <iterator>

namespace telltale {
namespace {

constexpr uint64_t kMicrosecond = 1000;
constexpr uint64_t kMillisecond = 1000 * kMicrosecond;
constexpr uint64_t kSecond = 1000 * kMillisecond;
constexpr uint64_t kMinute = 60 * kSecond;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

struct CodePoint {
  char32_t value = 0xFFFD;
  size_t size = 1;  // bytes taken
  bool valid = false;
};

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The code point at the beginning of `text`, which is not empty.
CodePoint Decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {.value = first, .size = 1, .valid = true};
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return {};
  char32_t value = first & (0x7F >> size);
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return {};
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[size] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {.value = value, .size = size, .valid = true};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <size_t kCount>
bool IsIn(const Range (&ranges)[kCount], char32_t value) {
  return std::ranges::any_of(ranges,
                             [&](Range range) { return value >= range.first && value <= range.last; });
}

// Marks that change the direction of text or show nothing: a name must not be able to
// look like another.
constexpr Range kHidden[] = {{0x200B, 0x200C}, {0x200E, 0x200F}, {0x2028, 0x202E},
                             {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF}};
constexpr Range kZeroWidth[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},
                                {0x064B, 0x065F}, {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948},
                                {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},
                                {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200D, 0x200D}, {0x20D0, 0x20FF},
                                {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range kWide[] = {{0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2614, 0x2615},
                           {0x2648, 0x2653},   {0x26A1, 0x26A1},   {0x2705, 0x2705},   {0x274C, 0x274C},
                           {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},   {0x2E80, 0x303E},
                           {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
                           {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                           {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
                           {0x1F7E0, 0x1F7EB}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

bool IsControl(char32_t value) {
  return value < 0x20 || (value >= 0x7F && value < 0xA0);
}

int WidthOf(char32_t value) {
  if (value < 0x300) return 1;
  if (IsIn(kZeroWidth, value)) return 0;
  return IsIn(kWide, value) ? 2 : 1;
}

// `value` with three digits: 1.23, 45.0, 812.
std::string ThreeDigits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string TwoUnits(uint64_t count, const char* unit, uint64_t rest, const char* rest_unit) {
  char text[48];
  std::snprintf(text, sizeof text, "%llu%s %02llu%s", static_cast<unsigned long long>(count), unit,
                static_cast<unsigned long long>(rest), rest_unit);
  return text;
}

tm BrokenDown(uint64_t unix_nanos, tm* (*convert)(const time_t*, tm*)) {
  const auto seconds = static_cast<time_t>(unix_nanos / kSecond);
  tm parts{};
  convert(&seconds, &parts);
  return parts;
}

std::string FormatTime(const tm& parts, const char* pattern) {
  char text[128];
  return {text, std::strftime(text, sizeof text, pattern, &parts)};
}

// Nanoseconds of one unit; 0 for a unit that does not exist.
uint64_t UnitNanos(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us" || unit == "\xc2\xb5s" || unit == "\xce\xbcs") return kMicrosecond;
  if (unit == "ms") return kMillisecond;
  if (unit == "s") return kSecond;
  if (unit == "m") return kMinute;
  if (unit == "h") return kHour;
  return unit == "d" ? kDay : 0;
}

// The next number and unit, taken off `rest`; a negative value when there is none.
double TakeTerm(std::string_view& rest) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return -1;
  rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  const size_t unit_size = std::min(rest.find_first_of("0123456789."), rest.size());
  const uint64_t unit = UnitNanos(rest.substr(0, unit_size));
  rest.remove_prefix(unit_size);
  return unit == 0 ? -1 : number * static_cast<double>(unit);
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    if (point.value == '\n' || point.value == '\r' || point.value == '\t') {
      out.push_back(' ');
    } else if (!point.valid || IsControl(point.value) || IsIn(kHidden, point.value)) {
      out += kReplacement;
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    width += WidthOf(point.value);
    text.remove_prefix(point.size);
  }
  return width;
}

std::string CutToWidth(std::string_view text, int width) {
  if (width <= 0) return {};
  int used = 0;
  size_t at = 0;
  size_t fits_with_ellipsis = 0;
  while (at < text.size()) {
    const CodePoint point = Decode(text.substr(at));
    used += WidthOf(point.value);
    if (used > width) return std::string(text.substr(0, fits_with_ellipsis)) + std::string(kEllipsis);
    at += point.size;
    if (used < width) fits_with_ellipsis = at;
  }
  return std::string(text);
}

std::string PadRight(std::string_view text, int width) {
  const int missing = std::max(0, width - DisplayWidth(text));
  return std::string(text) + std::string(static_cast<size_t>(missing), ' ');
}

std::string PadLeft(std::string_view text, int width) {
  const int missing = std::max(0, width - DisplayWidth(text));
  return std::string(static_cast<size_t>(missing), ' ') + std::string(text);
}

std::string FormatDuration(uint64_t nanos) {
  const auto value = static_cast<double>(nanos);
  if (nanos < kMicrosecond) return std::to_string(nanos) + " ns";
  if (value < 999.5 * kMicrosecond) return ThreeDigits(value / kMicrosecond) + " \xc2\xb5s";
  if (value < 999.5 * kMillisecond) return ThreeDigits(value / kMillisecond) + " ms";
  if (value < 59.95 * kSecond) return ThreeDigits(value / kSecond) + " s";
  const uint64_t seconds = nanos / kSecond + (nanos % kSecond >= kSecond / 2 ? 1 : 0);
  if (seconds < 3600) return TwoUnits(seconds / 60, "m", seconds % 60, "s");
  const uint64_t minutes = seconds / 60;
  if (minutes < 24 * 60) return TwoUnits(minutes / 60, "h", minutes % 60, "m");
  return TwoUnits(minutes / 1440, "d", minutes % 1440 / 60, "h");
}

std::string Plural(uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string FormatBytes(uint64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return Plural(bytes, "byte");
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, kUnits[unit]);
  return text;
}

std::string FormatLocalTime(uint64_t unix_nanos, const char* pattern) {
  return FormatTime(BrokenDown(unix_nanos, ::localtime_r), pattern);
}

std::string FormatUtcTime(uint64_t unix_nanos) {
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%09lluZ", static_cast<unsigned long long>(unix_nanos % kSecond));
  return FormatTime(BrokenDown(unix_nanos, ::gmtime_r), "%Y-%m-%dT%H:%M:%S") + fraction;
}

Result<uint64_t> ReadDurationFlag(std::string_view flag, std::string_view text) {
  // Beyond this a double no longer fits the result.
  constexpr double kLongest = 9.2e18;
  double nanos = 0;
  std::string_view rest = text;
  do {
    const double term = TakeTerm(rest);
    if (term < 0 || nanos + term > kLongest) {
      return Fail(ErrorCode::kInvalidInput,
                  "read --" + std::string(flag) + ": '" + std::string(text) + "': not a duration",
                  "write a number and a unit: 1h, 1.5s, 100ms, 2us, 7d");
    }
    nanos += term;
  } while (!rest.empty());
  return static_cast<uint64_t>(std::llround(nanos));
}

}  // namespace telltale
