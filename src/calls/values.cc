#include "calls/values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "base/counters.h"
#include "json/writer.h"

namespace telltale {
namespace {

constexpr size_t kTextsMax = 10'000;
// Values inside an attribute: as deep as otlp/trace_decoder.h lets them be.
constexpr int kDepthMax = 33;

template <typename Number>
bool ParseAll(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

void AppendPlain(JsonValue any_value, int depth, std::string& out);

void AppendPlainMap(JsonValue list, int depth, std::string& out) {
  out += '{';
  bool is_first = true;
  for (const JsonValue entry : list["values"].items()) {
    if (!std::exchange(is_first, false)) out += ',';
    out += entry["key"].is_string() ? entry["key"].json() : std::string_view("\"\"");
    out += ':';
    AppendPlain(entry["value"], depth + 1, out);
  }
  out += '}';
}

void AppendPlainArray(JsonValue list, int depth, std::string& out) {
  out += '[';
  bool is_first = true;
  for (const JsonValue item : list["values"].items()) {
    if (!std::exchange(is_first, false)) out += ',';
    AppendPlain(item, depth + 1, out);
  }
  out += ']';
}

void AppendPlain(JsonValue any_value, int depth, std::string& out) {
  const auto members = any_value.members();
  if (members.empty() || depth > kDepthMax) {
    out += "null";
    return;
  }
  const std::string_view key = members.begin().key();
  const JsonValue value = *members.begin();
  if (key == "kvlistValue" || key == "kvlist_value") return AppendPlainMap(value, depth, out);
  if (key == "arrayValue" || key == "array_value") return AppendPlainArray(value, depth, out);
  // 64-bit integers are strings in OTLP/JSON.
  out += key == "intValue" || key == "int_value" ? value.raw() : value.json();
}

// ["STOP", "a "b" c"]: quotes inside are not escaped, so only '", "' parts two items.
void AppendHandJoined(std::string_view text, std::vector<std::string_view>& texts) {
  text = Trimmed(text.substr(1, text.size() - 2));
  while (!text.empty() && texts.size() < kTextsMax) {
    const bool is_quoted = text[0] == '"';
    const size_t end = is_quoted ? text.find("\", ") : text.find(',');
    std::string_view item =
        text.substr(0, end == std::string_view::npos ? text.size() : end + (is_quoted ? 1 : 0));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    text = Trimmed(text);
    item = Trimmed(item);
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"') item = item.substr(1, item.size() - 2);
    if (!item.empty()) texts.push_back(item);
  }
}

void AppendSplit(std::string_view text, std::vector<std::string_view>& texts) {
  while (!text.empty() && texts.size() < kTextsMax) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = Trimmed(text.substr(0, comma));
    if (!item.empty()) texts.push_back(item);
    text.remove_prefix(std::min(text.size(), comma + 1));
  }
}

}  // namespace

bool LooksLikeJson(std::string_view text) {
  text = Trimmed(text);
  return text.size() >= 2 &&
         ((text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']'));
}

std::unique_ptr<JsonTree> JsonPool::Take() {
  if (free_.empty()) return std::make_unique<JsonTree>();
  std::unique_ptr<JsonTree> tree = std::move(free_.back());
  free_.pop_back();
  return tree;
}

JsonPool::Lease JsonPool::ParseUntrusted(std::string_view text) {
  std::unique_ptr<JsonTree> tree = Take();
  bool ok = tree->ParseUntrusted(text);
  if (!ok && LooksLikeJson(text)) {
    ok = tree->ParseUntrusted(text, JsonNotation::kPython);
    if (!ok) Count(Counter::kCallJsonBroken);
  }
  return {*this, std::move(tree), ok};
}

JsonPool::Lease JsonPool::ParsePrintedUntrusted(std::string_view text) {
  std::unique_ptr<JsonTree> tree = Take();
  const bool ok = tree->ParseUntrusted(text) || tree->ParseUntrusted(text, JsonNotation::kPython);
  return {*this, std::move(tree), ok};
}

JsonPool::Lease JsonPool::ParseUntrusted(const Value& value, Arena& arena) {
  if (value.type == ValueType::kArray || value.type == ValueType::kMap)
    return ParseUntrusted(PlainJson(value, *this, arena));
  return ParseUntrusted(value.type == ValueType::kString ? value.text : std::string_view());
}

std::string_view PlainJson(const Value& value, JsonPool& pool, Arena& arena) {
  const auto parsed = pool.ParseUntrusted(value.text);
  std::string plain;
  AppendPlain(parsed.root(), 0, plain);
  return arena.Copy(plain);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool EqualsIgnoringCase(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower,
                            [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

std::string_view LowerCase(std::string_view text, Arena& arena) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::ranges::none_of(text, is_upper)) return text;
  char* copy = arena.Allocate(text.size());
  std::ranges::transform(text, copy, [&](char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; });
  return {copy, text.size()};
}

bool IsSentinel(std::string_view text) {
  return text.empty() || text == "none" || text == "None" || text == "null" || text == "N/A" ||
         text == "<not specified>" || text == "<not serializable>" || text == "<REDACTED>" ||
         text == "__REDACTED__";
}

std::string_view TextOf(const Value& value, JsonPool& pool, Arena& arena) {
  std::string text;
  switch (value.type) {
    case ValueType::kString:
      return value.text;
    case ValueType::kBool:
      return value.boolean ? "true" : "false";
    case ValueType::kInt:
      AppendJsonInt(value.integer, text);
      return arena.Copy(text);
    case ValueType::kDouble:
      if (!std::isfinite(value.real)) return {};
      AppendJsonDouble(value.real, text);
      return arena.Copy(text);
    case ValueType::kArray:
    case ValueType::kMap:
      return PlainJson(value, pool, arena);
    case ValueType::kBytes:
    case ValueType::kNone:
      return {};
  }
  return {};
}

std::string_view UnquotedTextOf(const Value& value, JsonPool& pool, Arena& arena) {
  const std::string_view text = TextOf(value, pool, arena);
  if (text == "null") return {};
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  const auto parsed = pool.ParseUntrusted(text);
  return parsed.root().is_string() ? parsed.root().Text(arena) : text;
}

std::optional<double> NumberOf(const Value& value) {
  double number = 0;
  switch (value.type) {
    case ValueType::kInt:
      return static_cast<double>(value.integer);
    case ValueType::kDouble:
      number = value.real;
      break;
    case ValueType::kString: {
      std::string_view text = Trimmed(value.text);
      if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
      if (IsSentinel(text)) return std::nullopt;
      if (!ParseAll(text, number)) number = std::numeric_limits<double>::quiet_NaN();
      break;
    }
    case ValueType::kNone:
      return std::nullopt;
    default:
      number = std::numeric_limits<double>::quiet_NaN();
  }
  if (std::isfinite(number)) return number;
  Count(Counter::kCallValuesUnreadable);
  return std::nullopt;
}

std::optional<int64_t> IntOf(const Value& value) {
  if (value.type == ValueType::kInt) return value.integer;
  const auto number = NumberOf(value);
  constexpr double kLimit = 9.2e18;
  if (!number || std::abs(*number) > kLimit) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::optional<bool> BoolOf(const Value& value) {
  if (value.type == ValueType::kBool) return value.boolean;
  if (value.type == ValueType::kInt) return value.integer != 0;
  if (value.type != ValueType::kString || IsSentinel(value.text)) return std::nullopt;
  if (EqualsIgnoringCase(value.text, "true") || value.text == "1") return true;
  if (EqualsIgnoringCase(value.text, "false") || value.text == "0") return false;
  Count(Counter::kCallValuesUnreadable);
  return std::nullopt;
}

void AppendTextsOf(const Value& value, bool split_at_commas, JsonPool& pool, Arena& arena,
                   std::vector<std::string_view>& texts) {
  if (value.type != ValueType::kArray && value.type != ValueType::kString) return;
  const std::string_view text = Trimmed(value.text);
  const bool is_list =
      value.type == ValueType::kArray || (!text.empty() && text.front() == '[' && text.back() == ']');
  if (!is_list) {
    if (split_at_commas) {
      AppendSplit(text, texts);
    } else if (!IsSentinel(text)) {
      texts.push_back(text);
    }
    return;
  }
  const auto parsed = pool.ParseUntrusted(value, arena);
  if (!parsed) return AppendHandJoined(text, texts);
  for (const JsonValue item : parsed.root().items()) {
    if (texts.size() >= kTextsMax) return;
    if (item && !item.Text(arena).empty()) texts.push_back(item.Text(arena));
  }
}

std::optional<int64_t> UnixNanosOfIso(std::string_view text) {
  text = Trimmed(text);
  while (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  const auto number = [&](size_t at, size_t digits, int& out) {
    return text.size() >= at + digits && ParseAll(text.substr(at, digits), out);
  };
  int year, month, day, hour, minute, second;
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day) || !number(11, 2, hour) ||
      !number(14, 2, minute) || !number(17, 2, second) || year < 1970 || year > 2200)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * int64_t{86400} + hour * 3600 +
                    minute * 60 + second;
  size_t at = 19;
  int64_t nanos = 0;
  if (at < text.size() && text[at] == '.') {
    int64_t unit = 100'000'000;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
      nanos += (text[at] - '0') * unit;
  }
  int zone_hour = 0;
  int zone_minute = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    if (!number(at + 1, 2, zone_hour)) return std::nullopt;
    if (!number(at + 4, 2, zone_minute)) zone_minute = 0;
    seconds -= (text[at] == '+' ? 1 : -1) * (zone_hour * 3600 + zone_minute * 60);
  }
  return seconds * 1'000'000'000 + nanos;
}

}  // namespace telltale
