#include "otlp/json_repair.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "base/bytes.h"

namespace telltale {
namespace {

// The four digits of a \uXXXX escape that begins at `at`; empty where none does.
std::optional<uint32_t> EscapedUnit(std::string_view json, size_t at) {
  std::array<uint8_t, 2> unit;
  if (json.substr(at, 2) != "\\u" || !ParseHex(json.substr(at + 2, 4), unit.data(), 2)) return std::nullopt;
  return unit[0] << 8 | unit[1];
}

// Takes a run of digits off `text`; false when there is none.
bool TakeDigits(std::string_view& text) {
  const size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(size);
  return size > 0;
}

// A number as the grammar of JSON has it; `is_whole`: without fraction and exponent.
bool IsJsonNumber(std::string_view text, bool& is_whole) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') return false;
  if (!TakeDigits(text)) return false;
  is_whole = text.empty();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!TakeDigits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!TakeDigits(text)) return false;
  }
  return text.empty();
}

template <typename Number>
bool Fits(std::string_view text) {
  Number number;
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc();
}

// Too small is no error, it is 0.
bool IsBeyondDoubles(std::string_view text) {
  const size_t exponent = text.find_first_of("eE");
  const bool is_small = exponent != text.npos && text.substr(exponent + 1).starts_with('-');
  return !is_small && !Fits<double>(text);
}

void AppendNumber(std::string_view text, std::string& out) {
  bool is_whole = false;
  if (!IsJsonNumber(text, is_whole)) {
    out += text;
  } else if (IsBeyondDoubles(text)) {
    out += "[[]]";
  } else {
    out += text;
    if (text == "-0" || (is_whole && !Fits<int64_t>(text) && !Fits<uint64_t>(text))) out += "e0";
  }
}

// The end of the text whose opening quote is at `at`.
size_t EndOfText(std::string_view json, size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

}  // namespace

std::string ReplaceLoneSurrogatesUntrusted(std::string_view json) {
  std::string repaired(json);
  for (size_t at = json.find('\\'); at != std::string_view::npos; at = json.find('\\', at)) {
    const std::optional<uint32_t> unit = EscapedUnit(json, at);
    const std::optional<uint32_t> next = unit ? EscapedUnit(json, at + 6) : std::nullopt;
    const bool is_surrogate = unit && *unit >= 0xd800 && *unit < 0xe000;
    if (is_surrogate && *unit < 0xdc00 && next && *next >= 0xdc00 && *next < 0xe000) {
      at += 12;
      continue;
    }
    if (is_surrogate) repaired.replace(at + 2, 4, "fffd");
    at += 2;
  }
  return repaired;
}

std::string RewriteNumbersUntrusted(std::string_view json) {
  std::string rewritten;
  rewritten.reserve(json.size() + 64);
  size_t at = 0;
  while (at < json.size()) {
    const size_t next = std::min(json.find_first_of("\"-0123456789", at), json.size());
    rewritten += json.substr(at, next - at);
    if (next == json.size()) break;
    if (json[next] == '"') {
      at = EndOfText(json, next);
      rewritten += json.substr(next, at - next);
      continue;
    }
    at = std::min(json.find_first_not_of("+-.0123456789eE", next), json.size());
    AppendNumber(json.substr(next, at - next), rewritten);
  }
  return rewritten;
}

bool MayHoldMinusZeroUntrusted(std::string_view json) {
  for (size_t at = json.find("-0"); at != json.npos; at = json.find("-0", at + 2)) {
    const std::string_view after = json.substr(at + 2, 1);
    if (after.empty() || after.find_first_of(",}] \t\r\n") == 0) return true;
  }
  return false;
}

}  // namespace telltale
